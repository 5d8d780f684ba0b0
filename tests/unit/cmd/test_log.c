/* golive log and golive log verify, run on a real ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/json.h"
#include "cmd/commands.h"

struct fixture {
    char *dir;
    struct gl_ledger *ledger;
};

static void must(int result, const struct gl_error *err)
{
    if (result != 0)
        fail_msg("%d: %s", result, err->message ? err->message : "(no message)");
}

static void add(struct gl_ledger *ledger, const char *kind, const char *env, int64_t release,
                json_t *data)
{
    gl_autoerr struct gl_error err = {0};
    must(gl_ledger_append(ledger, kind, env, release, data, NULL, &err), &err);
    json_decref(data);
}

static int make_ledger(void **state)
{
    struct fixture *fixture = gl_alloc(sizeof *fixture);
    gl_autoerr struct gl_error err = {0};
    fixture->dir = gl_strdup("/tmp/golive log 記録 XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    gl_autofree char *path = gl_path_join(fixture->dir, "ledger.db");
    must(gl_ledger_open_sqlite(path, &fixture->ledger, &err), &err);
    add(fixture->ledger, "release.begin", "prod", 7, json_pack("{s:s}", "version", "a1b2c3d"));
    add(fixture->ledger, "step.begin", "prod", 7, json_pack("{s:s}", "step", "smoke green"));
    add(fixture->ledger, "step.done", "staging", 6,
        json_pack("{s:s, s:i, s:[i,i]}", "step", "bake", "ms", 240, "codes", 200, 404));
    add(fixture->ledger, "note", "", 0, json_pack("{s:s}", "text", "\x1b[31mred\n"));
    *state = fixture;
    return 0;
}

static int drop_ledger(void **state)
{
    struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    gl_ledger_free(&fixture->ledger);
    must(gl_remove_tree(fixture->dir, &err), &err);
    free(fixture->dir);
    free(fixture);
    return 0;
}

struct outcome {
    int code;
    char *text;
    struct gl_error err;
};

static void outcome_done(struct outcome *outcome)
{
    free(outcome->text);
    gl_error_done(&outcome->err);
}

#define gl_autooutcome gl_cleanup(outcome_done)

/* Runs a command as the dispatcher does, words separated by one space. */
static struct outcome run(void **state, const struct gl_command *command, const char *words,
                          bool json)
{
    struct fixture *fixture = *state;
    struct outcome outcome = {0};
    size_t size = 0;
    gl_autostrv struct gl_strv list = {0};
    gl_strv_split(&list, words, " ");
    struct gl_context context = {
        .command = command, .ledger = fixture->ledger, .format_json = json};
    context.out = open_memstream(&outcome.text, &size);
    assert_non_null(context.out);
    outcome.code = gl_command_parse(&context, list.count, list.items, &outcome.err);
    if (outcome.code == 0)
        outcome.code = command->run(&context, &outcome.err);
    assert_int_equal(fclose(context.out), 0);
    for (size_t i = 0; i < context.value_count; i++)
        gl_strv_done(&context.values[i].list);
    free(context.values);
    gl_strv_done(&context.args);
    return outcome;
}

