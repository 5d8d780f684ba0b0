/* Live sources of the services: what runs, how traffic is shared.
 *
 * A stack that belongs to a service (service, frontend-ssr, and observability beside them) speaks
 * of the service by its own outputs, so that one function serves both. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/live_internal.h"

/* The stack that has the service: the Node service's sources begin with "ssr_". */
static const char *owner_of(const struct gl_live_question *q)
{
    return gl_starts_with(q->source->name, "ssr_") ? "frontend-ssr" : "service";
}

/* ---- ECS ---------------------------------------------------------------------------------------
 */

bool gl_live_ask_service(const struct gl_live_question *q, int number,
                         struct gl_live_call *ret_call)
{
    const char *cluster = gl_live_output(q, "service", "ClusterName");
    const char *name = gl_live_output(q, owner_of(q), "ServiceName");
    if (number > 0 || !cluster || !name)
        return false;
    *ret_call = (struct gl_live_call){
        .service = "ecs",
        .operation = "DescribeServices",
        .region = q->plan->region,
        .params = json_pack("{sss[s]}", "cluster", cluster, "services", name),
    };
    return true;
}

/* The service, if it is one: a deleted service stays visible as INACTIVE for a while. */
static const json_t *service_of(const struct gl_live_question *q)
{
    const json_t *found = json_array_get(json_object_get(q->answers[0], "services"), 0);
    return strcmp(gl_json_str(found, "status", ""), "ACTIVE") == 0 ? found : NULL;
}

int gl_live_read_task_definition(const struct gl_live_question *q, const char **ret_value,
                                 struct gl_error *err)
{
    (void)err;
    const char *first = q->plan->first_task_definition;
    *ret_value = gl_json_str(service_of(q), "taskDefinition", first);
    return 0;
}

int gl_live_read_desired_count(const struct gl_live_question *q, const char **ret_value,
                               struct gl_error *err)
{
    (void)err;
    const json_t *service = service_of(q);
    if (service)
        *ret_value = gl_arena_printf(&q->plan->arena, "%lld",
                                     (long long)gl_json_int(service, "desiredCount", 0));
    return 0;
}

/* ---- listener rules ----------------------------------------------------------------------------
 */

static bool ask_rule(const struct gl_live_question *q, const char *output,
                     struct gl_live_call *ret_call)
{
    const char *rule = gl_live_output(q, owner_of(q), output);
    if (!rule)
        return false;
    *ret_call = (struct gl_live_call){
        .service = "elbv2",
        .operation = "DescribeRules",
        .region = q->plan->region,
        .params = json_pack("{s[s]}", "RuleArns", rule),
    };
    return true;
}

bool gl_live_ask_rule(const struct gl_live_question *q, int number, struct gl_live_call *ret_call)
{
    return number == 0 && ask_rule(q, "ProductionRuleArn", ret_call);
}

bool gl_live_ask_preview_rule(const struct gl_live_question *q, int number,
                              struct gl_live_call *ret_call)
{
    return number == 0 && ask_rule(q, "PreviewRuleArn", ret_call);
}

/* Share of a group in what forwards; a group that is not named gets nothing. An action with one
 * group only has no weights: all goes there. */
static int64_t weight_of(const json_t *action, const char *group)
{
    const json_t *groups =
        json_object_get(json_object_get(action, "ForwardConfig"), "TargetGroups");
    size_t i;
    const json_t *item;
    if (json_array_size(groups) == 0)
        return strcmp(gl_json_str(action, "TargetGroupArn", ""), group) == 0 ? 100 : 0;
    json_array_foreach(groups, i, item)
    {
        if (strcmp(gl_json_str(item, "TargetGroupArn", ""), group) == 0)
            return gl_json_int(item, "Weight", 1);
    }
    return 0;
}

static int read_weight(const struct gl_live_question *q, const char *output, const char **ret_value)
{
    const char *group = gl_live_output(q, owner_of(q), output);
    const json_t *rule = json_array_get(json_object_get(q->answers[0], "Rules"), 0);
    const json_t *actions = json_object_get(rule, "Actions");
    size_t i;
    const json_t *action;
    json_array_foreach(actions, i, action)
    {
        if (!group || strcmp(gl_json_str(action, "Type", ""), "forward") != 0)
            continue;
        *ret_value = gl_arena_printf(&q->plan->arena, "%lld", (long long)weight_of(action, group));
        return 0;
    }
    return 0;
}

