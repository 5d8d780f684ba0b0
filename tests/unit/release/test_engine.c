/* The engine over a scripted platform: every step fails or is interrupted, and the world is as it
 * was before. */
#include <dirent.h>

#include "scripted.h"

#include "oci/image.h"

/* ---- good releases -----------------------------------------------------------------------------
 */

static void a_good_release_serves_and_the_one_before_stays_warm(void **state)
{
    struct fixture *fixture = *state;
    add_frontend(fixture);
    must(fixture, deploy(fixture));
    assert_string_equal(calls(fixture),
                        "start 1; shift 1 100; publish 1; activate 1; sessions 1; conclude 1");
    must(fixture, deploy(fixture));
    assert_string_equal(calls(fixture), "start 2; shift 2 10; shift 2 100; publish 2; activate 2; "
                                        "sessions 2; conclude 2");
    assert_serves(fixture, 2);
    assert_true(fixture->outcome.done);
    assert_false(fixture->outcome.undone);
    assert_int_equal(fixture->outcome.serving, 2);
    assert_null(fixture->outcome.failed_step);
    assert_true(fixture->platform.world->versions[1].runs);
}

static void left_overs_do_not_undo_a_good_release(void **state)
{
    struct fixture *fixture = *state;
    script(fixture, "prune", 0, FAIL, 1);
    must(fixture, deploy(fixture));
    assert_has(fixture->notes, "old releases were not removed");
    assert_serves(fixture, 1);
}

/* ---- each step fails or is interrupted ---------------------------------------------------------
 */

static const struct {
    const char *on;    /* operation of the platform */
    bool any_release;  /* it is not about one */
    const char *step;  /* that fails with it */
    const char *calls; /* what then happens to release N after release 1 */
} failures[] = {
    {"up",        true,  "preflight",  ""                                                       },
    {"preflight", false, "preflight",  ""                                                       },
    {"traffic",   true,  "preflight",  ""                                                       },
    {"place",     false, "place",      ""                                                       },
    {"backup",    true,  "backup",     ""                                                       },
    {"start",     false, "start",      "start N; stop N"                                        },
    {"version",   false, "smoke new",  "start N; stop N"                                        },
    {"shift 10",  false, "canary",     "start N; shift N 10; shift 1 100; stop N"               },
    {"observe",   false, "canary",     "start N; shift N 10; shift 1 100; stop N"               },
    {"shift 100", false, "shift",
     "start N; shift N 10; shift N 100; shift 1 100; shift 1 100; stop N"                       },
    {"publish",   false, "publish",
     "start N; shift N 10; shift N 100; publish N; shift 1 100; shift 1 100; activate 1; stop N"},
    {"activate",  false, "publish",
     "start N; shift N 10; shift N 100; publish N; activate N; shift 1 100; shift 1 100; "
     "activate 1; stop N"                                                                       },
    {"sessions",  false, "sessions",
     "start N; shift N 10; shift N 100; publish N; activate N; sessions N; shift 1 100; "
     "shift 1 100; sessions 1; activate 1; stop N"                                              },
    {"api",       false, "smoke edge",
     "start N; shift N 10; shift N 100; publish N; activate N; sessions N; shift 1 100; "
     "shift 1 100; sessions 1; activate 1; stop N"                                              },
};

static char *with_number(const char *text, int64_t number)
{
    struct gl_buf buf = {0};
    for (; *text; text++) {
        if (*text == 'N')
            gl_buf_printf(&buf, "%d", (int)number);
        else
            gl_buf_putc(&buf, *text);
    }
    return gl_buf_steal(&buf);
}

static void assert_only_release_1(const struct fixture *fixture, int64_t number)
{
    assert_serves(fixture, 1);
    assert_int_equal(fixture->platform.world->frontend, 1);
    assert_false(fixture->platform.world->versions[number].runs);
}

