/* The first release's migrations on a real database: whatever was killed or failed before anything
 * served, the next try is as free as the first. */
#include "scripted.h"

#include "support/pgtest.h"

static struct gl_pgtest server;
static unsigned databases;

static int server_up(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    if (gl_pgtest_start(&server, &err) < 0)
        fail_msg("%s", err.message);
    return 0;
}

static int server_down(void **state)
{
    (void)state;
    gl_pgtest_stop(&server);
    return 0;
}

static int set_up_with_database(void **state)
{
    set_up(state);
    struct fixture *fixture = *state;
    gl_autofree char *name = gl_asprintf("test_%u", ++databases);
    gl_autofree char *sql = gl_asprintf("create database %s", name);
    assert_int_equal(gl_pgtest_sql(&server, "postgres", sql, NULL), 0);
    fixture->platform.database_url = gl_pgtest_conninfo(&server, NULL, name);
    /* 3 needs what the contract migration 2 made. */
    write_file(fixture, "backend/migrations/1_one.sql",
               "-- golive: phase=expand\ncreate table one (a int, b int);\n");
    write_file(fixture, "backend/migrations/2_two.sql",
               "-- golive: phase=contract\nalter table one rename column b to c;\n");
    write_file(fixture, "backend/migrations/3_three.sql",
               "-- golive: phase=expand\nalter table one add check (c > 0);\n");
    return 0;
}

static int tear_down_with_database(void **state)
{
    struct fixture *fixture = *state;
    free((char *)fixture->platform.database_url);
    return tear_down(state);
}

static const char broken[] = "-- golive: phase=expand\nselect 1/0;\n";

static void set_fourth(const struct fixture *fixture, const char *sql)
{
    write_file(fixture, "backend/migrations/4_four.sql", sql);
}

static void a_first_release_that_failed_after_a_file_can_be_tried_again(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "backend/migrations/2_two.sql", broken);
    assert_int_equal(deploy(fixture), GL_E_DATABASE);
    assert_string_equal(fixture->outcome.failed_step, "migrate");
    write_file(fixture, "backend/migrations/2_two.sql",
               "-- golive: phase=contract\nalter table one rename column b to c;\n");
    must(fixture, deploy(fixture));
    assert_serves(fixture, 2);
}

static void a_first_release_killed_in_its_migrations_goes_on(void **state)
{
    struct fixture *fixture = *state;
    /* The first file is applied, the second has the time to be killed in. */
    write_file(fixture, "backend/migrations/2_two.sql",
               "-- golive: phase=contract\nalter table one rename column b to c;\n"
               "select pg_sleep(3);\n");
    pid_t pid = start_child(fixture, gl_release_deploy, (struct moment){0});
    gl_autofree char *applied = NULL;
    for (int i = 0; i < 3000 && (!applied || strcmp(applied, "1") != 0); i++) {
        free(applied);
        gl_autofree char *name = gl_asprintf("test_%u", databases);
        applied = gl_pgtest_value(
            &server, name,
            "select count(*) from pg_stat_activity where query like '%pg_sleep(3)%' and "
            "state = 'active' and pid <> pg_backend_pid() and datname = current_database()",
            NULL);
        gl_sleep_ms(5);
    }
    assert_non_null(applied);
    assert_string_equal(applied, "1");
    kill(pid, SIGKILL);
    assert_int_equal(end_child(pid), -1);
    must(fixture, deploy(fixture));
    assert_true(fixture->outcome.resumed);
    assert_serves(fixture, 1);
}

/* The other side of the rule: once something serves, what it uses is not taken away. */
static void once_something_serves_contract_migrations_wait(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    set_fourth(fixture, "-- golive: phase=contract\nalter table one drop column a;\n");
    must(fixture, deploy(fixture));
    gl_autofree char *name = gl_asprintf("test_%u", databases);
    gl_autofree char *columns = gl_pgtest_value(
        &server, name, "select count(*) from information_schema.columns where table_name = 'one'",
        NULL);
    assert_string_equal(columns, "2");
}

static void run_sql(const char *sql)
{
    gl_autofree char *name = gl_asprintf("test_%u", databases);
    assert_int_equal(gl_pgtest_sql(&server, name, sql, NULL), 0);
}

/* As sqlx leaves it that was killed before its first file; migrate up goes by the same rule. */
static void a_table_without_a_row_is_a_new_database(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    run_sql("delete from _sqlx_migrations; drop table one");
    gl_autojson json_t *none = json_object();
    assert_int_equal(
        gl_ledger_append(fixture->ledger, "platform.purged", "local", 0, none, NULL, NULL), 0);
    must(fixture, deploy(fixture)); /* 3 needs the contract migration 2 */
    assert_serves(fixture, 2);
}

