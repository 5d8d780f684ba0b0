/* Whole traces: what is measured, what fails, what comes before, and what a dump brings. */
#include "fixture.h"

#include "trace/render.h"

static const char orders[] =
    "create table users (id int primary key, name text);\n"
    "create table orders (id int primary key, user_id int not null references users, note "
    "varchar(20), total int check (total > 0));\n";

static void test_measures_inside_blocks(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql", orders);
    put_file(world, "2_b.sql",
             "do $$ begin execute 'alter table orders ' || 'alter note type varchar(10)'; end $$;\n"
             "create index on users (name);\n"
             "create table tags (id int primary key);\n"
             "create index on tags (id);\n");
    trace(world);
    assert_int_equal(world->trace.count, 1);
    const struct gl_trace_statement *rewrite = statement_at(world, 0, 0);
    assert_int_equal(rewrite->verdict, GL_TRACE_DANGEROUS);
    assert_true(has_lock(rewrite, "orders", GL_LOCK_ACCESS_EXCLUSIVE));
    assert_non_null(work_on(rewrite, "orders", GL_WORK_REWRITE));
    assert_int_equal(work_on(rewrite, "orders", GL_WORK_REWRITE)->rows, 100);
    assert_true(rewrite->time_us > 0 && rewrite->wal_bytes > 0);
    const struct gl_trace_statement *index = statement_at(world, 0, 1);
    assert_int_equal(index->verdict, GL_TRACE_DANGEROUS);
    assert_true(has_lock(index, "users", GL_LOCK_SHARE));
    assert_non_null(work_on(index, "users_name_idx", GL_WORK_INDEX));
    assert_int_equal(work_on(index, "users", GL_WORK_SCAN)->rows, 100);
    assert_true(has_lock(index, "orders", GL_LOCK_ACCESS_EXCLUSIVE)); /* still held */
    assert_int_equal(statement_at(world, 0, 2)->verdict, GL_TRACE_HARMLESS);
    assert_int_equal(gl_trace_count(&world->trace, GL_TRACE_DANGEROUS), 2);
    assert_true(world->trace.files[0].blocked_us >= rewrite->time_us + index->time_us);
}

/* A scan of another table keeps those waiting that want the locked one; the next file does not. */
static void test_locks_last_to_the_end_of_the_file(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql", orders);
    gl_strv_take(&world->files, put(world, "2_b.sql",
                                    "alter table users add column age int;\n"
                                    "create table counts as select count(*) from orders;\n"));
    gl_strv_take(&world->files,
                 put(world, "3_c.sql", "create table more as select count(*) from orders;\n"));
    trace(world);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_BRIEF);
    assert_int_equal(statement_at(world, 0, 1)->verdict, GL_TRACE_DANGEROUS);
    assert_int_equal(statement_at(world, 1, 0)->verdict, GL_TRACE_HARMLESS);
}

static void test_failure_names_the_place(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql", orders);
    put_file(world, "2_b.sql",
             "select 1;\nalter table \"users\"\n  alter column \xe5\x90\x8d set not null;\n"
             "select 2;\n");
    trace(world);
    const struct gl_trace_statement *failed = statement_at(world, 0, 1);
    assert_int_equal(failed->verdict, GL_TRACE_FAILED);
    assert_string_equal(failed->sqlstate, "42703");
    assert_int_equal(failed->problem.line, 2);
    assert_int_equal(failed->problem.column, 1);
    expect_says(failed->problem.file, "2_b.sql");
    assert_int_equal(statement_at(world, 0, 2)->verdict, GL_TRACE_NOT_RUN);
    put_file(world, "2_b.sql", "select 1;\nalter table users\n  alter column name set nul;\n");
    trace(world);
    assert_int_equal(statement_at(world, 0, 1)->problem.line, 3);
    assert_int_equal(statement_at(world, 0, 1)->problem.column, 25);
}

/* A lost connection is no result: nothing is known of the statement. */
static void test_connection_lost(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    put_file(world, "1_a.sql", orders);
    put_file(world, "2_b.sql", "select pg_terminate_backend(pg_backend_pid());\n");
    const struct gl_trace_options options = options_of(world);
    assert_true(gl_trace_run(&options, &world->trace, &err) < 0);
    expect_says(err.message, "terminating connection");
    assert_non_null(err.hint);
}

static void test_full_disk(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql", orders);
    put_file(world, "2_b.sql",
             "do $$ begin raise 'could not extend file' using errcode = '53100'; end $$;\n");
    trace(world);
    expect_says(statement_at(world, 0, 0)->problem.hint, "disk is full");
}

