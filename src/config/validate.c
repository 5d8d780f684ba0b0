/* Does every value fit its row of the schema? All that does not is reported in one pass. */
#include <string.h>

#include "base/i18n.h"
#include "config/internal.h"

static const struct gl_schema_node *schema_for(const struct gl_node *node)
{
    if (!node->parent)
        return gl_schema_root();
    if (node->parent->kind == GL_NODE_LIST)
        return node->parent->schema->item;
    return gl_schema_child(node->parent->schema, node->name);
}

static bool in_environment(const struct gl_node *node)
{
    for (node = node->parent; node; node = node->parent) {
        if (node->schema->is_environment)
            return true;
    }
    return false;
}

/* What the key is about, and where there is more; `beside` stands next to the caret. */
static void explain(struct gl_error *problem, const struct gl_schema_node *schema,
                    const char *beside)
{
    const struct gl_key *row = schema->row;
    gl_autobuf struct gl_buf text = {0};
    gl_buf_printf(&text, "%s\n", beside ? beside : "");
    if (row)
        gl_buf_printf(&text, _("%s: %s. "), schema->path, _(row->text));
    if (row && row->fallback && !strchr(row->fallback, '\n'))
        gl_buf_printf(&text, _("Default: %s. "), *row->fallback ? row->fallback : "''");
    gl_buf_printf(&text, _("See: golive help config %s"), schema->path);
    gl_error_hint(problem, "%s", gl_buf_text(&text));
}

/* ---- unknown keys ------------------------------------------------------------------------------
 */

/* Where a key of this name does exist: people write `port:` at the top and mean backend.port. */
static const struct gl_schema_node *same_name_elsewhere(const char *name)
{
    for (const struct gl_schema_node *top = gl_schema_root()->first; top; top = top->next) {
        for (const struct gl_schema_node *child = top->first; child; child = child->next) {
            if (strcmp(child->name, name) == 0)
                return child;
        }
    }
    return NULL;
}

static void hint_known_names(struct gl_error *problem, const char **names, size_t count)
{
    gl_autobuf struct gl_buf text = {0};
    for (size_t i = 0; i < count; i++)
        gl_buf_printf(&text, "%s%s", i ? ", " : "", names[i]);
    gl_error_hint(problem, _("Known here: %s."), gl_buf_text(&text));
}

static void report_unknown(const struct gl_check *check, struct gl_node *node)
{
    const struct gl_schema_node *above = node->parent->schema;
    size_t count;
    gl_autofree const char **names = gl_schema_child_names(above, &count);
    const struct gl_schema_node *elsewhere = same_name_elsewhere(node->name);
    bool at_top = elsewhere && !above->parent;
    const char *nearest = at_top ? NULL : gl_nearest(node->name, names, count);
    gl_autofree char *where = gl_node_path(node->parent);
    struct gl_error *problem =
        *where ? gl_diagnostics_add(check->list, check->file, node->name_origin,
                                    _("unknown key `%s` in %s"), node->name, where)
               : gl_diagnostics_add(check->list, check->file, node->name_origin,
                                    _("unknown key `%s`"), node->name);
    if (nearest) {
        const struct gl_schema_node *meant = gl_schema_child(above, nearest);
        gl_autofree char *beside = gl_asprintf(_("did you mean `%s`?"), nearest);
        explain(problem, meant, beside);
    } else if (elsewhere) {
        gl_autofree char *beside = gl_asprintf(_("did you mean `%s`?"), elsewhere->path);
        explain(problem, elsewhere, beside);
    } else if (count) {
        hint_known_names(problem, names, count);
    }
}

/* ---- values ------------------------------------------------------------------------------------
 */

static const char *kind_words(enum gl_node_kind kind)
{
    switch (kind) {
    case GL_NODE_MAP:
        return _("a map of keys");
    case GL_NODE_LIST:
        return _("a list");
    case GL_NODE_NULL:
        return _("empty");
    case GL_NODE_SCALAR:
        break;
    }
    return _("a single value");
}

static void report_kind(const struct gl_check *check, const struct gl_node *node)
{
    gl_autobuf struct gl_buf wanted = {0};
    gl_schema_describe(node->schema, &wanted);
    gl_autofree char *path = gl_node_path(node);
    struct gl_error *problem;
    if (!*path)
        problem =
            gl_diagnostics_add(check->list, check->file, node->origin,
                               _("the file must be a map of keys, not %s"), kind_words(node->kind));
    else
        problem =
            gl_diagnostics_add(check->list, check->file, node->origin, _("%s must be %s, not %s"),
                               path, gl_buf_text(&wanted), kind_words(node->kind));
    if (*path)
        explain(problem, node->schema, NULL);
}

