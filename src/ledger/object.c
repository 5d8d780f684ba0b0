/* Events and leases as the text of objects. */
#include "ledger/object.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "ledger/event.h"

/* ---- members --------------------------------------------------------------------------------- */

static int no_member(const char *name, const char *what, struct gl_error *err)
{
    return gl_fail(err, GL_E_CORRUPT, _("its %s is missing or no %s"), name, what);
}

static int take_text(const json_t *object, const char *name, char **ret_text, struct gl_error *err)
{
    const char *text = gl_json_str(object, name, NULL);
    if (!text)
        return no_member(name, _("plain text"), err);
    *ret_text = gl_strdup(text);
    return 0;
}

static int take_int(const json_t *object, const char *name, int64_t *ret_value,
                    struct gl_error *err)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value))
        return no_member(name, _("integer"), err);
    *ret_value = json_integer_value(value);
    return 0;
}

/* Another form of the same value, or another member, was not written by golive. */
static int parse_exactly(const char *text, size_t len, size_t members, json_t **ret_json,
                         struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    int result = gl_json_parse(text, len, _("its content"), &json, err);
    if (result < 0) {
        gl_error_at(err, NULL, 0, 0);
        return gl_fail(err, GL_E_CORRUPT, _("it is no JSON"));
    }
    gl_autofree char *canonical = gl_json_canonical(json);
    if (!json_is_object(json) || json_object_size(json) != members || !canonical ||
        strlen(canonical) != len || memcmp(canonical, text, len) != 0)
        return gl_fail(err, GL_E_CORRUPT, _("it is not as golive writes it"));
    *ret_json = gl_steal(&json);
    return 0;
}

/* ---- events ---------------------------------------------------------------------------------- */

enum { EVENT_MEMBERS = 9 };

char *gl_event_object(const struct gl_event *event)
{
    gl_autojson json_t *all = gl_event_json(event);
    gl_json_set_str(all, "hash", event->hash);
    return gl_json_canonical(all);
}

static int take_event(const json_t *json, struct gl_event *event, struct gl_error *err)
{
    int result = take_int(json, "seq", &event->seq, err);
    if (result == 0)
        result = take_int(json, "time", &event->time_unix_ms, err);
    if (result == 0)
        result = take_int(json, "release", &event->release, err);
    if (result == 0)
        result = take_text(json, "actor", &event->actor, err);
    if (result == 0)
        result = take_text(json, "kind", &event->kind, err);
    if (result == 0)
        result = take_text(json, "env", &event->env, err);
    if (result == 0)
        result = take_text(json, "prev", &event->prev, err);
    if (result == 0)
        result = take_text(json, "hash", &event->hash, err);
    event->data = json_incref(json_object_get(json, "data"));
    if (result == 0 && !json_is_object(event->data))
        result = no_member("data", _("object"), err);
    return result;
}

int gl_event_object_read(const char *text, size_t len, int64_t seq, struct gl_event *ret_event,
                         struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    gl_autoevent struct gl_event event = {0};
    int result = parse_exactly(text, len, EVENT_MEMBERS, &json, err);
    if (result == 0)
        result = take_event(json, &event, err);
    if (result == 0 && event.seq != seq)
        result = gl_fail(err, GL_E_CORRUPT, _("it calls itself event %" PRId64), event.seq);
    if (result < 0)
        return gl_error_wrap(err, _("event %" PRId64 " was changed"), seq);
    *ret_event = event;
    event = (struct gl_event){0};
    return 0;
}

/* ---- leases ---------------------------------------------------------------------------------- */

/* None of them is negative, and none so large that a time added to it could overflow. */
static int take_number(const json_t *object, const char *name, int64_t *ret_value,
                       struct gl_error *err)
{
    int64_t value = 0;
    int result = take_int(object, name, &value, err);
    if (result == 0 && (value < 0 || value > (int64_t)1 << 53))
        return no_member(name, _("number from 0 to 2^53"), err);
    *ret_value = value;
    return result;
}

char *gl_lease_object(const struct gl_lease_record *record)
{
    gl_autojson json_t *all = json_object();
    struct gl_lease_record read = *record; /* borrows the texts */
    for (size_t i = 0; i < GL_LEASE_TEXTS; i++)
        gl_json_set_str(all, gl_lease_texts[i].name, *gl_lease_text(&read, i));
    for (size_t i = 0; i < GL_LEASE_NUMBERS; i++)
        gl_json_set_int(all, gl_lease_numbers[i].name, *gl_lease_number(&read, i));
    return gl_json_canonical(all);
}

int gl_lease_object_read(const char *text, size_t len, struct gl_lease_record *ret_record,
                         struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    gl_autoleaserecord struct gl_lease_record record = {0};
    int result = parse_exactly(text, len, GL_LEASE_TEXTS + GL_LEASE_NUMBERS, &json, err);
    for (size_t i = 0; result == 0 && i < GL_LEASE_TEXTS; i++)
        result = take_text(json, gl_lease_texts[i].name, gl_lease_text(&record, i), err);
    for (size_t i = 0; result == 0 && i < GL_LEASE_NUMBERS; i++)
        result = take_number(json, gl_lease_numbers[i].name, gl_lease_number(&record, i), err);
    if (result < 0)
        return result;
    *ret_record = record;
    record = (struct gl_lease_record){0};
    return 0;
}
