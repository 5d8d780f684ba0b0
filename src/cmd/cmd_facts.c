/* golive facts: what is known of the application, as tables. */
#include <string.h>

#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/judged.h"
#include "control/render.h"
#include "data/sqlite.h"
#include "facts/facts.h"

/* ---- showing rows ------------------------------------------------------------------------------
 */

static json_t *cell_json(sqlite3_stmt *stmt, int column)
{
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(stmt, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(stmt, column));
    case SQLITE_TEXT:
        return json_string(gl_sqlite_text(stmt, column));
    default:
        return json_null();
    }
}

static json_t *row_json(sqlite3_stmt *stmt)
{
    json_t *row = json_object();
    for (int i = 0; i < sqlite3_column_count(stmt); i++)
        json_object_set_new(row, sqlite3_column_name(stmt, i), cell_json(stmt, i));
    return row;
}

static int show_json(struct gl_context *context, sqlite3_stmt *stmt, struct gl_error *err)
{
    gl_autojson json_t *rows = json_array();
    int step;
    while ((step = gl_sqlite_step(stmt, err)) == 1)
        json_array_append_new(rows, row_json(stmt));
    if (step == 0)
        gl_cmd_print_json(context, rows);
    return step;
}

/* Tab-separated with a head: `column -t -s TAB` and spreadsheets read it. */
static int show_text(struct gl_context *context, sqlite3_stmt *stmt, struct gl_error *err)
{
    int columns = sqlite3_column_count(stmt);
    for (int i = 0; i < columns; i++)
        fprintf(context->out, "%s%c", sqlite3_column_name(stmt, i), i + 1 < columns ? '\t' : '\n');
    int step;
    while ((step = gl_sqlite_step(stmt, err)) == 1) {
        for (int i = 0; i < columns; i++) {
            gl_autofree char *cell = gl_strdup(gl_sqlite_text(stmt, i));
            for (char *at = cell; *at; at++)
                *at = (char)(*at == '\t' || *at == '\n' ? ' ' : *at);
            fprintf(context->out, "%s%c", cell, i + 1 < columns ? '\t' : '\n');
        }
    }
    return step;
}

/* Looked at every so many operations of SQLite: a fraction of a millisecond. */
enum { OPERATIONS_BETWEEN_LOOKS = 10000 };

static int look_at_signals(void *context)
{
    (void)context;
    return gl_interrupted();
}

/* What stands behind the first statement would be left out without a word. */
static int refuse_second(sqlite3 *db, sqlite3_stmt *first, const char *sql, struct gl_error *err)
{
    const char *rest = sql + strlen(sqlite3_sql(first));
    while (*rest) {
        gl_autostmt sqlite3_stmt *second = NULL;
        const char *behind = rest;
        if (sqlite3_prepare_v2(db, rest, -1, &second, &behind) != SQLITE_OK || second)
            return gl_fail(err, GL_E_USAGE, _("--sql takes one SELECT, and more follows: %s"),
                           rest);
        rest = behind; /* a comment or a lone semicolon */
    }
    return 0;
}

static int show_rows(struct gl_context *context, sqlite3 *db, sqlite3_stmt *stmt,
                     struct gl_error *err)
{
    sqlite3_progress_handler(db, OPERATIONS_BETWEEN_LOOKS, look_at_signals, NULL);
    int failed =
        context->format_json ? show_json(context, stmt, err) : show_text(context, stmt, err);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return failed < 0 && gl_interrupted() ? gl_interrupt_check(err) : failed;
}

static int show_query(struct gl_context *context, sqlite3 *db, const char *sql,
                      struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int failed = gl_sqlite_prepare(db, &stmt, err, sql, "");
    if (failed < 0) {
        gl_error_hint(err, _("`golive facts` lists the tables, `golive facts TABLE` shows one."));
        return failed;
    }
    if (!sqlite3_stmt_readonly(stmt) || sqlite3_column_count(stmt) == 0)
        return gl_fail(err, GL_E_USAGE, _("--sql takes one SELECT"));
    failed = refuse_second(db, stmt, sql, err);
    return failed < 0 ? failed : show_rows(context, db, stmt, err);
}

/* ---- tables ------------------------------------------------------------------------------------
 */

/* The first sentence of a specification: the comment that it begins with. */
static char *meaning_of(const struct gl_fact_table *table)
{
    const char *begin = gl_starts_with(table->sql, "-- ") ? table->sql + 3 : table->sql;
    return gl_strndup(begin, strcspn(begin, "\n"));
}

static int64_t rows_of(sqlite3 *db, const char *table)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    gl_autofree char *sql = gl_asprintf("select count(*) from %s", table);
    if (gl_sqlite_prepare(db, &stmt, NULL, sql, "") < 0 || gl_sqlite_step(stmt, NULL) != 1)
        return 0;
    return sqlite3_column_int64(stmt, 0);
}

