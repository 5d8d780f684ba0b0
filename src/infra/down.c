/* The rounds of `golive down`. */
#include "infra/down.h"

#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/strv.h"
#include "infra/live_calls.h"

enum {
    FIRST_PAUSE_MS = 50,
    LONGEST_PAUSE_MS = 2000,
    GIVE_UP_MS = 60000,   /* CloudFormation begins an operation at once */
    LOST_ROUNDS_MAX = 20, /* rounds in a row that the network may cost */
};

struct work {
    struct gl_event_feed feed;
    bool begun;
    const char *last_status;
    const char *cause;
    int64_t asked_ms;
    unsigned tries;
};

struct run {
    struct gl_down *down;
    const struct gl_down_options *options;
    struct work *work;
    bool stopping;
    bool changed;
};

static bool is_over(enum gl_down_state state)
{
    return state != GL_DOWN_WAITING && state != GL_DOWN_RUNNING;
}

static void set(struct run *run, size_t i, enum gl_down_state state)
{
    struct gl_down_stack *stack = &run->down->stacks[i];
    stack->state = state;
    if (state == GL_DOWN_RUNNING && !stack->begun_ms)
        stack->begun_ms = gl_mono_ms();
    if (is_over(state))
        stack->ended_ms = gl_mono_ms();
    run->changed = true;
    if (run->options->reporter.changed)
        run->options->reporter.changed(stack, run->options->reporter.context);
}

static int record(struct run *run, const char *kind, size_t i, const char *what,
                  struct gl_error *err)
{
    const struct gl_down_stack *stack = &run->down->stacks[i];
    if (!run->options->ledger)
        return 0;
    gl_autojson json_t *data = json_object();
    gl_json_set_str(data, "stack", stack->key);
    gl_json_set_str(data, "stack_name", stack->stack_name);
    gl_json_set_str(data, "region", stack->region);
    gl_json_set_str(data, "status", stack->status);
    gl_json_set_str(data, "what", what);
    return gl_ledger_append(run->options->ledger, kind, run->down->plan->env, 0, data, NULL, err);
}

static void fail(struct run *run, size_t i, struct gl_error *own)
{
    struct gl_down_stack *stack = &run->down->stacks[i];
    gl_autoerr struct gl_error ignored = {0};
    stack->code = own->code;
    stack->reason = gl_arena_printf(&run->down->plan->arena, "%s%s%s", own->message,
                                    own->hint ? "\n" : "", own->hint ? own->hint : "");
    gl_error_done(own);
    set(run, i, GL_DOWN_FAILED);
    if (record(run, "infra.stack.failed", i, stack->reason, &ignored) < 0)
        gl_error_done(&ignored); /* the failure itself is what must be seen */
}

/* ---- looking -----------------------------------------------------------------------------------
 */

static void see(const struct gl_event_feed *feed, const struct gl_stack_event *event, void *context)
{
    struct run *run = context;
    struct work *work = &run->work[feed->number];
    struct gl_down_stack *stack = &run->down->stacks[feed->number];
    run->changed = true;
    if (event->of_stack) {
        work->begun = work->begun || gl_event_is_begin(event);
        work->last_status = event->status;
    } else {
        stack->resource = event->resource;
        stack->resource_status = event->status;
    }
    if (!work->cause && gl_event_is_cause(event))
        work->cause =
            gl_arena_printf(&run->down->plan->arena, "%s (%s) %s: %s", event->resource, event->type,
                            event->status, event->reason ? event->reason : "-");
    if (run->options->reporter.event)
        run->options->reporter.event(stack, event, run->options->reporter.context);
}

static int read_events(struct run *run, gl_event_seen_fn *reader, const bool *which,
                       struct gl_error *err)
{
    size_t all = run->down->count;
    gl_autofree struct gl_event_feed *feeds = gl_alloc((all + 1) * sizeof *feeds);
    size_t count = 0;
    for (size_t i = 0; i < all; i++) {
        if (which[i])
            feeds[count++] = run->work[i].feed;
    }
    int failed = gl_events_read(run->down->account, feeds, count, reader, run, err);
    for (size_t at = 0; at < count; at++)
        run->work[feeds[at].number].feed = feeds[at];
    return failed;
}

