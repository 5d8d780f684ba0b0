/* golive migrate up, killed at random moments on files of every kind: it can always be gone on
 * from, nothing is ever half applied, and no lock stays. GOLIVE_KILLS says how often (60),
 * GOLIVE_SEED repeats a run. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "support/pgtest.h"

#define KILLS       60
#define ROWS        "20000"
#define LOCK_END_MS 10000 /* the server looks every 500 ms whether its client lives */

static struct gl_pgtest server;
static char *project;
static unsigned seed;

static void must(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s", err->message ? err->message : "no message");
}

static void sql(const char *text)
{
    gl_autoerr struct gl_error err = {0};
    must(gl_pgtest_sql(&server, "app", text, &err), &err);
}

static char *value(const char *text)
{
    gl_autoerr struct gl_error err = {0};
    char *result = gl_pgtest_value(&server, "app", text, &err);
    must(result ? 0 : -1, &err);
    return result;
}

static void expect(const char *text, const char *wanted)
{
    gl_autofree char *is = value(text);
    if (!is || strcmp(is, wanted) != 0)
        fail_msg("seed %u: %s: %s instead of %s", seed, text, is ? is : "NULL", wanted);
}

static void write_file(const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(project, name);
    gl_autofree char *dir = gl_path_dir(path);
    must(gl_mkdir_p(dir, 0755, &err), &err);
    must(gl_write_text(path, text, 0644, &err), &err);
}

static const struct {
    const char *name, *text;
} files[] = {
    {"migrations/1_table.sql",
     "create table t (id int primary key, n int not null default 0, name text);"
     "insert into t select i, 0, md5(i::text) from generate_series(1, " ROWS ") i;"                               },
    {"migrations/2_two.sql",   "alter table t add column a int; update t set a = 0 where id <= 100; "
                             "create table beside as select * from t where id <= 100;"},
    {"migrations/3_index.sql",
     "-- no-transaction\ncreate unique index concurrently t_name on t (name, id);"                                },
    {"migrations/4_batch.sql",
     "-- no-transaction\n-- golive: batch=500\nupdate t set n = n + 1 where id > 0;"                              },
    {"migrations/5_batch.sql", "-- no-transaction\n-- golive: batch=700 phase=expand sleep=1ms\n"
                               "delete from t where id % 2 = 0;"                    },
    {"migrations/6_end.sql",
     "insert into beside select * from t where id < 10; create table last ();"                                    },
 /* Its WHERE no longer holds for changed rows: a second pass follows. */
    {"migrations/7_pass.sql",  "-- no-transaction\n-- golive: batch=600\n"
                              "update t set a = 1 where a is distinct from 1;"       },
};

static int set_up(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    char top[] = "/tmp/golive kills-XXXXXX";
    must(gl_pgtest_start(&server, &err), &err);
    must(gl_pgtest_sql(&server, "postgres", "create database app", &err), &err);
    assert_non_null(mkdtemp(top));
    project = gl_strdup(top);
    write_file("golive.yaml", "golive: 1\napp: {name: demo}\nmigrations: {dir: migrations}\n");
    for (size_t i = 0; i < GL_COUNT(files); i++)
        write_file(files[i].name, files[i].text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    int failed = gl_remove_tree(project, NULL);
    free(project);
    gl_pgtest_stop(&server);
    return failed;
}

static pid_t start_as(const char *const *argv)
{
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "app");
    gl_autofree char *log = gl_path_join(project, "out.txt");
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    if (chdir(project) < 0 || !freopen(log, "w", stdout) || !freopen(log, "a", stderr))
        _exit(99);
    setenv("URL", conninfo, 1);
    execv(getenv("GOLIVE"), (char *const *)argv);
    _exit(98);
}

static pid_t start(void)
{
    const char *argv[] = {"golive", "migrate", "up", "--database-url-env", "URL", NULL};
    return start_as(argv);
}

