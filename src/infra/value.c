/* The tree of values: building, finding, comparing, showing. */
#include "infra/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"

/* Every tree is bounded in depth by the reader (GL_TEMPLATE_DEPTH_MAX), so recursion is bounded. */
/* NOLINTBEGIN(misc-no-recursion) */

struct gl_value *gl_value_new(struct gl_arena *arena, enum gl_value_kind kind,
                              const struct gl_value *like)
{
    struct gl_value *value = gl_arena_alloc(arena, sizeof *value);
    value->kind = kind;
    if (like) {
        value->place = like->place;
        value->name_place = like->name_place;
    }
    return value;
}

struct gl_value *gl_value_text(struct gl_arena *arena, const char *text,
                               const struct gl_value *like)
{
    struct gl_value *value = gl_value_new(arena, GL_VALUE_TEXT, like);
    value->text = gl_arena_strdup(arena, text);
    return value;
}

struct gl_value *gl_value_bool(struct gl_arena *arena, bool yes, const struct gl_value *like)
{
    struct gl_value *value = gl_value_new(arena, GL_VALUE_BOOL, like);
    value->text = yes ? "true" : "false";
    return value;
}

struct gl_value *gl_value_unknown(struct gl_arena *arena, enum gl_unknown_kind kind,
                                  const char *source, const struct gl_value *like)
{
    struct gl_value *value = gl_value_new(arena, GL_VALUE_UNKNOWN, like);
    value->unknown = kind;
    value->source = gl_arena_strdup(arena, source);
    const char *format = kind == GL_UNKNOWN_LIVE      ? _("(read from the account: %s)")
                         : kind == GL_UNKNOWN_RELEASE ? _("(of the release: %s)")
                         : kind == GL_UNKNOWN_ZONES   ? _("(availability zones of %s)")
                                                      : _("(known after up: %s)");
    gl_autobuf struct gl_buf text = {0};
    for (const char *at = format; *at; at++) {
        if (at[0] == '%' && at[1] == 's') {
            gl_buf_puts(&text, source);
            at++;
        } else {
            gl_buf_putc(&text, *at);
        }
    }
    value->text = gl_arena_strdup(arena, gl_buf_text(&text));
    return value;
}

