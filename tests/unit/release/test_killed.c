/* golive is killed after every event of the journal: what it was at goes on, or is undone. */
#include "scripted.h"

/* ---- killed at every event ---------------------------------------------------------------------
 */

enum { MOST_EVENTS = 60 };

static void killed_anywhere_a_deploy_is_resumed(void **state)
{
    struct fixture *fixture = *state;
    add_frontend(fixture);
    must(fixture, deploy(fixture));
    int event = 1;
    for (; event < MOST_EVENTS && killed_at(fixture, gl_release_deploy, event); event++) {
        must(fixture, deploy(fixture));
        assert_true(fixture->outcome.done);
        assert_serves(fixture, fixture->outcome.release);
        assert_int_equal(fixture->platform.world->frontend, fixture->outcome.release);
    }
    assert_true(event > 25 && event < MOST_EVENTS);
    assert_true(events(fixture, "release.resumed") >= event - 3);
}

static void killed_anywhere_a_deploy_is_undone_by_rollback(void **state)
{
    struct fixture *fixture = *state;
    add_frontend(fixture);
    must(fixture, deploy(fixture));
    int event = 1;
    for (; event < MOST_EVENTS && killed_at(fixture, gl_release_deploy, event); event++) {
        if (events(fixture, "release.done") > 1)
            break; /* killed after its end */
        must(fixture, rollback(fixture));
        assert_false(fixture->outcome.done);
        assert_true(fixture->outcome.undone);
        assert_serves(fixture, 1);
        assert_int_equal(fixture->platform.world->frontend, 1);
        assert_false(fixture->platform.world->versions[fixture->outcome.release].runs);
    }
    assert_true(event > 25 && event < MOST_EVENTS);
}

/* Killed while it undoes: the undo is finished, never turned into a release. */
static void killed_in_the_undo_it_is_finished(void **state)
{
    struct fixture *fixture = *state;
    add_frontend(fixture);
    must(fixture, deploy(fixture));
    int undoing = 0;
    for (int event = 20; event < MOST_EVENTS; event++) {
        gl_autojournal struct gl_journal journal = {0};
        script(fixture, "api", 0, FAIL, 1);
        struct moment moment = {.number = event};
        if (end_child(start_child(fixture, gl_release_deploy, moment)) >= 0)
            break;
        script(fixture, "", 0, SUCCEED, 0);
        assert_int_equal(gl_journal_read(fixture->ledger, "local", &journal, NULL), 0);
        const struct gl_operation_record *left = gl_journal_unfinished(&journal);
        if (left && left->state == GL_OP_UNDOING) {
            undoing++;
            assert_int_equal(
                run(fixture, gl_release_deploy, (struct gl_release_request){.resume_only = true}),
                GL_E_REFUSED);
        }
        if (left)
            must(fixture, rollback(fixture));
        assert_serves(fixture, 1);
        assert_int_equal(fixture->platform.world->frontend, 1);
    }
    assert_int_equal(undoing, 1); /* between undo.begin and release.undone there is one event */
}

static void killed_anywhere_a_rollback_is_finished(void **state)
{
    struct fixture *fixture = *state;
    add_frontend(fixture);
    must(fixture, deploy(fixture));
    must(fixture, deploy(fixture));
    int event = 1;
    for (; event < MOST_EVENTS; event++) {
        if (!killed_at(fixture, gl_release_rollback, event))
            break;
        gl_autojournal struct gl_journal journal = {0};
        assert_int_equal(gl_journal_read(fixture->ledger, "local", &journal, NULL), 0);
        if (gl_journal_unfinished(&journal)) {
            must(fixture, rollback(fixture));
            assert_true(fixture->outcome.done);
            assert_true(fixture->outcome.resumed);
        }
        assert_serves(fixture, 1);
        assert_int_equal(fixture->platform.world->frontend, 1);
        must(fixture,
             run(fixture, gl_release_rollback, (struct gl_release_request){.rollback_to = 2}));
    }
    assert_true(event > 15 && event < MOST_EVENTS);
}

static void a_killed_rollback_that_then_fails_is_not_called_done(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_rollback, "step.done", "sessions");
    script(fixture, "api", 1, FAIL, 1);
    assert_int_equal(rollback(fixture), GL_E_ROLLED_BACK);
    assert_false(fixture->outcome.done);
    assert_true(fixture->outcome.undone);
    assert_int_equal(fixture->outcome.operation, GL_ROLLBACK);
    assert_int_equal(fixture->outcome.serving, 2);
    assert_has(fixture->err.message, "the rollback to release 1 was undone");
    assert_serves(fixture, 2);
}

/* ---- --abort and --resume ----------------------------------------------------------------------
 */

static int abort_it(struct fixture *fixture)
{
    return run(fixture, gl_release_deploy, (struct gl_release_request){.abort_unfinished = true});
}