/* YAML 1.1 had more words for the truth values; people still write them. */
static const char *meant_truth(const char *text)
{
    static const char *const words[][2] = {
        {"yes",   "true" },
        {"Yes",   "true" },
        {"YES",   "true" },
        {"on",    "true" },
        {"On",    "true" },
        {"True",  "true" },
        {"TRUE",  "true" },
        {"1",     "true" },
        {"no",    "false"},
        {"No",    "false"},
        {"NO",    "false"},
        {"off",   "false"},
        {"Off",   "false"},
        {"0",     "false"},
        {"False", "false"},
        {"FALSE", "false"},
    };
    for (size_t i = 0; i < GL_COUNT(words); i++) {
        if (strcmp(words[i][0], text) == 0)
            return words[i][1];
    }
    return NULL;
}

/* The allowed word nearest to a wrong one, NULL if none is near; the caller owns it. */
static char *meant_word(const struct gl_schema_node *schema, const char *text)
{
    if (schema->type == GL_TYPE_BOOL)
        return gl_strdup(meant_truth(text));
    if (!schema->row || !schema->row->words)
        return NULL;
    gl_autostrv struct gl_strv words = {0};
    gl_strv_split(&words, schema->row->words, " ");
    return gl_strdup(gl_nearest(text, (const char *const *)words.items, words.count));
}

static void report_value(const struct gl_check *check, const struct gl_node *node,
                         const struct gl_schema_node *schema)
{
    gl_autobuf struct gl_buf wanted = {0};
    gl_schema_describe(schema, &wanted);
    gl_autofree char *path = gl_node_path(node);
    gl_autofree char *meant = meant_word(schema, node->text);
    gl_autofree char *beside = meant ? gl_asprintf(_("did you mean `%s`?"), meant) : NULL;
    struct gl_error *problem;
    if (schema->flags & GL_KEY_SENSITIVE)
        problem = gl_diagnostics_add(check->list, check->file, node->origin, _("%s must be %s"),
                                     path, gl_buf_text(&wanted));
    else
        problem =
            gl_diagnostics_add(check->list, check->file, node->origin, _("%s must be %s, not `%s`"),
                               path, gl_buf_text(&wanted), node->text);
    explain(problem, schema, beside);
}

static bool check_scalar(const struct gl_check *check, struct gl_node *node,
                         const struct gl_schema_node *schema)
{
    if (gl_value_fits(schema, node->text, node->quoted))
        return true;
    report_value(check, node, schema);
    node->broken = true;
    return false;
}

static bool takes(const struct gl_schema_node *schema, enum gl_node_kind kind)
{
    switch (schema->type) {
    case GL_TYPE_ANY:
        return true;
    case GL_TYPE_MAP:
        return kind == GL_NODE_MAP || kind == GL_NODE_NULL;
    case GL_TYPE_LIST:
        return kind == GL_NODE_LIST || kind == GL_NODE_NULL ||
               (kind == GL_NODE_SCALAR && schema->flags & GL_KEY_ONE_OR_MANY);
    case GL_TYPE_COMMAND:
        return kind == GL_NODE_SCALAR || kind == GL_NODE_LIST;
    default:
        return kind == GL_NODE_SCALAR || (kind == GL_NODE_NULL && schema->flags & GL_KEY_NULLABLE);
    }
}

static void check_commands(const struct gl_check *check, const struct gl_node *list)
{
    for (struct gl_node *item = list->first; item; item = item->next) {
        item->schema = list->schema;
        if (item->kind == GL_NODE_SCALAR)
            continue;
        gl_autofree char *path = gl_node_path(item);
        gl_diagnostics_add(check->list, check->file, item->origin,
                           _("%s must be a command, not %s"), path, kind_words(item->kind));
    }
}

/* ---- names, required and unique keys -----------------------------------------------------------
 */

