/* The merged configuration for people. */
#include "config/show.h"

#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "config/internal.h"

char *gl_config_origin_text(const struct gl_config *config, struct gl_origin origin)
{
    const char *file = gl_path_base(config->path);
    switch (origin.kind) {
    case GL_ORIGIN_FILE:
        return gl_asprintf("%s:%u:%u", file, origin.line, origin.column);
    case GL_ORIGIN_ENVIRONMENT:
        return gl_asprintf("environments.%s %s:%u:%u", config->env, file, origin.line,
                           origin.column);
    case GL_ORIGIN_COMMAND_LINE:
        return gl_strdup("--set");
    case GL_ORIGIN_DEFAULT:
        break;
    }
    return gl_strdup("default");
}

static bool is_leaf(const struct gl_node *node)
{
    return !node->first;
}

/* Text that YAML would not read back as the same text gets quotes. */
static bool is_plain(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    bool begins = *text && (strchr(letters, *text) || *text == '/');
    return begins && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789/_.@-") == strlen(text);
}

static char *value_text(const struct gl_node *node)
{
    if (gl_node_is_sensitive(node))
        return gl_strdup("***");
    const char *text = json_string_value(node->json);
    if (text && is_plain(text))
        return gl_strdup(text);
    gl_autofree char *json = json_is_real(node->json)
                                 ? gl_asprintf("%.12g", json_real_value(node->json))
                                 : json_dumps(node->json, JSON_ENCODE_ANY | JSON_COMPACT);
    return gl_redact(json ? json : "");
}

static size_t columns_of(const char *text)
{
    size_t columns = 0;
    size_t len = strlen(text);
    while (len) {
        uint32_t character;
        size_t used = gl_utf8_next(text, len, &character);
        columns += (size_t)gl_utf8_width(character);
        text += used;
        len -= used;
    }
    return columns;
}

/* Told only where somebody set the value: most defaults are for AWS anyway. */
static const char *effect_note(const struct gl_node *node)
{
    gl_autofree char *path = gl_node_path(node);
    bool given = node->origin.kind != GL_ORIGIN_DEFAULT;
    return given ? gl_effect_text(gl_key_effect(path)) : NULL;
}

static void show_node(const struct gl_config *config, const struct gl_node *top,
                      const struct gl_node *node, struct gl_buf *text)
{
    enum { ORIGIN_COLUMN = 48 };

    gl_autobuf struct gl_buf left = {0};
    bool in_list = node->parent && node->parent->kind == GL_NODE_LIST;
    int indent = (int)(node->depth - top->depth) * 2 - (top->parent ? 0 : 2);
    gl_buf_printf(&left, "%*s%s", indent, "", in_list ? "-" : node->name);
    if (!in_list)
        gl_buf_putc(&left, ':');
    if (!is_leaf(node)) {
        gl_buf_printf(text, "%s\n", gl_buf_text(&left));
        return;
    }
    gl_autofree char *value = value_text(node);
    gl_autofree char *origin = gl_config_origin_text(config, node->origin);
    const char *note = effect_note(node);
    gl_buf_printf(&left, " %s", value);
    size_t columns = columns_of(gl_buf_text(&left));
    gl_buf_printf(text, "%s%*s # %s%s%s\n", gl_buf_text(&left),
                  columns < ORIGIN_COLUMN ? (int)(ORIGIN_COLUMN - columns) : 0, "", origin,
                  note ? ", " : "", note ? note : "");
}

static int find_top(const struct gl_config *config, const char *key, const struct gl_node **ret_top,
                    struct gl_error *err)
{
    const struct gl_schema_node *schema = gl_schema_find(key);
    const struct gl_node *top = gl_node_find(config->tree.root, key);
    if (!schema) {
        const char *nearest = gl_schema_nearest(key);
        gl_fail(err, GL_E_NOT_FOUND, _("there is no key `%s` in golive.yaml"), key);
        return nearest ? gl_error_hint(err, _("Did you mean `%s`?"), nearest) : GL_E_NOT_FOUND;
    }
    if (!top) {
        gl_fail(err, GL_E_NOT_FOUND, _("%s has no value in environment %s"), key, config->env);
        return gl_error_hint(err, _("See: golive help config %s"), schema->path);
    }
    *ret_top = top;
    return 0;
}

/* The whole configuration is shown without the other environments: they have no say here. */
static const struct gl_node *next_shown(const struct gl_node *top, const struct gl_node *node)
{
    node = gl_node_next(top, node);
    if (node && !top->parent && node->parent == top && strcmp(node->name, "environments") == 0)
        node = gl_node_skip(top, node);
    return node;
}

int gl_config_show_text(const struct gl_config *config, const char *key, char **ret_text,
                        struct gl_error *err)
{
    const struct gl_node *top = NULL;
    int failed = find_top(config, key, &top, err);
    if (failed < 0)
        return failed;
    struct gl_buf text = {0};
    gl_buf_printf(&text, _("# %s, environment %s\n"), config->path, config->env);
    for (const struct gl_node *node = top; node; node = next_shown(top, node)) {
        if (node->parent)
            show_node(config, top, node, &text);
    }
    *ret_text = gl_buf_steal(&text);
    return 0;
}

static json_t *value_json(const struct gl_config *config, const struct gl_node *node)
{
    json_t *item = json_object();
    gl_autofree char *path = gl_node_path(node);
    gl_autofree char *origin = gl_config_origin_text(config, node->origin);
    gl_json_set_str(item, "key", path);
    if (gl_node_is_sensitive(node))
        gl_json_set_str(item, "value", "***");
    else
        json_object_set(item, "value", node->json);
    gl_json_set_str(item, "origin", origin);
    gl_json_set_str(item, "effect", gl_effect_word(gl_key_effect(path)));
    return item;
}

int gl_config_show_json(const struct gl_config *config, const char *key, char **ret_text,
                        struct gl_error *err)
{
    const struct gl_node *top = NULL;
    int failed = find_top(config, key, &top, err);
    if (failed < 0)
        return failed;
    gl_autojson json_t *object = json_object();
    json_t *values = json_array();
    gl_json_set_str(object, "env", config->env);
    gl_json_set_str(object, "file", config->path);
    for (const struct gl_node *node = top; node; node = next_shown(top, node)) {
        if (is_leaf(node))
            json_array_append_new(values, value_json(config, node));
    }
    json_object_set_new(object, "values", values);
    *ret_text = gl_json_pretty(object);
    return 0;
}