static int take_status(struct run *run, size_t i, struct gl_live_call *call, struct gl_error *err)
{
    struct gl_down_stack *stack = &run->down->stacks[i];
    bool absent = gl_aws_failure_is(&call->failure, "ValidationError") &&
                  strstr(call->failure.message, "does not exist") != NULL;
    if (call->code < 0 && !absent)
        return gl_live_call_fail(call, gl_account_caller(run->down->account), err);
    const json_t *found = json_array_get(json_object_get(call->result, "Stacks"), 0);
    const char *status = absent ? "DELETE_COMPLETE" : gl_json_str(found, "StackStatus", "");
    if (strcmp(status, stack->status) != 0) {
        stack->status = gl_arena_strdup(&run->down->plan->arena, status);
        run->changed = true;
    }
    return 0;
}

static int look(struct run *run, struct gl_error *err)
{
    struct gl_down *down = run->down;
    gl_autofree bool *running = gl_alloc(down->count + 1);
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(down->count);
    for (size_t i = 0; i < down->count; i++) {
        running[i] = down->stacks[i].state == GL_DOWN_RUNNING;
        if (is_over(down->stacks[i].state))
            continue;
        calls.items[i] = (struct gl_live_call){
            .service = "cloudformation",
            .operation = "DescribeStacks",
            .region = down->stacks[i].region,
            .params = json_pack("{ss}", "StackName", down->stacks[i].stack_id)};
    }
    int failed = read_events(run, see, running, err);
    if (failed == 0)
        failed =
            gl_live_calls(gl_account_client(down->account), calls.items, calls.count, false, err);
    for (size_t i = 0; failed == 0 && i < down->count; i++) {
        if (calls.items[i].operation)
            failed = take_status(run, i, &calls.items[i], err);
    }
    return failed;
}

static struct gl_down_facts facts_of(const struct run *run, size_t i)
{
    const struct gl_down *down = run->down;
    const struct work *work = &run->work[i];
    struct gl_down_facts facts = {
        .state = down->stacks[i].state,
        .status = down->stacks[i].status,
        .begun = work->begun && work->last_status &&
                 strcmp(work->last_status, down->stacks[i].status) == 0,
        .given_up = gl_mono_ms() - work->asked_ms > GIVE_UP_MS,
        .stopping = run->stopping,
        .tries = work->tries,
    };
    for (size_t user = 0; user < down->count; user++) {
        if (!gl_down_needs(down, user, i))
            continue;
        enum gl_down_state state = down->stacks[user].state;
        facts.users_open = facts.users_open || !is_over(state);
        facts.users_failed = facts.users_failed || (is_over(state) && state != GL_DOWN_GONE);
    }
    return facts;
}

/* ---- doing -------------------------------------------------------------------------------------
 */

/* Resources that could not be deleted, as a list of ids and as text. */
static int read_obstacles(struct run *run, size_t i, json_t *ids, struct gl_buf *text,
                          struct gl_error *err)
{
    const struct gl_down_stack *stack = &run->down->stacks[i];
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(1);
    size_t at;
    const json_t *item;
    calls.items[0] = (struct gl_live_call){
        .service = "cloudformation",
        .operation = "ListStackResources",
        .region = stack->region,
        .params = json_pack("{ss}", "StackName", stack->stack_id),
    };
    int failed = gl_live_calls(gl_account_client(run->down->account), calls.items, 1, false, err);
    if (failed == 0 && calls.items->code < 0)
        failed = gl_live_call_fail(calls.items, gl_account_caller(run->down->account), err);
    if (failed < 0)
        return failed;
    json_array_foreach(json_object_get(calls.items->result, "StackResourceSummaries"), at, item)
    {
        if (strcmp(gl_json_str(item, "ResourceStatus", ""), "DELETE_FAILED") != 0)
            continue;
        const char *id = gl_json_str(item, "LogicalResourceId", "?");
        json_array_append_new(ids, json_string(id));
        gl_buf_printf(text, "%s%s (%s, %s): %s", text->len ? "; " : "", id,
                      gl_json_str(item, "ResourceType", "?"),
                      gl_json_str(item, "PhysicalResourceId", "?"),
                      gl_json_str(item, "ResourceStatusReason", "?"));
    }
    return 0;
}

