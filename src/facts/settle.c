/* Views of facts are asked by many rules, and each asking evaluates them anew. For the time of a
 * check they become tables of the same names: SQLite looks a name up among temporary tables first.
 */
#include <string.h>

#include "base/strv.h"
#include "data/sqlite.h"
#include "facts/internal.h"

/* A view by itself reads other views; their tables are there already where they come before it by
 * name. */
int gl_facts_settle(sqlite3 *db, struct gl_error *err)
{
    int failed = gl_facts_lookups_keep(db, err);
    for (const struct gl_fact_table *at = gl_fact_tables; failed == 0 && at->name; at++) {
        const char *body = gl_fact_view_body(at);
        if (!body)
            continue;
        gl_autofree char *sql = gl_asprintf("create temp table \"%s\" as %s", at->name, body);
        failed = gl_sqlite_exec(db, sql, err);
    }
    if (failed == 0)
        failed = gl_sqlite_exec(db, "analyze temp", err);
    return failed;
}

int gl_facts_unsettle(sqlite3 *db, struct gl_error *err)
{
    int failed = gl_facts_lookups(db, err);
    for (const struct gl_fact_table *at = gl_fact_tables; failed == 0 && at->name; at++) {
        gl_autofree char *sql = gl_asprintf("drop table if exists temp.\"%s\"", at->name);
        if (gl_fact_view_body(at))
            failed = gl_sqlite_exec(db, sql, err);
    }
    return failed;
}
