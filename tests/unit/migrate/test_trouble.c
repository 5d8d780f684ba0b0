/* What goes wrong around a run: others wait behind it, a replica, missing rights, a server that
 * restarts, a disk that is full. */
#include <libpq-fe.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "fixture.h"
#include "proc/proc.h"

#define UP_MS 30000

/* ---- a second server, made of the first one ---- */

struct second {
    char *dir;
    int port;
    pid_t pid;
    char *conninfo; /* of the world's database there */
};

static const struct passwd *postgres_user(void)
{
    return geteuid() == 0 ? getpwnam("postgres") : NULL;
}

static void shell(const char *script)
{
    gl_autoerr struct gl_error err = {0};
    const struct passwd *user = postgres_user();
    gl_autofree char *path = gl_asprintf("PATH=%s:%s", server.programs, getenv("PATH"));
    const char *const env[] = {path, NULL};
    const char *const argv[] = {"sh", "-ec", script, NULL};
    struct gl_proc_spec spec = {
        .argv = argv, .env_add = env, .cwd = server.dir, .timeout_ms = 60000};
    if (user) {
        spec.drop_privileges = true;
        spec.uid = user->pw_uid;
        spec.gid = user->pw_gid;
    }
    ok(gl_proc_check(&spec, NULL, &err), &err);
}

static void wait_up(const struct second *second)
{
    for (int64_t end = gl_mono_ms() + UP_MS; gl_mono_ms() < end; gl_sleep_ms(20)) {
        if (PQping(second->conninfo) == PQPING_OK)
            return;
    }
    fail_msg("the second server does not come up");
}

/* `before` runs as root in a mount namespace of its own. */
static void start_second(struct second *second, const char *before)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *as =
        postgres_user() ? gl_strdup("setpriv --reuid postgres --regid postgres --init-groups")
                        : gl_strdup("");
    gl_autofree char *path = gl_asprintf("PATH=%s:%s", server.programs, getenv("PATH"));
    gl_autofree char *log = gl_path_join(second->dir, "log");
    gl_autofree char *script =
        gl_asprintf("%s exec %s postgres -D '%s/data'", before, as, second->dir);
    const char *const env[] = {path, NULL};
    const char *const argv[] = {"unshare", "-m", "sh", "-ec", script, NULL};
    const struct gl_proc_spec spec = {
        .argv = geteuid() == 0 ? argv : argv + 2, .env_add = env, .log_path = log, .cwd = "/tmp"};
    ok(gl_proc_start(&spec, &second->pid, &err), &err);
    wait_up(second);
}

/* A copy of the first server; with "-R" it follows it as a replica. */
static void make_second(const struct world *world, const char *options, struct second *second)
{
    second->dir = gl_asprintf("%s/second_%s", server.dir, world->database);
    second->port = server.port + 1000;
    second->conninfo = gl_asprintf("host='%s' port=%d user=postgres dbname=%s", second->dir,
                                   second->port, world->database);
    gl_autofree char *script = gl_asprintf(
        "mkdir -m 700 '%s'; pg_basebackup -h '%s' -p %d -U postgres -D '%s/data' -c fast %s; "
        "printf \"port=%d\\nunix_socket_directories='%s'\\nlisten_addresses=''\\n\" >> "
        "'%s/data/postgresql.auto.conf'",
        second->dir, server.dir, server.port, second->dir, options, second->port, second->dir,
        second->dir);
    shell(script);
}

static void end_second(struct second *second)
{
    if (second->pid > 0)
        (void)gl_proc_stop(second->pid, 1000);
    free(second->dir);
    free(second->conninfo);
}

#define AUTOSECOND gl_cleanup(end_second)

static int migrate_there(const struct world *world, const char *conninfo, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    ok(gl_migrations_scan(world->dir, &list, err), err);
    return gl_migrate_run(conninfo, &list, &options, &result, err);
}

/* ---- how long others wait ---- */

#define LOCK_MS 300

struct client {
    const char *conninfo;
    _Atomic bool stop;
    _Atomic int64_t longest_us;
};

static void *ask_again_and_again(void *context)
{
    struct client *client = context;
    PGconn *conn = PQconnectdb(client->conninfo);
    while (!client->stop) {
        int64_t started_us = gl_mono_us();
        PGresult *result = PQexec(conn, "select count(*) from t");
        int64_t waited_us = gl_mono_us() - started_us;
        if (PQresultStatus(result) != PGRES_TUPLES_OK)
            waited_us = INT64_MAX;
        PQclear(result);
        if (waited_us > client->longest_us)
            client->longest_us = waited_us;
    }
    PQfinish(conn);
    return NULL;
}

static int64_t longest_stall_us(const struct world *world, void (*meanwhile)(const struct world *))
{
    struct client client = {.conninfo = world->conninfo};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask_again_and_again, &client), 0);
    meanwhile(world);
    client.stop = true;
    pthread_join(thread, NULL);
    return client.longest_us;
}

static void only_wait(const struct world *world)
{
    (void)world;
    gl_sleep_ms(4 * LOCK_MS);
}

static void run_blocked(const struct world *world)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.lock_timeout_ms = LOCK_MS, .retries = 3};
    PGconn *blocker = PQconnectdb(world->conninfo);
    PQclear(PQexec(blocker, "begin"));
    PQclear(PQexec(blocker, "select count(*) from t"));
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_BUSY);
    assert_int_equal(result.lock_retries, 3);
    PQfinish(blocker);
}

