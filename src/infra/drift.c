/* Asking CloudFormation for drift. */
#include "infra/drift.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "infra/changeset_internal.h"
#include "infra/stack_status.h"

enum {
    FIRST_PAUSE_MS = 250,
    LONGEST_PAUSE_MS = 5000,
    GIVE_UP_MS = 30 * 60000, /* large stacks take minutes */
};

enum state {
    WANTED,  /* to be started */
    RUNNING, /* has an id */
    READY,   /* results can be read */
    LEFT_OUT,
};

struct job {
    enum state state;
    char *id;
};

struct detecting {
    const struct gl_drift_options *options;
    struct gl_drift_stack *results;
    struct job *jobs;
    size_t count;
};

static void detecting_done(struct detecting *d)
{
    for (size_t i = 0; d->jobs && i < d->count; i++)
        free(d->jobs[i].id);
    free(d->jobs);
}

static struct gl_aws_client *client_of(const struct detecting *d)
{
    return gl_account_client(d->options->account);
}

static const struct gl_plan_stack *stack_of(const struct detecting *d, size_t i)
{
    return &d->options->plan->stacks[i];
}

static void leave_out(struct detecting *d, size_t i, const char *why)
{
    d->jobs[i].state = LEFT_OUT;
    d->results[i].not_checked = why;
}

/* ---- starting ----------------------------------------------------------------------------------
 */

static void choose(struct detecting *d)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct gl_live_stack *live = &d->options->stacks[i];
        enum gl_way_out way = gl_stack_status_find(live->status)->way_out;
        d->results[i].stack = stack_of(d, i);
        if (!gl_live_stack_stands(live))
            leave_out(d, i, _("not made yet"));
        else if (way == GL_WAY_WAIT || way == GL_WAY_ASK)
            leave_out(d, i, live->status);
    }
}

/* Somebody else's detection of the same stack is under way: ours can begin after it. */
static bool is_under_way(const struct gl_live_call *call)
{
    return call->failure.message && strstr(call->failure.message, "already in progress");
}

static int take_start(struct detecting *d, size_t i, struct gl_live_call *call,
                      struct gl_error *err)
{
    if (call->code == 0) {
        d->jobs[i].id = gl_strdup(gl_json_str(call->result, "StackDriftDetectionId", ""));
        d->jobs[i].state = RUNNING;
        return 0;
    }
    if (is_under_way(call))
        return 0;
    if (gl_aws_failure_is(&call->failure, "ValidationError")) {
        leave_out(d, i, gl_arena_strdup(&d->options->plan->arena, call->failure.message));
        return 0;
    }
    return gl_live_call_fail(call, gl_account_caller(d->options->account), err);
}

/* ---- a round -----------------------------------------------------------------------------------
 */

static void describe_job(const struct detecting *d, size_t i, struct gl_live_call *call)
{
    const struct gl_plan_stack *stack = stack_of(d, i);
    const struct job *job = &d->jobs[i];
    if (job->state == WANTED)
        *call = (struct gl_live_call){
            .service = "cloudformation",
            .operation = "DetectStackDrift",
            .region = stack->region,
            .params = json_pack("{ss}", "StackName", stack->stack_name),
        };
    else if (job->state == RUNNING)
        *call = (struct gl_live_call){
            .service = "cloudformation",
            .operation = "DescribeStackDriftDetectionStatus",
            .region = stack->region,
            .params = json_pack("{ss}", "StackDriftDetectionId", job->id),
        };
}

static int take_status(struct detecting *d, size_t i, struct gl_live_call *call,
                       struct gl_error *err)
{
    if (call->code < 0)
        return gl_live_call_fail(call, gl_account_caller(d->options->account), err);
    const char *status = gl_json_str(call->result, "DetectionStatus", "");
    const char *reason = gl_json_str(call->result, "DetectionStatusReason", NULL);
    if (strcmp(status, "DETECTION_COMPLETE") == 0)
        d->jobs[i].state = READY;
    if (strcmp(status, "DETECTION_FAILED") == 0) {
        d->jobs[i].state = READY; /* what was checked until then is there */
        d->results[i].not_checked = gl_arena_printf(
            &d->options->plan->arena, _("not all of it: %s"), reason ? reason : status);
    }
    return 0;
}

