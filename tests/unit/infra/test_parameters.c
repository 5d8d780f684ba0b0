/* Types and constraints of parameters. */
#include "infra/parameters.h"
#include "infra/pattern.h"

#include "support.h"

#include <fnmatch.h>

static void check(const char *parameter, const char *given, const char *expected)
{
    gl_autoworld struct world w = {0};
    gl_autofree char *before = gl_asprintf("Parameters: {P: {%s}}\n", parameter);
    gl_autofree char *pair = gl_asprintf("P=%s", given ? given : "");
    const char *list[] = {given ? pair : NULL, NULL};
    evaluate_value(&w, before, "!Ref P", list);
    gl_assert_property(&w, "V", expected);
}

static void refuse(const char *parameter, const char *given, const char *message)
{
    gl_autoworld struct world w = {0};
    gl_autofree char *before = gl_asprintf("Parameters: {P: {%s}}\n", parameter);
    gl_autofree char *pair = gl_asprintf("P=%s", given ? given : "");
    const char *list[] = {given ? pair : NULL, NULL};
    evaluate_value(&w, before, "!Ref P", list);
    assert_int_equal(w.code, GL_E_CONFIG);
    if (!strstr(w.err.message, message))
        print_message("%s\n", w.err.message);
    assert_non_null(strstr(w.err.message, message));
    assert_int_equal(w.err.line, 1);
}

static void test_types(void **state)
{
    (void)state;
    check("Type: String, Default: x", NULL, "x");
    check("Type: String, Default: x", "y", "y");
    check("Type: Number", "8.5", "8.5");
    check("Type: CommaDelimitedList", "a, b ,c", "[\"a\",\"b\",\"c\"]");
    check("Type: CommaDelimitedList", "", "[\"\"]");
    check("Type: CommaDelimitedList", ",,", "[\"\",\"\",\"\"]");
    check("Type: \"List<Number>\"", "1,2", "[\"1\",\"2\"]");
    check("Type: \"List<AWS::EC2::Subnet::Id>\"", "subnet-1,subnet-2",
          "[\"subnet-1\",\"subnet-2\"]");
    check("Type: \"AWS::EC2::VPC::Id\"", "vpc-1", "vpc-1");
    check("Type: \"AWS::SSM::Parameter::Value<String>\", Default: /a/b", NULL,
          "(read from the account: /a/b)");
    check("Type: String, NoEcho: true", "geheim", "***");
    refuse("Type: String", NULL, "no value and no Default");
    refuse("Type: Strin", "x", "no type");
    refuse("Default: x", NULL, "no Type");
    refuse("Type: Number", "8x", "must be a number");
    refuse("Type: \"List<Number>\"", "1,x", "must be a number");
}

static void test_constraints(void **state)
{
    (void)state;
    check("Type: String, AllowedValues: [a, true, 3]", "3", "3");
    check("Type: String, AllowedValues: [a, true, 3]", "true", "true");
    refuse("Type: String, AllowedValues: [a, b]", "c", "one of a, b");
    refuse("Type: CommaDelimitedList, AllowedValues: [a, b]", "a,c", "one of a, b");
    check("Type: String, AllowedPattern: \"[a-z]\\\\d+\"", "a12", "a12");
    refuse("Type: String, AllowedPattern: \"[a-z]\\\\d+\"", "a12x", "must match");
    refuse("Type: String, AllowedPattern: \"a|b\"", "ab", "must match");
    check("Type: String, AllowedPattern: \"^$|^(?:/[\\\\w.-]+)+$\"", "/a/b-c", "/a/b-c");
    check("Type: String, AllowedPattern: \"^$|^(?:/[\\\\w.-]+)+$\"", "", "");
    check("Type: String, AllowedPattern: \"[\\\\w\\\\s-]+\"", "a b-c", "a b-c");
    check("Type: String, AllowedPattern: \"db\\\\.[a-z0-9-]+\"", "db.m7g", "db.m7g");
    refuse("Type: String, AllowedPattern: \"db\\\\.[a-z0-9-]+\"", "dbxm7g", "must match");
    refuse("Type: String, AllowedPattern: \"(a\"", "a", "cannot read the pattern");
    refuse("Type: String, MinLength: 3", "ab", "MinLength 3");
    check("Type: String, MaxLength: 3", "äöü", "äöü");
    refuse("Type: String, MaxLength: 3", "abcd", "MaxLength 3");
    refuse("Type: Number, MinValue: 2", "1", "MinValue 2");
    refuse("Type: Number, MaxValue: 2", "2.5", "MaxValue 2");
}

