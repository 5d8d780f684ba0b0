/* Runs the collectors and notes in `source` what each came to. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "data/sqlite.h"
#include "facts/beside.h"
#include "platform/platform.h"

/* In an order in which each may read what those before it wrote; but those that run while the
 * stacks are evaluated read nothing. */
static const struct {
    const char *name;
    int row;                /* its place in the table `source` */
    gl_collect_fn *collect; /* NULL = needs --live */
} collectors[] = {
    {"config",      1,  gl_collect_config     },
    {"migrations",  3,  gl_collect_migrations },
    {"repo",        4,  gl_collect_repo       },
    {"template",    2,  gl_collect_template   },
    {"rendering",   5,  gl_collect_rendering  },
    {"ledger",      6,  gl_collect_ledger     },
    {"attestation", 7,  gl_collect_attestation},
    {"database",    8,  gl_collect_database   },
    {"aws",         9,  NULL                  },
    {"endpoint",    10, NULL                  },
    {"github",      11, NULL                  },
};

enum { STACKS = 3 }; /* the place of those that beside.c evaluates */

static int note_source(sqlite3 *db, int64_t now_unix_s, size_t collector,
                       const struct gl_collected *collected, struct gl_error *err)
{
    return gl_sqlite_run(db, err,
                         "insert into source (rowid, name, state, reason, collected_unix_s) "
                         "values (?1, ?2, ?3, ?4, ?5)",
                         "ittti", (int64_t)collectors[collector].row, collectors[collector].name,
                         collected->state, collected->reason, now_unix_s);
}

static int note_run(sqlite3 *db, const struct gl_collecting *c, struct gl_error *err)
{
    const struct gl_config *config = c->request->config;
    bool aws = gl_platform_is_aws(config);
    return gl_sqlite_run(db, err,
                         "insert into run values (?1, ?2, ?3, ?4, ?5, ?6, date(?6, 'unixepoch'))",
                         "ttttti", gl_config_str(config, "app.name"), c->env, aws ? "aws" : "local",
                         aws ? gl_config_str(config, "account_id") : NULL,
                         aws ? gl_config_str(config, "region") : NULL, c->now_unix_s);
}

/* ---- while the stacks are evaluated ------------------------------------------------------------
 */

/* Their rows stand in a database of their own until the other one is free. */
struct early {
    char *uri; /* by which the other one reads it */
    sqlite3 *db;
    struct gl_collected collected[STACKS];
};

static void early_done(struct early *early)
{
    gl_sqlite_close(&early->db);
    free(early->uri);
    for (size_t i = 0; i < STACKS; i++)
        gl_collected_done(&early->collected[i]);
}

static bool is_early(const struct gl_fact_table *table)
{
    bool any = false;
    for (size_t i = 0; i < STACKS; i++)
        any = any || gl_fact_table_is_of(table, collectors[i].name);
    return any;
}

static int open_early(struct early *early, struct gl_error *err)
{
    early->uri = gl_asprintf("file:/golive-%p?vfs=memdb", (void *)early);
    int failed = gl_facts_open_at(early->uri, &early->db, err);
    if (failed == 0)
        failed = gl_sqlite_exec(early->db, "pragma journal_mode = memory; begin", err);
    for (const struct gl_fact_table *at = gl_fact_tables; failed == 0 && at->name; at++) {
        if (is_early(at))
            failed = gl_facts_make(early->db, at, err);
    }
    return failed;
}

static int collect_early(const struct gl_collecting *c, struct early *early, struct gl_error *err)
{
    struct gl_collecting own = *c;
    int failed = open_early(early, err);
    own.db = early->db;
    for (size_t i = 0; failed == 0 && i < STACKS; i++)
        failed = gl_collector_run(&own, collectors[i].collect, &early->collected[i], err);
    return failed < 0 ? failed : gl_sqlite_exec(early->db, "commit", err);
}

/* Tables that are the same here and there are copied as they lie, without reading their rows. */
static int take_early(sqlite3 *db, const struct early *early, struct gl_error *err)
{
    int failed = gl_sqlite_run(db, err, "attach ?1 as early", "t", early->uri);
    if (failed == 0)
        failed = gl_sqlite_exec(db, "begin", err);
    for (const struct gl_fact_table *at = gl_fact_tables; failed == 0 && at->name; at++) {
        gl_autofree char *sql =
            gl_asprintf("insert into main.%s select * from early.%s", at->name, at->name);
        if (is_early(at))
            failed = gl_sqlite_exec(db, sql, err);
    }
    return failed < 0 ? failed : gl_sqlite_exec(db, "commit; detach early", err);
}

/* ---- what needs the others' rows ---------------------------------------------------------------
 */

static int collect_late(const struct gl_collecting *c, size_t collector, struct gl_error *err)
{
    gl_cleanup(gl_collected_done) struct gl_collected collected = {"absent", NULL};
    int failed = 0;
    if (collectors[collector].collect)
        failed = gl_collector_run(c, collectors[collector].collect, &collected, err);
    else
        collected.reason = gl_strdup(_("needs --live"));
    return failed < 0 ? failed : note_source(c->db, c->now_unix_s, collector, &collected, err);
}

static int index_rest(sqlite3 *db, struct gl_error *err)
{
    int failed = 0;
    for (const struct gl_fact_table *at = gl_fact_tables; failed == 0 && at->name; at++) {
        if (!gl_fact_table_is_of(at, collectors[STACKS].name))
            failed = gl_facts_index(db, at, err);
    }
    return failed < 0 ? failed : gl_sqlite_exec(db, "analyze", err);
}

static int go_on(const struct gl_collecting *c, const struct early *early,
                 const struct gl_collected *of_stacks, struct gl_error *err)
{
    int failed = take_early(c->db, early, err);
    if (failed == 0)
        failed = gl_sqlite_exec(c->db, "begin", err);
    if (failed == 0)
        failed = note_run(c->db, c, err);
    for (size_t i = 0; failed == 0 && i <= STACKS; i++)
        failed = note_source(c->db, c->now_unix_s, i, i < STACKS ? &early->collected[i] : of_stacks,
                             err);
    for (size_t i = STACKS + 1; failed == 0 && i < GL_COUNT(collectors); i++)
        failed = collect_late(c, i, err);
    if (failed == 0)
        failed = index_rest(c->db, err);
    return failed < 0 ? failed : gl_sqlite_exec(c->db, "commit", err);
}

int gl_facts_collect(const struct gl_facts_request *request, sqlite3 **ret_db, struct gl_error *err)
{
    gl_autobeside struct gl_facts_beside *own = request->beside ? NULL : gl_facts_begin(request);
    struct gl_facts_beside *beside = request->beside ? request->beside : own;
    gl_cleanup(early_done) struct early early = {0};
    struct gl_collecting c = beside->collecting;
    c.request = request;
    int failed = collect_early(&c, &early, err);
    if (failed == 0)
        failed = gl_facts_beside_wait(beside, err);
    if (failed < 0)
        return failed;
    c.db = beside->db;
    assert(c.db);
    failed = go_on(&c, &early, &beside->of_stacks, err);
    if (failed == 0)
        *ret_db = gl_steal(&beside->db);
    return failed;
}
