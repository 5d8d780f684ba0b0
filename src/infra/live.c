/* The table of live sources. */
#include "infra/live.h"

#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"

/* clang-format off */
const struct gl_live_source gl_live_sources[] = {
    {"access_analyzer_arn",       N_("Access Analyzer of the region, if another stack or person made it (AccessAnalyzer ListAnalyzers)")},
    {"apprunner_zone_id",         N_("hosted zone of App Runner's names in the region, from AWS's table")},
    {"blue_weight",               N_("weight of the blue target group in the production rule (ELB DescribeRules)")},
    {"cloudfront_prefix_list_id", N_("managed prefix list com.amazonaws.global.cloudfront.origin-facing of the region (EC2 DescribeManagedPrefixLists)")},
    {"desired_count",             N_("tasks that the service wants now, as autoscaling left it (ECS DescribeServices)")},
    {"dns_published",             N_("true once the public names lead here: always outside prod, in prod after the cutover (Route 53, ledger)")},
    {"engine_version",            N_("newest minor version of database.engine_version (RDS DescribeDBEngineVersions), never older than the running one")},
    {"github_immutable_subject",  N_("repo:OWNER@ID/REPO@ID where GitHub's tokens of this repository say so (GitHub API)")},
    {"github_oidc_provider_arn",  N_("GitHub's OIDC provider, if another stack or person made it (IAM ListOpenIDConnectProviders)")},
    {"green_weight",              N_("weight of the green target group in the production rule (ELB DescribeRules)")},
    {"guardduty_detector_id",     N_("GuardDuty of the region, if another stack or person made it (GuardDuty ListDetectors)")},
    {"hosted_zone_id",            N_("public zone domain.zone, if another stack or person made it (Route 53 ListHostedZonesByName)")},
    {"nat_state",                 N_("on or off, as the office-hours schedule set it last (CloudFormation DescribeStacks)")},
    {"pagerduty_critical_secret", N_("stored name of PagerDuty's URL of level critical, once it has a value (Secrets Manager DescribeSecret)")},
    {"pagerduty_warning_secret",  N_("the same of level warning")},
    {"preview_blue_weight",       N_("weight of the blue target group in the rule of smoke tests (ELB DescribeRules)")},
    {"preview_green_weight",      N_("weight of the green target group in the rule of smoke tests (ELB DescribeRules)")},
    {"s3_prefix_list_id",         N_("managed prefix list com.amazonaws.REGION.s3 (EC2 DescribeManagedPrefixLists)")},
    {"ssr_blue_weight",           N_("weight of the blue target group of the Node service (ELB DescribeRules)")},
    {"ssr_green_weight",          N_("weight of the green target group of the Node service (ELB DescribeRules)")},
    {"ssr_task_definition_arn",   N_("task definition that the Node service runs (ECS DescribeServices); nothing before the first release")},
    {"task_definition_arn",       N_("task definition that the backend runs (ECS DescribeServices); nothing before the first release")},
    {0},
};

/* clang-format on */

const struct gl_live_source *gl_live_find(const char *name)
{
    for (const struct gl_live_source *at = gl_live_sources; at->name; at++) {
        if (strcmp(at->name, name) == 0)
            return at;
    }
    return NULL;
}

const char *gl_live_nearest(const char *name)
{
    const char *names[sizeof gl_live_sources / sizeof gl_live_sources[0]];
    size_t count = 0;
    for (const struct gl_live_source *at = gl_live_sources; at->name; at++)
        names[count++] = at->name;
    return gl_nearest(name, names, count);
}