static void test_secrets_are_not_told(void **state)
{
    (void)state;
    gl_autoworld struct world w = {0};
    const char *given[] = {"P=geheim", NULL};
    evaluate_value(&w, "Parameters: {P: {Type: String, NoEcho: true, MaxLength: 3}}\n", "!Ref P",
                   given);
    assert_int_equal(w.code, GL_E_CONFIG);
    assert_null(strstr(w.err.message, "geheim"));
    gl_autoworld struct world sub = {0};
    evaluate_value(&sub, "Parameters: {P: {Type: String, NoEcho: true}}\n", "!Sub \"x-${P}\"",
                   given);
    gl_assert_property(&sub, "V", "***");
    gl_autoworld struct world json = {0};
    evaluate_value(&json, "Parameters: {P: {Type: String, NoEcho: true}}\n",
                   "!Base64 {\"Fn::ToJsonString\": {a: [!Ref P]}}", given);
    gl_assert_property(&json, "V", "***");
}

static void test_strangers_and_descriptions(void **state)
{
    (void)state;
    gl_autoworld struct world w = {0};
    const char *given[] = {"Q=1", NULL};
    evaluate_value(&w, "Parameters: {P: {Type: String, Default: x}}\n", "1", given);
    assert_int_equal(w.code, GL_E_CONFIG);
    assert_non_null(strstr(w.err.message, "no parameter Q"));
    gl_autoworld struct world hint = {0};
    const char *wrong[] = {"P=y", NULL};
    evaluate_value(&hint,
                   "Parameters: {P: {Type: String, AllowedPattern: x, ConstraintDescription: say "
                   "x}}\n",
                   "1", wrong);
    assert_string_equal(hint.err.hint, "say x");
    assert_true(gl_parameter_type_is_list("CommaDelimitedList"));
    assert_false(gl_parameter_type_is_list("String"));
}

/* More than are kept: each is read all the same, and again. */
static void any_number_of_patterns_is_read(void **state)
{
    (void)state;
    for (int i = 0; i < 1500; i++) {
        gl_autofree char *pattern = gl_asprintf("x%d\\d", i % 750);
        gl_autofree char *good = gl_asprintf("x%d7", i % 750);
        bool matches = false;
        assert_true(gl_pattern_match(pattern, good, &matches));
        assert_true(matches);
        assert_true(gl_pattern_match(pattern, "y", &matches));
        assert_false(matches);
    }
    bool matches;
    assert_false(gl_pattern_match("(", "x", &matches));
}

/* Whatever a pattern and a text are, they match where fnmatch() says so. */
static void names_match_as_files_do(void **state)
{
    (void)state;
    static const char *const words[] = {
        "",         "*",         "?",     "a",           "ab",          "abc",       "a*",  "a*c",
        "*c",       "a?c",       "[a-b]", "[!a]bc",      "a[b]*",       "\\*",       "*\\", "a\\b",
        "a/b",      ".a",        ".*",    "a**",         "**",          "AWS::*",    "é",   "é*",
        "AWS::IAM", "AWS::IAMx", "*é",    "Secret[!s]*", "SecretsRole", "SecretKey",
    };
    size_t matches = 0;
    for (size_t i = 0; i < GL_COUNT(words); i++) {
        for (size_t k = 0; k < GL_COUNT(words); k++) {
            bool expected = fnmatch(words[i], words[k], 0) == 0;
            if (gl_pattern_names(words[i], words[k]) != expected)
                fail_msg("%s and %s", words[i], words[k]);
            matches += expected;
        }
    }
    assert_true(matches > GL_COUNT(words));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_patterns_is_read),
        cmocka_unit_test(names_match_as_files_do),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_constraints),
        cmocka_unit_test(test_secrets_are_not_told),
        cmocka_unit_test(test_strangers_and_descriptions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
