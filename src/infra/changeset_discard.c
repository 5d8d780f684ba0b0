/* Removing change sets, and the stacks that exist only for them. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "infra/changeset_internal.h"
#include "infra/plan_id.h"

enum {
    FIRST_PAUSE_MS = 250, /* while AWS still makes what is to be deleted; doubles */
    DELETE_TRIES = 8,
};

struct discarding {
    struct gl_plan_stack *const *stacks;
    size_t count;
    struct gl_account *account;
    struct gl_error first; /* failure; the others are not said */
};

static void discarding_done(struct discarding *d)
{
    gl_error_done(&d->first);
}

/* ---- change sets --------------------------------------------------------------------------------
 */

/* AWS does not delete what it is still making, nor knows what is gone. */
static bool must_wait(const struct gl_live_call *call)
{
    return gl_aws_failure_is(&call->failure, "InvalidChangeSetStatus") ||
           gl_aws_failure_is(&call->failure, "InvalidChangeSetStatusException");
}

static bool is_gone(const struct gl_live_call *call)
{
    return gl_aws_failure_is(&call->failure, "ChangeSetNotFound") ||
           gl_aws_failure_is(&call->failure, "ChangeSetNotFoundException") ||
           gl_live_stack_is_absent(call);
}

/* Keeps the first failure and goes on. */
static void note_failure(struct discarding *d, size_t i, struct gl_live_call *call)
{
    if (d->first.code < 0)
        return;
    gl_live_call_fail(call, gl_account_caller(d->account), &d->first);
    gl_error_wrap(&d->first, _("what was planned of %s could not be removed"),
                  d->stacks[i]->stack_name);
}

static struct gl_live_call call_for(const struct gl_plan_stack *stack, const char *operation)
{
    return (struct gl_live_call){
        .service = "cloudformation",
        .operation = operation,
        .region = stack->region,
        .params = json_pack("{ss}", "StackName", stack->stack_name),
    };
}

/* One try for those that are not done; says how many must be tried again. */
static int try_delete(struct discarding *d, bool *done, bool last, size_t *ret_waiting,
                      struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(d->count);
    size_t waiting = 0;
    for (size_t i = 0; i < d->count; i++) {
        if (done[i] || !d->stacks[i]->asked_change_set)
            continue;
        calls.items[i] = call_for(d->stacks[i], "DeleteChangeSet");
        gl_json_set_str(calls.items[i].params, "ChangeSetName", d->stacks[i]->asked_change_set);
    }
    int failed = gl_live_calls(gl_account_client(d->account), calls.items, d->count, true, err);
    for (size_t i = 0; failed == 0 && i < d->count; i++) {
        struct gl_live_call *call = &calls.items[i];
        bool again = call->code < 0 && must_wait(call) && !last;
        done[i] = !again;
        waiting += again;
        if (call->code < 0 && !again && !is_gone(call))
            note_failure(d, i, call);
    }
    *ret_waiting = waiting;
    return failed;
}

static int delete_sets(struct discarding *d, struct gl_error *err)
{
    gl_autofree bool *done = gl_alloc(d->count + 1);
    int64_t pause_ms = FIRST_PAUSE_MS;
    for (int attempt = 1; attempt <= DELETE_TRIES; attempt++) {
        size_t waiting = 0;
        int failed = try_delete(d, done, attempt == DELETE_TRIES, &waiting, err);
        if (failed < 0 || waiting == 0)
            return failed;
        gl_sleep_ms(pause_ms);
        pause_ms *= 2;
    }
    return 0;
}

/* ---- what is left ------------------------------------------------------------------------------
 */

/* What a stack has beside ours. */
struct rest {
    bool planned_only; /* REVIEW_IN_PROGRESS */
    bool others;       /* change sets that are still good for something */
    struct gl_strv stale;
};

struct rests {
    struct rest *items;
    size_t count;
};

static void rests_done(struct rests *rests)
{
    for (size_t i = 0; i < rests->count; i++)
        gl_strv_done(&rests->items[i].stale);
    free(rests->items);
}

/* A plan of golive's that nobody may execute any more (plan_id.h), or whose maker was killed. */
static bool is_stale(const json_t *summary)
{
    int64_t made_unix_ms = 0;
    return gl_starts_with(gl_json_str(summary, "ChangeSetName", ""), GL_PLAN_CHANGE_SET_PREFIX) &&
           gl_aws_time(json_object_get(summary, "CreationTime"), &made_unix_ms) &&
           gl_now_unix_ms() - made_unix_ms > GL_PLAN_VALID_MINUTES * 60000LL;
}

