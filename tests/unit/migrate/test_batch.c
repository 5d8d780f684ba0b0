/* UPDATE and DELETE in batches: each row once, going on after a failure, and what is refused. */
#include <libpq-fe.h>

#include "base/clock.h"
#include "fixture.h"
#include "migrate/batch_text.h"

#define BATCHED(n) "-- no-transaction\n-- golive: batch=" n "\n"

static void put_rows(const struct world *world)
{
    put(world, "1_t.sql",
        "create table t (id bigint primary key, n int not null default 0, name text);"
        "insert into t select i * 3, 0, 'row' || i from generate_series(1, 1000) i;");
    migrated(world);
}

static void every_row_is_changed_once(void **state)
{
    const struct world *world = *state;
    put_rows(world);
    /* The condition stays true: only the position keeps a row from being changed twice. */
    put(world, "2_n.sql", BATCHED("70") "update t as x set n = n + 1 where x.n >= 0 or x.id < 0;");
    struct gl_migrate_result result = migrated(world);
    assert_int_equal(result.applied, 1);
    assert_int_equal(result.rows, 1000);
    expect_sql(world, "select min(n) || ',' || max(n) from t", "1,1");
    /* 15 batches, each its own transaction. */
    expect_sql(world, "select count(distinct xmin::text) from t", "15");
    expect_sql(world,
               "select success and execution_time > 0 from _sqlx_migrations "
               "where version = 2",
               "t");
    expect_sql(world, "select to_regclass('_golive_migration_progress') is null", "t");
}

static void rows_are_deleted_in_batches(void **state)
{
    const struct world *world = *state;
    put_rows(world);
    put(world, "2_d.sql",
        "-- no-transaction\n-- golive: phase=expand batch=64 sleep=1ms\n"
        "delete from only public.t using (values (1), (2)) v(i) -- every third row\n"
        "where t.id % 3 = 0 and t.id > 1500 and v.i = 1 -- and no more\n;");
    assert_int_equal(migrated(world).rows, 500);
    expect_sql(world, "select count(*) || ',' || max(id) from t", "500,1500");
}

/* A comma in an array begins no assignment: id is read here, not written. */
static void arrays_are_no_assignments(void **state)
{
    const struct world *world = *state;
    put_rows(world);
    sql_in(world, "alter table t add a bigint[]");
    put(world, "2_n.sql", BATCHED("300") "update t set a = array[n, id], n = n + 1;");
    assert_int_equal(migrated(world).rows, 1000);
    expect_sql(world, "select min(n) || ',' || max(n) from t", "1,1");
}

static void keys_of_several_columns_and_types_work(void **state)
{
    const struct world *world = *state;
    put(world, "1_t.sql",
        "create table \"T x\" (\"a'b\" text not null, at timestamptz not null, "
        "n int not null default 0, old int unique);"
        "create unique index on \"T x\" (\"a'b\", at);"
        "insert into \"T x\" select 'o''\\' || i % 7, '2026-01-01'::timestamptz + i * "
        "interval '1 us', 0, null from generate_series(1, 500) i;");
    put(world, "2_n.sql", BATCHED("11") "update \"T x\" set n = n + 1");
    assert_int_equal(migrated(world).rows, 1000);
    expect_sql(world, "select min(n) || ',' || max(n) from \"T x\"", "1,1");
}

static void an_empty_table_is_done_at_once(void **state)
{
    const struct world *world = *state;
    put(world, "1_t.sql", "create table t (id int primary key, n int);");
    put(world, "2_n.sql", BATCHED("10") "update t set n = 1;");
    assert_int_equal(migrated(world).applied, 2);
    expect_sql(world, "select to_regclass('_golive_migration_progress') is null", "t");
}

