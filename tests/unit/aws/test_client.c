/* The client against everything that goes wrong between it and AWS. A server plays a script. */
#include "server.h"

#include <signal.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/interrupt.h"

#define IDENTITY                                                                                   \
    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"              \
    "<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn>"                        \
    "<Account>123456789012</Account></GetCallerIdentityResult>"                                    \
    "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
#define XML_ERROR(code, message)                                                                   \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>" message              \
    "</Message></Error><RequestId>r-9</RequestId></ErrorResponse>"

struct fixture {
    struct gl_aws_provider *provider;
    struct gl_aws_client *client;
    struct gl_error err;
};

static void fixture_done(struct fixture *fixture)
{
    gl_aws_client_free(&fixture->client);
    gl_aws_provider_free(&fixture->provider);
    gl_error_done(&fixture->err);
}

#define gl_autofixture gl_cleanup(fixture_done) struct fixture

static void fixture_init(struct fixture *fixture, struct gl_aws_client_options options)
{
    fixture->client = make_client(&fixture->provider, options);
}

static const struct gl_aws_request identity = {.service = "sts", .operation = "GetCallerIdentity"};

/* Asks who we are and wants that code. */
static int ask_identity(struct fixture *fixture, struct gl_aws_answer *answer)
{
    return gl_aws_call(fixture->client, &identity, answer, &fixture->err);
}

static void test_signed_request(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {200, NULL, IDENTITY}
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){0});
    gl_autojson json_t *result = NULL;
    gl_assert_ok(
        gl_aws_ask(fixture.client, "sts", "GetCallerIdentity", NULL, &result, &fixture.err),
        &fixture.err);
    assert_string_equal(gl_json_str(result, "Account", ""), "123456789012");
    assert_null(gl_aws_last_failure(fixture.client)->code);
    stop_server();
    const char *request = server.requests.items[0];
    gl_autofree char *authorization = request_header(request, "Authorization");
    gl_autofree char *type = request_header(request, "Content-Type");
    assert_non_null(strstr(authorization, "/ap-northeast-1/sts/aws4_request"));
    assert_non_null(strstr(authorization, "SignedHeaders=content-type;host;x-amz-date"));
    assert_string_equal(type, "application/x-www-form-urlencoded; charset=utf-8");
    assert_non_null(strstr(request, "\r\n\r\nAction=GetCallerIdentity&Version=2011-06-15"));
    assert_null(strcasestr(request, "expect:"));
}

/* What passes by itself, and how often the call then was sent. */
static void test_passing_failures(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {500,   NULL,   "<html><body>Http/1.1 Internal Server Error</body></html>"},
        {400,   NULL,   XML_ERROR("Throttling",                                     "Rate exceeded")},
        {429,     NULL,         "{\"__type\":\"TooManyRequestsException\"}"                                                          },
        {503,     NULL,         ""},
        {200,     NULL,         "<GetCallerIdentityRes"                                                          },
        {.status = 0    },
        {200, NULL, IDENTITY},
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){.max_attempts = 7});
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_assert_ok(ask_identity(&fixture, &answer), &fixture.err);
    assert_string_equal(gl_json_str(answer.result, "Account", ""), "123456789012");
    assert_null(answer.failure.code);
    stop_server();
    assert_int_equal(server.requests.count, 7);
    /* On the kept connection that was cut, libcurl sent again by itself. */
    assert_int_equal(answer.attempts, 6);
}

static void test_gives_up(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {400, NULL, XML_ERROR("Throttling", "Rate exceeded")},
        {400, NULL, XML_ERROR("Throttling", "Rate exceeded")},
        {400, NULL, XML_ERROR("Throttling", "Rate exceeded")},
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){.max_attempts = 3});
    gl_autoanswer struct gl_aws_answer answer = {0};
    assert_int_equal(ask_identity(&fixture, &answer), GL_E_NET);
    assert_int_equal(answer.attempts, 3);
    assert_true(answer.failure.throttled);
    assert_string_equal(fixture.err.message,
                        "sts GetCallerIdentity: Throttling: Rate exceeded (request r-9)");
    assert_non_null(fixture.err.hint);
    assert_true(gl_aws_failure_is(gl_aws_last_failure(fixture.client), "Throttling"));
}

