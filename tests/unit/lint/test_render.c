/* What the four formats say of the same findings. */
#include "fixture.h"
#include "lint/render.h"

static const char sql[] = "SELECT 1;\n\tCREATE INDEX \"i,%:\" ON t (a);\n"
                          "-- golive-lint: allow=drop-table reason=\"empty\"\nDROP TABLE t;";

static void make(struct gl_lint_result *ret_result)
{
    gl_autoerr struct gl_error err = {0};
    const struct gl_lint_options options = {0};
    assert_int_equal(gl_lint_text("a dir/m.sql", sql, strlen(sql), &options, ret_result, &err), 0);
    assert_int_equal(ret_result->count, 2);
}

static void text(void **state)
{
    (void)state;
    gl_autolint struct gl_lint_result result = {0};
    gl_autobuf struct gl_buf out = {0};
    make(&result);
    const struct gl_lint_view view = {.result = &result};
    gl_lint_render_text(&view, &out);
    const char *said = gl_buf_text(&out);
    assert_non_null(strstr(said, "a dir/m.sql:2:2: error [create-index]"));
    assert_non_null(strstr(said, "\n     2 |  CREATE INDEX \"i,%:\" ON t (a);\n       |  ^~~~"));
    assert_non_null(strstr(said, "CREATE INDEX CONCURRENTLY \"i,%:\" ON t (a);"));
    assert_null(strstr(said, "[drop-table]"));
    assert_non_null(strstr(said, "1 errors, 0 warnings, 1 allowed"));
}

/* Names of a migration stand in messages, its line and the safe form. */
static void names_cannot_steer_the_terminal(void **state)
{
    (void)state;
    static const char bad[] = "CREATE INDEX \"i\033[2J\302\2331m\" ON \"t\xE2\x80\xAE\" (a);\n"
                              "DROP TABLE \"u\033[2J\";";
    gl_autoerr struct gl_error err = {0};
    gl_autolint struct gl_lint_result result = {0};
    gl_autobuf struct gl_buf out = {0};
    const struct gl_lint_options options = {0};
    assert_int_equal(gl_lint_text("m\033[1m.sql", bad, strlen(bad), &options, &result, &err), 0);
    const struct gl_lint_view view = {.result = &result};
    gl_lint_render_text(&view, &out);
    const char *said = gl_buf_text(&out);
    assert_non_null(strstr(said, "m [1m.sql:1:1: error [create-index]"));
    assert_non_null(strstr(said, "[drop-table]"));
    assert_null(strchr(said, '\033'));
    assert_null(strstr(said, "\xC2\x9B"));
    assert_null(strstr(said, "\xE2\x80\xAE"));
}

static void json(void **state)
{
    (void)state;
    gl_autolint struct gl_lint_result result = {0};
    make(&result);
    const struct gl_lint_view view = {.result = &result};
    gl_autojson json_t *root = gl_lint_json(&view);
    const json_t *findings = json_object_get(root, "findings");
    const json_t *first = json_array_get(findings, 0);
    assert_int_equal(gl_json_int(root, "files", 0), 1);
    assert_int_equal(json_array_size(findings), 2);
    assert_string_equal(gl_json_str(first, "rule", ""), "create-index");
    assert_string_equal(gl_json_str(first, "severity", ""), "error");
    assert_string_equal(gl_json_str(first, "phase", ""), "expand");
    assert_int_equal(gl_json_int(first, "line", 0), 2);
    assert_int_equal(gl_json_int(first, "column", 0), 2);
    assert_true(gl_json_bool(json_array_get(findings, 1), "allowed", false));
    assert_int_equal(json_array_size(json_object_get(root, "notes")), 1);
}

static void sarif(void **state)
{
    (void)state;
    gl_autolint struct gl_lint_result result = {0};
    make(&result);
    const struct gl_lint_view view = {.result = &result};
    gl_autojson json_t *root = gl_lint_sarif(&view);
    const json_t *run = json_array_get(json_object_get(root, "runs"), 0);
    const json_t *results = json_object_get(run, "results");
    gl_autofree char *written = gl_json_canonical(root);
    assert_string_equal(gl_json_str(root, "version", ""), "2.1.0");
    assert_int_equal(json_array_size(results), 2);
    assert_non_null(strstr(written, "\"uri\":\"a%20dir/m.sql\""));
    assert_int_equal(json_array_size(json_object_get(json_array_get(results, 1), "suppressions")),
                     1);
}

/* A name in a message must not end the annotation. */
static void github(void **state)
{
    (void)state;
    gl_autolint struct gl_lint_result result = {0};
    gl_autobuf struct gl_buf out = {0};
    make(&result);
    const struct gl_lint_view view = {.result = &result};
    gl_lint_render_github(&view, &out);
    const char *said = gl_buf_text(&out);
    assert_int_equal(
        strncmp(said, "::error file=a dir/m.sql,line=2,col=2,endLine=2,title=create-index::", 68),
        0);
    assert_non_null(strstr(said, "i,%25:"));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void explanations(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf one = {0};
    gl_autobuf struct gl_buf all = {0};
    gl_lint_explain_text(gl_lint_rule_find("set-not-null"), &one);
    gl_lint_rules_text(&all);
    assert_non_null(strstr(gl_buf_text(&one), "AccessExclusive"));
    for (size_t i = 0; i < gl_lint_rule_count(); i++)
        assert_non_null(strstr(gl_buf_text(&all), gl_lint_rule_at(i)->id));
    gl_autojson json_t *json_all = gl_lint_rules_json();
    assert_int_equal(json_array_size(json_object_get(json_all, "rules")), gl_lint_rule_count());
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_lint_rule_not_found("set-not-nul", &err), GL_E_NOT_FOUND);
    assert_non_null(strstr(err.hint, "set-not-null"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text),   cmocka_unit_test(names_cannot_steer_the_terminal),
        cmocka_unit_test(json),   cmocka_unit_test(sarif),
        cmocka_unit_test(github), cmocka_unit_test(explanations),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