/* Rows that come later are the application's: the end is fixed in the beginning. */
static void rows_that_a_trigger_adds_are_not_chased(void **state)
{
    const struct world *world = *state;
    put_rows(world);
    sql_in(world, "create function add() returns trigger language plpgsql as $$ begin "
                  "insert into t values (100000 + old.id); return new; end $$;"
                  "create trigger add before update on t for each row execute function add()");
    put(world, "2_n.sql", BATCHED("100") "update t set n = n + 1;");
    assert_int_equal(migrated(world).rows, 1000);
    expect_sql(world, "select sum(n) || ',' || count(*) from t", "1000,2000");
}

static void partitions_are_gone_through_in_one_order(void **state)
{
    const struct world *world = *state;
    put(world, "1_t.sql",
        "create table t (id int primary key, n int default 0) partition by hash (id);"
        "create table t0 partition of t for values with (modulus 2, remainder 0);"
        "create table t1 partition of t for values with (modulus 2, remainder 1);"
        "insert into t select i from generate_series(1, 300) i;");
    put(world, "2_n.sql", BATCHED("17") "update t set n = n + 1;");
    assert_int_equal(migrated(world).rows, 600);
    expect_sql(world, "select min(n) || ',' || max(n) from t", "1,1");
}

/* ---- failures ---- */

struct held {
    PGconn *conn; /* committed at the first RETRY */
    int blocked;
};

static void on_retry(const struct gl_migrate_event *event, void *context)
{
    struct held *held = context;
    held->blocked += event->kind == GL_MIGRATE_BLOCKED;
    if (event->kind == GL_MIGRATE_RETRY)
        PQclear(PQexec(held->conn, "commit"));
}

static void failure_in_a_later_batch_is_gone_on_from(void **state)
{
    const struct world *world = *state;
    put_rows(world);
    sql_in(world, "alter table t add constraint stop check (n = 0 or id <= 1500)");
    put(world, "2_n.sql", BATCHED("100") "update t set n = n + 1;");
    expect_failure(world, GL_E_DATABASE, "stop");
    expect_sql(world, "select sum(n) from t", "500");
    expect_sql(world, "select success from _sqlx_migrations where version = 2", "f");
    expect_failure(world, GL_E_DATABASE, "stop");
    sql_in(world, "alter table t drop constraint stop");
    assert_int_equal(migrated(world).applied, 1);
    expect_sql(world, "select min(n) || ',' || max(n) from t", "1,1");
    expect_sql(world, "select count(*) from _sqlx_migrations where success", "2");
}

static void failure_in_the_first_batch_leaves_nothing(void **state)
{
    const struct world *world = *state;
    put_rows(world);
    put(world, "2_n.sql", BATCHED("100") "\nupdate t set n = 1 / n\nwhere nam = 'x';");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_DATABASE);
    expect_says(err.message, "nam");
    assert_int_equal(err.line, 5);
    assert_int_equal(err.column, 7);
    expect_sql(world, "select count(*) from _sqlx_migrations", "1");
    put(world, "2_n.sql", BATCHED("100") "update t set n = 1;");
    assert_int_equal(migrated(world).rows, 1000);
}

#define DEFERRED(body)                                                                             \
    "create function late() returns trigger language plpgsql as $$ begin " body                    \
    " return null; end $$; create constraint trigger late after update on t "                      \
    "deferrable initially deferred for each row execute function late()"

/* What fails at COMMIT took the rows back: nothing was done, and the text may be mended. */
static void failure_at_commit_moves_nothing(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    put_rows(world);
    sql_in(world, DEFERRED("if new.n = 1 and new.id <= 1500 then raise exception 'too late'; "
                           "end if;"));
    put(world, "2_n.sql", BATCHED("100") "update t set n = 1;");
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_DATABASE);
    expect_says(err.message, "too late");
    assert_true(!err.hint || !strstr(err.hint, "stay so"));
    expect_sql(world, "select count(*) from _sqlx_migrations", "1");
    expect_sql(world, "select sum(n) from t", "0");
    put(world, "2_n.sql", BATCHED("100") "update t set n = 2;");
    assert_int_equal(migrated(world).rows, 1000);
}

