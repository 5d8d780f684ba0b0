/* The ledger in a file: what may be wrong with files, full disks, and hosts that share one. */
#include <sched.h>
#include <sys/mount.h>

#include "base/log.h"
#include "fixture.h"

static void secrets_never_reach_the_file(void **state)
{
    const struct fixture *fixture = *state;
    gl_secret_add("correct-horse");
    {
        gl_autoledger struct gl_ledger *ledger = open_ledger(fixture);
        gl_autoerr struct gl_error err = {0};
        gl_autojson json_t *data = json_pack("{s:[s]}", "argv", "--password=correct-horse");
        must(gl_ledger_append(ledger, "run", "", 0, data, NULL, &err), &err);
        assert_int_equal(verified_count(ledger), 1);
    }
    gl_secret_forget_all();
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf file = {0};
    must(gl_read_file(fixture->path, 0, &file, &err), &err);
    assert_non_null(memmem(file.data, file.len, "--password=***", 14));
    assert_null(memmem(file.data, file.len, "correct-horse", 13));
}

static void a_holder_on_another_host_counts_by_the_wall_clock(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_ledger_set_clock(ledger, &shifted);
    gl_autoerr struct gl_error err = {0};
    gl_autolease struct gl_lease *lease = NULL;
    gl_autofree char *old = NULL;
    hold_elsewhere(ledger, "another-boot", "pid:[1]", 60000);
    assert_int_equal(gl_lease_acquire(ledger, "prod", "mine", 60000, &lease, &old, &err),
                     GL_E_BUSY);
    boot_shift_ms = 600000; /* our boot clock says nothing about their host */
    assert_int_equal(gl_lease_acquire(ledger, "prod", "mine", 60000, &lease, &old, &err),
                     GL_E_BUSY);
    unix_shift_ms = 60001;
    must(gl_lease_acquire(ledger, "prod", "mine", 60000, &lease, &old, &err), &err);
    assert_contains(old, "expired");
}

/* ---- files that are not what they should be -------------------------------------------------- */

static void refuse_file(const struct fixture *fixture, int code, const char *part)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_ledger *ledger = NULL;
    assert_int_equal(gl_ledger_open_sqlite(fixture->path, &ledger, &err), code);
    assert_null(ledger);
    assert_contains(err.message, part);
    assert_contains(err.message, "ledger.db");
}

static void a_newer_version_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    struct gl_ledger *ledger = open_ledger(fixture);
    gl_ledger_free(&ledger);
    assert_int_equal(run_sql(fixture->path, "pragma user_version = 99"), SQLITE_OK);
    refuse_file(fixture, GL_E_CONFIG, "version 99");
}

static void another_database_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = gl_path_dir(fixture->path);
    must(gl_mkdir_p(dir, 0755, &err), &err);
    assert_int_equal(run_sql(fixture->path, "create table bookmarks (url)"), SQLITE_OK);
    refuse_file(fixture, GL_E_CORRUPT, "not a ledger");
    assert_int_equal(run_sql(fixture->path, "pragma user_version = 1"), SQLITE_OK);
    refuse_file(fixture, GL_E_CORRUPT, "not a ledger");
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = gl_path_dir(fixture->path);
    must(gl_mkdir_p(dir, 0755, &err), &err);
    gl_autobuf struct gl_buf text = {0};
    for (int i = 0; i < 200; i++)
        gl_buf_puts(&text, "This is a note about groceries.\n");
    must(gl_write_text(fixture->path, gl_buf_text(&text), 0644, &err), &err);
    refuse_file(fixture, GL_E_CORRUPT, "not a database");
}

