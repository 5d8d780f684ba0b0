/* `golive up`: the ways out of what an earlier operation left. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "infra/up_internal.h"

static const struct way {
    enum gl_up_step step;
    const char *operation;
    const char *text; /* N_(): what it does */
} ways[] = {
    {GL_UP_STEP_DELETE,   "DeleteStack",
     N_("What is left of it is deleted, then it is made anew. Resources that are to be kept "
        "(DeletionPolicy) stay.")                                                                   },
    {GL_UP_STEP_CONTINUE, "ContinueUpdateRollback",
     N_("CloudFormation tries again to put it back.")                                               },
    {GL_UP_STEP_ROLLBACK, "RollbackStack",          N_("CloudFormation takes the half change back.")},
};

static const struct way *way_of(enum gl_up_step step)
{
    for (size_t i = 0; i < GL_COUNT(ways); i++) {
        if (ways[i].step == step)
            return &ways[i];
    }
    return &ways[0];
}

/* All resources of the stack. The caller owns the list. */
static int list_resources(struct up_run *run, size_t i, json_t **ret_list, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(1);
    calls.items[0] = (struct gl_live_call){
        .service = "cloudformation",
        .operation = "ListStackResources",
        .region = run->shown[i].stack->region,
        .params = json_pack("{ss}", "StackName", run->shown[i].stack->stack_name),
    };
    int failed =
        gl_live_calls(gl_account_client(run->options->account), calls.items, 1, false, err);
    if (failed == 0 && calls.items->code < 0)
        failed = gl_live_call_fail(calls.items, gl_account_caller(run->options->account), err);
    if (failed == 0)
        *ret_list = json_incref(json_object_get(calls.items->result, "StackResourceSummaries"));
    return failed;
}

/* Resources of the stack in that status, with AWS's reasons. */
static int read_resources(struct up_run *run, size_t i, const char *status, json_t *ids,
                          struct gl_buf *text, struct gl_error *err)
{
    gl_autojson json_t *list = NULL;
    size_t at;
    const json_t *item;
    int failed = list_resources(run, i, &list, err);
    if (failed < 0)
        return failed;
    json_array_foreach(list, at, item)
    {
        if (strcmp(gl_json_str(item, "ResourceStatus", ""), status) != 0)
            continue;
        const char *id = gl_json_str(item, "LogicalResourceId", "?");
        json_array_append_new(ids, json_string(id));
        gl_buf_printf(text, _("%s%s (%s): %s"), text->len ? "; " : "", id,
                      gl_json_str(item, "ResourceType", "?"),
                      gl_json_str(item, "ResourceStatusReason", "?"));
    }
    return 0;
}

static int ask(struct up_run *run, size_t i, const char *text, struct gl_error *err)
{
    struct gl_up_question question = {
        .kind = GL_UP_ASK_WAY_OUT,
        .stack = run->shown[i].stack,
        .env = run->plan->env,
        .text = text,
    };
    return run->options->reporter.ask(&question, run->options->reporter.context, err);
}

/* A stack that never worked can still hold data: somebody may have kept what there was of it. */
static int ask_for_data(struct up_run *run, size_t i, const json_t *list, struct gl_error *err)
{
    const struct gl_plan_stack *stack = run->shown[i].stack;
    size_t at;
    const json_t *item;
    json_array_foreach(list, at, item)
    {
        const char *id = gl_json_str(item, "LogicalResourceId", "?");
        const char *status = gl_json_str(item, "ResourceStatus", "");
        const struct gl_resource *resource = gl_evaluated_resource(&stack->result, id);
        bool stands = gl_ends_with(status, "_COMPLETE") && strcmp(status, "DELETE_COMPLETE") != 0;
        bool kept = resource && resource->deletion_policy &&
                    strcmp(resource->deletion_policy, "Delete") != 0;
        if (!stands || kept || !gl_stack_holds_data(stack->def, id))
            continue;
        gl_autofree char *text =
            gl_asprintf(_("%s (%s) holds data and would be removed with what is left of %s."), id,
                        gl_json_str(item, "ResourceType", "?"), stack->stack_name);
        struct gl_up_question question = {.kind = GL_UP_ASK_DATA,
                                          .stack = stack,
                                          .resource = id,
                                          .env = run->plan->env,
                                          .text = text};
        int failed = run->options->reporter.ask(&question, run->options->reporter.context, err);
        if (failed < 0)
            return failed;
    }
    return 0;
}

