/* `golive up`: whether what was made is there. */
#include "base/i18n.h"
#include "infra/up_internal.h"
#include "infra/verify.h"

/* Differences as one error of the stack. */
static void fail(struct up_run *run, size_t i, const struct gl_verified *result)
{
    gl_autoerr struct gl_error own = {0};
    gl_autobuf struct gl_buf text = {0};
    for (size_t f = 0; f < result->finding_count; f++) {
        const struct gl_verify_finding *finding = &result->findings[f];
        gl_buf_printf(&text, _("%s%s (%s) %s: wanted %s, found %s"), f ? "; " : "",
                      finding->resource, finding->type, finding->property ? finding->property : "",
                      finding->wanted, *finding->found ? finding->found : _("nothing"));
    }
    gl_fail(&own, GL_E_MISMATCH,
            _("CloudFormation is content, but the account is not as planned: %s"),
            gl_buf_text(&text));
    gl_error_hint(&own,
                  _("Somebody changed it by hand, or AWS did not keep it. Look: golive plan "
                    "--drift --env %s"),
                  run->plan->env);
    gl_up_fail(run, i, GL_UP_FAILED, &own);
}

static int settle(struct up_run *run, size_t i, const struct gl_verified *result,
                  struct gl_error *err)
{
    run->shown[i].not_verified = result->not_verified;
    run->shown[i].not_verified_types = result->types;
    if (result->finding_count) {
        fail(run, i, result);
        return 0;
    }
    bool changed = run->work[i].settled;
    gl_up_set(run, i, changed ? GL_UP_DONE : GL_UP_UNCHANGED);
    return changed ? gl_up_record(run, "infra.stack.done", i, result->types, err) : 0;
}

int gl_up_verify(struct up_run *run, const bool *which, struct gl_error *err)
{
    gl_autofree struct gl_plan_stack **stacks =
        gl_alloc((run->count + 1) * sizeof(struct gl_plan_stack *));
    gl_autofree struct gl_verified *results = gl_alloc((run->count + 1) * sizeof *results);
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (which[i])
            stacks[count++] = run->shown[i].stack;
    }
    if (count == 0)
        return 0;
    int failed = gl_verify_stacks(run->plan, stacks, count, run->options->account, results, err);
    size_t at = 0;
    for (size_t i = 0; failed == 0 && i < run->count; i++) {
        if (which[i])
            failed = settle(run, i, &results[at++], err);
    }
    return failed;
}
