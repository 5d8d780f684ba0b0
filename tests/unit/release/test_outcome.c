/* What a release says of its end, and a dry run of what it would do: nothing that is not so. */
#include "scripted.h"

#include "cmd/progress.h"
#include "platform/aws/ops.h"

/* The last lines that a person sees. */
static char *last_lines(struct fixture *fixture)
{
    char *text = NULL;
    size_t len = 0;
    struct gl_context context = {.out = open_memstream(&text, &len), .config = fixture->config};
    struct gl_progress progress;
    (void)gl_progress_reporter(&progress, &context);
    gl_progress_outcome(&progress, &fixture->outcome);
    assert_int_equal(fclose(context.out), 0);
    return text;
}

static void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in \"%s\"", part, text);
}

static int dry_run(struct fixture *fixture, operation_fn *operation)
{
    return run(fixture, operation, (struct gl_release_request){.dry_run = true});
}

/* ---- a platform's own words --------------------------------------------------------------------
 */

static void hear_plan(const struct gl_step *step, const char *text, void *context)
{
    gl_autofree char *what = gl_asprintf("plan %s:", step->name);
    hear(context, what, text);
}

static void a_platform_tells_steps_in_its_own_words(void **state)
{
    struct fixture *fixture = *state;
    fixture->reporter.step_plan = hear_plan;
    must(fixture, dry_run(fixture, gl_release_deploy));
    assert_has(fixture->notes, "plan backup: dump the database");
    struct gl_platform_ops ops = scripted_ops;
    ops.sentences = gl_cloud_sentences;
    fixture->platform.base.ops = &ops;
    must(fixture, dry_run(fixture, gl_release_deploy));
    fixture->platform.base.ops = &scripted_ops;
    assert_has(fixture->notes, "plan backup: take a snapshot of the database in RDS");
    assert_has(fixture->notes, "plan bake: watch it for"); /* right on every platform */
    assert_lacks(fixture->notes, "dump the database");
}

/* A row for a step that there is not would never be told. */
static void aws_has_words_for_steps_that_exist(void **state)
{
    (void)state;
    for (const struct gl_platform_sentence *row = gl_cloud_sentences; row->step; row++) {
        const struct gl_step *const *at = gl_deploy_steps;
        while (*at && strcmp((*at)->name, row->step) != 0)
            at++;
        assert_non_null(*at);
        assert_non_null(row->plan);
    }
}

/* What would end the build is known before. */
static void a_variable_without_a_value_ends_a_dry_run_and_the_preflight(void **state)
{
    struct fixture *fixture = *state;
    script(fixture, "variables", 0, FAIL, 2);
    assert_int_equal(dry_run(fixture, gl_release_deploy), GL_E_UNHEALTHY);
    assert_has(fixture->err.message, "variables fails by script");
    assert_int_equal(deploy(fixture), GL_E_UNHEALTHY);
    assert_string_equal(fixture->outcome.failed_step, "preflight");
    add_frontend(fixture);
    script(fixture, "variables of both", 0, FAIL, 1);
    assert_int_equal(dry_run(fixture, gl_release_deploy), GL_E_UNHEALTHY);
    must(fixture, deploy(fixture));
    must(fixture, deploy(fixture));
    script(fixture, "variables of both", 0, FAIL, 1);
    must(fixture, rollback(fixture)); /* which builds nothing */
}

/* What has no frontend publishes none. */
static void a_dry_run_publishes_only_a_frontend_that_is_there(void **state)
{
    struct fixture *fixture = *state;
    fixture->reporter.step_plan = hear_plan;
    must(fixture, dry_run(fixture, gl_release_deploy));
    assert_has(fixture->notes, "plan smoke edge:");
    assert_lacks(fixture->notes, "plan publish:");
    add_frontend(fixture);
    must(fixture, dry_run(fixture, gl_release_deploy));
    assert_has(fixture->notes, "plan publish:");
}

/* ---- smoke tests -------------------------------------------------------------------------------
 */