static int ask_for_deletion(struct run *run, size_t i, json_t *retain, struct gl_error *err)
{
    struct gl_down_stack *stack = &run->down->stacks[i];
    struct work *work = &run->work[i];
    gl_autofree bool *which = gl_alloc(run->down->count + 1);
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(1);
    which[i] = true;
    work->begun = false;
    work->last_status = NULL;
    work->cause = NULL;
    int failed = read_events(run, NULL, which, err);
    if (failed == 0)
        failed = record(run, "infra.stack.delete", i, retain ? "retain" : NULL, err);
    if (failed < 0)
        return failed;
    work->asked_ms = gl_mono_ms();
    work->tries++;
    calls.items[0] = (struct gl_live_call){
        .service = "cloudformation",
        .operation = "DeleteStack",
        .region = stack->region,
        .params = json_pack("{ss}", "StackName", stack->stack_id),
    };
    if (retain)
        json_object_set(calls.items->params, "RetainResources", retain);
    failed = gl_live_calls(gl_account_client(run->down->account), calls.items, 1, true, err);
    if (failed == 0 && calls.items->code < 0)
        failed = gl_live_call_fail(calls.items, gl_account_caller(run->down->account), err);
    if (failed == 0)
        set(run, i, GL_DOWN_RUNNING);
    return failed;
}

static int delete_stack(struct run *run, size_t i, struct gl_error *err)
{
    struct gl_down_stack *stack = &run->down->stacks[i];
    size_t removed = 0;
    int failed = gl_down_unprotect(run->down, stack, err);
    if (failed == 0)
        failed = gl_down_empty(run->down, stack, &removed, err);
    return failed < 0 ? failed : ask_for_deletion(run, i, NULL, err);
}

static int retain(struct run *run, size_t i, struct gl_error *err)
{
    struct gl_down_stack *stack = &run->down->stacks[i];
    gl_autojson json_t *ids = json_array();
    gl_autobuf struct gl_buf text = {0};
    int failed = read_obstacles(run, i, ids, &text, err);
    if (failed == 0)
        failed = run->options->reporter.ask(stack, gl_buf_text(&text),
                                            run->options->reporter.context, err);
    return failed < 0 ? failed : ask_for_deletion(run, i, ids, err);
}

static int give_up(struct run *run, size_t i, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    gl_autojson json_t *ids = json_array();
    gl_autobuf struct gl_buf text = {0};
    const struct gl_down_stack *stack = &run->down->stacks[i];
    int failed = read_obstacles(run, i, ids, &text, err);
    if (failed < 0)
        return failed;
    gl_fail(&own, GL_E_UNHEALTHY, _("%s: %s"), stack->status,
            text.len             ? gl_buf_text(&text)
            : run->work[i].cause ? run->work[i].cause
                                 : "-");
    gl_error_hint(&own, _("Remove what is in the way, then golive down again."));
    fail(run, i, &own);
    return 0;
}

static void block(struct run *run, size_t i)
{
    struct gl_down *down = run->down;
    for (size_t user = 0; user < down->count; user++) {
        enum gl_down_state state = down->stacks[user].state;
        if (gl_down_needs(down, user, i) && is_over(state) && state != GL_DOWN_GONE)
            down->stacks[i].reason =
                gl_arena_printf(&down->plan->arena, _("%s still needs it"), down->stacks[user].key);
    }
    set(run, i, GL_DOWN_BLOCKED);
}

static int finish(struct run *run, size_t i, struct gl_error *err)
{
    int failed = gl_down_find_snapshot(run->down, &run->down->stacks[i], err);
    if (failed < 0)
        return failed;
    set(run, i, GL_DOWN_GONE);
    return record(run, "infra.stack.deleted", i, run->down->stacks[i].snapshot, err);
}

static int perform(struct run *run, size_t i, enum gl_down_step step, struct gl_error *err)
{
    switch (step) {
    case GL_DOWN_STEP_NONE:
        return 0;
    case GL_DOWN_STEP_DELETE:
        return delete_stack(run, i, err);
    case GL_DOWN_STEP_RETAIN:
        return retain(run, i, err);
    case GL_DOWN_STEP_GONE:
        return finish(run, i, err);
    case GL_DOWN_STEP_FAIL:
        return give_up(run, i, err);
    case GL_DOWN_STEP_BLOCK:
        block(run, i);
        return 0;
    case GL_DOWN_STEP_LEAVE:
        set(run, i, GL_DOWN_LEFT);
        return 0;
    }
    return 0;
}