/* The second time the same resources would be in the way again: they are left as they are. */
static int add_skipped(struct up_run *run, size_t i, enum gl_up_step step, json_t *params,
                       struct gl_buf *text, struct gl_error *err)
{
    if (step != GL_UP_STEP_CONTINUE || run->work[i].ways_out == 0)
        return 0;
    gl_autojson json_t *ids = json_array();
    gl_autobuf struct gl_buf why = {0};
    int failed = read_resources(run, i, "UPDATE_FAILED", ids, &why, err);
    if (failed < 0 || json_array_size(ids) == 0)
        return failed;
    json_object_set(params, "ResourcesToSkip", ids);
    gl_buf_printf(text, _(" These are left as they are, and may then differ from the stack: %s."),
                  gl_buf_text(&why));
    return 0;
}

static int take(struct up_run *run, size_t i, const struct way *way, json_t *params,
                struct gl_error *err)
{
    gl_autofree bool *which = gl_alloc(run->count + 1);
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(1);
    which[i] = true;
    int failed = gl_up_mark(run, which, err);
    if (failed == 0)
        failed = gl_up_record(run, "infra.stack.way_out", i, way->operation, err);
    if (failed < 0)
        return failed;
    run->work[i].asked_ms = gl_mono_ms();
    run->work[i].ways_out++;
    calls.items[0] = (struct gl_live_call){
        .service = "cloudformation",
        .operation = way->operation,
        .region = run->shown[i].stack->region,
        .params = json_incref(params),
    };
    failed = gl_live_calls(gl_account_client(run->options->account), calls.items, 1, true, err);
    if (failed == 0 && calls.items->code < 0 && calls.items->code != GL_E_NOT_FOUND)
        failed = gl_live_call_fail(calls.items, gl_account_caller(run->options->account), err);
    if (failed == 0) {
        run->shown[i].reason = gl_arena_printf(&run->plan->arena, "%s", way->operation);
        gl_up_set(run, i, GL_UP_CLEARING);
    }
    return failed;
}

int gl_up_way_out(struct up_run *run, size_t i, enum gl_up_step step, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    const struct way *way = way_of(step);
    const struct gl_plan_stack *stack = run->shown[i].stack;
    const struct gl_stack_status *status = gl_stack_status_find(run->live[i].status);
    gl_autojson json_t *params = json_pack("{ss}", "StackName", stack->stack_name);
    gl_autojson json_t *list = NULL;
    gl_autobuf struct gl_buf text = {0};
    gl_buf_printf(&text, _("%s %s (%s). %s"), stack->stack_name, _(status->text),
                  run->live[i].status, _(way->text));
    int failed = add_skipped(run, i, step, params, &text, &own);
    if (failed == 0 && step == GL_UP_STEP_DELETE)
        failed = list_resources(run, i, &list, &own);
    if (failed == 0)
        failed = ask_for_data(run, i, list, &own);
    if (failed == 0)
        failed = ask(run, i, gl_buf_text(&text), &own);
    if (failed == 0)
        failed = take(run, i, way, params, &own);
    if (failed == 0)
        return 0;
    if (failed == GL_E_INTERRUPTED || failed == GL_E_NET || failed == GL_E_TIMEOUT) {
        gl_error_move(err, &own);
        return failed;
    }
    gl_up_fail(run, i, GL_UP_FAILED, &own);
    return 0;
}

int gl_up_refuse(struct up_run *run, size_t i, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    gl_autojson json_t *ids = json_array();
    gl_autobuf struct gl_buf text = {0};
    const struct gl_plan_stack *stack = run->shown[i].stack;
    const char *word = run->live[i].status;
    const struct gl_stack_status *status = gl_stack_status_find(word);
    const char *failed_status =
        word && gl_starts_with(word, "DELETE") ? "DELETE_FAILED" : "UPDATE_FAILED";
    int failed = read_resources(run, i, failed_status, ids, &text, err);
    if (failed < 0)
        return failed;
    gl_fail(&own, GL_E_REFUSED, _("%s %s (%s)%s%s"), stack->stack_name, _(status->text),
            word ? word : "-", text.len ? ": " : "", gl_buf_text(&text));
    if (status->way_out == GL_WAY_ASK)
        gl_error_hint(&own,
                      _("Remove what is in the way, then golive down --env %s --stack %s, "
                        "then golive up --env %s."),
                      run->plan->env, stack->key, run->plan->env);
    gl_up_fail(run, i, GL_UP_FAILED, &own);
    return 0;
}