static void report_missing(const struct gl_check *check, const struct gl_node *node,
                           const struct gl_schema_node *missing)
{
    gl_autofree char *above = gl_node_path(node);
    gl_autobuf struct gl_buf path = {0};
    gl_buf_printf(&path, "%s%s%s", above, *above ? "." : "", missing->name);
    const struct gl_schema_node *child = missing->first;
    while (child) {
        if (child->flags & GL_KEY_REQUIRED) {
            gl_buf_printf(&path, ".%s", child->name);
            missing = child;
        }
        child = child->flags & GL_KEY_REQUIRED ? child->first : child->next;
    }
    struct gl_origin at = node->origin;
    struct gl_error *problem =
        gl_diagnostics_add(check->list, check->file, at, _("%s is missing"), gl_buf_text(&path));
    explain(problem, missing, NULL);
}

static void check_required(const struct gl_check *check, const struct gl_node *node)
{
    for (const struct gl_schema_node *child = node->schema->first; child; child = child->next) {
        const struct gl_node *given = gl_node_child(node, child->name);
        bool empty = given && given->kind == GL_NODE_NULL && child->type == GL_TYPE_MAP;
        if (child->flags & GL_KEY_REQUIRED && (!given || empty))
            report_missing(check, node, child);
    }
}

static void check_name(const struct gl_check *check, const struct gl_node *node)
{
    const struct gl_schema_node *above = node->parent->schema;
    enum gl_text_format format = above->row ? above->row->names : GL_FORMAT_ANY;
    if (node->schema != above->any || gl_format_matches(format, node->name))
        return;
    gl_diagnostics_add(check->list, check->file, node->name_origin,
                       _("`%s` is no name for a key of %s: it must be %s"), node->name, above->path,
                       gl_format_description(format));
}

static void check_unique(const struct gl_check *check, const struct gl_node *node)
{
    const struct gl_node *item = node->parent;
    for (const struct gl_node *other = item->parent->first; other != item; other = other->next) {
        const struct gl_node *same = gl_node_child(other, node->name);
        if (!same || same->kind != GL_NODE_SCALAR || strcmp(same->text, node->text) != 0)
            continue;
        gl_autofree char *path = gl_node_path(node);
        struct gl_error *problem = gl_diagnostics_add(
            check->list, check->file, node->origin, _("%s: `%s` is used twice"), path, node->text);
        gl_error_hint(problem, _("first in line %u\nEach item needs its own."), same->origin.line);
        return;
    }
}

static void report_global(const struct gl_check *check, const struct gl_node *node)
{
    struct gl_error *problem =
        gl_diagnostics_add(check->list, check->file, node->name_origin,
                           _("%s is the same in every environment"), node->schema->path);
    gl_error_hint(problem, _("Move it to the top of the file."));
}

/* ---- the walk ----------------------------------------------------------------------------------
 */

/* A map below environments may leave out what the top of the file has; an item of a list is
 * always whole. */
static bool is_whole(const struct gl_node *node, bool partial)
{
    for (; node; node = node->parent) {
        if (node->parent && node->parent->kind == GL_NODE_LIST)
            return true;
        if (node->schema->is_environment)
            return false;
    }
    return !partial;
}

static bool known(const struct gl_check *check, struct gl_node *node)
{
    node->schema = schema_for(node);
    if (!node->schema) {
        report_unknown(check, node);
    } else if (node->schema->flags & GL_KEY_GLOBAL && in_environment(node)) {
        report_global(check, node);
    } else if (!takes(node->schema, node->kind)) {
        report_kind(check, node);
    } else {
        return true;
    }
    node->broken = true;
    return false;
}

/* Returns whether the node's children are to be looked at. */
static bool check_node(const struct gl_check *check, struct gl_node *node, bool partial)
{
    if (node->broken || !known(check, node))
        return false;
    if (node->name && node->parent)
        check_name(check, node);
    const struct gl_schema_node *schema = node->schema;
    if (schema->type == GL_TYPE_ANY)
        return false;
    if (schema->type == GL_TYPE_COMMAND && node->kind == GL_NODE_LIST) {
        check_commands(check, node);
        return false;
    }
    if (node->kind == GL_NODE_SCALAR) {
        const struct gl_schema_node *value = schema->type == GL_TYPE_LIST ? schema->item : schema;
        if (check_scalar(check, node, value) && schema->flags & GL_KEY_UNIQUE)
            check_unique(check, node);
    } else if (node->kind == GL_NODE_MAP && is_whole(node, partial)) {
        check_required(check, node);
    }
    return true;
}

void gl_validate(const struct gl_check *check, struct gl_node *top, bool partial)
{
    struct gl_node *node = top;
    while (node)
        node = check_node(check, node, partial) ? gl_node_next(top, node) : gl_node_skip(top, node);
}
