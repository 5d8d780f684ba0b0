/* Putting texts with unknown parts together, and taking them apart. */
#include "infra/mix.h"

#include <string.h>

#include "base/strv.h"

static void flush_text(struct gl_mix *mix)
{
    if (!mix->text.len)
        return;
    struct gl_value *part = gl_value_text(mix->arena, gl_buf_text(&mix->text), mix->like);
    gl_value_append(mix->parts, part, NULL);
    mix->text.len = 0;
}

static void add_unknown(struct gl_mix *mix, const struct gl_value *value)
{
    if (!mix->parts)
        mix->parts = gl_value_new(mix->arena, GL_VALUE_LIST, mix->like);
    flush_text(mix);
    gl_value_append(mix->parts, gl_value_copy(mix->arena, value), NULL);
}

void gl_mix_text(struct gl_mix *mix, const char *text, size_t len)
{
    gl_buf_add(&mix->text, text, len);
}

bool gl_mix_value(struct gl_mix *mix, const struct gl_value *value)
{
    mix->secret = mix->secret || value->secret;
    if (gl_value_is_scalar(value)) {
        gl_buf_puts(&mix->text, value->text);
        return true;
    }
    if (value->kind != GL_VALUE_UNKNOWN)
        return false;
    if (value->unknown != GL_UNKNOWN_MIXED) {
        add_unknown(mix, value);
        return true;
    }
    for (const struct gl_value *part = value->first; part; part = part->next) {
        if (part->kind == GL_VALUE_UNKNOWN)
            add_unknown(mix, part);
        else
            gl_buf_puts(&mix->text, part->text);
    }
    return true;
}

static struct gl_value *finish_parts(struct gl_mix *mix)
{
    flush_text(mix);
    struct gl_value *parts = mix->parts;
    if (parts->count == 1) {
        struct gl_value *only = gl_value_copy(mix->arena, parts->first);
        only->place = mix->like ? mix->like->place : only->place;
        return only;
    }
    gl_autobuf struct gl_buf text = {0};
    for (const struct gl_value *part = parts->first; part; part = part->next)
        gl_buf_puts(&text, part->text);
    parts->kind = GL_VALUE_UNKNOWN;
    parts->unknown = GL_UNKNOWN_MIXED;
    parts->text = gl_arena_strdup(mix->arena, gl_buf_text(&text));
    return parts;
}

struct gl_value *gl_mix_finish(struct gl_mix *mix)
{
    struct gl_value *result = mix->parts
                                  ? finish_parts(mix)
                                  : gl_value_text(mix->arena, gl_buf_text(&mix->text), mix->like);
    result->secret = mix->secret;
    mix->parts = NULL;
    gl_mix_done(mix);
    return result;
}

void gl_mix_done(struct gl_mix *mix)
{
    gl_buf_done(&mix->text);
}

/* ---- splitting ---------------------------------------------------------------------------------
 */

/* Attributes that are lists: joined or split, they are more than one piece. */
static const char *const list_attributes[] = {
    ".NameServers",    ".DnsEntries", ".NetworkInterfaceIds",         ".CidrBlockAssociations",
    ".Ipv6CidrBlocks", ".CidrBlocks", ".SecondaryPrivateIpAddresses",
};

/* True for ids, ARNs and names of resources, which hold no separator. */
static bool is_one_piece(const struct gl_value *part)
{
    const char *resource = part->unknown == GL_UNKNOWN_RESOURCE ? part->source
                           : part->unknown == GL_UNKNOWN_OUTPUT ? part->resource
                                                                : NULL;
    for (size_t i = 0; resource && i < GL_COUNT(list_attributes); i++) {
        if (gl_ends_with(resource, list_attributes[i]))
            return false;
    }
    return resource != NULL;
}

struct splitter {
    struct gl_value *list;
    struct gl_mix piece;
    const char *separator;
};

static void end_piece(struct splitter *splitter)
{
    gl_value_append(splitter->list, gl_mix_finish(&splitter->piece), NULL);
}

static void split_text(struct splitter *splitter, const char *text)
{
    const char *hit;
    while ((hit = strstr(text, splitter->separator))) {
        gl_mix_text(&splitter->piece, text, (size_t)(hit - text));
        end_piece(splitter);
        text = hit + strlen(splitter->separator);
    }
    gl_mix_text(&splitter->piece, text, strlen(text));
}

static bool split_part(struct splitter *splitter, const struct gl_value *part)
{
    if (part->kind != GL_VALUE_UNKNOWN) {
        split_text(splitter, part->text);
        return true;
    }
    return is_one_piece(part) && gl_mix_value(&splitter->piece, part);
}

struct gl_value *gl_mix_split(struct gl_arena *arena, const struct gl_value *value,
                              const char *separator)
{
    struct splitter splitter = {
        .list = gl_value_new(arena, GL_VALUE_LIST, value),
        .piece = {.arena = arena, .like = value, .secret = value->secret},
        .separator = separator,
    };
    bool good = *separator != '\0';
    if (value->kind != GL_VALUE_UNKNOWN)
        split_text(&splitter, value->text);
    else if (value->unknown != GL_UNKNOWN_MIXED)
        good = false; /* one unknown alone may be a list itself: an output, a live value */
    else
        for (const struct gl_value *part = value->first; part && good; part = part->next)
            good = split_part(&splitter, part);
    if (good)
        end_piece(&splitter);
    gl_mix_done(&splitter.piece);
    return good ? splitter.list : NULL;
}