static int count_lines(const char *text)
{
    int lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void lines_tell_what_happened(void **state)
{
    gl_autooutcome struct outcome outcome = run(state, &gl_cmd_log, "", false);
    must(outcome.code, &outcome.err);
    assert_int_equal(count_lines(outcome.text), 4);
    assert_non_null(strstr(outcome.text, "prod  7  release.begin  version=a1b2c3d\n"));
    assert_non_null(strstr(outcome.text, "prod  7  step.begin  step=\"smoke green\"\n"));
    assert_non_null(strstr(outcome.text, "staging  6  step.done  step=bake codes=[200,404] "
                                         "ms=240\n"));
}

static void no_event_can_send_control_characters(void **state)
{
    gl_autooutcome struct outcome outcome = run(state, &gl_cmd_log, "--kind note", false);
    must(outcome.code, &outcome.err);
    assert_null(strchr(outcome.text, '\x1b'));
    assert_non_null(strstr(outcome.text, "-  -  note  text=\"\\u001B[31mred\\n\"\n"));
}

static void long_data_is_cut_between_characters(void **state)
{
    struct fixture *fixture = *state;
    gl_autobuf struct gl_buf long_text = {0};
    for (int i = 0; i < 200; i++)
        gl_buf_puts(&long_text, "長");
    add(fixture->ledger, "long", "", 0, json_pack("{s:s}", "x", gl_buf_text(&long_text)));
    gl_autooutcome struct outcome outcome = run(state, &gl_cmd_log, "--kind long", false);
    must(outcome.code, &outcome.err);
    assert_non_null(strstr(outcome.text, "長..\n"));
    gl_autojson json_t *valid = json_string(outcome.text);
    assert_non_null(valid);
    assert_true(strlen(outcome.text) < 300);
}

static void filters_choose_events(void **state)
{
    static const struct {
        const char *words;
        int lines;
    } cases[] = {
        {"--release 7",                  2},
        {"--release 7 --kind step",      1},
        {"--env staging",                1},
        {"--kind step.",                 2},
        {"--kind step.begin --env prod", 1},
        {"--since 1h",                   4},
        {"--since 2001-02-03",           4},
        {"--since 2001-02-03T04:05:06Z", 4},
        {"--since 2999-01-01",           0},
        {"--since 2999-01-01T00:00",     0},
        {"--release 99",                 0},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autooutcome struct outcome outcome = run(state, &gl_cmd_log, cases[i].words, true);
        must(outcome.code, &outcome.err);
        if (count_lines(outcome.text) != cases[i].lines)
            fail_msg("%s: %s", cases[i].words, outcome.text);
    }
}

static void a_wrong_time_is_refused(void **state)
{
    static const char *const times[] = {"yesterday",      "5x",       "h", "2026-13-01",
                                        "2026-11-23junk", "99999999h"};
    for (size_t i = 0; i < GL_COUNT(times); i++) {
        gl_autofree char *words = gl_asprintf("--since %s", times[i]);
        gl_autooutcome struct outcome outcome = run(state, &gl_cmd_log, words, false);
        assert_int_equal(outcome.code, GL_E_USAGE);
        assert_non_null(strstr(outcome.err.message, times[i]));
    }
}

static void nothing_to_show_is_said(void **state)
{
    gl_autooutcome struct outcome outcome = run(state, &gl_cmd_log, "--release 99", false);
    must(outcome.code, &outcome.err);
    assert_string_equal(outcome.text, "No event matches.\n");
}

/* Everything a reader needs to check the chain without golive. */
static void a_json_line_carries_its_own_proof(void **state)
{
    gl_autooutcome struct outcome outcome = run(state, &gl_cmd_log, "", true);
    must(outcome.code, &outcome.err);
    gl_autostrv struct gl_strv lines = {0};
    gl_strv_split(&lines, outcome.text, "\n");
    assert_int_equal(lines.count, 4);
    gl_autofree char *prev = gl_strdup("");
    for (size_t i = 0; i < lines.count; i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autojson json_t *event = NULL;
        must(gl_json_parse(lines.items[i], strlen(lines.items[i]), "line", &event, &err), &err);
        assert_string_equal(gl_json_str(event, "prev", "?"), prev);
        free(prev);
        prev = gl_strdup(gl_json_str(event, "hash", "?"));
        json_object_del(event, "hash");
        gl_autofree char *rest = gl_json_canonical(event);
        char hex[GL_SHA256_HEX_SIZE];
        gl_sha256_hex(rest, strlen(rest), hex);
        assert_string_equal(hex, prev);
    }
}

static void verify_gives_the_head_to_note(void **state)
{
    gl_autooutcome struct outcome json = run(state, &gl_cmd_log_verify, "", true);
    must(json.code, &json.err);
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *report = NULL;
    must(gl_json_parse(json.text, strlen(json.text), "report", &report, &err), &err);
    assert_int_equal(gl_json_int(report, "events", 0), 4);
    const char *head = gl_json_str(report, "head", "");
    assert_int_equal(strlen(head), 64);
    gl_autofree char *words = gl_asprintf("--head %.16s", head);
    gl_autooutcome struct outcome text = run(state, &gl_cmd_log_verify, words, false);
    must(text.code, &text.err);
    assert_non_null(strstr(text.text, "4 events"));
    assert_non_null(strstr(text.text, head));
    assert_non_null(strstr(text.text, "Event 4 has the hash you noted"));
    gl_autooutcome struct outcome wrong = run(state, &gl_cmd_log_verify, "--head 00000000", false);
    assert_int_equal(wrong.code, GL_E_MISMATCH);
    assert_string_equal(wrong.text, "");
}

#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, make_ledger, drop_ledger)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LEDGER(lines_tell_what_happened),
        WITH_LEDGER(no_event_can_send_control_characters),
        WITH_LEDGER(long_data_is_cut_between_characters),
        WITH_LEDGER(filters_choose_events),
        WITH_LEDGER(a_wrong_time_is_refused),
        WITH_LEDGER(nothing_to_show_is_said),
        WITH_LEDGER(a_json_line_carries_its_own_proof),
        WITH_LEDGER(verify_gives_the_head_to_note),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
