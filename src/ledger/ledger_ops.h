/* Room-internal: what a ledger needs of the place that stores it.
 *
 * SQLite implements it here. Objects with conditional writes can implement it elsewhere: append is
 * "put seq N+1 if it does not exist", a lease is one object replaced if its version is unchanged.
 * Every operation may be called from several threads (the heartbeat is one). */
#ifndef GL_LEDGER_LEDGER_OPS_H
#define GL_LEDGER_LEDGER_OPS_H

#include <stddef.h>
#include <sys/types.h>

#include "ledger/ledger.h"

/* Who holds a lease and until when. The token is new for every acquisition. */
struct gl_lease_record {
    char *token;
    char *holder; /* "user@host" */
    char *host;
    char *purpose;
    char *boot_id; /* "" when the holder's system does not tell */
    char *pid_ns;  /* the namespace in which `pid` has its meaning */
    int64_t pid;
    int64_t start_ticks; /* with pid and boot_id names one process forever */
    int64_t since_unix_ms;
    int64_t ttl_ms;
    int64_t expires_boot_ms; /* counts for holders of this boot */
    int64_t expires_unix_ms; /* counts for all others */
};

void gl_lease_record_done(struct gl_lease_record *record);
#define gl_autoleaserecord gl_cleanup(gl_lease_record_done)

struct gl_ledger_ops {
    /* Seq of the last event, 0 if there is none. */
    int (*head)(void *backend, int64_t *ret_seq, struct gl_error *err);

    /* Puts the event at the end: sets seq and prev from the head, seals it (gl_event_seal) and
     * stores it only if the head is still the same; otherwise tries again. Durable on return. */
    int (*append)(void *backend, struct gl_event *event, struct gl_error *err);

    /* Reads up to `limit` events with seq >= first in order; the caller owns their content. */
    int (*read)(void *backend, int64_t first, size_t limit, struct gl_event *ret_events,
                size_t *ret_count, struct gl_error *err);

    /* 1 = found (the caller owns the record's content), 0 = nobody holds it. */
    int (*lease_get)(void *backend, const char *name, struct gl_lease_record *ret_record,
                     struct gl_error *err);

    /* Replaces the lease if its token is `token` (NULL = if there is none); a NULL record removes
     * it. 1 = done, 0 = somebody else was faster. */
    int (*lease_swap)(void *backend, const char *name, const char *token,
                      const struct gl_lease_record *record, struct gl_error *err);

    void (*free)(void *backend);
};

/* The time and place the ledger lives in; a seam for tests of moved clocks and reboots. */
struct gl_clock_fns {
    int64_t (*unix_ms)(void);
    int64_t (*boot_ms)(void);
    const char *(*boot_id)(void);
};

struct gl_ledger {
    const struct gl_ledger_ops *ops;
    void *backend;
    const struct gl_clock_fns *clock;
    char *actor;
    char *host;
    pid_t owner; /* the process that opened it; a forked child must not touch the backend */
};

/* Makes a ledger over a backend, which it owns from now on. */
struct gl_ledger *gl_ledger_new(const struct gl_ledger_ops *ops, void *backend);

/* GL_E_REFUSED in a process other than the one that opened the ledger: SQLite's locks and the
 * heartbeat do not survive a fork. */
gl_nodiscard int gl_ledger_usable(const struct gl_ledger *ledger, struct gl_error *err);

/* Exchanges the clock; it must outlive the ledger. */
void gl_ledger_set_clock(struct gl_ledger *ledger, const struct gl_clock_fns *clock);

#endif
