/* The load balancer: shares of the production rule, health of targets. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"

/* TargetGroupTuple: a weight is 0 to 999. */
#define WEIGHT_MAX 999

static const json_t *forward_of(const json_t *rule)
{
    size_t i;
    const json_t *action;
    json_array_foreach(json_object_get(rule, "Actions"), i, action)
    {
        if (strcmp(gl_json_str(action, "Type", ""), "forward") == 0)
            return action;
    }
    return NULL;
}

int gl_alb_share(const json_t *rule, const char *target_group)
{
    const json_t *action = forward_of(rule);
    const json_t *groups =
        json_object_get(json_object_get(action, "ForwardConfig"), "TargetGroups");
    int64_t own = 0;
    int64_t all = 0;
    size_t i;
    const json_t *group;
    if (json_array_size(groups) == 0)
        return strcmp(gl_json_str(action, "TargetGroupArn", ""), target_group) == 0 ? 100 : 0;
    json_array_foreach(groups, i, group)
    {
        int64_t weight = gl_json_int(group, "Weight", 1);
        weight = weight < 0 ? 0 : weight > WEIGHT_MAX ? WEIGHT_MAX : weight;
        all += weight;
        if (strcmp(gl_json_str(group, "TargetGroupArn", ""), target_group) == 0)
            own += weight;
    }
    if (all <= 0)
        return 0;
    /* Rounded, but a group that shares is never called one that has all, or none. */
    int64_t pct = (own * 100 + all / 2) / all;
    if (pct == 100 && own < all)
        return 99;
    return pct == 0 && own > 0 ? 1 : (int)pct;
}

int gl_alb_weight(struct gl_cloud *cloud, const char *target_group, int *ret_pct,
                  struct gl_error *err)
{
    const char *rule = NULL;
    gl_autojson json_t *answer = NULL;
    int failed = gl_cloud_output(cloud, cloud->part->stack, "ProductionRuleArn", &rule, err);
    if (failed == 0)
        failed = gl_aws_ask(cloud->client, "elbv2", "DescribeRules",
                            json_pack("{s[s]}", "RuleArns", rule), &answer, err);
    if (failed < 0)
        return failed;
    *ret_pct = gl_alb_share(json_array_get(json_object_get(answer, "Rules"), 0), target_group);
    return 0;
}

/* https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html */
static void count(const json_t *target, struct gl_alb_health *health)
{
    const json_t *state = json_object_get(target, "TargetHealth");
    const char *word = gl_json_str(state, "State", "");
    health->healthy += strcmp(word, "healthy") == 0;
    if (strcmp(word, "draining") == 0 || strcmp(word, "unused") == 0)
        return;
    health->all++;
    if (strcmp(word, "unhealthy") != 0)
        return;
    health->unhealthy++;
    snprintf(health->reason, sizeof health->reason, "%s %s", gl_json_str(state, "Reason", ""),
             gl_json_str(state, "Description", ""));
}

int gl_alb_health(struct gl_cloud *cloud, const char *target_group,
                  struct gl_alb_health *ret_health, struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    int failed = gl_aws_ask(cloud->client, "elbv2", "DescribeTargetHealth",
                            json_pack("{ss}", "TargetGroupArn", target_group), &answer, err);
    if (failed < 0)
        return failed;
    struct gl_alb_health health = {0};
    size_t i;
    const json_t *target;
    json_array_foreach(json_object_get(answer, "TargetHealthDescriptions"), i, target)
        count(target, &health);
    *ret_health = health;
    return 0;
}