void gl_value_append(struct gl_value *parent, struct gl_value *child, const char *name)
{
    child->name = name;
    child->parent = parent;
    child->next = NULL;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

struct gl_value *gl_value_copy(struct gl_arena *arena, const struct gl_value *value)
{
    struct gl_value *copy = gl_arena_alloc(arena, sizeof *copy);
    *copy = *value;
    copy->parent = copy->first = copy->last = copy->next = NULL;
    copy->count = 0;
    copy->text = gl_arena_strdup(arena, value->text);
    copy->source = gl_arena_strdup(arena, value->source);
    copy->resource = gl_arena_strdup(arena, value->resource);
    copy->name = gl_arena_strdup(arena, value->name);
    for (const struct gl_value *at = value->first; at; at = at->next) {
        struct gl_value *child = gl_value_copy(arena, at);
        gl_value_append(copy, child, child->name);
    }
    return copy;
}

/* ---- finding -----------------------------------------------------------------------------------
 */

struct gl_value *gl_value_get(const struct gl_value *map, const char *name)
{
    if (!map || map->kind != GL_VALUE_MAP)
        return NULL;
    for (struct gl_value *at = map->first; at; at = at->next) {
        if (strcmp(at->name, name) == 0)
            return at;
    }
    return NULL;
}

struct gl_value *gl_value_at(const struct gl_value *list, unsigned index)
{
    if (!list || list->kind != GL_VALUE_LIST)
        return NULL;
    struct gl_value *at = list->first;
    while (at && index--)
        at = at->next;
    return at;
}

struct gl_value *gl_value_find(const struct gl_value *root, const char *path)
{
    struct gl_value *at = (struct gl_value *)root;
    while (at && *path) {
        size_t len = strcspn(path, ".");
        gl_autofree char *segment = gl_strndup(path, len);
        if (at->kind == GL_VALUE_LIST)
            at = gl_value_at(at, (unsigned)strtoul(segment, NULL, 10));
        else
            at = gl_value_get(at, segment);
        path += len + (path[len] == '.');
    }
    return at;
}

const struct gl_value *gl_value_next(const struct gl_value *root, const struct gl_value *at)
{
    if (at->first)
        return at->first;
    while (at != root && !at->next)
        at = at->parent;
    return at == root ? NULL : at->next;
}

bool gl_value_is_scalar(const struct gl_value *value)
{
    return value && (value->kind == GL_VALUE_TEXT || value->kind == GL_VALUE_NUMBER ||
                     value->kind == GL_VALUE_BOOL);
}

bool gl_value_is_word(const struct gl_value *value, const char *word)
{
    return gl_value_is_scalar(value) && strcmp(value->text, word) == 0;
}

const char *gl_value_str(const struct gl_value *map, const char *name, const char *fallback)
{
    const struct gl_value *child = gl_value_get(map, name);
    return gl_value_is_scalar(child) ? child->text : fallback;
}

bool gl_value_has_unknown(const struct gl_value *value)
{
    for (const struct gl_value *at = value; at; at = gl_value_next(value, at)) {
        if (at->kind == GL_VALUE_UNKNOWN)
            return true;
    }
    return false;
}

/* ---- comparing ---------------------------------------------------------------------------------
 */

static bool children_equal(const struct gl_value *a, const struct gl_value *b)
{
    if (a->count != b->count)
        return false;
    const struct gl_value *other = b->first;
    for (const struct gl_value *at = a->first; at; at = at->next) {
        const struct gl_value *match = a->kind == GL_VALUE_MAP ? gl_value_get(b, at->name) : other;
        if (!match || !gl_value_equal(at, match))
            return false;
        other = other->next;
    }
    return true;
}

bool gl_value_equal(const struct gl_value *a, const struct gl_value *b)
{
    if (gl_value_is_scalar(a) && gl_value_is_scalar(b))
        return strcmp(a->text, b->text) == 0;
    if (a->kind != b->kind)
        return false;
    if (a->kind == GL_VALUE_UNKNOWN)
        return strcmp(a->text, b->text) == 0;
    return children_equal(a, b);
}

/* ---- showing -----------------------------------------------------------------------------------
 */

static json_t *number_json(const char *text)
{
    char *end;
    long long whole = strtoll(text, &end, 10);
    if (*end == '\0')
        return json_integer(whole);
    double real = strtod(text, &end);
    json_t *json = *end == '\0' ? json_real(real) : NULL;
    return json ? json : json_string(text);
}

static json_t *scalar_json(const struct gl_value *value)
{
    if (value->secret)
        return json_string("***");
    if (value->kind == GL_VALUE_NUMBER)
        return number_json(value->text);
    if (value->kind == GL_VALUE_BOOL)
        return json_boolean(strcmp(value->text, "true") == 0);
    return json_string(value->text);
}

json_t *gl_value_json(const struct gl_value *value)
{
    if (value->kind == GL_VALUE_NULL || value->kind == GL_VALUE_NOTHING)
        return json_null();
    if (value->kind != GL_VALUE_LIST && value->kind != GL_VALUE_MAP)
        return scalar_json(value);
    json_t *json = value->kind == GL_VALUE_LIST ? json_array() : json_object();
    for (const struct gl_value *at = value->first; at; at = at->next) {
        if (value->kind == GL_VALUE_LIST)
            json_array_append_new(json, gl_value_json(at));
        else
            json_object_set_new(json, at->name, gl_value_json(at));
    }
    return json;
}

struct gl_value *gl_value_from_json(struct gl_arena *arena, const json_t *json,
                                    const struct gl_value *like)
{
    if (json_is_string(json))
        return gl_value_text(arena, json_string_value(json), like);
    if (json_is_boolean(json))
        return gl_value_bool(arena, json_is_true(json), like);
    if (json_is_number(json)) {
        struct gl_value *number = gl_value_new(arena, GL_VALUE_NUMBER, like);
        number->text = gl_arena_printf(arena, "%.17g", json_number_value(json));
        return number;
    }
    if (!json_is_array(json) && !json_is_object(json))
        return gl_value_new(arena, GL_VALUE_NULL, like);
    bool list = json_is_array(json);
    struct gl_value *value = gl_value_new(arena, list ? GL_VALUE_LIST : GL_VALUE_MAP, like);
    size_t i;
    const char *name;
    json_t *item;
    json_array_foreach(json, i, item)
        gl_value_append(value, gl_value_from_json(arena, item, like), NULL);
    json_object_foreach((json_t *)json, name, item)
        gl_value_append(value, gl_value_from_json(arena, item, like), gl_arena_strdup(arena, name));
    return value;
}

char *gl_value_show(const struct gl_value *value)
{
    if (value->secret)
        return gl_strdup("***");
    if (gl_value_is_scalar(value) || value->kind == GL_VALUE_UNKNOWN)
        return gl_strdup(value->text);
    gl_autojson json_t *json = gl_value_json(value);
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    return text ? text : gl_strdup("");
}

struct walk {
    gl_leaf_fn *visit;
    void *context;
    struct gl_buf path;
};

/* "[7]"; one in three parts of paths is such a number. */
static void put_index(struct gl_buf *path, unsigned index)
{
    char text[16];
    char *at = text + sizeof text;
    *--at = ']';
    do
        *--at = (char)('0' + index % 10);
    while (index /= 10);
    *--at = '[';
    gl_buf_add(path, at, (size_t)(text + sizeof text - at));
}

static void walk_leaves(struct walk *walk, const struct gl_value *value)
{
    bool container = value->kind == GL_VALUE_LIST || value->kind == GL_VALUE_MAP;
    if (!container || !value->first) {
        walk->visit(gl_buf_text(&walk->path), value, walk->context);
        return;
    }
    unsigned index = 0;
    size_t len = walk->path.len;
    for (const struct gl_value *at = value->first; at; at = at->next) {
        if (value->kind == GL_VALUE_LIST) {
            put_index(&walk->path, index++);
        } else {
            if (len)
                gl_buf_putc(&walk->path, '.');
            gl_buf_puts(&walk->path, at->name);
        }
        walk_leaves(walk, at);
        walk->path.len = len;
        if (walk->path.data)
            walk->path.data[len] = '\0';
    }
}

void gl_value_leaves(const struct gl_value *value, gl_leaf_fn *visit, void *context)
{
    struct walk walk = {.visit = visit, .context = context};
    walk_leaves(&walk, value);
    gl_buf_done(&walk.path);
}

/* NOLINTEND(misc-no-recursion) */
