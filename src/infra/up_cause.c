/* `golive up`: why an operation on a stack failed, and what is to be done about it. */
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/stays.h"
#include "infra/up_internal.h"

/* HandlerErrorCode ServiceLimitExceeded, and what services call it themselves.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
 */
static bool is_quota(const struct gl_stack_event *event)
{
    static const char *const words[] = {"LimitExceeded", "QuotaExceeded", "maximum number of"};
    if (!event->reason || strstr(event->reason, "RequestLimitExceeded")) /* only too fast */
        return false;
    for (size_t i = 0; i < GL_COUNT(words); i++) {
        if (strstr(event->reason, words[i]))
            return true;
    }
    return false;
}

/* A certificate whose records ACM never saw, in the end. */
static bool is_unseen_certificate(const struct gl_stack_event *event)
{
    return strcmp(event->type, "AWS::CertificateManager::Certificate") == 0 && event->reason &&
           (strstr(event->reason, "NotStabilized") || strstr(event->reason, "alidation"));
}

/* A name that is taken: by what an earlier stack left behind, most of the time. */
static const char *way_round_name(const struct up_run *run, size_t i,
                                  const struct gl_stack_event *event)
{
    const struct gl_plan_stack *stack = run->shown[i].stack;
    const struct gl_resource *resource = gl_evaluated_resource(&stack->result, event->resource);
    const char *property = gl_stay_property(event->type);
    const char *given =
        resource && property ? gl_value_str(resource->properties, property, NULL) : NULL;
    const char *name = given ? given : event->physical_id;
    if (!name || !*name || !property || !gl_stay_is_met(event->reason))
        return NULL;
    gl_autofree char *command = gl_stay_command(event->type, name, stack->region);
    return gl_arena_printf(
        &run->plan->arena,
        _("Something of that name is in the account, perhaps left by golive down. If what it "
          "holds is not needed: %s. Otherwise import it into the stack; docs/stacks.md says how. "
          "Then golive up --env %s again."),
        command, run->plan->env);
}

static const char *way_out_of(const struct up_run *run, size_t i,
                              const struct gl_stack_event *event)
{
    const char *env = run->plan->env;
    if (is_quota(event))
        return gl_arena_printf(
            &run->plan->arena,
            _("A quota of the account is used up. Service Quotas in %s shows it and takes a "
              "request for more; or remove what nobody needs. Then golive up --env %s again."),
            run->shown[i].stack->region, env);
    if (is_unseen_certificate(event))
        return gl_arena_printf(
            &run->plan->arena,
            _("ACM did not see the validation records in the public DNS. Who asks for %s must be "
              "led to its name servers: where it is registered, enter those that stack zone gives "
              "out as NameServers. Then golive up --env %s again."),
            gl_config_str(run->plan->config, "domain.zone"), env);
    return way_round_name(run, i, event);
}

void gl_up_note_cause(struct up_run *run, size_t i, const struct gl_stack_event *event)
{
    struct up_work *work = &run->work[i];
    /* An alarm that rings after the last resource is a failure of no resource. */
    if (!work->cause && event->of_stack && event->reason &&
        gl_ends_with(event->status, "ROLLBACK_IN_PROGRESS"))
        work->cause = gl_arena_strdup(&run->plan->arena, event->reason);
    if (work->cause || !gl_event_is_cause(event))
        return;
    work->cause =
        gl_arena_printf(&run->plan->arena, "%s (%s) %s: %s", event->resource, event->type,
                        event->status, event->reason ? event->reason : _("no reason is given"));
    work->way = way_out_of(run, i, event);
}
