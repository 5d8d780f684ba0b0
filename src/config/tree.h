/* A YAML document as a tree of nodes that know where they stand. */
#ifndef GL_CONFIG_TREE_H
#define GL_CONFIG_TREE_H

#include <jansson.h>
#include <stdbool.h>

#include "config/config.h"
#include "config/schema.h"

/* No file needs more; the limit keeps every walk over a tree shallow. */
enum { GL_TREE_DEPTH_MAX = 24 };

enum gl_node_kind {
    GL_NODE_NULL,
    GL_NODE_SCALAR,
    GL_NODE_LIST,
    GL_NODE_MAP,
};

struct gl_node {
    enum gl_node_kind kind;
    char *name; /* key in the parent map; NULL in lists */
    char *text; /* scalars */
    bool quoted;
    bool broken; /* a mistake here was reported already */
    struct gl_origin origin;
    struct gl_origin name_origin; /* place of the key */
    const struct gl_schema_node *schema;
    json_t *json; /* merged trees: its value, owned by the configuration's JSON */
    struct gl_node *parent;
    struct gl_node *first;
    struct gl_node *last;
    struct gl_node *next;
    struct gl_node *older; /* list of all nodes of the tree */
    unsigned count;        /* children */
    unsigned depth;
};

/* Owns its nodes, which live and die together. Zero-initialise. */
struct gl_tree {
    struct gl_node *root; /* NULL when empty */
    struct gl_node *newest;
};

/* A node owned by the tree, appended to `parent` (NULL = the root). `name` is copied. */
struct gl_node *gl_tree_add(struct gl_tree *tree, struct gl_node *parent, enum gl_node_kind kind,
                            const char *name);
void gl_tree_done(struct gl_tree *tree);
#define gl_autotree gl_cleanup(gl_tree_done)

/* The child of a map by name, NULL if there is none (or `node` is NULL or no map). */
struct gl_node *gl_node_child(const struct gl_node *node, const char *name);

/* The node at a dotted path below `root`: names of maps may have dots themselves (the longest name
 * wins), list items are numbers. NULL if there is none. */
struct gl_node *gl_node_find(const struct gl_node *root, const char *path);

/* Preorder walk below and including `root`; NULL after the last. `gl_node_skip` leaves out the
 * children of `node`. */
struct gl_node *gl_node_next(const struct gl_node *root, const struct gl_node *node);
struct gl_node *gl_node_skip(const struct gl_node *root, const struct gl_node *node);

/* True if it or something around it may hold a password. */
bool gl_node_is_sensitive(const struct gl_node *node);

/* "people.0.id"; the caller owns it. */
char *gl_node_path(const struct gl_node *node);

#endif
