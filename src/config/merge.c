/* One configuration out of four layers: default, file, environment, command line.
 *
 * The walk goes along the schema, so that the result stands in the schema's order whatever the
 * order of the file. Maps are merged key by key; lists and values are taken whole. */
#include <ctype.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "config/internal.h"

enum { LAYER_COUNT = GL_ORIGIN_COMMAND_LINE + 1 };

struct layers {
    const struct gl_node *at[LAYER_COUNT]; /* by enum gl_origin_kind, weakest first */
    bool as_written;                       /* without defaults: the environments' own part */
};

/* Where a value goes: the node's parent, and its name there (NULL in lists). */
struct place {
    struct gl_tree *tree;
    struct gl_node *parent;
    const char *name;
};

/* The functions from here to merge_value() call each other, no deeper than the file is nested,
 * which yaml.c limits. */
static json_t *merge_value(const struct place *place, const struct gl_schema_node *schema,
                           const struct layers *given);

static struct layers child_layers(const struct layers *layers, const char *name)
{
    struct layers child = {.as_written = layers->as_written};
    for (int i = 0; i < LAYER_COUNT; i++)
        child.at[i] = gl_node_child(layers->at[i], name);
    return child;
}

/* The strongest layer that says something. An empty map or list says nothing, `null` only where
 * the schema allows it. */
static int strongest(const struct layers *layers, const struct gl_schema_node *schema)
{
    for (int i = LAYER_COUNT - 1; i >= 0; i--) {
        const struct gl_node *node = layers->at[i];
        bool silent = node && node->kind == GL_NODE_NULL && !(schema->flags & GL_KEY_NULLABLE) &&
                      schema->type != GL_TYPE_ANY;
        if (node && !silent)
            return i;
    }
    return -1;
}

static struct gl_node *add_node(const struct place *place, enum gl_node_kind kind,
                                const struct gl_schema_node *schema, const struct layers *layers,
                                int layer)
{
    struct gl_node *node = gl_tree_add(place->tree, place->parent, kind, place->name);
    node->schema = schema;
    if (layer >= 0) {
        node->origin = layers->at[layer]->origin;
        node->origin.kind = (enum gl_origin_kind)layer;
    }
    return node;
}

/* Takes back the node that was added last to its parent. */
static void remove_last(struct gl_node *node, struct gl_node *before)
{
    struct gl_node *parent = node->parent;
    if (!parent)
        return;
    parent->last = before;
    if (before)
        before->next = NULL;
    else
        parent->first = NULL;
    parent->count--;
}

static void put(json_t *container, const char *name, json_t *value)
{
    if (value && name)
        json_object_set_new(container, name, value);
    else if (value)
        json_array_append_new(container, value);
}

/* ---- maps --------------------------------------------------------------------------------------
 */

static bool in_weaker_layer(const struct layers *layers, int layer, const char *name)
{
    for (int i = 0; i < layer; i++) {
        if (gl_node_child(layers->at[i], name))
            return true;
    }
    return false;
}

/* Children of maps with free names: each name once, in the order of the layers. */
// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the file
static void merge_free_names(const struct place *inside, const struct gl_schema_node *schema,
                             const struct layers *layers)
{
    for (int i = 0; i < LAYER_COUNT; i++) {
        const struct gl_node *map = layers->at[i];
        for (const struct gl_node *at = map ? map->first : NULL; at; at = at->next) {
            if (gl_schema_child(schema, at->name) != schema->any ||
                in_weaker_layer(layers, i, at->name))
                continue;
            struct layers below = child_layers(layers, at->name);
            struct place place = {inside->tree, inside->parent, at->name};
            put(inside->parent->json, at->name, merge_value(&place, schema->any, &below));
        }
    }
}

/* A layer that is no map hides the weaker ones (`sla: null`). */
static struct layers visible_maps(const struct layers *layers, int top)
{
    struct layers visible = {.as_written = layers->as_written};
    for (int i = top; i >= 0; i--) {
        if (layers->at[i] && layers->at[i]->kind != GL_NODE_MAP &&
            layers->at[i]->kind != GL_NODE_NULL)
            break;
        visible.at[i] = layers->at[i];
    }
    return visible;
}

