/* Making, executing and discarding change sets, those of many stacks side by side. */
#include "infra/changeset.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "infra/changeset_internal.h"
#include "infra/stack_status.h"

enum {
    FIRST_PAUSE_MS = 250,    /* a small change set takes a few seconds; doubles up to */
    LONGEST_PAUSE_MS = 5000, /* this */
    GIVE_UP_MS = 15 * 60000, /* no change set takes that long */
};

/* The making of several change sets. The arrays have `count` entries. */
struct making {
    struct gl_plan *plan;
    struct gl_plan_stack *const *stacks;
    size_t count;
    struct gl_account *account;
    const char *name;
    const char *bucket;
    enum gl_change_action *actions; /* ADD: the stack is to be created, MODIFY: updated */
    struct gl_live_calls alarms;    /* of updates */
    struct gl_live_calls calls;
};

static void making_done(struct making *m)
{
    gl_live_calls_done(&m->calls);
    gl_live_calls_done(&m->alarms);
    free(m->actions);
}

static int make_calls(struct making *m, bool to_the_end, struct gl_error *err)
{
    return gl_live_calls(gl_account_client(m->account), m->calls.items, m->count, to_the_end, err);
}

/* ---- what there is -----------------------------------------------------------------------------
 */

/* What an unknown value waits for: its own source, or that of its first unknown part. */
static const char *source_of(const struct gl_value *value)
{
    for (const struct gl_value *at = value->first; at; at = at->next) {
        if (!value->source && at->source)
            return at->source;
    }
    return value->source ? value->source : value->name;
}

bool gl_plan_is_resolved(const struct gl_plan_stack *stack, const char **ret_waits_for)
{
    for (const struct gl_value *at = stack->given->first; at; at = at->next) {
        if (!gl_value_has_unknown(at))
            continue;
        if (ret_waits_for)
            *ret_waits_for = source_of(at);
        return false;
    }
    return true;
}

static int check_resolved(const struct making *m, struct gl_error *err)
{
    for (size_t i = 0; i < m->count; i++) {
        const char *source = NULL;
        if (!gl_plan_is_resolved(m->stacks[i], &source))
            return gl_fail(err, GL_E_USAGE, _("stack %s waits for %s"), m->stacks[i]->key, source);
    }
    return 0;
}

static int judge_status(const char *env, const struct gl_plan_stack *stack,
                        const struct gl_live_stack *live, enum gl_change_action *ret_action,
                        struct gl_error *err)
{
    const struct gl_stack_status *status = gl_stack_status_find(live->status);
    switch (status->way_out) {
    case GL_WAY_CREATE:
    case GL_WAY_REVIEW:
        *ret_action = GL_CHANGE_ADD;
        return 0;
    case GL_WAY_UPDATE:
        *ret_action = GL_CHANGE_MODIFY;
        return 0;
    case GL_WAY_WAIT:
        gl_fail(err, GL_E_BUSY, _("stack %s (%s) %s: %s"), stack->key, stack->stack_name,
                _(status->text), live->status);
        return gl_error_hint(err, _("Wait for it, then try again."));
    default:
        gl_fail(err, GL_E_REFUSED, _("stack %s (%s) %s: %s"), stack->key, stack->stack_name,
                _(status->text), live->status);
        return gl_error_hint(err, _("golive up --env %s puts it right first. AWS says: %s"), env,
                             live->reason ? live->reason : "-");
    }
}

static int look(struct making *m, struct gl_error *err)
{
    for (size_t i = 0; i < m->count; i++)
        gl_live_stack_ask(m->stacks[i], &m->calls.items[i]);
    int failed = make_calls(m, false, err);
    for (size_t i = 0; failed == 0 && i < m->count; i++) {
        struct gl_live_stack live = {0};
        failed = gl_live_stack_take(&m->plan->arena, &m->calls.items[i],
                                    gl_account_caller(m->account), &live, err);
        if (failed == 0)
            failed = judge_status(m->plan->env, m->stacks[i], &live, &m->actions[i], err);
        gl_live_call_done(&m->calls.items[i]);
    }
    return failed;
}

/* The alarms of stacks that are updated; those of a new one are not there yet. */
static int look_at_alarms(struct making *m, struct gl_error *err)
{
    m->alarms = gl_live_calls_new(m->count);
    for (size_t i = 0; i < m->count; i++) {
        if (m->actions[i] == GL_CHANGE_MODIFY)
            gl_changeset_ask_alarms(m->plan, m->stacks[i], &m->alarms.items[i]);
    }
    int failed =
        gl_live_calls(gl_account_client(m->account), m->alarms.items, m->count, false, err);
    for (size_t i = 0; failed == 0 && i < m->count; i++) {
        if (m->alarms.items[i].code < 0)
            failed = gl_live_call_fail(&m->alarms.items[i], gl_account_caller(m->account), err);
    }
    return failed;
}

/* ---- asking for them ---------------------------------------------------------------------------
 */

