/* The provider over time: when it renews, when it goes on, what it never shows. Which keys it finds
 * is compared with botocore by tests/aws/credentials/test_credentials.py. Keys come from a real
 * credential_process, a shell script that counts its runs and reads how long its keys last. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials.h"
#include "aws/credentials_value.h"
#include "aws/provider_sts.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"

struct fixture {
    char *dir;
    struct gl_aws_profiles *files;
    struct gl_aws_provider *provider;
};

static const char script[] = "cd \"$1\" || exit 1\n"
                             "echo run >>runs\n"
                             "[ -e broken ] && { echo 'the vault is sealed' >&2; exit 3; }\n"
                             "n=$(wc -l <runs)\n"
                             "printf '{\"Version\":1,\"AccessKeyId\":\"AK%d\",'  \"$n\"\n"
                             "printf '\"SecretAccessKey\":\"secret-of-run-%d\",'  \"$n\"\n"
                             "printf '\"Expiration\":\"%s\"}' \"$(cat expires)\"\n";

static void put(const struct fixture *fixture, const char *name, const char *text)
{
    gl_autofree char *path = gl_path_join(fixture->dir, name);
    assert_int_equal(gl_write_text(path, text, 0600, NULL), 0);
}

static void keys_last(const struct fixture *fixture, int64_t seconds)
{
    gl_autofree char *text = gl_format_rfc3339(gl_now_unix_ms() + seconds * 1000);
    put(fixture, "expires", text);
}

static int set_up(void **state)
{
    struct fixture *fixture = gl_alloc(sizeof *fixture);
    const char *tmp = getenv("TMPDIR");
    fixture->dir = gl_asprintf("%s/golive keys 鍵 XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(fixture->dir));
    put(fixture, "keys.sh", script);
    setenv("HOME", fixture->dir, 1);
    static const char *const gone[] = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID",
                                       "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"};
    for (size_t i = 0; i < GL_COUNT(gone); i++)
        unsetenv(gone[i]);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    gl_autofree char *config = gl_asprintf("[default]\ncredential_process = sh '%s/keys.sh' '%s'\n",
                                           fixture->dir, fixture->dir);
    assert_int_equal(
        gl_aws_profiles_parse(config, "config", NULL, "credentials", &fixture->files, NULL), 0);
    struct gl_aws_chain_options options = {.files = fixture->files};
    assert_int_equal(gl_aws_provider_default(&options, &fixture->provider, NULL), 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    gl_aws_provider_free(&fixture->provider);
    gl_aws_profiles_free(&fixture->files);
    int failed = gl_remove_tree(fixture->dir, NULL);
    free(fixture->dir);
    free(fixture);
    return failed;
}

static const struct gl_aws_credentials *get(struct fixture *fixture, bool force)
{
    const struct gl_aws_credentials *found = NULL;
    gl_autoerr struct gl_error err = {0};
    if (gl_aws_provider_get(fixture->provider, force, &found, &err) < 0)
        fail_msg("%s", err.message);
    return found;
}

static void assert_key(struct fixture *fixture, bool force, const char *access_key)
{
    assert_string_equal(get(fixture, force)->access_key, access_key);
}

static void keys_are_kept_while_they_last(void **state)
{
    struct fixture *fixture = *state;
    keys_last(fixture, 600);
    assert_key(fixture, false, "AK1");
    assert_key(fixture, false, "AK1");
    assert_string_equal(get(fixture, false)->source, "custom-process");
}

/* How often the script ran. */
static size_t runs(const struct fixture *fixture)
{
    gl_autobuf struct gl_buf text = {0};
    gl_autofree char *path = gl_path_join(fixture->dir, "runs");
    assert_int_equal(gl_read_file(path, 0, &text, NULL), 0);
    return text.len / strlen("run\n");
}

static void wait_until(int64_t unix_ms)
{
    while (gl_now_unix_ms() < unix_ms)
        gl_sleep_ms(unix_ms - gl_now_unix_ms());
}

