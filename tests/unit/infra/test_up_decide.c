/* What happens to a stack next: every state of a stack against every status of CloudFormation. */
#include "infra/down.h"
#include "infra/up.h"

#include "support.h"

static enum gl_up_step decide(enum gl_up_state state, const char *status, struct gl_up_facts facts)
{
    const struct gl_stack_status *row = gl_stack_status_find(status);
    facts.state = state;
    facts.way_out = row->way_out;
    facts.outcome = row->outcome;
    return gl_up_decide(&facts);
}

static void test_each_status_has_a_step(void **state)
{
    /* clang-format off */ /* version 14 crashes on it */
    static const struct {
        const char *status;
        enum gl_up_step step;
    } rows[] = {
        {NULL, GL_UP_STEP_PLAN},
        {"REVIEW_IN_PROGRESS", GL_UP_STEP_PLAN},
        {"CREATE_COMPLETE", GL_UP_STEP_PLAN},
        {"UPDATE_COMPLETE", GL_UP_STEP_PLAN},
        {"UPDATE_ROLLBACK_COMPLETE", GL_UP_STEP_PLAN},
        {"CREATE_IN_PROGRESS", GL_UP_STEP_WATCH},
        {"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", GL_UP_STEP_WATCH},
        {"DELETE_IN_PROGRESS", GL_UP_STEP_WATCH},
        {"CREATE_FAILED", GL_UP_STEP_DELETE},
        {"ROLLBACK_COMPLETE", GL_UP_STEP_DELETE},
        {"ROLLBACK_FAILED", GL_UP_STEP_DELETE},
        {"UPDATE_FAILED", GL_UP_STEP_ROLLBACK},
        {"UPDATE_ROLLBACK_FAILED", GL_UP_STEP_CONTINUE},
        {"DELETE_FAILED", GL_UP_STEP_REFUSE},
        {"SOMETHING_NEW", GL_UP_STEP_REFUSE},
    };

    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < GL_COUNT(rows); i++)
        assert_int_equal(decide(GL_UP_WAITING, rows[i].status, (struct gl_up_facts){0}),
                         rows[i].step);
}

static void test_no_status_is_without_an_end(void **state)
{
    (void)state;
    for (const struct gl_stack_status *row = gl_stack_statuses; row->name; row++) {
        struct gl_up_facts tired = {.ways_out = GL_UP_WAYS_OUT_MAX};
        enum gl_up_step step = decide(GL_UP_WAITING, row->name, tired);
        assert_true(step == GL_UP_STEP_PLAN || step == GL_UP_STEP_WATCH ||
                    step == GL_UP_STEP_REFUSE);
    }
}

static void test_needs(void **state)
{
    (void)state;
    assert_int_equal(decide(GL_UP_WAITING, NULL, (struct gl_up_facts){.needs_open = true}),
                     GL_UP_STEP_NONE);
    struct gl_up_facts both = {.needs_open = true, .needs_failed = true};
    assert_int_equal(decide(GL_UP_WAITING, NULL, both), GL_UP_STEP_BLOCK);
    struct gl_up_facts stopping = {.stopping = true};
    assert_int_equal(decide(GL_UP_WAITING, NULL, stopping), GL_UP_STEP_LEAVE);
    assert_int_equal(decide(GL_UP_WATCHING, "UPDATE_IN_PROGRESS", stopping), GL_UP_STEP_LEAVE);
}

/* A status from before the operation must not be taken for its end. */
static void test_an_old_status_ends_nothing(void **state)
{
    struct gl_up_facts none = {0};
    struct gl_up_facts begun = {.begun = true};
    struct gl_up_facts lost = {.given_up = true};
    (void)state;
    assert_int_equal(decide(GL_UP_RUNNING, "UPDATE_COMPLETE", none), GL_UP_STEP_NONE);
    assert_int_equal(decide(GL_UP_RUNNING, "UPDATE_COMPLETE", lost), GL_UP_STEP_AGAIN);
    assert_int_equal(decide(GL_UP_RUNNING, "UPDATE_IN_PROGRESS", lost), GL_UP_STEP_NONE);
    assert_int_equal(decide(GL_UP_RUNNING, "UPDATE_COMPLETE", begun), GL_UP_STEP_GOOD);
    assert_int_equal(decide(GL_UP_RUNNING, "UPDATE_ROLLBACK_COMPLETE", begun), GL_UP_STEP_UNDONE);
    assert_int_equal(decide(GL_UP_RUNNING, "ROLLBACK_COMPLETE", begun), GL_UP_STEP_UNDONE);
    assert_int_equal(decide(GL_UP_RUNNING, "UPDATE_ROLLBACK_FAILED", begun), GL_UP_STEP_BAD);
    assert_int_equal(decide(GL_UP_CLEARING, "ROLLBACK_COMPLETE", none), GL_UP_STEP_NONE);
    assert_int_equal(decide(GL_UP_CLEARING, "UPDATE_ROLLBACK_FAILED", begun), GL_UP_STEP_AGAIN);
    assert_int_equal(decide(GL_UP_CLEARING, "DELETE_IN_PROGRESS", begun), GL_UP_STEP_NONE);
}

