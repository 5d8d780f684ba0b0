/* goose: <digits>_name.sql with `-- +goose Up` and `-- +goose Down` in one file. Its Go migrations
 * are programs, and its table keeps every run; golive only reads both.
 * Source: goose 3, internal/sqlparser/parser.go and internal/dialect/dialectquery/postgres.go. */
#include "base/i18n.h"
#include "migrate/format.h"
#include "migrate/mark.h"
#include "migrate/session.h"

static const struct gl_mark_style style = {
    .prefix = "+goose ",
    .any_case = true,
    .plain = true,
    .order = N_("goose wants `-- +goose Up` before any statement, and `-- +goose Down` only after "
                "it"),
    .hint = N_("Compare the file with what goose create makes."),
};

static int cut(struct gl_migration *migration, struct gl_error *err)
{
    int failed = gl_mark_check(&style, migration, err);
    if (failed < 0)
        return failed;
    const char *down = gl_mark_find(&style, migration->sql, "Down");
    const char *variables = gl_mark_find(&style, migration->sql, "ENVSUB ON");
    if (variables && (!down || variables < down))
        return gl_mark_fail(&style, migration, variables,
                            _("goose puts environment variables into this file when it runs it, "
                              "so what runs is not known here"),
                            err);
    migration->no_transaction = gl_mark_find(&style, migration->sql, "NO TRANSACTION") != NULL;
    return gl_mark_cut(&style, migration, err);
}

/* ---- its table ---------------------------------------------------------------------------------
 */

/* Every run adds a row, and older versions of goose add one for a revert, too: the last one counts.
 * Version 0 stands for the table itself. */
static const char applied_query[] =
    "select version_id from (select distinct on (version_id) version_id, is_applied "
    "from goose_db_version order by version_id, id desc) v "
    "where is_applied and version_id > 0 order by version_id";

static const struct gl_migration *find(const struct gl_migrations *list, int64_t version)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].version == version)
            return &list->items[i];
    }
    return NULL;
}

static int read_table(PGconn *conn, const struct gl_migrations *list,
                      struct gl_applied_list *ret_list, struct gl_error *err)
{
    gl_autopqresult PGresult *rows = NULL;
    struct gl_applied_list applied = {0};
    bool has = false;
    int failed = gl_format_has_table(conn, "goose_db_version", &has, err);
    if (failed == 0 && has)
        failed = gl_pq_query(conn, applied_query, 0, NULL, &rows, err);
    if (failed < 0)
        return gl_error_wrap(err, _("the table goose_db_version cannot be read"));
    for (int i = 0; has && i < PQntuples(rows); i++)
        gl_format_add_applied(&applied, gl_pq_int(rows, i, 0), find(list, gl_pq_int(rows, i, 0)));
    *ret_list = applied;
    return 0;
}

const struct gl_format gl_format_goose = {
    .name = "goose",
    .table = "goose_db_version",
    .alone_mark = "-- +goose NO TRANSACTION\n-- +goose Up\n",
    .no_up = N_("its table is only read; goose applies its own files"),
    .marks = &style,
    .add = gl_mark_add,
    .cut = cut,
    .read = read_table,
    .next = "time",
    .files = {{"%s_%s.sql", "-- +goose Up\n\n-- +goose Down\n"}},
};