static void every_failing_step_is_undone_traffic_first(void **state)
{
    struct fixture *fixture = *state;
    add_frontend(fixture);
    must(fixture, deploy(fixture));
    for (size_t i = 0; i < GL_COUNT(failures); i++) {
        int64_t number = 2 + (int64_t)i; /* those of undone releases are not used again */
        gl_autofree char *expected = with_number(failures[i].calls, number);
        script(fixture, failures[i].on, failures[i].any_release ? 0 : number, FAIL, 1);
        assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
        assert_string_equal(calls(fixture), expected);
        assert_string_equal(fixture->outcome.failed_step, failures[i].step);
        assert_true(fixture->outcome.undone);
        assert_int_equal(fixture->outcome.serving, 1);
        assert_has(fixture->outcome.cause.message, "fails by script");
        assert_only_release_1(fixture, number);
    }
}

static void linear_gives_share_after_share(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *settings = gl_asprintf("%s  strategy: linear\n", quick_settings);
    must(fixture, deploy(fixture));
    configure(fixture, settings);
    (void)calls(fixture);
    script(fixture, "shift 30", 2, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_string_equal(fixture->outcome.failed_step, "canary");
    assert_string_equal(calls(fixture), "start 2; shift 2 10; shift 2 20; shift 2 30; "
                                        "shift 1 100; stop 2");
    must(fixture, deploy(fixture));
    assert_has(calls(fixture), "start 3; shift 3 10; shift 3 20; shift 3 30; shift 3 40; shift 3 "
                               "50; shift 3 60; shift 3 70; shift 3 80; shift 3 90; shift 3 100;");
    assert_serves(fixture, 3);
}

static void ctrl_c_in_every_step_undoes_the_release(void **state)
{
    static const enum deed deeds[] = {INTERRUPT, INTERRUPT_BUT_END};
    struct fixture *fixture = *state;
    add_frontend(fixture);
    must(fixture, deploy(fixture));
    int64_t number = 1;
    for (size_t i = 0; i < GL_COUNT(failures) * GL_COUNT(deeds); i++) {
        size_t row = i / GL_COUNT(deeds);
        number++;
        script(fixture, failures[row].on, failures[row].any_release ? 0 : number,
               deeds[i % GL_COUNT(deeds)], 1);
        int result = deploy(fixture);
        if (result != GL_E_INTERRUPTED)
            fail_msg("Ctrl-C in %s: %d", failures[row].on, result);
        assert_true(fixture->outcome.interrupted);
        assert_only_release_1(fixture, number);
    }
}

/* The last smoke test fails, without help of the script. */
static void configure_bad_page(struct fixture *fixture)
{
    gl_autofree char *settings =
        gl_asprintf("%sfrontend: {smoke_pages: [{path: /, marker: nowhere}]}\n", quick_settings);
    configure(fixture, settings);
}

/* Whatever of the undo the Ctrl-C hits, it is done to its end. */
static void ctrl_c_in_the_undo_does_not_stop_it(void **state)
{
    static const struct {
        const char *on;
        int64_t release;
    } undos[] = {
        {"shift 100", 1},
        {"sessions",  1},
        {"activate",  1},
        {"stop",      0},
    };
    struct fixture *fixture = *state;
    add_frontend(fixture);
    must(fixture, deploy(fixture));
    configure_bad_page(fixture);
    for (size_t i = 0; i < GL_COUNT(undos); i++) {
        script(fixture, undos[i].on, undos[i].release, INTERRUPT, 3);
        assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
        assert_int_equal(fixture->platform.world->times, 0);
        assert_true(fixture->outcome.interrupted);
        assert_serves(fixture, 1);
        assert_int_equal(fixture->platform.world->frontend, 1);
    }
}

static void an_undo_that_fails_is_finished_by_rollback(void **state)
{
    struct fixture *fixture = *state;
    add_frontend(fixture);
    must(fixture, deploy(fixture));
    script(fixture, "stop", 2, FAIL, 1);
    configure_bad_page(fixture);
    assert_int_equal(deploy(fixture), GL_E_UNHEALTHY);
    assert_has(fixture->err.message, "could not be undone completely");
    assert_has(fixture->err.hint, "golive rollback");
    assert_false(fixture->outcome.undone);
    assert_string_equal(fixture->outcome.failed_step, "smoke edge");
    /* Every other undo was tried all the same. */
    assert_int_equal(fixture->platform.world->versions[1].weight, 100);
    assert_int_equal(fixture->platform.world->sessions, 1);
    must(fixture, rollback(fixture));
    assert_true(fixture->outcome.undone);
    assert_serves(fixture, 1);
    assert_false(fixture->platform.world->versions[2].runs);
}

/* ---- the frontend ------------------------------------------------------------------------------
 */

static void undo_of_the_first_frontend_serves_none_again(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    assert_int_equal(fixture->platform.world->frontend, 0);
    add_frontend(fixture);
    script(fixture, "sessions", 2, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_serves(fixture, 1);
    assert_int_equal(fixture->platform.world->frontend, 0);
}

static void undo_of_the_very_first_release_serves_no_frontend(void **state)
{
    struct fixture *fixture = *state;
    add_frontend(fixture);
    script(fixture, "api", 1, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_UNHEALTHY); /* there is nothing to roll back to */
    assert_int_equal(fixture->platform.world->frontend, 0);
    assert_int_equal(fixture->outcome.serving, 0);
    assert_false(fixture->platform.world->versions[1].runs);
}

static void rollback_serves_the_frontend_of_its_time(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    add_frontend(fixture);
    must(fixture, deploy(fixture));
    must(fixture, deploy(fixture));
    assert_int_equal(fixture->platform.world->frontend, 3);
    must(fixture, rollback(fixture));
    assert_int_equal(fixture->platform.world->frontend, 2);
    must(fixture, rollback(fixture));
    assert_int_equal(fixture->platform.world->frontend, 0);
    assert_serves(fixture, 1);
}

/* ---- rollback ----------------------------------------------------------------------------------
 */

static void a_second_rollback_does_not_go_forward(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    must(fixture, deploy(fixture));
    must(fixture, rollback(fixture));
    assert_serves(fixture, 1);
    assert_int_equal(rollback(fixture), GL_E_NOT_FOUND);
    assert_string_equal(calls(fixture), "");
    assert_serves(fixture, 1);
    must(fixture, run(fixture, gl_release_rollback, (struct gl_release_request){.rollback_to = 2}));
    assert_serves(fixture, 2);
    assert_int_equal(
        run(fixture, gl_release_rollback, (struct gl_release_request){.rollback_to = 2}),
        GL_E_REFUSED);
}

static void what_was_rolled_back_from_is_no_target(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 3; i++)
        must(fixture, deploy(fixture));
    must(fixture, rollback(fixture)); /* 3 is bad */
    must(fixture, deploy(fixture));
    must(fixture, rollback(fixture)); /* and 4: not to 3 */
    assert_serves(fixture, 2);
    must(fixture, rollback(fixture));
    assert_serves(fixture, 1);
}

/* golive.yaml went on meanwhile; what it wants now the older version never promised. */
static void a_release_is_tested_as_it_was_made(void **state)
{
    static const char settings[] = "golive: 1\n"
                                   "app: {name: sample}\n"
                                   "backend: {binary: server, ready_path: %s}\n"
                                   "build: {backend: 'cp program server'}\n"
                                   "release:\n"
                                   "  bake_minutes: 0\n"
                                   "  canary: {percent: 10, seconds: 0}\n"
                                   "  smoke: [{name: ready, status: %d,\n"
                                   "           url: 'https://{domain.api}{backend.ready_path}'}]\n";
    struct fixture *fixture = *state;
    gl_autofree char *then = gl_asprintf(settings, "/ready", 200);
    gl_autofree char *now = gl_asprintf(settings, "/elsewhere", 404);
    configure(fixture, then);
    must(fixture, deploy(fixture));
    must(fixture, deploy(fixture));
    gl_autojournal struct gl_journal journal = {0};
    assert_int_equal(gl_journal_read(fixture->ledger, "local", &journal, NULL), 0);
    const struct gl_operation_record *made = gl_journal_deploy_of(&journal, 1);
    gl_autofree char *kept =
        gl_json_canonical(json_object_get(json_object_get(made->facts, "smoke new"), "probes"));
    assert_has(kept, "\"url\":\"https://{domain.api}/ready\"");
    configure(fixture, now);
    must(fixture, rollback(fixture));
    assert_serves(fixture, 1);
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK); /* the new one is asked what it promises */
    assert_string_equal(fixture->outcome.failed_step, "smoke new");
}

