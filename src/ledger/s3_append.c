/* Appending an event as an object: put if the number is free, read back when it is not known. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "ledger/event.h"
#include "ledger/object.h"
#include "ledger/s3_store.h"

enum {
    PATIENCE_MS = 60000, /* for which others may be faster */
    WRITER_BYTES = 16,
};

/* Finds out the hash to build on. What this process saw last will do: if it is not the last any
 * more, the append is refused. */
static int need_head(struct gl_s3_store *store, struct gl_error *err)
{
    if (store->head.hash && !store->head.copied)
        return 0;
    int result = gl_s3_find_head(store, err);
    if (result < 0 || store->head.hash)
        return result;
    if (!store->head.seq) {
        gl_s3_move_head(store, 0, "");
        return 0;
    }
    int found = gl_s3_visit_head(store, store->head.seq, NULL, err);
    if (found == 0)
        return gl_fail(err, GL_E_CORRUPT, _("event %" PRId64 " is listed, but it is not there"),
                       store->head.seq);
    return found < 0 ? found : 0;
}

/* The lock ends by the store's clock, as far as it is known: ours may be years off. */
static void add_retention(const struct gl_s3_store *store, json_t *params)
{
    static const int64_t day_ms = 86400000;
    if (!store->retention_days)
        return;
    int64_t now_ms = store->store_unix_ms ? store->store_unix_ms : gl_now_unix_ms();
    gl_autofree char *until = gl_format_rfc3339(now_ms + store->retention_days * day_ms);
    const char *text = gl_json_str(params, "Body", "");
    gl_autofree char *md5 = gl_md5_base64(text, strlen(text)); /* S3 wants it with a lock */
    gl_json_set_str(params, "ContentMD5", md5);
    gl_json_set_str(params, "ObjectLockMode", "GOVERNANCE");
    gl_json_set_str(params, "ObjectLockRetainUntilDate", until);
}

static json_t *put_params(const struct gl_s3_store *store, const struct gl_event *event,
                          const char *text, const char *writer)
{
    gl_autofree char *key = gl_s3_event_key(event->seq);
    json_t *params = gl_s3_params(store, key);
    json_t *metadata = json_object();
    gl_json_set_str(metadata, "writer", writer);
    json_object_set_new(params, "Metadata", metadata);
    gl_json_set_str(params, "IfNoneMatch", "*");
    gl_json_set_str(params, "ContentType", "application/json");
    gl_json_set_str(params, "Body", text);
    add_retention(store, params);
    return params;
}

/* What a put came to whose answer said no, or never came: 1 = the event there is ours, 0 = it is
 * somebody else's, else `problem`. */
static int read_back(struct gl_s3_store *store, int64_t seq, const char *own_writer, bool refused,
                     struct gl_error *problem, struct gl_error *err)
{
    gl_autofree char *writer = NULL;
    int found = gl_s3_visit_head(store, seq, &writer, NULL);
    if (found > 0)
        return strcmp(writer, own_writer) == 0;
    if (found == 0 && refused)
        return gl_fail(err, GL_E_CORRUPT,
                       _("the store refuses event %" PRId64 ", but has none: it was deleted"), seq);
    int code = problem->code;
    gl_error_move(err, problem);
    return code;
}

/* 1 = stored, 0 = somebody else was faster. */
static int put_event(struct gl_s3_store *store, const struct gl_event *event, struct gl_error *err)
{
    gl_autofree char *text = gl_event_object(event);
    gl_autofree char *writer = gl_random_hex(WRITER_BYTES);
    if (strlen(text) > GL_S3_EVENT_BYTES)
        return gl_fail(err, GL_E_USAGE, _("an event has at most %d bytes, this one has %zu"),
                       (int)GL_S3_EVENT_BYTES, strlen(text));
    gl_autojson json_t *params = put_params(store, event, text, writer);
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_autoerr struct gl_error problem = {0};
    int result = gl_s3_call(&store->events, "PutObject", params, &answer, &problem);
    if (result == 0) {
        gl_s3_note_time(store, answer.server_unix_ms);
        gl_s3_move_head(store, event->seq, event->hash);
        return 1;
    }
    if (gl_s3_refused(&answer) || answer.failure.uncertain)
        return read_back(store, event->seq, writer, gl_s3_refused(&answer), &problem, err);
    gl_error_move(err, &problem);
    return result;
}

static void follow_head(const struct gl_s3_store *store, struct gl_event *event)
{
    event->seq = store->head.seq + 1;
    free(event->prev);
    event->prev = gl_strdup(store->head.hash);
    gl_event_seal(event);
}

int gl_s3_append(void *backend, struct gl_event *event, struct gl_error *err)
{
    struct gl_s3_store *store = backend;
    gl_autoline struct gl_s3_line *line = gl_s3_lock(&store->events);
    int64_t until_ms = gl_mono_ms() + PATIENCE_MS;
    int result = need_head(store, err);
    if (result < 0)
        return result;
    for (result = 0; result == 0 && gl_mono_ms() < until_ms;) {
        follow_head(store, event);
        result = put_event(store, event, err);
    }
    if (result == 0)
        return gl_fail(err, GL_E_BUSY, _("others write to the ledger without a pause"));
    return result < 0 ? result : 0;
}