static void keys_without_an_end_are_kept(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "keys.sh",
        "echo run >>\"$1/runs\"\necho '{\"Version\":1,\"AccessKeyId\":\"A\","
        "\"SecretAccessKey\":\"BBBB\"}'\n");
    get(fixture, false);
    get(fixture, false);
    assert_int_equal(runs(fixture), 1);
}

static void aws_may_force_new_ones(void **state)
{
    struct fixture *fixture = *state;
    keys_last(fixture, 600);
    assert_key(fixture, false, "AK1");
    assert_key(fixture, true, "AK2");
    assert_key(fixture, false, "AK2");
}

static void short_keys_are_not_asked_for_at_every_call(void **state)
{
    struct fixture *fixture = *state;
    keys_last(fixture, 60);
    assert_key(fixture, false, "AK1");
    assert_key(fixture, false, "AK1");
    assert_int_equal(runs(fixture), 1);
}

/* With five minutes left keys are renewed; when that fails they serve on, and the next attempt
 * waits. */
static void a_failed_renewal_is_harmless_while_keys_last(void **state)
{
    struct fixture *fixture = *state;
    keys_last(fixture, 302);
    assert_key(fixture, false, "AK1");
    wait_until(get(fixture, false)->expires_unix_ms - INT64_C(300000));
    put(fixture, "broken", "");
    assert_key(fixture, false, "AK1");
    assert_int_equal(runs(fixture), 2);
    assert_key(fixture, false, "AK1");
    assert_int_equal(runs(fixture), 2);
}

static void a_forced_renewal_that_fails_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    keys_last(fixture, 600);
    assert_key(fixture, false, "AK1");
    put(fixture, "broken", "");
    const struct gl_aws_credentials *found = NULL;
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_aws_provider_get(fixture->provider, true, &found, &err), GL_E_PROCESS);
    assert_null(found);
    assert_non_null(strstr(err.message, "the vault is sealed"));
    assert_key(fixture, false, "AK1"); /* and it has not lost the old ones */
}

static void keys_near_their_end_are_renewed(void **state)
{
    struct fixture *fixture = *state;
    keys_last(fixture, 302);
    assert_key(fixture, false, "AK1");
    wait_until(get(fixture, false)->expires_unix_ms - INT64_C(300000));
    keys_last(fixture, 600);
    assert_key(fixture, false, "AK2");
}

static void keys_at_their_end_are_renewed(void **state)
{
    struct fixture *fixture = *state;
    keys_last(fixture, 2);
    assert_key(fixture, false, "AK1");
    keys_last(fixture, 600);
    wait_until(get(fixture, false)->expires_unix_ms);
    assert_key(fixture, false, "AK2");
}

static void expired_keys_are_refused(void **state)
{
    struct fixture *fixture = *state;
    keys_last(fixture, -1);
    const struct gl_aws_credentials *found = NULL;
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_aws_provider_get(fixture->provider, false, &found, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.message, "expired"));
    assert_non_null(err.hint);
}

static void secrets_are_masked(void **state)
{
    struct fixture *fixture = *state;
    keys_last(fixture, 600);
    get(fixture, false);
    get(fixture, true);
    gl_autofree char *shown = gl_redact("a secret-of-run-1 b secret-of-run-2 c");
    assert_string_equal(shown, "a *** b *** c");
}

static void a_fixed_provider_never_changes(void **state)
{
    (void)state;
    struct gl_aws_credentials given = {.access_key = gl_strdup("AK"),
                                       .secret_key = gl_strdup("fixed-secret"),
                                       .session_token = gl_strdup("fixed-token")};
    gl_autoprovider struct gl_aws_provider *provider = gl_aws_provider_static(&given);
    gl_aws_credentials_done(&given);
    const struct gl_aws_credentials *found = NULL;
    assert_int_equal(gl_aws_provider_get(provider, true, &found, NULL), 0);
    assert_string_equal(found->access_key, "AK");
    assert_string_equal(found->session_token, "fixed-token");
    assert_string_equal(found->source, "explicit");
    gl_autofree char *shown = gl_redact("fixed-secret fixed-token");
    assert_string_equal(shown, "*** ***");
}

