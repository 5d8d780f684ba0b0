/* The ledger in a bucket: opening it, and what its parts share. */
#include "ledger/s3.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "ledger/s3_store.h"

enum {
    EVENT_TIMEOUT_MS = 60000,
    LEASE_TIMEOUT_MS = 8000, /* less than a third of a lease's usual 30 s: it is tried again */
};

void gl_s3_unlock(struct gl_s3_line **line)
{
    pthread_mutex_unlock(&(*line)->lock);
}

struct gl_s3_line *gl_s3_lock(struct gl_s3_line *line)
{
    pthread_mutex_lock(&line->lock);
    return line;
}

json_t *gl_s3_params(const struct gl_s3_store *store, const char *key)
{
    json_t *params = json_object();
    gl_json_set_str(params, "Bucket", store->bucket);
    gl_json_set_str(params, "ExpectedBucketOwner", store->owner);
    gl_json_set_str(params, "Key", key);
    return params;
}

struct gl_aws_request gl_s3_request(const struct gl_s3_line *line, const char *operation,
                                    const json_t *params)
{
    return (struct gl_aws_request){
        .service = "s3",
        .operation = operation,
        .params = params,
        .timeout_ms = line->timeout_ms,
    };
}

int gl_s3_call(struct gl_s3_line *line, const char *operation, const json_t *params,
               struct gl_aws_answer *answer, struct gl_error *err)
{
    struct gl_aws_request request = gl_s3_request(line, operation, params);
    return gl_aws_call(line->client, &request, answer, err);
}

bool gl_s3_refused(const struct gl_aws_answer *answer)
{
    return answer->failure.http_status == 412;
}

/* ---- the store's clock ----------------------------------------------------------------------- */

void gl_s3_note_time(struct gl_s3_store *store, int64_t unix_ms)
{
    if (!unix_ms)
        return;
    store->store_unix_ms = unix_ms;
    store->told_boot_ms = gl_boot_ms();
}

int64_t gl_s3_unix_ms(void *backend)
{
    struct gl_s3_store *store = backend;
    gl_autoline struct gl_s3_line *line = gl_s3_lock(&store->events);
    return store->store_unix_ms ? store->store_unix_ms + gl_boot_ms() - store->told_boot_ms : 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void line_init(struct gl_s3_line *line, int64_t timeout_ms)
{
    pthread_mutex_init(&line->lock, NULL);
    line->timeout_ms = timeout_ms;
}

static void line_done(struct gl_s3_line *line)
{
    gl_aws_client_free(&line->client);
    pthread_mutex_destroy(&line->lock);
}

static void store_free(void *backend)
{
    struct gl_s3_store *store = backend;
    line_done(&store->events);
    line_done(&store->leases);
    gl_ledger_free(&store->copy);
    free(store->head.hash);
    free(store->version.name);
    free(store->version.token);
    free(store->version.etag);
    free(store->bucket);
    free(store->owner);
    free(store);
}

static void drop_store(struct gl_s3_store **store)
{
    if (*store)
        store_free(*store);
}

static const struct gl_ledger_ops s3_ops = {
    .head = gl_s3_head,
    .append = gl_s3_append,
    .read = gl_s3_read,
    .lease_get = gl_s3_lease_get,
    .lease_swap = gl_s3_lease_swap,
    .audit = gl_s3_audit,
    .unix_ms = gl_s3_unix_ms,
    .free = store_free,
    .shared = true,
    .changed_hint = N_("Somebody with rights on the ledger's bucket changed it. S3 keeps what was "
                       "there before as older versions of the same object, and the audit trail "
                       "says who wrote: compare them."),
    .cut_hint = N_("S3 keeps deleted events as older versions of their objects in the ledger's "
                   "bucket, and the audit trail says who deleted them."),
};

static struct gl_s3_store *store_new(const struct gl_ledger_s3_options *options)
{
    struct gl_s3_store *store = gl_alloc(sizeof *store);
    store->bucket = gl_strdup(options->bucket);
    store->owner = gl_strdup(options->owner);
    store->retention_days = options->retention_days;
    line_init(&store->events, EVENT_TIMEOUT_MS);
    line_init(&store->leases, LEASE_TIMEOUT_MS);
    return store;
}

static int find_bucket(struct gl_s3_store *store, struct gl_error *err)
{
    gl_autojson json_t *params = gl_s3_params(store, NULL);
    gl_autoanswer struct gl_aws_answer answer = {0};
    int result = gl_s3_call(&store->events, "HeadBucket", params, &answer, err);
    if (result == GL_E_NOT_FOUND)
        return gl_fail(err, result, _("there is no bucket %s for the ledger"), store->bucket);
    gl_s3_note_time(store, answer.server_unix_ms);
    return result;
}

int gl_ledger_open_s3(const struct gl_ledger_s3_options *options, struct gl_ledger **ret_ledger,
                      struct gl_error *err)
{
    gl_cleanup(drop_store) struct gl_s3_store *store = store_new(options);
    int result = options->new_client(options->context, &store->events.client, err);
    if (result == 0)
        result = options->new_client(options->context, &store->leases.client, err);
    if (result == 0)
        result = find_bucket(store, err);
    if (result < 0)
        return gl_error_wrap(err, _("cannot open the ledger"));
    if (options->copy_path)
        gl_s3_copy_open(store, options->copy_path);
    *ret_ledger = gl_ledger_new(&s3_ops, gl_steal(&store));
    return 0;
}
