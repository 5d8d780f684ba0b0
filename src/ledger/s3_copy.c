/* The copy: events that were read once need not be fetched again, and nobody can exchange them
 * without being noticed. */
#include <inttypes.h>

#include "base/i18n.h"
#include "base/log.h"
#include "ledger/s3_store.h"
#include "ledger/sqlite.h"

enum {
    BATCH_EVENTS = 256,
    BUSY_TIMEOUT_MS = 2000, /* for another golive of this machine; then S3 is asked */
};

/* Events fetched at once. */
struct batch {
    struct gl_event events[BATCH_EVENTS];
    size_t count;
};

static void batch_done(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        gl_event_done(&batch->events[i]);
}

/* Without a copy everything works, only slower. */
static void give_up(struct gl_s3_store *store, const struct gl_error *problem)
{
    gl_log(GL_LOG_WARN, "the local copy of the ledger cannot be used: %s", problem->message);
    gl_ledger_free(&store->copy);
}

/* The last event of the copy; its hash is what the next one must follow. */
static int start_from_copy(struct gl_s3_store *store, struct gl_error *err)
{
    struct gl_ledger *copy = store->copy;
    gl_autoevent struct gl_event last = {0};
    int64_t seq = 0;
    size_t count = 0;
    int result = copy->ops->head(copy->backend, &seq, err);
    if (result == 0 && seq)
        result = copy->ops->read(copy->backend, seq, 1, &last, &count, err);
    if (result < 0 || !count)
        return result;
    store->head = (struct gl_s3_head){.seq = seq, .hash = gl_steal(&last.hash), .copied = true};
    return 0;
}

void gl_s3_copy_open(struct gl_s3_store *store, const char *path)
{
    gl_autoerr struct gl_error problem = {0};
    int result = gl_ledger_sqlite_open(path, BUSY_TIMEOUT_MS, &store->copy, &problem);
    if (result == 0)
        result = start_from_copy(store, &problem);
    if (result < 0)
        give_up(store, &problem);
}

/* 1 = there is more to come, 0 = the copy has all, negative as gl_ledger_sqlite_adopt(). */
static int copy_batch(struct gl_s3_store *store, struct gl_error *err)
{
    gl_cleanup(batch_done) struct batch batch = {.count = 0};
    void *copy = store->copy->backend;
    int64_t have = 0;
    int result = store->copy->ops->head(copy, &have, err);
    if (result < 0 || have >= store->head.seq)
        return result;
    result = gl_s3_fetch(store, have + 1, BATCH_EVENTS, batch.events, &batch.count, err);
    if (result == 0 && !batch.count)
        result = gl_fail(err, GL_E_CORRUPT, _("event %" PRId64 " is missing"), have + 1);
    if (result == 0)
        result = gl_ledger_sqlite_adopt(copy, batch.events, batch.count, err);
    return result < 0 ? result : 1;
}

int gl_s3_suggest_verify(struct gl_error *err)
{
    return gl_error_hint(err, _("golive log verify --env ENV says more. S3 keeps deleted and "
                                "changed events as older versions of their objects."));
}

/* Copies what is missing up to the head. GL_E_CORRUPT if the bucket does not continue what the copy
 * has. */
static int update(struct gl_s3_store *store, struct gl_error *err)
{
    int result = 1;
    while (result > 0)
        result = copy_batch(store, err);
    return result == GL_E_CORRUPT ? gl_s3_suggest_verify(err) : result;
}

/* Whether the file fails, and not what is in the bucket: it is full, broken, or another process
 * does not let go of it. */
static bool is_of_the_file(int result)
{
    static const int codes[] = {GL_E_DATABASE, GL_E_IO, GL_E_BUSY};
    for (size_t i = 0; i < GL_COUNT(codes); i++) {
        if (result == codes[i])
            return true;
    }
    return false;
}

int gl_s3_copy_read(struct gl_s3_store *store, int64_t first, size_t limit,
                    struct gl_event *ret_events, size_t *ret_count, struct gl_error *err)
{
    gl_autoerr struct gl_error problem = {0};
    int result = update(store, &problem);
    if (result < 0 && !is_of_the_file(result)) {
        gl_error_move(err, &problem);
        return result;
    }
    if (result == 0)
        result = store->copy->ops->read(store->copy->backend, first, limit, ret_events, ret_count,
                                        &problem);
    if (result == 0)
        return 1;
    give_up(store, &problem);
    return 0;
}
