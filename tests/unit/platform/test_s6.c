/* Supervision with the real s6: start, death, restart, stop, logs, and nothing left behind. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fixture.h"
#include "platform/local/s6.h"

static const char sleeper[] = "#!/bin/sh\nexec 2>&1\necho started\nexec sleep 1000\n";
static const char stubborn[] =
    "#!/bin/sh\nexec 2>&1\ntrap '' TERM\necho stubborn\nwhile :; do sleep 0.05; done\n";
static const char dying[] = "#!/bin/sh\nexec 2>&1\necho 'no such database'\nexit 1\n";

static struct gl_local local;

static int make(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    fixture_make(&local);
    if (gl_s6_tree_up(&local, &err) < 0)
        fail_msg("%s", err.message);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    if (gl_s6_tree_down(&local, &err) < 0)
        fail_msg("%s", err.message);
    fixture_remove(&local);
    return 0;
}

static void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s", err->message);
}

static void install(const char *name, const char *script)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_s6_install(&local, name, script, &err), &err);
}

static struct gl_service_state state_of(const char *name)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_service_state state = {0};
    ok(gl_s6_state(&local, name, &state, &err), &err);
    return state;
}

/* Asks until the service has died `deaths` times and runs again. */
static struct gl_service_state await_deaths(const char *name, int64_t deaths)
{
    int64_t deadline = gl_mono_ms() + 10000;
    struct gl_service_state state = state_of(name);
    while ((state.deaths < deaths || state.pid == 0) && gl_mono_ms() < deadline) {
        gl_sleep_ms(10);
        state = state_of(name);
    }
    return state;
}

static void an_installed_service_is_down_until_it_is_started(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    install("one", sleeper);
    struct gl_service_state state = state_of("one");
    assert_true(state.supervised);
    assert_false(state.up);
    assert_int_equal(state.pid, 0);
    ok(gl_s6_start(&local, "one", 5000, &err), &err);
    state = state_of("one");
    assert_true(state.up && state.ready && state.pid > 0);
    assert_int_equal(kill(state.pid, 0), 0);
    ok(gl_s6_start(&local, "one", 5000, &err), &err);
    assert_int_equal(state_of("one").pid, state.pid);
    ok(gl_s6_stop(&local, "one", 5000, &err), &err);
    assert_int_equal(kill(state.pid, 0), -1);
    assert_int_equal(state_of("one").pid, 0);
}

static void a_killed_service_comes_back_and_its_death_is_counted(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    install("two", sleeper);
    ok(gl_s6_start(&local, "two", 5000, &err), &err);
    pid_t first = state_of("two").pid;
    assert_int_equal(state_of("two").deaths, 0);
    ok(gl_s6_signal(&local, "two", SIGKILL, &err), &err);
    struct gl_service_state state = await_deaths("two", 1);
    assert_int_equal(state.deaths, 1);
    assert_true(state.pid > 0 && state.pid != first);
    ok(gl_s6_stop(&local, "two", 5000, &err), &err);
    ok(gl_s6_start(&local, "two", 5000, &err), &err);
    assert_int_equal(state_of("two").deaths, 0);
}

static void a_program_that_dies_at_once_is_seen_and_its_words_are_kept(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    install("three", dying);
    ok(gl_s6_start(&local, "three", 5000, &err), &err);
    int64_t deadline = gl_mono_ms() + 10000;
    while (state_of("three").deaths < 2 && gl_mono_ms() < deadline)
        gl_sleep_ms(10);
    assert_true(state_of("three").deaths >= 2);
    gl_autofree char *text = NULL;
    ok(gl_s6_log_tail(&local, "three", 1, &text, &err), &err);
    assert_non_null(strstr(text, "no such database"));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    ok(gl_s6_stop(&local, "three", 1000, &err), &err);
}

static void await_word(const char *name, const char *word)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *text = NULL;
    int64_t deadline = gl_mono_ms() + 5000;
    while (gl_mono_ms() < deadline && !(text && strstr(text, word))) {
        free(gl_steal(&text));
        ok(gl_s6_log_tail(&local, name, 5, &text, &err), &err);
    }
}

