/* Facts: what is known of an application and its environments, as rows in an SQLite database in
 * memory. Collectors write them, controls read them.
 *
 * The tables are specified by their own SQL with its comments (spec/facts/NAME.sql), which is also
 * their documentation. */
#ifndef GL_FACTS_FACTS_H
#define GL_FACTS_FACTS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strv.h"
#include "config/config.h"
#include "ledger/ledger.h"

/* ---- tables ------------------------------------------------------------------------------------
 */

/* A table or view of facts. */
struct gl_fact_table {
    const char *name;
    const char *sql; /* its specification, NUL-terminated */
};

/* All tables by name; ends with name NULL. */
extern const struct gl_fact_table gl_fact_tables[];

/* By name, NULL if there is none. */
const struct gl_fact_table *gl_fact_table_find(const char *name);

/* Opens an empty database of facts in memory, with the functions that rules use (docs/controls.md).
 * The caller calls gl_facts_close(). */
gl_nodiscard int gl_facts_open(sqlite3 **ret_db, struct gl_error *err);
void gl_facts_close(sqlite3 **db);
#define gl_autofacts gl_cleanup(gl_facts_close)

/* Tables that a function of rules looks into, NULL-terminated; NULL for one that only calculates.
 */
const char *const *gl_fact_function_reads(const char *name);

/* Facts for the time of a check. */
struct gl_facts_settled;

/* Evaluates every view once, for all statements that follow, with the indexes that stand behind it
 * in its specification, and takes what functions look up into memory. The caller calls
 * gl_facts_unsettle(), which gives both back; until then the facts must not change. */
gl_nodiscard int gl_facts_settle(sqlite3 *db, struct gl_facts_settled **ret_settled,
                                 struct gl_error *err);
gl_nodiscard int gl_facts_unsettle(struct gl_facts_settled **settled, struct gl_error *err);
/* The same facts for one other thread, only to be read. The caller calls gl_facts_close(), before
 * gl_facts_unsettle(). */
gl_nodiscard int gl_facts_twin(const struct gl_facts_settled *settled, sqlite3 **ret_db,
                               struct gl_error *err);

/* ---- collecting --------------------------------------------------------------------------------
 */

/* What to look at. Everything is borrowed; NULL = not to be looked at. */
struct gl_facts_request {
    const struct gl_config *config;  /* of the environment that is judged */
    const struct gl_strv *templates; /* files to judge instead of the project's stacks, or NULL */
    const char *parameters;          /* file with their parameters, or NULL */
    const char *database;            /* libpq string or URL */
    struct gl_ledger *ledger;
    int64_t now_unix_s;             /* the moment that rules judge by; 0 = now */
    struct gl_facts_beside *beside; /* what gl_facts_begin() gave, for one gl_facts_collect(); NULL
                                       = not begun yet */
};

/* Begins what takes time and needs nothing else, so that it runs beside what the caller does before
 * gl_facts_collect(): git is asked, stacks are evaluated and written. config, templates, parameters
 * and the moment stay the same until then. The caller calls gl_facts_beside_free(), which waits,
 * before config ends. */
struct gl_facts_beside *gl_facts_begin(const struct gl_facts_request *request);
void gl_facts_beside_free(struct gl_facts_beside **beside);
#define gl_autobeside gl_cleanup(gl_facts_beside_free)

/* Runs every collector that can run. A collector that fails is noted in the table `source` and
 * takes nothing else with it; only a database in memory that cannot be written, and a template that
 * was named and cannot be read, is an error, and Ctrl-C. The caller calls gl_facts_close(). */
gl_nodiscard int gl_facts_collect(const struct gl_facts_request *request, sqlite3 **ret_db,
                                  struct gl_error *err);

#endif