/* ---- builds ------------------------------------------------------------------------------------
 */

static void a_failing_build_shows_its_last_lines_and_names_its_log(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    configure(fixture, "golive: 1\n"
                       "app: {name: sample}\n"
                       "build: {backend: 'echo Compiling sample; echo \"error[E0425]: lost\"; "
                       "exit 101'}\n");
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_string_equal(fixture->outcome.failed_step, "build");
    assert_has(fixture->outcome.cause.message, "error[E0425]: lost");
    assert_has(fixture->outcome.cause.message, "status 101");
    gl_autofree char *log = gl_path_join(fixture->state_dir, "logs/release-2-backend.log");
    assert_has(fixture->outcome.cause.hint, log);
    gl_autobuf struct gl_buf text = {0};
    assert_int_equal(gl_read_file(log, 0, &text, NULL), 0);
    assert_has(gl_buf_text(&text), "Compiling sample");
    assert_string_equal(calls(fixture), "");
    assert_serves(fixture, 1);
}

/* What $env/static/public reads at build time; the backend has no business with it. */
static void the_frontend_is_built_with_its_public_variables(void **state)
{
    struct fixture *fixture = *state;
    add_frontend(fixture);
    configure(fixture, "golive: 1\n"
                       "app: {name: sample}\n"
                       "backend: {binary: server}\n"
                       "release: {bake_minutes: 0, canary: {seconds: 0}, smoke: []}\n"
                       "build: {backend: 'cp program server; echo \"backend:$PUBLIC_COLOUR\"',\n"
                       "        frontend: 'echo \"frontend:$PUBLIC_COLOUR\"'}\n");
    must(fixture, deploy(fixture));
    gl_autofree char *backend = gl_path_join(fixture->state_dir, "logs/release-1-backend.log");
    gl_autofree char *frontend = gl_path_join(fixture->state_dir, "logs/release-1-frontend.log");
    gl_autobuf struct gl_buf of_backend = {0};
    gl_autobuf struct gl_buf of_frontend = {0};
    assert_int_equal(gl_read_file(backend, 0, &of_backend, NULL), 0);
    assert_int_equal(gl_read_file(frontend, 0, &of_frontend, NULL), 0);
    assert_has(gl_buf_text(&of_backend), "backend:\n");
    assert_has(gl_buf_text(&of_frontend), "frontend:green\n");
}

