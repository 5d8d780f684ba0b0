/* golive.yaml as settings of GitHub. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "config/internal.h"
#include "github/desired.h"

#define HEAD                                                                                       \
    "golive: 1\napp: {name: demo}\npeople: [{id: a, github: Aa}, {id: b}, {id: c, github: "        \
    "cc}]\n"

static struct gl_config *config_of(const char *text)
{
    gl_autodiag struct gl_diagnostics list = {0};
    gl_autoerr struct gl_error err = {0};
    struct gl_config *config = NULL;
    struct gl_config_request request = {.path = "golive.yaml", .env = "local"};
    if (gl_config_parse_text(&request, text, strlen(text), &config, &list, &err) < 0)
        fail_msg("%s: %s", text, list.count ? list.items[0].message : err.message);
    return config;
}

static struct gl_job the_jobs[] = {
    {(char *)"backend",  false},
    {(char *)"frontend", false},
    {(char *)"scan",     false},
    {(char *)"image",    false},
    {(char *)"e2e",      true },
};

static const struct gl_jobs all = {.items = the_jobs, .count = GL_COUNT(the_jobs)};
static const struct gl_jobs without_frontend = {.items = the_jobs + 2, .count = 2};

static void what_is_configured_is_wanted(void **state)
{
    (void)state;
    gl_autoconfig struct gl_config *config = config_of(
        HEAD "ci: {branches: {production: trunk, integration: none}, required_reviews: 2, "
             "required_checks: [scan, 'e2e (linux)', 'e2e / x']}\n");
    gl_autodesired struct gl_github_desired desired = {0};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_github_want(config, &all, &desired, &err), 0);
    assert_string_equal(desired.branch, "trunk");
    assert_int_equal(desired.reviews, 2);
    gl_autofree char *checks = gl_strv_join(&desired.checks, ";");
    assert_string_equal(checks, "scan;e2e (linux);e2e / x");
    assert_string_equal(desired.places[GL_GITHUB_PLACE_PRODUCTION].branch, "trunk");
    assert_string_equal(desired.places[GL_GITHUB_PLACE_STAGING].branch, "trunk");
    assert_int_equal(desired.places[GL_GITHUB_PLACE_PRODUCTION].reviewers.count, 0);
    assert_int_equal(desired.notes.count, 0);
}

static void defaults_without_a_job_are_left_out(void **state)
{
    (void)state;
    gl_autoconfig struct gl_config *config = config_of(HEAD);
    gl_autodesired struct gl_github_desired desired = {0};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_github_want(config, &without_frontend, &desired, &err), 0);
    gl_autofree char *checks = gl_strv_join(&desired.checks, ";");
    assert_string_equal(checks, "scan;image");
    assert_int_equal(desired.notes.count, 2);
    assert_non_null(strstr(desired.notes.items[0], "backend"));
}

static void approvers_become_reviewers(void **state)
{
    (void)state;
    gl_autoconfig struct gl_config *config =
        config_of(HEAD "release: {approval: {mode: github_environment}}\n"
                       "approval: {min: 2, approvers: [a, c]}\n");
    gl_autodesired struct gl_github_desired desired = {0};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_github_want(config, &all, &desired, &err), 0);
    gl_autofree char *reviewers =
        gl_strv_join(&desired.places[GL_GITHUB_PLACE_PRODUCTION].reviewers, " ");
    assert_string_equal(reviewers, "Aa cc");
    assert_int_equal(desired.places[GL_GITHUB_PLACE_STAGING].reviewers.count, 0);
    assert_int_equal(desired.notes.count, 1); /* of two signatures GitHub knows nothing */
}

static const struct {
    const char *text;
    bool no_jobs;
    const char *says;
} refused[] = {
    {"ci: {provider: none}\n",                              false, "ci.provider is none"},
    {"ci: {required_checks: [lint]}\n",                     false, "lint"               },
    {"ci: {required_checks: [e2e]}\n",                      false, "e2e"                },
    {"ci: {required_checks: ['scan (x)']}\n",               false, "scan (x)"           },
    {"",                                                    true,  "no workflow here"   },
    {"release: {approval: {mode: github_environment}}\n",   false, "names nobody"       },
    {"release: {approval: {mode: github_environment}}\n"
     "approval: {approvers: [a, b]}\n",                false, "b is to approve"    },
    {"release: {approval: {mode: github_environment}}\n"
     "approval: {approvers: [a, a, a, a, a, a, a]}\n", false, "at most 6"          },
};

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(refused); i++) {
        static const struct gl_jobs none = {0};
        gl_autofree char *text = gl_asprintf("%s%s", HEAD, refused[i].text);
        gl_autoconfig struct gl_config *config = config_of(text);
        gl_autodesired struct gl_github_desired desired = {0};
        gl_autoerr struct gl_error err = {0};
        int code = gl_github_want(config, refused[i].no_jobs ? &none : &all, &desired, &err);
        if (code != GL_E_CONFIG || !strstr(err.message, refused[i].says) || !err.hint)
            fail_msg("%s: %d %s", refused[i].text, code, err.message ? err.message : "wanted");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_configured_is_wanted),
        cmocka_unit_test(defaults_without_a_job_are_left_out),
        cmocka_unit_test(approvers_become_reviewers),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