static void test_what_is_over_stays_over(void **state)
{
    (void)state;
    for (int at = 0; at < GL_UP_STATE_COUNT; at++) {
        enum gl_up_state one = (enum gl_up_state)at;
        struct gl_up_facts all = {.begun = true, .given_up = true, .needs_failed = true};
        assert_true(strlen(gl_up_state_word(one)) > 3);
        if (gl_up_is_over(one))
            assert_int_equal(decide(one, "ROLLBACK_FAILED", all), GL_UP_STEP_NONE);
    }
}

/* ---- a whole run, scripted ---------------------------------------------------------------------
 */

/* Three stacks in a chain and one apart; each has a script of statuses. The steps are done as the
 * engine does them, without AWS. */
struct actor {
    const char *const *script; /* what CloudFormation makes of each change set, in order */
    const char *status;
    size_t at;
    int need; /* index, or -1 */
    enum gl_up_state state;
    unsigned ways_out;
};

static void apply(struct actor *actor, enum gl_up_step step)
{
    switch (step) {
    case GL_UP_STEP_PLAN:
        actor->status = actor->script[actor->at] ? actor->script[actor->at++] : "UPDATE_COMPLETE";
        actor->state = GL_UP_RUNNING;
        break;
    case GL_UP_STEP_DELETE:
        actor->status = NULL;
        actor->ways_out++;
        actor->state = GL_UP_CLEARING;
        break;
    case GL_UP_STEP_CONTINUE:
        actor->status = "UPDATE_ROLLBACK_COMPLETE";
        actor->ways_out++;
        actor->state = GL_UP_CLEARING;
        break;
    case GL_UP_STEP_AGAIN:
        actor->state = GL_UP_WAITING;
        break;
    case GL_UP_STEP_GOOD:
        actor->state = GL_UP_DONE;
        break;
    case GL_UP_STEP_UNDONE:
        actor->state = GL_UP_UNDONE;
        break;
    case GL_UP_STEP_BAD:
    case GL_UP_STEP_REFUSE:
        actor->state = GL_UP_FAILED;
        break;
    case GL_UP_STEP_BLOCK:
        actor->state = GL_UP_BLOCKED;
        break;
    default:
        break;
    }
}

static void play(struct actor *actors, size_t count)
{
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < count; i++) {
            const struct actor *need = actors[i].need < 0 ? NULL : &actors[actors[i].need];
            struct gl_up_facts facts = {
                .begun = true,
                .ways_out = actors[i].ways_out,
                .needs_open = need && !gl_up_is_over(need->state),
                .needs_failed = need && gl_up_is_over(need->state) && need->state != GL_UP_DONE,
            };
            apply(&actors[i], decide(actors[i].state, actors[i].status, facts));
        }
    }
}

static void test_a_run_goes_on_where_it_can(void **state)
{
    static const char *const good[] = {"CREATE_COMPLETE", NULL};
    static const char *const undone[] = {"ROLLBACK_COMPLETE", NULL};
    /* clang-format off */
    struct actor actors[] = {
        {.script = good, .need = -1},
        {.script = undone, .need = 0},
        {.script = good, .need = 1},
        {.script = good, .need = -1, .status = "UPDATE_ROLLBACK_FAILED"},
    };
    /* clang-format on */
    (void)state;
    play(actors, GL_COUNT(actors));
    assert_int_equal(actors[0].state, GL_UP_DONE);
    assert_int_equal(actors[1].state, GL_UP_UNDONE);
    assert_int_equal(actors[2].state, GL_UP_BLOCKED);
    assert_int_equal(actors[3].state, GL_UP_DONE);
    /* Running again is resuming. */
    for (size_t i = 0; i < GL_COUNT(actors); i++)
        actors[i].state = GL_UP_WAITING;
    play(actors, GL_COUNT(actors));
    for (size_t i = 0; i < GL_COUNT(actors); i++)
        assert_int_equal(actors[i].state, GL_UP_DONE);
}