static void a_lock_that_is_missed_at_commit_is_tried_again(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    put_rows(world);
    sql_in(world, "create table other (id int); insert into other values (1);" DEFERRED(
                      "perform from other for update;"));
    put(world, "2_n.sql", BATCHED("500") "update t set n = n + 1;");
    struct held held = {.conn = PQconnectdb(world->conninfo)};
    PQclear(PQexec(held.conn, "begin"));
    PQclear(PQexec(held.conn, "select from other for update"));
    const struct gl_migrate_options options = {
        .lock_timeout_ms = 200, .retries = 3, .on_event = on_retry, .context = &held};
    ok(migrate(world, &options, &result, &err), &err);
    PQfinish(held.conn);
    assert_int_equal(result.lock_retries, 1);
    assert_int_equal(result.rows, 1000);
    expect_sql(world, "select min(n) || ',' || max(n) from t", "1,1");
}

/* Status and plan say what golive migrate up would be refused for. */
static void expect_status_refused(const struct world *world, const char *hint)
{
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    ok(gl_migrations_scan(world->dir, &list, &err), &err);
    ok(gl_migrate_status(world->conninfo, &list, &status, &err), &err);
    assert_int_equal(gl_migrate_refuse(&list, &status, &err), GL_E_REFUSED);
    expect_says(err.hint, hint);
    for (size_t i = 0; i < list.count; i++)
        assert_false(gl_migrate_goes_on(&list, &status, i));
}

static void a_file_that_was_edited_half_way_is_refused(void **state)
{
    const struct world *world = *state;
    put_rows(world);
    sql_in(world, "alter table t add constraint stop check (n = 0 or id <= 1500)");
    put(world, "2_n.sql", BATCHED("100") "update t set n = n + 1;");
    expect_failure(world, GL_E_DATABASE, "stop");
    put(world, "2_n.sql", BATCHED("100") "update t set n = n + 2;");
    /* The text that it began with is kept: no repository is needed to name the line. */
    expect_failure(world, GL_E_REFUSED, "edited after it was begun, and is not finished");
    expect_status_refused(world, "Line 3 was `update t set n = n + 1;` and is "
                                 "`update t set n = n + 2;`");
    /* As the hint says: begin anew. */
    sql_in(world, "delete from _sqlx_migrations where version = 2;"
                  "alter table t drop constraint stop");
    assert_int_equal(migrated(world).rows, 1000);
    expect_sql(world, "select min(n) || ',' || max(n) from t", "2,3");
}

/* Killed or failed half way: it is told how far it is, and that it goes on. */
static void the_status_tells_how_far_it_is(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    gl_automigratestatus struct gl_migrate_status old = {0};
    put_rows(world);
    sql_in(world, "analyze t; alter table t add constraint stop check (n = 0 or id <= 1500)");
    put(world, "2_n.sql", BATCHED("100") "update t set n = 1 where n = 0 and id % 2 = 0;");
    expect_failure(world, GL_E_DATABASE, "stop");
    ok(gl_migrations_scan(world->dir, &list, &err), &err);
    ok(gl_migrate_status(world->conninfo, &list, &status, &err), &err);
    assert_int_equal(status.states[1], GL_MIGRATION_DIRTY);
    assert_true(gl_migrate_goes_on(&list, &status, 1));
    assert_false(gl_migrate_goes_on(&list, &status, 0));
    assert_null(status.running);
    assert_true(status.found[1].known);
    assert_int_equal(status.found[1].looked, 500);
    assert_int_equal(status.found[1].changed, 250);
    assert_int_equal(status.found[1].estimate, 1000);
    assert_int_equal(status.found[1].pass, 1);
    ok(gl_migrate_refuse(&list, &status, &err), &err);
    /* One of an earlier golive, whose table had fewer columns, is read and gone on with. */
    sql_in(world, "alter table _golive_migration_progress drop pass, drop before, drop again, "
                  "drop estimate, drop text; alter table t drop constraint stop");
    ok(gl_migrate_status(world->conninfo, &list, &old, &err), &err);
    assert_int_equal(old.found[1].looked, 500);
    assert_true(gl_migrate_goes_on(&list, &old, 1));
    assert_int_equal(migrated(world).rows, 500);
    expect_sql(world, "select sum(n) from t", "500");
}

