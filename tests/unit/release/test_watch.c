/* What a watched version may do, and what undoes it. */
#include "scripted.h"

/* With `more` behind the settings of the release. */
static void settle_on(struct fixture *fixture, const char *more)
{
    gl_autofree char *settings = gl_asprintf("%s%s", quick_settings, more);
    must(fixture, deploy(fixture));
    configure(fixture, settings);
}

static void assert_undone_for(struct fixture *fixture, const char *step, const char *cause)
{
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_string_equal(fixture->outcome.failed_step, step);
    assert_has(fixture->outcome.cause.message, cause);
    assert_serves(fixture, 1);
}

/* One request a look, that is ten a second; none of them is good. */
static void a_bad_version_with_little_traffic_is_undone(void **state)
{
    struct fixture *fixture = *state;
    settle_on(fixture, "");
    fixture->platform.world->per_look = 1;
    fixture->platform.world->bad_per_look = 1;
    assert_undone_for(fixture, "canary", "5xx 100.00 %");
}

static void a_good_version_with_little_or_no_traffic_passes(void **state)
{
    struct fixture *fixture = *state;
    settle_on(fixture, "  bake_seconds: 1\n");
    must(fixture, deploy(fixture));
    fixture->platform.world->per_look = 1;
    must(fixture, deploy(fixture));
    assert_serves(fixture, 3);
}

/* 2 % are bad, and the limit is 5 %. */
static void what_is_within_the_limit_passes(void **state)
{
    struct fixture *fixture = *state;
    settle_on(fixture, "  bake_seconds: 1\n  limits: {error_rate_pct: 5}\n");
    fixture->platform.world->per_look = 50;
    fixture->platform.world->bad_per_look = 1;
    must(fixture, deploy(fixture));
    fixture->platform.world->bad_per_look = 3;
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
}

/* The window has few requests for longer than its five seconds; it is judged once it has enough. */
static void a_window_stays_open_until_it_can_be_judged(void **state)
{
    struct fixture *fixture = *state;
    settle_on(fixture, "  bake_seconds: 8\n  limits: {min_requests: 60, p95_ms: 100}\n");
    fixture->platform.world->per_look = 1;
    fixture->platform.world->p95_ms = 500;
    assert_undone_for(fixture, "bake", "p95 500 ms");
}

/* No window sees them, for they happen before it opens. */
static void the_whole_time_is_judged_too(void **state)
{
    struct fixture *fixture = *state;
    settle_on(fixture, "");
    fixture->platform.world->per_look = 100;
    fixture->platform.world->bad_per_mark = 10;
    assert_undone_for(fixture, "canary", "5xx");
}

static void deaths_count_from_when_it_was_ready(void **state)
{
    struct fixture *fixture = *state;
    settle_on(fixture, "");
    fixture->platform.world->versions[2].deaths = 3;
    must(fixture, deploy(fixture));
    assert_serves(fixture, 2);
}

static void die(const char *kind, const char *step);
static struct world *dying;

static void a_death_between_two_watches_counts(void **state)
{
    struct fixture *fixture = *state;
    settle_on(fixture, "");
    dying = fixture->platform.world;
    gl_release_journal_hook = die;
    assert_undone_for(fixture, "bake", "its process died 1 times");
}

static void die(const char *kind, const char *step)
{
    if (strcmp(kind, "step.done") == 0 && strcmp(step, "canary") == 0)
        dying->versions[2].deaths++;
}

static void a_sick_version_is_undone(void **state)
{
    struct fixture *fixture = *state;
    settle_on(fixture, "");
    fixture->platform.world->sick = true;
    assert_undone_for(fixture, "canary", "health check fails");
}

/* Who takes a version back for an alarm stops its tasks too: the alarm is what is told. */
static void an_alarm_is_told_before_what_follows_from_it(void **state)
{
    struct fixture *fixture = *state;
    settle_on(fixture, "");
    fixture->platform.world->sick = true;
    fixture->platform.world->alarm = "alarm demo-5xx: 3 of 5 minutes";
    assert_undone_for(fixture, "canary", "alarm demo-5xx: 3 of 5 minutes");
}

/* ---- taken back between the shift and the first look ------------------------------------------
 */

static struct fixture *taken;

static void take_back(void)
{
    struct world *world = taken->platform.world;
    world->versions[1].weight = 100;
    world->versions[2].weight = 0;
    world->alarm = "alarm demo-5xx: 3 of 5 minutes";
}

static void when_it_shifts(const char *kind, const char *step)
{
    if (strcmp(kind, "step.begin") == 0 && strcmp(step, "shift") == 0)
        script(taken, "traffic", 0, ACT, 1);
}

static void a_shift_that_was_taken_back_says_why(void **state)
{
    struct fixture *fixture = *state;
    settle_on(fixture, "");
    taken = fixture;
    scripted_act = take_back;
    gl_release_journal_hook = when_it_shifts;
    assert_undone_for(fixture, "shift", "alarm demo-5xx: 3 of 5 minutes");
}

int main(void)
{
    gl_interrupt_init();
    gl_i18n_init();
    const struct CMUnitTest tests[] = {
#define row(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        row(a_bad_version_with_little_traffic_is_undone),
        row(a_good_version_with_little_or_no_traffic_passes),
        row(what_is_within_the_limit_passes),
        row(a_window_stays_open_until_it_can_be_judged),
        row(the_whole_time_is_judged_too),
        row(deaths_count_from_when_it_was_ready),
        row(a_death_between_two_watches_counts),
        row(a_sick_version_is_undone),
        row(an_alarm_is_told_before_what_follows_from_it),
        row(a_shift_that_was_taken_back_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
