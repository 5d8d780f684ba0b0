/* Measures the truth set on a real PostgreSQL and compares it with what is stored, so that neither
 * the set nor the tracer rots. TRUTH_WRITE=1 stores what was measured instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/strv.h"
#include "migrate/sqltext.h"
#include "platform/private_server.h"
#include "support/truth.h"
#include "trace/internal.h"

/* One server, the database that cases are copied from, and one that those share that leave
 * nothing behind. */
static struct gl_private_server *server;
static struct truth truth;
static PGconn *admin;
static struct gl_tracer shared;
static unsigned databases;

static void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s (%s)", err->message ? err->message : "no message",
                 err->hint ? err->hint : "no hint");
}

static PGconn *connect_to(const char *database)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *conninfo = gl_private_server_conninfo(server, database);
    PGconn *conn = NULL;
    ok(gl_pq_connect(conninfo, "truth", &conn, &err), &err);
    return conn;
}

static void run_sql(PGconn *conn, const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_pq_exec(conn, sql, NULL, NULL, &err), &err);
}

/* Each statement by itself: some of them may not be in a transaction. */
static void run_each(PGconn *conn, const char *sql)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    while (gl_sql_statement_next(&scanner, &statement)) {
        const struct gl_sql_token *last = &statement.tokens[statement.count - 1];
        const char *start = statement.tokens[0].text;
        gl_autofree char *one = gl_strndup(start, (size_t)(last->text + last->len - start));
        run_sql(conn, one);
    }
}

static void connect_tracer(const char *database, struct gl_tracer *tracer)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *conninfo = gl_private_server_conninfo(server, database);
    ok(gl_tracer_connect(conninfo, tracer, &err), &err);
}

static int set_up(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    ok(truth_read(&truth, &err), &err);
    ok(gl_private_server_start(getenv("TRUTH_SERVER_BIN"), &server, &err), &err);
    admin = connect_to(GL_PRIVATE_DATABASE);
    run_sql(admin, "create database origin");
    gl_autopq PGconn *origin = connect_to("origin");
    run_each(origin, truth.schema);
    run_sql(origin, "vacuum analyze");
    gl_pq_close(&origin);
    run_sql(admin, "create database shared template origin");
    connect_tracer("shared", &shared);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gl_tracer_done(&shared);
    gl_pq_close(&admin);
    gl_private_server_free(&server);
    truth_done(&truth);
    return 0;
}

/* ---- measuring --------------------------------------------------------------------------------
 */

static struct gl_migration migration_of(const struct truth_case *item)
{
    return (struct gl_migration){
        .path = item->name, .sql = item->sql, .no_transaction = item->no_transaction};
}

static void trace_shared(const struct truth_case *item, struct gl_trace_file *file)
{
    gl_autoerr struct gl_error err = {0};
    const struct gl_migration migration = migration_of(item);
    ok(gl_trace_migration(&shared, &migration, false, file, &err), &err);
}

static void trace_in_own(const struct truth_case *item, struct gl_trace_file *file)
{
    gl_autoerr struct gl_error err = {0};
    gl_autotracer struct gl_tracer tracer = {0};
    const struct gl_migration migration = migration_of(item);
    gl_autofree char *name = gl_asprintf("own_%u", ++databases);
    gl_autofree char *make = gl_asprintf("create database %s template origin", name);
    run_sql(admin, make);
    connect_tracer(name, &tracer);
    run_sql(tracer.conn, "set allow_in_place_tablespaces = on");
    if (item->setup)
        run_each(tracer.conn, item->setup);
    ok(gl_trace_migration(&tracer, &migration, true, file, &err), &err);
}

/* Of a relation the strongest lock that this statement took; what was seen from outside may be
 * another thing the next time. */
static bool is_told(const struct gl_trace_statement *statement, size_t index)
{
    const struct gl_trace_lock *lock = &statement->locks[index];
    if (!lock->existed || lock->held || statement->outside ||
        lock->mode < GL_LOCK_SHARE_UPDATE_EXCLUSIVE)
        return false;
    for (size_t i = 0; i < index; i++) {
        const struct gl_trace_lock *other = &statement->locks[i];
        if (other->existed && strcmp(other->relation, lock->relation) == 0)
            return false;
    }
    return true;
}