int gl_live_read_blue(const struct gl_live_question *q, const char **ret_value,
                      struct gl_error *err)
{
    (void)err;
    return read_weight(q, "BlueArn", ret_value);
}

int gl_live_read_green(const struct gl_live_question *q, const char **ret_value,
                       struct gl_error *err)
{
    (void)err;
    return read_weight(q, "GreenArn", ret_value);
}

/* ---- App Runner --------------------------------------------------------------------------------
 */

bool gl_live_ask_apprunner(const struct gl_live_question *q, int number,
                           struct gl_live_call *ret_call)
{
    const char *arn = gl_live_output(q, "service-apprunner", "ServiceArn");
    if (number > 0 || !arn)
        return false;
    *ret_call = (struct gl_live_call){
        .service = "apprunner",
        .operation = "DescribeService",
        .region = q->plan->region,
        .params = json_pack("{ss}", "ServiceArn", arn),
    };
    return true;
}

/* A text of the service's image repository; what the plan says goes before it. */
static const char *of_apprunner(const struct gl_live_question *q, const char *planned,
                                const char *path)
{
    const json_t *repository =
        gl_aws_at(q->answers[0], "Service.SourceConfiguration.ImageRepository");
    return q->plan->app_runner ? planned : json_string_value(gl_aws_at(repository, path));
}

int gl_live_read_apprunner_image(const struct gl_live_question *q, const char **ret_value,
                                 struct gl_error *err)
{
    (void)err;
    const struct gl_plan_app_runner *planned = q->plan->app_runner;
    *ret_value = of_apprunner(q, planned ? planned->image : NULL, "ImageIdentifier");
    return 0;
}

int gl_live_read_apprunner_version(const struct gl_live_question *q, const char **ret_value,
                                   struct gl_error *err)
{
    (void)err;
    const struct gl_plan_app_runner *planned = q->plan->app_runner;
    *ret_value = of_apprunner(q, planned ? planned->version : NULL,
                              "ImageConfiguration.RuntimeEnvironmentVariables.RELEASE_VERSION");
    return 0;
}

int gl_live_read_apprunner_release(const struct gl_live_question *q, const char **ret_value,
                                   struct gl_error *err)
{
    (void)err;
    const struct gl_plan_app_runner *planned = q->plan->app_runner;
    *ret_value = of_apprunner(q, planned ? planned->release : NULL,
                              "ImageConfiguration.RuntimeEnvironmentVariables.GOLIVE_RELEASE");
    return 0;
}

/* https://docs.aws.amazon.com/general/latest/gr/apprunner.html */
static const struct {
    const char *region;
    const char *zone;
} zones[] = {
    {"ap-northeast-1", "Z08491812XW6IPYLR6CCA"},
    {"ap-south-1",     "Z00855883LBHKTIC4ODF2"},
    {"ap-southeast-1", "Z09819469CZ3KQ8PWMCL" },
    {"ap-southeast-2", "Z03657752RA8799S0TI5I"},
    {"eu-central-1",   "Z0334911C2FDI2Q9M4FZ" },
    {"eu-west-1",      "Z087551914Z2PCAU0QHMW"},
    {"eu-west-2",      "Z098228427VC6B3IX76ON"},
    {"eu-west-3",      "Z087117439MBKHYM69QS6"},
    {"us-east-1",      "Z01915732ZBZKC8D32TPT"},
    {"us-east-2",      "Z0224347AD7KVHMLOX31" },
    {"us-west-2",      "Z02243383FTQ64HJ5772Q"},
};

int gl_live_read_apprunner_zone(const struct gl_live_question *q, const char **ret_value,
                                struct gl_error *err)
{
    const char *platform = gl_config_str(q->plan->config, "backend.platform");
    for (size_t i = 0; i < GL_COUNT(zones); i++) {
        if (strcmp(zones[i].region, q->plan->region) == 0)
            *ret_value = zones[i].zone;
    }
    if (*ret_value || !platform || strcmp(platform, "app_runner") != 0)
        return 0;
    return gl_fail(err, GL_E_CONFIG, _("App Runner does not exist in %s"), q->plan->region);
}
