/* Fn::ForEach of AWS::LanguageExtensions: a map's entry that stands for many.
 *
 *     Fn::ForEach::NAME: [IDENTIFIER, COLLECTION, {KEY: VALUE}]
 *
 * "${IDENTIFIER}" in keys and texts becomes the item, "&{IDENTIFIER}" its letters and digits, and
 * {Ref: IDENTIFIER} the item itself.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
 */
#include <ctype.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/eval_internal.h"

/* Bounded by GL_TEMPLATE_DEPTH_MAX. */
/* NOLINTBEGIN(misc-no-recursion) */

/* The identifiers of the loops around, innermost first. */
struct loop {
    const struct loop *outer;
    const char *identifier;
    const char *item;
};

static const struct loop *find_loop(const struct loop *loop, const char *name, size_t len)
{
    for (; loop; loop = loop->outer) {
        if (strlen(loop->identifier) == len && memcmp(loop->identifier, name, len) == 0)
            return loop;
    }
    return NULL;
}

static void add_item(struct gl_buf *out, const char *item, bool plain)
{
    for (; *item; item++) {
        if (!plain || isalnum((unsigned char)*item))
            gl_buf_putc(out, *item);
    }
}

/* The text with identifiers replaced; the text itself when it has none. */
static const char *replace(struct gl_evaluation *e, const char *text, const struct loop *loops)
{
    if (!text || !loops || !strchr(text, '{'))
        return text;
    gl_autobuf struct gl_buf out = {0};
    while (*text) {
        const char *close = strchr(text, '}');
        bool open = (*text == '$' || *text == '&') && text[1] == '{' && close;
        const struct loop *loop =
            open ? find_loop(loops, text + 2, (size_t)(close - text) - 2) : NULL;
        if (loop) {
            add_item(&out, loop->item, *text == '&');
            text = close + 1;
        } else {
            gl_buf_putc(&out, *text++);
        }
    }
    return gl_arena_strdup(e->arena, gl_buf_text(&out));
}

static struct gl_value *expand(struct gl_evaluation *e, const struct gl_value *node,
                               const struct loop *loops);

/* {Ref: IDENTIFIER} is the item. */
static const struct loop *item_of_ref(const struct gl_value *node, const struct loop *loops)
{
    const struct gl_value *name = node->count == 1 ? gl_value_get(node, "Ref") : NULL;
    return name && name->text ? find_loop(loops, name->text, strlen(name->text)) : NULL;
}

static bool append_unique(struct gl_evaluation *e, struct gl_value *map, struct gl_value *value,
                          const char *name, const struct gl_value *at)
{
    if (gl_value_get(map, name)) {
        gl_eval_fail(e, at, _("Fn::ForEach makes `%s` a second time"), name);
        gl_error_hint(e->err, _("The key must have ${IDENTIFIER} in it, and items must differ."));
        return false;
    }
    if (map->count >= GL_TEMPLATE_CHILDREN_MAX) {
        gl_eval_fail(e, at, _("Fn::ForEach makes more than %d entries"), GL_TEMPLATE_CHILDREN_MAX);
        return false;
    }
    gl_value_append(map, value, name);
    return true;
}

static bool run_item(struct gl_evaluation *e, struct gl_value *map, const struct gl_value *body,
                     const struct loop *loops)
{
    struct gl_value *entries = expand(e, body, loops);
    if (!entries)
        return false;
    struct gl_value *next;
    for (struct gl_value *at = entries->first; at; at = next) {
        next = at->next;
        if (!append_unique(e, map, at, at->name, body))
            return false;
    }
    return true;
}

static struct gl_value *collection_of(struct gl_evaluation *e, const struct gl_value *node,
                                      const struct loop *loops)
{
    struct gl_value *expanded = expand(e, node, loops);
    struct gl_value *list = expanded ? gl_eval_value(e, expanded) : NULL;
    if (list && list->kind != GL_VALUE_LIST)
        return gl_eval_fail(e, node,
                            _("Fn::ForEach runs over a list that is known before it is made"));
    return list;
}

static bool run_loop(struct gl_evaluation *e, struct gl_value *map, const struct gl_value *loop,
                     const struct loop *outer)
{
    const struct gl_value *identifier = gl_value_at(loop, 0);
    const struct gl_value *body = gl_value_at(loop, 2);
    if (loop->kind != GL_VALUE_LIST || loop->count != 3 || identifier->kind != GL_VALUE_TEXT ||
        body->kind != GL_VALUE_MAP) {
        gl_eval_fail(e, loop, _("Fn::ForEach takes a name, a list and a map"));
        return false;
    }
    const struct gl_value *items = collection_of(e, gl_value_at(loop, 1), outer);
    if (!items)
        return false;
    for (const struct gl_value *at = items->first; at; at = at->next) {
        if (!gl_value_is_scalar(at)) {
            gl_eval_fail(e, loop, _("Fn::ForEach runs over texts that are known"));
            return false;
        }
        struct loop inner = {.outer = outer, .identifier = identifier->text, .item = at->text};
        if (!run_item(e, map, body, &inner))
            return false;
    }
    return true;
}

static bool add_entry(struct gl_evaluation *e, struct gl_value *copy, const struct gl_value *at,
                      const struct loop *loops)
{
    if (at->name && gl_starts_with(at->name, "Fn::ForEach::"))
        return run_loop(e, copy, at, loops);
    struct gl_value *child = expand(e, at, loops);
    if (!child)
        return false;
    const char *name = replace(e, at->name, loops);
    if (copy->kind == GL_VALUE_MAP && loops)
        return append_unique(e, copy, child, name, at);
    gl_value_append(copy, child, name);
    return true;
}

static struct gl_value *expand(struct gl_evaluation *e, const struct gl_value *node,
                               const struct loop *loops)
{
    if (gl_eval_too_large(e))
        return gl_eval_fail(e, node, _("the template grows beyond 16 MiB here"));
    struct gl_value *copy = gl_value_new(e->arena, node->kind, node);
    const struct loop *item = node->kind == GL_VALUE_MAP ? item_of_ref(node, loops) : NULL;
    if (item) {
        copy->kind = GL_VALUE_TEXT;
        copy->text = item->item;
        copy->name = node->name;
        return copy;
    }
    copy->quoted = node->quoted;
    copy->secret = node->secret;
    copy->text = replace(e, node->text, loops);
    copy->name = node->name;
    for (const struct gl_value *at = node->first; at; at = at->next) {
        if (!add_entry(e, copy, at, loops))
            return NULL;
    }
    return copy;
}

struct gl_value *gl_eval_expand(struct gl_evaluation *e, const struct gl_value *node)
{
    return expand(e, node, NULL);
}

/* NOLINTEND(misc-no-recursion) */
