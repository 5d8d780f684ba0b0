/* Facts of a real PostgreSQL: what is wrong with it, who may do what, and what may not be read. */
#include "support.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "migrate/conn.h"
#include "support/pgtest.h"

static struct gl_pgtest server;

static void run_sql(const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_pgtest_sql(&server, "shop", sql, &err), &err);
}

static int server_up(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    ok(gl_pgtest_start_with("shared_preload_libraries = 'pg_stat_statements'\n", &server, &err),
       &err);
    ok(gl_pgtest_sql(&server, "postgres", "create database shop", &err), &err);
    run_sql("create table orders (id int primary key, status text, total int);"
            "insert into orders values (1, 'open', 5), (2, 'open', -7);"
            "create role app login password 'geheimnis1';"
            "grant select, insert, update on orders to app;"
            "create role reader login; grant select on orders to reader;"
            "create role expiring login valid until '2030-01-01 00:00:00+00';"
            "create role eternal login valid until 'infinity';"
            "create role maker login; grant create on schema public to maker;"
            "create table flyway_schema_history (id int);"
            "create table _sqlx_migrations (version bigint primary key, description text not null,"
            " installed_on timestamptz not null, success boolean not null, checksum bytea not null,"
            " execution_time bigint not null);"
            "insert into _sqlx_migrations values (20260901090000, 'first',"
            " '2026-09-01 09:00:00+00', true, '\\xc0ffee', 1);"
            "alter table orders add constraint total_positive check (total > 0) not valid");
    return 0;
}

static int server_down(void **state)
{
    (void)state;
    gl_pgtest_stop(&server);
    return 0;
}

/* Collects as the role `user`; its source's state and reason are in the facts afterwards. */
static void collect_from(struct world *world, const char *conninfo)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_facts_request request = {
        .config = world->config, .database = conninfo, .now_unix_s = 1796169600};
    ok(world_collect(world, &request, &err), &err);
}

static void collect_as(struct world *world, const char *user)
{
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, user, "shop");
    collect_from(world, conninfo);
    expect_fact(world, "select state from source where name = 'database'", "collected");
}

/* ---- what there is -----------------------------------------------------------------------------
 */

static void settings_and_probe(void **state)
{
    struct world *world = *state;
    collect_as(world, NULL);
    expect_fact(world, "select value from db_setting where name = 'max_connections'", "50");
    expect_fact(world,
                "select value / 10000 > 13 from db_setting where name = 'server_version_num'", "1");
    /* Set by golive for its own connection; what is told is what others get. */
    expect_fact(world,
                "select group_concat(name || ' ' || value) from db_setting where source = 'session'"
                " and name in ('default_transaction_read_only', 'statement_timeout',"
                " 'lock_timeout')",
                "default_transaction_read_only off,lock_timeout 0,statement_timeout 0");
    expect_fact(world, "select value from db_setting where name = 'application_name'", "golive");
    expect_fact(world,
                "select count(*) from db_setting where name in ('primary_conninfo', "
                "'archive_command', 'restore_command')",
                "0");
    expect_fact(world,
                "select role || ssl || (connect_ms > 0) || (select_ms > 0) || "
                "coalesce(replica_lag_seconds, '-') from db_probe",
                "postgres011-");
    expect_fact(world, "select reason from source where name = 'database'", "(null)");
    expect_fact(world, "select version <> '' from db_extension where name = 'plpgsql'", "1");
}

static void roles(void **state)
{
    struct world *world = *state;
    collect_as(world, NULL);
#define ROLE "select login || superuser || create_role || writes || creates || owns from db_role "
    expect_fact(world, ROLE "where name = 'app'", "100100");
    expect_fact(world, ROLE "where name = 'reader'", "100000");
    expect_fact(world, ROLE "where name = 'maker'", "100010");
    expect_fact(world, ROLE "where name = 'postgres'", "111113");
    expect_fact(world, "select valid_until_unix_s from db_role where name = 'expiring'",
                "1893456000");
    expect_fact(world, "select valid_until_unix_s from db_role where name = 'eternal'", "(null)");
}

static void tables_and_migrations(void **state)
{
    struct world *world = *state;
    collect_as(world, NULL);
    expect_fact(world,
                "select schema_ || owner || (size_bytes > 0) from db_table where name = 'orders'",
                "publicpostgres1");
    expect_fact(world, "select group_concat(name) from db_object",
                "_sqlx_migrations,flyway_schema_history");
    expect_fact(world,
                "select version || ' ' || success || ' ' || checksum || ' ' || installed_unix_s "
                "from db_migration",
                "20260901090000 1 c0ffee 1788253200");
}