/* Whoever did not write the test (there are default ones) is told where it comes from. */
static void a_failed_smoke_test_says_where_it_is_written(void **state)
{
    static const struct {
        const char *settings, *why, *where;
    } rows[] = {
        {"smoke: [{name: t, url: 'https://{domain.api}/', status: 204}]",
         "smoke test t: status 200, expected 204",        "release.smoke"       },
        {"smoke: [{name: t, url: 'https://{domain.api}/', jsonpath: $.db, equals: ok}]",
         "smoke test t: t is not valid JSON",             "release.smoke"       },
        {"smoke: [{name: t, url: 'https://{domain.api}/', expect_header: x-none}]",
         "smoke test t: the answer has no header x-none", "release.smoke"       },
        {"smoke: []\nfrontend: {smoke_pages: [{path: /, marker: nowhere}]}",
         "page / does not contain `nowhere`",             "frontend.smoke_pages"},
    };
    struct fixture *fixture = *state;
    add_frontend(fixture);
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autofree char *settings =
            gl_asprintf("golive: 1\napp: {name: sample}\nbackend: {binary: server}\n"
                        "build: {backend: 'cp program server', frontend: 'true'}\n"
                        "release:\n  bake_minutes: 0\n  canary: {percent: 10, seconds: 0}\n  %s\n",
                        rows[i].settings);
        configure(fixture, settings);
        assert_int_not_equal(deploy(fixture), 0);
        assert_has(fixture->outcome.cause.message, rows[i].why);
        gl_autofree char *where = gl_asprintf("golive config show %s", rows[i].where);
        assert_non_null(fixture->outcome.cause.hint);
        assert_has(fixture->outcome.cause.hint, where);
    }
}

/* ---- the end -----------------------------------------------------------------------------------
 */

static void a_first_release_that_fails_was_not_rolled_back(void **state)
{
    struct fixture *fixture = *state;
    script(fixture, "preflight", 0, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_UNHEALTHY);
    assert_true(fixture->outcome.told);
    assert_int_equal(fixture->outcome.serving, 0);
    assert_int_equal(fixture->outcome.stopped, 0);
    gl_autofree char *text = last_lines(fixture);
    assert_has(text, "Release 1 failed: preflight fails by script");
    assert_has(text, "fix, then golive deploy; nothing serves yet");
    assert_lacks(text, "rolled back");
}

