/* The table of live sources. */
#include "infra/live.h"

#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"

/* clang-format off */
const struct gl_live_source gl_live_sources[] = {
    {"hosted_zone_id",            N_("id of the public hosted zone domain.zone (Route 53 ListHostedZonesByName)")},
    {"task_definition_arn",       N_("task definition that the service runs (ECS DescribeServices); nothing before the first release")},
    {"desired_count",             N_("tasks that the service wants now, as autoscaling left it (ECS DescribeServices)")},
    {"blue_weight",               N_("weight of the blue target group in the listener rule (ELB DescribeRules)")},
    {"green_weight",              N_("weight of the green target group in the listener rule (ELB DescribeRules)")},
    {"engine_version",            N_("newest minor version of database.engine_version (RDS DescribeDBEngineVersions), never older than the running one")},
    {"cloudfront_prefix_list_id", N_("managed prefix list com.amazonaws.global.cloudfront.origin-facing of the region (EC2 DescribeManagedPrefixLists)")},
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
