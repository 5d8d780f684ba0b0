/* Evaluated properties as rows: one for each leaf, and one for each mention of another resource. */
#include <stdlib.h>
#include <string.h>

#include "base/strv.h"
#include "facts/internal.h"

/* ---- one value ---------------------------------------------------------------------------------
 */

/* Parts of a mix are no mixes. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void put_text(struct gl_buf *text, const struct gl_value *value)
{
    if (value->secret) {
        gl_buf_puts(text, "***");
    } else if (value->kind != GL_VALUE_UNKNOWN) {
        gl_buf_puts(text, value->text);
    } else if (value->unknown == GL_UNKNOWN_MIXED) {
        for (const struct gl_value *part = value->first; part; part = part->next)
            put_text(text, part);
    } else {
        gl_buf_printf(text, "${%s}", value->source ? value->source : "");
    }
}

char *gl_property_text(const struct gl_value *value)
{
    if (value->kind != GL_VALUE_UNKNOWN && !gl_value_is_scalar(value))
        return NULL;
    gl_autobuf struct gl_buf text = {0};
    put_text(&text, value);
    return gl_strdup(gl_buf_text(&text));
}

static const char *kind_word(const struct gl_value *value)
{
    switch (value->kind) {
    case GL_VALUE_BOOL:
        return "bool";
    case GL_VALUE_NUMBER:
        return "number";
    case GL_VALUE_LIST:
        return "list";
    case GL_VALUE_MAP:
        return "map";
    case GL_VALUE_TEXT:
    case GL_VALUE_UNKNOWN:
        return "text";
    case GL_VALUE_NULL:
    case GL_VALUE_NOTHING:
        break;
    }
    return "null";
}

char *gl_property_target(const struct gl_value *value, const char *env, const char *stack_key,
                         char **ret_attribute)
{
    bool own = value->unknown == GL_UNKNOWN_RESOURCE;
    const char *from = own ? value->source : value->resource;
    if (value->kind != GL_VALUE_UNKNOWN || !from)
        return NULL;
    size_t stack_len = own ? 0 : strcspn(from, ".");
    const char *id = own || !from[stack_len] ? from : from + stack_len + 1;
    size_t id_len = strcspn(id, ".");
    if (ret_attribute)
        *ret_attribute = id[id_len] ? gl_strdup(id + id_len + 1) : NULL;
    return own ? gl_asprintf("%s/%s/%.*s", env, stack_key, (int)id_len, id)
               : gl_asprintf("%s/%.*s/%.*s", env, (int)stack_len, from, (int)id_len, id);
}

/* ---- rows --------------------------------------------------------------------------------------
 */

struct writing {
    struct gl_property_rows *rows;
    const char *resource;
};

/* As deep as the template, which has a limit. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void add_references(const struct writing *w, const char *path, const struct gl_value *value)
{
    gl_autofree char *attribute = NULL;
    gl_autofree char *target =
        gl_property_target(value, w->rows->env, w->rows->stack_key, &attribute);
    if (target) {
        gl_rows_text(&w->rows->references, w->resource);
        gl_rows_text(&w->rows->references, path);
        gl_rows_text(&w->rows->references, target);
        gl_rows_text(&w->rows->references, attribute);
        gl_rows_add(&w->rows->references);
    }
    for (const struct gl_value *part = value->first; part; part = part->next)
        add_references(w, path, part);
}

static void add_property(const struct writing *w, const char *path, const struct gl_value *value)
{
    struct gl_rows *rows = &w->rows->properties;
    gl_autopath struct gl_path_parts parts;
    gl_path_split(path, &parts);
    gl_autofree char *text = gl_property_text(value);
    gl_autofree char *attribute = NULL;
    gl_autofree char *target =
        gl_property_target(value, w->rows->env, w->rows->stack_key, &attribute);
    gl_rows_text(rows, w->resource);
    gl_rows_text(rows, path);
    gl_rows_text(rows, parts.shape);
    gl_rows_text(rows, parts.parent);
    gl_rows_text(rows, parts.name);
    gl_rows_text(rows, text);
    gl_rows_text(rows, kind_word(value));
    gl_rows_int(rows, value->kind != GL_VALUE_UNKNOWN);
    gl_rows_text(rows, target);
    gl_rows_text(rows, attribute);
    gl_rows_text(rows, value->place.file);
    gl_rows_line(rows, value->place.line);
    gl_rows_add(rows);
}

static void add_leaf(const char *path, const struct gl_value *leaf, void *context)
{
    const struct writing *w = context;
    add_property(w, path, leaf);
    if (leaf->kind == GL_VALUE_UNKNOWN)
        add_references(w, path, leaf);
}

void gl_property_write(struct gl_property_rows *rows, const char *resource_id,
                       const struct gl_value *properties)
{
    struct writing writing = {.rows = rows, .resource = resource_id};
    if (properties->first)
        gl_value_leaves(properties, add_leaf, &writing);
}