static void the_version_that_serves_keeps_serving(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    script(fixture, "preflight", 0, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_int_equal(fixture->outcome.serving, 1);
    gl_autofree char *text = last_lines(fixture);
    assert_has(text, "release 1 keeps serving");
}

/* Nothing of it ran yet. */
static void what_was_not_begun_is_not_rolled_back(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    script(fixture, "preflight", 0, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_false(fixture->outcome.taken_back);
    gl_autofree char *early = last_lines(fixture);
    assert_has(early, "Release 2 failed: preflight fails by script");
    assert_lacks(early, "rolled back");
    script(fixture, "start", 0, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_true(fixture->outcome.taken_back);
    gl_autofree char *late = last_lines(fixture);
    assert_has(late, "Release 3 was rolled back: start fails by script");
    must(fixture, deploy(fixture));
    script(fixture, "preflight", 0, FAIL, 1);
    assert_int_equal(rollback(fixture), GL_E_ROLLED_BACK);
    gl_autofree char *back = last_lines(fixture);
    assert_has(back, "The rollback to release 1 failed: preflight fails by script");
    assert_has(back, "fix, then golive rollback 1; release 4 keeps serving");
}

/* There is nothing to fix: it is said how to go on. */
static void an_interrupted_build_is_not_to_be_mended(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    configure(fixture, "golive: 1\n"
                       "app: {name: sample}\n"
                       "build: {backend: 'kill -INT $PPID; sleep 60'}\n");
    assert_int_equal(deploy(fixture), GL_E_INTERRUPTED);
    assert_has(fixture->outcome.cause.message, "building the backend: ");
    assert_string_equal(fixture->outcome.again, "golive deploy");
    gl_autofree char *text = last_lines(fixture);
    assert_has(text, "Release 2 was interrupted.\n");
    assert_has(text, "golive deploy begins anew; release 1 keeps serving");
    assert_lacks(text, "fix");
    assert_lacks(text, "rolled back");
}

/* A program reads what serves also where nothing was begun. */
static void a_refused_deploy_says_what_serves(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    assert_int_equal(
        run(fixture, gl_release_deploy, (struct gl_release_request){.resume_only = true}),
        GL_E_NOT_FOUND);
    assert_int_equal(fixture->outcome.release, 0);
    assert_int_equal(fixture->outcome.serving, 1);
    assert_int_equal(
        run(fixture, gl_release_rollback, (struct gl_release_request){.rollback_to = 99}),
        GL_E_NOT_FOUND);
    assert_int_equal(fixture->outcome.serving, 1);
    fixture->platform.world->versions[1].runs = false;
    assert_int_equal(
        run(fixture, gl_release_deploy, (struct gl_release_request){.resume_only = true}),
        GL_E_NOT_FOUND);
    assert_int_equal(fixture->outcome.serving, 0);
}

static void an_unknown_release_comes_with_those_that_there_are(void **state)
{
    struct fixture *fixture = *state;
    const struct gl_release_request to_99 = {.rollback_to = 99};
    must(fixture, deploy(fixture));
    assert_int_equal(run(fixture, gl_release_rollback, to_99), GL_E_NOT_FOUND);
    assert_has(fixture->err.message, "release 99 never served");
    assert_has(fixture->err.hint, "none that can be gone back to; golive status shows");
    must(fixture, deploy(fixture));
    assert_int_equal(run(fixture, gl_release_rollback, to_99), GL_E_NOT_FOUND);
    assert_has(fixture->err.hint, "These can be gone back to: 1 (golive rollback 1)");
}

/* Printed as what it is, and not as a mistake. */
static void a_wait_for_approvals_is_shown_as_one(void **state)
{
    struct fixture *fixture = *state;
    fixture->outcome.waits = true;
    gl_fail(&fixture->outcome.cause, GL_E_REFUSED, "release 1 of stg has 0 of the 1 approvals");
    gl_error_hint(&fixture->outcome.cause, "Ask tanaka");
    gl_autofree char *text = last_lines(fixture);
    assert_string_equal(text, "Waiting for approvals: release 1 of stg has 0 of the 1 approvals\n"
                              "  Ask tanaka\n");
}

/* The platform is down, and does not come up. */
static void a_version_that_does_not_run_does_not_keep_serving(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    fixture->platform.world->versions[1].runs = false;
    script(fixture, "up", 0, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_UNHEALTHY);
    assert_int_equal(fixture->outcome.serving, 0);
    assert_int_equal(fixture->outcome.stopped, 1);
    gl_autofree char *text = last_lines(fixture);
    assert_has(text, "Release 2 failed");
    assert_has(text, "release 1, which served before, does not serve now");
    assert_lacks(text, "keeps serving");
}

static void the_lines_of_a_failed_build_are_not_shown_twice(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "backend/fail.sh", "echo 'error[E0425]: lost'; exit 101\n");
    configure(fixture, "golive: 1\n"
                       "app: {name: sample}\n"
                       "build: {backend: 'sh fail.sh'}\n");
    assert_int_equal(deploy(fixture), GL_E_PROCESS);
    assert_has(fixture->outcome.cause.message, "error[E0425]: lost"); /* shown by the step */
    gl_autofree char *text = last_lines(fixture);
    assert_has(text, "building the backend failed");
    assert_lacks(text, "E0425");
}

/* ---- what is unfinished ------------------------------------------------------------------------
 */

static void a_dry_run_says_that_it_would_go_on(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_deploy, "step.done", "image");
    must(fixture, dry_run(fixture, gl_release_deploy));
    assert_has(fixture->notes, "note release 2 is unfinished: a deploy goes on with it");
    assert_has(fixture->notes, "deploy 2\n");
    must(fixture, dry_run(fixture, gl_release_rollback));
    assert_has(fixture->notes, "note release 2 is unfinished: a rollback undoes it");
    assert_string_equal(calls(fixture), "");
    must(fixture, deploy(fixture));
    assert_true(fixture->outcome.resumed);
}

static void other_settings_are_named_as_the_reason_to_undo(void **state)
{
    static const char why[] = "note release 2 is unfinished and is undone first: it was begun with "
                              "other settings (golive.yaml or --set)";
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_deploy, "step.done", "image");
    gl_autofree char *other = gl_asprintf("%s  keep: 7\n", quick_settings);
    configure(fixture, other);
    must(fixture, dry_run(fixture, gl_release_deploy));
    assert_has(fixture->notes, why);
    assert_has(fixture->notes, "deploy 3\n");
    assert_int_equal(
        run(fixture, gl_release_deploy, (struct gl_release_request){.resume_only = true}),
        GL_E_REFUSED);
    assert_has(fixture->err.message, "other settings");
    must(fixture, deploy(fixture));
    assert_has(fixture->notes, why);
    assert_serves(fixture, 3);
}

static void another_source_is_named_as_the_reason_to_undo(void **state)
{
    struct fixture *fixture = *state;
    kill_on(fixture, gl_release_deploy, "step.done", "image");
    write_file(fixture, "backend/src/main.rs", "fn main() { }\n");
    must(fixture, deploy(fixture));
    assert_has(fixture->notes, "undone first: it was begun with another source (dir-");
    assert_serves(fixture, 2);
}

/* ---- what to run next --------------------------------------------------------------------------
 */

static void load_stg(struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autofree char *text =
        gl_asprintf("%senvironments:\n  stg: {app: {platform: local}}\n", quick_settings);
    gl_autofree char *path = gl_path_join(fixture->dir, "golive.yaml");
    write_file(fixture, "golive.yaml", text);
    struct gl_config_request request = {.path = path, .env = "stg"};
    gl_config_free(&fixture->config);
    assert_int_equal(gl_config_load(&request, &fixture->config, &problems, &err), 0);
    fixture->platform.base.config = fixture->config;
}

