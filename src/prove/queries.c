/* Lists of queries, and where they come from. */
#include "prove/queries.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "migrate/conn.h"

enum {
    MAX_SOURCE_BYTES = 8 << 20,
};

void gl_queries_done(struct gl_queries *queries)
{
    for (size_t i = 0; i < queries->count; i++) {
        free(queries->items[i].sql);
        free(queries->items[i].file);
    }
    free(queries->items);
    gl_strv_done(&queries->unread);
    *queries = (struct gl_queries){0};
}

/* .sqlx has every text of the sources' macros again: whoever came first knows the better place. */
void gl_queries_add(struct gl_queries *queries, const char *sql, const char *file, unsigned line)
{
    for (size_t i = 0; i < queries->count; i++) {
        if (strcmp(queries->items[i].sql, sql) == 0)
            return;
    }
    queries->items = gl_realloc_array(queries->items, queries->count + 1, sizeof *queries->items);
    queries->items[queries->count++] = (struct gl_query){
        .sql = gl_strdup(sql), .file = file ? gl_strdup(file) : NULL, .line = line};
}

/* ---- a directory ------------------------------------------------------------------------------
 */

struct search {
    const char *dir;
    struct gl_queries *queries;
};

static bool is_foreign(const char *relative)
{
    return gl_starts_with(relative, "target/") || strstr(relative, "/target/") ||
           strstr(relative, "node_modules/");
}

static int visit_rust(const char *relative, const char *full, void *context, struct gl_error *err)
{
    const struct search *search = context;
    gl_autobuf struct gl_buf text = {0};
    if (!gl_ends_with(relative, ".rs") || is_foreign(relative))
        return 0;
    int failed = gl_read_file(full, MAX_SOURCE_BYTES, &text, err);
    if (failed == 0)
        gl_queries_read_rust(gl_buf_text(&text), text.len, search->dir, relative, search->queries);
    return failed;
}

/* What `cargo sqlx prepare` keeps of each macro: {"db_name": ..., "query": "...", ...}. */
static int visit_cache(const char *relative, const char *full, void *context, struct gl_error *err)
{
    const struct search *search = context;
    gl_autojson json_t *root = NULL;
    if (!gl_starts_with(gl_path_base(relative), "query-") || !strstr(relative, ".sqlx/") ||
        !gl_ends_with(relative, ".json") || is_foreign(relative))
        return 0;
    int failed = gl_json_load(full, &root, err);
    if (failed < 0)
        return failed;
    const char *sql = gl_json_str(root, "query", NULL);
    if (sql)
        gl_queries_add(search->queries, sql, relative, 0);
    return 0;
}

int gl_queries_read(const char *dir, struct gl_queries *queries, struct gl_error *err)
{
    struct search search = {dir, queries};
    int failed = gl_walk_files(dir, visit_rust, &search, err);
    return failed < 0 ? failed : gl_walk_files(dir, visit_cache, &search, err);
}

/* ---- a server ---------------------------------------------------------------------------------
 */

int gl_queries_ask(PGconn *conn, struct gl_queries *queries, struct gl_error *err)
{
    static const char ask[] =
        "SELECT query FROM pg_stat_statements "
        "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND query ~* '^\\s*(select|insert|update|delete|with|merge|values)\\M' "
        "AND query !~ 'pg_stat_statements' ORDER BY calls DESC, queryid";
    gl_autopqresult PGresult *result = NULL;
    int failed = gl_pq_query(conn, ask, 0, NULL, &result, err);
    if (failed < 0) {
        gl_error_wrap(err, _("cannot read the server's queries"));
        return gl_error_hint(err, _("CREATE EXTENSION pg_stat_statements, and load it with "
                                    "shared_preload_libraries."));
    }
    for (int i = 0; i < PQntuples(result); i++)
        gl_queries_add(queries, gl_pq_text(result, i, 0), NULL, 0);
    return 0;
}