static int wait_for(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void start_over(void)
{
    sql("drop table if exists t, beside, last, _sqlx_migrations, _golive_migration_progress");
}

/* ---- what must hold after any kill ---- */

/* How long the lock outlived its client. */
static int64_t wait_for_lock_to_end(void)
{
    int64_t began_ms = gl_mono_ms();
    for (;;) {
        gl_autofree char *locks =
            value("select count(*) from pg_locks where locktype = 'advisory'");
        int64_t waited_ms = gl_mono_ms() - began_ms;
        if (strcmp(locks, "0") == 0)
            return waited_ms;
        if (waited_ms > LOCK_END_MS)
            fail_msg("seed %u: the advisory lock is still held", seed);
        gl_sleep_ms(10);
    }
}

static bool exists(const char *table)
{
    gl_autofree char *query = gl_asprintf("select to_regclass('%s') is not null", table);
    gl_autofree char *there = value(query);
    return strcmp(there, "t") == 0;
}

static void expect_nothing_half(void)
{
    if (!exists("_sqlx_migrations")) {
        expect("select to_regclass('t') is null", "t");
        return;
    }
    expect("select exists (select from _sqlx_migrations where version = 1) = "
           "(to_regclass('t') is not null)",
           "t");
    expect("select exists (select from _sqlx_migrations where version = 2) = "
           "(to_regclass('beside') is not null)",
           "t");
    expect("select exists (select from _sqlx_migrations where version = 6) = "
           "(to_regclass('last') is not null)",
           "t");
    expect("select count(*) from _sqlx_migrations where not success and version not in (3, 4, 5, "
           "7)",
           "0");
    /* What is noted as built is valid, and what is begun in batches has its position. */
    expect("select not exists (select from _sqlx_migrations where version = 3 and success) or "
           "exists (select from pg_index where indexrelid = to_regclass('t_name') and indisvalid)",
           "t");
    expect(exists("_golive_migration_progress")
               ? "select count(*) from _sqlx_migrations where not success and version in (4, 5, 7) "
                 "and version not in (select version from _golive_migration_progress)"
               : "select count(*) from _sqlx_migrations where not success and version in (4, 5, 7)",
           "0");
    if (exists("t"))
        expect("select count(*) from t where n > 1", "0");
    /* The position and the rows were committed together. */
    if (exists("_golive_migration_progress"))
        expect("select coalesce(bool_and(case version when 4 then changed = (select sum(n) from t) "
               "when 7 then changed = (select count(*) from t where a = 1) "
               "else changed = " ROWS " - (select count(*) from t) end), true) "
               "from _golive_migration_progress",
               "t");
}

static void expect_complete(void)
{
    expect("select string_agg(version::text, ',' order by version) from _sqlx_migrations "
           "where success",
           "1,2,3,4,5,6,7");
    expect("select count(*) from _sqlx_migrations", "7");
    expect("select count(*) || ',' || min(n) || ',' || max(n) || ',' || sum(a) from t",
           "10000,1,1,10000");
    expect("select count(*) from beside", "105");
    expect("select bool_and(indisvalid) || ',' || count(*) from pg_index "
           "where indrelid = 't'::regclass",
           "true,2");
    expect("select to_regclass('_golive_migration_progress') is null", "t");
}

/* ---- killing ---- */

static long number_of(const char *variable, long fallback)
{
    const char *text = getenv(variable);
    return text && *text ? strtol(text, NULL, 10) : fallback;
}

static int64_t measure(void)
{
    int64_t began_ms = gl_mono_ms();
    int status = wait_for(start());
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        gl_autofree char *log = gl_path_join(project, "out.txt");
        gl_autobuf struct gl_buf text = {0};
        (void)!gl_read_file(log, 0, &text, NULL);
        fail_msg("seed %u: status %d: %s", seed, status, gl_buf_text(&text));
    }
    return gl_mono_ms() - began_ms;
}

struct figures {
    long kills, finished_first, rounds;
    int64_t longest_lock_ms;
    long during[8]; /* kills by how many rows _sqlx_migrations had */
};

static void note_place(struct figures *figures)
{
    gl_autofree char *rows = exists("_sqlx_migrations")
                                 ? value("select count(*) from _sqlx_migrations")
                                 : gl_strdup("0");
    figures->during[strtol(rows, NULL, 10) & 7]++;
}

static void kill_once(struct figures *figures, int64_t whole_ms)
{
    pid_t pid = start();
    gl_sleep_ms(random() % (whole_ms + 1));
    kill(pid, SIGKILL);
    bool killed = WIFSIGNALED(wait_for(pid));
    figures->kills += killed;
    figures->finished_first += !killed;
    if (killed) {
        note_place(figures);
        int64_t lock_ms = wait_for_lock_to_end();
        if (lock_ms > figures->longest_lock_ms)
            figures->longest_lock_ms = lock_ms;
    }
    expect_nothing_half();
}

static void every_kill_can_be_gone_on_from(void **state)
{
    (void)state;
    struct figures f = {0};
    long wanted = number_of("GOLIVE_KILLS", KILLS);
    int64_t whole_ms = measure();
    expect_complete();
    while (f.kills < wanted) {
        start_over();
        /* One to four kills before a run may end. */
        for (long i = random() % 4; i >= 0; i--)
            kill_once(&f, whole_ms);
        measure();
        expect_complete();
        f.rounds++;
        assert_true(f.finished_first < 10 + 3 * wanted);
    }
    const char *verify[] = {"golive", "log", "verify", NULL};
    assert_int_equal(wait_for(start_as(verify)), 0); /* the ledger outlived them all */
    print_message("# %ld kills in %ld rounds (seed %u, a run takes %lld ms, %ld ended before their "
                  "kill); the lock outlived its client by at most %lld ms; kills by rows: "
                  "%ld %ld %ld %ld %ld %ld %ld %ld\n",
                  f.kills, f.rounds, seed, (long long)whole_ms, f.finished_first,
                  (long long)f.longest_lock_ms, f.during[0], f.during[1], f.during[2], f.during[3],
                  f.during[4], f.during[5], f.during[6], f.during[7]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kill_can_be_gone_on_from),
    };
    unsigned own = 0;
    (void)!getrandom(&own, sizeof own, 0);
    seed = (unsigned)number_of("GOLIVE_SEED", own % 100000);
    srandom(seed);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
