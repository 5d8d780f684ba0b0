/* Facts of a database, read through an ordinary connection that can change nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "facts/database.h"
#include "facts/internal.h"
#include "migrate/conn.h"

/* Names are looked up in the catalog only: an object of the application must not stand in the place
 * of one of the server's. */
static const char session[] = "set default_transaction_read_only = on;"
                              "set statement_timeout = '5s';"
                              "set lock_timeout = '1s';"
                              "set search_path = pg_catalog";

struct reading {
    const struct gl_collecting *c;
    PGconn *conn;
    struct gl_error *err;
};

/* ---- rows --------------------------------------------------------------------------------------
 */

static void copy_field(struct gl_rows *rows, const PGresult *result, int row, int column, char type)
{
    if (PQgetisnull(result, row, column))
        gl_rows_null(rows);
    else if (type == 'i')
        gl_rows_int(rows, gl_pq_int(result, row, column));
    else if (type == 'd')
        gl_rows_real(rows, strtod(gl_pq_text(result, row, column), NULL));
    else
        gl_rows_text(rows, gl_pq_text(result, row, column));
}

static int copy_rows(const struct reading *r, const struct gl_database_query *query,
                     const PGresult *result)
{
    struct gl_rows rows;
    gl_rows_open(r->c->db, query->table, &rows, r->err);
    for (int row = 0; row < PQntuples(result); row++) {
        for (int column = 0; query->columns[column]; column++)
            copy_field(&rows, result, row, column, query->columns[column]);
        gl_rows_add(&rows);
    }
    return gl_rows_done(&rows);
}

/* ---- questions ---------------------------------------------------------------------------------
 */

/* What the server refuses to answer (rights, a lock, time) is left out and noted; a connection that
 * is lost, or a Ctrl-C, ends it all. */
static int left_out(const struct reading *r, const char *table, struct gl_error *why)
{
    if (why->code != GL_E_DATABASE) {
        int code = why->code;
        gl_error_move(r->err, why);
        return code;
    }
    gl_collecting_note(r->c, _("%s was left out: %s"), table, why->message);
    return 0;
}

/* The statement to run: NULL where there is nothing to ask. The caller owns it. */
static int make_sql(const struct reading *r, const struct gl_database_query *query, char **ret_sql,
                    struct gl_error *err)
{
    gl_autopqresult PGresult *found = NULL;
    if (!query->find) {
        *ret_sql = gl_strdup(query->sql);
        return 0;
    }
    int failed = gl_pq_query(r->conn, query->find, 0, NULL, &found, err);
    if (failed < 0 || PQntuples(found) == 0)
        return failed;
    const char *hole = strstr(query->sql, "%s");
    *ret_sql = gl_asprintf("%.*s%s%s", (int)(hole - query->sql), query->sql,
                           gl_pq_text(found, 0, 0), hole + strlen("%s"));
    return 0;
}

static int ask(const struct reading *r, const struct gl_database_query *query)
{
    gl_autofree char *sql = NULL;
    gl_autopqresult PGresult *result = NULL;
    gl_autoerr struct gl_error why = {0};
    int failed = make_sql(r, query, &sql, &why);
    if (failed == 0 && sql)
        failed = gl_pq_query(r->conn, sql, 0, NULL, &result, &why);
    if (failed == GL_E_DATABASE && query->instead) {
        gl_error_done(&why);
        failed = gl_pq_query(r->conn, query->instead, 0, NULL, &result, &why);
    }
    if (failed < 0)
        return left_out(r, query->table, &why);
    return result ? copy_rows(r, query, result) : 0;
}

/* ---- the connection ----------------------------------------------------------------------------
 */

/* One row: who was let in, how long it took, and whether the replicas follow. */
static int probe(const struct reading *r, double connect_ms)
{
    static const struct gl_database_query query = {.table = "db_probe", .columns = "tddid"};
    gl_autopqresult PGresult *one = NULL;
    gl_autopqresult PGresult *result = NULL;
    int64_t begin_us = gl_mono_us();
    int failed = gl_pq_query(r->conn, "select 1", 0, NULL, &one, r->err);
    if (failed < 0)
        return failed;
    gl_autofree char *sql = gl_asprintf(
        "select current_user, %.3f, %.3f, %d,"
        " (select max(extract(epoch from coalesce(replay_lag, '0'))) from pg_stat_replication"
        " where state = 'streaming')",
        connect_ms, (double)(gl_mono_us() - begin_us) / 1000, PQsslInUse(r->conn));
    failed = gl_pq_query(r->conn, sql, 0, NULL, &result, r->err);
    return failed < 0 ? failed : copy_rows(r, &query, result);
}

static int note_rights(const struct reading *r)
{
    gl_autopqresult PGresult *result = NULL;
    int failed = gl_pq_query(
        r->conn, "select current_user, pg_has_role(current_user, 'pg_monitor', 'usage')", 0, NULL,
        &result, r->err);
    if (failed == 0 && !gl_pq_bool(result, 0, 1))
        gl_collecting_note(r->c,
                           _("%s is not in pg_monitor: some settings and what other sessions do "
                             "stay hidden (grant pg_monitor to %s)"),
                           gl_pq_text(result, 0, 0), gl_pq_text(result, 0, 0));
    return failed;
}

int gl_collect_database(const struct gl_collecting *c, struct gl_error *err)
{
    gl_autopq PGconn *conn = NULL;
    if (!c->request->database)
        return gl_fail(err, GL_E_NOT_FOUND, _("no --database"));
    int64_t begin_us = gl_mono_us();
    int failed = gl_pq_connect(c->request->database, "golive", &conn, err);
    double connect_ms = (double)(gl_mono_us() - begin_us) / 1000;
    if (failed == 0)
        failed = gl_pq_exec(conn, session, NULL, NULL, err);
    const struct reading reading = {.c = c, .conn = conn, .err = err};
    if (failed == 0)
        failed = probe(&reading, connect_ms);
    if (failed == 0)
        failed = note_rights(&reading);
    for (size_t i = 0; failed == 0 && gl_database_queries[i].table; i++)
        failed = ask(&reading, &gl_database_queries[i]);
    return failed;
}
