/* Views of facts are asked by many rules, and each asking evaluates them anew. For the time of a
 * check they become tables of the same names. */
#include <stdlib.h>

#include "base/strv.h"
#include "data/sqlite.h"
#include "facts/internal.h"
#include "facts/kept.h"

struct gl_facts_settled {
    sqlite3 *db;
    struct gl_facts_kept *kept;
    bool begun;
};

/* ---- views -------------------------------------------------------------------------------------
 */

/* A view by itself reads other views; those before it by name are tables already. */
static int make_tables(sqlite3 *db, struct gl_error *err)
{
    int failed = 0;
    for (const struct gl_fact_table *at = gl_fact_tables; failed == 0 && at->name; at++) {
        const char *body = gl_fact_view_body(at);
        if (!body)
            continue;
        gl_autofree char *sql =
            gl_asprintf("drop view \"%s\"; create table \"%s\" as %s", at->name, at->name, body);
        failed = gl_sqlite_exec(db, sql, err);
    }
    return failed < 0 ? failed : gl_sqlite_exec(db, "analyze", err);
}

/* ---- for the time of a check -------------------------------------------------------------------
 */

static int take_back(struct gl_facts_settled *settled, struct gl_error *err)
{
    int failed = gl_facts_lookups(settled->db, NULL, err);
    if (failed == 0) /* or else a function may still look there */
        gl_facts_kept_free(settled->kept);
    if (settled->begun) {
        struct gl_error *own = failed < 0 ? NULL : err;
        int taken = gl_sqlite_exec(settled->db, "rollback to settled; release settled", own);
        failed = failed < 0 ? failed : taken;
    }
    free(settled);
    return failed;
}

/* What the tables replace comes back with the rest of the savepoint. */
int gl_facts_settle(sqlite3 *db, struct gl_facts_settled **ret_settled, struct gl_error *err)
{
    struct gl_facts_settled *settled = gl_alloc(sizeof *settled);
    settled->db = db;
    int failed = gl_facts_kept_read(db, &settled->kept, err);
    if (failed == 0)
        failed = gl_facts_lookups(db, settled->kept, err);
    if (failed == 0)
        failed = gl_sqlite_exec(db, "savepoint settled", err);
    settled->begun = failed == 0;
    if (failed == 0)
        failed = make_tables(db, err);
    if (failed == 0)
        *ret_settled = settled;
    else
        (void)!take_back(settled, NULL);
    return failed;
}

int gl_facts_unsettle(struct gl_facts_settled **settled, struct gl_error *err)
{
    return take_back(gl_steal(settled), err);
}

/* ---- for another thread ------------------------------------------------------------------------
 */

/* SQLite takes the copy, also where it fails. */
static int give_copy(sqlite3 *db, sqlite3 *twin, struct gl_error *err)
{
    sqlite3_int64 size = 0;
    unsigned char *copy = sqlite3_serialize(db, "main", &size, 0);
    unsigned flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY;
    if (!copy)
        return gl_fail(err, GL_E_DATABASE, "sqlite3_serialize: %s", sqlite3_errmsg(db));
    if (sqlite3_deserialize(twin, "main", copy, size, size, flags) != SQLITE_OK)
        return gl_sqlite_fail(twin, err, "sqlite3_deserialize");
    return 0;
}

/* Its pages are read where they lie. */
int gl_facts_twin(const struct gl_facts_settled *settled, sqlite3 **ret_db, struct gl_error *err)
{
    gl_autofacts sqlite3 *twin = NULL;
    int failed = gl_facts_open_at(":memory:", &twin, err);
    if (failed == 0)
        failed = gl_facts_functions(twin, settled->kept, err);
    if (failed == 0)
        failed = give_copy(settled->db, twin, err);
    if (failed == 0)
        failed = gl_sqlite_exec(twin, "pragma mmap_size = 1073741824", err);
    if (failed == 0)
        *ret_db = gl_steal(&twin);
    return failed;
}