/* Without its position it cannot be gone on with: status says so too. */
static void a_lost_position_is_told(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    gl_automigratestatus struct gl_migrate_status lost = {0};
    put_rows(world);
    put(world, "2_n.sql", BATCHED("100") "update t set n = 1;");
    migrated(world);
    sql_in(world, "update _sqlx_migrations set success = false where version = 2");
    ok(gl_migrations_scan(world->dir, &list, &err), &err);
    ok(gl_migrate_status(world->conninfo, &list, &lost, &err), &err);
    assert_false(gl_migrate_goes_on(&list, &lost, 1));
    assert_int_equal(gl_migrate_refuse(&list, &lost, &err), GL_E_REFUSED);
    expect_says(err.message, "not known how far");
    expect_failure(world, GL_E_REFUSED, "not known how far");
}

/* ---- rows that come in meanwhile ---- */

struct arrivals {
    const struct world *world;
    const char *sql; /* run at each progress that is told */
    int times;       /* and so often at most */
    int64_t pass, left;
    bool once;
};

static void on_arrival(const struct gl_migrate_event *event, void *context)
{
    struct arrivals *arrivals = context;
    if (event->kind == GL_MIGRATE_PROGRESS && arrivals->times-- > 0)
        sql_in(arrivals->world, arrivals->sql);
    if (event->kind != GL_MIGRATE_DONE)
        return;
    arrivals->pass = event->pass;
    arrivals->left = event->left;
    arrivals->once = event->once;
}

static struct gl_migrate_result migrated_with(struct arrivals *arrivals)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.on_event = on_arrival, .context = arrivals};
    ok(migrate(arrivals->world, &options, &result, &err), &err);
    return result;
}

/* Progress is told at the end of a pass: five come in behind the position, one behind the last key.
 */
#define COME_IN                                                                                    \
    "insert into t select i, 0, 'late' from generate_series((select min(id) - 5 from t), "         \
    "(select min(id) - 1 from t)) i; insert into t select max(id) + 1, 0, 'late' from t"

static void rows_that_come_in_behind_are_met_by_a_further_pass(void **state)
{
    struct arrivals arrivals = {.world = *state, .sql = COME_IN, .times = 1};
    put_rows(arrivals.world);
    put(arrivals.world, "2_n.sql", BATCHED("300") "update t set n = n + 1 where n = 0;");
    assert_int_equal(migrated_with(&arrivals).rows, 1006);
    expect_sql(arrivals.world, "select min(n) || ',' || max(n) || ',' || count(*) from t",
               "1,1,1006");
    assert_int_equal(arrivals.pass, 3); /* the last one changed nothing */
    assert_int_equal(arrivals.left, 0);
    assert_false(arrivals.once);
}

/* Of one row that was changed the condition still holds: a further pass would change it twice. */
static void what_would_change_twice_gets_no_further_pass(void **state)
{
    struct arrivals arrivals = {.world = *state, .sql = COME_IN, .times = 1};
    put_rows(arrivals.world);
    sql_in(arrivals.world, "update t set n = case id when 1500 then 2 else 1 end");
    put(arrivals.world, "2_n.sql", BATCHED("300") "update t set n = n - 1 where n > 0;");
    assert_int_equal(migrated_with(&arrivals).rows, 1000);
    expect_sql(arrivals.world, "select sum(n) || ',' || max(n) from t", "1,1");
    assert_int_equal(arrivals.pass, 1);
    assert_true(arrivals.once);
}

