/* Alarms that take an update back: RollbackConfiguration of a change set.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-rollback-triggers.html
 */
#include <string.h>

#include "base/i18n.h"
#include "infra/changeset_internal.h"

enum { TRIGGERS_MAX = 5 }; /* AWS's limit for one stack */

/* The names that the stack's Metadata.golive.alarms stand for: APP-ENV-WORD. */
static json_t *names_of(const struct gl_plan *plan, const struct gl_plan_stack *stack)
{
    json_t *names = json_array();
    const struct gl_value *list = stack->def->alarms;
    for (const struct gl_value *at = list ? list->first : NULL; at; at = at->next) {
        gl_autofree char *name =
            gl_asprintf("%s-%s-%s", gl_config_str(plan->config, "app.name"), plan->env, at->text);
        json_array_append_new(names, json_string(name));
    }
    return names;
}

void gl_changeset_ask_alarms(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                             struct gl_live_call *call)
{
    json_t *names = names_of(plan, stack);
    if (json_array_size(names) == 0) {
        json_decref(names);
        return;
    }
    *call = (struct gl_live_call){
        .service = "cloudwatch",
        .operation = "DescribeAlarms",
        .region = stack->region,
        .params = json_pack("{sos[ss]}", "AlarmNames", names, "AlarmTypes", "MetricAlarm",
                            "CompositeAlarm"),
    };
}

static void append(struct gl_arena *arena, const char **list, const char *name)
{
    *list = *list ? gl_arena_printf(arena, "%s, %s", *list, name) : gl_arena_strdup(arena, name);
}

/* One that rings already would take back the very update that is to help, and one that is not there
 * makes every operation fail. */
static void add_trigger(struct gl_plan *plan, struct gl_plan_stack *stack, const json_t *alarm,
                        const char *type, json_t *triggers)
{
    const char *name = gl_json_str(alarm, "AlarmName", "?");
    if (strcmp(gl_json_str(alarm, "StateValue", ""), "ALARM") == 0) {
        append(&plan->arena, &stack->change.ringing, name);
        return;
    }
    if (json_array_size(triggers) == TRIGGERS_MAX)
        return;
    append(&plan->arena, &stack->change.alarms, name);
    json_array_append_new(
        triggers, json_pack("{ssss}", "Arn", gl_json_str(alarm, "AlarmArn", ""), "Type", type));
}

json_t *gl_changeset_rollback(struct gl_plan *plan, struct gl_plan_stack *stack,
                              const json_t *answer)
{
    static const struct {
        const char *list;
        const char *type;
    } kinds[] = {
        {"MetricAlarms",    "AWS::CloudWatch::Alarm"         },
        {"CompositeAlarms", "AWS::CloudWatch::CompositeAlarm"},
    };

    json_t *triggers = json_array();
    for (size_t i = 0; i < GL_COUNT(kinds); i++) {
        size_t at;
        const json_t *alarm;
        json_array_foreach(json_object_get(answer, kinds[i].list), at, alarm)
            add_trigger(plan, stack, alarm, kinds[i].type, triggers);
    }
    /* An empty list takes back what an earlier update had given. */
    return json_pack("{sosI}", "RollbackTriggers", triggers, "MonitoringTimeInMinutes",
                     (json_int_t)gl_config_int(plan->config, "infra.watch_minutes"));
}