static void test_refusals_are_final(void **state)
{
    (void)state;

    static const struct {
        struct step step;
        int code;
        const char *aws_code;
    } cases[] = {
        {{400, NULL, XML_ERROR("ValidationError", "no")},                             GL_E_REFUSED,   "ValidationError"       },
        {{403, NULL, XML_ERROR("AccessDenied", "no")},                                GL_E_REFUSED,   "AccessDenied"          },
        {{400, NULL, XML_ERROR("ValidationError", "Stack with id x does not exist")},
         GL_E_NOT_FOUND,                                                                              "ValidationError"       },
        {{412, NULL, XML_ERROR("PreconditionFailed", "no")},                          GL_E_BUSY,      "PreconditionFailed"    },
        {{400, NULL, XML_ERROR("AlreadyExistsException", "no")},
         GL_E_BUSY,                                                                                   "AlreadyExistsException"},
        {{301, NULL, XML_ERROR("PermanentRedirect", "no")},                           GL_E_CONFIG,    "PermanentRedirect"     },
        {{404, NULL, XML_ERROR("NoSuchEntity", "no")},                                GL_E_NOT_FOUND, "NoSuchEntity"          },
        {{403, NULL, XML_ERROR("InvalidClientTokenId", "no")},                        GL_E_CONFIG,    "InvalidClientTokenId"  },
        {{403, NULL, XML_ERROR("SignatureDoesNotMatch", "no")},
         GL_E_CONFIG,                                                                                 "SignatureDoesNotMatch" },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        play(&cases[i].step, 1);
        gl_autofixture fixture = {0};
        fixture_init(&fixture, (struct gl_aws_client_options){0});
        gl_autoanswer struct gl_aws_answer answer = {0};
        assert_int_equal(ask_identity(&fixture, &answer), cases[i].code);
        assert_true(gl_aws_failure_is(&answer.failure, cases[i].aws_code));
        assert_int_equal(answer.attempts, 1);
        end_server(NULL);
    }
}

/* A HEAD has no body, and S3's "Access Denied" says nothing: the action comes from the table. */
static void test_refusals_name_the_action(void **state)
{
    (void)state;
    static const char said[] = "User: me is not authorized to perform: s3:GetObject";

    static const struct {
        struct step step;
        const char *operation;
        const char *key; /* NULL = of the bucket itself */
        const char *message;
    } cases[] = {
        {{403, NULL, ""},
         "HeadBucket", NULL,
         "s3 HeadBucket: AccessDenied: s3:ListBucket on books is not allowed"               },
        {{403, NULL, ""},
         "HeadObject", "a/b",
         "s3 HeadObject: AccessDenied: s3:GetObject on books/a/b is not allowed"            },
        {{403, NULL, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"},
         "GetObject",  "a",
         "s3 GetObject: AccessDenied: Access Denied: s3:GetObject on books/a is not allowed"},
        {{403, NULL,
          "<Error><Code>AccessDenied</Code><Message>User: me is not authorized to perform: "
          "s3:GetObject</Message></Error>"},
         "GetObject",  "a",
         NULL                                                                               },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        play(&cases[i].step, 1);
        gl_autofixture fixture = {0};
        fixture_init(&fixture, (struct gl_aws_client_options){0});
        gl_autoanswer struct gl_aws_answer answer = {0};
        gl_autojson json_t *params = json_pack("{ss}", "Bucket", "books");
        if (cases[i].key)
            gl_json_set_str(params, "Key", cases[i].key);
        const struct gl_aws_request request = {
            .service = "s3", .operation = cases[i].operation, .params = params};
        assert_int_equal(gl_aws_call(fixture.client, &request, &answer, &fixture.err),
                         GL_E_REFUSED);
        if (cases[i].message)
            assert_string_equal(fixture.err.message, cases[i].message);
        else
            assert_string_equal(answer.failure.message, said);
        end_server(NULL);
    }
}

/* The credentials run out: others are fetched once; a second refusal is final. */
static void test_expired(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {403,   NULL,                     XML_ERROR("ExpiredToken", "gone")},
        {200,   NULL,                     IDENTITY                },
        {403, NULL, XML_ERROR("ExpiredToken",                  "gone")       },
        {403, NULL, XML_ERROR("ExpiredToken",                  "gone")},
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){0});
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_assert_ok(ask_identity(&fixture, &answer), &fixture.err);
    assert_int_equal(answer.attempts, 2);
    assert_int_equal(ask_identity(&fixture, &answer), GL_E_CONFIG);
    assert_int_equal(answer.attempts, 2);
    assert_true(answer.failure.expired);
}

