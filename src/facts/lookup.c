/* Functions that look one fact up, so that rules need not join for it. */
#include <stdlib.h>
#include <string.h>

#include "data/sqlite.h"
#include "facts/internal.h"
#include "facts/kept.h"

/* Gives the function's result out of what is kept in memory; false: the database is to be asked. */
typedef bool keep_fn(sqlite3_context *context, const struct gl_facts_kept *kept,
                     sqlite3_value **values);

static keep_fn keep_prop;
static keep_fn keep_known;
static keep_fn keep_target;
static keep_fn keep_line;
static keep_fn keep_conf;

struct lookup {
    const char *name;
    int count;           /* of arguments */
    const char *sql;     /* one row of one column; ?1.. are the arguments */
    const char *missing; /* what the function is where there is no row: a number, or NULL = null */
    const char *const *reads; /* tables, NULL-terminated */
    keep_fn *keep;            /* or NULL */
};

static const char *const of_config[] = {"config", "run", NULL};
static const char *const of_any_config[] = {"config", NULL};
static const char *const of_property[] = {"property", NULL};
static const char *const of_resource[] = {"property", "resource", NULL};

#define OF_PROPERTY(what) "select " what " from property where resource = ?1 and path = ?2"
#define LINE_IN_PROPERTY  "select min(line) from property where resource = ?1 and parent = ?2"
/* Each is a search in an index: one with `or` reads the whole environment. */
#define OF_CONFIG(what)                                                                            \
    "select " what " from run join config c on c.env = run.env and c.key = ?1 union all "          \
    "select " what " from run join config c on c.env = run.env and c.parent = ?1"
#define GIVEN(which)                                                                               \
    "select 1 from run join config c on c.env = run.env and " which " and c.origin <> 'default'"

static const char prop_sql[] = OF_PROPERTY("value");
static const char known_sql[] = OF_PROPERTY("known");
static const char target_sql[] = OF_PROPERTY("target");
static const char line_sql[] =
    "select coalesce((" OF_PROPERTY("line") "), (" LINE_IN_PROPERTY "),"
                                            " (select line from resource where id = ?1))";
static const char conf_sql[] =
    "select c.value from run join config c on c.env = run.env and c.key = ?1";
static const char conf_of_sql[] = "select value from config where env = ?1 and key = ?2";
static const char conf_line_sql[] = "select min(line) from (" OF_CONFIG("c.line") ")";
static const char conf_file_sql[] =
    "select file from (" OF_CONFIG("c.file") ") where file is not null limit 1";
static const char conf_given_sql[] = "select exists (" GIVEN("c.key = ?1") ") or exists (" GIVEN(
    "c.key > ?1 || '.' and c.key < ?1 || '/'") ") or exists (" GIVEN("c.key > ?1 || '[' and c.key "
                                                                     "< ?1 || '\\'") ")";

/* known(): what is not there is known not to be there. line(): the resource's own, then. */
static const struct lookup lookups[] = {
    {"prop",       2, prop_sql,       NULL, of_property,   keep_prop  },
    {"known",      2, known_sql,      "1",  of_property,   keep_known },
    {"target",     2, target_sql,     NULL, of_property,   keep_target},
    {"line",       2, line_sql,       NULL, of_resource,   keep_line  },
    {"conf",       1, conf_sql,       NULL, of_config,     keep_conf  },
    {"conf_of",    2, conf_of_sql,    NULL, of_any_config, NULL       },
    {"conf_line",  1, conf_line_sql,  NULL, of_config,     NULL       },
    {"conf_file",  1, conf_file_sql,  NULL, of_config,     NULL       },
    {"conf_given", 1, conf_given_sql, "0",  of_config,     NULL       },
};

const char *const *gl_fact_function_reads(const char *name)
{
    for (size_t i = 0; i < GL_COUNT(lookups); i++) {
        if (strcmp(lookups[i].name, name) == 0)
            return lookups[i].reads;
    }
    return NULL;
}

/* ---- out of memory -----------------------------------------------------------------------------
 */

static void give_text(sqlite3_context *context, const char *text)
{
    if (text)
        sqlite3_result_text(context, text, -1, SQLITE_STATIC);
}

static bool keep_prop(sqlite3_context *context, const struct gl_facts_kept *kept,
                      sqlite3_value **values)
{
    const struct gl_kept_property *found = gl_facts_kept_property(kept, values[0], values[1]);
    give_text(context, found ? found->value : NULL);
    return true;
}

static bool keep_known(sqlite3_context *context, const struct gl_facts_kept *kept,
                       sqlite3_value **values)
{
    const struct gl_kept_property *found = gl_facts_kept_property(kept, values[0], values[1]);
    sqlite3_result_int64(context, found ? found->known : 1);
    return true;
}

static bool keep_target(sqlite3_context *context, const struct gl_facts_kept *kept,
                        sqlite3_value **values)
{
    const struct gl_kept_property *found = gl_facts_kept_property(kept, values[0], values[1]);
    give_text(context, found ? found->target : NULL);
    return true;
}

/* The line of a map or list, or of the resource, is not kept. */
static bool keep_line(sqlite3_context *context, const struct gl_facts_kept *kept,
                      sqlite3_value **values)
{
    const struct gl_kept_property *found = gl_facts_kept_property(kept, values[0], values[1]);
    if (!found || !found->line)
        return false;
    sqlite3_result_int64(context, found->line);
    return true;
}

static bool keep_conf(sqlite3_context *context, const struct gl_facts_kept *kept,
                      sqlite3_value **values)
{
    const char *value = NULL;
    if (gl_facts_kept_config(kept, values[0], &value))
        give_text(context, value);
    return true;
}

/* ---- out of the database -----------------------------------------------------------------------
 */

/* A function of a database: its look-up is prepared once, whichever rules call it. */
struct prepared {
    const struct gl_facts_kept *kept; /* NULL: the database is asked */
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
    const struct gl_facts_kept *kept = prepared->kept;
    sqlite3 *db = sqlite3_context_db_handle(context);
    if (kept && prepared->lookup->keep && prepared->lookup->keep(context, kept, values))
        return;
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
int gl_facts_lookups(sqlite3 *db, const struct gl_facts_kept *kept, struct gl_error *err)
{
    for (size_t i = 0; i < GL_COUNT(lookups); i++) {
        struct prepared *prepared = gl_alloc(sizeof *prepared);
        prepared->kept = kept;
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
