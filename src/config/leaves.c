/* Walking the merged tree for its values. */
#include "config/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "config/internal.h"

static const char *kind_word(const struct gl_node *node)
{
    switch (json_typeof(node->json)) {
    case JSON_STRING:
        return "text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "bool";
    case JSON_ARRAY:
        return "list";
    case JSON_OBJECT:
        return "map";
    case JSON_NULL:
        break;
    }
    return "null";
}

static char *value_text(const struct gl_node *node)
{
    if (json_is_array(node->json) || json_is_object(node->json) || json_is_null(node->json))
        return NULL;
    if (gl_node_is_sensitive(node))
        return gl_strdup("***");
    if (json_is_string(node->json))
        return gl_strdup(json_string_value(node->json));
    if (json_is_real(node->json))
        return gl_asprintf("%.12g", json_real_value(node->json));
    return json_dumps(node->json, JSON_ENCODE_ANY | JSON_COMPACT);
}

struct walk {
    gl_config_leaf_fn *visit;
    void *context;
    struct gl_buf key;
};

static void visit_leaf(struct walk *walk, const struct gl_node *node)
{
    gl_autofree char *value = value_text(node);
    struct gl_config_leaf leaf = {.key = gl_buf_text(&walk->key),
                                  .value = value,
                                  .kind = kind_word(node),
                                  .origin = node->origin};
    walk->visit(&leaf, walk->context);
}

/* The schema bounds the depth. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void walk_node(struct walk *walk, const struct gl_node *node)
{
    if (!node->first) {
        visit_leaf(walk, node);
        return;
    }
    unsigned index = 0;
    size_t len = walk->key.len;
    for (const struct gl_node *at = node->first; at; at = at->next) {
        if (len == 0 && strcmp(at->name, "environments") == 0)
            continue;
        if (at->name) {
            gl_buf_puts(&walk->key, len ? "." : "");
            gl_buf_puts(&walk->key, at->name);
        } else {
            gl_buf_printf(&walk->key, "[%u]", index++);
        }
        walk_node(walk, at);
        walk->key.len = len;
        if (walk->key.data)
            walk->key.data[len] = '\0';
    }
}

void gl_config_leaves(const struct gl_config *config, gl_config_leaf_fn *visit, void *context)
{
    struct walk walk = {.visit = visit, .context = context};
    walk_node(&walk, config->tree.root);
    gl_buf_done(&walk.key);
}

unsigned gl_config_environment_line(const struct gl_config *config)
{
    gl_autofree char *path = gl_asprintf("environments.%s", config->env);
    const struct gl_node *node = gl_node_find(config->tree.root, path);
    return node ? node->name_origin.line : 0;
}