/* AWS's clock is an hour ahead: the second request is signed for its time, and so are later ones.
 */
static void test_skewed_clock(void **state)
{
    (void)state;

    enum { HOUR_MS = 3600 * 1000 };

    static const struct step steps[] = {
        {403,                                NULL,         XML_ERROR("RequestTimeTooSkewed", "skew"), 0,       HOUR_MS},
        {200,                                NULL,         IDENTITY,                         0,       HOUR_MS},
        {200,                              NULL,     IDENTITY,                                0, HOUR_MS       },
        {403, NULL, XML_ERROR("SignatureDoesNotMatch",                                "wrong key"), 0,        HOUR_MS       },
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){0});
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_assert_ok(ask_identity(&fixture, &answer), &fixture.err);
    assert_int_equal(answer.attempts, 2);
    gl_assert_ok(ask_identity(&fixture, &answer), &fixture.err);
    assert_int_equal(answer.attempts, 1);
    assert_int_equal(ask_identity(&fixture, &answer), GL_E_CONFIG);
    assert_int_equal(answer.attempts, 1);
    stop_server();
    struct tm times[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        gl_autofree char *date = request_header(server.requests.items[i], "X-Amz-Date");
        assert_non_null(strptime(date, "%Y%m%dT%H%M%SZ", &times[i]));
    }
    double ahead = difftime(timegm(&times[1]), timegm(&times[0]));
    assert_in_range((unsigned long)ahead, 3590, 3610);
    assert_in_range((unsigned long)difftime(timegm(&times[2]), timegm(&times[0])), 3590, 3615);
}

/* One token for all attempts, another for the next call. */
static void test_token_is_kept(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {.status = 0                   },
        { 200, NULL, "<ExecuteChangeSetResponse/>"},
        { 200, NULL, "<ExecuteChangeSetResponse/>"},
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){0});
    for (int i = 0; i < 2; i++) {
        gl_autojson json_t *result = NULL;
        gl_assert_ok(gl_aws_ask(fixture.client, "cloudformation", "ExecuteChangeSet",
                                json_pack("{ss}", "ChangeSetName", "c"), &result, &fixture.err),
                     &fixture.err);
    }
    stop_server();
    assert_int_equal(server.requests.count, 3);
    const char *tokens[3];
    for (size_t i = 0; i < 3; i++) {
        tokens[i] = strstr(server.requests.items[i], "&ClientRequestToken=");
        assert_non_null(tokens[i]);
        assert_int_equal(strlen(tokens[i]), strlen("&ClientRequestToken=") + 36);
    }
    assert_string_equal(tokens[0], tokens[1]);
    assert_string_not_equal(tokens[1], tokens[2]);
}

/* What would take effect twice is sent again only while it is certain that it did not. */
static void test_write_once(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {400,   NULL,   XML_ERROR("Throttling", "Rate exceeded")},
        {.status = 0    },
        {500, NULL, ""                  },
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){0});
    gl_autojson json_t *params = json_pack("{ssss}", "TopicArn", "arn:t", "Message", "m");
    struct gl_aws_request request = {.service = "sns", .operation = "Publish", .params = params};
    gl_autoanswer struct gl_aws_answer answer = {0};
    assert_int_equal(gl_aws_call(fixture.client, &request, &answer, &fixture.err), GL_E_NET);
    assert_int_equal(answer.attempts, 2);
    assert_non_null(fixture.err.hint);
    assert_int_equal(gl_aws_call(fixture.client, &request, &answer, &fixture.err), GL_E_NET);
    assert_int_equal(answer.attempts, 1);
}

