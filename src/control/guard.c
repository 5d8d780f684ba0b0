/* What a rule may do: read, and not for long. */
#include <string.h>
#include <time.h>

#include "base/interrupt.h"
#include "control/judge_internal.h"
#include "facts/facts.h"

enum {
    OPERATIONS_BETWEEN_LOOKS = 20000, /* some 200 us; a look is a system call */
    LENGTH_MAX = 16 * 1024 * 1024,    /* of a text that a rule makes */
};

/* Statements that only read consist of these; https://sqlite.org/c3ref/c_alter_table.html */
static bool reads_only(int action, const char *function)
{
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return true;
    case SQLITE_FUNCTION:
        return !function || strcmp(function, "load_extension") != 0;
    default:
        return false;
    }
}

static void note(const struct gl_judge *judge, const char *table)
{
    if (judge->reads && gl_fact_table_find(table) && !gl_strv_has(judge->reads, table))
        gl_strv_add(judge->reads, table);
}

/* Tables that are read, also through a function. */
static void note_reads(const struct gl_judge *judge, int action, const char *first,
                       const char *second)
{
    if (action == SQLITE_READ && first)
        note(judge, first);
    const char *const *tables =
        action == SQLITE_FUNCTION && second ? gl_fact_function_reads(second) : NULL;
    for (; tables && *tables; tables++)
        note(judge, *tables);
}

static int authorize(void *context, int action, const char *first, const char *second,
                     const char *database, const char *view)
{
    (void)database;
    (void)view;
    note_reads(context, action, first, second);
    return reads_only(action, second) ? SQLITE_OK : SQLITE_DENY;
}

int64_t gl_guard_clock_us(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int look_at_clock(void *context)
{
    const struct gl_judge *judge = context;
    return gl_guard_clock_us() > judge->deadline_us || gl_interrupted();
}

/* At its first use SQLite declares a table-valued function as if it made a table, which the guard
 * would deny. */
static void know_json(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3_prepare_v2(db, "select 1 from json_each('[]'), json_tree('[]')", -1, &stmt, NULL);
    sqlite3_finalize(stmt);
}

void gl_guard_set(struct gl_judge *judge)
{
    know_json(judge->db);
    judge->old_length = sqlite3_limit(judge->db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
    sqlite3_set_authorizer(judge->db, authorize, judge);
    sqlite3_progress_handler(judge->db, OPERATIONS_BETWEEN_LOOKS, look_at_clock, judge);
}

void gl_guard_clear(struct gl_judge *judge)
{
    sqlite3_progress_handler(judge->db, 0, NULL, NULL);
    sqlite3_set_authorizer(judge->db, NULL, NULL);
    sqlite3_limit(judge->db, SQLITE_LIMIT_LENGTH, judge->old_length);
}
