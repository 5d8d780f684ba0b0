/* Functions over lists and maps: Fn::Select, Fn::Cidr, Fn::GetAZs, Fn::Length, Fn::FindInMap. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/cidr.h"
#include "infra/eval_internal.h"

struct gl_value *gl_eval_unknown(struct gl_evaluation *e, const char *function,
                                 const struct gl_value *of)
{
    gl_autofree char *shown = gl_value_show(of);
    gl_autofree char *source = gl_asprintf("%s %s", function, shown);
    struct gl_value *value = gl_value_unknown(e->arena, GL_UNKNOWN_COMPUTED, source, of);
    value->secret = of->secret;
    gl_value_append(value, gl_value_copy(e->arena, of), NULL);
    return value;
}

static bool whole_number(const struct gl_value *value, long *ret_number)
{
    if (!gl_value_is_scalar(value))
        return false;
    char *end;
    *ret_number = strtol(value->text, &end, 10);
    return end != value->text && *end == '\0';
}

/* ---- Fn::Select --------------------------------------------------------------------------------
 */

static struct gl_value *select_unknown(struct gl_evaluation *e, const struct gl_value *list,
                                       long index, const struct gl_value *at)
{
    gl_autofree char *source = NULL;
    if (list->unknown != GL_UNKNOWN_ZONES) {
        source = gl_asprintf("%s[%ld]", list->source ? list->source : "?", index);
        enum gl_unknown_kind kind =
            list->unknown == GL_UNKNOWN_MIXED ? GL_UNKNOWN_COMPUTED : list->unknown;
        struct gl_value *item = gl_value_unknown(e->arena, kind, source, at);
        item->resource = list->resource;
        return item;
    }
    source = gl_asprintf("%s, %ld", list->source, index + 1);
    struct gl_value *zone = gl_value_unknown(e->arena, GL_UNKNOWN_COMPUTED, source, at);
    zone->text =
        gl_arena_printf(e->arena, _("(availability zone %ld of %s)"), index + 1, list->source);
    return zone;
}

struct gl_value *gl_eval_select(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct gl_value *pair = gl_eval_value(e, argument);
    if (!pair)
        return NULL;
    const struct gl_value *list = gl_value_at(pair, 1);
    long index;
    if (!list || pair->count != 2 || !whole_number(pair->first, &index))
        return gl_eval_fail(e, argument, _("Fn::Select takes a number and a list"));
    if (list->kind == GL_VALUE_UNKNOWN)
        return select_unknown(e, list, index, argument);
    if (list->kind != GL_VALUE_LIST)
        return gl_eval_fail(e, argument, _("Fn::Select takes a number and a list"));
    if (index < 0 || index >= (long)list->count)
        return gl_eval_fail(e, argument, _("Fn::Select: there is no item %ld in a list of %u"),
                            index, list->count);
    return gl_value_copy(e->arena, gl_value_at(list, (unsigned)index));
}

/* ---- Fn::Cidr ----------------------------------------------------------------------------------
 */

struct gl_value *gl_eval_cidr(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct gl_value *list = gl_eval_value(e, argument);
    if (!list)
        return NULL;
    long count;
    long host_bits = 8;
    const struct gl_value *block = gl_value_at(list, 0);
    const struct gl_value *bits = gl_value_at(list, 2);
    if (list->kind != GL_VALUE_LIST || !whole_number(gl_value_at(list, 1), &count) ||
        (bits && !whole_number(bits, &host_bits)) || count < 1 || count > 256)
        return gl_eval_fail(e, argument,
                            _("Fn::Cidr takes a range, a count from 1 to 256 and the "
                              "bits of a host"));
    if (block->kind == GL_VALUE_UNKNOWN)
        return gl_eval_unknown(e, "Fn::Cidr", block);
    struct gl_cidr range;
    if (!gl_value_is_scalar(block) || !gl_cidr_parse(block->text, &range))
        return gl_eval_fail(e, argument, _("Fn::Cidr: `%s` is no address range"),
                            block->text ? block->text : "");
    struct gl_value *ranges = gl_value_new(e->arena, GL_VALUE_LIST, argument);
    for (long i = 0; i < count; i++) {
        struct gl_cidr subnet;
        char text[GL_CIDR_TEXT_SIZE];
        if (host_bits < 1 || host_bits > range.width ||
            !gl_cidr_subnet(&range, range.width - (int)host_bits, (unsigned)i, &subnet))
            return gl_eval_fail(e, argument,
                                _("Fn::Cidr: %s has no room for %ld ranges of %ld "
                                  "bits"),
                                block->text, count, host_bits);
        gl_cidr_format(&subnet, text);
        gl_value_append(ranges, gl_value_text(e->arena, text, argument), NULL);
    }
    return ranges;
}

/* ---- Fn::GetAZs, Fn::Length --------------------------------------------------------------------
 */

struct gl_value *gl_eval_zones(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct gl_value *region = gl_eval_value(e, argument);
    if (!region)
        return NULL;
    if (region->kind != GL_VALUE_NULL && !gl_value_is_scalar(region))
        return gl_eval_fail(e, argument, _("Fn::GetAZs takes the name of a region, or \"\""));
    bool own = !region->text || !*region->text;
    return gl_value_unknown(e->arena, GL_UNKNOWN_ZONES, own ? e->input->region : region->text,
                            argument);
}

struct gl_value *gl_eval_length(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct gl_value *list = gl_eval_value(e, argument);
    if (!list)
        return NULL;
    if (list->kind == GL_VALUE_UNKNOWN)
        return gl_eval_unknown(e, "Fn::Length", list);
    if (list->kind != GL_VALUE_LIST)
        return gl_eval_fail(e, argument, _("Fn::Length takes a list"));
    struct gl_value *length = gl_value_new(e->arena, GL_VALUE_NUMBER, argument);
    length->text = gl_arena_printf(e->arena, "%u", list->count);
    return length;
}

/* ---- Fn::FindInMap -----------------------------------------------------------------------------
 */

static struct gl_value *fall_back(struct gl_evaluation *e, const struct gl_value *argument,
                                  const char *map, const char *key, const char *name)
{
    const struct gl_value *options = gl_value_at(argument, 3);
    const struct gl_value *fallback = gl_value_get(options, "DefaultValue");
    if (fallback)
        return gl_eval_value(e, fallback);
    return gl_eval_fail(e, argument, _("the Mappings have no %s.%s.%s"), map, key, name);
}

struct gl_value *gl_eval_map(struct gl_evaluation *e, const struct gl_value *argument)
{
    const char *words[3];
    const char *usage = _("Fn::FindInMap takes a map, a key and a name");
    if (argument->kind != GL_VALUE_LIST || argument->count < 3 || argument->count > 4)
        return gl_eval_fail(e, argument, "%s", usage);
    const struct gl_value *at = argument->first;
    for (size_t i = 0; i < GL_COUNT(words); i++, at = at->next) {
        struct gl_value *word = gl_eval_value(e, at);
        if (!word)
            return NULL;
        if (word->kind == GL_VALUE_UNKNOWN)
            return gl_eval_unknown(e, "Fn::FindInMap", word);
        if (!gl_value_is_scalar(word))
            return gl_eval_fail(e, argument, "%s", usage);
        words[i] = word->text;
    }
    const struct gl_value *found = gl_value_get(e->input->template->mappings, words[0]);
    found = gl_value_get(gl_value_get(found, words[1]), words[2]);
    if (!found)
        return fall_back(e, argument, words[0], words[1], words[2]);
    struct gl_value *copy = gl_value_copy(e->arena, found);
    copy->place = argument->place;
    return copy;
}
