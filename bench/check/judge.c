/* Time of all controls over the example's facts, multiplied to at least 500 resources of
 * production: judge PROJECT RUNS PROJECT is what tests/control/stage.sh made. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../tests/control/example.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "control/check.h"
#include "data/sqlite.h"
#include "facts/facts.h"

enum { RESOURCES_MIN = 500, TARGET_MS = 30 };

static int64_t count_resources(sqlite3 *db)
{
    gl_autoerr struct gl_error err = {0};
    gl_autostmt sqlite3_stmt *stmt = NULL;
    must(gl_sqlite_prepare(db, &stmt, &err,
                           "select count(*) from resource r join run on run.env = r.env", ""),
         &err);
    must(gl_sqlite_step(stmt, &err), &err);
    return sqlite3_column_int64(stmt, 0);
}

/* Copies every resource of production with its properties under another name. */
static void multiply(sqlite3 *db)
{
    static const char copy[] =
        "insert into resource select r.id || '#%d', r.env, r.stack, r.logical_id || '#%d', r.type, "
        "r.exists_, r.deletion_policy, r.update_replace_policy, r.region, r.source, r.file, r.line "
        "from resource r join run on run.env = r.env where r.id not like '%%#%%';"
        "insert into property select p.resource || '#%d', p.path, p.shape, p.parent, p.name, "
        "p.value, p.kind, p.known, p.target || '#%d', p.attribute, p.file, p.line from property p "
        "join resource r on r.id = p.resource join run on run.env = r.env "
        "where r.id not like '%%#%%';";
    gl_autoerr struct gl_error err = {0};
    for (int i = 1; count_resources(db) < RESOURCES_MIN; i++) {
        gl_autofree char *sql = gl_asprintf(copy, i, i, i, i);
        must(gl_sqlite_exec(db, sql, &err), &err);
    }
}

static int by_value(const void *left, const void *right)
{
    const double *a = left;
    const double *b = right;
    return (*a > *b) - (*a < *b);
}

int main(int count, char **words)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_controls controls = {0};
    size_t runs = count > 2 ? strtoul(words[2], NULL, 10) : 0;
    if (runs == 0) {
        fputs("usage: judge PROJECT RUNS\n", stderr);
        return 2;
    }
    gl_i18n_init();
    gl_sqlite_init();
    must(gl_controls_load(NULL, &controls, &err), &err);
    gl_autofacts sqlite3 *db = example_open(words[1], "prod");
    multiply(db);
    gl_autofree double *times = gl_alloc(runs * sizeof *times);
    gl_autofree double *whole = gl_alloc(runs * sizeof *whole);
    gl_autofree double *wall = gl_alloc(runs * sizeof *wall);
    for (size_t i = 0; i < runs; i++) {
        clock_t begin = clock();
        int64_t begin_us = gl_mono_us();
        gl_autocheck struct gl_check check = {0};
        struct gl_check_request request = {.controls = &controls};
        must(gl_check_run(db, &request, &check, &err), &err);
        times[i] = (double)check.took_us / 1000;
        whole[i] = (double)(clock() - begin) * 1000 / CLOCKS_PER_SEC;
        wall[i] = (double)(gl_mono_us() - begin_us) / 1000;
    }
    qsort(times, runs, sizeof *times, by_value);
    qsort(whole, runs, sizeof *whole, by_value);
    qsort(wall, runs, sizeof *wall, by_value);
    printf(
        "  %zu controls over %lld resources (median of %zu; target %d ms)   processor, rules %.1f "
        "ms, with the views of facts %.1f ms; wall of both, in two threads, %.1f ms\n",
        controls.count, (long long)count_resources(db), runs, TARGET_MS, times[runs / 2],
        whole[runs / 2], wall[runs / 2]);
    gl_controls_done(&controls);
    return 0;
}