static void tell(const char *relation, const char *table, const char *what, struct gl_strv *parts)
{
    gl_strv_addf(parts, "%s%s%s %s", relation, table ? " of " : "", table ? table : "", what);
}

static void tell_statement(const struct gl_trace_statement *statement, struct gl_buf *text)
{
    gl_autostrv struct gl_strv parts = {0};
    for (size_t i = 0; i < statement->lock_count; i++) {
        if (is_told(statement, i))
            tell(statement->locks[i].relation, statement->locks[i].table,
                 gl_lock_mode_word(statement->locks[i].mode), &parts);
    }
    for (size_t i = 0; i < statement->effect_count; i++) {
        if (statement->effects[i].existed)
            tell(statement->effects[i].relation, statement->effects[i].table,
                 gl_trace_work_word(statement->effects[i].work), &parts);
    }
    if (statement->verdict == GL_TRACE_FAILED)
        gl_strv_addf(&parts, "SQLSTATE %s", statement->sqlstate[0] ? statement->sqlstate : "none");
    gl_autofree char *all = gl_strv_join(&parts, ", ");
    gl_buf_puts(text, *all ? all : "-");
}

static char *detail_of(const struct gl_trace_file *file)
{
    gl_autobuf struct gl_buf text = {0};
    if (file->problem.code == GL_E_REFUSED) /* golive migrate up would not run it */
        return gl_strdup("refused");
    for (size_t i = 0; i < file->count && file->statements[i].verdict != GL_TRACE_NOT_RUN; i++) {
        gl_buf_puts(&text, i ? "; " : "");
        tell_statement(&file->statements[i], &text);
    }
    return gl_buf_steal(&text);
}

static const char *verdict_of(const struct gl_trace_file *file)
{
    enum gl_trace_verdict worst = file->problem.code ? GL_TRACE_FAILED : GL_TRACE_HARMLESS;
    for (size_t i = 0; i < file->count; i++) {
        enum gl_trace_verdict verdict = file->statements[i].verdict;
        worst = verdict != GL_TRACE_NOT_RUN && verdict > worst ? verdict : worst;
    }
    return worst == GL_TRACE_FAILED ? "fails" : gl_trace_verdict_word(worst);
}

static bool needs_own(const struct truth_case *item)
{
    return item->setup || item->no_transaction || strstr(item->sql, "commit;");
}

/* ---- comparing --------------------------------------------------------------------------------
 */

static size_t compare(const struct truth_case *item, const char *verdict, const char *detail)
{
    bool same_verdict = item->verdict && strcmp(item->verdict, verdict) == 0;
    bool same_detail = item->detail && strcmp(item->detail, detail) == 0;
    bool newer = getenv("TRUTH_SERVER_BIN") != NULL; /* whose locks may differ in detail */
    if (same_verdict && (same_detail || newer))
        return 0;
    print_message("%s: measured %s (%s), stored %s (%s)\n", item->name, verdict, detail,
                  item->verdict ? item->verdict : "nothing", item->detail ? item->detail : "");
    return 1;
}

static void store(const struct gl_buf *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = truth_path("truth.tsv");
    ok(gl_write_text(path, gl_buf_text(text), 0644, &err), &err);
}

static void test_truth(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf measured = {0};
    size_t differences = 0;
    assert_true(truth.count >= 200);
    for (size_t i = 0; i < truth.count; i++) {
        gl_cleanup(gl_trace_file_done) struct gl_trace_file file = {0};
        const struct truth_case *item = &truth.items[i];
        (needs_own(item) ? trace_in_own : trace_shared)(item, &file);
        gl_autofree char *detail = detail_of(&file);
        gl_buf_printf(&measured, "%s\t%s\t%s\n", item->name, verdict_of(&file), detail);
        differences += compare(item, verdict_of(&file), detail);
    }
    if (getenv("TRUTH_WRITE"))
        store(&measured);
    else
        assert_int_equal(differences, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_truth)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