/* Rows that always come are not chased for ever, and it is told that some were left. */
static void passes_have_a_limit(void **state)
{
    struct arrivals arrivals = {.world = *state, .sql = COME_IN, .times = 1000};
    put_rows(arrivals.world);
    put(arrivals.world, "2_n.sql", BATCHED("5000") "update t x set n = 1 where x.n = 0;");
    migrated_with(&arrivals);
    assert_int_equal(arrivals.pass, GL_MIGRATE_PASSES);
    assert_true(arrivals.left > 0);
    expect_sql(arrivals.world, "select success from _sqlx_migrations where version = 2", "t");
}

static void deleted_rows_cannot_be_met_twice(void **state)
{
    struct arrivals arrivals = {
        .world = *state, .sql = "insert into t values (1), (2), (90000)", .times = 1};
    put_rows(arrivals.world);
    put(arrivals.world, "2_d.sql",
        "-- no-transaction\n-- golive: phase=expand batch=300\ndelete from t where n = 0;");
    assert_int_equal(migrated_with(&arrivals).rows, 1003);
    expect_sql(arrivals.world, "select count(*) from t", "0");
    assert_false(arrivals.once);
}

/* A rule rewrites statements, and cannot do so inside WITH: it is gone through once, as it is. */
static void a_table_with_rules_is_gone_through_once(void **state)
{
    struct arrivals arrivals = {.world = *state};
    put_rows(arrivals.world);
    sql_in(arrivals.world, "create table seen (id int); create rule r as on update to t do also "
                           "insert into seen values (1)");
    put(arrivals.world, "2_n.sql", BATCHED("400") "update t set n = 1 where n = 0;");
    assert_int_equal(migrated_with(&arrivals).applied, 1);
    expect_sql(arrivals.world, "select min(n) from t", "1");
    assert_true(arrivals.once);
}

/* What failed in a further pass goes on in that pass. */
static void a_further_pass_is_gone_on_with(void **state)
{
    struct arrivals arrivals = {.world = *state,
                                .sql = "insert into t values (-1, 0, 'late'); alter table t add "
                                       "constraint stop check (n = 0 or id > 0) not valid",
                                .times = 1};
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.on_event = on_arrival, .context = &arrivals};
    put_rows(arrivals.world);
    put(arrivals.world, "2_n.sql", BATCHED("300") "update t set n = n + 1 where n = 0;");
    assert_int_equal(migrate(arrivals.world, &options, &result, &err), GL_E_DATABASE);
    expect_says(err.message, "stop");
    expect_says(err.hint, "1000 rows are changed and stay so");
    expect_sql(arrivals.world, "select pass || ',' || looked from _golive_migration_progress",
               "2,0");
    sql_in(arrivals.world, "alter table t drop constraint stop");
    assert_int_equal(migrated_with(&arrivals).rows, 1001);
    expect_sql(arrivals.world, "select min(n) || ',' || max(n) from t", "1,1");
}

/* ---- keys ---- */

/* uuid keys come anywhere, texts in the order of their collation, composite ones in parts. */
static void every_kind_of_key_meets_each_row_once(void **state)
{
    const struct world *world = *state;

    static const struct {
        const char *columns, *values, *key;
    } cases[] = {
        {"a uuid",                "md5(i::text)::uuid",                                                "a"      },
        {"a text",                "chr(97 + i % 26) || chr(39 + i % 2 * 53) || i",                     "a"      },
        {"a text collate \"C\"",  "chr(200 + i % 100) || i",                                           "a"      },
        {"a timestamptz",         "'2026-03-29 00:59:00+00'::timestamptz + i * interval '7.000001 s'", "a"      },
        {"a numeric",             "i / 7.0",                                                           "a"      },
        {"a bytea",               "decode(md5(i::text), 'hex')",                                       "a"      },
        {"a uuid, b int, c text", "md5((i / 10)::text)::uuid, i % 10, 'x ' || i",                      "a, c, b"},
        {"a text, b date",        "'k' || i % 3, '2026-01-01'::date + i",                              "a, b"   },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *table =
            gl_asprintf("create table k%zu (%s, n int not null default 0, primary key (%s));"
                        "insert into k%zu select %s from generate_series(1, 500) i;",
                        i, cases[i].columns, cases[i].key, i, cases[i].values);
        gl_autofree char *made = gl_asprintf("%zu_k.sql", 2 * i + 1);
        gl_autofree char *name = gl_asprintf("%zu_n.sql", 2 * i + 2);
        gl_autofree char *text =
            gl_asprintf(BATCHED("7") "update k%zu set n = n + 1 where n >= 0", i);
        gl_autofree char *query = gl_asprintf(
            "select min(n) || ',' || max(n) || ',' || count(distinct xmin::text) from k%zu", i);
        put(world, made, table);
        put(world, name, text);
        migrated(world);
        expect_sql(world, query, "1,1,72");
    }
}