/* Each thread has a view of its own, and now and then AWS calls the keys of one expired. */
static void *use_view(void *source)
{
    gl_autoprovider struct gl_aws_provider *view = gl_aws_provider_shared(source);
    intptr_t wrong = 0;
    for (int i = 0; i < 200; i++) {
        const struct gl_aws_credentials *found = NULL;
        if (gl_aws_provider_get(view, i % 50 == 25, &found, NULL) < 0)
            return (void *)(intptr_t)1000; /* NOLINT(performance-no-int-to-ptr): a count */
        gl_autofree char *secret = gl_asprintf("secret-of-run-%s", found->access_key + 2);
        wrong += strcmp(secret, found->secret_key) != 0;
    }
    return (void *)wrong; /* NOLINT(performance-no-int-to-ptr): a count */
}

static void many_threads_have_views(void **state)
{
    enum { THREADS = 4 };

    struct fixture *fixture = *state;
    keys_last(fixture, 600);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_view, fixture->provider), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_int_equal(runs(fixture), 1 + THREADS * 4);
}

static void times_are_read_as_aws_writes_them(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        int64_t unix_ms; /* -1 = refused */
    } cases[] = {
        {"1970-01-01T00:00:00Z",        0            },
        {"2026-11-26T15:00:00Z",        1795705200000},
        {"2026-11-26T15:00:00UTC",      1795705200000},
        {"2026-11-26T15:00:00.123456Z", 1795705200000},
        {"2026-11-27T00:00:00+09:00",   1795705200000},
        {"2026-11-26T09:30:00-0530",    1795705200000},
        {"2024-02-29T23:59:60Z",        1709251200000},
        {"2026-11-26T15:00:00",         -1           },
        {"2026-11-26 15:00:00Z",        -1           },
        {"2026-13-26T15:00:00Z",        -1           },
        {"2026-11-26T25:00:00Z",        -1           },
        {"2026-11-26T15:00:00Zx",       -1           },
        {"2026-11-26T15:00:00+9",       -1           },
        {"26-11-26T15:00:00Z",          -1           },
        {"",                            -1           },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        int64_t unix_ms = -1;
        assert_int_equal(gl_aws_parse_time(cases[i].text, &unix_ms), cases[i].unix_ms >= 0);
        assert_int_equal(unix_ms, cases[i].unix_ms);
    }
}

#define KEYS(token)                                                                                \
    "<R><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey>" token       \
    "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></R>"

static void answers_of_sts_are_checked(void **state)
{
    (void)state;

    static const struct {
        const char *xml;
        int code;
    } cases[] = {
        {KEYS("<SessionToken>T</SessionToken>"),                                    0           },
        {KEYS(""),                                                                  GL_E_NET    },
        {KEYS("<SessionToken>T\r\nX-Evil: 1</SessionToken>"),                       GL_E_CONFIG },
        {"<R><Error><Code>AccessDenied</Code></Error></R>",                         GL_E_REFUSED},
        {"",                                                                        GL_E_NET    },
        {"{}",                                                                      GL_E_NET    },
        {"<R>",                                                                     GL_E_NET    },
        {"<!DOCTYPE R [<!ENTITY a 'x'>]>" KEYS("<SessionToken>&a;</SessionToken>"), GL_E_NET    },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autocredentials struct gl_aws_credentials found = {0};
        gl_autoerr struct gl_error err = {0};
        assert_int_equal(
            gl_aws_sts_read(cases[i].xml, strlen(cases[i].xml), "assume-role", &found, &err),
            cases[i].code);
        assert_int_equal(found.access_key != NULL, cases[i].code == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys_are_kept_while_they_last, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_without_an_end_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(aws_may_force_new_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(short_keys_are_not_asked_for_at_every_call, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failed_renewal_is_harmless_while_keys_last, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_forced_renewal_that_fails_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_near_their_end_are_renewed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_at_their_end_are_renewed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(expired_keys_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(secrets_are_masked, set_up, tear_down),
        cmocka_unit_test(a_fixed_provider_never_changes),
        cmocka_unit_test_setup_teardown(many_threads_have_views, set_up, tear_down),
        cmocka_unit_test(times_are_read_as_aws_writes_them),
        cmocka_unit_test(answers_of_sts_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
