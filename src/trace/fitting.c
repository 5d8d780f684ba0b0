/* Generated rows may break what a migration demands of rows: that is no finding about it. The table
 * is emptied then, and the migration traced again. */
#include <string.h>

#include "base/i18n.h"
#include "trace/internal.h"

enum { TABLES_MAX = 32 };

/* Integrity constraints that made-up rows break by being made up. A column that becomes NOT NULL
 * without a value breaks on any row, so that 23502 is a finding. */
static bool is_about_rows(const char *sqlstate)
{
    static const char *const states[] = {"23503", "23505", "23514", "23P01", "22P02", "22001"};
    for (size_t i = 0; i < GL_COUNT(states); i++) {
        if (strcmp(sqlstate, states[i]) == 0)
            return true;
    }
    return false;
}

static const struct gl_trace_statement *failed_one(const struct gl_trace_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        if (file->statements[i].verdict == GL_TRACE_FAILED)
            return &file->statements[i];
    }
    return NULL;
}

/* What a CREATE UNIQUE INDEX CONCURRENTLY leaves behind when the rows break it. */
static int drop_invalid(struct gl_tracer *tracer, const char *table, struct gl_error *err)
{
    gl_autopqresult PGresult *rows = NULL;
    int failed = gl_pq_query(tracer->conn,
                             "select i.indexrelid::regclass::text from pg_catalog.pg_index i join "
                             "pg_catalog.pg_class c on c.oid = i.indexrelid where c.relkind = 'i' "
                             "and not i.indisvalid and i.indrelid = $1::text::regclass",
                             1, &table, &rows, err);
    for (int i = 0; failed == 0 && i < PQntuples(rows); i++) {
        gl_autofree char *sql = gl_asprintf("drop index %s", gl_pq_text(rows, i, 0));
        failed = gl_pq_exec(tracer->conn, sql, NULL, NULL, err);
    }
    return failed;
}

/* With what refers to it. */
static int empty_table(struct gl_tracer *tracer, const char *table, struct gl_error *err)
{
    gl_autofree char *sql = gl_asprintf("truncate %s cascade; analyze", table);
    int failed = drop_invalid(tracer, table, err);
    return failed < 0 ? failed : gl_pq_exec(tracer->conn, sql, NULL, NULL, err);
}

int gl_trace_fitting(struct gl_tracer *tracer, const struct gl_migration *migration,
                     struct gl_trace_file *ret_file, struct gl_error *err)
{
    gl_autostrv struct gl_strv left_out = {0};
    for (;;) {
        gl_cleanup(gl_trace_file_done) struct gl_trace_file file = {0};
        int failed = gl_trace_migration(tracer, migration, true, &file, err);
        const struct gl_trace_statement *wrong = failed == 0 ? failed_one(&file) : NULL;
        bool again = wrong && wrong->broken_table &&
                     gl_strv_has(tracer->filled, wrong->broken_table) &&
                     left_out.count < TABLES_MAX && is_about_rows(wrong->sqlstate) &&
                     !gl_strv_has(&left_out, wrong->broken_table);
        if (again) {
            gl_strv_add(&left_out, wrong->broken_table);
            failed = empty_table(tracer, wrong->broken_table, err);
        }
        if (failed < 0)
            return failed;
        if (again)
            continue;
        file.left_out = left_out;
        left_out = (struct gl_strv){0};
        *ret_file = file;
        file = (struct gl_trace_file){0};
        return 0;
    }
}