/* A client that asks all the time waits behind the migration's lock, but never longer than the
 * migration itself waits for it. What this machine needs by itself is measured beside it. */
static void others_wait_no_longer_than_lock_timeout(void **state)
{
    const struct world *world = *state;
    put(world, "1_t.sql", "create table t (id int);");
    migrated(world);
    put(world, "2_t.sql", "alter table t add column a int;");
    int64_t own_us = longest_stall_us(world, only_wait);
    int64_t stall_us = longest_stall_us(world, run_blocked);
    print_message("# longest stall %lld us with lock_timeout %d ms; %lld us without a migration\n",
                  (long long)stall_us, LOCK_MS, (long long)own_us);
    assert_true(stall_us > LOCK_MS * 1000 / 2); /* it did queue */
    assert_true(stall_us < (LOCK_MS + 50) * 1000 + own_us);
}

/* ---- the server ---- */

static void a_replica_is_told(void **state)
{
    const struct world *world = *state;
    AUTOSECOND struct second replica = {0};
    gl_autoerr struct gl_error err = {0};
    put(world, "1_t.sql", "create table t ();");
    make_second(world, "-R", &replica);
    start_second(&replica, "");
    assert_int_equal(migrate_there(world, replica.conninfo, &err), GL_E_DATABASE);
    expect_says(err.message, "25006");
    expect_says(err.hint, "read-only (a replica)");
}

static void missing_rights_are_told(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    put(world, "1_t.sql", "create table t ();");
    migrated(world);
    put(world, "2_t.sql", "alter table t add column a int;");
    sql_in(world, "drop role if exists reader; create role reader login; "
                  "grant select, insert, update, delete on _sqlx_migrations to reader; "
                  "grant create on schema public to reader");
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, "reader", world->database);
    assert_int_equal(migrate_there(world, conninfo, &err), GL_E_DATABASE);
    expect_says(err.message, "42501");
    expect_says(err.file, "2_t.sql");
    assert_non_null(err.hint);
    expect_sql(world, "select count(*) from _sqlx_migrations", "1");
    sql_in(world, "drop owned by reader; drop role reader");
}

static void a_restart_leaves_nothing_half(void **state)
{
    const struct world *world = *state;
    AUTOSECOND struct second second = {0};
    gl_autoerr struct gl_error err = {0};
    int status = 0;
    put(world, "1_t.sql", "create table t (); select pg_sleep(60);");
    make_second(world, "", &second);
    start_second(&second, "");
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        gl_autoerr struct gl_error theirs = {0};
        _exit(-migrate_there(world, second.conninfo, &theirs));
    }
    PGconn *conn = PQconnectdb(second.conninfo);
    for (int64_t end = gl_mono_ms() + UP_MS;; gl_sleep_ms(10)) {
        PGresult *rows = PQexec(conn, "select 1 from pg_stat_activity where query like "
                                      "'create table t ()%' and state = 'active'");
        bool there = PQntuples(rows) > 0;
        PQclear(rows);
        if (there)
            break;
        assert_true(gl_mono_ms() < end);
    }
    PQfinish(conn);
    assert_int_equal(kill(second.pid, SIGINT), 0); /* fast shutdown */
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), -GL_E_DATABASE);
    assert_int_equal(waitpid(second.pid, &status, 0), second.pid);
    start_second(&second, "");
    put(world, "1_t.sql", "create table t ();");
    ok(migrate_there(world, second.conninfo, &err), &err);
}

/* The tablespace is a small file system in memory, seen by that server only. */
static void a_full_disk_is_told_and_gone_on_from(void **state)
{
    const struct world *world = *state;
    AUTOSECOND struct second second = {0};
    gl_autoerr struct gl_error err = {0};
    if (geteuid() != 0)
        fail_msg("a file system of a given size can only be made by root");
    put(world, "1_t.sql", "create table t (id int primary key, n text);");
    migrated(world);
    make_second(world, "", &second);
    gl_autofree char *small = gl_path_join(second.dir, "small");
    gl_autofree char *before = gl_asprintf(
        "mkdir '%s'; mount -t tmpfs -o size=8m,uid=postgres,gid=postgres,mode=700 none '%s';",
        small, small);
    start_second(&second, before);
    gl_autofree char *space = gl_asprintf("create tablespace small location '%s'", small);
    PGconn *conn = PQconnectdb(second.conninfo);
    PGresult *made = PQexec(conn, space);
    assert_int_equal(PQresultStatus(made), PGRES_COMMAND_OK);
    PQclear(made);
    put(world, "2_u.sql",
        "create table u (n text) tablespace small;\n"
        "insert into u select repeat(md5(i::text), 30) from generate_series(1, 20000) i;");
    assert_int_equal(migrate_there(world, second.conninfo, &err), GL_E_DATABASE);
    expect_says(err.message, "53100");
    expect_says(err.hint, "free disk space"); /* the words of PostgreSQL itself */
    assert_int_equal(err.line, 2);
    put(world, "2_u.sql", "create table u (n text) tablespace small;\ninsert into u values ('a');");
    ok(migrate_there(world, second.conninfo, &err), &err);
    PQfinish(conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(others_wait_no_longer_than_lock_timeout),
        CASE(a_replica_is_told),
        CASE(missing_rights_are_told),
        CASE(a_restart_leaves_nothing_half),
        CASE(a_full_disk_is_told_and_gone_on_from),
    };
    return cmocka_run_group_tests(tests, server_up, server_down);
}
