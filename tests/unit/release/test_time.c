/* A step's time limit is what its requests together may take. */
#include "scripted.h"

#include "release/steps.h"

static void a_request_gets_what_is_left(void **state)
{
    (void)state;
    struct gl_release release = {0};
    assert_int_equal(gl_step_left_ms(&release, 5000), 5000);
    assert_int_equal(gl_step_check_time(&release, NULL), 0);
    release.deadline_ms = gl_mono_ms() + 1000;
    assert_int_equal(gl_step_left_ms(&release, 10), 10);
    int64_t left_ms = gl_step_left_ms(&release, 5000);
    assert_true(left_ms > 0 && left_ms <= 1000);
    release.deadline_ms = gl_mono_ms() - 1;
    assert_int_equal(gl_step_left_ms(&release, 5000), 1);
}

/* The smoke tests of a version that never answers in time do not go on for ever. */
static void smoke_tests_end_with_their_step(void **state)
{
    struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    size_t passed = 0;
    size_t pages = 0;
    size_t assets = 0;
    struct gl_release release = {.config = fixture->config,
                                 .ledger = fixture->ledger,
                                 .state_dir = fixture->state_dir,
                                 .env = "local",
                                 .platform = &fixture->platform.base,
                                 .reporter = &fixture->reporter,
                                 .step = &gl_step_smoke_edge,
                                 .deadline_ms = gl_mono_ms() + 60000};
    assert_int_equal(gl_smoke_run(&release, GL_SMOKE_EDGE, 1, &passed, &err), 0);
    assert_int_equal(passed, 1);
    release.deadline_ms = gl_mono_ms() - 1;
    assert_int_equal(gl_smoke_run(&release, GL_SMOKE_EDGE, 1, &passed, &err), GL_E_TIMEOUT);
    assert_has(err.message, "smoke edge did not end within 2 min");
    assert_int_equal(gl_smoke_pages(&release, GL_SMOKE_EDGE, &pages, &assets, &err), GL_E_TIMEOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_gets_what_is_left),
        cmocka_unit_test_setup_teardown(smoke_tests_end_with_their_step, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