static void a_late_migration_is_refused_before_the_build(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    write_file(fixture, "backend/migrations/0_zero.sql", "create table zero ();\n");
    write_file(fixture, "backend/migrations/notes.sql", "select 1;\n");
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_string_equal(fixture->outcome.failed_step, "preflight");
    assert_has(fixture->outcome.cause.message, "0_zero.sql comes before version 3");
    assert_has(fixture->notes, "notes.sql is no migration and is passed over");
}

struct wanted {
    int64_t release;
    const char *step;
    char *detail;
};

static int take_detail(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct wanted *wanted = context;
    if (strcmp(event->kind, "step.done") == 0 && event->release == wanted->release &&
        strcmp(gl_json_str(event->data, "step", ""), wanted->step) == 0) {
        free(wanted->detail);
        wanted->detail = gl_strdup(gl_json_str(event->data, "detail", ""));
    }
    return 0;
}

/* What the step said of its result; the caller owns it. */
static char *detail_of(const struct fixture *fixture, int64_t release, const char *step)
{
    struct wanted wanted = {release, step, NULL};
    assert_int_equal(gl_ledger_read(fixture->ledger, 0, take_detail, &wanted, NULL), 0);
    return wanted.detail;
}

static void a_contract_migration_that_waits_says_until_when(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    set_fourth(fixture, "-- golive: phase=contract\nalter table one drop column a;\n");
    must(fixture, deploy(fixture));
    assert_has(fixture->notes, "contract migration 4 waits: due with the release after 20");
    gl_autofree char *detail = detail_of(fixture, 2, "migrate");
    assert_has(detail, "nothing to apply, 1 contract migration waits until 20");
    write_file(fixture, "backend/migrations/5_five.sql", "create table five ();\n");
    write_file(fixture, "backend/migrations/6_six.sql",
               "-- golive: phase=contract\ncomment on table one is 'six';\n");
    must(fixture, deploy(fixture));
    gl_autofree char *applied = detail_of(fixture, 3, "migrate");
    assert_has(applied, "1 applied, longest lock ");
    assert_has(applied, "; 2 contract migrations wait until 20");
    gl_autofree char *at_once =
        gl_asprintf("%smigrations: {contract_min_age_hours: 0}\n", quick_settings);
    configure(fixture, at_once);
    must(fixture, deploy(fixture));
    assert_null(strstr(fixture->notes, "waits"));
    gl_autofree char *name = gl_asprintf("test_%u", databases);
    gl_autofree char *columns = gl_pgtest_value(
        &server, name, "select count(*) from information_schema.columns where table_name = 'one'",
        NULL);
    assert_string_equal(columns, "1");
}

/* A contract migration whose release has come locks as long as any other. */
static void due_contract_migrations_keep_to_peak_hours(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *calm =
        gl_asprintf("%smigrations: {contract_min_age_hours: 0}\n", quick_settings);
    gl_autofree char *peak =
        gl_asprintf("%smigrations: {contract_min_age_hours: 0, large_table_rows: 10, peak_hours: "
                    "[{days: mon-sun, from: \"00:00\", to: \"24:00\"}]}\n",
                    quick_settings);
    configure(fixture, calm);
    must(fixture, deploy(fixture));
    run_sql("insert into one select i, i from generate_series(1, 1000) i; analyze one");
    set_fourth(
        fixture,
        "-- golive: phase=contract\n-- golive-lint: allow=lock-table reason=\"for the test\"\nlock table one;\n"
        "comment on table one is 'locked';\n");
    configure(fixture, peak);
    must(fixture, deploy(fixture)); /* it waits: nothing is locked */
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_string_equal(fixture->outcome.failed_step, "preflight");
    assert_has(fixture->outcome.cause.message, "4_four.sql");
    configure(fixture, calm);
    must(fixture, deploy(fixture));
    gl_autofree char *name = gl_asprintf("test_%u", databases);
    gl_autofree char *left =
        gl_pgtest_value(&server, name, "select obj_description('one'::regclass)", NULL);
    assert_string_equal(left, "locked");
}

int main(void)
{
    gl_interrupt_init();
    gl_i18n_init();
    const struct CMUnitTest tests[] = {
#define row(name)                                                                                  \
    cmocka_unit_test_setup_teardown(name, set_up_with_database, tear_down_with_database)
        row(a_first_release_that_failed_after_a_file_can_be_tried_again),
        row(a_first_release_killed_in_its_migrations_goes_on),
        row(once_something_serves_contract_migrations_wait),
        row(a_table_without_a_row_is_a_new_database),
        row(a_late_migration_is_refused_before_the_build),
        row(a_contract_migration_that_waits_says_until_when),
        row(due_contract_migrations_keep_to_peak_hours),
    };
    return cmocka_run_group_tests(tests, server_up, server_down);
}