/* Polls a query until it answers `wanted`. */
static void await(const char *sql, const char *wanted)
{
    gl_autoerr struct gl_error err = {0};
    for (int64_t limit = gl_mono_ms() + 20000; gl_mono_ms() < limit;) {
        gl_autofree char *value = gl_pgtest_value(&server, "shop", sql, &err);
        if (value && strcmp(value, wanted) == 0)
            return;
    }
    fail_msg("%s is not %s", sql, wanted);
}

static void slowest_statements(void **state)
{
    struct world *world = *state;
    run_sql("create extension pg_stat_statements; grant pg_read_all_stats to reader");
    run_sql("select pg_stat_statements_reset()");
    run_sql("select pg_sleep(0.2), count(*) from orders where total = 4711");
    run_sql("alter role maker password 'geheimnis2'");
    collect_as(world, "reader");
    /* The slowest first, its values taken out; none that has to do with passwords. */
    expect_fact(
        world,
        "select role || ' ' || calls || ' ' || (mean_ms >= 200) || (total_ms >= 200) || ' ' "
        "|| query from db_statement order by rowid limit 1",
        "postgres 1 11 select pg_sleep($1), count(*) from orders where total = $2");
    expect_fact(world, "select count(*) from db_statement where query like '%password%'", "0");
    expect_fact(world, "select count(*) from db_statement where query like '%4711%'", "0");
    run_sql("drop extension pg_stat_statements; revoke pg_read_all_stats from reader");
}

static void without_the_extension(void **state)
{
    struct world *world = *state;
    collect_as(world, NULL);
    expect_fact(world, "select count(*) from db_statement", "0");
    expect_fact(world, "select count(*) from db_extension where name = 'pg_stat_statements'", "0");
}

/* A standby that has stopped applying falls behind by as long as it is stopped. */
static void lag_of_a_standby(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_pgtest standby = {0};
    ok(gl_pgtest_start_standby(&server, &standby, &err), &err);
    await("select count(*) from pg_stat_replication where application_name = 'standby' and state = "
          "'streaming'",
          "1");
    ok(gl_pgtest_sql(&standby, "shop", "select pg_wal_replay_pause()", &err), &err);
    run_sql("insert into orders values (100, 'open', 1)");
    await("select coalesce(max(replay_lag) > interval '300 ms', false) from pg_stat_replication",
          "t");
    collect_as(world, NULL);
    expect_fact(world, "select replica_lag_seconds > 0.3 from db_probe", "1");
    expect_fact(world, "select count(*) from db_connection where role = 'postgres' and own = 1",
                "1");
    run_sql("delete from orders where id = 100");
    gl_pgtest_stop(&standby);
    await("select count(*) from pg_stat_replication", "0");
}

/* ---- what is wrong -----------------------------------------------------------------------------
 */

static void invalid_index(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    run_sql("create table doubles (n int); insert into doubles values (1), (1)");
    assert_true(gl_pgtest_sql(&server, "shop",
                              "create unique index concurrently doubles_n on doubles (n)",
                              &err) < 0);
    collect_as(world, NULL);
    expect_fact(world, "select object from db_flaw where kind = 'invalid_index'",
                "public.doubles_n");
    run_sql("drop table doubles");
}

static void unvalidated_constraint(void **state)
{
    struct world *world = *state;
    collect_as(world, NULL);
    expect_fact(
        world, "select object || ': ' || detail from db_flaw where kind = 'unvalidated_constraint'",
        "public.orders.total_positive: CHECK ((total > 0)) NOT VALID");
}

static void idle_in_transaction(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autopq PGconn *conn = NULL;
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, "app", "shop");
    ok(gl_pq_connect(conninfo, "forgotten", &conn, &err), &err);
    ok(gl_pq_exec(conn, "begin; select 1", NULL, NULL, &err), &err);
    collect_as(world, NULL);
    gl_autofree char *sql = gl_asprintf(
        "select detail || (seconds >= 0) from db_flaw where kind = 'idle_in_transaction' and "
        "object = 'pid %d'",
        PQbackendPID(conn));
    expect_fact(world, sql, "app: idle in transaction1");
    expect_fact(world, "select state || own || ssl || count from db_connection where role = 'app'",
                "idle in transaction001");
}

/* Begins a statement that waits for the lock that `holder` has, and waits until it does. */
static void wait_for_lock(PGconn *waiter)
{
    assert_int_equal(PQsendQuery(waiter, "update orders set status = 'b' where id = 1"), 1);
    gl_autofree char *sql = gl_asprintf(
        "select count(*) from pg_locks where not granted and pid = %d", PQbackendPID(waiter));
    await(sql, "1");
}

