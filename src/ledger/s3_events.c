/* Events as objects: finding the last one, reading one or many. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aws/page.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "ledger/object.h"
#include "ledger/s3_store.h"

enum {
    SEQ_DIGITS = 20,
};

static const char prefix[] = "events/";
static const char suffix[] = ".json";

/* ---- keys ------------------------------------------------------------------------------------ */

char *gl_s3_event_key(int64_t seq)
{
    return gl_asprintf("%s%0*" PRId64 "%s", prefix, SEQ_DIGITS, seq, suffix);
}

/* False for an object that golive never put there. */
static bool seq_of(const char *key, int64_t *ret_seq)
{
    const char *digits = key + strlen(prefix);
    if (!gl_starts_with(key, prefix) || strspn(digits, "0123456789") != SEQ_DIGITS ||
        strcmp(digits + SEQ_DIGITS, suffix) != 0)
        return false;
    *ret_seq = strtoll(digits, NULL, 10);
    return true;
}

/* ---- listing --------------------------------------------------------------------------------- */

/* Numbers of the events that are there. */
struct listing {
    int64_t first; /* smaller ones are none of it */
    int64_t *seqs; /* NULL = only the last one is wanted */
    size_t count;
    size_t limit;
    int64_t least; /* first and last number that was seen; 0 = none */
    int64_t last;
};

static bool see_page(const json_t *page, void *context)
{
    struct listing *listing = context;
    size_t index;
    json_t *object;
    json_array_foreach(json_object_get(page, "Contents"), index, object)
    {
        int64_t seq = 0;
        if (!seq_of(gl_json_str(object, "Key", ""), &seq) || seq < listing->first)
            continue;
        listing->least = listing->least ? listing->least : seq;
        listing->last = seq;
        if (listing->seqs && listing->count < listing->limit)
            listing->seqs[listing->count++] = seq;
    }
    return !listing->seqs || listing->count < listing->limit;
}

static int list(struct gl_s3_store *store, struct listing *listing, struct gl_error *err)
{
    gl_autojson json_t *params = gl_s3_params(store, NULL);
    gl_json_set_str(params, "Prefix", prefix);
    if (listing->first > 1) {
        gl_autofree char *start = gl_s3_event_key(listing->first - 1);
        gl_json_set_str(params, "StartAfter", start);
    }
    struct gl_aws_request request = gl_s3_request(&store->events, "ListObjectsV2", params);
    return gl_aws_each_page(store->events.client, &request, see_page, listing, err);
}

/* ---- one event ------------------------------------------------------------------------------- */

void gl_s3_move_head(struct gl_s3_store *store, int64_t seq, const char *hash)
{
    if (seq < store->head.seq)
        return;
    char *copy = gl_strdup(hash);
    free(store->head.hash);
    store->head = (struct gl_s3_head){.seq = seq, .hash = copy};
}

static struct gl_aws_pending *start_get(struct gl_s3_store *store, int64_t seq)
{
    gl_autofree char *key = gl_s3_event_key(seq);
    gl_autojson json_t *params = gl_s3_params(store, key);
    struct gl_aws_request request = gl_s3_request(&store->events, "GetObject", params);
    request.limit_bytes = GL_S3_EVENT_BYTES;
    return gl_aws_start(store->events.client, &request);
}

/* 1 = read (NULL-safe ret_writer: the attempt that appended it, caller owns), 0 = it is not there.
 */
static int finish_get(struct gl_s3_store *store, struct gl_aws_pending **pending, int64_t seq,
                      struct gl_event *ret_event, char **ret_writer, struct gl_error *err)
{
    gl_autoanswer struct gl_aws_answer answer = {0};
    int result = gl_aws_finish(pending, &answer, err);
    if (result < 0 && gl_aws_failure_is(&answer.failure, "NoSuchKey")) {
        gl_error_done(err);
        return 0;
    }
    if (result < 0)
        return result;
    result = gl_event_object_read(gl_buf_text(&answer.body), answer.body.len, seq, ret_event, err);
    if (result < 0)
        return result;
    gl_s3_note_time(store, answer.server_unix_ms);
    if (ret_writer)
        *ret_writer =
            gl_strdup(gl_json_str(json_object_get(answer.result, "Metadata"), "writer", ""));
    return 1;
}

