/* The database of facts: its tables are made from their specifications. */
#include "facts/facts.h"

#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "data/sqlite.h"
#include "facts/internal.h"

const char *gl_fact_view_body(const struct gl_fact_table *table)
{
    const char *view = strstr(table->sql, "create view");
    const char *body = view ? strstr(view, " as\n") : NULL;
    return body ? body + strlen(" as\n") : NULL;
}

static bool is_view(const struct gl_fact_table *table)
{
    return gl_fact_view_body(table) != NULL;
}

/* Indexes stand behind the table in its specification; those of a view are made with its table
 * (gl_facts_settle()). */
static const char *indexes_of(const struct gl_fact_table *table)
{
    return strstr(table->sql, "create index");
}

static int make_one(sqlite3 *db, const struct gl_fact_table *table, struct gl_error *err)
{
    const char *indexes = indexes_of(table);
    gl_autofree char *sql =
        indexes ? gl_strndup(table->sql, (size_t)(indexes - table->sql)) : gl_strdup(table->sql);
    return gl_sqlite_exec(db, sql, err);
}

int gl_facts_make(sqlite3 *db, const struct gl_fact_table *table, struct gl_error *err)
{
    int failed = make_one(db, table, err);
    return failed < 0 ? gl_error_wrap(err, "spec/facts/%s.sql", table->name) : 0;
}

static int make_all(sqlite3 *db, bool views, struct gl_error *err)
{
    int failed = 0;
    for (const struct gl_fact_table *table = gl_fact_tables; failed == 0 && table->name; table++) {
        if (is_view(table) == views)
            failed = gl_facts_make(db, table, err);
    }
    return failed;
}

int gl_facts_index(sqlite3 *db, const struct gl_fact_table *table, struct gl_error *err)
{
    return !is_view(table) && indexes_of(table) ? gl_sqlite_exec(db, indexes_of(table), err) : 0;
}

bool gl_fact_table_is_of(const struct gl_fact_table *table, const char *collector)
{
    static const char mark[] = "-- collector: ";
    size_t len = strlen(collector);
    const char *at = strstr(table->sql, mark);
    if (!at || strncmp(at + strlen(mark), collector, len) != 0)
        return false;
    at += strlen(mark) + len;
    return *at == ',' || *at == '\n';
}

/* Nothing of it is to last: no page is overwritten before it is given back, and what SQLite puts
 * aside stays in memory. Greater pages make trees of fewer levels. */
static const char setup[] = "pragma page_size = 32768; pragma secure_delete = off;"
                            "pragma temp_store = memory; pragma analysis_limit = 100";

int gl_facts_open_at(const char *name, sqlite3 **ret_db, struct gl_error *err)
{
    gl_autosqlite sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(name, &db, flags, NULL) != SQLITE_OK) /* of one thread at a time */
        return gl_sqlite_fail(db, err, name);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    int failed = gl_sqlite_exec(db, setup, err);
    if (failed == 0)
        *ret_db = gl_steal(&db);
    return failed;
}

int gl_facts_open(sqlite3 **ret_db, struct gl_error *err)
{
    gl_autofacts sqlite3 *db = NULL;
    int failed = gl_facts_open_at(":memory:", &db, err);
    if (failed == 0)
        failed = gl_facts_functions(db, NULL, err);
    if (failed == 0)
        failed = make_all(db, false, err);
    if (failed == 0)
        failed = make_all(db, true, err);
    if (failed == 0)
        *ret_db = gl_steal(&db);
    return failed;
}

void gl_facts_close(sqlite3 **db)
{
    if (*db)
        gl_facts_lookups_end(*db);
    gl_sqlite_close(db);
}
