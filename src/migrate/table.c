/* The table _sqlx_migrations. */
#include "migrate/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"

/* Byte for byte what sqlx sends: a table made by either is the same. */
static const char *const create_table = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (\n"
                                        "    version BIGINT PRIMARY KEY,\n"
                                        "    description TEXT NOT NULL,\n"
                                        "    installed_on TIMESTAMPTZ NOT NULL DEFAULT now(),\n"
                                        "    success BOOLEAN NOT NULL,\n"
                                        "    checksum BYTEA NOT NULL,\n"
                                        "    execution_time BIGINT NOT NULL\n"
                                        ");";

void gl_applied_list_done(struct gl_applied_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].description);
    free(list->items);
    *list = (struct gl_applied_list){0};
}

int gl_table_ensure(PGconn *conn, struct gl_error *err)
{
    if (gl_pq_exec(conn, create_table, NULL, NULL, err) < 0)
        return gl_error_wrap(err, _("the table _sqlx_migrations cannot be made"));
    return 0;
}

static void read_row(const PGresult *result, int row, struct gl_applied *applied)
{
    applied->version = gl_pq_int(result, row, 0);
    applied->description = gl_strdup(gl_pq_text(result, row, 1));
    applied->success = gl_pq_bool(result, row, 2);
    size_t len = 0;
    unsigned char *bytes = PQunescapeBytea((const unsigned char *)gl_pq_text(result, row, 3), &len);
    applied->checksum_ok = bytes && len == GL_SHA384_SIZE;
    if (applied->checksum_ok)
        memcpy(applied->checksum, bytes, GL_SHA384_SIZE);
    PQfreemem(bytes);
}

int gl_table_read(PGconn *conn, struct gl_applied_list *ret_list, struct gl_error *err)
{
    gl_autopqresult PGresult *exists = NULL;
    gl_autopqresult PGresult *rows = NULL;
    int failed = gl_pq_query(conn, "select to_regclass('_sqlx_migrations') is not null", 0, NULL,
                             &exists, err);
    if (failed < 0)
        return failed;
    struct gl_applied_list list = {0};
    if (gl_pq_bool(exists, 0, 0)) {
        failed = gl_pq_query(conn,
                             "select version, description, success, checksum "
                             "from _sqlx_migrations order by version",
                             0, NULL, &rows, err);
        if (failed < 0)
            return gl_error_wrap(err, _("the table _sqlx_migrations cannot be read"));
        list.count = (size_t)PQntuples(rows);
        list.items = gl_alloc((list.count + 1) * sizeof *list.items);
        for (size_t i = 0; i < list.count; i++)
            read_row(rows, (int)i, &list.items[i]);
    }
    *ret_list = list;
    return 0;
}

const struct gl_applied *gl_table_find(const struct gl_applied_list *list, int64_t version)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].version == version)
            return &list->items[i];
    }
    return NULL;
}

int gl_table_insert(PGconn *conn, const struct gl_migration *migration, int64_t elapsed_ns,
                    struct gl_error *err)
{
    char checksum[2 + 2 * GL_SHA384_SIZE + 1] = "\\x";
    gl_hex(migration->checksum, GL_SHA384_SIZE, checksum + 2);
    gl_autofree char *version = gl_asprintf("%" PRId64, migration->version);
    gl_autofree char *elapsed = gl_asprintf("%" PRId64, elapsed_ns);
    const char *const values[] = {version, migration->description, elapsed_ns < 0 ? "f" : "t",
                                  checksum, elapsed};
    return gl_pq_query(conn,
                       "insert into _sqlx_migrations "
                       "(version, description, success, checksum, execution_time) "
                       "values ($1::bigint, $2::text, $3::boolean, $4::bytea, $5::bigint)",
                       5, values, NULL, err);
}

int gl_table_finish(PGconn *conn, int64_t version, int64_t elapsed_ns, struct gl_error *err)
{
    gl_autofree char *which = gl_asprintf("%" PRId64, version);
    gl_autofree char *nanoseconds = gl_asprintf("%" PRId64, elapsed_ns);
    const char *const values[] = {nanoseconds, which};
    return gl_pq_query_always(conn,
                              "update _sqlx_migrations set success = true, "
                              "execution_time = $1::bigint where version = $2::bigint",
                              2, values, NULL, err);
}

int gl_table_is_dirty(PGconn *conn, int64_t version, bool *ret_dirty, struct gl_error *err)
{
    gl_autofree char *which = gl_asprintf("%" PRId64, version);
    const char *const values[] = {which};
    gl_autopqresult PGresult *result = NULL;
    int failed = gl_pq_query_always(conn,
                                    "select exists (select from _sqlx_migrations "
                                    "where version = $1::bigint and not success)",
                                    1, values, &result, err);
    if (failed == 0)
        *ret_dirty = gl_pq_bool(result, 0, 0);
    return failed;
}

int gl_table_remove_dirty(PGconn *conn, int64_t version, struct gl_error *err)
{
    gl_autofree char *which = gl_asprintf("%" PRId64, version);
    const char *const values[] = {which};
    return gl_pq_query_always(conn,
                              "delete from _sqlx_migrations "
                              "where version = $1::bigint and not success",
                              1, values, NULL, err);
}

int gl_table_delete(PGconn *conn, int64_t version, struct gl_error *err)
{
    gl_autofree char *which = gl_asprintf("%" PRId64, version);
    const char *const values[] = {which};
    return gl_pq_query(conn, "delete from _sqlx_migrations where version = $1::bigint", 1, values,
                       NULL, err);
}