/* ---- down --------------------------------------------------------------------------------------
 */

static enum gl_down_step down(enum gl_down_state state, const char *status,
                              struct gl_down_facts facts)
{
    facts.state = state;
    facts.status = status;
    return gl_down_decide(&facts);
}

static void test_down(void **state)
{
    struct gl_down_facts none = {0};
    struct gl_down_facts begun = {.begun = true, .tries = 1};
    struct gl_down_facts tried = {.begun = true, .tries = 2};
    struct gl_down_facts spent = {.begun = true, .tries = GL_DOWN_TRIES_MAX};
    (void)state;
    assert_int_equal(down(GL_DOWN_WAITING, "CREATE_COMPLETE", none), GL_DOWN_STEP_DELETE);
    assert_int_equal(down(GL_DOWN_WAITING, "CREATE_IN_PROGRESS", none), GL_DOWN_STEP_DELETE);
    assert_int_equal(down(GL_DOWN_WAITING, "UPDATE_IN_PROGRESS", none), GL_DOWN_STEP_NONE);
    assert_int_equal(down(GL_DOWN_WAITING, "DELETE_COMPLETE", none), GL_DOWN_STEP_GONE);
    assert_int_equal(down(GL_DOWN_RUNNING, "DELETE_IN_PROGRESS", begun), GL_DOWN_STEP_NONE);
    assert_int_equal(down(GL_DOWN_RUNNING, "DELETE_FAILED", none), GL_DOWN_STEP_NONE);
    assert_int_equal(down(GL_DOWN_RUNNING, "DELETE_FAILED", begun), GL_DOWN_STEP_DELETE);
    assert_int_equal(down(GL_DOWN_RUNNING, "DELETE_FAILED", tried), GL_DOWN_STEP_RETAIN);
    assert_int_equal(down(GL_DOWN_RUNNING, "DELETE_FAILED", spent), GL_DOWN_STEP_FAIL);
    assert_int_equal(down(GL_DOWN_RUNNING, "DELETE_COMPLETE", begun), GL_DOWN_STEP_GONE);
    struct gl_down_facts used = {.users_open = true};
    struct gl_down_facts stuck = {.users_open = true, .users_failed = true};
    struct gl_down_facts stopping = {.stopping = true};
    assert_int_equal(down(GL_DOWN_WAITING, "CREATE_COMPLETE", used), GL_DOWN_STEP_NONE);
    assert_int_equal(down(GL_DOWN_WAITING, "CREATE_COMPLETE", stuck), GL_DOWN_STEP_BLOCK);
    assert_int_equal(down(GL_DOWN_WAITING, "CREATE_COMPLETE", stopping), GL_DOWN_STEP_LEAVE);
}

/* ---- events ------------------------------------------------------------------------------------
 */

static void test_causes(void **state)
{
    struct gl_stack_event cause = {.status = "CREATE_FAILED", .reason = "VpcLimitExceeded"};
    struct gl_stack_event echo = {.status = "CREATE_FAILED",
                                  .reason = "Resource creation cancelled"};
    struct gl_stack_event of_stack = {.status = "CREATE_FAILED", .of_stack = true};
    struct gl_stack_event begin = {.status = "UPDATE_IN_PROGRESS", .of_stack = true};
    struct gl_stack_event review = {.status = "REVIEW_IN_PROGRESS", .of_stack = true};
    (void)state;
    assert_true(gl_event_is_cause(&cause));
    assert_false(gl_event_is_cause(&echo));
    assert_false(gl_event_is_cause(&of_stack));
    assert_true(gl_event_is_begin(&begin));
    assert_false(gl_event_is_begin(&review));
    assert_false(gl_event_is_begin(&cause));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_status_has_a_step),
        cmocka_unit_test(test_no_status_is_without_an_end),
        cmocka_unit_test(test_needs),
        cmocka_unit_test(test_an_old_status_ends_nothing),
        cmocka_unit_test(test_what_is_over_stays_over),
        cmocka_unit_test(test_a_run_goes_on_where_it_can),
        cmocka_unit_test(test_down),
        cmocka_unit_test(test_causes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
