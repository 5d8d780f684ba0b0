/* Values of the workflows' templates. */
#include "../config/support.h"
#include "base/json.h"
#include "generate/values.h"

#define BEGIN                                                                                      \
    "golive: 1\napp: {name: demo}\naccount_id: \"123456789012\"\n"                                 \
    "environments: {staging: {}, prod: {}}\n"

static json_t *values_of(const char *branches)
{
    gl_autofree char *text = gl_asprintf(BEGIN "ci: {branches: %s}\n", branches);
    gl_autoloaded struct loaded staging = load_set(text, "staging", NULL);
    gl_autoloaded struct loaded production = load_set(text, "prod", NULL);
    gl_autostrv struct gl_strv notes = {0};
    gl_autoerr struct gl_error err = {0};
    json_t *values = NULL;
    assert_int_equal(staging.code, 0);
    assert_int_equal(production.code, 0);
    if (gl_workflow_values(staging.config, production.config, ".", &values, &notes, &err) < 0)
        fail_msg("%s", err.message);
    return values;
}

/* What YAML reads as a number or a truth has quotes in a list, and none within an expression. */
static void branches_are_texts_in_yaml(void **state)
{
    (void)state;

    static const struct {
        const char *branches, *main, *main_word, *list;
    } cases[] = {
        {"{production: main, integration: develop}", "main",    "main",     "[main, develop]"},
        {"{production: rel/1.x, integration: none}", "rel/1.x", "rel/1.x",  "[rel/1.x]"      },
        {"{production: 1.10, integration: none}",    "1.10",    "\"1.10\"", "[\"1.10\"]"     },
        {"{production: \"on\", integration: 2}",     "on",      "\"on\"",   "[\"on\", \"2\"]"},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autojson json_t *values = values_of(cases[i].branches);
        assert_string_equal(gl_json_str(values, "main", ""), cases[i].main);
        assert_string_equal(gl_json_str(values, "main_word", ""), cases[i].main_word);
        assert_string_equal(gl_json_str(values, "branches", ""), cases[i].list);
    }
}

/* It would be two branches in a list, or end the text of an expression. */
static void what_is_no_branch_is_a_mistake_of_golive_yaml(void **state)
{
    (void)state;
    static const char *const names[] = {"\"a,b\"", "\"it's\"", "\"rel/*\"", "a..b"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        gl_autofree char *text = gl_asprintf(
            "golive: 1\napp: {name: demo}\nci: {branches: {production: %s}}\n", names[i]);
        gl_autoloaded struct loaded loaded = load(text);
        assert_int_equal(loaded.code, GL_E_CONFIG);
        assert_non_null(strstr(loaded.err.message, "ci.branches.production must be a branch"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(branches_are_texts_in_yaml),
        cmocka_unit_test(what_is_no_branch_is_a_mistake_of_golive_yaml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
