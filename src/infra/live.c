/* The table of live sources. */
#include "infra/live.h"

#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/live_internal.h"

/* clang-format off */
const struct gl_live_source gl_live_sources[] = {
    {"access_analyzer_arn",       N_("Access Analyzer of the region, if another stack or person made it (AccessAnalyzer ListAnalyzers)"), gl_live_ask_analyzers, gl_live_read_analyzer},
    {"apprunner_image",           N_("image that the App Runner service runs (AppRunner DescribeService); nothing before the first release"), gl_live_ask_apprunner, gl_live_read_apprunner_image},
    {"apprunner_release",         N_("number of the release that the App Runner service runs, from its variable GOLIVE_RELEASE (AppRunner DescribeService); nothing before the first release"), gl_live_ask_apprunner, gl_live_read_apprunner_release},
    {"apprunner_version",         N_("its version, from the variable RELEASE_VERSION; nothing before the first release"), gl_live_ask_apprunner, gl_live_read_apprunner_version},
    {"apprunner_zone_id",         N_("hosted zone of App Runner's names in the region, from AWS's table"), NULL, gl_live_read_apprunner_zone},
    {"blue_weight",               N_("weight of the blue target group in the production rule (ELB DescribeRules)"), gl_live_ask_rule, gl_live_read_blue},
    {"cloudfront_prefix_list_id", N_("managed prefix list com.amazonaws.global.cloudfront.origin-facing of the region (EC2 DescribeManagedPrefixLists)"), gl_live_ask_cloudfront_list, gl_live_read_prefix_list},
    {"desired_count",             N_("tasks that the service wants now, as autoscaling left it (ECS DescribeServices)"), gl_live_ask_service, gl_live_read_desired_count},
    {"dns_published",             N_("true once the public names lead here: always outside prod; in prod what was passed last, until there is a cutover command that decides it"), NULL, gl_live_read_published},
    {"engine_version",            N_("newest minor version of database.engine_version (RDS DescribeDBEngineVersions), never older than the running one"), gl_live_ask_engine, gl_live_read_engine},
    {"github_immutable_subject",  N_("repo:OWNER@ID/REPO@ID where GitHub's tokens of this repository say so; golive does not ask GitHub yet: what was passed last"), NULL, gl_live_read_last},
    {"github_oidc_provider_arn",  N_("GitHub's OIDC provider, if another stack or person made it (IAM ListOpenIDConnectProviders)"), gl_live_ask_providers, gl_live_read_provider},
    {"green_weight",              N_("weight of the green target group in the production rule (ELB DescribeRules)"), gl_live_ask_rule, gl_live_read_green},
    {"guardduty_detector_id",     N_("GuardDuty of the region, if another stack or person made it (GuardDuty ListDetectors)"), gl_live_ask_detectors, gl_live_read_detector},
    {"hosted_zone_id",            N_("public zone domain.zone, if another stack or person made it (Route 53 ListHostedZonesByName)"), gl_live_ask_zone, gl_live_read_zone},
    {"nat_state",                 N_("on or off, as the office-hours schedule set it last (CloudFormation DescribeStacks)"), NULL, gl_live_read_last},
    {"pagerduty_critical_secret", N_("stored name of PagerDuty's URL of level critical, once it has a value (Secrets Manager DescribeSecret)"), gl_live_ask_critical, gl_live_read_critical},
    {"pagerduty_warning_secret",  N_("the same of level warning"), gl_live_ask_warning, gl_live_read_warning},
    {"preview_blue_weight",       N_("weight of the blue target group in the rule of smoke tests (ELB DescribeRules)"), gl_live_ask_preview_rule, gl_live_read_blue},
    {"preview_green_weight",      N_("weight of the green target group in the rule of smoke tests (ELB DescribeRules)"), gl_live_ask_preview_rule, gl_live_read_green},
    {"s3_prefix_list_id",         N_("managed prefix list com.amazonaws.REGION.s3 (EC2 DescribeManagedPrefixLists)"), gl_live_ask_s3_list, gl_live_read_prefix_list},
    {"ssr_blue_weight",           N_("weight of the blue target group of the Node service (ELB DescribeRules)"), gl_live_ask_rule, gl_live_read_blue},
    {"ssr_green_weight",          N_("weight of the green target group of the Node service (ELB DescribeRules)"), gl_live_ask_rule, gl_live_read_green},
    {"ssr_preview_blue_weight",   N_("weight of the blue target group of the Node service in the rule of smoke tests (ELB DescribeRules)"), gl_live_ask_preview_rule, gl_live_read_blue},
    {"ssr_preview_green_weight",  N_("weight of the green target group of the Node service in the rule of smoke tests (ELB DescribeRules)"), gl_live_ask_preview_rule, gl_live_read_green},
    {"ssr_task_definition_arn",   N_("task definition that the Node service runs (ECS DescribeServices); nothing before the first release"), gl_live_ask_service, gl_live_read_task_definition},
    {"task_definition_arn",       N_("task definition that the backend runs (ECS DescribeServices); nothing before the first release"), gl_live_ask_service, gl_live_read_task_definition},
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
