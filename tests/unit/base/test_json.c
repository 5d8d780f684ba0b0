/* JSON: parsing, canonical text, typed look-ups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

static int parse(const char *text, json_t **ret_json, struct gl_error *err)
{
    return gl_json_parse(text, strlen(text), "facts.json", ret_json, err);
}

static void equal_values_give_equal_bytes(void **state)
{
    (void)state;
    static const char *const same[] = {
        "{\"b\": [1, 2.50, null], \"a\": {\"y\": \"\\u00e9\", \"x\": true}}",
        "{ \"a\":{\"x\":true,\n\"y\":\"é\"}, \"b\":[1,2.5,null] }",
    };
    for (size_t i = 0; i < GL_COUNT(same); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autojson json_t *json = NULL;
        assert_int_equal(parse(same[i], &json, &err), 0);
        gl_autofree char *text = gl_json_canonical(json);
        assert_string_equal(text, "{\"a\":{\"x\":true,\"y\":\"é\"},\"b\":[1,2.5,null]}");
    }
}

/* A canonical text read and written again is the same text, or hashes over it would break. */
static void canonical_text_is_stable(void **state)
{
    (void)state;
    static const double reals[] = {0.1, 1.0 / 3, 1e22, 1e-300, 123456789.123456789, -0.0, 2e15};
    for (size_t i = 0; i < GL_COUNT(reals); i++) {
        gl_autojson json_t *value = json_real(reals[i]);
        gl_autofree char *first = gl_json_canonical(value);
        gl_autojson json_t *again = NULL;
        assert_int_equal(parse(first, &again, NULL), 0);
        gl_autofree char *second = gl_json_canonical(again);
        assert_string_equal(first, second);
    }
}

/* Of what holds secrets an error quotes nothing. */
static void a_secret_is_not_quoted(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"password\":\n hunter2secret}",
        "{\"password\":\n \"hunter2secret\" x}",
        "{\"password\":\n \"hunter2secret}",
        "{\"hunter2secret\": 1,\n \"hunter2secret\": 2}",
    };
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        gl_autoerr struct gl_error err = {0};
        json_t *json = NULL;
        assert_int_equal(gl_json_parse_secret(bad[i], strlen(bad[i]), "secrets.json", &json, &err),
                         GL_E_CORRUPT);
        assert_null(json);
        assert_string_equal(err.message, "secrets.json is not valid JSON (line 2)");
        assert_string_equal(err.file, "secrets.json");
        assert_int_equal(err.line, 2);
    }
    gl_autojson json_t *good = NULL;
    assert_int_equal(gl_json_parse_secret("{}", 2, "secrets.json", &good, NULL), 0);
    assert_true(json_is_object(good));
}

static void bad_text_is_refused_with_its_place(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "{", "{\"a\":1,\"a\":2}", "[1] x", "{\"a\" 1}", "\"\xff\"", "1e999", "\"\\u0000\""};
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        gl_autoerr struct gl_error err = {0};
        json_t *json = NULL;
        assert_int_equal(parse(bad[i], &json, &err), GL_E_CORRUPT);
        assert_null(json);
        assert_non_null(strstr(err.message, "facts.json"));
        assert_string_equal(err.file, "facts.json");
    }
    gl_autoerr struct gl_error err = {0};
    json_t *json = NULL;
    assert_int_equal(parse("{\n \"a\": ?}", &json, &err), GL_E_CORRUPT);
    assert_int_equal(err.line, 2);
    assert_int_equal(gl_json_load("/no/such/file", &json, &err), GL_E_NOT_FOUND);
}

static void look_ups_fall_back_on_the_wrong_type(void **state)
{
    (void)state;
    gl_autojson json_t *json = json_object();
    gl_json_set_str(json, "s", "text");
    gl_json_set_int(json, "i", INT64_MIN);
    gl_json_set_bool(json, "b", true);
    gl_json_set_real(json, "r", 1.5);
    gl_json_set_str(json, "none", NULL);
    assert_int_equal(json_object_size(json), 4);
    assert_string_equal(gl_json_str(json, "s", "?"), "text");
    assert_string_equal(gl_json_str(json, "i", "?"), "?");
    assert_true(gl_json_int(json, "i", 0) == INT64_MIN);
    assert_int_equal(gl_json_int(json, "r", -1), -1);
    assert_true(gl_json_bool(json, "b", false));
    assert_true(gl_json_bool(json, "s", true));
    assert_int_equal(gl_json_int(json, "missing", 9), 9);
    assert_int_equal(gl_json_int(NULL, "missing", 9), 9);
}

static void bytes_that_are_no_utf8_are_kept_readable(void **state)
{
    (void)state;
    gl_autojson json_t *json = json_object();
    gl_json_set_str(json, "out", "caf\xe9 ok");
    assert_string_equal(gl_json_str(json, "out", ""), "caf? ok");
}

static void pretty_text_ends_in_a_newline(void **state)
{
    (void)state;
    gl_autojson json_t *json = json_pack("{s:i}", "a", 1);
    gl_autofree char *text = gl_json_pretty(json);
    assert_string_equal(text, "{\n  \"a\": 1\n}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_values_give_equal_bytes),
        cmocka_unit_test(canonical_text_is_stable),
        cmocka_unit_test(bad_text_is_refused_with_its_place),
        cmocka_unit_test(a_secret_is_not_quoted),
        cmocka_unit_test(look_ups_fall_back_on_the_wrong_type),
        cmocka_unit_test(bytes_that_are_no_utf8_are_kept_readable),
        cmocka_unit_test(pretty_text_ends_in_a_newline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