/* What golive migrate up would not run is not run here, and called nothing. */
static void test_what_the_runner_refuses(void **state)
{
    static const struct {
        const char *sql;
        const char *why;
    } cases[] = {
        {"alter table users add column age int; commit; select 1;\n",       "its transaction itself"   },
        {"-- no-transaction\nselect 1; select 2;\n",                        "exactly one statement"    },
        {"-- no-transaction\ncreate index concurrently on users (name);\n", "without a name"           },
        {"-- golive: batch=5\nupdate users set name = 'x';\n",              "cannot be one transaction"},
    };

    struct world *world = *state;
    put_file(world, "1_a.sql", orders);
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autobuf struct gl_buf text = {0};
        put_file(world, "2_b.sql", cases[i].sql);
        trace(world);
        const struct gl_trace_file *file = &world->trace.files[0];
        assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_NOT_RUN);
        assert_int_equal(file->problem.code, GL_E_REFUSED);
        expect_says(file->problem.message, cases[i].why);
        gl_trace_text(&world->trace, false, &text);
        expect_says(gl_buf_text(&text), "golive migrate up refuses it: ");
    }
}

/* COMMIT checks what was put off. */
static void test_deferred_constraint(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql",
             "create table a (id int primary key, b int unique deferrable initially deferred);\n"
             "insert into a values (1, 1), (2, 2);\n");
    put_file(world, "2_b.sql", "update a set b = 1;\n");
    trace(world);
    expect_says(world->trace.files[0].problem.message, "duplicate key");
}

static void test_outside_of_a_transaction(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql", orders);
    gl_strv_take(&world->files,
                 put(world, "2_b.sql",
                     "-- no-transaction\ncreate index concurrently o on orders (note);\n"));
    gl_strv_take(&world->files, put(world, "3_c.sql", "-- no-transaction\nvacuum full orders;\n"));
    gl_strv_take(&world->files,
                 put(world, "4_d.sql", "-- no-transaction\ncreate index p on orders (total);\n"));
    trace(world);
    const struct gl_trace_statement *index = statement_at(world, 0, 0);
    assert_true(index->outside);
    assert_int_equal(index->verdict, GL_TRACE_HARMLESS);
    assert_non_null(work_on(index, "o", GL_WORK_INDEX));
    assert_non_null(work_on(index, "orders", GL_WORK_SCAN));
    const struct gl_trace_statement *vacuum = statement_at(world, 1, 0);
    assert_true(vacuum->outside);
    assert_int_equal(vacuum->verdict, GL_TRACE_DANGEROUS);
    assert_true(has_lock(vacuum, "orders", GL_LOCK_ACCESS_EXCLUSIVE));
    const struct gl_trace_statement *plain =
        statement_at(world, 2, 0); /* exact: it may be inside */
    assert_false(plain->outside);
    assert_int_equal(plain->verdict, GL_TRACE_DANGEROUS);
    assert_true(has_lock(plain, "orders", GL_LOCK_SHARE));
}

/* Its batches change a few rows each; what it takes from another table is no batch's. */
static void test_in_batches(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql", orders);
    gl_strv_take(&world->files, put(world, "2_b.sql",
                                    "-- no-transaction\n-- golive: batch=10\n"
                                    "update orders set note = 'x' where note <> 'x';\n"));
    gl_strv_take(&world->files, put(world, "3_c.sql",
                                    "-- no-transaction\n"
                                    "update orders set note = 'y' where note = 'x';\n"));
    trace(world);
    const struct gl_trace_statement *update = statement_at(world, 0, 0);
    assert_int_equal(world->trace.files[0].batch, 10);
    assert_int_equal(update->verdict, GL_TRACE_HARMLESS);
    assert_null(work_on(update, "orders", GL_WORK_ROWS));
    assert_null(work_on(update, "orders", GL_WORK_SCAN));
    assert_int_equal(world->trace.files[0].blocked_us, 0);
    assert_int_equal(statement_at(world, 1, 0)->verdict, GL_TRACE_DANGEROUS);
    assert_int_equal(world->trace.files[1].blocked_us, statement_at(world, 1, 0)->time_us);
}

/* Rows that were made up break what is demanded of rows: no finding. A column without a value is.
 */
static void test_generated_rows_that_do_not_fit(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql", orders);
    put_file(world, "2_b.sql", "alter table users add check (name like 'M%');\n");
    trace(world);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_DANGEROUS);
    assert_int_equal(world->trace.files[0].left_out.count, 1);
    assert_string_equal(world->trace.files[0].left_out.items[0], "\"public\".\"users\"");
    put_file(world, "2_b.sql", "alter table users add column mail text not null;\n");
    trace(world);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_FAILED);
    assert_string_equal(statement_at(world, 0, 0)->sqlstate, "23502");
}

