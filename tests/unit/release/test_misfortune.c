/* A lost lease, a ledger that cannot be written, a full disk, a second deployer. */
#include "scripted.h"

#include "data/sqlite.h"

/* ---- the lease is lost -------------------------------------------------------------------------
 */

static struct fixture *hooked;

/* When it happens, and what fails soon after. */
static struct loss {
    const char *kind, *step;
    const char *fails;
} loss;

static void run_sql(const struct fixture *fixture, const char *sql)
{
    gl_autosqlite sqlite3 *db = NULL;
    gl_autofree char *path = gl_path_join(fixture->state_dir, "ledger.db");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* What another deployer does that took over while this one was paused: it has the lease and ends
 * the operation that it found. */
static void take_over(const char *kind, const char *step)
{
    if (strcmp(kind, loss.kind) != 0 || strcmp(step, loss.step) != 0)
        return;
    script(hooked, loss.fails, 0, FAIL, 1);
    gl_release_journal_hook = NULL;
    gl_autosqlite sqlite3 *db = NULL;
    gl_autofree char *path = gl_path_join(hooked->state_dir, "ledger.db");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "update leases set token = 'theirs', purpose = 'their deploy'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    gl_autojournal struct gl_journal journal = {0};
    assert_int_equal(gl_journal_read(hooked->ledger, "local", &journal, NULL), 0);
    const struct gl_operation_record *left = gl_journal_unfinished(&journal);
    gl_autojson json_t *data = json_pack("{s:I}", "op", (json_int_t)left->op);
    assert_int_equal(
        gl_ledger_append(hooked->ledger, "release.done", "local", left->release, data, NULL, NULL),
        0);
    hooked->platform.world->calls_len = 0;
    hooked->platform.world->calls[0] = '\0';
}

static void without_the_lease_nothing_is_touched(void **state)
{
    static const struct loss losses[] = {
        {"step.begin", "bake",       ""       },
        {"step.begin", "bake",       "observe"},
        {"step.done",  "shift",      ""       },
        {"step.begin", "smoke edge", "api"    },
        {"step.begin", "finish",     ""       },
    };
    struct fixture *fixture = *state;
    hooked = fixture;
    for (size_t i = 0; i < GL_COUNT(losses); i++) {
        loss = losses[i];
        gl_release_journal_hook = take_over;
        assert_int_equal(deploy(fixture), GL_E_BUSY);
        assert_has(fixture->err.message, "lost");
        assert_has(fixture->err.message, "their deploy");
        assert_false(fixture->outcome.done);
        assert_false(fixture->outcome.undone);
        assert_string_equal(calls(fixture), "");
        assert_int_equal(events(fixture, "undo.begin"), 0);
        assert_int_equal(events(fixture, "step.failed"), 0);
        script(fixture, "", 0, SUCCEED, 0);
        run_sql(fixture, "delete from leases"); /* they are done */
        fixture->platform.world->sessions = (int64_t)i + 1;
        assert_serves(fixture, (int64_t)i + 1);
    }
}

/* Paused in the middle of its undo: the rest is not its business any more. */
static void an_undo_ends_with_the_lease(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    hooked = fixture;
    loss = (struct loss){"undo.begin", "", ""};
    gl_release_journal_hook = take_over;
    script(fixture, "start", 2, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_BUSY);
    assert_has(fixture->err.message, "lost");
    assert_string_equal(calls(fixture), "");
    assert_false(fixture->outcome.undone);
    assert_int_equal(events(fixture, "release.undone"), 0);
}

/* ---- the ledger cannot be written --------------------------------------------------------------
 */

static const struct gl_ledger_ops *real_ops;
static struct gl_ledger_ops unlucky_ops;
static const char *refused_kind; /* NULL = every kind */
static bool refusing;

static int unlucky_append(void *backend, struct gl_event *event, struct gl_error *err)
{
    if (refusing && (!refused_kind || strcmp(event->kind, refused_kind) == 0))
        return gl_fail(err, GL_E_IO, "no space left on device");
    return real_ops->append(backend, event, err);
}

static int unlucky_swap(void *backend, const char *name, const struct gl_lease_record *old,
                        const struct gl_lease_record *record, struct gl_error *err)
{
    if (refusing && !refused_kind)
        return gl_fail(err, GL_E_IO, "no space left on device");
    return real_ops->lease_swap(backend, name, old, record, err);
}

static void make_unlucky(struct fixture *fixture, const char *kind)
{
    real_ops = fixture->ledger->ops;
    unlucky_ops = *real_ops;
    unlucky_ops.append = unlucky_append;
    unlucky_ops.lease_swap = unlucky_swap;
    fixture->ledger->ops = &unlucky_ops;
    refused_kind = kind;
    refusing = true;
}

static void traffic_goes_back_although_the_undo_cannot_be_noted(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    make_unlucky(fixture, "undo.begin");
    script(fixture, "sessions", 2, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_IO);
    assert_has(fixture->err.message, "was undone, but the ledger could not note it");
    assert_has(fixture->err.hint, "golive rollback");
    assert_true(fixture->outcome.undone);
    assert_int_equal(fixture->outcome.serving, 1);
    assert_string_equal(fixture->outcome.failed_step, "sessions");
    assert_int_equal(fixture->platform.world->versions[1].weight, 100);
    assert_int_equal(fixture->platform.world->sessions, 1);
    assert_false(fixture->platform.world->versions[2].runs);
    refusing = false;
    must(fixture, rollback(fixture));
    assert_serves(fixture, 1);
}

static void fill_on_bake(const char *kind, const char *step)
{
    refusing = strcmp(kind, "step.begin") == 0 && strcmp(step, "bake") == 0 ? true : refusing;
}

/* In a child, for a lease that cannot be given back ends with its process. */
static void deploy_unluckily(struct fixture *fixture)
{
    fixture->ledger = NULL; /* the parent's */
    open_fixture_ledger(fixture);
    make_unlucky(fixture, NULL);
    refusing = false;
    gl_release_journal_hook = fill_on_bake;
    int64_t begun = gl_mono_ms();
    int result = deploy(fixture);
    bool baked = gl_mono_ms() - begun >= 2000; /* the lease did not end it */
    bool known = fixture->outcome.undone && fixture->outcome.cause.message &&
                 strstr(fixture->outcome.cause.message, "cannot record step.done");
    _exit(baked && known ? gl_code_exit_status(result) : 1);
}

/* A bake longer than the pause between two looks at the lease passes; the first event that cannot
 * be written undoes the release, and with room again `rollback` notes it. */
static void a_full_disk_during_bake_undoes_and_loses_nothing(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    gl_autofree char *settings = gl_asprintf("%s  bake_seconds: 2\n", quick_settings);
    configure(fixture, settings);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        deploy_unluckily(fixture);
    assert_int_equal(end_child(pid), gl_code_exit_status(GL_E_IO));
    assert_int_equal(fixture->platform.world->versions[1].weight, 100);
    must(fixture, rollback(fixture));
    assert_serves(fixture, 1);
}

static void a_release_that_cannot_be_noted_as_done_is_noted_later(void **state)
{
    struct fixture *fixture = *state;
    make_unlucky(fixture, "release.done");
    assert_int_equal(deploy(fixture), GL_E_IO);
    assert_has(fixture->err.message, "serves, but the ledger could not note it");
    assert_false(fixture->outcome.done);
    refusing = false;
    must(fixture, deploy(fixture));
    assert_true(fixture->outcome.resumed);
    assert_serves(fixture, 1);
}

/* Really no room: this process can write to no file any more, as with a full disk. */
static void a_disk_that_is_full_from_the_shift_on(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    script(fixture, "shift 100", 2, FILL_DISK, 1);
    int status = end_child(start_child(fixture, gl_release_deploy, (struct moment){0}));
    assert_int_equal(status, gl_code_exit_status(GL_E_IO));
    assert_int_equal(fixture->platform.world->versions[1].weight, 100);
    assert_false(fixture->platform.world->versions[2].runs);
    assert_int_equal(events(fixture, "undo.begin"), 0);
    must(fixture, rollback(fixture));
    assert_serves(fixture, 1);
    assert_int_equal(events(fixture, "release.undone"), 1);
}

/* Somebody else writes and does not end: each event would wait for it. */
static sqlite3 *locker;

static void lock_on_smoke(const char *kind, const char *step)
{
    gl_autofree char *path = gl_path_join(hooked->state_dir, "ledger.db");
    if (strcmp(kind, "step.begin") != 0 || strcmp(step, "smoke edge") != 0)
        return;
    gl_release_journal_hook = NULL;
    assert_int_equal(sqlite3_open(path, &locker), SQLITE_OK);
    assert_int_equal(sqlite3_exec(locker, "begin immediate", NULL, NULL, NULL), SQLITE_OK);
}

static void unlock(void)
{
    assert_int_equal(sqlite3_close(locker), SQLITE_OK);
    locker = NULL;
}

/* It is unlocked once the traffic is back: an undo that first waits for the ledger takes long. */
static void traffic_does_not_wait_for_a_locked_ledger(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    gl_autofree char *settings =
        gl_asprintf("%sfrontend: {smoke_pages: [{path: /, marker: nowhere}]}\n", quick_settings);
    add_frontend(fixture);
    configure(fixture, settings);
    hooked = fixture;
    scripted_act = unlock;
    gl_release_journal_hook = lock_on_smoke;
    script(fixture, "shift 100", 1, ACT, 1);
    int64_t begun = gl_mono_ms();
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_true(gl_mono_ms() - begun < 15000);
    assert_null(locker);
    assert_serves(fixture, 1);
    assert_int_equal(events(fixture, "step.failed"), 1);
}

/* ---- two at once -------------------------------------------------------------------------------
 */

static void the_second_deployer_is_told_who_is_at_work(void **state)
{
    struct fixture *fixture = *state;
    struct world *world = fixture->platform.world;
    must(fixture, deploy(fixture));
    script(fixture, "backup", 0, WAIT, 1);
    pid_t first = start_child(fixture, gl_release_deploy, (struct moment){0});
    for (int i = 0; !world->waiting && i < 30000; i++)
        gl_sleep_ms(1);
    assert_int_equal(world->waiting, 1);
    assert_int_equal(deploy(fixture), GL_E_BUSY);
    gl_autofree char *pid = gl_asprintf("process %d", (int)first);
    assert_has(fixture->err.message, pid);
    assert_has(fixture->err.message, "deploy");
    assert_has(fixture->err.message, "since");
    assert_int_equal(rollback(fixture), GL_E_BUSY);
    assert_int_equal(events(fixture, "release.begin"), 2);
    world->go_on = 1;
    assert_int_equal(end_child(first), 0);
    assert_serves(fixture, 2);
}

/* ---- resumed elsewhere -------------------------------------------------------------------------
 */

static void take_images_away(const char *kind, const char *step)
{
    gl_autofree char *images = gl_path_join(hooked->state_dir, "images");
    if (strcmp(kind, "step.begin") == 0 && strcmp(step, "finish") == 0)
        assert_int_equal(gl_remove_tree(images, NULL), 0);
}

/* The clone that packed the image has the layout; there is nothing to remove here. */
static void no_layout_is_nothing_to_remove(void **state)
{
    hooked = *state;
    gl_release_journal_hook = take_images_away;
    must(hooked, deploy(hooked));
    gl_release_journal_hook = NULL;
    assert_null(strstr(hooked->notes, "images"));
}

int main(void)
{
    gl_interrupt_init();
    gl_i18n_init();
    const struct CMUnitTest tests[] = {
#define row(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        row(without_the_lease_nothing_is_touched),
        row(an_undo_ends_with_the_lease),
        row(traffic_goes_back_although_the_undo_cannot_be_noted),
        row(a_full_disk_during_bake_undoes_and_loses_nothing),
        row(a_release_that_cannot_be_noted_as_done_is_noted_later),
        row(a_disk_that_is_full_from_the_shift_on),
        row(traffic_does_not_wait_for_a_locked_ledger),
        row(the_second_deployer_is_told_who_is_at_work),
        row(no_layout_is_nothing_to_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
