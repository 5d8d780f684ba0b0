/* Sizes and applied versions from a live database. */
#include "lint/database.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/json.h"
#include "migrate/conn.h"
#include "migrate/table.h"

enum { VERSION_UNIT = 10000 }; /* PQserverVersion() of 15.4 is 150004 */

/* reltuples is -1 for a table that was never analyzed: then a page is taken for a hundred rows. A
 * partitioned table is as large as its leaves, whatever its own reltuples say. The order is by
 * bytes, as gl_lint_size_of() searches. */
static const char sizes_query[] =
    "SELECT n.nspname || '.' || c.relname COLLATE \"C\","
    " coalesce(sum(CASE WHEN l.reltuples < 0 THEN pg_relation_size(l.oid) / 82"
    " ELSE l.reltuples END), 0)::bigint, coalesce(sum(pg_total_relation_size(l.oid)), 0)::bigint"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN LATERAL (SELECT c.oid AS oid WHERE c.relkind <> 'p' UNION ALL"
    " SELECT relid FROM pg_partition_tree(c.oid) WHERE c.relkind = 'p' AND isleaf) part ON true"
    " LEFT JOIN pg_class l ON l.oid = part.oid"
    " WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " AND n.nspname !~ '^pg_(toast|temp)' GROUP BY 1 ORDER BY 1";

void gl_lint_database_done(struct gl_lint_database *database)
{
    gl_lint_sizes_done(&database->sizes);
    *database = (struct gl_lint_database){0};
}

static int read_sizes(PGconn *conn, struct gl_lint_sizes *sizes, struct gl_error *err)
{
    gl_autopqresult PGresult *rows = NULL;
    int failed = gl_pq_query(conn, sizes_query, 0, NULL, &rows, err);
    if (failed < 0)
        return failed;
    size_t count = (size_t)PQntuples(rows);
    sizes->items = count ? gl_alloc(count * sizeof *sizes->items) : NULL;
    for (; sizes->count < count; sizes->count++) {
        int row = (int)sizes->count;
        sizes->items[row] = (struct gl_lint_size){gl_strdup(gl_pq_text(rows, row, 0)),
                                                  gl_pq_int(rows, row, 1), gl_pq_int(rows, row, 2)};
    }
    return 0;
}

/* A file that cannot be read is a finding of its own. */
static bool is_edited(const struct gl_lint_file *file, const struct gl_applied *applied)
{
    unsigned char checksum[GL_SHA384_SIZE];
    gl_autobuf struct gl_buf text = {0};
    if (gl_read_file(file->path, 0, &text, NULL) < 0)
        return false;
    gl_sha384(gl_buf_text(&text), text.len, checksum);
    return !applied->checksum_ok || memcmp(checksum, applied->checksum, sizeof checksum) != 0;
}

/* Other tools' tables are read by their own ways. */
static int mark_foreign(const char *conninfo, struct gl_lint_files *files, struct gl_error *err)
{
    gl_automigratestatus struct gl_migrate_status status = {0};
    const struct gl_migrations *list = &files->foreign;
    int failed = gl_migrate_status(conninfo, list, &status, err);
    for (size_t i = 0; failed == 0 && i < files->count; i++) {
        struct gl_lint_file *file = &files->items[i];
        for (size_t k = 0; file->sql && k < status.count; k++) {
            if (file->sql != list->items[k].sql)
                continue;
            enum gl_migration_state state = status.states[k];
            file->late = state == GL_MIGRATION_LATE;
            file->edited = state == GL_MIGRATION_EDITED;
            file->applied = state != GL_MIGRATION_PENDING && !file->late;
        }
    }
    return failed;
}

static int mark_applied(PGconn *conn, struct gl_lint_files *files, struct gl_error *err)
{
    gl_autoapplied struct gl_applied_list applied = {0};
    int failed = gl_table_read(conn, &applied, err);
    if (failed < 0)
        return failed;
    int64_t newest = applied.count ? applied.items[applied.count - 1].version : 0;
    for (size_t i = 0; i < files->count; i++) {
        struct gl_lint_file *file = &files->items[i];
        if (file->sql)
            continue;
        const struct gl_applied *row =
            file->version ? gl_table_find(&applied, file->version) : NULL;
        file->applied = row != NULL;
        file->edited = row && is_edited(file, row);
        file->late = file->version && !row && file->version < newest;
    }
    return 0;
}

int gl_lint_database_read(const char *conninfo, struct gl_lint_files *files,
                          struct gl_lint_database *ret_database, struct gl_error *err)
{
    gl_autopq PGconn *conn = NULL;
    gl_autolintdatabase struct gl_lint_database database = {0};
    int failed = gl_pq_connect(conninfo, "golive migrate lint", &conn, err);
    if (failed == 0)
        failed = gl_pq_exec(conn, "BEGIN READ ONLY", NULL, NULL, err);
    if (failed == 0)
        failed = read_sizes(conn, &database.sizes, err);
    if (failed == 0)
        failed = mark_applied(conn, files, err);
    if (failed == 0 && files->foreign.format)
        failed = mark_foreign(conninfo, files, err);
    if (failed < 0)
        return failed;
    database.server_version = PQserverVersion(conn) / VERSION_UNIT;
    *ret_database = database;
    database = (struct gl_lint_database){0};
    return 0;
}

char *gl_lint_sizes_make(const struct gl_lint_sizes *sizes)
{
    gl_autojson json_t *root = json_object();
    json_t *rows = json_array();
    for (size_t i = 0; i < sizes->count; i++) {
        json_t *row = json_object();
        gl_json_set_str(row, "relation", sizes->items[i].relation);
        gl_json_set_int(row, "rows", sizes->items[i].rows);
        gl_json_set_int(row, "bytes", sizes->items[i].bytes);
        json_array_append_new(rows, row);
    }
    json_object_set_new(root, "relations", rows);
    return gl_json_pretty(root);
}
