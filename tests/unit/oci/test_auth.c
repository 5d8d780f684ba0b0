/* The WWW-Authenticate header as registries send it, and as they should not. */
#include "support.h"

#include "oci/auth.h"

struct header {
    const char *text;
    bool basic;
    const char *realm;
    const char *service;
};

static const struct header headers[] = {
    {"Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
     "scope=\"repository:team/app:pull\"",                                         false, "https://auth.docker.io/token", "registry.docker.io"},
    {"Basic realm=\"Registry Realm\"",                                                  true,  NULL,                           NULL                },
    {"basic",                                                                           true,  NULL,                           NULL                },
    {"BEARER REALM=\"https://a/t\"",                                                    false, "https://a/t",                  NULL                },
    {"Basic realm=\"x, Bearer realm=y\", Bearer realm=\"https://a/t\" , service=plain", true,
     "https://a/t",                                                                                                            "plain"             },
    {"Negotiate YII=, Bearer realm=\"https://a/\\\"t\"",                                false, "https://a/\"t",                NULL                },
    {"Bearer realm=\"https://first\", realm=\"https://second\"",                        false, "https://first",                NULL                },
    {"Bearer realm=\"unterminated",                                                     false, "unterminated",                 NULL                },
    {"Bearer realm=",                                                                   false, "",                             NULL                },
    {"realm=\"https://nobody\"",                                                        false, NULL,                           NULL                },
    {"Bearer",                                                                          false, NULL,                           NULL                },
    {"\"\\",                                                                            false, NULL,                           NULL                },
    {"====,,,;;",                                                                       false, NULL,                           NULL                },
    {"",                                                                                false, NULL,                           NULL                },
};

static void each_header_gives_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(headers); i++) {
        const struct header *row = &headers[i];
        gl_autochallenge struct gl_auth_challenge challenge = {0};
        gl_auth_parse(row->text, &challenge);
        bool same = challenge.basic == row->basic && !challenge.realm == !row->realm &&
                    !challenge.service == !row->service;
        if (!same)
            fail_msg("%s: basic %d realm %s service %s", row->text, challenge.basic,
                     challenge.realm ? challenge.realm : "-",
                     challenge.service ? challenge.service : "-");
        if (row->realm)
            assert_string_equal(challenge.realm, row->realm);
        if (row->service)
            assert_string_equal(challenge.service, row->service);
    }
}

static void the_token_address_is_escaped(void **state)
{
    (void)state;
    gl_autochallenge struct gl_auth_challenge challenge = {0};
    gl_auth_parse("Bearer realm=\"https://a/t?x=1\",service=\"a b&c\"", &challenge);
    gl_autofree char *url = gl_auth_token_url(&challenge, "repository:team/app:pull,push", "me");
    assert_string_equal(url, "https://a/t?x=1&service=a%20b%26c&scope=repository%3Ateam%2Fapp%3A"
                             "pull%2Cpush&account=me");
}

static void a_token_is_read_from_either_name_and_never_with_a_line_break(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        const char *token;
    } rows[] = {
        {"{\"token\":\"abc\",\"expires_in\":300}", "abc"},
        {"{\"access_token\":\"def\"}",             "def"},
        {"{\"token\":\"\"}",                       NULL },
        {"{\"token\":\"a\\r\\nHost: b\"}",         NULL },
        {"{\"token\":7}",                          NULL },
        {"[]",                                     NULL },
        {"<html>",                                 NULL },
    };

    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autofree char *token = NULL;
        int result = gl_auth_read_token(rows[i].text, strlen(rows[i].text), &token, &err);
        assert_int_equal(result == 0, rows[i].token != NULL);
        if (rows[i].token)
            assert_string_equal(token, rows[i].token);
        else
            assert_null(token);
    }
}

static void an_answer_that_is_no_json_is_not_quoted(void **state)
{
    (void)state;
    static const char text[] = "{\"token\": \"short-token\" x";
    gl_autoerr struct gl_error err = {0};
    char *token = NULL;
    assert_int_equal(gl_auth_read_token(text, strlen(text), &token, &err), GL_E_CORRUPT);
    assert_null(token);
    assert_null(strstr(err.message, "short-token"));
    static const char bare[] = "{\"token\": short-token}";
    assert_int_equal(gl_auth_read_token(bare, strlen(bare), &token, &err), GL_E_CORRUPT);
    assert_null(strstr(err.message, "short"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_header_gives_what_it_says),
        cmocka_unit_test(the_token_address_is_escaped),
        cmocka_unit_test(a_token_is_read_from_either_name_and_never_with_a_line_break),
        cmocka_unit_test(an_answer_that_is_no_json_is_not_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
