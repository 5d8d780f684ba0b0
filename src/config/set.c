/* --set key=value: each becomes a small tree of its own layer. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "config/internal.h"

static const char source[] = "--set";
static const struct gl_origin nowhere = {.kind = GL_ORIGIN_COMMAND_LINE};

static void report_unknown(struct gl_diagnostics *list, const char *key)
{
    const char *nearest = gl_schema_nearest(key);
    struct gl_error *problem =
        gl_diagnostics_add(list, source, nowhere, _("there is no key `%s`"), key);
    if (nearest)
        gl_error_hint(problem, _("did you mean `%s`?\n"), nearest);
    else
        gl_error_hint(problem, _("See: golive help config"));
}

/* Only the file, which others see, says what counts as whose approval. */
static const char *const fixed[] = {
    "approval", "environments", "golive", "people", "release.approval", "roles",
};

static bool is_at_or_below(const char *key, const char *above)
{
    size_t len = strlen(above);
    return strncmp(key, above, len) == 0 && (key[len] == '.' || key[len] == '\0');
}

/* True also for the map around one. */
static bool is_fixed(const char *key)
{
    for (size_t i = 0; i < GL_COUNT(fixed); i++) {
        if (is_at_or_below(key, fixed[i]) || is_at_or_below(fixed[i], key))
            return true;
    }
    return false;
}

static void report_fixed(struct gl_diagnostics *list, const char *key)
{
    struct gl_error *problem =
        gl_diagnostics_add(list, source, nowhere, _("`%s` cannot be set on the command line"), key);
    gl_error_hint(problem, _("Write it to golive.yaml."));
}

/* The maps above the value, made where they are not there yet; NULL if a list is on the way. */
static struct gl_node *make_maps(struct gl_tree *tree, const struct gl_strv *segments)
{
    if (!tree->root)
        gl_tree_add(tree, NULL, GL_NODE_MAP, NULL);
    struct gl_node *node = tree->root;
    const struct gl_schema_node *schema = gl_schema_root();
    for (size_t i = 0; i + 1 < segments->count; i++) {
        schema = schema ? gl_schema_child(schema, segments->items[i]) : NULL;
        if (!schema || schema->type != GL_TYPE_MAP)
            return NULL;
        struct gl_node *child = gl_node_child(node, segments->items[i]);
        node = child ? child : gl_tree_add(tree, node, GL_NODE_MAP, segments->items[i]);
        node->origin = nowhere;
        if (node->kind != GL_NODE_MAP)
            return NULL;
    }
    return node;
}

/* Copies the value's nodes below `parent`; a stack is not needed, the walk goes by parents. */
static void copy_value(struct gl_tree *tree, struct gl_node *parent, const char *name,
                       const struct gl_node *from)
{
    struct gl_node *into = parent;
    for (const struct gl_node *at = from; at; at = gl_node_next(from, at)) {
        for (unsigned up = into->depth - parent->depth; up > at->depth - from->depth; up--)
            into = into->parent;
        struct gl_node *copy = gl_tree_add(tree, into, at->kind, at == from ? name : at->name);
        copy->text = gl_strdup(at->text);
        copy->quoted = at->quoted;
        copy->origin = copy->name_origin = nowhere;
        if (at->first)
            into = copy;
    }
}

static void read_value(struct gl_tree *tree, struct gl_node *parent, const char *name,
                       const struct gl_schema_node *schema, const char *text,
                       struct gl_diagnostics *list)
{
    bool structured =
        schema->type == GL_TYPE_MAP || schema->type == GL_TYPE_LIST || schema->type == GL_TYPE_ANY;
    bool nullable = schema->flags & GL_KEY_NULLABLE && strcmp(text, "null") == 0;
    if (!structured || nullable) {
        struct gl_node *node =
            gl_tree_add(tree, parent, nullable ? GL_NODE_NULL : GL_NODE_SCALAR, name);
        node->text = gl_strdup(text);
        node->origin = node->name_origin = nowhere;
        return;
    }
    gl_autotree struct gl_tree value = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    (void)gl_yaml_read(text, strlen(text), source, &value, &problems);
    for (size_t i = 0; i < problems.count; i++)
        gl_diagnostics_add(list, source, nowhere, "%s: %s", schema->path,
                           problems.items[i].message);
    if (!problems.count && value.root)
        copy_value(tree, parent, name, value.root);
}

static void read_one(const char *text, struct gl_tree *tree, struct gl_diagnostics *list)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) {
        struct gl_error *problem =
            gl_diagnostics_add(list, source, nowhere, _("`%s` is not KEY=VALUE"), text);
        gl_error_hint(problem, _("Write, for example: --set backend.port=9000"));
        return;
    }
    gl_autofree char *key = gl_strndup(text, (size_t)(equals - text));
    const struct gl_schema_node *schema = gl_schema_find(key);
    if (!schema || !schema->parent) {
        report_unknown(list, key);
        return;
    }
    gl_autostrv struct gl_strv segments = {0};
    gl_strv_split(&segments, key, ".");
    struct gl_node *parent = make_maps(tree, &segments);
    if (!parent || is_fixed(key)) {
        report_fixed(list, key);
        return;
    }
    const char *name = segments.items[segments.count - 1];
    if (gl_node_child(parent, name)) {
        gl_diagnostics_add(list, source, nowhere, _("`%s` is set twice"), key);
        return;
    }
    read_value(tree, parent, name, schema, equals + 1, list);
}

void gl_set_read(const struct gl_strv *set, struct gl_tree *ret_tree, struct gl_diagnostics *list)
{
    for (size_t i = 0; set && i < set->count; i++)
        read_one(set->items[i], ret_tree, list);
}
