/* Jobs that check a pull request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "generate/jobs.h"

/* Names of the jobs for a branch, with "*" behind those that are prefixes. */
static char *names_of(const char *text, const char *branch)
{
    gl_autojobs struct gl_jobs jobs = {0};
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv names = {0};
    if (gl_jobs_parse(text, strlen(text), "f.yml", branch, &jobs, &err) < 0)
        fail_msg("%s: %s", text, err.message);
    for (size_t i = 0; i < jobs.count; i++)
        gl_strv_addf(&names, "%s%s", jobs.items[i].name, jobs.items[i].prefix ? "*" : "");
    return gl_strv_join(&names, " ");
}

#define JOBS "\njobs:\n  a: {runs-on: x}\n  b: {name: B b, runs-on: x}\n"

static void which_workflows_run_is_known(void **state)
{
    (void)state;

    static const struct {
        const char *text, *names;
    } cases[] = {
        {"on: pull_request" JOBS,                                                          "a B b"},
        {"on: [push, pull_request]" JOBS,                                                  "a B b"},
        {"on: {pull_request: }" JOBS,                                                      "a B b"},
        {"\"on\": {pull_request: {branches: [develop, main]}}" JOBS,                       "a B b"},
        {"on: {pull_request: {branches: main}}" JOBS,                                      "a B b"},
        {"on: {pull_request: {branches: ['**']}}" JOBS,                                    "a B b"},
        {"on: {pull_request: {branches: [develop]}}" JOBS,                                 ""     },
        {"on: {pull_request: {branches: ['*', '!ma*']}}" JOBS,                             ""     },
        {"on: {pull_request: {branches-ignore: [main]}}" JOBS,                             ""     },
        {"on: {pull_request: {branches-ignore: [old]}}" JOBS,                              "a B b"},
        {"on: {pull_request: {branches-ignore: main}}" JOBS,                               ""     },
        {"on: {pull_request: {branches-ignore: old, paths: [main]}}" JOBS,                 "a B b"},
        {"on: {pull_request: {branches-ignore: }}" JOBS,                                   "a B b"},
        {"on: push" JOBS,                                                                  ""     },
        {"on: {push: {branches: [main]}}" JOBS,                                            ""     },
        {"on: pull_request_target" JOBS,                                                   ""     },
        {"on: pull_request\njobs:\n  m: {strategy: {matrix: {os: [a, b]}}, runs-on: x}\n", "m*"   },
        {"on: pull_request\njobs:\n  u: {uses: ./x.yml}\n",                                "u*"   },
        {"on: pull_request\njobs: none\n",                                                 ""     },
        {"on: pull_request\njobs: [a]\n",                                                  ""     },
        {"[]",                                                                             ""     },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *names = names_of(cases[i].text, "main");
        if (strcmp(names, cases[i].names) != 0)
            fail_msg("%s: %s", cases[i].text, names);
    }
}

/* In a list or not, a pattern means the same. */
static void a_pattern_alone_is_a_list_of_one(void **state)
{
    (void)state;

    static const struct {
        const char *pattern, *branch;
        bool fits;
    } cases[] = {
        {"**",     "main",   true },
        {"**",     "rel/1",  true },
        {"*",      "rel/1",  false},
        {"rel/**", "rel/1",  true },
        {"rel/*",  "rel/1",  true },
        {"!main",  "main",   false},
        {"main",   "master", false},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        for (int list = 0; list < 2; list++) {
            gl_autofree char *value = list ? gl_asprintf("['%s']", cases[i].pattern)
                                           : gl_asprintf("'%s'", cases[i].pattern);
            gl_autofree char *only = gl_asprintf("on: {pull_request: {branches: %s}}" JOBS, value);
            gl_autofree char *not_those =
                gl_asprintf("on: {pull_request: {branches-ignore: %s}}" JOBS, value);
            gl_autofree char *in = names_of(only, cases[i].branch);
            gl_autofree char *rest = names_of(not_those, cases[i].branch);
            assert_string_equal(in, cases[i].fits ? "a B b" : "");
            assert_string_equal(rest, cases[i].fits ? "" : "a B b");
        }
    }
}

static void what_is_no_yaml_is_told(void **state)
{
    (void)state;
    gl_autojobs struct gl_jobs jobs = {0};
    gl_autoerr struct gl_error err = {0};
    static const char text[] = "on: pull_request\njobs: {\n";
    assert_int_equal(gl_jobs_parse(text, strlen(text), "f.yml", "main", &jobs, &err), GL_E_CONFIG);
    assert_int_equal(jobs.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_workflows_run_is_known),
        cmocka_unit_test(a_pattern_alone_is_a_list_of_one),
        cmocka_unit_test(what_is_no_yaml_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
