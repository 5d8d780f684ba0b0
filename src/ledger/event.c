/* One event: canonical JSON, hash, masking of secrets, and what it must be to follow another. */
#include "ledger/event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"

void gl_event_done(struct gl_event *event)
{
    free(event->actor);
    free(event->kind);
    free(event->env);
    json_decref(event->data);
    free(event->prev);
    free(event->hash);
    *event = (struct gl_event){0};
}

json_t *gl_event_json(const struct gl_event *event)
{
    json_t *all = json_object();
    gl_json_set_int(all, "seq", event->seq);
    gl_json_set_int(all, "time", event->time_unix_ms);
    gl_json_set_str(all, "actor", event->actor);
    gl_json_set_str(all, "kind", event->kind);
    gl_json_set_str(all, "env", event->env);
    gl_json_set_int(all, "release", event->release);
    json_object_set(all, "data", event->data);
    gl_json_set_str(all, "prev", event->prev);
    return all;
}

void gl_event_hash(const struct gl_event *event, char ret_hex[GL_SHA256_HEX_SIZE])
{
    gl_autojson json_t *all = gl_event_json(event);
    gl_autofree char *text = gl_json_canonical(all);
    gl_sha256_hex(text, strlen(text), ret_hex);
}

void gl_event_seal(struct gl_event *event)
{
    char hex[GL_SHA256_HEX_SIZE];
    gl_event_hash(event, hex);
    free(event->hash);
    event->hash = gl_strdup(hex);
}

/* The masked form of a string, or NULL if it holds no secret. Containers are put into `pending`, a
 * list instead of recursion, because data may nest as deep as its maker likes. */
static json_t *masked_value(json_t *value, json_t *pending)
{
    if (json_is_object(value) || json_is_array(value))
        json_array_append(pending, value);
    if (!json_is_string(value))
        return NULL;
    gl_autofree char *masked = gl_redact(json_string_value(value));
    return strcmp(masked, json_string_value(value)) != 0 ? json_string(masked) : NULL;
}

static void mask_array(json_t *array, json_t *pending)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *masked = masked_value(json_array_get(array, i), pending);
        if (masked)
            json_array_set_new(array, i, masked);
    }
}

/* Rebuilds the object, because a member's name can be a secret too. */
static void mask_object(json_t *object, json_t *pending)
{
    gl_autojson json_t *members = json_copy(object);
    json_object_clear(object);
    const char *name;
    json_t *value;
    json_object_foreach(members, name, value)
    {
        gl_autofree char *masked_name = gl_redact(name);
        json_t *masked = masked_value(value, pending);
        json_object_set_new(object, masked_name, masked ? masked : json_incref(value));
    }
}

static void mask_secrets(json_t *root)
{
    gl_autojson json_t *pending = json_pack("[O]", root);
    for (size_t count; (count = json_array_size(pending)) > 0;) {
        gl_autojson json_t *container = json_incref(json_array_get(pending, count - 1));
        json_array_remove(pending, count - 1);
        if (json_is_object(container))
            mask_object(container, pending);
        else
            mask_array(container, pending);
    }
}

int gl_event_data(const json_t *data, json_t **ret_copy, struct gl_error *err)
{
    gl_autojson json_t *copy = data ? json_deep_copy(data) : json_object();
    if (!json_is_object(copy))
        return gl_fail(err, GL_E_USAGE, _("the data of an event must be a JSON object"));
    mask_secrets(copy);
    *ret_copy = gl_steal(&copy);
    return 0;
}

/* `text` has 64 characters in every ledger golive wrote; a damaged one may hold anything. */
static int short_len(const char *hash)
{
    size_t len = strlen(hash);
    return len < 12 ? (int)len : 12;
}

int gl_event_check(const struct gl_event *event, int64_t last_seq, const char *last_hash,
                   struct gl_error *err)
{
    if (event->seq <= last_seq)
        return gl_fail(err, GL_E_CORRUPT,
                       _("event %" PRId64 " stands after event %" PRId64 ": it was inserted"),
                       event->seq, last_seq);
    if (event->seq != last_seq + 1)
        return gl_fail(err, GL_E_CORRUPT,
                       _("event %" PRId64 " is missing: event %" PRId64 " follows event %" PRId64),
                       last_seq + 1, event->seq, last_seq);
    char hex[GL_SHA256_HEX_SIZE];
    gl_event_hash(event, hex);
    if (strcmp(hex, event->hash) != 0)
        return gl_fail(err, GL_E_CORRUPT,
                       _("event %" PRId64 " (%s): its content gives the hash %.12s.., recorded is "
                         "%.*s..: a field or the hash was changed"),
                       event->seq, event->kind, hex, short_len(event->hash), event->hash);
    if (strcmp(event->prev, last_hash) != 0)
        return gl_fail(err, GL_E_CORRUPT,
                       _("event %" PRId64 " (%s): it follows the hash \"%.*s\", but event %" PRId64
                         " has \"%.*s\": an event before it was exchanged"),
                       event->seq, event->kind, short_len(event->prev), event->prev, last_seq,
                       short_len(last_hash), last_hash);
    return 0;
}