static size_t count_blobs(const struct fixture *fixture)
{
    gl_autofree char *path = gl_path_join(fixture->state_dir, "images/blobs/sha256");
    DIR *dir = opendir(path);
    size_t count = 0;
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return count;
}

/* Each image has blobs of its own; those of releases that may serve again stay whole. */
static void images_of_old_releases_are_removed(void **state)
{
    struct fixture *fixture = *state;
    size_t most = 0;
    configure(fixture, "golive: 1\n"
                       "app: {name: sample}\n"
                       "backend: {binary: server}\n"
                       "build: {backend: 'cp program server; date +%N >>server'}\n"
                       "release: {keep: 2, bake_minutes: 0, canary: {seconds: 0}, smoke: []}\n");
    for (int i = 0; i < 6; i++) {
        write_file(fixture, "backend/change", i % 2 ? "a" : "b");
        must(fixture, deploy(fixture));
        if (i == 2)
            most = count_blobs(fixture);
    }
    assert_true(most > 0);
    assert_true(count_blobs(fixture) <= most);
    gl_autoerr struct gl_error err = {0};
    gl_autojournal struct gl_journal journal = {0};
    gl_autofree char *layout = gl_path_join(fixture->state_dir, "images");
    assert_int_equal(gl_journal_read(fixture->ledger, "local", &journal, &err), 0);
    for (int64_t release = 5; release <= 6; release++) {
        const json_t *facts = gl_journal_deploy_of(&journal, release)->facts;
        const char *digest = gl_json_str(json_object_get(facts, "image"), "digest", NULL);
        assert_non_null(digest);
        assert_int_equal(gl_image_verify(layout, digest, &err), 0);
    }
}

