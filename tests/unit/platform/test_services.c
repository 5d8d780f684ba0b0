/* What the AWS platform makes of two services, without AWS: one version, one observation, reasons
 * in the words of the right one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "platform/aws/service.h"

static void test_running(void **state)
{
    static const struct {
        int backend, pages; /* shares; pages -1 = they do not run */
        bool backend_healthy, pages_healthy;
        int share; /* expected */
        bool healthy;
    } cases[] = {
        {100, 100, true,  true,  100, true },
        {100, 0,   true,  true,  0,   true }, /* the backend has moved, pages have not */
        {0,   100, true,  true,  0,   true }, /* back: the other way round */
        {10,  0,   true,  true,  10,  true }, /* a canary is of the backend alone */
        {90,  100, true,  true,  90,  true },
        {100, -1,  true,  false, 0,   false}, /* pages should run and do not */
        {100, 100, true,  false, 100, false},
        {100, 100, false, true,  100, false},
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        struct gl_running version = {.weight_pct = cases[i].backend,
                                     .sessions = cases[i].backend == 100,
                                     .healthy = cases[i].backend_healthy,
                                     .deaths = 1};
        const struct gl_running pages = {
            .weight_pct = cases[i].pages, .healthy = cases[i].pages_healthy, .deaths = 2};
        gl_both_running(&version, cases[i].pages < 0 ? NULL : &pages);
        assert_int_equal(version.weight_pct, cases[i].share);
        assert_int_equal(version.healthy, cases[i].healthy);
        assert_int_equal(version.sessions, cases[i].share == 100);
        assert_int_equal(version.deaths, cases[i].pages < 0 ? 1 : 3);
    }
}

static void test_observed(void **state)
{
    (void)state;
    gl_autoobservation struct gl_observation seen = {.requests = 100,
                                                     .errors_5xx = 1,
                                                     .failures = 2,
                                                     .p50_ms = 10,
                                                     .p95_ms = 50,
                                                     .p99_ms = 60,
                                                     .deaths = 1,
                                                     .healthy = true};
    gl_autoobservation struct gl_observation pages = {.requests = 10,
                                                      .errors_5xx = 3,
                                                      .failures = 4,
                                                      .p50_ms = 5,
                                                      .p95_ms = 70,
                                                      .p99_ms = 55,
                                                      .deaths = 2,
                                                      .healthy = true,
                                                      .worst = gl_strdup("GET / 500"),
                                                      .alarm = gl_strdup("alarm x: high")};
    gl_both_observed(&seen, &pages);
    assert_int_equal(seen.requests, 110);
    assert_int_equal(seen.errors_5xx, 4);
    assert_int_equal(seen.failures, 6);
    assert_true(seen.p50_ms > 9.9 && seen.p95_ms > 69.9 && seen.p99_ms > 59.9);
    assert_int_equal(seen.deaths, 3);
    assert_true(seen.healthy);
    assert_string_equal(seen.worst, "GET / 500");
    assert_null(pages.worst);
    assert_string_equal(seen.alarm, "the frontend's service: alarm x: high");
}

/* The backend's alarm is the first to be told; sick pages make the version sick. */
static void test_observed_alarm(void **state)
{
    (void)state;
    gl_autoobservation struct gl_observation seen = {.healthy = true, .alarm = gl_strdup("own")};
    gl_autoobservation struct gl_observation pages = {.alarm = gl_strdup("other")};
    gl_both_observed(&seen, &pages);
    assert_string_equal(seen.alarm, "own");
    assert_false(seen.healthy);
}

/* The way out must lead to the frontend's own keys and stack, where there are such. */
static void test_reasons(void **state)
{
    static const struct {
        const char *reason;
        const char *word; /* in what it means or the way out */
        bool same;        /* as for the backend */
    } cases[] = {
        {"Task failed ELB health checks in (target-group x)",   "frontend.ssr.port", false},
        {"CannotPullContainerError: no basic auth credentials", "frontend-ssr",      false},
        {"Essential container in task exited",                  "log",               true },
        {"OutOfMemoryError: killed",                            "sizing.memory",     true },
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        const struct gl_stop_reason *row = gl_stop_reason_find(NULL, cases[i].reason);
        const struct gl_stop_reason *own = gl_stop_reason_of_pages(row);
        assert_non_null(strstr(own->way_out, cases[i].word));
        assert_int_equal(own == row, cases[i].same);
        assert_null(strstr(own->means, "backend"));
    }
}

/* Names that stacks/ have; the rest is in tests/aws. */
static void test_parts(void **state)
{
    (void)state;
    assert_string_equal(gl_part_backend.stack, "service");
    assert_string_equal(gl_part_pages.stack, "frontend-ssr");
    const struct gl_cloud cloud = {.part = &gl_part_pages};
    gl_autofree char *stream = gl_ecs_log_stream(&cloud, "abc");
    assert_string_equal(stream, "frontend/frontend/abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_running),        cmocka_unit_test(test_observed),
        cmocka_unit_test(test_observed_alarm), cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