static void test_slow_answer(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {200, NULL, IDENTITY, 2000, 0},
        {200,  NULL,      IDENTITY           },
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){.timeout_ms = 150});
    gl_autoanswer struct gl_aws_answer answer = {0};
    int64_t begun_ms = gl_mono_ms();
    gl_assert_ok(ask_identity(&fixture, &answer), &fixture.err);
    assert_int_equal(answer.attempts, 2);
    assert_in_range(gl_mono_ms() - begun_ms, 150, 1500);
}

static void test_deadline(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {503,       "Retry-After: 5\r\n", ""},
        { 200, NULL,                 IDENTITY,  2000, 0},
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){.longest_pause_ms = 10000});
    struct gl_aws_request request = identity;
    request.timeout_ms = 300;
    gl_autoanswer struct gl_aws_answer answer = {0};
    int64_t begun_ms = gl_mono_ms();
    assert_int_equal(gl_aws_call(fixture.client, &request, &answer, &fixture.err), GL_E_NET);
    assert_int_equal(answer.attempts, 1); /* a pause longer than the time left is not begun */
    assert_int_equal(gl_aws_call(fixture.client, &request, &answer, &fixture.err), GL_E_TIMEOUT);
    assert_in_range(gl_mono_ms() - begun_ms, 290, 1500);
}

static void test_retry_after(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {503, "Retry-After: 1\r\n", ""      },
        {200, NULL,                 IDENTITY},
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){.longest_pause_ms = 5000});
    gl_autoanswer struct gl_aws_answer answer = {0};
    int64_t begun_ms = gl_mono_ms();
    gl_assert_ok(ask_identity(&fixture, &answer), &fixture.err);
    assert_in_range(gl_mono_ms() - begun_ms, 1000, 4000);
}

static void test_nobody_there(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {200, NULL, IDENTITY}
    };
    PLAY(steps);
    stop_server();
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){.max_attempts = 2});
    gl_autoanswer struct gl_aws_answer answer = {0};
    assert_int_equal(ask_identity(&fixture, &answer), GL_E_NET);
    assert_int_equal(answer.attempts, 2);
    assert_false(answer.failure.uncertain);
}

/* A variable that was forgotten in the shell is not looked for in the network. */
static void test_stand_in_is_named(void **state)
{
    (void)state;
    gl_autofixture fixture = {0};
    gl_autoanswer struct gl_aws_answer answer = {0};
    setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1", 1);
    fixture_init(&fixture, (struct gl_aws_client_options){.max_attempts = 1});
    int code = ask_identity(&fixture, &answer);
    unsetenv("AWS_ENDPOINT_URL");
    assert_int_equal(code, GL_E_NET);
    assert_non_null(strstr(fixture.err.hint, "http://127.0.0.1:1"));
    assert_non_null(strstr(fixture.err.hint, "AWS_ENDPOINT_URL"));
}

/* Nothing leaves this machine: the proxy that is named does not listen. */
static void test_network_has_a_hint(void **state)
{
    (void)state;
    gl_autofixture fixture = {0};
    gl_autoanswer struct gl_aws_answer answer = {0};
    setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
    fixture_init(&fixture, (struct gl_aws_client_options){.max_attempts = 1});
    int code = ask_identity(&fixture, &answer);
    unsetenv("HTTPS_PROXY");
    assert_int_equal(code, GL_E_NET);
    assert_non_null(strstr(fixture.err.hint, "HTTPS_PROXY"));
    assert_null(strstr(fixture.err.hint, "AWS_ENDPOINT_URL"));
}

