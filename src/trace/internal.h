/* Room-internal: the connections that a trace works with, what is looked at around a statement, and
 * the steps of a run. */
#ifndef GL_TRACE_INTERNAL_H
#define GL_TRACE_INTERNAL_H

#include "migrate/conn.h"
#include "migrate/migrate.h"
#include "trace/trace.h"

/* ---- moment.c: relations and locks at one moment ----------------------------------------------
 */

/* One of the user's relations; temporary ones and TOAST tables are left out. */
struct gl_relation {
    unsigned oid;
    unsigned table;    /* of an index: its table; else 0 */
    unsigned filenode; /* 0 = it has no file */
    char kind;         /* pg_class.relkind */
    char *name;        /* "orders", "audit.entries" */
    double rows;       /* as the planner knows; negative = unknown */
    int64_t scans;     /* sequential scans begun */
    int64_t read;      /* rows read by them; of an index, its entries */
    int64_t changed;   /* rows updated and deleted */
};

struct gl_held_lock {
    unsigned relation;
    enum gl_lock_mode mode;
};

struct gl_moment {
    struct gl_relation *relations; /* by oid */
    size_t relation_count;
    struct gl_held_lock *locks;
    size_t lock_count;
};

void gl_moment_done(struct gl_moment *snapshot);
#define gl_automoment gl_cleanup(gl_moment_done)

/* Looks from the connection that runs the statements: what its transaction did is visible only
 * there. `outside`: counts of what was done before, not of the current transaction. */
gl_nodiscard int gl_moment_take(PGconn *conn, bool outside, struct gl_moment *ret_snapshot,
                                struct gl_error *err);

/* NULL if there is none. */
const struct gl_relation *gl_moment_find(const struct gl_moment *snapshot, unsigned oid);

/* Adds a lock unless it is there. */
void gl_moment_add_lock(struct gl_moment *snapshot, struct gl_held_lock lock);

/* "AccessExclusiveLock" as pg_locks has it; GL_LOCK_NONE for a word that is none. */
enum gl_lock_mode gl_lock_mode_read(const char *word);

/* ---- effect.c: what a statement did -------------------------------------------------------------
 */

/* Before the file, before the statement, after it. */
struct gl_moments {
    const struct gl_moment *base, *before, *after;
};

/* Fills locks and effects. */
void gl_effects_read(const struct gl_moments *moments, struct gl_trace_statement *statement);

/* Judges them. */
enum gl_trace_verdict gl_verdict(const struct gl_trace_statement *statement);

/* ---- tracer.c: one database that is traced in --------------------------------------------------
 */

struct gl_tracer {
    char *conninfo;
    PGconn *conn;  /* runs the statements */
    PGconn *watch; /* looks at it from outside */
    int64_t lock_timeout_ms;
    const struct gl_strv *filled; /* tables with made-up rows: what those break is no finding */
};

void gl_tracer_done(struct gl_tracer *tracer);
#define gl_autotracer gl_cleanup(gl_tracer_done)

gl_nodiscard int gl_tracer_connect(const char *conninfo, struct gl_tracer *ret_tracer,
                                   struct gl_error *err);

/* ---- file.c, alone.c, batch.c: one
 * migration----------------------------------------------------------
 */

/* Runs it statement by statement, up to one that fails. `keep` = COMMIT at the end, else ROLLBACK
 * (of a file that runs outside of a transaction everything stays). */
gl_nodiscard int gl_trace_migration(struct gl_tracer *tracer, const struct gl_migration *migration,
                                    bool keep, struct gl_trace_file *ret_file,
                                    struct gl_error *err);

/* Runs it and keeps it. Tables whose generated rows break what it demands of rows are emptied, and
 * it is run again. */
gl_nodiscard int gl_trace_fitting(struct gl_tracer *tracer, const struct gl_migration *migration,
                                  struct gl_trace_file *ret_file, struct gl_error *err);

/* Runs one statement of the open transaction and fills in what it did; `before` is replaced by what
 * is after it. GL_E_DATABASE with outcome->sqlstate when the statement itself fails. */
gl_nodiscard int gl_trace_one(struct gl_tracer *tracer, const struct gl_moment *base,
                              struct gl_moment *before, struct gl_trace_statement *statement,
                              struct gl_pq_outcome *outcome, struct gl_error *err);

/* Ends the transaction, if one is open, by ROLLBACK. */
void gl_trace_roll_back(struct gl_tracer *tracer);

/* The same for a statement of a no-transaction file: inside one where PostgreSQL lets it, for that
 * is exact; else outside, watched. */
gl_nodiscard int gl_trace_alone(struct gl_tracer *tracer, struct gl_trace_file *file, size_t index,
                                struct gl_error *err);

