/* A migration in batches is traced as one statement, and judged as its batches are: each changes a
 * few rows, found by their key, and lets go of them. */
#include <stdlib.h>
#include <string.h>

#include "migrate/batch_text.h"
#include "trace/internal.h"

/* The name as moments have it. */
static const char name_of[] =
    "select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname "
    "from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
    "where c.oid = to_regclass($1::text)";

static bool is_bounded(const struct gl_trace_effect *effect, const char *table)
{
    return effect->work == GL_WORK_ROWS ||
           (effect->work == GL_WORK_SCAN && strcmp(effect->relation, table) == 0);
}

static void leave_out_bounded(struct gl_trace_statement *statement, const char *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < statement->effect_count; i++) {
        struct gl_trace_effect *effect = &statement->effects[i];
        if (is_bounded(effect, table)) {
            free(effect->relation);
            free(effect->table);
        } else
            statement->effects[kept++] = *effect;
    }
    statement->effect_count = kept;
}

int gl_trace_in_batches(struct gl_tracer *tracer, const struct gl_migration *migration,
                        struct gl_trace_statement *statement, struct gl_error *err)
{
    gl_autobatchtext struct gl_batch_text text = {0};
    gl_autopqresult PGresult *row = NULL;
    int failed = gl_batch_text_read(migration->sql, migration->path, &text, err);
    const char *values[] = {text.table};
    if (failed == 0)
        failed = gl_pq_query(tracer->conn, name_of, 1, values, &row, err);
    if (failed < 0)
        return failed;
    leave_out_bounded(statement, PQntuples(row) ? gl_pq_text(row, 0, 0) : "");
    statement->verdict = gl_verdict(statement);
    return 0;
}