static void slow_batches_become_smaller(void **state)
{
    const struct world *world = *state;
    put_rows(world);
    sql_in(world, "analyze t"); /* else the whole table is read, and all of it sleeps */
    put(world, "2_n.sql",
        BATCHED("400") "update t set n = n + 1 where id <= 1200 and pg_sleep(0.005) is not null;");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.statement_timeout_ms = 1500};
    ok(migrate(world, &options, &result, &err), &err);
    assert_int_equal(result.rows, 400);
    expect_sql(world, "select min(n) || ',' || max(n) from t where id <= 1200", "1,1");
}

struct seen {
    size_t progress, begun;
    int64_t rows, looked, done_rows;
};

static void on_event(const struct gl_migrate_event *event, void *context)
{
    struct seen *seen = context;
    seen->begun += event->kind == GL_MIGRATE_BEGIN;
    if (event->kind == GL_MIGRATE_DONE)
        seen->done_rows = event->rows;
    if (event->kind != GL_MIGRATE_PROGRESS)
        return;
    seen->progress++;
    seen->rows = event->rows;
    seen->looked = event->looked;
    assert_true(event->rate_per_s > 0);
    assert_int_equal(event->estimate, 1000);
}

static void progress_is_told(void **state)
{
    const struct world *world = *state;
    put_rows(world);
    sql_in(world, "analyze t");
    put(world, "2_n.sql", BATCHED("100") "update t set n = 1 where id <= 1500");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    struct seen seen = {0};
    const struct gl_migrate_options options = {.on_event = on_event, .context = &seen};
    ok(migrate(world, &options, &result, &err), &err);
    assert_true(seen.progress >= 1);
    assert_int_equal(seen.begun, 1);
    assert_int_equal(seen.rows, 500);
    assert_int_equal(seen.looked, 1000);
    assert_int_equal(seen.done_rows, 500);
}

/* The batches before it stay; the one that met the lock is tried again. */
static void a_locked_row_is_tried_again(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    put_rows(world);
    put(world, "2_n.sql", BATCHED("100") "update t set n = n + 1;");
    struct held held = {.conn = PQconnectdb(world->conninfo)};
    PQclear(PQexec(held.conn, "begin"));
    PQclear(PQexec(held.conn, "select from t where id = 1500 for update"));
    const struct gl_migrate_options options = {
        .lock_timeout_ms = 200, .retries = 3, .on_event = on_retry, .context = &held};
    ok(migrate(world, &options, &result, &err), &err);
    PQfinish(held.conn);
    assert_int_equal(result.lock_retries, 1);
    assert_int_equal(held.blocked, 1);
    assert_int_equal(result.rows, 1000);
    expect_sql(world, "select min(n) || ',' || max(n) from t", "1,1");
}

static void on_blocked(const struct gl_migrate_event *event, void *context)
{
    struct held *held = context;
    if (event->kind == GL_MIGRATE_BLOCKED && held->blocked++ == 0)
        PQclear(PQexec(held->conn, "commit"));
}