/* What was carried out stays so when AWS throttles afterwards, or cannot be reached any more. */
static void test_doubt_stays(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {.status = 0                         },
        { 503, NULL, XML_ERROR("SlowDown", "Please reduce your request rate.")},
        { 503, NULL, XML_ERROR("SlowDown", "Please reduce your request rate.")},
        { 503, NULL, XML_ERROR("SlowDown", "Please reduce your request rate.")},
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){.max_attempts = 2, .pause_ms = 1});
    gl_autoanswer struct gl_aws_answer answer = {0};
    assert_true(ask_identity(&fixture, &answer) < 0);
    assert_string_equal(answer.failure.code, "SlowDown");
    assert_true(answer.failure.uncertain);
    assert_true(ask_identity(&fixture, &answer) < 0);
    assert_false(answer.failure.uncertain);
}

/* Side by side: as many requests on the way as allowed, no more, on as many connections. */
static void test_side_by_side(void **state)
{
    (void)state;

    enum { CALLS = 24, PARALLEL = 6 };

    struct step steps[CALLS];
    for (size_t i = 0; i < CALLS; i++)
        steps[i] = (struct step){200, NULL, IDENTITY, 60, 0};
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){.max_parallel = PARALLEL});
    struct gl_aws_pending *calls[CALLS];
    int tags[CALLS];
    int64_t begun_ms = gl_mono_ms();
    for (size_t i = 0; i < CALLS; i++) {
        calls[i] = gl_aws_start(fixture.client, &identity);
        tags[i] = 0;
        gl_aws_pending_tag(calls[i], &tags[i]);
    }
    struct gl_aws_pending *ended = NULL;
    for (size_t i = 0; i < CALLS; i++) {
        gl_assert_ok(gl_aws_wait_any(fixture.client, -1, &ended, &fixture.err), &fixture.err);
        ++*(int *)gl_aws_pending_get_tag(ended);
    }
    gl_assert_ok(gl_aws_wait_any(fixture.client, -1, &ended, &fixture.err), &fixture.err);
    assert_null(ended);
    int64_t took_ms = gl_mono_ms() - begun_ms;
    for (size_t i = 0; i < CALLS; i++) {
        gl_autoanswer struct gl_aws_answer answer = {0};
        assert_int_equal(tags[i], 1);
        gl_assert_ok(gl_aws_finish(&calls[i], &answer, &fixture.err), &fixture.err);
    }
    assert_in_range(took_ms, CALLS / PARALLEL * 60, CALLS * 60 / 2);
    stop_server();
    assert_int_equal(server.most_busy, PARALLEL);
    assert_in_range(server.connections, 1, PARALLEL);
}

/* A mistake of ours is no reason to ask AWS. */
static void test_mistakes(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {200, NULL, IDENTITY}
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){0});
    gl_autojson json_t *result = NULL;
    assert_int_equal(gl_aws_ask(fixture.client, "nothing", "X", NULL, &result, &fixture.err),
                     GL_E_USAGE);
    assert_int_equal(gl_aws_ask(fixture.client, "sts", "X", NULL, &result, &fixture.err),
                     GL_E_USAGE);
    assert_int_equal(gl_aws_ask(fixture.client, "sts", "GetCallerIdentity",
                                json_pack("{ss}", "Who", "me"), &result, &fixture.err),
                     GL_E_USAGE);
    assert_null(result);
    stop_server();
    assert_int_equal(server.requests.count, 0);
}

static void test_too_large(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {200, NULL, IDENTITY}
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){0});
    struct gl_aws_request request = identity;
    request.limit_bytes = 100;
    gl_autoanswer struct gl_aws_answer answer = {0};
    assert_int_equal(gl_aws_call(fixture.client, &request, &answer, &fixture.err), GL_E_NET);
    assert_int_equal(answer.attempts, 1);
}

