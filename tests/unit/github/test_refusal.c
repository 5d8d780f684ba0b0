/* What GitHub's refusals mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "github/client.h"
#include "net/http.h"

static const struct {
    long status;
    const char *header, *body;
    enum gl_github_refusal refusal;
    int code;
    const char *says; /* part of the message */
    const char *hint; /* part of it, NULL = none */
} cases[] = {
    {401, NULL,                                                  "{\"message\": \"Bad credentials\"}",                                       GL_GITHUB_NO_ACCOUNT, GL_E_REFUSED,
     "401 to GET /repos/a/b: Bad credentials",                                                                                                                                                              "THE_TOKEN"           },
    {403, "x-accepted-github-permissions: administration=write", "{\"message\": \"No\"}",
     GL_GITHUB_NO_RIGHT,                                                                                                                                           GL_E_REFUSED,   "No",                    "administration=write"},
    {403, NULL,                                                  "{\"message\": \"No\"}",                                                    GL_GITHUB_NO_RIGHT,   GL_E_REFUSED,   "No",                    "Administration"      },
    {403, "x-github-sso: required; url=https://x.example/?y",    "{\"message\": \"SAML\"}",
     GL_GITHUB_NO_RIGHT,                                                                                                                                           GL_E_REFUSED,   "SAML",                  "single sign-on"      },
    {403, NULL,
     "{\"message\": \"Upgrade to GitHub Pro or make this repository public to enable this feature.\"}",
     GL_GITHUB_NO_PLAN,                                                                                                                                            GL_E_REFUSED,   "Upgrade",               "docs/github.md"      },
    {422, NULL,
     "{\"message\": \"Fail to create protected rule, please ensure billing plan include protected "
     "branch gate.\"}",                                                                                                                      GL_GITHUB_NO_PLAN,    GL_E_REFUSED,   "billing",               "docs/github.md"      },
    {422, NULL,                                                  "{\"message\": \"Invalid\", \"errors\": [\"a\", {\"message\": \"b\"}, 7]}",
     GL_GITHUB_INVALID,                                                                                                                                            GL_E_REFUSED,   "Invalid: a; b",         NULL                  },
    {404, NULL,                                                  "{\"message\": \"Not Found\"}",                                             GL_GITHUB_MISSING,    GL_E_NOT_FOUND, "Not Found",
     "app.repo"                                                                                                                                                                                                                   },
    {301, NULL,                                                  "",                                                                         GL_GITHUB_MOVED,      GL_E_NOT_FOUND, "301",                   "app.repo"            },
    {409, NULL,                                                  "{}",                                                                       GL_GITHUB_INVALID,    GL_E_REFUSED,   "409",                   NULL                  },
    {500, NULL,                                                  "<html>",                                                                   GL_GITHUB_BROKEN,     GL_E_NET,       "500 to GET /repos/a/b", NULL                  },
    {429, "retry-after: 90",                                     "{}",                                                                       GL_GITHUB_LIMITED,    GL_E_BUSY,      "1 min 30 s",            "Wait"                },
    {403, "retry-after: 5",                                      "{}",                                                                       GL_GITHUB_LIMITED,    GL_E_BUSY,      "5",                     "Wait"                },
    {403, NULL,                                                  "{\"message\": \"You have exceeded a secondary rate limit\"}",              GL_GITHUB_LIMITED,
     GL_E_BUSY,                                                                                                                                                                    "1 min",                 "Wait"                },
    {422, NULL,                                                  "{\"message\": \"line\\nline\\u0007\"}",                                    GL_GITHUB_INVALID,    GL_E_REFUSED,
     "line line ",                                                                                                                                                                                          NULL                  },
};

static void each_has_its_meaning_and_its_way_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        struct gl_github github = {.api = (char *)"https://api.github.com",
                                   .repo = (char *)"a/b",
                                   .token_source = (char *)"THE_TOKEN"};
        gl_autohttp struct gl_http_response response = {.status = cases[i].status};
        gl_autoerr struct gl_error err = {0};
        if (cases[i].header)
            gl_strv_add(&response.headers, cases[i].header);
        gl_buf_puts(&response.body, cases[i].body);
        int code =
            gl_github_refuse(&github, "GET", "https://api.github.com/repos/a/b", &response, &err);
        bool hinted = cases[i].hint ? err.hint && strstr(err.hint, cases[i].hint) : !err.hint;
        if (code != cases[i].code || github.refusal != cases[i].refusal || !hinted ||
            !strstr(err.message, cases[i].says))
            fail_msg("%ld %s: %d, %s, %s", cases[i].status, cases[i].body, code, err.message,
                     err.hint ? err.hint : "no hint");
    }
}

static int64_t wait_after(long status, const char *first, const char *second)
{
    gl_autohttp struct gl_http_response response = {.status = status};
    if (first)
        gl_strv_add(&response.headers, first);
    if (second)
        gl_strv_add(&response.headers, second);
    return gl_github_asked_wait_ms(&response);
}

static void waits_are_what_github_asks_for(void **state)
{
    (void)state;
    gl_autofree char *soon =
        gl_asprintf("x-ratelimit-reset: %lld", (long long)(gl_now_unix_ms() / 1000 + 30));
    assert_int_equal(wait_after(429, "retry-after: 7", NULL), 7000);
    assert_int_equal(wait_after(403, "retry-after: 0", NULL), 1000);
    assert_int_equal(wait_after(403, "retry-after: -4", NULL), 1000);
    assert_int_equal(wait_after(403, "retry-after: 99999999999999", NULL), 86400000);
    assert_in_range(wait_after(403, "x-ratelimit-remaining: 0", soon), 25000, 30000);
    assert_int_equal(wait_after(403, "x-ratelimit-remaining: 0", "x-ratelimit-reset: 5"), 1000);
    assert_int_equal(wait_after(429, NULL, NULL), 60000);
    assert_int_equal(wait_after(403, "x-ratelimit-remaining: 5", soon), -1);
    assert_int_equal(wait_after(403, NULL, NULL), -1);
    assert_int_equal(wait_after(404, "x-ratelimit-remaining: 0", soon), -1);
    assert_int_equal(wait_after(503, "retry-after: 7", NULL), -1);
}

static void parts_of_a_path_are_escaped(void **state)
{
    (void)state;
    gl_autofree char *text = gl_github_escape("release/1.0 ü?#%");
    assert_string_equal(text, "release/1.0%20%C3%BC%3F%23%25");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_its_meaning_and_its_way_out),
        cmocka_unit_test(waits_are_what_github_asks_for),
        cmocka_unit_test(parts_of_a_path_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
