/* Clocks and their text forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/mem.h"

static void times_are_written_as_rfc3339(void **state)
{
    (void)state;

    static const struct {
        int64_t unix_ms;
        const char *text;
    } cases[] = {
        {0,             "1970-01-01T00:00:00.000Z"},
        {1795430467123, "2026-11-23T10:41:07.123Z"},
        {-1,            "1969-12-31T23:59:59.999Z"},
        {-86400000,     "1969-12-31T00:00:00.000Z"},
        {INT64_MAX,     "?.807Z"                  }, /* a year that does not fit: no garbage */
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *text = gl_format_rfc3339(cases[i].unix_ms);
        if (cases[i].unix_ms != INT64_MAX)
            assert_string_equal(text, cases[i].text);
        else
            assert_non_null(strstr(text, ".807Z"));
    }
}

static void minutes_are_local_with_their_zone(void **state)
{
    static const struct {
        const char *zone, *text;
    } rows[] = {
        {"UTC0",                       "2026-11-27 10:00 UTC"},
        {"JST-9",                      "2026-11-27 19:00 JST"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-11-27 11:00 CET"},
        {"EST5EDT,M3.2.0,M11.1.0",     "2026-11-27 05:00 EST"},
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        setenv("TZ", rows[i].zone, 1);
        gl_autofree char *text = gl_format_local_minute(1795773600999); /* 2026-11-27T10:00:00Z */
        assert_string_equal(text, rows[i].text);
    }
    unsetenv("TZ");
}

static void durations_are_for_people(void **state)
{
    (void)state;

    static const struct {
        double ms;
        const char *text;
    } cases[] = {
        {0.44,     "0.4 ms"    },
        {240,      "240 ms"    },
        {1200,     "1.2 s"     },
        {250000,   "4 min 10 s"},
        {60000,    "1 min 0 s" },
        {10920000, "3 h 2 min" },
        {90000000, "25 h 0 min"},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *text = gl_format_duration(cases[i].ms);
        assert_string_equal(text, cases[i].text);
    }
}

static void bytes_and_counts_are_for_people(void **state)
{
    (void)state;

    static const struct {
        uint64_t value;
        const char *bytes;
        const char *count;
    } cases[] = {
        {0,          "0 B",           "0"                         },
        {999,        "999 B",         "999"                       },
        {1000,       "1.0 kB",        "1,000"                     },
        {18200000,   "18.2 MB",       "18,200,000"                },
        {164210,     "164.2 kB",      "164,210"                   },
        {UINT64_MAX, "18446744.1 TB", "18,446,744,073,709,551,615"},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *bytes = gl_format_bytes(cases[i].value);
        gl_autofree char *count = gl_format_count(cases[i].value);
        assert_string_equal(bytes, cases[i].bytes);
        assert_string_equal(count, cases[i].count);
    }
}

static void clocks_run_forward(void **state)
{
    (void)state;
    int64_t mono = gl_mono_us();
    int64_t boot = gl_boot_ms();
    gl_sleep_ms(20);
    assert_true(gl_mono_us() - mono >= 20000);
    assert_true(gl_boot_ms() - boot >= 19);
    assert_true(gl_now_unix_ms() > 1700000000000);
    assert_int_equal(strlen(gl_boot_id()), 36);
}

/* A signal that only wakes does not cut a sleep short; one that asks to stop does. */
static void a_sleep_ends_early_only_when_asked_to_stop(void **state)
{
    (void)state;
    gl_interrupt_init();
    struct itimerval soon = {.it_value.tv_usec = 50000};
    struct sigaction before;
    struct sigaction as_int;
    assert_int_equal(sigaction(SIGINT, NULL, &as_int), 0);
    assert_int_equal(sigaction(SIGALRM, &as_int, &before), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    int64_t begun = gl_mono_ms();
    gl_sleep_ms(60000);
    int64_t slept = gl_mono_ms() - begun;
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
    assert_true(gl_interrupted());
    assert_int_equal(gl_interrupt_count(), 1);
    assert_int_equal(gl_interrupt_check(NULL), GL_E_INTERRUPTED);
    gl_interrupt_clear();
    assert_false(gl_interrupted());
    assert_int_equal(gl_interrupt_check(NULL), 0);
    assert_true(slept < 30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_as_rfc3339),
        cmocka_unit_test(minutes_are_local_with_their_zone),
        cmocka_unit_test(durations_are_for_people),
        cmocka_unit_test(bytes_and_counts_are_for_people),
        cmocka_unit_test(clocks_run_forward),
        cmocka_unit_test(a_sleep_ends_early_only_when_asked_to_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
