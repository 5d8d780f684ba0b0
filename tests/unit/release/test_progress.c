/* What a release shows: secrets masked, words for programs the same in every language. */
#include "scripted.h"

#include <locale.h>

#include "base/log.h"
#include "cmd/progress.h"

/* A quote and a backslash are written in another way in JSON. */
static const char secret[] = "p\"ss\\word";

struct shown {
    char *text;
    size_t len;
};

static void all_events(const struct gl_reporter *reporter)
{
    static const struct gl_step step = {.name = "shift"};
    gl_autofree char *text = gl_asprintf("tells %s\033]0;x\007", secret);
    gl_autoerr struct gl_error err = {0};
    gl_fail(&err, GL_E_PROCESS, "failed with %s\n\302\2332J", secret);
    gl_error_hint(&err, "not %s", secret);
    struct gl_release_heading heading = {
        .app = "sample", .env = "local", .version = "abc", .operation = GL_ROLLBACK, .release = 7};
    reporter->begin(&heading, reporter->context);
    reporter->step_begin(&step, reporter->context);
    reporter->step_update(&step, text, reporter->context);
    reporter->step_end(&step, text, NULL, 1, reporter->context);
    reporter->step_end(&step, text, &err, 1, reporter->context);
    reporter->step_skipped(&step, "there is no frontend", reporter->context);
    reporter->step_plan(&step, text, reporter->context);
    reporter->undo_end(&step, text, &err, 1, reporter->context);
    reporter->undo_end(&step, text, NULL, 1, reporter->context);
    reporter->note(text, reporter->context);
}

static void show(bool json, struct shown *shown)
{
    struct gl_context context = {.format_json = json, .terminal = !json};
    struct gl_progress progress;
    context.out = open_memstream(&shown->text, &shown->len);
    struct gl_reporter reporter = gl_progress_reporter(&progress, &context);
    struct gl_release_outcome outcome = {
        .release = 7, .serving = 6, .undone = true, .failed_step = gl_strdup("shift")};
    gl_fail(&outcome.cause, GL_E_PROCESS, "because of %s\033]0;x\007", secret);
    gl_secret_add(secret);
    all_events(&reporter);
    gl_progress_outcome(&progress, &outcome);
    gl_release_outcome_done(&outcome);
    gl_secret_forget_all();
    (void)fclose(context.out);
}

static void text_has_no_secret_and_steers_no_terminal(void **state)
{
    (void)state;
    struct shown shown = {0};
    show(false, &shown);
    assert_null(strstr(shown.text, "ss\\word"));
    assert_has(shown.text, "rollback to release 7");
    assert_has(shown.text, "undo shift");
    assert_has(shown.text, "not ***");
    assert_has(shown.text, "because of ***");
    assert_null(strstr(shown.text, "\033]"));
    assert_null(strstr(shown.text, "\302\233"));
    free(shown.text);
}

static void json_has_no_secret_and_keeps_its_words(void **state)
{
    (void)state;
    struct shown shown = {0};
    show(true, &shown);
    assert_null(strstr(shown.text, "word"));
    gl_autostrv struct gl_strv lines = {0};
    gl_strv_split(&lines, shown.text, "\n");
    assert_int_equal(lines.count, 10);
    for (size_t i = 0; i < lines.count; i++) {
        gl_autojson json_t *line = NULL;
        assert_int_equal(gl_json_parse(lines.items[i], strlen(lines.items[i]), "line", &line, NULL),
                         0);
        if (strcmp(gl_json_str(line, "event", ""), "undo_end") == 0)
            assert_string_equal(gl_json_str(line, "step", ""), "shift");
    }
    assert_has(shown.text, "\"failed_step\":\"shift\"");
    assert_has(shown.text, "\"operation\":\"rollback\"");
    assert_has(shown.text, "\"waits_for_approvals\":false");
    assert_has(shown.text, "\"hint\":\"not ***\"");
    free(shown.text);
}

/* The same for somebody who reads Japanese: the catalogue is built beside the program. */
static void words_for_programs_are_not_translated(void **state)
{
    (void)state;
    setenv("LANGUAGE", "ja", 1);
    setlocale(LC_ALL, "C.UTF-8");
    assert_string_not_equal(_("undo %s"), "undo %s");
    json_has_no_secret_and_keeps_its_words(state);
    unsetenv("LANGUAGE");
}

static void json_names_the_log_of_a_failed_build(void **state)
{
    struct fixture *fixture = *state;
    struct shown shown = {0};
    struct gl_context context = {.format_json = true};
    struct gl_progress progress;
    context.out = open_memstream(&shown.text, &shown.len);
    fixture->reporter = gl_progress_reporter(&progress, &context);
    configure(fixture, "golive: 1\n"
                       "app: {name: sample}\n"
                       "build: {backend: 'echo \"error[E0425]: lost\"; exit 101'}\n");
    assert_int_equal(deploy(fixture), GL_E_PROCESS);
    gl_progress_outcome(&progress, &fixture->outcome);
    (void)fclose(context.out);
    assert_has(shown.text, "\"failed_step\":\"build\"");
    assert_has(shown.text, "error[E0425]: lost");
    assert_has(shown.text, "logs/release-1-backend.log");
    free(shown.text);
}

/* A pipe gets a line for each stage, not for each piece of an image. */
static void a_stage_is_told_once(void **state)
{
    static const struct {
        const char *text;
        bool is_new;
    } rows[] = {
        {"pushing the image: 0 B of 9.1 MB",    true },
        {"pushing the image: 3.0 MB of 9.1 MB", false},
        {"pushing the image: 9.1 MB of 9.1 MB", false},
        {"image pushed: 9.1 MB, 0 of 3 layers", true },
        {"task of migrations: PENDING for 1 s", true },
        {"task of migrations: PENDING for 5 s", false},
        {"task of migrations: RUNNING for 6 s", true },
        {"7 of 9",                              true },
        {"7 of 9",                              false},
    };

    gl_autofree char *stage = NULL;
    (void)state;
    for (size_t i = 0; i < GL_COUNT(rows); i++)
        assert_int_equal(gl_progress_is_new_stage(&stage, rows[i].text), rows[i].is_new);
}

int main(void)
{
    gl_i18n_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_has_no_secret_and_steers_no_terminal),
        cmocka_unit_test(a_stage_is_told_once),
        cmocka_unit_test(json_has_no_secret_and_keeps_its_words),
        cmocka_unit_test(words_for_programs_are_not_translated),
        cmocka_unit_test_setup_teardown(json_names_the_log_of_a_failed_build, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
