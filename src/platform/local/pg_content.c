/* Reads what a database holds: row counts and hashes of tables, values of sequences. */
#include "platform/local/pg_content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "platform/local/pg.h"

/* Objects that pg_dump carries: no system schemas, nothing temporary, no members of extensions. */
#define OURS                                                                                       \
    " from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"         \
    " where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"                             \
    " and c.relpersistence <> 't'"                                                                 \
    " and not exists (select from pg_catalog.pg_depend d"                                          \
    "  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid"           \
    "  and d.deptype = 'e')"

/* In the order of strcmp(), as the comparison merges them. */
#define SORTED(query) "select * from (" query ") found order by name collate \"C\""

static const char tables_sql[] =
    SORTED("select pg_catalog.format('%I.%I', n.nspname, c.relname) as name" OURS
           " and c.relkind = 'r' union all select 'pg_catalog.pg_largeobject'"
           " where exists (select from pg_catalog.pg_largeobject_metadata)");

static const char sequences_sql[] =
    SORTED("select pg_catalog.format('%I.%I', n.nspname, c.relname) as name,"
           " (select s.seqincrement from pg_catalog.pg_sequence s where s.seqrelid = c.oid)" OURS
           " and c.relkind = 'S'");

/* The hash of a row is taken of its text: equal for equal values in any cluster, whatever order and
 * page the rows lie in. Sums tell a row that is there twice from one that is there once; two seeds
 * make it 128 bits. "C" because a hash needs a collation that is the same everywhere. */
static const char digest_columns[] =
    ", coalesce(sum(pg_catalog.hashtextextended(t::text collate \"C\", 0)::numeric), 0) || '/' ||"
    " coalesce(sum(pg_catalog.hashtextextended(t::text collate \"C\", 1)::numeric), 0)";

void gl_pg_content_done(struct gl_pg_content *content)
{
    for (size_t i = 0; i < content->table_count; i++) {
        free(content->tables[i].name);
        free(content->tables[i].digest);
    }
    for (size_t i = 0; i < content->sequence_count; i++)
        free(content->sequences[i].name);
    free(content->tables);
    free(content->sequences);
    *content = (struct gl_pg_content){0};
}

static int64_t int_at(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

static int list_tables(PGconn *conn, struct gl_pg_content *content, struct gl_error *err)
{
    gl_autopgresult PGresult *result = NULL;
    int failed = gl_pg_run(conn, tables_sql, &result, err);
    if (failed < 0)
        return failed;
    int count = PQntuples(result);
    content->tables = gl_alloc(sizeof *content->tables * (size_t)(count + 1));
    for (int i = 0; i < count; i++)
        content->tables[i].name = gl_strdup(PQgetvalue(result, i, 0));
    content->table_count = (size_t)count;
    return 0;
}

/* ONLY, because the rows of children are counted with the children. */
static char *figures_query(const struct gl_pg_content *content, bool with_digest)
{
    gl_autobuf struct gl_buf sql = {0};
    for (size_t i = 0; i < content->table_count; i++)
        gl_buf_printf(&sql, "select count(*)%s from only %s t;",
                      with_digest ? digest_columns : ", ''", content->tables[i].name);
    return gl_buf_steal(&sql);
}

int gl_pg_content_begin(PGconn *conn, bool with_digest, struct gl_pg_content *content,
                        struct gl_error *err)
{
    int failed = list_tables(conn, content, err);
    if (failed < 0)
        return failed;
    gl_autofree char *sql = figures_query(content, with_digest);
    return gl_pg_send(conn, sql, err);
}

int gl_pg_content_finish(PGconn *conn, struct gl_pg_content *content, struct gl_error *err)
{
    size_t at = 0;
    for (;;) {
        gl_autopgresult PGresult *result = NULL;
        int got = gl_pg_next(conn, &result, err);
        if (got < 0)
            return at < content->table_count
                       ? gl_error_wrap(err, _("table %s"), content->tables[at].name)
                       : got;
        if (got == 0)
            break;
        if (at >= content->table_count || PQntuples(result) != 1)
            continue; /* no tables: the answer to an empty query */
        content->tables[at].rows = int_at(result, 0, 0);
        content->tables[at++].digest = gl_strdup(PQgetvalue(result, 0, 1));
    }
    if (at != content->table_count)
        return gl_fail(err, GL_E_DATABASE, _("PostgreSQL counted %zu of %zu tables"), at,
                       content->table_count);
    return 0;
}

static int list_sequences(PGconn *conn, struct gl_pg_content *content, struct gl_error *err)
{
    gl_autopgresult PGresult *result = NULL;
    int failed = gl_pg_run(conn, sequences_sql, &result, err);
    if (failed < 0)
        return failed;
    int count = PQntuples(result);
    content->sequences = gl_alloc(sizeof *content->sequences * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        content->sequences[i].name = gl_strdup(PQgetvalue(result, i, 0));
        content->sequences[i].increment = int_at(result, i, 1);
    }
    content->sequence_count = (size_t)count;
    return 0;
}

/* (100, not called) and (99, called) hand out the same next value; wraps like the server's type. */
static int64_t last_given(const PGresult *result, int row, int64_t increment)
{
    int64_t value = int_at(result, row, 1);
    bool called = strcmp(PQgetvalue(result, row, 2), "t") == 0;
    return called ? value : (int64_t)((uint64_t)value - (uint64_t)increment);
}

int gl_pg_sequences_read(PGconn *conn, struct gl_pg_content *content, struct gl_error *err)
{
    gl_autobuf struct gl_buf sql = {0};
    gl_autopgresult PGresult *result = NULL;
    int failed = list_sequences(conn, content, err);
    if (failed < 0 || content->sequence_count == 0)
        return failed;
    for (size_t i = 0; i < content->sequence_count; i++)
        gl_buf_printf(&sql, "%sselect %zu as at, last_value, is_called from %s",
                      i ? " union all " : "", i, content->sequences[i].name);
    gl_buf_puts(&sql, " order by at");
    failed = gl_pg_run(conn, gl_buf_text(&sql), &result, err);
    if (failed < 0)
        return failed;
    for (size_t i = 0; i < content->sequence_count; i++)
        content->sequences[i].value = last_given(result, (int)i, content->sequences[i].increment);
    return 0;
}

int64_t gl_pg_content_rows(const struct gl_pg_content *content)
{
    int64_t rows = 0;
    for (size_t i = 0; i < content->table_count; i++)
        rows += content->tables[i].rows;
    return rows;
}
