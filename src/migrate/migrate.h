/* sqlx migrations: the same files, table, checksums and lock as sqlx-cli and sqlx::migrate!, so
 * that either tool accepts what the other did. Folders of other tools are recognised (format.h). */
#ifndef GL_MIGRATE_MIGRATE_H
#define GL_MIGRATE_MIGRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/strv.h"

enum gl_phase {
    GL_PHASE_EXPAND,   /* the previous version keeps working */
    GL_PHASE_CONTRACT, /* runs one release later */
};

struct gl_migration {
    int64_t version;
    char *version_text; /* as the table has it, where that is no number; NULL = as `version` */
    char *description;  /* '_' replaced by ' ', as sqlx does */
    char *path;
    char *sql;
    unsigned char checksum[GL_SHA384_SIZE]; /* of the file's bytes */
    bool no_transaction;                    /* the file begins with "-- no-transaction" */
    enum gl_phase phase; /* from "-- golive: phase=...", or inferred: drops and renames contract */
    bool phase_declared;
    int64_t batch;    /* "-- golive: batch=": rows of a batch; 0 = the file runs as a whole */
    int64_t sleep_ms; /* pause between two batches */
};

struct gl_format;

struct gl_migrations {
    struct gl_migration *items; /* by version */
    size_t count;
    struct gl_strv
        passed_over; /* names of .sql files without a version: sqlx and golive run none */
    const struct gl_format *format; /* whose folder it is (format.h); NULL = sqlx's */
    bool format_given; /* migrations.tool says so; else it was guessed from the names */
};

void gl_migrations_done(struct gl_migrations *list);
#define gl_automigrations gl_cleanup(gl_migrations_done)

/* Reads a directory (of sqlx: simple files and .up.sql of reversible pairs). Duplicate versions,
 * names sqlx would not accept and unreadable files are GL_E_CONFIG with the file. A missing
 * directory is an empty list. */
gl_nodiscard int gl_migrations_scan(const char *dir, struct gl_migrations *ret_list,
                                    struct gl_error *err);

/* The same with a tool named (migrations.tool: "sqlx", "dbmate"...), whatever the names in the
 * folder look like; NULL or "auto" guesses. GL_E_CONFIG for one that is not known. */
gl_nodiscard int gl_migrations_scan_as(const char *dir, const char *tool,
                                       struct gl_migrations *ret_list, struct gl_error *err);

enum gl_migration_state {
    GL_MIGRATION_PENDING,
    GL_MIGRATION_APPLIED,
    GL_MIGRATION_DIRTY,   /* started, never finished (success = false) */
    GL_MIGRATION_EDITED,  /* applied, but the file's checksum is another */
    GL_MIGRATION_MISSING, /* applied, but there is no such file (not in the list; see count) */
    GL_MIGRATION_LATE,    /* a pending expand migration older than an applied one: refused */
};

/* What the database has of a migration that was begun or applied, where that is not simply what the
 * file is. */
struct gl_migrate_found {
    bool checksum_ok;
    unsigned char checksum[GL_SHA384_SIZE]; /* of the file as it was begun or applied */
    char *text;                             /* of it, where it is kept; else NULL */
    bool known;       /* begun in batches, and it is known how far they came: */
    int64_t looked;   /* rows that were looked at in this pass */
    int64_t changed;  /* rows that were changed in all passes */
    int64_t estimate; /* rows of the table; 0 = unknown */
    int64_t pass;     /* from 1 on */
    int64_t at_unix_s;
};

struct gl_migrate_status {
    enum gl_migration_state *states; /* one per item of the list */
    struct gl_migrate_found *found;  /* one per item of the list; NULL = nothing is known */
    size_t count;
    char *running;         /* who holds the lock while something is unfinished, or NULL */
    size_t pending_expand; /* late ones too */
    size_t pending_contract;
    size_t missing;        /* applied versions without a file */
    int64_t first_missing; /* the smallest of them */
    bool fresh;            /* no migration was ever applied: no table, or no row in it */
    int64_t newest;        /* version of the newest applied one; INT64_MIN if fresh */
};

void gl_migrate_status_done(struct gl_migrate_status *status);
#define gl_automigratestatus gl_cleanup(gl_migrate_status_done)

