/* The tree of nodes: building, finding, walking. */
#include "config/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/strv.h"

struct gl_node *gl_tree_add(struct gl_tree *tree, struct gl_node *parent, enum gl_node_kind kind,
                            const char *name)
{
    struct gl_node *node = gl_alloc(sizeof *node);
    node->kind = kind;
    node->name = gl_strdup(name);
    node->parent = parent;
    node->older = tree->newest;
    tree->newest = node;
    if (!parent) {
        tree->root = node;
        return node;
    }
    node->depth = parent->depth + 1;
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->count++;
    return node;
}

void gl_tree_done(struct gl_tree *tree)
{
    struct gl_node *node = tree->newest;
    while (node) {
        struct gl_node *older = node->older;
        free(node->name);
        free(node->text);
        free(node);
        node = older;
    }
    *tree = (struct gl_tree){0};
}

struct gl_node *gl_node_child(const struct gl_node *node, const char *name)
{
    if (!node || node->kind != GL_NODE_MAP)
        return NULL;
    for (struct gl_node *child = node->first; child; child = child->next) {
        if (strcmp(child->name, name) == 0)
            return child;
    }
    return NULL;
}

/* The child whose name begins `path` and ends there or at a dot; the longest such name. */
static struct gl_node *longest_child(const struct gl_node *node, const char *path, size_t *ret_len)
{
    struct gl_node *best = NULL;
    for (struct gl_node *child = node->first; child; child = child->next) {
        size_t len = strlen(child->name);
        if (strncmp(child->name, path, len) != 0 || (path[len] != '.' && path[len] != '\0'))
            continue;
        if (!best || len > *ret_len) {
            best = child;
            *ret_len = len;
        }
    }
    return best;
}

static struct gl_node *numbered_child(const struct gl_node *node, const char *path, size_t *ret_len)
{
    char *end;
    unsigned long index = strtoul(path, &end, 10);
    if (end == path || (*end != '.' && *end != '\0'))
        return NULL;
    *ret_len = (size_t)(end - path);
    struct gl_node *child = node->first;
    while (child && index--)
        child = child->next;
    return child;
}

struct gl_node *gl_node_find(const struct gl_node *root, const char *path)
{
    struct gl_node *node = (struct gl_node *)root;
    while (node && *path) {
        size_t len = 0;
        if (node->kind == GL_NODE_MAP)
            node = longest_child(node, path, &len);
        else if (node->kind == GL_NODE_LIST)
            node = numbered_child(node, path, &len);
        else
            node = NULL;
        path += len;
        path += *path == '.';
    }
    return node;
}

struct gl_node *gl_node_skip(const struct gl_node *root, const struct gl_node *node)
{
    while (node != root) {
        if (node->next)
            return node->next;
        node = node->parent;
    }
    return NULL;
}

struct gl_node *gl_node_next(const struct gl_node *root, const struct gl_node *node)
{
    return node->first ? node->first : gl_node_skip(root, node);
}

static char *own_segment(const struct gl_node *node)
{
    if (node->name)
        return gl_strdup(node->name);
    unsigned index = 0;
    for (const struct gl_node *at = node->parent->first; at != node; at = at->next)
        index++;
    return gl_asprintf("%u", index);
}

char *gl_node_path(const struct gl_node *node)
{
    char *path = NULL;
    for (; node->parent; node = node->parent) {
        gl_autofree char *segment = own_segment(node);
        gl_autofree char *rest = path;
        path = rest ? gl_asprintf("%s.%s", segment, rest) : gl_strdup(segment);
    }
    return path ? path : gl_strdup("");
}

bool gl_node_is_sensitive(const struct gl_node *node)
{
    for (; node; node = node->parent) {
        if (node->schema && node->schema->flags & GL_KEY_SENSITIVE)
            return true;
    }
    return false;
}