/* A map that must have a key cannot come about by defaults alone (load.login). */
static bool needs_to_be_given(const struct gl_schema_node *schema)
{
    for (const struct gl_schema_node *child = schema->first; child; child = child->next) {
        if (child->flags & GL_KEY_REQUIRED)
            return true;
    }
    return false;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the file
static json_t *merge_map(const struct place *place, const struct gl_schema_node *schema,
                         const struct layers *layers)
{
    int top = strongest(layers, schema);
    if (top < 0 && place->parent && needs_to_be_given(schema))
        return NULL;
    if (top >= 0 && layers->at[top]->kind == GL_NODE_NULL) {
        struct gl_node *node = add_node(place, GL_NODE_NULL, schema, layers, top);
        return node->json = json_null();
    }
    struct layers visible = visible_maps(layers, top);
    struct gl_node *before = place->parent ? place->parent->last : NULL;
    struct gl_node *node = add_node(place, GL_NODE_MAP, schema, layers, top);
    node->json = json_object();
    struct place inside = {place->tree, node, NULL};
    const struct gl_schema_node *names = schema->is_environment ? gl_schema_root() : schema;
    for (const struct gl_schema_node *child = names->first; child; child = child->next) {
        struct layers below = child_layers(&visible, child->name);
        below.as_written |= strcmp(child->path, "environments") == 0;
        struct place at = {place->tree, node, child->name};
        put(node->json, child->name, merge_value(&at, child, &below));
    }
    if (schema->any)
        merge_free_names(&inside, schema, &visible);
    if (!node->first && top < 0 && place->parent) {
        json_decref(node->json);
        remove_last(node, before);
        return NULL;
    }
    return node->json;
}

/* ---- lists and values --------------------------------------------------------------------------
 */

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the file
static json_t *merge_list(const struct place *place, const struct gl_schema_node *schema,
                          const struct layers *layers, int layer)
{
    const struct gl_node *chosen = layers->at[layer];
    struct gl_node *node = add_node(place, GL_NODE_LIST, schema, layers, layer);
    node->json = json_array();
    bool single = chosen->kind == GL_NODE_SCALAR;
    for (const struct gl_node *item = single ? chosen : chosen->first; item;
         item = single ? NULL : item->next) {
        struct layers below = {.as_written = layers->as_written};
        below.at[layer] = item;
        struct place at = {place->tree, node, NULL};
        put(node->json, NULL, merge_value(&at, schema->item, &below));
    }
    return node->json;
}

/* A value of any shape, as it was written. */
// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the file
static json_t *plain_json(const struct gl_schema_node *schema, const struct gl_node *from)
{
    if (from->kind == GL_NODE_SCALAR)
        return gl_value_convert(schema, from->text, from->quoted);
    if (from->kind == GL_NODE_NULL)
        return json_null();
    json_t *json = from->kind == GL_NODE_MAP ? json_object() : json_array();
    for (const struct gl_node *child = from->first; child; child = child->next)
        put(json, child->name, plain_json(schema, child));
    return json;
}

/* Several commands become one script that stops at the first failure. */
static json_t *script_of(const struct gl_node *list)
{
    gl_autobuf struct gl_buf script = {0};
    gl_buf_puts(&script, "set -e");
    for (const struct gl_node *item = list->first; item; item = item->next)
        gl_buf_printf(&script, "\n%s", item->text ? item->text : "");
    return json_string(gl_buf_text(&script));
}

static json_t *leaf_json(const struct gl_schema_node *schema, const struct gl_node *from)
{
    if (schema->type == GL_TYPE_ANY)
        return plain_json(schema, from);
    if (from->kind == GL_NODE_NULL)
        return json_null();
    if (from->kind == GL_NODE_LIST)
        return script_of(from);
    return from->kind == GL_NODE_SCALAR ? gl_value_convert(schema, from->text, from->quoted) : NULL;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the file
static json_t *merge_value(const struct place *place, const struct gl_schema_node *schema,
                           const struct layers *given)
{
    struct layers layers = *given;
    if (!layers.at[GL_ORIGIN_DEFAULT] && !layers.as_written)
        layers.at[GL_ORIGIN_DEFAULT] = schema->fallback;
    if (schema->type == GL_TYPE_MAP)
        return merge_map(place, schema, &layers);
    int layer = strongest(&layers, schema);
    if (layer < 0 || layers.at[layer]->broken)
        return NULL;
    if (schema->type == GL_TYPE_LIST && layers.at[layer]->kind != GL_NODE_NULL)
        return merge_list(place, schema, &layers, layer);
    json_t *json = leaf_json(schema, layers.at[layer]);
    if (json)
        add_node(place, GL_NODE_SCALAR, schema, &layers, layer)->json = json;
    return json;
}

/* ---- derived values ----------------------------------------------------------------------------
 */

static char *prefix_of(const char *name)
{
    char *prefix = gl_strdup(name);
    for (char *at = prefix; *at; at++)
        *at = (char)(*at == '-' ? '_' : toupper((unsigned char)*at));
    return prefix;
}

/* Values that follow from others when nobody gave them. On the local platform the public names of
 * the file do not count: they are those of other environments. */
static const struct {
    const char *key;
    const char *text; /* for gl_config_expand(); NULL = app.name in capitals */
    bool local_only;
} derived[] = {
    {"app.platform",        "local",                    true },
    {"domain.app",          "app.{app.name}.localhost", true },
    {"domain.api",          "api.{app.name}.localhost", true },
    {"app.env_prefix",      NULL,                       false},
    {"secrets_path",        "/{app.name}/{env}",        false},
    {"frontend.ssr.origin", "https://{domain.app}",     false},
};

static struct gl_node *parent_of(const struct gl_config *config, const char *key)
{
    const char *dot = strrchr(key, '.');
    gl_autofree char *above = gl_strndup(key, dot ? (size_t)(dot - key) : 0);
    return gl_node_find(config->tree.root, above);
}

static void set_derived(struct gl_config *config, const char *key, const char *text)
{
    struct gl_node *node = gl_node_find(config->tree.root, key);
    struct gl_node *parent = parent_of(config, key);
    if (!parent || parent->kind != GL_NODE_MAP || strchr(text, '{'))
        return;
    const char *dot = strrchr(key, '.');
    const char *name = dot ? dot + 1 : key;
    if (!node)
        node = gl_tree_add(&config->tree, parent, GL_NODE_SCALAR, name);
    node->schema = gl_schema_find(key);
    node->origin = (struct gl_origin){.kind = GL_ORIGIN_DEFAULT};
    node->json = json_string(text);
    json_object_set_new(parent->json, name, node->json);
}

static void derive(struct gl_config *config)
{
    const char *app_name = gl_config_str(config, "app.name");
    bool local = strcmp(config->env, "local") == 0;
    for (size_t i = 0; i < GL_COUNT(derived); i++) {
        const struct gl_node *given = gl_node_find(config->tree.root, derived[i].key);
        bool own = given && (given->origin.kind >= GL_ORIGIN_ENVIRONMENT || !derived[i].local_only);
        if (own || !app_name || (derived[i].local_only && !local))
            continue;
        gl_autofree char *text =
            derived[i].text ? gl_config_expand(config, derived[i].text) : prefix_of(app_name);
        set_derived(config, derived[i].key, text);
    }
}

/* The other environments' values change nothing here, so they are not part of the hash. */
void gl_merge_hash(struct gl_config *config)
{
    gl_autojson json_t *own = json_copy(config->json);
    json_object_del(own, "environments");
    gl_autofree char *text = gl_json_canonical(own);
    gl_sha256_hex(text, strlen(text), config->hash);
}

void gl_merge(struct gl_config *config, const struct gl_node *file, const struct gl_node *set)
{
    const struct gl_node *environments = gl_node_child(file, "environments");
    struct layers layers = {0};
    layers.at[GL_ORIGIN_FILE] = file;
    layers.at[GL_ORIGIN_ENVIRONMENT] = gl_node_child(environments, config->env);
    layers.at[GL_ORIGIN_COMMAND_LINE] = set;
    struct place place = {.tree = &config->tree};
    config->json = merge_value(&place, gl_schema_root(), &layers);
    derive(config);
}