static void what_is_no_longer_kept_is_refused_before_anything_happens(void **state)
{
    struct fixture *fixture = *state;
    configure(fixture, "golive: 1\n"
                       "app: {name: sample}\n"
                       "backend: {binary: server}\n"
                       "build: {backend: 'cp program server'}\n"
                       "release: {keep: 2, bake_minutes: 0, canary: {seconds: 0}, smoke: []}\n");
    for (int i = 0; i < 5; i++)
        must(fixture, deploy(fixture));
    assert_int_equal(
        run(fixture, gl_release_rollback, (struct gl_release_request){.rollback_to = 1}),
        GL_E_NOT_FOUND);
    assert_has(fixture->err.message, "release 1 is no longer kept");
    assert_has(fixture->err.hint, "4");
    assert_string_equal(calls(fixture), "");
    assert_serves(fixture, 5);
    must(fixture, run(fixture, gl_release_rollback, (struct gl_release_request){.rollback_to = 3}));
    assert_serves(fixture, 3);
}

/* What a rollback may go to next must outlive the tidying of this one. */
static void a_rollback_keeps_what_the_next_one_goes_to(void **state)
{
    struct fixture *fixture = *state;
    configure(fixture, "golive: 1\n"
                       "app: {name: sample}\n"
                       "backend: {binary: server}\n"
                       "build: {backend: 'cp program server'}\n"
                       "release: {keep: 2, bake_minutes: 0, canary: {seconds: 0}, smoke: []}\n");
    for (int i = 0; i < 4; i++)
        must(fixture, deploy(fixture));
    must(fixture, rollback(fixture));
    assert_serves(fixture, 3);
    assert_true(fixture->platform.world->kept[2]);
    assert_false(fixture->platform.world->kept[1]);
    must(fixture, rollback(fixture));
    assert_serves(fixture, 2);
}

static void a_build_ends_after_its_time(void **state)
{
    struct fixture *fixture = *state;
    configure(fixture, "golive: 1\n"
                       "app: {name: sample}\n"
                       "build: {backend: 'sleep 60', timeout_s: 1}\n");
    int64_t begun = gl_mono_ms();
    assert_int_equal(deploy(fixture), GL_E_TIMEOUT);
    assert_int_equal(fixture->outcome.cause.code, GL_E_TIMEOUT);
    assert_true(gl_mono_ms() - begun < 30000);
}

int main(void)
{
    gl_interrupt_init();
    gl_i18n_init();
    const struct CMUnitTest tests[] = {
#define row(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        row(a_good_release_serves_and_the_one_before_stays_warm),
        row(left_overs_do_not_undo_a_good_release),
        row(every_failing_step_is_undone_traffic_first),
        row(linear_gives_share_after_share),
        row(ctrl_c_in_every_step_undoes_the_release),
        row(ctrl_c_in_the_undo_does_not_stop_it),
        row(an_undo_that_fails_is_finished_by_rollback),
        row(undo_of_the_first_frontend_serves_none_again),
        row(undo_of_the_very_first_release_serves_no_frontend),
        row(rollback_serves_the_frontend_of_its_time),
        row(a_second_rollback_does_not_go_forward),
        row(what_was_rolled_back_from_is_no_target),
        row(a_release_is_tested_as_it_was_made),
        row(a_failing_build_shows_its_last_lines_and_names_its_log),
        row(the_frontend_is_built_with_its_public_variables),
        row(images_of_old_releases_are_removed),
        row(what_is_no_longer_kept_is_refused_before_anything_happens),
        row(a_rollback_keeps_what_the_next_one_goes_to),
        row(a_build_ends_after_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
