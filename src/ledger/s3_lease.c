/* Leases as objects: replaced if nobody else has, read back when it is not known. One that was
 * given back stays as an object that says so. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "ledger/lease_record.h"
#include "ledger/object.h"
#include "ledger/s3_store.h"

enum {
    AGE_DOUBT_MS = 2000, /* two times cut to seconds, of perhaps two servers */
    LIMIT_BYTES = 65536,
    TRIES = 4,
};

/* What a lease holds that nobody holds, and the token by which its version is known. */
static const char free_text[] = "{\"free\":true}";
static const char free_token[] = "";

/* A lease as it is in the bucket. */
struct seen {
    struct gl_lease_record record;
    char *text;
    char *etag;
};

static void seen_done(struct seen *seen)
{
    gl_lease_record_done(&seen->record);
    free(seen->text);
    free(seen->etag);
    *seen = (struct seen){0};
}

#define gl_autoseen gl_cleanup(seen_done)

static char *key_of(const char *name)
{
    return gl_asprintf("leases/%s.json", name);
}

/* ---- versions -------------------------------------------------------------------------------- */

static void note_version(struct gl_s3_store *store, const char *name, const char *token,
                         const char *etag)
{
    struct gl_s3_version new = {gl_strdup(name), gl_strdup(token), gl_strdup(etag)};
    free(store->version.name);
    free(store->version.token);
    free(store->version.etag);
    store->version = new;
}