/* A stricter default would fail on a row that was changed while it was waited for. */
static void the_isolation_is_not_that_of_the_database(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    gl_autofree char *strict = gl_asprintf(
        "alter database %s set default_transaction_isolation = 'repeatable read'", world->database);
    put_rows(world);
    sql_in(world, strict);
    put(world, "2_n.sql", BATCHED("100") "update t set n = n + 1;");
    struct held held = {.conn = PQconnectdb(world->conninfo)};
    PQclear(PQexec(held.conn, "begin"));
    PQclear(PQexec(held.conn, "update t set name = 'x' where id = 1500"));
    const struct gl_migrate_options options = {
        .lock_timeout_ms = 30000, .on_event = on_blocked, .context = &held};
    ok(migrate(world, &options, &result, &err), &err);
    PQfinish(held.conn);
    assert_int_equal(held.blocked, 1);
    expect_sql(world, "select min(n) || ',' || max(n) from t", "1,1");
}

struct reader {
    PGconn *conn; /* holds the progress's table until the first RETRY */
    size_t retries;
};

static void on_reader(const struct gl_migrate_event *event, void *context)
{
    struct reader *reader = context;
    if (event->kind == GL_MIGRATE_PROGRESS && reader->retries == 0 &&
        PQtransactionStatus(reader->conn) == PQTRANS_IDLE) {
        PQclear(PQexec(reader->conn, "begin"));
        PQclear(PQexec(reader->conn, "select from _golive_migration_progress"));
    }
    if (event->kind == GL_MIGRATE_RETRY && reader->retries++ == 0)
        PQclear(PQexec(reader->conn, "commit"));
}

/* As pg_dump does, somebody reads the table that is to be dropped in the end. */
static void the_end_is_tried_again(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    put_rows(world);
    put(world, "2_n.sql", BATCHED("500") "update t set n = n + 1;");
    struct reader reader = {.conn = PQconnectdb(world->conninfo)};
    const struct gl_migrate_options options = {
        .lock_timeout_ms = 200, .retries = 3, .on_event = on_reader, .context = &reader};
    ok(migrate(world, &options, &result, &err), &err);
    PQfinish(reader.conn);
    assert_int_equal(reader.retries, 1);
    expect_sql(world, "select min(n) || ',' || max(n) from t", "1,1");
    expect_sql(world, "select to_regclass('_golive_migration_progress') is null", "t");
}

/* Row security makes already the look for a batch's end slow: that is halved too. */
static void slow_looks_become_smaller(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.statement_timeout_ms = 600};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, "slow_owner", world->database);
    sql_in(world, "create role slow_owner login; grant all on schema public to slow_owner;"
                  "alter role slow_owner set enable_seqscan = off;"
                  "alter role slow_owner set enable_bitmapscan = off;"
                  "alter role slow_owner set jit = off");
    put(world, "1_t.sql",
        "create table t (id int primary key, n int default 0);"
        "insert into t select i from generate_series(1, 100) i;"
        "alter table t enable row level security; alter table t force row level security;"
        "create policy p on t using (pg_sleep(0.01) is not null);");
    put(world, "2_n.sql", BATCHED("90") "update t set n = n + 1;");
    ok(gl_migrations_scan(world->dir, &list, &err), &err);
    ok(gl_migrate_run(conninfo, &list, &options, &result, &err), &err);
    assert_int_equal(result.rows, 200);
    expect_sql(world, "select min(n) || ',' || max(n) from t", "1,1");
}

/* ---- refusals ---- */

