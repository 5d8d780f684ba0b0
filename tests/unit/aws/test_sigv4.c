/* The examples of AWS's own documentation; hundreds more shapes are judged in tests/aws/signing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/sigv4.h"
#include "aws/uri.h"

static const struct gl_aws_credentials credentials = {
    .access_key = (char *)"AKIDEXAMPLE",
    .secret_key = (char *)"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

static const struct gl_aws_credentials s3_credentials = {
    .access_key = (char *)"AKIAIOSFODNN7EXAMPLE",
    .secret_key = (char *)"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html (20150830T123600Z) */
static void test_iam_example(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8", NULL};
    struct gl_aws_signing signing = {
        .method = "GET",
        .url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
        .headers = headers,
        .service = "iam",
        .region = "us-east-1",
        .credentials = &credentials,
        .unix_s = 1440938160,
    };
    gl_autostrv struct gl_strv out = {0};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_aws_sign(&signing, &out, &err), 0);
    assert_int_equal(out.count, 2);
    assert_string_equal(out.items[0], "X-Amz-Date: 20150830T123600Z");
    assert_string_equal(
        out.items[1],
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html (20130524T000000Z)
 */
static void test_presigned_example(void **state)
{
    (void)state;
    struct gl_aws_signing signing = {
        .method = "GET",
        .url = "https://examplebucket.s3.amazonaws.com/test.txt",
        .service = "s3",
        .region = "us-east-1",
        .credentials = &s3_credentials,
        .unix_s = 1369353600,
    };
    gl_autofree char *url = NULL;
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_aws_presign(&signing, 86400, &url, &err), 0);
    assert_string_equal(
        url, "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
             "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
             "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
             "&X-Amz-Signature="
             "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

/* A kept key is used for what it is the key of, and for nothing else: each signature is the one
 * that comes without keeping. */
static void test_kept_key(void **state)
{
    (void)state;

    const struct {
        const char *service;
        const char *region;
        const struct gl_aws_credentials *credentials;
        int64_t unix_s;
    } requests[] = {
        {"s3",  "us-east-1", &s3_credentials, 1369353600        },
        {"s3",  "us-east-1", &s3_credentials, 1369353601        },
        {"s3",  "us-east-1", &s3_credentials, 1369353600 + 86400},
        {"s3",  "us-west-2", &s3_credentials, 1369353600 + 86400},
        {"iam", "us-west-2", &s3_credentials, 1369353600 + 86400},
        {"iam", "us-west-2", &credentials,    1369353600 + 86400},
        {"s3",  "us-east-1", &s3_credentials, 1369353600        },
    };
    struct gl_aws_signing_key key = {0};
    for (size_t i = 0; i < GL_COUNT(requests); i++) {
        struct gl_aws_signing signing = {
            .method = "GET",
            .url = "https://examplebucket.s3.amazonaws.com/test.txt",
            .service = requests[i].service,
            .region = requests[i].region,
            .credentials = requests[i].credentials,
            .unix_s = requests[i].unix_s,
        };
        gl_autostrv struct gl_strv plain = {0};
        gl_autostrv struct gl_strv kept = {0};
        assert_int_equal(gl_aws_sign(&signing, &plain, NULL), 0);
        signing.key = &key;
        assert_int_equal(gl_aws_sign(&signing, &kept, NULL), 0);
        assert_int_equal(plain.count, kept.count);
        for (size_t k = 0; k < plain.count; k++)
            assert_string_equal(plain.items[k], kept.items[k]);
    }
    gl_aws_signing_key_done(&key);
    assert_null(key.secret);
}

static void test_refuses(void **state)
{
    (void)state;
    struct gl_aws_signing signing = {
        .method = "GET",
        .url = "ftp://example.com/",
        .service = "s3",
        .region = "us-east-1",
        .credentials = &credentials,
        .unix_s = 1440938160,
    };
    gl_autostrv struct gl_strv out = {0};
    gl_autoerr struct gl_error err = {0};
    char *url = NULL;
    assert_int_equal(gl_aws_sign(&signing, &out, &err), GL_E_CONFIG);
    signing.url = "https://example.com/";
    assert_int_equal(gl_aws_presign(&signing, 0, &url, &err), GL_E_USAGE);
    assert_int_equal(gl_aws_presign(&signing, 604801, &url, &err), GL_E_USAGE);
    signing.unix_s = INT64_MAX;
    assert_int_equal(gl_aws_sign(&signing, &out, &err), GL_E_CONFIG);
    assert_int_equal(out.count, 0);
    assert_null(url);
}

static void test_uri(void **state)
{
    (void)state;

    static const struct {
        const char *url;
        const char *host;
        const char *path;
        const char *query;
        bool loopback;
    } cases[] = {
        {"https://Example.COM",               "example.com",           "/",   "",    false},
        {"https://u:p@example.com:443/a?b=c", "example.com",           "/a",  "b=c", false},
        {"HTTP://127.0.0.1:80?x",             "127.0.0.1",             "/",   "x",   true },
        {"http://localhost:4566/a/#f",        "localhost:4566",        "/a/", "",    true },
        {"http://[::1]:1/",                   "[::1]:1",               "/",   "",    true },
        {"http://localhost.example.com/",     "localhost.example.com", "/",   "",    false},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autouri struct gl_aws_uri uri = {0};
        assert_int_equal(gl_aws_uri_split(cases[i].url, &uri, NULL), 0);
        assert_string_equal(uri.host, cases[i].host);
        assert_string_equal(uri.path, cases[i].path);
        assert_string_equal(uri.query, cases[i].query);
        assert_int_equal(gl_aws_uri_is_loopback(&uri), cases[i].loopback);
    }
    static const char *const bad[] = {"", "example.com", "https://", "https:///a", "file:///a"};
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        gl_autouri struct gl_aws_uri uri = {0};
        assert_int_equal(gl_aws_uri_split(bad[i], &uri, NULL), GL_E_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iam_example), cmocka_unit_test(test_presigned_example),
        cmocka_unit_test(test_kept_key),    cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_uri),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