static void lock_wait(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autopq PGconn *holder = NULL;
    gl_autopq PGconn *waiter = NULL;
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "shop");
    ok(gl_pq_connect(conninfo, "holder", &holder, &err), &err);
    ok(gl_pq_connect(conninfo, "waiter", &waiter, &err), &err);
    ok(gl_pq_exec(holder, "begin; lock table orders in access exclusive mode", NULL, NULL, &err),
       &err);
    wait_for_lock(waiter);
    collect_as(world, NULL); /* and is not stopped by the lock itself */
    gl_autofree char *sql =
        gl_asprintf("select detail || (seconds >= 0) from db_flaw where kind = 'lock_wait' and "
                    "object = 'pid %d'",
                    PQbackendPID(waiter));
    gl_autofree char *expected =
        gl_asprintf("RowExclusiveLock on orders, held by pid %d1", PQbackendPID(holder));
    expect_fact(world, sql, expected);
    expect_fact(world, "select name from db_table where name = 'orders'", "orders");
}

static void unused_slot(void **state)
{
    struct world *world = *state;
    run_sql("select pg_create_physical_replication_slot('left_over', true)");
    collect_as(world, NULL);
    run_sql("select pg_drop_replication_slot('left_over')");
    expect_fact(world, "select object from db_flaw where kind = 'unused_slot'", "left_over");
}

/* ---- what may not be read ----------------------------------------------------------------------
 */

static void ordinary_role(void **state)
{
    struct world *world = *state;
    collect_as(world, "app");
    expect_fact(world, "select role from db_probe", "app");
    expect_fact(world, "select count(*) from db_migration", "0");
    gl_autofree char *reason = fact(world, "select reason from source where name = 'database'");
    expect_says(reason, "app is not in pg_monitor");
    expect_says(reason, "db_migration was left out: permission denied");
    expect_fact(world, "select writes from db_role where name = 'app'", "1");
}

static void nothing_is_changed(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
#define XACTS                                                                                      \
    "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_all_tables where schemaname = "    \
    "'public'"
    gl_autofree char *before = gl_pgtest_value(&server, "shop", XACTS, &err);
    collect_as(world, NULL);
    gl_autofree char *after = gl_pgtest_value(&server, "shop", XACTS, &err);
    assert_string_equal(before, after);
}

/* A view in the application's schema with the name of one of the server's is not asked. */
static void shadowed_names(void **state)
{
    struct world *world = *state;
    run_sql("create view public.pg_settings as select 'max_connections' as name, '1' as setting,"
            " null::text as unit, 'x' as source;"
            "alter role postgres in database shop set search_path = public, pg_catalog");
    collect_as(world, NULL);
    run_sql("drop view public.pg_settings; alter role postgres in database shop reset all");
    expect_fact(world, "select value from db_setting where name = 'max_connections'", "50");
}

/* ---- what cannot be reached --------------------------------------------------------------------
 */

static void not_given(void **state)
{
    struct world *world = *state;
    collect_from(world, NULL);
    expect_fact(world, "select state || ': ' || reason from source where name = 'database'",
                "absent: no --database");
}

static void wrong_password(void **state)
{
    struct world *world = *state;
    gl_autofree char *url = gl_pgtest_url(&server, "app", "geheimnis2", "shop");
    collect_from(world, url);
    gl_autofree char *reason =
        fact(world, "select state || ': ' || reason from source where name = 'database'");
    expect_says(reason, "failed: the database server refused the connection");
    assert_null(strstr(reason, "geheimnis2"));
    expect_fact(world, "select count(*) from db_setting", "0");
}

/* A port that was free a moment ago; nothing listens. */
static void nobody_listens(void **state)
{
    struct world *world = *state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    gl_autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    gl_autofree char *url =
        gl_asprintf("postgresql://a:geheimnis3@127.0.0.1:%d/x", ntohs(address.sin_port));
    collect_from(world, url);
    gl_autofree char *reason =
        fact(world, "select state || ': ' || reason from source where name = 'database'");
    expect_says(reason, "failed: the database cannot be reached");
    assert_null(strstr(reason, "geheimnis3"));
}

static void no_string(void **state)
{
    struct world *world = *state;
    collect_from(world, "postgresql://a:geheimnis4@[");
    gl_autofree char *reason =
        fact(world, "select state || ': ' || reason from source where name = 'database'");
    expect_says(reason, "failed: the database URL cannot be read");
    assert_null(strstr(reason, "geheimnis4"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(settings_and_probe),
        CASE(roles),
        CASE(tables_and_migrations),
        CASE(slowest_statements),
        CASE(without_the_extension),
        CASE(lag_of_a_standby),
        CASE(invalid_index),
        CASE(unvalidated_constraint),
        CASE(idle_in_transaction),
        CASE(lock_wait),
        CASE(unused_slot),
        CASE(ordinary_role),
        CASE(nothing_is_changed),
        CASE(shadowed_names),
        CASE(not_given),
        CASE(wrong_password),
        CASE(nobody_listens),
        CASE(no_string),
    };
    return cmocka_run_group_tests_name("facts/database", tests, server_up, server_down);
}