static void test_objects(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {200, "ETag: \"e1\"\r\nx-amz-version-id: v1\r\n", ""             },
        {200, "ETag: \"e1\"\r\n",                         ""             },
        {200, "ETag: \"e1\"\r\nx-amz-meta-Who: me\r\n",   "bytes <of> it"},
        {404, NULL,                                       NULL           },
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){0});
    gl_autofree char *path = gl_strdup("/tmp/golive-object-XXXXXX");
    gl_autoclose int fd = mkstemp(path);
    assert_int_equal(gl_write_all(fd, "from a file", 11), 0);
    gl_autojson json_t *key = json_pack("{ssss}", "Bucket", "my-bucket", "Key", "a/../日本 +.txt");
    struct gl_aws_request put = {
        .service = "s3", .operation = "PutObject", .params = key, .body_path = path};
    struct gl_aws_request known = put;
    known.body_sha256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    struct gl_aws_request get = {.service = "s3", .operation = "GetObject", .params = key};
    struct gl_aws_request head = {.service = "s3", .operation = "HeadObject", .params = key};
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_assert_ok(gl_aws_call(fixture.client, &put, &answer, &fixture.err), &fixture.err);
    assert_string_equal(gl_json_str(answer.result, "VersionId", ""), "v1");
    gl_assert_ok(gl_aws_call(fixture.client, &known, &answer, &fixture.err), &fixture.err);
    (void)unlink(path);
    gl_assert_ok(gl_aws_call(fixture.client, &get, &answer, &fixture.err), &fixture.err);
    assert_string_equal(gl_buf_text(&answer.body), "bytes <of> it");
    assert_string_equal(gl_json_str(gl_aws_at(answer.result, "Metadata"), "who", ""), "me");
    assert_int_equal(gl_aws_call(fixture.client, &head, &answer, &fixture.err), GL_E_NOT_FOUND);
    assert_true(gl_aws_failure_is(&answer.failure, "NotFound"));
    stop_server();
    static const char line[] = "PUT /my-bucket/a/../%E6%97%A5%E6%9C%AC%20%2B.txt HTTP/1.1\r\n";
    assert_memory_equal(server.requests.items[0], line, sizeof line - 1);
    assert_non_null(strstr(server.requests.items[0], "\r\n\r\nfrom a file"));
    gl_autofree char *digest = request_header(server.requests.items[0], "X-Amz-Content-Sha256");
    char expected[GL_SHA256_HEX_SIZE];
    gl_sha256_hex("from a file", 11, expected);
    assert_string_equal(digest, expected);
    gl_autofree char *given = request_header(server.requests.items[1], "X-Amz-Content-Sha256");
    assert_string_equal(given, known.body_sha256);
    assert_non_null(strstr(server.requests.items[1], "\r\n\r\nfrom a file"));
}

static void test_interrupt(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {200, NULL, IDENTITY, 5000, 0},
        {200,  NULL,      IDENTITY           }
    };
    gl_interrupt_init();
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){0});
    struct gl_aws_pending *call = gl_aws_start(fixture.client, &identity);
    struct gl_aws_pending *ended = NULL;
    assert_int_equal(gl_aws_wait_any(fixture.client, 100, &ended, &fixture.err), GL_E_TIMEOUT);
    assert_int_equal(raise(SIGTERM), 0);
    gl_autoanswer struct gl_aws_answer answer = {0};
    int64_t begun_ms = gl_mono_ms();
    assert_int_equal(gl_aws_finish(&call, &answer, &fixture.err), GL_E_INTERRUPTED);
    assert_in_range(gl_mono_ms() - begun_ms, 0, 500);
    assert_null(call);
    gl_interrupt_clear();
    gl_assert_ok(ask_identity(&fixture, &answer), &fixture.err);
}