static void what_cannot_be_in_batches_is_refused(void **state)
{
    const struct world *world = *state;

    static const struct {
        const char *sql, *part;
    } cases[] = {
        {"-- golive: batch=5\nupdate t set n = 1",             "cannot be one transaction"},
        {BATCHED("5") "insert into t values (1)",              "neither UPDATE nor DELETE"},
        {BATCHED("5") "with a as (select 1) delete from t",    "neither UPDATE nor DELETE"},
        {BATCHED("5") "update t set n = 1; select 1",          "exactly one statement"    },
        {BATCHED("5") "update t set n = 1 returning id",       "RETURNING"                },
        {BATCHED("5") "update t set id = 1",                   "which is the key"         },
        {BATCHED("5") "update t set (n, \"id\") = (1, 2)",     "which is the key"         },
        {BATCHED("5") "update missing set n = 1",              "does not exist"           },
        {BATCHED("5") "delete from v",                         "is no table"              },
        {BATCHED("5") "delete from keyless",                   "has no key"               },
        {BATCHED("5") "update parent set a = 1",               "inherit"                  },
        {BATCHED("5") "update t set n = 1 where current of c", "cursor"                   },
        {BATCHED("5") "update t set n = 1 where",              "without a condition"      },
    };

    put_rows(world);
    sql_in(world, "create view v as select 1 as a; create table keyless (a int unique);"
                  "create table parent (id int primary key, a int);"
                  "create table child () inherits (parent)");
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        put(world, "2_x.sql", cases[i].sql);
        expect_failure(world, GL_E_REFUSED, cases[i].part);
        expect_sql(world, "select count(*) from _sqlx_migrations", "1");
    }
}

static void statements_are_read(void **state)
{
    (void)state;

    static const struct {
        const char *sql, *table, *name, *rewritten;
    } cases[] = {
        {"update a set b = 1",                                             "a",       "a", "update a set b = 1\nwhere R"},
        {"UPDATE s.\"A\" AS x SET b=(select 1 where true) WHERE(b)",       "s.\"A\"", "x",
         "UPDATE s.\"A\" AS x SET b=(select 1 where true) where((b)) and R"                                             },
        {"update a * q set b = c is distinct from d where /* w */ e or f", "a",       "q",
         "update a * q set b = c is distinct from d where(/* w */ e or f) and R"                                        },
        {"delete from only a where x = 'where';",                          "a",       "a",
         "delete from only a where(x = 'where') and R"                                                                  },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autobatchtext struct gl_batch_text text = {0};
        ok(gl_batch_text_read(cases[i].sql, "f.sql", &text, &err), &err);
        gl_autofree char *sql = gl_batch_text_sql(&text, "R");
        assert_string_equal(text.table, cases[i].table);
        assert_string_equal(text.name, cases[i].name);
        assert_string_equal(sql, cases[i].rewritten);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_row_is_changed_once),
        CASE(rows_are_deleted_in_batches),
        CASE(arrays_are_no_assignments),
        CASE(keys_of_several_columns_and_types_work),
        CASE(an_empty_table_is_done_at_once),
        CASE(rows_that_a_trigger_adds_are_not_chased),
        CASE(partitions_are_gone_through_in_one_order),
        CASE(failure_in_a_later_batch_is_gone_on_from),
        CASE(failure_in_the_first_batch_leaves_nothing),
        CASE(failure_at_commit_moves_nothing),
        CASE(a_lock_that_is_missed_at_commit_is_tried_again),
        CASE(a_file_that_was_edited_half_way_is_refused),
        CASE(the_status_tells_how_far_it_is),
        CASE(a_lost_position_is_told),
        CASE(rows_that_come_in_behind_are_met_by_a_further_pass),
        CASE(what_would_change_twice_gets_no_further_pass),
        CASE(passes_have_a_limit),
        CASE(deleted_rows_cannot_be_met_twice),
        CASE(a_table_with_rules_is_gone_through_once),
        CASE(a_further_pass_is_gone_on_with),
        CASE(every_kind_of_key_meets_each_row_once),
        CASE(slow_batches_become_smaller),
        CASE(progress_is_told),
        CASE(a_locked_row_is_tried_again),
        CASE(the_isolation_is_not_that_of_the_database),
        CASE(the_end_is_tried_again),
        CASE(slow_looks_become_smaller),
        CASE(what_cannot_be_in_batches_is_refused),
        cmocka_unit_test(statements_are_read),
    };
    return cmocka_run_group_tests(tests, server_up, server_down);
}
