/* Room-internal: what a ledger needs of the place that stores it.
 *
 * sqlite.c implements it in a file; s3.c over objects with conditional writes: append is "put seq
 * N+1 if it does not exist", a lease is one object replaced if its version is unchanged. Every
 * operation may be called from several threads (the heartbeat is one). */
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
    int64_t start_ticks; /* with pid and boot_id names one process of a machine and its clones */
    int64_t since_unix_ms;
    int64_t ttl_ms;
    int64_t expires_boot_ms; /* counts for holders of this boot */
    int64_t expires_unix_ms; /* counts for all others, where the store has no clock of its own */
    int64_t store_age_ms;    /* not stored: how long ago this was written, by the store's own clock,
                                at most that; 0 = the store has no clock */
};

/* Every stored field by its name, for who writes or reads records: member of an object, column of a
 * table. Changing these is changing both formats. */
struct gl_lease_text {
    const char *name;
    size_t offset; /* of a char * */
};

struct gl_lease_number {
    const char *name;
    size_t offset; /* of an int64_t */
};

enum { GL_LEASE_TEXTS = 6, GL_LEASE_NUMBERS = 6 };

extern const struct gl_lease_text gl_lease_texts[GL_LEASE_TEXTS];
extern const struct gl_lease_number gl_lease_numbers[GL_LEASE_NUMBERS];

/* Where field number `i` lies. */
char **gl_lease_text(struct gl_lease_record *record, size_t i);
int64_t *gl_lease_number(struct gl_lease_record *record, size_t i);

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

    /* Replaces the lease if it has the token of `old` (NULL = if there is none); who puts another
     * token there does so only if it was not renewed since `old` was read, either: what had expired
     * then may be held again. A NULL record removes it. 1 = done, 0 = somebody else was faster. */
    int (*lease_swap)(void *backend, const char *name, const struct gl_lease_record *old,
                      const struct gl_lease_record *record, struct gl_error *err);

    /* What the store itself knows against its events, before the chain is verified: that one was
     * deleted or written over. GL_E_CORRUPT. NULL = it knows nothing. */
    int (*audit)(void *backend, struct gl_error *err);

    /* The time by the store's own clock; 0 = it has not told yet. NULL = it has none. */
    int64_t (*unix_ms)(void *backend);

    void (*free)(void *backend);

    /* Several machines use it, which may be clones of each other (witness.h). A file has one: the
     * memory that SQLite's readers and writers share is that of one kernel. */
    bool shared;

    const char *changed_hint; /* N_(): what to do when the chain is broken */
    const char *cut_hint;     /* N_(): what to do when a noted head is missing */
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
