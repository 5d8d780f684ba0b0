/* The alarms that undo a release (release.rollback.when; stacks/service.yaml,
 * stacks/service-apprunner.yaml). */
#include <string.h>

#include "aws/codec.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"

static const json_t *first_firing(const json_t *alarms, const char *but)
{
    size_t i;
    const json_t *alarm;
    json_array_foreach(alarms, i, alarm)
    {
        if (strcmp(gl_json_str(alarm, "StateValue", ""), "ALARM") == 0 &&
            (!but || strcmp(gl_json_str(alarm, "AlarmName", ""), but) != 0))
            return alarm;
    }
    return NULL;
}

const json_t *gl_ecs_alarm_names(const json_t *service)
{
    return gl_aws_at(service, "deploymentConfiguration.alarms.alarmNames");
}

int gl_cloud_alarm(struct gl_cloud *cloud, const json_t *names, char **ret_alarm, char **ret_name,
                   struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    if (json_array_size(names) == 0)
        return 0;
    int failed = gl_aws_ask(cloud->client, "cloudwatch", "DescribeAlarms",
                            json_pack("{sO}", "AlarmNames", names), &answer, err);
    const json_t *alarm =
        first_firing(json_object_get(answer, "MetricAlarms"), cloud->base.despite_alarm);
    if (failed < 0 || !alarm)
        return failed;
    const char *name = gl_json_str(alarm, "AlarmName", "?");
    *ret_alarm = gl_asprintf(_("alarm %s: %s"), name, gl_json_str(alarm, "StateReason", ""));
    if (ret_name)
        *ret_name = gl_strdup(name);
    return 0;
}

int gl_cloud_check_alarms(struct gl_cloud *cloud, const json_t *names, int64_t release,
                          struct gl_error *err)
{
    const char *registered = NULL;
    gl_autofree char *alarm = NULL;
    gl_autofree char *name = NULL;
    int failed = gl_ecs_definition_of(cloud, release, &registered, err);
    if (failed == 0 && !registered)
        failed = gl_cloud_alarm(cloud, names, &alarm, &name, err);
    if (failed < 0 || !alarm)
        return failed;
    gl_fail(err, GL_E_REFUSED, _("it would be undone at once: %s"), alarm);
    return gl_error_hint(err,
                         _("What serves is not well; see golive logs %s --env %s. Wait "
                           "until the alarm is over, or go back with golive rollback --env %s. If "
                           "this release is what mends it, say so: --despite-alarm %s --reason "
                           "TEXT; all other alarms count."),
                         cloud->part->name, cloud->env, cloud->env, name);
}