/* The index that failed for made-up rows is not in the way of the second run. */
static void test_unique_index_outside_of_a_transaction(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql", "create table t (id int primary key, a bool not null);\n");
    put_file(world, "2_b.sql",
             "-- no-transaction\ncreate unique index concurrently \"T a\" on t (a);\n");
    trace(world);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_HARMLESS);
    assert_int_equal(world->trace.files[0].left_out.count, 1);
}

/* Outside of a transaction a lock may be gone before it is looked at. */
static void test_materialized_view_gets_a_new_file(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql",
             "create table t (id int primary key);\n"
             "create materialized view v as select 1 as one;\n");
    put_file(world, "2_b.sql", "-- no-transaction\nvacuum full v;\n");
    trace(world);
    assert_true(has_lock(statement_at(world, 0, 0), "v", GL_LOCK_ACCESS_EXCLUSIVE));
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_DANGEROUS);
}

/* ---- which files, on what schema --------------------------------------------------------------
 */

static void test_a_draft_comes_last(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql", orders);
    put_file(world, "2_b.sql", "alter table users add column age int;\n");
    gl_strv_take(&world->files, put(world, "draft.sql", "alter table users drop column age;\n"));
    trace(world);
    assert_int_equal(world->trace.count, 1);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_BRIEF);
}

/* dbmate's folder: its table is kept, and of a draft only the part upwards is run. */
static void test_a_draft_in_a_folder_of_dbmate(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql",
             "-- migrate:up\ncreate table users (id int primary key);\n"
             "-- migrate:down\ndrop table users;\n");
    gl_strv_take(&world->files,
                 put(world, "draft.sql",
                     "-- migrate:up\nalter table users add column age int;\n"
                     "select 1 / count(*) from schema_migrations where version = '1';\n"
                     "-- migrate:down\nalter table users drop column age;\n"));
    gl_autofree char *mix = put(world, "mix.txt", "select count(*) from users;\n");
    struct gl_trace_options options = options_of(world);
    options.traffic_path = mix;
    trace_with(world, &options);
    assert_int_equal(world->trace.files[0].count, 2);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_BRIEF);
    assert_int_not_equal(statement_at(world, 0, 1)->verdict, GL_TRACE_FAILED);
    assert_int_equal(world->trace.traffic.problem.code, 0);
    put_file(world, "draft.sql", "alter table users add column age int;\n");
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_CONFIG);
    expect_says(err.file, "draft.sql");
}

/* What lies between two traced files is run, but not shown. */
/* Six digits and pairs are golang-migrate's, unless migrations.tool says whose they are: sqlx's
 * rows are looked for then, and plain files beside them are run. */
static void test_the_tool_that_is_named(void **state)
{
    struct world *world = *state;
    put_file(world, "000001_a.up.sql", "create table a (id int primary key);\n");
    put_file(world, "000001_a.down.sql", "drop table a;\n");
    put_file(world, "000002_b.up.sql",
             "-- no-transaction\ncreate index concurrently i on a (id);\n");
    put_file(world, "000002_b.down.sql", "drop index i;\n");
    put_file(world, "000003_c.up.sql", "alter table a add column x int;\n");
    put_file(world, "000003_c.down.sql", "alter table a drop column x;\n");
    struct gl_trace_options options = options_of(world);
    gl_autoerr struct gl_error err = {0};
    /* golang-migrate's table has no mark for what is not in a transaction */
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_REFUSED);
    options.tool = "sqlx";
    trace_with(world, &options);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_BRIEF);
    options.tool = "flyway";
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_CONFIG);
}

/* golive does not apply them where they stay; a private server goes. */
static void test_folders_of_goose(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql",
             "-- +goose Up\ncreate table a (id int primary key);\n-- +goose Down\ndrop table a;\n");
    put_file(world, "2_b.sql",
             "-- +goose Up\nalter table a alter id type bigint;\n-- +goose Down\ndrop table a;\n");
    struct gl_trace_options options = options_of(world);
    options.compare = true;
    trace_with(world, &options);
    assert_int_equal(world->trace.files[0].count, 1);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_DANGEROUS);
    assert_int_equal(world->trace.comparison.agreed, 1);
    assert_int_equal(world->trace.comparison.count, 0);
}