/* Starts or asks for all that are not ready; says how many are left. */
static int go_round(struct detecting *d, size_t *ret_left, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(d->count);
    for (size_t i = 0; i < d->count; i++)
        describe_job(d, i, &calls.items[i]);
    int failed = gl_live_calls(client_of(d), calls.items, d->count, false, err);
    size_t left = 0;
    for (size_t i = 0; failed == 0 && i < d->count; i++) {
        if (!calls.items[i].operation)
            continue;
        failed = d->jobs[i].state == WANTED ? take_start(d, i, &calls.items[i], err)
                                            : take_status(d, i, &calls.items[i], err);
        left += d->jobs[i].state == WANTED || d->jobs[i].state == RUNNING;
    }
    *ret_left = left;
    return failed;
}

static int wait_for_all(struct detecting *d, struct gl_error *err)
{
    int64_t deadline_ms = gl_mono_ms() + GIVE_UP_MS;
    size_t all = 0;
    for (size_t i = 0; i < d->count; i++)
        all += d->jobs[i].state == WANTED;
    size_t left = all;
    for (int64_t pause_ms = FIRST_PAUSE_MS; left; pause_ms += pause_ms / 2) {
        int failed = go_round(d, &left, err);
        if (failed < 0)
            return failed;
        if (d->options->say)
            d->options->say(d->options->say_context, all - left, all);
        if (left == 0)
            break;
        if (gl_mono_ms() > deadline_ms)
            return gl_fail(err, GL_E_TIMEOUT,
                           _("drift of %zu stacks is not known after 30 minutes"), left);
        gl_sleep_ms(pause_ms < LONGEST_PAUSE_MS ? pause_ms : LONGEST_PAUSE_MS);
        failed = gl_interrupt_check(err);
        if (failed < 0)
            return failed;
    }
    return 0;
}

/* ---- results -----------------------------------------------------------------------------------
 */

static void read_stack(struct detecting *d, size_t i, const json_t *answer)
{
    struct gl_arena *arena = &d->options->plan->arena;
    struct gl_stack_change *change = &d->results[i].change;
    const json_t *list = json_object_get(answer, "StackResourceDrifts");
    size_t k;
    const json_t *item;
    change->resources = gl_arena_alloc(arena, json_array_size(list) * sizeof *change->resources);
    json_array_foreach(list, k, item) gl_drift_read_resource(
        arena, stack_of(d, i), item, &change->resources[change->resource_count++]);
    change->action = change->resource_count ? GL_CHANGE_MODIFY : GL_CHANGE_NONE;
}

static int read_all(struct detecting *d, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(d->count);
    for (size_t i = 0; i < d->count; i++) {
        if (d->jobs[i].state != READY)
            continue;
        calls.items[i] = (struct gl_live_call){
            .service = "cloudformation",
            .operation = "DescribeStackResourceDrifts",
            .region = stack_of(d, i)->region,
            .params = json_pack("{sss[ss]}", "StackName", stack_of(d, i)->stack_name,
                                "StackResourceDriftStatusFilters", "MODIFIED", "DELETED"),
        };
    }
    int failed = gl_live_calls(client_of(d), calls.items, d->count, false, err);
    for (size_t i = 0; failed == 0 && i < d->count; i++) {
        if (!calls.items[i].operation)
            continue;
        if (calls.items[i].code < 0)
            failed =
                gl_live_call_fail(&calls.items[i], gl_account_caller(d->options->account), err);
        else
            read_stack(d, i, calls.items[i].result);
    }
    return failed;
}

bool gl_drift_is_expected(const struct gl_resource_change *change)
{
    if (change->action != GL_CHANGE_MODIFY)
        return false;
    for (size_t i = 0; i < change->property_count; i++) {
        if (!change->properties[i].expected)
            return false;
    }
    return change->property_count > 0;
}

static void count_up(const struct detecting *d, struct gl_drift *drift)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct gl_stack_change *change = &d->results[i].change;
        drift->checked += d->jobs[i].state == READY;
        for (size_t k = 0; k < change->resource_count; k++) {
            bool expected = gl_drift_is_expected(&change->resources[k]);
            drift->expected += expected;
            drift->found += !expected;
        }
    }
}

int gl_drift_detect(const struct gl_drift_options *options, struct gl_drift *ret_drift,
                    struct gl_error *err)
{
    gl_cleanup(detecting_done) struct detecting d = {.options = options,
                                                     .count = options->plan->count};
    d.results = gl_arena_alloc(&options->plan->arena, d.count * sizeof *d.results);
    d.jobs = gl_alloc((d.count + 1) * sizeof *d.jobs);
    choose(&d);
    int failed = wait_for_all(&d, err);
    if (failed == 0)
        failed = read_all(&d, err);
    if (failed < 0)
        return failed;
    struct gl_drift drift = {.stacks = d.results, .count = d.count};
    count_up(&d, &drift);
    *ret_drift = drift;
    return 0;
}