/* One stack's trouble is that stack's; what is nobody's ends the round. */
static int act(struct run *run, size_t i, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    struct gl_down_facts facts = facts_of(run, i);
    int failed = perform(run, i, gl_down_decide(&facts), &own);
    if (failed == GL_E_INTERRUPTED || failed == GL_E_NET || failed == GL_E_TIMEOUT) {
        gl_error_move(err, &own);
        return failed;
    }
    if (failed < 0)
        fail(run, i, &own);
    return 0;
}

static int round_once(struct run *run, struct gl_error *err)
{
    const struct gl_down_reporter *reporter = &run->options->reporter;
    int failed = run->options->lease ? gl_lease_check(run->options->lease, err) : 0;
    if (failed == 0)
        failed = look(run, err);
    for (size_t i = run->down->count; failed == 0 && i-- > 0;)
        failed = act(run, i, err);
    if (failed == 0 && reporter->round)
        reporter->round(run->down->stacks, run->down->count, reporter->context);
    return failed;
}

static bool all_over(const struct gl_down *down, size_t *ret_running)
{
    bool over = true;
    *ret_running = 0;
    for (size_t i = 0; i < down->count; i++) {
        over = over && is_over(down->stacks[i].state);
        *ret_running += down->stacks[i].state == GL_DOWN_RUNNING;
    }
    return over;
}

static int stop(struct run *run, size_t running, struct gl_error *err)
{
    const struct gl_down_reporter *reporter = &run->options->reporter;
    if (run->stopping || gl_interrupt_count() > 1)
        return gl_fail(err, GL_E_INTERRUPTED, _("interrupted"));
    gl_error_done(err);
    gl_interrupt_clear();
    run->stopping = true;
    run->changed = true;
    if (reporter->stopping)
        reporter->stopping(running, reporter->context);
    return 0;
}

static int run_rounds(struct run *run, struct gl_error *err)
{
    int64_t pause_ms = FIRST_PAUSE_MS;
    unsigned lost = 0;
    size_t running = 0;
    while (!all_over(run->down, &running)) {
        run->changed = false;
        int failed = round_once(run, err);
        bool away = failed == GL_E_NET || failed == GL_E_TIMEOUT;
        lost = away ? lost + 1 : 0;
        if (away && lost <= LOST_ROUNDS_MAX) {
            gl_error_done(err);
            failed = 0;
        }
        if (failed == GL_E_INTERRUPTED || (failed == 0 && gl_interrupted()))
            failed = stop(run, running, err);
        if (failed < 0)
            return failed;
        if (run->changed)
            pause_ms = FIRST_PAUSE_MS;
        if (all_over(run->down, &running))
            break;
        gl_sleep_ms(pause_ms);
        pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    }
    return 0;
}

static int report(const struct run *run, struct gl_error *err)
{
    size_t left = 0;
    for (size_t i = run->down->count; i-- > 0;) {
        const struct gl_down_stack *stack = &run->down->stacks[i];
        left += stack->state == GL_DOWN_LEFT;
        if (stack->state != GL_DOWN_FAILED)
            continue;
        const char *end = strchr(stack->reason, '\n');
        int len = end ? (int)(end - stack->reason) : (int)strlen(stack->reason);
        gl_fail(err, stack->code, "%s: %.*s", stack->key, len, stack->reason);
        return end ? gl_error_hint(err, "%s", end + 1) : stack->code;
    }
    if (left)
        return gl_fail(err, GL_E_INTERRUPTED, _("interrupted: %zu stacks were not begun"), left);
    return 0;
}

int gl_down_run(struct gl_down *down, const struct gl_down_options *options, struct gl_error *err)
{
    struct gl_arena *arena = &down->plan->arena;
    struct run run = {
        .down = down,
        .options = options,
        .work = gl_arena_alloc(arena, (down->count + 1) * sizeof *run.work),
    };
    for (size_t i = 0; i < down->count; i++)
        run.work[i].feed = (struct gl_event_feed){.stack = down->stacks[i].stack_id,
                                                  .region = down->stacks[i].region,
                                                  .arena = arena,
                                                  .number = i};
    int failed = run_rounds(&run, err);
    return failed < 0 ? failed : report(&run, err);
}
