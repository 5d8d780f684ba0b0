/* No-transaction files: run between an unfinished row and the finished one, and repaired when that
 * was interrupted. Of CREATE INDEX CONCURRENTLY, what is left behind is known: an invalid index. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "migrate/phase.h"
#include "migrate/session.h"

/* A concurrent build waits for older transactions without stopping anybody, and giving up throws
 * the whole build away: it may wait this many times longer. */
#define CONCURRENT_PATIENCE 30

enum index_state {
    INDEX_ABSENT,
    INDEX_INVALID,
    INDEX_BUILDING, /* another session works on it */
    INDEX_VALID,
};

struct found_index {
    enum index_state state;
    char *name; /* schema and name, quoted for SQL; NULL when absent */
};

static void found_index_done(struct found_index *found)
{
    free(found->name);
}

#define AUTOFOUND gl_cleanup(found_index_done)

static int find_index(struct gl_session *session, const struct gl_index_build *build,
                      struct found_index *ret_found, struct gl_error *err)
{
    const char *const values[] = {build->name, build->table};
    gl_autopqresult PGresult *result = NULL;
    int failed =
        gl_pq_query_always(session->conn,
                           "select format('%I.%I', n.nspname, c.relname), i.indisvalid, "
                           "exists (select from pg_stat_progress_create_index p "
                           "where p.index_relid = c.oid and p.pid <> pg_backend_pid()) "
                           "from pg_class t join pg_class c on c.relnamespace = t.relnamespace "
                           "join pg_index i on i.indexrelid = c.oid and i.indrelid = t.oid "
                           "join pg_namespace n on n.oid = c.relnamespace "
                           "where t.oid = to_regclass($2::text) and c.relname = $1::text::name",
                           2, values, &result, err);
    if (failed < 0)
        return failed;
    if (PQntuples(result) == 0)
        return 0;
    ret_found->name = gl_strdup(gl_pq_text(result, 0, 0));
    ret_found->state = gl_pq_bool(result, 0, 2)   ? INDEX_BUILDING
                       : gl_pq_bool(result, 0, 1) ? INDEX_VALID
                                                  : INDEX_INVALID;
    return 0;
}

static int fail_building(const struct found_index *found, struct gl_error *err)
{
    gl_fail(err, GL_E_BUSY, _("another session builds the index %s"), found->name);
    return gl_error_hint(err, _("Wait until it has finished (pg_stat_progress_create_index) and "
                                "run it again."));
}

/* Drops the index if it is invalid; a valid one stays. */
static int drop_invalid(struct gl_session *session, const struct gl_index_build *build,
                        enum index_state *ret_state, struct gl_pq_outcome *outcome,
                        struct gl_error *err)
{
    AUTOFOUND struct found_index found = {0};
    int failed = find_index(session, build, &found, err);
    if (failed < 0)
        return failed;
    *ret_state = found.state;
    if (found.state == INDEX_BUILDING)
        return fail_building(&found, err);
    if (found.state != INDEX_INVALID)
        return 0;
    const struct gl_pq_wait wait = {.uninterruptible = true};
    gl_autofree char *sql = gl_asprintf("drop index concurrently if exists %s", found.name);
    failed = gl_pq_exec(session->conn, sql, &wait, outcome, err);
    return failed < 0 ? gl_error_wrap(err, _("the invalid index %s cannot be dropped"), found.name)
                      : 0;
}

static int set_timeouts(struct gl_session *session, bool concurrent, struct gl_error *err)
{
    gl_autofree char *sql =
        gl_asprintf("set lock_timeout = %" PRId64 "; set statement_timeout = 0",
                    session->lock_timeout_ms * (concurrent ? CONCURRENT_PATIENCE : 1));
    const struct gl_pq_wait wait = {.uninterruptible = true};
    return gl_pq_exec(session->conn, sql, &wait, NULL, err);
}

/* Makes room for the build: an invalid index of an earlier attempt goes. A valid one beside an
 * unfinished row is ours (*ret_built), any other is somebody else's. */