static void list_tables(struct gl_context *context, sqlite3 *db)
{
    gl_autojson json_t *all = json_array();
    for (const struct gl_fact_table *table = gl_fact_tables; table->name; table++) {
        gl_autofree char *meaning = meaning_of(table);
        int64_t rows = rows_of(db, table->name);
        if (context->format_json) {
            json_t *item = json_object();
            gl_json_set_str(item, "table", table->name);
            gl_json_set_int(item, "rows", rows);
            gl_json_set_str(item, "meaning", meaning);
            json_array_append_new(all, item);
        } else {
            fprintf(context->out, "%-20s %6lld  %s\n", table->name, (long long)rows, meaning);
        }
    }
    if (context->format_json)
        gl_cmd_print_json(context, all);
}

static int no_table(const char *name, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    for (const struct gl_fact_table *table = gl_fact_tables; table->name; table++)
        gl_strv_add(&names, table->name);
    const char *nearest = gl_nearest(name, (const char *const *)names.items, names.count);
    gl_fail(err, GL_E_NOT_FOUND, _("there is no table of facts `%s`"), name);
    return nearest ? gl_error_hint(err, _("did you mean `%s`?"), nearest)
                   : gl_error_hint(err, _("`golive facts` lists them."));
}

static int show(struct gl_context *context, sqlite3 *db, struct gl_error *err)
{
    const char *sql = gl_flag_str(context, "sql");
    const char *name = context->args.count ? context->args.items[0] : NULL;
    if (sql)
        return show_query(context, db, sql, err);
    if (!name) {
        list_tables(context, db);
        return 0;
    }
    const struct gl_fact_table *table = gl_fact_table_find(name);
    if (!table)
        return no_table(name, err);
    if (gl_flag_bool(context, "describe")) {
        fputs(table->sql, context->out);
        return 0;
    }
    gl_autofree char *all = gl_asprintf("select * from %s", name);
    return show_query(context, db, all, err);
}

/* A table that is empty because its source failed says nothing about what there is. */
static int show_failed(sqlite3 *db, struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int step = gl_sqlite_prepare(
        db, &stmt, err,
        "select name || ': ' || reason from source where state = 'failed' order by rowid", "");
    while (step >= 0 && (step = gl_sqlite_step(stmt, err)) == 1) {
        gl_autofree char *line = gl_utf8_line(gl_sqlite_text(stmt, 0));
        fprintf(stderr, _("note: %s\n"), line);
    }
    return step;
}

static int check_usage(const struct gl_context *context, struct gl_error *err)
{
    if (gl_flag_str(context, "sql") && context->args.count)
        return gl_fail(err, GL_E_USAGE, _("--sql asks for itself: leave out `%s`"),
                       context->args.items[0]);
    if (gl_flag_bool(context, "describe") && !context->args.count) {
        gl_fail(err, GL_E_USAGE, _("--describe wants the name of a table"));
        return gl_error_hint(err, _("`golive facts` lists them."));
    }
    return 0;
}

/* Those of the environment that golive check would judge. */
static int collect(struct gl_context *context, sqlite3 **ret_db, struct gl_error *err)
{
    int failed = gl_cmd_choose_judged(context, err);
    if (failed == 0)
        failed = gl_cmd_open_known_ledger(context, err);
    if (failed < 0)
        return failed;
    struct gl_facts_request request = {
        .config = context->config,
        .database = gl_flag_str(context, "database"),
        .ledger = context->ledger,
    };
    return gl_facts_collect(&request, ret_db, err);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autofacts sqlite3 *db = NULL;
    int failed = check_usage(context, err);
    if (failed == 0)
        failed = collect(context, &db, err);
    if (failed == 0)
        failed = show_failed(db, err);
    return failed < 0 ? failed : show(context, db, err);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"sql",      0, GL_FLAG_TEXT, N_("QUERY"), NULL, N_("show what a SELECT finds in the facts")},
    {"database", 0, GL_FLAG_TEXT, N_("URL"), NULL, N_("look at this PostgreSQL, too (libpq URL or string)")},
    {"describe", 0, GL_FLAG_BOOL, NULL,        NULL, N_("show what a table and its columns mean")},
    {0},
};

static const struct gl_example examples[] = {
    {"golive facts", N_("lists the tables with their rows")},
    {"golive facts security_rule", N_("shows a table")},
    {"golive facts property --describe", N_("says what its columns mean")},
    {"golive facts --sql \"select type, count(*) from resource group by type\"", N_("asks them something")},
    {0},
};
/* clang-format on */

const struct gl_command gl_cmd_facts = {
    .name = "facts",
    .arguments = "[TABLE]",
    .summary = N_("show the facts that controls judge by"),
    .text = N_("Facts are rows in a database in memory: values of golive.yaml, resources of the "
               "stacks, files of the repository. Controls (golive check) are questions to them.\n\n"
               "Text is separated by tabs. Nothing is changed, nothing is asked of AWS."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 1,
    .run = run,
};
