/* The ledger: an append-only, hash-chained log of everything golive did, and the lease that lets
 * one deployer at a time do it. Intent is recorded before an effect, its result after it.
 *
 * Where it lives is a backend's business (struct gl_ledger_ops): a file, which one machine uses, or
 * a bucket, which a team shares (ledger/s3.h). */
#ifndef GL_LEDGER_LEDGER_H
#define GL_LEDGER_LEDGER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct gl_ledger;

/* One event. hash = SHA-256 over the canonical JSON of {seq, time, actor, kind, env, release, data,
 * prev}; prev is the hash of the event before it ("" for the first). */
struct gl_event {
    int64_t seq;          /* 1, 2, 3, ... without gaps */
    int64_t time_unix_ms; /* wall clock; may step back when somebody moved the clock */
    char *actor;          /* "user@host" */
    char *kind;           /* "release.begin", "step.done", ... */
    char *env;            /* environment, "" if none */
    int64_t release;      /* release number, 0 if none */
    json_t *data;         /* details, an object; never holds secrets */
    char *prev;           /* hash of the event before, 64 hexadecimal digits or "" */
    char *hash;
};

void gl_event_done(struct gl_event *event);
#define gl_autoevent gl_cleanup(gl_event_done)

/* Opens (making it if needed) the SQLite ledger in a file. The caller frees. */
gl_nodiscard int gl_ledger_open_sqlite(const char *path, struct gl_ledger **ret_ledger,
                                       struct gl_error *err);

/* NULL-safe. A lease must be released before its ledger. In a forked child only memory is freed:
 * the file stays the parent's, and the child must open the ledger anew to use it. */
void gl_ledger_free(struct gl_ledger **ledger);
#define gl_autoledger gl_cleanup(gl_ledger_free)

/* Appends one event durably (it is on disk when this returns) and returns its seq via ret_seq
 * (may be NULL). `data` may be NULL; it is not stolen. `env` may be NULL for none. Known secrets
 * (gl_secret_add) are masked in the data's strings and member names before anything is hashed or
 * stored. */
gl_nodiscard int gl_ledger_append(struct gl_ledger *ledger, const char *kind, const char *env,
                                  int64_t release, const json_t *data, int64_t *ret_seq,
                                  struct gl_error *err);

/* The time by the clock of the store, where it has one that it told (S3 with each answer), counted
 * on from there by the boot clock; else by this machine's. It is what limits of time are judged by
 * that are to hold for who could move this machine's clock. */
int64_t gl_ledger_unix_ms(struct gl_ledger *ledger);

/* Calls `visit` for each event with seq > after, in order; a non-zero return ends it and is
 * returned. `visit` may append while it runs; it is not called for events younger than the call. */
typedef int gl_event_fn(const struct gl_event *event, void *context, struct gl_error *err);
gl_nodiscard int gl_ledger_read(struct gl_ledger *ledger, int64_t after, gl_event_fn *visit,
                                void *context, struct gl_error *err);

/* Checks the chain from the first event; GL_E_CORRUPT names the first seq that does not fit and
 * what differs. ret_count: events checked; ret_head: caller owns (may be NULL). */
gl_nodiscard int gl_ledger_verify(struct gl_ledger *ledger, int64_t *ret_count, char **ret_head,
                                  struct gl_error *err);

/* What a verification found. */
struct gl_ledger_report {
    int64_t count;      /* events checked */
    char *head;         /* hash of the last event, "" if there is none */
    int64_t back_count; /* events whose clock reads earlier than that of the event before */
    int64_t back_seq;   /* the first of them, 0 if none; a note, no error: clocks are moved */
    int64_t anchor_seq; /* event whose hash is `anchor`, 0 if none was asked for */
};

void gl_ledger_report_done(struct gl_ledger_report *report);
#define gl_autoledgerreport gl_cleanup(gl_ledger_report_done)

/* gl_ledger_verify() with its notes. The chain alone cannot show that its end was cut off, nor that
 * all of it was written anew. So note the head elsewhere (a ticket, a tag, a mail) and give it here
 * as `anchor` (NULL = none; at least 8 digits of it): GL_E_MISMATCH if no event has that hash. */
gl_nodiscard int gl_ledger_verify_report(struct gl_ledger *ledger, const char *anchor,
                                         struct gl_ledger_report *ret_report, struct gl_error *err);

/* The lease on a name (an environment). Only its holder may change that environment. */
struct gl_lease;

/* Takes the lease, or fails with GL_E_BUSY naming holder, host, pid, purpose and since when, with
 * the hint what to do. An expired lease, or one whose holder is a process of this boot of this very
 * machine that no longer exists (pid + start time), is taken over (ret_taken_over, may be NULL: the
 * old holder's description, caller owns, NULL if none). A thread renews it every ttl/3. Expiry is
 * counted on the boot clock for holders of this machine, and for others on the clock of the store,
 * where it has one (ledger/s3.h), so that moving a wall clock changes nothing; only in a file that
 * several hosts share does the wall clock count for the others. Which machine is this one is not
 * told by names and numbers, which a clone of it has too: see ledger/witness.h. */
gl_nodiscard int gl_lease_acquire(struct gl_ledger *ledger, const char *name, const char *purpose,
                                  int64_t ttl_ms, struct gl_lease **ret_lease,
                                  char **ret_taken_over, struct gl_error *err);

/* GL_E_BUSY once the lease was lost (somebody took it over after a suspend, say), and only then;
 * the engine asks before every step. It writes only what is about to expire, and a ledger that
 * cannot be read or written (full disk, locked) is borne while the time to live lasts: nobody else
 * may begin before. After that it is GL_E_IO. */
gl_nodiscard int gl_lease_check(struct gl_lease *lease, struct gl_error *err);

/* True if the lease is known to be lost. Only reads, and so never waits for a writer; false when
 * the ledger cannot be read. */
bool gl_lease_is_lost(struct gl_lease *lease);

/* Stops the heartbeat and gives the lease back. NULL-safe. In a forked child it only frees memory:
 * the lease stays the parent's. */
void gl_lease_release(struct gl_lease **lease);
#define gl_autolease gl_cleanup(gl_lease_release)

/* Who holds it now: JSON {holder, host, pid, purpose, since, expires_in_ms, alive} or NULL. */
gl_nodiscard int gl_lease_show(struct gl_ledger *ledger, const char *name, json_t **ret_info,
                               struct gl_error *err);

#endif