/* The version in which the lease last had this token; NULL if it is not known. */
static const char *known_version(const struct gl_s3_store *store, const char *name,
                                 const char *token)
{
    const struct gl_s3_version *known = &store->version;
    bool fits = known->etag && strcmp(known->name, name) == 0 && strcmp(known->token, token) == 0;
    return fits ? known->etag : NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The time since it was written, at most, by the store's clock. */
static int age_of(const struct gl_aws_answer *answer, int64_t *ret_age_ms, struct gl_error *err)
{
    const char *modified = gl_json_str(answer->result, "LastModified", "");
    time_t written = curl_getdate(modified, NULL);
    if (written < 0 || !answer->server_unix_ms)
        return gl_fail(err, GL_E_NET, _("the store does not say what time it is"));
    int64_t age_ms = answer->server_unix_ms - (int64_t)written * 1000 - AGE_DOUBT_MS;
    *ret_age_ms = age_ms > 0 ? age_ms : 1;
    return 0;
}

/* 1 = held, 0 = it was given back. */
static int take_answer(struct gl_aws_answer *answer, struct seen *seen, struct gl_error *err)
{
    size_t len = answer->body.len;
    seen->text = gl_buf_steal(&answer->body);
    seen->etag = gl_strdup(gl_json_str(answer->result, "ETag", ""));
    if (strcmp(seen->text, free_text) == 0)
        return 0;
    int result = gl_lease_object_read(seen->text, len, &seen->record, err);
    if (result == 0)
        result = age_of(answer, &seen->record.store_age_ms, err);
    return result < 0 ? result : 1;
}

/* 1 = found, 0 = nobody holds it. */
static int look(struct gl_s3_store *store, const char *name, struct seen *ret_seen,
                struct gl_error *err)
{
    gl_autofree char *key = key_of(name);
    gl_autojson json_t *params = gl_s3_params(store, key);
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_autoseen struct seen seen = {0};
    struct gl_aws_request request = gl_s3_request(&store->leases, "GetObject", params);
    request.limit_bytes = LIMIT_BYTES;
    int result = gl_aws_call(store->leases.client, &request, &answer, err);
    if (result < 0 && gl_aws_failure_is(&answer.failure, "NoSuchKey")) {
        gl_error_done(err);
        note_version(store, NULL, NULL, NULL);
        return 0;
    }
    if (result < 0)
        return result;
    int held = take_answer(&answer, &seen, err);
    if (held < 0)
        return gl_error_wrap(err, "s3://%s/%s", store->bucket, key);
    note_version(store, name, held ? seen.record.token : free_token, seen.etag);
    *ret_seen = seen;
    seen = (struct seen){0};
    return held;
}

int gl_s3_lease_get(void *backend, const char *name, struct gl_lease_record *ret_record,
                    struct gl_error *err)
{
    struct gl_s3_store *store = backend;
    gl_autoline struct gl_s3_line *line = gl_s3_lock(&store->leases);
    gl_autoseen struct seen seen = {0};
    int found = look(store, name, &seen, err);
    if (found <= 0)
        return found;
    *ret_record = seen.record;
    seen.record = (struct gl_lease_record){0};
    return 1;
}

/* ---- swapping -------------------------------------------------------------------------------- */

/* One exchange of a lease. */
struct swap {
    const char *name;
    const struct gl_lease_record *old;    /* NULL = there must be none */
    const struct gl_lease_record *record; /* NULL = give it back */
    char *text;                           /* what the object will hold */
};

static void swap_done(struct swap *swap)
{
    free(swap->text);
}

/* 1 = `ret_etag` is the version to replace (NULL = there must be no object), 0 = the token is
 * another, or what is to be taken over was renewed meanwhile. */
static int version_to_replace(struct gl_s3_store *store, const struct swap *swap, char **ret_etag,
                              struct gl_error *err)
{
    gl_autoseen struct seen seen = {0};
    const struct gl_lease_record *old = swap->old;
    const char *token = old ? old->token : free_token;
    bool takeover = gl_lease_record_is_takeover(old, swap->record);
    if (takeover || (old && !known_version(store, swap->name, token))) {
        int found = look(store, swap->name, &seen, err);
        if (found < 0)
            return found;
    }
    if (takeover && seen.record.expires_boot_ms != old->expires_boot_ms)
        return 0;
    *ret_etag = gl_strdup(known_version(store, swap->name, token));
    return *ret_etag || !old;
}

static int write_lease(struct gl_s3_store *store, const struct swap *swap, const char *etag,
                       struct gl_aws_answer *answer, struct gl_error *err)
{
    gl_autofree char *key = key_of(swap->name);
    gl_autojson json_t *params = gl_s3_params(store, key);
    gl_json_set_str(params, etag ? "IfMatch" : "IfNoneMatch", etag ? etag : "*");
    gl_json_set_str(params, "Body", swap->text);
    gl_json_set_str(params, "ContentType", "application/json");
    int result = gl_s3_call(&store->leases, "PutObject", params, answer, err);
    if (result == 0)
        note_version(store, swap->name, swap->record ? swap->record->token : free_token,
                     gl_json_str(answer->result, "ETag", NULL));
    else
        note_version(store, NULL, NULL, NULL);
    return result;
}

enum verdict {
    VERDICT_LOST, /* somebody else was faster */
    VERDICT_DONE,
    VERDICT_AGAIN, /* what was there when it was refused is there no more */
};

/* What a write came to whose answer said no, or never came. A refusal may be the work of its own
 * first attempt. */
static enum verdict judge(const struct swap *swap, const struct seen *seen, bool found)
{
    if (!swap->record && !found)
        return VERDICT_DONE;
    if (swap->record && found && strcmp(seen->text, swap->text) == 0)
        return VERDICT_DONE;
    bool as_before =
        swap->old ? found && strcmp(seen->record.token, swap->old->token) == 0 : !found;
    return as_before ? VERDICT_AGAIN : VERDICT_LOST;
}

/* The version to replace was no longer there. */
static bool is_refused(const struct gl_aws_answer *answer)
{
    return gl_s3_refused(answer) || gl_aws_failure_is(&answer->failure, "NoSuchKey");
}

/* An enum verdict, or what failed. */
static int try_swap(struct gl_s3_store *store, const struct swap *swap, struct gl_error *err)
{
    gl_autofree char *etag = NULL;
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_autoerr struct gl_error problem = {0};
    gl_autoseen struct seen seen = {0};
    int result = version_to_replace(store, swap, &etag, err);
    if (result <= 0)
        return result < 0 ? result : (int)VERDICT_LOST;
    result = write_lease(store, swap, etag, &answer, &problem);
    if (result == 0)
        return VERDICT_DONE;
    int found = is_refused(&answer) || answer.failure.uncertain
                    ? look(store, swap->name, &seen, NULL)
                    : GL_E_NET;
    enum verdict verdict = found < 0 ? VERDICT_LOST : judge(swap, &seen, found > 0);
    if (found >= 0 && (verdict != VERDICT_AGAIN || is_refused(&answer)))
        return (int)verdict;
    gl_error_move(err, &problem);
    return result;
}

int gl_s3_lease_swap(void *backend, const char *name, const struct gl_lease_record *old,
                     const struct gl_lease_record *record, struct gl_error *err)
{
    struct gl_s3_store *store = backend;
    gl_autoline struct gl_s3_line *line = gl_s3_lock(&store->leases);
    gl_cleanup(swap_done) struct swap swap = {
        .name = name,
        .old = old,
        .record = record,
        .text = record ? gl_lease_object(record) : gl_strdup(free_text),
    };
    int result = VERDICT_AGAIN;
    for (int tries = 0; result == VERDICT_AGAIN && tries < TRIES; tries++)
        result = try_swap(store, &swap, err);
    return result < 0 ? result : result == VERDICT_DONE;
}
