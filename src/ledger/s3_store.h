/* Room-internal: the bucket behind a ledger in S3. */
#ifndef GL_LEDGER_S3_STORE_H
#define GL_LEDGER_S3_STORE_H

#include <pthread.h>

#include "aws/client.h"
#include "ledger/ledger_ops.h"

/* A client, and the lock that makes it one thread's at a time. */
struct gl_s3_line {
    struct gl_aws_client *client;
    pthread_mutex_t lock;
    int64_t timeout_ms; /* of one call with all its attempts */
};

/* The last event this process knows of: there may be more. */
struct gl_s3_head {
    int64_t seq;
    char *hash;  /* NULL = not read yet */
    bool copied; /* from the copy: whether it is still there was not looked at */
};

/* The version of a lease that was last read or written. */
struct gl_s3_version {
    char *name;
    char *token;
    char *etag;
};

struct gl_s3_store {
    char *bucket;
    char *owner; /* NULL = not checked */
    int retention_days;
    struct gl_s3_line events;
    struct gl_s3_head head; /* under events.lock */
    struct gl_ledger *copy; /* what was read before; NULL = none. Under events.lock */
    bool past_copy;         /* a verification reads the bucket itself; under events.lock */
    int64_t store_unix_ms;  /* the store's clock when it last answered; under events.lock */
    int64_t told_boot_ms;   /* when that was, by the boot clock */
    struct gl_s3_line leases;
    struct gl_s3_version version; /* under leases.lock */
};

void gl_s3_unlock(struct gl_s3_line **line);
struct gl_s3_line *gl_s3_lock(struct gl_s3_line *line);
#define gl_autoline gl_cleanup(gl_s3_unlock)

/* Parameters that every call has: the bucket and its owner; `key` may be NULL. Caller owns them. */
json_t *gl_s3_params(const struct gl_s3_store *store, const char *key);

/* A request on this line. */
struct gl_aws_request gl_s3_request(const struct gl_s3_line *line, const char *operation,
                                    const json_t *params);

/* gl_aws_call() with it. */
gl_nodiscard int gl_s3_call(struct gl_s3_line *line, const char *operation, const json_t *params,
                            struct gl_aws_answer *answer, struct gl_error *err);

/* True if the condition of a write did not hold. */
bool gl_s3_refused(const struct gl_aws_answer *answer);

/* Notes what time it is by the store's clock; events.lock is held. An answer without a time changes
 * nothing. */
void gl_s3_note_time(struct gl_s3_store *store, int64_t unix_ms);

enum { GL_S3_EVENT_BYTES = 4 << 20 }; /* most that one event may have */

/* The key of an event, its number padded so that S3 lists them in their order. Caller owns it. */
char *gl_s3_event_key(int64_t seq);

/* The head and what is known of it; events.lock is held. move: this event was seen (NULL hash = not
 * read). find: lists what is newer; GL_E_CORRUPT if the copy's last event is gone. visit: reads an
 * event and makes it the head: 1 = read (NULL-safe ret_writer: which attempt appended it, caller
 * owns), 0 = it is not there. */
void gl_s3_move_head(struct gl_s3_store *store, int64_t seq, const char *hash);
gl_nodiscard int gl_s3_find_head(struct gl_s3_store *store, struct gl_error *err);
gl_nodiscard int gl_s3_visit_head(struct gl_s3_store *store, int64_t seq, char **ret_writer,
                                  struct gl_error *err);

/* Opens the copy and takes its last event for the head; a copy that cannot be used is said, and is
 * no failure. */
void gl_s3_copy_open(struct gl_s3_store *store, const char *path);

/* Hints at golive log verify. Returns err->code. */
int gl_s3_suggest_verify(struct gl_error *err);

/* Reads events from the copy, after it got what is missing up to the head; events.lock is held.
 * 1 = read, 0 = the copy can be used no more (store->copy is NULL): it is only a cache, so the
 * bucket is to be asked. GL_E_CORRUPT if the bucket does not continue what the copy has. */
gl_nodiscard int gl_s3_copy_read(struct gl_s3_store *store, int64_t first, size_t limit,
                                 struct gl_event *ret_events, size_t *ret_count,
                                 struct gl_error *err);

/* Reads events from the bucket, as struct gl_ledger_ops says; events.lock is held. */
gl_nodiscard int gl_s3_fetch(struct gl_s3_store *store, int64_t first, size_t limit,
                             struct gl_event *ret_events, size_t *ret_count, struct gl_error *err);

/* The operations of struct gl_ledger_ops; `backend` is a struct gl_s3_store. */
int gl_s3_head(void *backend, int64_t *ret_seq, struct gl_error *err);
int gl_s3_append(void *backend, struct gl_event *event, struct gl_error *err);
int gl_s3_read(void *backend, int64_t first, size_t limit, struct gl_event *ret_events,
               size_t *ret_count, struct gl_error *err);
int gl_s3_audit(void *backend, struct gl_error *err);
int64_t gl_s3_unix_ms(void *backend);
int gl_s3_lease_get(void *backend, const char *name, struct gl_lease_record *ret_record,
                    struct gl_error *err);
int gl_s3_lease_swap(void *backend, const char *name, const struct gl_lease_record *old,
                     const struct gl_lease_record *record, struct gl_error *err);

#endif