int gl_s3_visit_head(struct gl_s3_store *store, int64_t seq, char **ret_writer,
                     struct gl_error *err)
{
    gl_autoevent struct gl_event event = {0};
    struct gl_aws_pending *pending = start_get(store, seq);
    int found = finish_get(store, &pending, seq, &event, ret_writer, err);
    if (found > 0)
        gl_s3_move_head(store, seq, event.hash);
    return found;
}

/* ---- the last event -------------------------------------------------------------------------- */

/* Somebody deleted what this machine has read. */
static int vanished(const struct gl_s3_store *store, struct gl_error *err)
{
    gl_fail(err, GL_E_CORRUPT,
            _("event %" PRId64 ", which this machine has read before, is no longer in s3://%s"),
            store->head.seq, store->bucket);
    return gl_s3_suggest_verify(err);
}

int gl_s3_find_head(struct gl_s3_store *store, struct gl_error *err)
{
    struct listing listing = {.last = store->head.seq};
    listing.first = store->head.copied ? store->head.seq : store->head.seq + 1;
    int result = list(store, &listing, err);
    if (result == 0 && store->head.copied && listing.least != store->head.seq)
        return vanished(store, err);
    if (result == 0)
        store->head.copied = false;
    if (result == 0 && listing.last > store->head.seq)
        gl_s3_move_head(store, listing.last, NULL);
    return result;
}

int gl_s3_head(void *backend, int64_t *ret_seq, struct gl_error *err)
{
    struct gl_s3_store *store = backend;
    gl_autoline struct gl_s3_line *line = gl_s3_lock(&store->events);
    int result = gl_s3_find_head(store, err);
    if (result == 0)
        *ret_seq = store->head.seq;
    return result;
}

/* ---- read ------------------------------------------------------------------------------------ */

/* Gets on their way. */
struct gets {
    struct gl_aws_pending **pending;
    size_t count;
};

static void gets_done(struct gets *gets)
{
    for (size_t i = 0; i < gets->count; i++)
        gl_aws_pending_free(&gets->pending[i]);
    free(gets->pending);
}

static int get_all(struct gl_s3_store *store, const struct listing *listing,
                   struct gl_event *ret_events, size_t *ret_count, struct gl_error *err)
{
    gl_cleanup(gets_done) struct gets gets = {
        .pending = gl_alloc((listing->count + 1) * sizeof(struct gl_aws_pending *)),
    };
    int result = 0;
    for (; gets.count < listing->count; gets.count++)
        gets.pending[gets.count] = start_get(store, listing->seqs[gets.count]);
    for (size_t i = 0; result >= 0 && i < listing->count; i++) {
        struct gl_event event = {0};
        result = finish_get(store, &gets.pending[i], listing->seqs[i], &event, NULL, err);
        if (result > 0)
            ret_events[(*ret_count)++] = event;
    }
    return result < 0 ? result : 0;
}

int gl_s3_fetch(struct gl_s3_store *store, int64_t first, size_t limit, struct gl_event *ret_events,
                size_t *ret_count, struct gl_error *err)
{
    gl_autofree int64_t *seqs = gl_alloc(limit * sizeof(int64_t));
    struct listing listing = {.first = first, .seqs = seqs, .limit = limit};
    size_t count = 0;
    int result = list(store, &listing, err);
    if (result == 0)
        result = get_all(store, &listing, ret_events, &count, err);
    if (result < 0) {
        while (count)
            gl_event_done(&ret_events[--count]);
        return result;
    }
    if (count)
        gl_s3_move_head(store, ret_events[count - 1].seq, ret_events[count - 1].hash);
    *ret_count = count;
    return 0;
}

int gl_s3_read(void *backend, int64_t first, size_t limit, struct gl_event *ret_events,
               size_t *ret_count, struct gl_error *err)
{
    struct gl_s3_store *store = backend;
    gl_autoline struct gl_s3_line *line = gl_s3_lock(&store->events);
    int result = store->copy && !store->past_copy
                     ? gl_s3_copy_read(store, first, limit, ret_events, ret_count, err)
                     : 0;
    if (result != 0)
        return result < 0 ? result : 0;
    return gl_s3_fetch(store, first, limit, ret_events, ret_count, err);
}
