/* Times and paths of answers; what is on the wire is judged by botocore in tests/aws/codec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/codec.h"
#include "aws/failure.h"

static void test_times(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        int64_t unix_ms;
    } good[] = {
        {"2026-11-26T15:04:05Z",         INT64_C(1795705445000)},
        {"2026-11-26T15:04:05.123Z",     INT64_C(1795705445123)},
        {"2026-11-26T15:04:05.1234567Z", INT64_C(1795705445123)},
        {"2026-11-27T00:04:05+09:00",    INT64_C(1795705445000)},
        {"2026-11-26T10:04:05-05:00",    INT64_C(1795705445000)},
        {"1970-01-01T00:00:00",          0                     },
    };

    int64_t ms = -1;
    for (size_t i = 0; i < GL_COUNT(good); i++) {
        gl_autojson json_t *value = json_string(good[i].text);
        assert_true(gl_aws_time(value, &ms));
        assert_int_equal(ms, good[i].unix_ms);
    }
    gl_autojson json_t *number = json_real(1795705445.1236);
    assert_true(gl_aws_time(number, &ms));
    assert_int_equal(ms, INT64_C(1795705445124));
    static const char *const bad[] = {"", "yesterday", "2026-11-26", "2026-11-26T15:04:05X",
                                      "2026-11-26T15:04:05+9"};
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        gl_autojson json_t *value = json_string(bad[i]);
        assert_false(gl_aws_time(value, &ms));
    }
    assert_false(gl_aws_time(NULL, &ms));
    assert_false(gl_aws_time(json_true(), &ms));
}

static void test_paths(void **state)
{
    (void)state;
    gl_autojson json_t *tree = json_pack("{s{s{si}}si}", "a", "b", "c", 7, "d", 1);
    assert_int_equal(json_integer_value(gl_aws_at(tree, "a.b.c")), 7);
    assert_int_equal(json_integer_value(gl_aws_at(tree, "d")), 1);
    assert_null(gl_aws_at(tree, "a.x.c"));
    assert_null(gl_aws_at(tree, "d.e"));
    assert_null(gl_aws_at(NULL, "a"));
    assert_ptr_equal(gl_aws_at(tree, ""), tree);
}

static void test_policies(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *policy = NULL;
    gl_autojson json_t *encoded = json_string("%7B%22Version%22%3a+%22a%25%E6%97%A5%22%7d");
    gl_autojson json_t *plain = json_string("{\"Version\": \"100%\"}");
    gl_autojson json_t *broken = json_string("%7B%2");
    assert_int_equal(gl_aws_policy(encoded, &policy, &err), GL_E_CORRUPT); /* + is no space here */
    assert_int_equal(gl_aws_policy(broken, &policy, &err), GL_E_CORRUPT);
    assert_int_equal(gl_aws_policy(NULL, &policy, &err), GL_E_CORRUPT);
    assert_int_equal(gl_aws_policy(plain, &policy, &err), 0);
    assert_string_equal(gl_json_str(policy, "Version", ""), "100%");
    json_decref(gl_steal(&policy));
    gl_autojson json_t *good = json_string("%7B%22Version%22%3a%22a%25%E6%97%A5%22%7d");
    assert_int_equal(gl_aws_policy(good, &policy, &err), 0);
    assert_string_equal(gl_json_str(policy, "Version", ""), "a%日");
}

/* What a hostile or broken answer may not do to a message. */
static void test_failures_are_clean(void **state)
{
    (void)state;
    gl_autohttp struct gl_http_response response = {.status = 400};
    gl_buf_puts(&response.body,
                "<Error><Code>A\nB\x1b[31m C</Code><Message>line\none\ttwo</Message>"
                "<RequestId>r\n1</RequestId></Error>");
    gl_autoawsfailure struct gl_aws_failure failure = {0};
    gl_aws_failure_read(&response, &failure);
    assert_string_equal(failure.code, "HTTP400"); /* control characters are not XML */
    gl_buf_done(&response.body);
    gl_buf_puts(&response.body, "{\"__type\":\"x#A B:\\u001b\",\"message\":\"a\\nb\\u001b[31m\"}");
    gl_aws_failure_read(&response, &failure);
    assert_string_equal(failure.code, "AB");
    assert_string_equal(failure.message, "a b [31m");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_failures_are_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
