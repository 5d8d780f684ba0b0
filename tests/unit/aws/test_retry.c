/* Pauses, the budget of retries, and the rate that follows throttling; on a clock of the test's
 * own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/retry.h"

static void test_pauses(void **state)
{
    (void)state;
    assert_int_equal(gl_aws_pause_ms(1, 100, 20000, 0), 0);
    assert_int_equal(gl_aws_pause_ms(1, 100, 20000, 0.5), 50);
    assert_int_equal(gl_aws_pause_ms(2, 100, 20000, 0.5), 100);
    assert_int_equal(gl_aws_pause_ms(5, 100, 20000, 0.5), 800);
    assert_int_equal(gl_aws_pause_ms(20, 100, 20000, 0.5), 10000);
    assert_int_equal(gl_aws_pause_ms(4000000000U, 1000, 20000, 0.999), 19980);
}

static void test_budget(void **state)
{
    (void)state;
    struct gl_aws_budget budget;
    gl_aws_budget_init(&budget);
    for (int i = 0; i < GL_AWS_BUDGET_FULL / GL_AWS_RETRY_COST; i++)
        assert_true(gl_aws_budget_take(&budget, GL_AWS_RETRY_COST));
    assert_false(gl_aws_budget_take(&budget, GL_AWS_RETRY_COST));
    gl_aws_budget_return(&budget, 4);
    assert_false(gl_aws_budget_take(&budget, GL_AWS_RETRY_COST));
    gl_aws_budget_return(&budget, 1);
    assert_true(gl_aws_budget_take(&budget, GL_AWS_RETRY_COST));
    gl_aws_budget_return(&budget, 10 * GL_AWS_BUDGET_FULL);
    assert_int_equal(budget.tokens, GL_AWS_BUDGET_FULL);
}

/* Asks as fast as the rate allows for `seconds`; the service throttles what is above `limit_per_s`.
 * Returns how many requests were sent, of which *ret_throttled were refused. */
static int simulate(struct gl_aws_rate *rate, double *now_s, double seconds, double limit_per_s,
                    int *ret_throttled)
{
    int sent = 0;
    double until_s = *now_s + seconds;
    double allowed = limit_per_s;
    *ret_throttled = 0;
    while (*now_s < until_s) {
        double wait_s = gl_aws_rate_take(rate, *now_s);
        if (wait_s <= 0) {
            sent++;
            bool throttled = allowed < 1;
            allowed -= throttled ? 0 : 1;
            *ret_throttled += throttled;
            gl_aws_rate_learn(rate, throttled, *now_s);
            wait_s = 0.01; /* the client itself manages 100 requests a second */
        }
        wait_s = wait_s < 0.001 ? 0.001 : wait_s; /* the client waits whole milliseconds */
        *now_s += wait_s;
        allowed += wait_s * limit_per_s;
        if (allowed > limit_per_s)
            allowed = limit_per_s;
    }
    return sent;
}

static void test_rate_follows_throttling(void **state)
{
    (void)state;
    struct gl_aws_rate rate = {0};
    double now_s = 1000;
    int throttled = 0;
    /* Nothing throttles: nothing waits. */
    int sent = simulate(&rate, &now_s, 10, 1000, &throttled);
    assert_in_range(sent, 990, 1010);
    assert_false(rate.enabled);
    /* A limit of 20 a second: the rate comes near it, and most requests are accepted. */
    (void)simulate(&rate, &now_s, 20, 20, &throttled);
    assert_true(rate.enabled);
    sent = simulate(&rate, &now_s, 60, 20, &throttled);
    assert_in_range(sent - throttled, 60 * 20 / 2, 60 * 20 + 20);
    assert_in_range(throttled, 1, sent / 4);
    /* The limit is gone: the rate grows again. */
    (void)simulate(&rate, &now_s, 30, 1000, &throttled);
    sent = simulate(&rate, &now_s, 10, 1000, &throttled);
    assert_in_range(sent, 500, 1010);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pauses),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_rate_follows_throttling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