static void what_ignores_sigterm_is_killed_after_its_grace(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    install("four", stubborn);
    ok(gl_s6_start(&local, "four", 5000, &err), &err);
    pid_t pid = state_of("four").pid;
    await_word("four", "stubborn");
    int64_t begun = gl_mono_ms();
    ok(gl_s6_stop(&local, "four", 200, &err), &err);
    assert_in_range(gl_mono_ms() - begun, 200, 4000);
    assert_int_equal(kill(pid, 0), -1);
}

/* Whoever told it to end was killed before it could be started again. */
static void what_was_told_to_end_is_started_again(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = gl_local_path(&local, "s6/six");
    const char *argv[] = {"s6-svc", "-d", dir, NULL};
    const struct gl_proc_spec spec = {.argv = argv};
    install("six", stubborn);
    ok(gl_s6_start(&local, "six", 5000, &err), &err);
    await_word("six", "stubborn");
    pid_t pid = state_of("six").pid;
    ok(gl_proc_check(&spec, NULL, &err), &err);
    for (int64_t end = gl_mono_ms() + 5000; !state_of("six").ending && gl_mono_ms() < end;)
        gl_sleep_ms(10);
    assert_true(state_of("six").ending);
    ok(gl_s6_start(&local, "six", 200, &err), &err);
    struct gl_service_state state = state_of("six");
    assert_false(state.ending);
    assert_true(state.pid > 0 && state.pid != pid);
    assert_int_equal(kill(pid, 0), -1);
    ok(gl_s6_stop(&local, "six", 0, &err), &err);
}

static void unknown_services_are_told_apart_from_stopped_ones(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *text = NULL;
    assert_false(state_of("nobody").supervised);
    assert_int_equal(gl_s6_start(&local, "nobody", 5000, &err), GL_E_NOT_FOUND);
    assert_int_equal(gl_s6_signal(&local, "nobody", SIGTERM, &err), GL_E_NOT_FOUND);
    assert_int_equal(gl_s6_log_tail(&local, "nobody", 5, &text, &err), GL_E_NOT_FOUND);
    assert_null(text);
    assert_int_equal(gl_s6_stop(&local, "nobody", 5, &err), 0);
}

static void services_are_stopped_edge_first_and_database_last(void **unused)
{
    (void)unused;
    gl_autostrv struct gl_strv names = {0};
    install("postgres", sleeper);
    install("backend-blue", sleeper);
    install("edge", sleeper);
    install("web", sleeper);
    gl_s6_services(&local, &names);
    assert_string_equal(names.items[0], "edge");
    assert_string_equal(names.items[1], "web");
    assert_string_equal(names.items[2], "backend-blue");
    assert_true(gl_strv_has(&names, "postgres"));
}

/* A scanner killed by SIGKILL leaves its supervisors running; `down` must still end everything. */
static void down_ends_everything_even_when_the_scanner_was_killed(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    install("five", sleeper);
    ok(gl_s6_start(&local, "five", 5000, &err), &err);
    pid_t pid = state_of("five").pid;
    gl_autofree char *lock = gl_local_path(&local, "s6");
    const char *argv[] = {"pgrep", "-f", lock, NULL};
    struct gl_proc_spec spec = gl_local_proc(&local, argv);
    gl_autofree char *out = NULL;
    ok(gl_proc_check(&spec, &out, &err), &err);
    assert_int_equal(kill((pid_t)strtol(out, NULL, 10), SIGKILL), 0);
    ok(gl_s6_tree_down(&local, &err), &err);
    assert_int_equal(kill(pid, 0), -1);
    assert_false(state_of("five").supervised);
    ok(gl_s6_tree_up(&local, &err), &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_installed_service_is_down_until_it_is_started, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(a_killed_service_comes_back_and_its_death_is_counted, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(a_program_that_dies_at_once_is_seen_and_its_words_are_kept,
                                        make, unmake),
        cmocka_unit_test_setup_teardown(what_ignores_sigterm_is_killed_after_its_grace, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(what_was_told_to_end_is_started_again, make, unmake),
        cmocka_unit_test_setup_teardown(unknown_services_are_told_apart_from_stopped_ones, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(services_are_stopped_edge_first_and_database_last, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(down_ends_everything_even_when_the_scanner_was_killed, make,
                                        unmake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
