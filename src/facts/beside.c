/* The stacks are most of the facts: they are evaluated, written and indexed in a thread, in the
 * database that the facts are then in. */
#include "facts/beside.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/thread.h"
#include "data/sqlite.h"

static int index_stacks(sqlite3 *db, struct gl_error *err)
{
    int failed = 0;
    for (const struct gl_fact_table *at = gl_fact_tables; failed == 0 && at->name; at++) {
        if (gl_fact_table_is_of(at, "template"))
            failed = gl_facts_index(db, at, err);
    }
    return failed;
}

static int write_stacks(struct gl_facts_beside *beside, struct gl_error *err)
{
    struct gl_collecting c = beside->collecting;
    int failed = gl_facts_open(&beside->db, err);
    c.db = beside->db;
    if (failed == 0)
        failed = gl_sqlite_exec(c.db, "begin", err);
    if (failed == 0)
        failed = gl_collector_run(&c, gl_collect_template, &beside->of_stacks, err);
    if (failed == 0)
        failed = index_stacks(c.db, err);
    return failed < 0 ? failed : gl_sqlite_exec(c.db, "commit", err);
}

static void *write_aside(void *data)
{
    struct gl_facts_beside *beside = data;
    beside->failed = write_stacks(beside, &beside->err);
    return NULL;
}

/* ---- beginning and end -------------------------------------------------------------------------
 */

/* Configurations are counted without a lock, so that none is made in the thread. */
static void find_staging(const struct gl_config *config, struct gl_staging *ret_staging)
{
    static const char *const names[] = {"stg", "staging"};
    const json_t *all = json_object_get(gl_config_tree(config), "environments");
    for (size_t i = 0; !ret_staging->env && i < GL_COUNT(names); i++) {
        if (strcmp(names[i], gl_config_env(config)) != 0 && json_object_get(all, names[i]))
            ret_staging->env = names[i];
    }
    if (ret_staging->env)
        ret_staging->failed =
            gl_config_other(config, ret_staging->env, &ret_staging->config, &ret_staging->err);
}

/* Without a thread the stacks are there at once. */
struct gl_facts_beside *gl_facts_begin(const struct gl_facts_request *request)
{
    struct gl_facts_beside *beside = gl_alloc(sizeof *beside);
    beside->request = *request;
    gl_repo_ask(&beside->git, gl_config_dir(request->config));
    find_staging(request->config, &beside->staging);
    beside->collecting = (struct gl_collecting){
        .request = &beside->request,
        .env = gl_config_env(request->config),
        .staging = &beside->staging,
        .now_unix_s = request->now_unix_s ? request->now_unix_s : gl_now_unix_ms() / 1000,
        .git = &beside->git,
    };
    beside->running = gl_thread_start(&beside->thread, NULL, write_aside, beside) == 0;
    if (!beside->running)
        (void)write_aside(beside);
    return beside;
}

static void join(struct gl_facts_beside *beside)
{
    if (beside->running)
        pthread_join(beside->thread, NULL);
    beside->running = false;
}

int gl_facts_beside_wait(struct gl_facts_beside *beside, struct gl_error *err)
{
    join(beside);
    if (beside->failed < 0)
        gl_error_move(err, &beside->err);
    return beside->failed;
}

void gl_facts_beside_free(struct gl_facts_beside **beside)
{
    struct gl_facts_beside *at = *beside;
    if (!at)
        return;
    join(at);
    gl_facts_close(&at->db);
    gl_collected_done(&at->of_stacks);
    gl_error_done(&at->err);
    gl_config_free(&at->staging.config);
    gl_error_done(&at->staging.err);
    gl_repo_answers_done(&at->git);
    free(gl_steal(beside));
}