static void hands_with_sqlite3_cannot_change_events(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const statements[] = {
        "update events set actor = 'eve'",
        "update events set hash = hash where seq = 2",
        "delete from events where seq = 3",
        "delete from events",
        "insert or replace into events select * from events where seq = 2",
        "insert into events select 9, 1, 'a', 'k', '', 0, '{}', hash, hash from events "
        "where seq = 3",
        "insert into events select 4, 1, 'a', 'k', '', 0, '{}', hash, hash from events "
        "where seq = 2",
        "insert into events select 4, 1, 'a', 'k', '', 0, 'no', hash, hash from events "
        "where seq = 3",
        "insert into events select 4, 1, 'a', 'k', '', 0, '[]', hash, hash from events "
        "where seq = 3",
        "insert into events select 4, 'x', 'a', 'k', '', 0, '{}', hash, hash from events "
        "where seq = 3",
    };
    gl_autoledger struct gl_ledger *ledger = open_ledger(fixture);
    append_numbered(ledger, 3);
    for (size_t i = 0; i < GL_COUNT(statements); i++)
        assert_true(run_sql(fixture->path, statements[i]) != SQLITE_OK);
    assert_int_equal(verified_count(ledger), 3);
}

/* ---- a full disk ----------------------------------------------------------------------------- */

static int limit_pages(sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
    (void)message;
    (void)api;
    return sqlite3_exec(db, "pragma max_page_count = 24", NULL, NULL, NULL);
}

/* Appends until it fails; returns how many events were recorded. */
static int64_t append_until_full(struct gl_ledger *ledger, struct gl_error *err)
{
    gl_autofree char *padding = gl_alloc(2001);
    memset(padding, 'x', 2000);
    gl_autojson json_t *data = json_pack("{s:s}", "padding", padding);
    int64_t seq = 0;
    int result = 0;
    for (int i = 0; i < 2000 && result == 0; i++)
        result = gl_ledger_append(ledger, "step.done", "prod", 1, data, &seq, err);
    assert_int_equal(result, GL_E_IO);
    return seq;
}

static void full_means_a_clear_error_and_an_intact_chain(const struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_ledger *ledger = open_ledger(fixture);
    int64_t seq = append_until_full(ledger, &err);
    assert_true(seq > 3);
    assert_contains(err.message, "cannot record step.done");
    assert_contains(err.message, "full");
    assert_contains(err.hint, "free some space");
    assert_int_equal(verified_count(ledger), seq);
    gl_ledger_free(&ledger);
    ledger = open_ledger(fixture);
    assert_int_equal(verified_count(ledger), seq);
    gl_ledger_free(&ledger);
}

static void a_full_database_keeps_its_chain(void **state)
{
    assert_int_equal(sqlite3_auto_extension((void (*)(void))limit_pages), SQLITE_OK);
    full_means_a_clear_error_and_an_intact_chain(*state);
    sqlite3_reset_auto_extension();
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    int64_t before = verified_count(ledger);
    append_numbered(ledger, 1);
    assert_int_equal(verified_count(ledger), before + 1);
}

static void a_full_disk_keeps_its_chain(void **state)
{
    const struct fixture *fixture = *state;
    /* In a mount namespace of our own: it goes away with this process, whatever happens. */
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", fixture->dir, "tmpfs", 0, "size=400k") < 0)
        skip(); /* only root may mount; the test above covers the same code */
    full_means_a_clear_error_and_an_intact_chain(fixture);
}

static int drop_mounted_fixture(void **state)
{
    const struct fixture *fixture = *state;
    umount2(fixture->dir, MNT_DETACH);
    return drop_fixture(state);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, reset_clock, drop_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILE(secrets_never_reach_the_file),
        WITH_FILE(a_holder_on_another_host_counts_by_the_wall_clock),
        WITH_FILE(a_newer_version_is_refused),
        WITH_FILE(another_database_is_refused),
        WITH_FILE(a_file_that_is_no_database_is_refused),
        WITH_FILE(hands_with_sqlite3_cannot_change_events),
        WITH_FILE(a_full_database_keeps_its_chain),
        cmocka_unit_test_setup_teardown(a_full_disk_keeps_its_chain, make_fixture,
                                        drop_mounted_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
