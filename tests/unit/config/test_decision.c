/* Decisions written into golive.yaml: one line, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "config/decision.h"

static const struct gl_strv none = {0};

static struct gl_decision about(const char *key)
{
    return (struct gl_decision){.key = key,
                                .reason = "prod survives a zone: \"it must\"",
                                .by = "sato",
                                .decided = "2026-11-27",
                                .review_by = "2027-05-26",
                                .criteria = &none};
}

#define DECIDED(key)                                                                               \
    key ": {reason: \"prod survives a zone: \\\"it must\\\"\", by: sato, decided: 2026-11-27, "    \
        "review_by: 2027-05-26}"

static void becomes(const char *before, const char *key, const char *after)
{
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf out = {0};
    struct gl_decision decision = about(key);
    if (gl_decision_edit(before, strlen(before), &decision, &out, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(gl_buf_text(&out), after);
}

static void a_new_one_stands_behind_the_others(void **state)
{
    (void)state;
    becomes("golive: 1\ndecisions:   # why\n    iac: {reason: a}\n\n# ---- next\nwaivers: []\n",
            "network.nat",
            "golive: 1\ndecisions:   # why\n    iac: {reason: a}\n    " DECIDED(
                "network.nat") "\n\n# ---- next\nwaivers: []\n");
    becomes("decisions:\n  iac: {reason: a}", "network.nat",
            "decisions:\n  iac: {reason: a}\n  " DECIDED("network.nat") "\n");
}

static void the_map_is_made_where_there_is_none(void **state)
{
    (void)state;
    becomes("golive: 1\n", "iac", "golive: 1\n\ndecisions:\n  " DECIDED("iac") "\n");
    becomes("golive: 1", "iac", "golive: 1\n\ndecisions:\n  " DECIDED("iac") "\n");
    becomes("decisions: {}  # none\napp: x\n", "iac",
            "decisions:  # none\n  " DECIDED("iac") "\napp: x\n");
    becomes("decisions:\napp: x\n", "iac", "decisions:\n  " DECIDED("iac") "\napp: x\n");
    becomes("", "iac", "\ndecisions:\n  " DECIDED("iac") "\n");
}

static void an_older_one_is_replaced(void **state)
{
    (void)state;
    becomes(
        "decisions:\n  a.b: {x: y}\n  iac:\n    reason: >-\n      long\n\n      text\n    by: z\n"
        "\n  # about the next\n  c.d: {x: y}\n",
        "iac",
        "decisions:\n  a.b: {x: y}\n  " DECIDED("iac") "\n\n  # about the next\n  c.d: {x: y}\n");
    becomes("decisions:\n  \"iac\": {x: y}\n", "iac", "decisions:\n  " DECIDED("iac") "\n");
    becomes("decisions:\n  'iac': {x: y,\n    z: 1}\nx: y\n", "iac",
            "decisions:\n  " DECIDED("iac") "\nx: y\n");
}

/* A longer name that begins alike, and the same name elsewhere. */
static void nothing_else_is_touched(void **state)
{
    (void)state;
    becomes("decisionsx:\n  iac: {a: b}\napp:\n  decisions:\n    iac: {a: b}\ndecisions:\n"
            "  iac.more: {a: b}\n",
            "iac",
            "decisionsx:\n  iac: {a: b}\napp:\n  decisions:\n    iac: {a: b}\ndecisions:\n"
            "  iac.more: {a: b}\n  " DECIDED("iac") "\n");
}

static void line_ends_stay_as_they_are(void **state)
{
    (void)state;
    becomes("golive: 1\r\ndecisions:\r\n  a: {}\r\nx: y\r\n", "iac",
            "golive: 1\r\ndecisions:\r\n  a: {}\r\n  " DECIDED("iac") "\r\nx: y\r\n");
}

static void what_has_no_lines_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"a: b\ndecisions: {iac: {reason: x}}\n",
                                        "a: b\ndecisions: &x\n  iac: {}\n"};
    for (size_t i = 0; i < GL_COUNT(texts); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autobuf struct gl_buf out = {0};
        struct gl_decision decision = about("iac");
        assert_int_equal(gl_decision_edit(texts[i], strlen(texts[i]), &decision, &out, &err),
                         GL_E_REFUSED);
        assert_int_equal(err.line, 2);
        assert_int_equal(out.len, 0);
    }
}

/* ---- verifying ---------------------------------------------------------------------------------
 */

static int verified(const char *before, const char *after, const struct gl_decision *decision)
{
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autobuf struct gl_buf old_text = {0};
    gl_autobuf struct gl_buf new_text = {0};
    struct gl_config_request request = {.path = "golive.yaml", .env = "local"};
    gl_buf_puts(&old_text, before);
    gl_buf_puts(&new_text, after);
    return gl_decision_verify(&request, &old_text, &new_text, decision, &problems, NULL);
}

#define HEAD "golive: 1\napp: {name: demo}\npeople: [{id: sato}]\n"

static void only_the_decision_may_differ(void **state)
{
    (void)state;
    gl_autostrv struct gl_strv criteria = {0};
    gl_autobuf struct gl_buf out = {0};
    struct gl_decision decision = about("iac");
    gl_strv_add(&criteria, "price: low");
    gl_strv_add(&criteria, "no");
    decision.criteria = &criteria;
    decision.reason = "理由は二つ \\ \"値段\" と # 手間";
    assert_int_equal(gl_decision_edit(HEAD, strlen(HEAD), &decision, &out, NULL), 0);
    assert_int_equal(verified(HEAD, gl_buf_text(&out), &decision), 0);
    decision.by = "tanaka";
    assert_int_equal(verified(HEAD, gl_buf_text(&out), &decision), GL_E_CONFIG);
    decision.by = "sato";
    gl_buf_puts(&out, "backend: {port: 8081}\n");
    assert_int_equal(verified(HEAD, gl_buf_text(&out), &decision), GL_E_CONFIG);
    gl_buf_puts(&out, "nonsense: {port: 8081}\n");
    assert_int_equal(verified(HEAD, gl_buf_text(&out), &decision), GL_E_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_one_stands_behind_the_others),
        cmocka_unit_test(the_map_is_made_where_there_is_none),
        cmocka_unit_test(an_older_one_is_replaced),
        cmocka_unit_test(nothing_else_is_touched),
        cmocka_unit_test(line_ends_stay_as_they_are),
        cmocka_unit_test(what_has_no_lines_is_refused),
        cmocka_unit_test(only_the_decision_may_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