static void test_files_between(void **state)
{
    struct world *world = *state;
    gl_strv_take(&world->files, put(world, "1_a.sql", orders));
    put_file(world, "2_b.sql", "alter table users add column age int;\n");
    gl_strv_take(&world->files, put(world, "3_c.sql", "alter table users drop column age;\n"));
    trace(world);
    assert_int_equal(world->trace.count, 2);
    assert_int_equal(statement_at(world, 1, 0)->verdict, GL_TRACE_BRIEF);
}

static void test_nothing_to_trace(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    const struct gl_trace_options options = options_of(world);
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_NOT_FOUND);
    assert_non_null(err.hint);
}

/* Owners that exist elsewhere only, and rows of sqlx's table, which say what is pending. */
static void test_dump(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql", "create table users (id int primary key);\n");
    put_file(world, "2_b.sql", "alter table users add column age bigint;\n");
    put_file(world, "3_c.sql", "alter table users alter age type int;\n");
    gl_autofree char *dump =
        put(world, "dump.txt",
            "create table public.users (id int primary key);\n"
            "alter table public.users owner to somebody_else;\n"
            "copy public.users (id) from stdin;\n1\n2\n3\n\\.\n"
            "create table _sqlx_migrations (version bigint primary key, description text not null,"
            " installed_on timestamptz not null default now(), success boolean not null,"
            " checksum bytea not null, execution_time bigint not null);\n"
            "insert into _sqlx_migrations values (1, 'a', now(), true, "
            "sha384('create table users (id int primary key);\n'), 1);\n");
    struct gl_trace_options options = options_of(world);
    options.schema_path = dump;
    trace_with(world, &options);
    assert_int_equal(world->trace.count, 2);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_BRIEF);
    assert_int_equal(statement_at(world, 1, 0)->verdict, GL_TRACE_DANGEROUS);
    assert_int_equal(work_on(statement_at(world, 1, 0), "users", GL_WORK_REWRITE)->rows, 3);
}

static void test_dumps_that_cannot_be_restored(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    put_file(world, "1_a.sql", orders);
    gl_autofree char *custom = put(world, "custom.dump", "PGDMP and what follows");
    gl_autofree char *wrong = put(world, "wrong.txt", "create table;\n");
    struct gl_trace_options options = options_of(world);
    options.schema_path = custom;
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_CONFIG);
    expect_says(err.hint, "pg_restore --file");
    options.schema_path = wrong;
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_PROCESS);
    expect_says(err.message, "syntax error");
    options.schema_path = "/nowhere/at all";
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_NOT_FOUND);
}

static void test_programs_that_are_not_there(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    put_file(world, "1_a.sql", orders);
    struct gl_trace_options options = options_of(world);
    options.server_bin = world->dir;
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_NOT_FOUND);
    assert_non_null(err.hint);
}

/* ---- beside the linter ------------------------------------------------------------------------
 */

static void test_linter_is_held_against_it(void **state)
{
    struct world *world = *state;
    put_file(world, "1_a.sql",
             "create table users (id int primary key, name text);\n"
             "create function grow() returns void language plpgsql as $$ begin execute "
             "'alter table users alter id type bigint'; end $$;\n");
    put_file(world, "2_b.sql", "create index on users (name); select grow();\nselect 1;\n");
    struct gl_trace_options options = options_of(world);
    options.compare = true;
    trace_with(world, &options);
    const struct gl_trace_comparison *comparison = &world->trace.comparison;
    assert_int_equal(comparison->agreed, 2);
    assert_int_equal(comparison->count, 1);
    assert_null(comparison->items[0].rule);
    assert_int_equal(comparison->items[0].line, 1);
    assert_string_equal(comparison->items[0].measured, "dangerous");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_measures_inside_blocks),
        CASE(test_locks_last_to_the_end_of_the_file),
        CASE(test_failure_names_the_place),
        CASE(test_what_the_runner_refuses),
        CASE(test_connection_lost),
        CASE(test_full_disk),
        CASE(test_deferred_constraint),
        CASE(test_outside_of_a_transaction),
        CASE(test_in_batches),
        CASE(test_generated_rows_that_do_not_fit),
        CASE(test_unique_index_outside_of_a_transaction),
        CASE(test_materialized_view_gets_a_new_file),
        CASE(test_a_draft_comes_last),
        CASE(test_a_draft_in_a_folder_of_dbmate),
        CASE(test_the_tool_that_is_named),
        CASE(test_folders_of_goose),
        CASE(test_files_between),
        CASE(test_nothing_to_trace),
        CASE(test_dump),
        CASE(test_dumps_that_cannot_be_restored),
        CASE(test_programs_that_are_not_there),
        CASE(test_linter_is_held_against_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
