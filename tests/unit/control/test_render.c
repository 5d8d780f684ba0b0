/* A check for people: what files say cannot steer the terminal, and counts have their plural. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "control/render.h"

/* Without colours golive writes no ESC, so each in the text is one from outside. */
static void expect_tame(const struct gl_buf *out, const char *wanted)
{
    const char *text = gl_buf_text(out);
    if (strchr(text, '\033') || strstr(text, "\xC2\x9B"))
        fail_msg("an escape sequence is in: %s", text);
    if (!strstr(text, wanted))
        fail_msg("`%s` is not in: %s", wanted, text);
}

static struct gl_check some_check(void)
{
    return (struct gl_check){.app = "demo", .env = "local", .platform = "local"};
}

static void a_file_that_was_left_out_cannot_steer_the_terminal(void **state)
{
    (void)state;
    static const char sql[] = "-- id: acme.1\n-- title: t\n-- severity: low\n"
                              "-- rule: \033[2Jnone \302\23331m r\nselect 1;\n";
    gl_autoproblems struct gl_problems problems = {0};
    struct gl_control control = {0};
    assert_false(gl_control_parse(sql, strlen(sql), "controls/\033[2Jx.sql", &control, &problems));
    assert_true(problems.count > 0);
    struct gl_check check = some_check();
    const struct gl_check_view view = {.check = &check, .problems = &problems};
    gl_autobuf struct gl_buf out = {0};
    gl_check_text(&view, &out);
    expect_tame(&out, "controls/ [2Jx.sql:4:");
    expect_tame(&out, "These controls were left out.");
}

static void a_waiver_and_an_ejected_control_cannot_either(void **state)
{
    (void)state;
    struct gl_problems problems = {0};
    struct gl_waiver waiver = {
        .control = "1.\033[2J1", .file = "\033[1mx.yaml", .line = 7, .flaw = "it is \033[31mold"};
    struct gl_control control = {.id = "1.1.1",
                                 .title = "t \302\2332J",
                                 .title_ja = "t",
                                 .file = "controls/\033[2J.sql",
                                 .origin = GL_CONTROL_EJECTED};
    struct gl_control_result result = {.control = &control, .status = GL_STATUS_FAIL};
    struct gl_check check = some_check();
    check.waivers = &waiver;
    check.waiver_count = 1;
    check.items = &result;
    check.count = 1;
    const struct gl_check_view view = {.check = &check, .problems = &problems};
    gl_autobuf struct gl_buf out = {0};
    gl_check_text(&view, &out);
    expect_tame(&out, "Waiver of 1. [2J1 ( [1mx.yaml:7) does not count: it is  [31mold\n");
    expect_tame(&out, "Ejected: controls/ [2J.sql takes the place of the shipped control 1.1.1.\n");
    gl_buf_done(&out);
    gl_explain_text(&view, &result, &out);
    expect_tame(&out, "controls/");
}

static void counts_have_their_plural(void **state)
{
    (void)state;
    struct gl_problems problems = {0};
    struct gl_check check = some_check();
    const struct gl_check_view view = {.check = &check, .problems = &problems};
    gl_autobuf struct gl_buf out = {0};
    check.counts = (struct gl_check_counts){.deferred = 1, .known = 1, .mended = 1};
    gl_check_text(&view, &out);
    expect_tame(&out, "   1 rule needs --live\n");
    expect_tame(&out, "Baseline: 1 known failure does not block\n");
    expect_tame(&out, "Baseline: 1 failure is mended (--write-baseline writes it anew)\n");
    expect_tame(&out, "\nPhase 0 ..........");
    gl_buf_done(&out);
    check.counts = (struct gl_check_counts){.deferred = 2, .known = 3, .mended = 0};
    gl_check_text(&view, &out);
    expect_tame(&out, "   2 rules need --live\n");
    expect_tame(&out, "Baseline: 3 known failures do not block\n");
    assert_null(strstr(gl_buf_text(&out), "mended"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_was_left_out_cannot_steer_the_terminal),
        cmocka_unit_test(a_waiver_and_an_ejected_control_cannot_either),
        cmocka_unit_test(counts_have_their_plural),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