static void read_rest(const json_t *stacks, const json_t *sets, struct rest *rest)
{
    const json_t *found = json_array_get(json_object_get(stacks, "Stacks"), 0);
    const json_t *list = json_object_get(sets, "Summaries");
    size_t i;
    const json_t *item;
    rest->planned_only = strcmp(gl_json_str(found, "StackStatus", ""), "REVIEW_IN_PROGRESS") == 0;
    json_array_foreach(list, i, item)
    {
        if (is_stale(item))
            gl_strv_add(&rest->stale, gl_json_str(item, "ChangeSetId", ""));
        else
            rest->others = true;
    }
}

static int find_rests(const struct discarding *d, struct rests *rests, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls look = gl_live_calls_new(d->count);
    gl_autocalls struct gl_live_calls list = gl_live_calls_new(d->count);
    for (size_t i = 0; i < d->count; i++) {
        if (!d->stacks[i]->asked_change_set)
            continue;
        look.items[i] = call_for(d->stacks[i], "DescribeStacks");
        list.items[i] = call_for(d->stacks[i], "ListChangeSets");
    }
    struct gl_aws_client *client = gl_account_client(d->account);
    int failed = gl_live_calls(client, look.items, d->count, true, err);
    if (failed == 0)
        failed = gl_live_calls(client, list.items, d->count, true, err);
    for (size_t i = 0; failed == 0 && i < d->count; i++) {
        if (look.items[i].result && list.items[i].result)
            read_rest(look.items[i].result, list.items[i].result, &rests->items[i]);
    }
    return failed;
}

static int delete_stale(const struct discarding *d, const struct rests *rests, struct gl_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < d->count; i++)
        count += rests->items[i].stale.count;
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(count);
    size_t filled = 0;
    for (size_t i = 0; i < d->count; i++) {
        for (size_t k = 0; k < rests->items[i].stale.count; k++) {
            calls.items[filled] = call_for(d->stacks[i], "DeleteChangeSet");
            gl_json_set_str(calls.items[filled++].params, "ChangeSetName",
                            rests->items[i].stale.items[k]);
        }
    }
    /* Not ours: whether it goes is no matter of success. */
    return gl_live_calls(gl_account_client(d->account), calls.items, count, true, err);
}

/* Stacks that are nothing but a plan, and of which there is no plan any more. */
static int delete_hollow(struct discarding *d, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(d->count);
    gl_cleanup(rests_done) struct rests rests = {.count = d->count};
    rests.items = gl_alloc((d->count + 1) * sizeof *rests.items);
    int failed = find_rests(d, &rests, err);
    if (failed == 0)
        failed = delete_stale(d, &rests, err);
    if (failed < 0)
        return failed;
    for (size_t i = 0; i < d->count; i++) {
        if (rests.items[i].planned_only && !rests.items[i].others)
            calls.items[i] = call_for(d->stacks[i], "DeleteStack");
    }
    failed = gl_live_calls(gl_account_client(d->account), calls.items, d->count, true, err);
    for (size_t i = 0; failed == 0 && i < d->count; i++) {
        if (calls.items[i].code < 0)
            note_failure(d, i, &calls.items[i]);
    }
    return failed;
}

int gl_changesets_discard(struct gl_plan_stack *const *stacks, size_t count,
                          struct gl_account *account, struct gl_error *err)
{
    gl_cleanup(discarding_done) struct discarding d = {
        .stacks = stacks, .count = count, .account = account};
    int failed = delete_sets(&d, err);
    if (failed == 0)
        failed = delete_hollow(&d, err);
    if (failed < 0)
        return failed;
    if (d.first.code < 0) {
        failed = d.first.code;
        if (err)
            gl_error_move(err, &d.first);
        return failed;
    }
    for (size_t i = 0; i < count; i++) {
        stacks[i]->change.change_set = NULL;
        stacks[i]->asked_change_set = NULL;
    }
    return 0;
}

int gl_changeset_discard(struct gl_plan_stack *stack, struct gl_account *account,
                         struct gl_error *err)
{
    return gl_changesets_discard(&stack, 1, account, err);
}