/* True if this one was begun and is not finished, and golive migrate up goes on with it. */
bool gl_migrate_goes_on(const struct gl_migrations *list, const struct gl_migrate_status *status,
                        size_t index);

/* What the database has against what the directory has. `conninfo` is a libpq string or URL. */
gl_nodiscard int gl_migrate_status(const char *conninfo, const struct gl_migrations *list,
                                   struct gl_migrate_status *ret_status, struct gl_error *err);

/* What can be known to be refused before anything is changed (GL_E_REFUSED, as gl_migrate_run() has
 * it): edited, missing and late files, unfinished ones that cannot be gone on with, and pending
 * ones that cannot be applied safely. */
gl_nodiscard int gl_migrate_refuse(const struct gl_migrations *list,
                                   const struct gl_migrate_status *status, struct gl_error *err);

struct gl_migrate_event {
    const struct gl_migration *migration;

    enum gl_migrate_event_kind {
        GL_MIGRATE_BEGIN,
        GL_MIGRATE_DONE,
        GL_MIGRATE_BLOCKED,
        GL_MIGRATE_RETRY,
        GL_MIGRATE_PROGRESS, /* of a file in batches */
    } kind;

    const char *detail; /* BLOCKED: who blocks (pid, application, state, query start) */
    int64_t elapsed_us; /* DONE, PROGRESS: how long this run of it took so far */
    int64_t rows;       /* DONE, PROGRESS: rows that were inserted, changed or deleted */
    int64_t looked;     /* PROGRESS: rows that were looked at, of `estimate` (0 = unknown) */
    int64_t estimate;
    int64_t rate_per_s; /* PROGRESS: rows that are looked at in a second */
    int64_t pass;       /* PROGRESS, DONE: how often it began to go through the table; 0 = it is in
                           no batches */
    int64_t left;       /* DONE: rows that the last pass changed; above 0 the limit was reached */
    bool once;          /* DONE: it must not go through twice, and rows that came in behind it
                           meanwhile are as they were */
};

/* Passes at most through a table that rows keep coming into. */
#define GL_MIGRATE_PASSES 5

typedef void gl_migrate_event_fn(const struct gl_migrate_event *event, void *context);

struct gl_migrate_options {
    /* Leave contract migrations pending, except those that allow_contract (NULL = none) allows. */
    bool expand_only;
    bool (*allow_contract)(const struct gl_migration *migration, void *context);
    int64_t lock_timeout_ms; /* 0 = 2,000 */
    /* 0 = 15,000; not applied to no-transaction files, whose index builds may take long. */
    int64_t statement_timeout_ms;
    int retries; /* further attempts after a lock time-out; 0 = 10 */
    gl_migrate_event_fn *on_event;
    void *context; /* of both callbacks */
};

struct gl_migrate_result {
    size_t applied;
    size_t held;             /* contract migrations left pending */
    int64_t longest_lock_us; /* longest time one attempt held its locks */
    size_t lock_retries;
    int64_t rows; /* inserted, changed or deleted by all of them */
};

/* Applies what is pending, in order, each file in its transaction together with its row in
 * _sqlx_migrations. Refuses (GL_E_REFUSED) before the first change, naming file and way out:
 * edited, missing and dirty ones, expand migrations older than an applied one, and files with
 * BEGIN, COMMIT or (no-transaction) several statements; a dirty no-transaction file whose statement
 * is CREATE INDEX CONCURRENTLY is repaired (invalid index dropped, row removed) and run again, and
 * one in batches goes on after its last batch. A
 * failing file is GL_E_DATABASE with file, line and PostgreSQL's message; nothing of it stays. A
 * table's lock that was not free in any attempt is GL_E_BUSY and names who holds it; so is sqlx's
 * advisory lock, which is waited for as long as all attempts together may wait (lock_timeout_ms
 * each). On failure ret_result still tells what was applied before. */
gl_nodiscard int gl_migrate_run(const char *conninfo, const struct gl_migrations *list,
                                const struct gl_migrate_options *options,
                                struct gl_migrate_result *ret_result, struct gl_error *err);

#endif