/* Leaves out of what the statement of a file in batches did what a batch does not do. */
gl_nodiscard int gl_trace_in_batches(struct gl_tracer *tracer, const struct gl_migration *migration,
                                     struct gl_trace_statement *statement, struct gl_error *err);

/* True if PostgreSQL refused the statement; false if it, or the connection, is gone. */
bool gl_trace_is_finding(const struct gl_tracer *tracer, int failed,
                         const struct gl_pq_outcome *outcome);

/* Notes that the statement failed, with its place in the file. */
void gl_trace_failed(struct gl_trace_file *file, struct gl_trace_statement *statement,
                     const struct gl_pq_outcome *outcome, struct gl_error *cause);

/* Time and WAL position as the server has them, seen from the second connection. */
struct gl_meter {
    int64_t wal_position;
    int64_t elapsed_us; /* of the last statement of the first connection */
};

gl_nodiscard int gl_meter_read(struct gl_tracer *tracer, struct gl_meter *ret_meter,
                               struct gl_error *err);

/* ---- place.c: the server and the database ------------------------------------------------------
 */

struct gl_place; /* owns a private server or a database on a given one */

gl_nodiscard int gl_place_make(const struct gl_trace_options *options, struct gl_place **ret_place,
                               struct gl_error *err);
void gl_place_free(struct gl_place **place);
#define gl_autoplace gl_cleanup(gl_place_free)

/* Of the database that is worked in. Belongs to the place. */
const char *gl_place_conninfo(const struct gl_place *place);

/* Directory of psql; NULL = look in PATH. */
const char *gl_place_programs(const struct gl_place *place);

/* How many more sessions the place's server takes from its role. */
gl_nodiscard int gl_place_connections(struct gl_place *place, int64_t *ret_count,
                                      struct gl_error *err);

/* A copy of the database as it is now, which ends with the place. Nobody may be connected. */
gl_nodiscard int gl_place_copy(struct gl_place *place, const char **ret_conninfo,
                               struct gl_error *err);

/* True if the server is golive's own, so that anything may be made there. */
bool gl_place_is_private(const struct gl_place *place);

/* Makes a role, without rights; and an empty database instead of the present one. */
gl_nodiscard int gl_place_role(struct gl_place *place, const char *role, struct gl_error *err);
gl_nodiscard int gl_place_empty(struct gl_place *place, struct gl_error *err);

/* ---- schema.c, restore.c, generate.c: what is in it
 * -------------------------------------------------------
 */

/* Migrations by version: those before `first` make the schema; those from there up to `end` are
 * traced, and the wanted ones of them shown. */
struct gl_trace_work_list {
    struct gl_migrations list;
    bool *wanted;
    size_t wanted_count; /* items of `wanted`; 0 = none is named */
    size_t first, end;
    bool recorded; /* those before `first` stand in _sqlx_migrations */
};

void gl_trace_work_list_done(struct gl_trace_work_list *work);
#define gl_autoworklist gl_cleanup(gl_trace_work_list_done)

/* Restores the dump or runs the earlier migrations, and says which are traced. */
gl_nodiscard int gl_schema_make(const struct gl_trace_options *options, struct gl_place *place,
                                struct gl_trace_work_list *ret_work, struct gl_error *err);

/* Whether the file is one that can be restored. */
gl_nodiscard int gl_restore_check(const char *path, struct gl_error *err);

/* Whether the numbers of rows can be read: GL_E_USAGE. */
gl_nodiscard int gl_generate_check(const struct gl_trace_options *options, struct gl_error *err);

/* Restores a plain dump into the place's database, which must be empty. */
gl_nodiscard int gl_restore(struct gl_place *place, const char *path, struct gl_error *err);

/* "schema"."table", as SQL; the caller owns it. */
char *gl_table_name(const char *schema, const char *table);

/* Fills empty tables with rows and names them in `filled`; sentences about those that could not be
 * filled go to `notes`. */
gl_nodiscard int gl_generate(const struct gl_trace_options *options, const char *conninfo,
                             struct gl_strv *filled, struct gl_strv *notes, struct gl_error *err);

/* ---- traffic.c ---------------------------------------------------------------------------------
 */

/* Runs the migrations as golive migrate up does, in a copy of the database, beside the clients. */
gl_nodiscard int gl_traffic_run(const struct gl_trace_options *options, struct gl_place *place,
                                const struct gl_trace_work_list *work,
                                struct gl_trace_traffic *ret_traffic, struct gl_error *err);

/* ---- compare.c ---------------------------------------------------------------------------------
 */

/* Asks the linter about the same files. */
gl_nodiscard int gl_compare(const struct gl_trace_options *options,
                            const struct gl_trace_work_list *work, const struct gl_trace *trace,
                            struct gl_trace_comparison *ret_comparison, struct gl_error *err);

#endif