static void abort_undoes_an_interrupted_rollback_and_says_so(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_rollback, "step.done", "shift");
    assert_int_equal(fixture->platform.world->versions[1].weight, 100);
    must(fixture, abort_it(fixture));
    assert_serves(fixture, 2);
    assert_true(fixture->outcome.undone);
    assert_false(fixture->outcome.done);
    assert_int_equal(fixture->outcome.operation, GL_ROLLBACK);
    assert_int_equal(fixture->outcome.release, 1);
    assert_int_equal(fixture->outcome.serving, 2);
    assert_has(fixture->outcome.cause.message, "the rollback to release 1 was interrupted");
}

static void abort_undoes_an_interrupted_deploy(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_deploy, "step.begin", "bake");
    must(fixture, abort_it(fixture));
    assert_true(fixture->outcome.undone);
    assert_int_equal(fixture->outcome.release, 2);
    assert_serves(fixture, 1);
    must(fixture, abort_it(fixture));
    assert_has(fixture->notes, "nothing is unfinished");
    assert_false(fixture->outcome.undone);
    assert_string_equal(calls(fixture), "");
    assert_serves(fixture, 1);
}

static void resume_goes_on_with_the_same_source_only(void **state)
{
    struct gl_release_request resume = {.resume_only = true};
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, gl_release_deploy, resume), GL_E_NOT_FOUND);
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_deploy, "step.done", "start");
    write_file(fixture, "backend/src/new/module.rs", "// not the same\n");
    assert_int_equal(run(fixture, gl_release_deploy, resume), GL_E_REFUSED);
    assert_has(fixture->err.message, "another source");
    assert_has(fixture->err.hint, "--resume");
    assert_has(fixture->err.hint, "--abort");
    assert_string_equal(calls(fixture), "");
    gl_autofree char *path = gl_path_join(fixture->dir, "backend/src/new");
    assert_int_equal(gl_remove_tree(path, NULL), 0);
    must(fixture, run(fixture, gl_release_deploy, resume));
    assert_true(fixture->outcome.resumed);
    assert_serves(fixture, 2);
    kill_on(fixture, gl_release_rollback, "step.begin", "start");
    assert_int_equal(run(fixture, gl_release_deploy, resume), GL_E_REFUSED);
    assert_has(fixture->err.message, "rollback");
}

static void a_changed_source_undoes_what_was_interrupted(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_deploy, "step.begin", "bake");
    write_file(fixture, "backend/src/main.rs", "fn main() { /* changed */ }\n");
    must(fixture, deploy(fixture));
    assert_false(fixture->outcome.resumed);
    assert_int_equal(events(fixture, "release.undone"), 1);
    assert_serves(fixture, 3);
}

/* ---- killed while the old version is restarted for its sessions ---------------------------------
 */

/* The old version does not run, and the source is another one. */
static void kill_in_sessions(struct fixture *fixture)
{
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_deploy, "step.begin", "sessions");
    fixture->platform.world->versions[1].runs = false;
    write_file(fixture, "backend/src/main.rs", "fn main() { /* changed */ }\n");
}

static void the_undo_starts_an_old_version_that_was_left_down(void **state)
{
    struct fixture *fixture = *state;
    kill_in_sessions(fixture);
    must(fixture, deploy(fixture));
    assert_has(calls(fixture), "revive 1; shift 1 100; ");
    assert_int_equal(events(fixture, "release.undone"), 1);
    assert_serves(fixture, 3);
}

static void an_old_version_that_does_not_come_back_leaves_the_new_one_serving(void **state)
{
    struct fixture *fixture = *state;
    kill_in_sessions(fixture);
    script(fixture, "revive", 1, FAIL, 1); /* for the undos of shift, canary and start alike */
    assert_int_equal(deploy(fixture), GL_E_UNHEALTHY);
    assert_has(fixture->err.message, "revive fails by script");
    assert_has(fixture->err.hint, "golive rollback");
    assert_null(strstr(calls(fixture), "shift 1"));
    assert_int_equal(fixture->platform.world->versions[2].weight, 100);
    must(fixture, rollback(fixture));
    assert_serves(fixture, 1);
}

static void a_platform_that_leaves_no_version_down_is_not_asked(void **state)
{
    static struct gl_platform_ops without;
    struct fixture *fixture = *state;
    without = scripted_ops;
    without.revive = NULL;
    fixture->platform.base.ops = &without;
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_deploy, "step.begin", "sessions");
    must(fixture, rollback(fixture));
    assert_serves(fixture, 1);
    fixture->platform.base.ops = &scripted_ops;
}

int main(void)
{
    gl_interrupt_init();
    gl_i18n_init();
    const struct CMUnitTest tests[] = {
#define row(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        row(a_killed_rollback_that_then_fails_is_not_called_done),
        row(killed_anywhere_a_deploy_is_resumed),
        row(killed_anywhere_a_deploy_is_undone_by_rollback),
        row(killed_in_the_undo_it_is_finished),
        row(killed_anywhere_a_rollback_is_finished),
        row(abort_undoes_an_interrupted_rollback_and_says_so),
        row(abort_undoes_an_interrupted_deploy),
        row(resume_goes_on_with_the_same_source_only),
        row(a_changed_source_undoes_what_was_interrupted),
        row(the_undo_starts_an_old_version_that_was_left_down),
        row(an_old_version_that_does_not_come_back_leaves_the_new_one_serving),
        row(a_platform_that_leaves_no_version_down_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