static json_t *parameters_of(const struct gl_plan_stack *stack)
{
    json_t *list = json_array();
    for (const struct gl_value *at = stack->given->first; at; at = at->next)
        json_array_append_new(
            list, json_pack("{ssss}", "ParameterKey", at->name, "ParameterValue", at->text));
    return list;
}

static void ask_for(const struct making *m, size_t i, struct gl_live_call *call)
{
    struct gl_plan_stack *stack = m->stacks[i];
    json_t *params = json_object();
    stack->change = (struct gl_stack_change){.action = m->actions[i]};
    gl_json_set_str(params, "StackName", stack->stack_name);
    gl_json_set_str(params, "ChangeSetName", m->name);
    gl_json_set_str(params, "ChangeSetType", m->actions[i] == GL_CHANGE_ADD ? "CREATE" : "UPDATE");
    json_object_set_new(params, "Capabilities",
                        json_pack("[ss]", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"));
    json_object_set_new(params, "Parameters", parameters_of(stack));
    json_object_set_new(params, "Tags", gl_plan_stack_tags(m->plan, stack));
    if (m->actions[i] == GL_CHANGE_MODIFY)
        json_object_set_new(params, "RollbackConfiguration",
                            gl_changeset_rollback(m->plan, stack, m->alarms.items[i].result));
    gl_changeset_set_template(m->plan, stack, m->bucket, params);
    *call = (struct gl_live_call){.service = "cloudformation",
                                  .operation = "CreateChangeSet",
                                  .region = stack->region,
                                  .params = params};
    stack->asked_change_set = gl_arena_strdup(&m->plan->arena, m->name);
}

/* The answer to a first try may have been lost: then the second finds what the first made. */
static bool exists_already(const struct gl_live_call *call)
{
    return gl_aws_failure_is(&call->failure, "AlreadyExistsException");
}

static int asking_failed(const struct making *m, size_t i, struct gl_error *err)
{
    struct gl_live_call *call = &m->calls.items[i];
    if (gl_aws_failure_is(&call->failure, "ValidationError"))
        return gl_changeset_refused(m->plan, m->stacks[i], call->failure.message, err);
    int code = gl_live_call_fail(call, gl_account_caller(m->account), err);
    gl_error_wrap(err, "%s", m->stacks[i]->key);
    return code;
}

static int ask_for_all(struct making *m, struct gl_error *err)
{
    for (size_t i = 0; i < m->count; i++)
        ask_for(m, i, &m->calls.items[i]);
    int failed = make_calls(m, true, err);
    for (size_t i = 0; i < m->count; i++) {
        struct gl_live_call *call = &m->calls.items[i];
        struct gl_plan_stack *stack = m->stacks[i];
        const char *id = gl_json_str(call->result, "Id", NULL);
        stack->change.change_set = gl_arena_strdup(&m->plan->arena, id ? id : m->name);
        if (failed == 0 && call->code < 0 && !exists_already(call))
            failed = asking_failed(m, i, err);
        if (call->code < 0 && !exists_already(call))
            stack->change.change_set = NULL;
        gl_live_call_done(call);
    }
    return failed;
}

/* ---- waiting -----------------------------------------------------------------------------------
 */

static bool is_ready(const struct gl_live_call *call)
{
    const char *status = gl_json_str(call->result, "Status", "");
    return strcmp(status, "CREATE_COMPLETE") == 0 || strcmp(status, "FAILED") == 0;
}

static void describe(const struct gl_plan_stack *stack, struct gl_live_call *call)
{
    gl_live_call_done(call);
    *call = (struct gl_live_call){
        .service = "cloudformation",
        .operation = "DescribeChangeSet",
        .region = stack->region,
        .params = json_pack("{sssssb}", "StackName", stack->stack_name, "ChangeSetName",
                            stack->change.change_set, "IncludePropertyValues", 1),
    };
}

/* Asks for those that are not ready; *ret_waiting says how many are not yet. */
static int describe_all(struct making *m, size_t *ret_waiting, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls round = gl_live_calls_new(m->count);
    for (size_t i = 0; i < m->count; i++) {
        if (!is_ready(&m->calls.items[i]))
            describe(m->stacks[i], &round.items[i]);
    }
    int failed = gl_live_calls(gl_account_client(m->account), round.items, round.count, false, err);
    size_t waiting = 0;
    for (size_t i = 0; failed == 0 && i < m->count; i++) {
        if (!round.items[i].operation)
            continue;
        if (round.items[i].code < 0)
            failed = gl_live_call_fail(&round.items[i], gl_account_caller(m->account), err);
        waiting += !is_ready(&round.items[i]);
        gl_live_call_done(&m->calls.items[i]);
        m->calls.items[i] = round.items[i];
        round.items[i] = (struct gl_live_call){0};
    }
    *ret_waiting = waiting;
    return failed;
}

static int wait_for_all(struct making *m, struct gl_error *err)
{
    int64_t deadline_ms = gl_mono_ms() + GIVE_UP_MS;
    size_t waiting = m->count;
    for (int64_t pause_ms = FIRST_PAUSE_MS;; pause_ms += pause_ms / 2) {
        int failed = describe_all(m, &waiting, err);
        if (failed < 0 || waiting == 0)
            return failed;
        if (gl_mono_ms() > deadline_ms)
            return gl_fail(err, GL_E_TIMEOUT, _("%zu change sets are not ready after 15 minutes"),
                           waiting);
        gl_sleep_ms(pause_ms < LONGEST_PAUSE_MS ? pause_ms : LONGEST_PAUSE_MS);
        failed = gl_interrupt_check(err);
        if (failed < 0)
            return failed;
    }
}

/* ---- results -----------------------------------------------------------------------------------
 */

/* Since 2025 the reason may only say that early validation failed; what it found stands in events
 * of the operation. Where they may not be read, the reason alone must do. */
static char *full_reason(const struct making *m, size_t i, const char *reason)
{
    gl_autoerr struct gl_error ignored = {0};
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(1);
    *calls.items = (struct gl_live_call){
        .service = "cloudformation",
        .operation = "DescribeEvents",
        .region = m->stacks[i]->region,
        .params = json_pack("{sss{sb}}", "ChangeSetName", m->stacks[i]->change.change_set,
                            "Filters", "FailedEvents", 1),
    };
    if (gl_live_calls(gl_account_client(m->account), calls.items, 1, true, &ignored) < 0)
        return gl_strdup(reason);
    return gl_changeset_reason_of_events(calls.items->result, reason);
}

static int take(const struct making *m, size_t i, struct gl_error *err)
{
    struct gl_plan_stack *stack = m->stacks[i];
    const json_t *answer = m->calls.items[i].result;
    const char *reason = gl_json_str(answer, "StatusReason", NULL);
    if (strcmp(gl_json_str(answer, "Status", ""), "FAILED") != 0) {
        gl_changeset_read(m->plan, stack, answer, m->actions[i]);
        return 0;
    }
    stack->change.action = GL_CHANGE_NONE;
    if (gl_changeset_reason_is_no_change(reason))
        return 0;
    gl_autofree char *words = full_reason(m, i, reason);
    return gl_changeset_refused(m->plan, stack, words, err);
}

/* A change set without changes is a failed one that would lie about for ever. */
static int discard_empty(const struct making *m, struct gl_error *err)
{
    struct gl_plan_stack **empty =
        gl_alloc((m->count ? m->count : 1) * sizeof(struct gl_plan_stack *));
    size_t count = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (m->stacks[i]->change.action == GL_CHANGE_NONE)
            empty[count++] = m->stacks[i];
    }
    int failed = gl_changesets_discard(empty, count, m->account, err);
    free(empty);
    return failed;
}

int gl_changesets_make(struct gl_plan *plan, struct gl_plan_stack *const *stacks, size_t count,
                       struct gl_account *account, const char *name, struct gl_error *err)
{
    gl_cleanup(making_done) struct making m = {
        .plan = plan, .stacks = stacks, .count = count, .account = account, .name = name};
    m.actions = gl_alloc((count ? count : 1) * sizeof *m.actions);
    m.calls = gl_live_calls_new(count);
    int failed = check_resolved(&m, err);
    if (failed == 0)
        failed = look(&m, err);
    if (failed == 0)
        failed = look_at_alarms(&m, err);
    if (failed == 0)
        failed = gl_changeset_upload(plan, stacks, count, account, &m.bucket, err);
    if (failed == 0)
        failed = ask_for_all(&m, err);
    if (failed == 0)
        failed = wait_for_all(&m, err);
    if (failed == GL_E_INTERRUPTED)
        gl_interrupt_clear();
    for (size_t i = 0; failed == 0 && i < count; i++)
        failed = take(&m, i, err);
    return failed < 0 ? failed : discard_empty(&m, err);
}

int gl_changeset_make(struct gl_plan *plan, struct gl_plan_stack *stack, struct gl_account *account,
                      const char *name, struct gl_error *err)
{
    return gl_changesets_make(plan, &stack, 1, account, name, err);
}

/* ---- executing ---------------------------------------------------------------------------------
 */

int gl_changeset_execute(struct gl_plan_stack *stack, struct gl_account *account,
                         struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(1);
    *calls.items = (struct gl_live_call){
        .service = "cloudformation",
        .operation = "ExecuteChangeSet",
        .region = stack->region,
        /* What a creation that fails has made goes, even if it is to be retained later: its name
         * would be in the way of the next try. */
        .params = json_pack("{sssssb}", "StackName", stack->stack_name, "ChangeSetName",
                            stack->change.change_set, "RetainExceptOnCreate", 1),
    };
    int failed = gl_live_calls(gl_account_client(account), calls.items, 1, true, err);
    if (failed == 0 && calls.items->code < 0) {
        failed = gl_live_call_fail(calls.items, gl_account_caller(account), err);
        gl_error_wrap(err, "%s", stack->key);
    }
    return failed;
}