/* One release that serves, one more, one that fails; each time the last lines. */
static void three_ends(struct fixture *fixture, char *ret_ends[3])
{
    must(fixture, deploy(fixture));
    ret_ends[0] = last_lines(fixture);
    must(fixture, deploy(fixture));
    ret_ends[1] = last_lines(fixture);
    script(fixture, "preflight", 0, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    ret_ends[2] = last_lines(fixture);
}

static void free_ends(char *ends[3])
{
    for (size_t i = 0; i < 3; i++)
        free(ends[i]);
}

static void what_to_run_next_names_the_environment(void **state)
{
    struct fixture *fixture = *state;
    char *ends[3] = {0};
    load_stg(fixture);
    three_ends(fixture, ends);
    assert_has(ends[0], "golive status --env stg shows it");
    assert_lacks(ends[0], "golive rollback"); /* there is nothing to go back to */
    assert_has(ends[1], "golive rollback --env stg goes back to release 1.");
    assert_has(ends[2], "golive log --env stg --release 3\n");
    assert_has(ends[2], "fix, then golive deploy --env stg; release 2 keeps serving");
    free_ends(ends);
}

static void local_needs_no_name(void **state)
{
    struct fixture *fixture = *state;
    char *ends[3] = {0};
    three_ends(fixture, ends);
    assert_has(ends[0], "golive status shows it");
    assert_lacks(ends[0], "golive rollback");
    assert_has(ends[1], "golive rollback goes back to release 1.");
    assert_has(ends[2], "golive log --release 3\n");
    assert_has(ends[2], "fix, then golive deploy; release 2 keeps serving");
    free_ends(ends);
}

static void after_a_rollback_to_the_first_nothing_is_behind_it(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    must(fixture, deploy(fixture));
    must(fixture, rollback(fixture));
    assert_int_equal(fixture->outcome.serving, 1);
    gl_autofree char *text = last_lines(fixture);
    assert_has(text, "Release 1 serves");
    assert_lacks(text, "golive rollback");
}

/* ---- the image ---------------------------------------------------------------------------------
 */

static char *digest_of(struct fixture *fixture, int64_t release)
{
    gl_autojournal struct gl_journal journal = {0};
    assert_int_equal(gl_journal_read(fixture->ledger, "local", &journal, NULL), 0);
    const struct gl_operation_record *made = gl_journal_deploy_of(&journal, release);
    assert_non_null(made);
    return gl_strdup(gl_json_str(json_object_get(made->facts, "image"), "digest", "none"));
}

/* Loaded with --set: the file and its time stay as they are. */
static void settings_do_not_change_the_image(void **state)
{
    struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autostrv struct gl_strv set = {0};
    gl_autofree char *path = gl_path_join(fixture->dir, "golive.yaml");
    must(fixture, deploy(fixture));
    gl_strv_add(&set, "release.limits.p95_ms=999");
    struct gl_config_request request = {.path = path, .env = "local", .set = &set};
    gl_config_free(&fixture->config);
    assert_int_equal(gl_config_load(&request, &fixture->config, &problems, &err), 0);
    fixture->platform.base.config = fixture->config;
    must(fixture, deploy(fixture));
    gl_autofree char *first = digest_of(fixture, 1);
    gl_autofree char *second = digest_of(fixture, 2);
    assert_string_equal(first, second);
    assert_string_not_equal(first, "none");
}

int main(void)
{
    gl_interrupt_init();
    gl_i18n_init();
    const struct CMUnitTest tests[] = {
#define row(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        row(a_platform_tells_steps_in_its_own_words),
        row(aws_has_words_for_steps_that_exist),
        row(a_variable_without_a_value_ends_a_dry_run_and_the_preflight),
        row(a_dry_run_publishes_only_a_frontend_that_is_there),
        row(a_failed_smoke_test_says_where_it_is_written),
        row(a_first_release_that_fails_was_not_rolled_back),
        row(the_version_that_serves_keeps_serving),
        row(what_was_not_begun_is_not_rolled_back),
        row(an_interrupted_build_is_not_to_be_mended),
        row(a_refused_deploy_says_what_serves),
        row(an_unknown_release_comes_with_those_that_there_are),
        row(a_wait_for_approvals_is_shown_as_one),
        row(a_version_that_does_not_run_does_not_keep_serving),
        row(the_lines_of_a_failed_build_are_not_shown_twice),
        row(a_dry_run_says_that_it_would_go_on),
        row(other_settings_are_named_as_the_reason_to_undo),
        row(another_source_is_named_as_the_reason_to_undo),
        row(what_to_run_next_names_the_environment),
        row(local_needs_no_name),
        row(after_a_rollback_to_the_first_nothing_is_behind_it),
        row(settings_do_not_change_the_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
