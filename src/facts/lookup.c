/* Functions that look one fact up, so that rules need not join for it. */
#include <stdlib.h>
#include <string.h>

#include "data/sqlite.h"
#include "facts/internal.h"

struct lookup {
    const char *name;
    int count;           /* of arguments */
    const char *sql;     /* one row of one column; ?1.. are the arguments */
    const char *missing; /* what the function is where there is no row: a number, or NULL = null */
    const char *const *reads; /* tables, NULL-terminated */
};

static const char *const of_config[] = {"config", "run", NULL};
static const char *const of_any_config[] = {"config", NULL};
static const char *const of_property[] = {"property", NULL};
static const char *const of_resource[] = {"property", "resource", NULL};

/* Each is a search in an index: one with `or` reads the whole environment. */
#define OF_CONFIG(what)                                                                            \
    "select " what " from run join config c on c.env = run.env and c.key = ?1 union all "          \
    "select " what " from run join config c on c.env = run.env and c.parent = ?1"
#define GIVEN(which)                                                                               \
    "select 1 from run join config c on c.env = run.env and " which " and c.origin <> 'default'"

/* known(): what is not there is known not to be there. line(): the resource's own, then. */
static const struct lookup lookups[] = {
    {"prop",       2, "select value from property where resource = ?1 and path = ?2",                NULL, of_property  },
    {"known",      2, "select known from property where resource = ?1 and path = ?2",                "1",  of_property  },
    {"target",     2, "select target from property where resource = ?1 and path = ?2",               NULL,
     of_property                                                                                                        },
    {"line",       2,
     "select coalesce((select line from property where resource = ?1 and path = ?2),"
     " (select min(line) from property where resource = ?1 and parent = ?2),"
     " (select line from resource where id = ?1))",                                                  NULL, of_resource  },
    {"conf",       1, "select c.value from run join config c on c.env = run.env and c.key = ?1",     NULL,
     of_config                                                                                                          },
    {"conf_of",    2, "select value from config where env = ?1 and key = ?2",                        NULL, of_any_config},
    {"conf_line",  1,
     "select line from (" OF_CONFIG("c.line") ") order by line is null, line limit 1",               NULL,
     of_config                                                                                                          },
    {"conf_file",  1, "select file from (" OF_CONFIG("c.file") ") order by file is null limit 1",
     NULL,                                                                                                 of_config    },
    {"conf_given", 1,
     "select exists (" GIVEN("c.key = ?1") ") or exists (" GIVEN(
         "c.key > ?1 || '.' and c.key < ?1 || '/'") ") or exists (" GIVEN("c.key > ?1 || '[' and "
                                                                          "c.key < ?1 || '\\'") ")",
     "0",                                                                                                  of_config    },
};

const char *const *gl_fact_function_reads(const char *name)
{
    for (size_t i = 0; i < GL_COUNT(lookups); i++) {
        if (strcmp(lookups[i].name, name) == 0)
            return lookups[i].reads;
    }
    return NULL;
}

/* A function of one database: its look-up is prepared once, whichever rules call it. */
struct prepared {
    const struct lookup *lookup;
    sqlite3_stmt *stmt; /* NULL until the first call */
};

static void free_prepared(void *function)
{
    struct prepared *prepared = function;
    sqlite3_finalize(prepared->stmt);
    free(prepared);
}

static void give_result(sqlite3_context *context, const struct lookup *lookup, sqlite3_stmt *stmt)
{
    int step = sqlite3_step(stmt);
    if (step == SQLITE_ROW)
        sqlite3_result_value(context, sqlite3_column_value(stmt, 0));
    else if (step != SQLITE_DONE)
        sqlite3_result_error(context, sqlite3_errmsg(sqlite3_context_db_handle(context)), -1);
    else if (lookup->missing)
        sqlite3_result_int(context, lookup->missing[0] - '0');
}

static void look_up(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct prepared *prepared = sqlite3_user_data(context);
    sqlite3 *db = sqlite3_context_db_handle(context);
    if (!prepared->stmt &&
        sqlite3_prepare_v2(db, prepared->lookup->sql, -1, &prepared->stmt, NULL) != SQLITE_OK) {
        sqlite3_result_error(context, sqlite3_errmsg(db), -1);
        return;
    }
    for (int i = 0; i < count; i++)
        sqlite3_bind_value(prepared->stmt, i + 1, values[i]);
    give_result(context, prepared->lookup, prepared->stmt);
    sqlite3_reset(prepared->stmt);
}

/* Facts do not change while a statement reads them, so that a look-up is deterministic: one whose
 * arguments are constant is made once. */
int gl_facts_lookups(sqlite3 *db, struct gl_error *err)
{
    for (size_t i = 0; i < GL_COUNT(lookups); i++) {
        struct prepared *prepared = gl_alloc(sizeof *prepared);
        prepared->lookup = &lookups[i];
        if (sqlite3_create_function_v2(db, lookups[i].name, lookups[i].count,
                                       SQLITE_UTF8 | SQLITE_DETERMINISTIC, prepared, look_up, NULL,
                                       NULL, free_prepared) != SQLITE_OK)
            return gl_sqlite_fail(db, err, lookups[i].name);
    }
    return 0;
}

void gl_facts_lookups_end(sqlite3 *db)
{
    for (size_t i = 0; i < GL_COUNT(lookups); i++)
        sqlite3_create_function(db, lookups[i].name, lookups[i].count, SQLITE_UTF8, NULL, NULL,
                                NULL, NULL);
}