static int prepare(struct gl_session *session, const struct gl_migration *migration,
                   const struct gl_index_build *build, struct gl_pq_outcome *outcome,
                   bool *ret_built, struct gl_error *err)
{
    enum index_state state = INDEX_ABSENT;
    bool unfinished = false;
    int failed = gl_table_is_dirty(session->conn, migration->version, &unfinished, err);
    if (failed == 0)
        failed = drop_invalid(session, build, &state, outcome, err);
    if (failed < 0 || state != INDEX_VALID)
        return failed;
    *ret_built = unfinished;
    if (unfinished || build->if_not_exists)
        return 0;
    gl_fail(err, GL_E_DATABASE, _("the index %s exists already"), build->name);
    gl_error_hint(err, _("It was made by hand or by another migration: compare it, then drop it or "
                         "write IF NOT EXISTS."));
    gl_error_at(err, migration->path, 1, 1);
    return GL_E_DATABASE;
}

static int verify_index(struct gl_session *session, const struct gl_migration *migration,
                        const struct gl_index_build *build, struct gl_error *err)
{
    AUTOFOUND struct found_index found = {0};
    int failed = find_index(session, build, &found, err);
    if (failed < 0 || found.state == INDEX_VALID)
        return failed;
    gl_fail(err, GL_E_DATABASE, _("the index %s is not valid although it was built"), build->name);
    gl_error_hint(err, _("Look into the server's log and run it again."));
    gl_error_at(err, migration->path, 1, 1);
    return GL_E_DATABASE;
}

/* After a failure nothing of the file stays. If that fails too, the unfinished row stays and tells
 * the next run to repair it. */
static void take_back(struct gl_session *session, const struct gl_migration *migration,
                      const struct gl_index_build *build)
{
    gl_autoerr struct gl_error ignored = {0};
    enum index_state state = INDEX_ABSENT;
    struct gl_pq_outcome outcome = {0};
    int failed = set_timeouts(session, false, &ignored);
    if (failed == 0 && build->name)
        failed = drop_invalid(session, build, &state, &outcome, &ignored);
    if (failed == 0)
        (void)!gl_table_remove_dirty(session->conn, migration->version, &ignored);
}

static int run_file(struct gl_session *session, const struct gl_migration *migration,
                    const struct gl_index_build *build, struct gl_pq_outcome *outcome,
                    struct gl_error *err)
{
    struct gl_pq_wait wait = gl_watch_wait(session);
    int failed = gl_pq_exec(session->conn, migration->sql, &wait, outcome, err);
    if (failed == GL_E_DATABASE)
        gl_attempt_place(migration, outcome, err);
    if (failed == 0 && build->name)
        failed = verify_index(session, migration, build, err);
    return failed;
}

/* An unfinished row of an interrupted run gives way to a new one. */
static int mark_started(struct gl_session *session, const struct gl_migration *migration,
                        struct gl_error *err)
{
    int failed = gl_table_remove_dirty(session->conn, migration->version, err);
    return failed < 0 ? failed : gl_table_insert(session->conn, migration, -1, err);
}

int gl_attempt_alone(struct gl_session *session, const struct gl_migration *migration,
                     struct gl_pq_outcome *ret_outcome, int64_t *ret_elapsed_us,
                     struct gl_error *err)
{
    gl_autoindexbuild struct gl_index_build build = {0};
    bool built = false;
    bool concurrent = gl_index_build_read(migration->sql, &build);
    int failed = set_timeouts(session, concurrent, err);
    if (failed == 0 && concurrent)
        failed = prepare(session, migration, &build, ret_outcome, &built, err);
    if (failed < 0)
        return failed;
    if (built)
        return gl_table_finish(session->conn, migration->version, -1, err);
    failed = mark_started(session, migration, err);
    if (failed < 0)
        return failed;
    int64_t started_us = gl_mono_us();
    failed = run_file(session, migration, &build, ret_outcome, err);
    int64_t elapsed_us = gl_mono_us() - started_us;
    if (failed < 0) {
        take_back(session, migration, &build);
        return failed;
    }
    failed = gl_table_finish(session->conn, migration->version, elapsed_us * 1000, err);
    if (failed == 0)
        *ret_elapsed_us = elapsed_us;
    return failed;
}