/* What is on its way and changes something would come after what golive does next. */
static void test_interrupt_waits_for_changes(void **state)
{
    (void)state;

    static const struct step steps[] = {
        {200, "ETag: \"1\"\r\n", NULL, 700, 0},
        {200, "ETag: \"2\"\r\n", NULL, 700, 0},
        {200, "ETag: \"3\"\r\n", NULL, 700, 0},
    };
    gl_interrupt_init();
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){0});
    gl_autojson json_t *params = json_pack("{ssss}", "Bucket", "my-bucket", "Key", "a");
    const struct gl_aws_request put = {
        .service = "s3", .operation = "PutObject", .params = params, .body = "x", .body_len = 1};
    struct gl_aws_pending *calls[3] = {0};
    for (size_t i = 0; i < GL_COUNT(calls); i++)
        calls[i] = gl_aws_start(fixture.client, &put);
    struct gl_aws_pending *ended = NULL;
    assert_int_equal(gl_aws_wait_any(fixture.client, 100, &ended, &fixture.err), GL_E_TIMEOUT);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(gl_aws_wait_any(fixture.client, -1, &ended, &fixture.err), GL_E_INTERRUPTED);
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_error_done(&fixture.err);
    gl_assert_ok(gl_aws_finish(&calls[0], &answer, &fixture.err), &fixture.err);
    gl_aws_settle(fixture.client);
    for (size_t i = 1; i < GL_COUNT(calls); i++) {
        gl_assert_ok(gl_aws_finish(&calls[i], &answer, &fixture.err), &fixture.err);
        assert_non_null(gl_json_str(answer.result, "ETag", NULL));
    }
    struct gl_aws_pending *late = gl_aws_start(fixture.client, &put);
    assert_int_equal(gl_aws_finish(&late, &answer, &fixture.err), GL_E_INTERRUPTED);
    gl_interrupt_clear();
    assert_int_equal(server.played, 3); /* what was not on its way is not sent any more */
}

/* AWS's clock is an hour ahead. */
static void test_interrupt_ignored(void **state)
{
    (void)state;

    enum { HOUR_MS = 3600 * 1000 };

    static const struct step steps[] = {
        {200, NULL, IDENTITY, 300, HOUR_MS}
    };
    gl_interrupt_init();
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture, (struct gl_aws_client_options){.ignore_interrupts = true});
    gl_autoanswer struct gl_aws_answer answer = {0};
    assert_int_equal(raise(SIGTERM), 0);
    int result = ask_identity(&fixture, &answer);
    gl_interrupt_clear();
    gl_assert_ok(result, &fixture.err);
    assert_in_range(answer.server_unix_ms - gl_now_unix_ms(), HOUR_MS - 3000, HOUR_MS + 1000);
}

static void test_settings(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    struct gl_aws_client *client = NULL;
    struct gl_aws_client_options options = {0};
    setenv("AWS_MAX_ATTEMPTS", "many", 1);
    assert_int_equal(gl_aws_client_new(&options, &client, &err), GL_E_CONFIG);
    unsetenv("AWS_MAX_ATTEMPTS");
    setenv("AWS_CA_BUNDLE", "/does/not/exist.pem", 1);
    assert_true(gl_aws_client_new(&options, &client, &err) < 0);
    assert_non_null(err.hint);
    unsetenv("AWS_CA_BUNDLE");
    assert_null(client);
}

int main(void)
{
    unsetenv("AWS_PROFILE");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_signed_request, end_server),
        cmocka_unit_test_teardown(test_passing_failures, end_server),
        cmocka_unit_test_teardown(test_gives_up, end_server),
        cmocka_unit_test_teardown(test_refusals_are_final, end_server),
        cmocka_unit_test_teardown(test_refusals_name_the_action, end_server),
        cmocka_unit_test_teardown(test_expired, end_server),
        cmocka_unit_test_teardown(test_skewed_clock, end_server),
        cmocka_unit_test_teardown(test_token_is_kept, end_server),
        cmocka_unit_test_teardown(test_write_once, end_server),
        cmocka_unit_test_teardown(test_slow_answer, end_server),
        cmocka_unit_test_teardown(test_deadline, end_server),
        cmocka_unit_test_teardown(test_retry_after, end_server),
        cmocka_unit_test_teardown(test_nobody_there, end_server),
        cmocka_unit_test(test_stand_in_is_named),
        cmocka_unit_test(test_network_has_a_hint),
        cmocka_unit_test_teardown(test_doubt_stays, end_server),
        cmocka_unit_test_teardown(test_side_by_side, end_server),
        cmocka_unit_test_teardown(test_mistakes, end_server),
        cmocka_unit_test_teardown(test_too_large, end_server),
        cmocka_unit_test_teardown(test_objects, end_server),
        cmocka_unit_test_teardown(test_interrupt, end_server),
        cmocka_unit_test_teardown(test_interrupt_waits_for_changes, end_server),
        cmocka_unit_test_teardown(test_interrupt_ignored, end_server),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
