/* Regions, their partitions and availability zones.
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
 * (2026-10). ap-northeast-1 has four zones, of which new accounts get three. */
#include "infra/region.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/strv.h"

static const struct {
    const char *name;
    int zones;
} regions[] = {
    {"af-south-1",     3},
    {"ap-east-1",      3},
    {"ap-northeast-1", 3},
    {"ap-northeast-2", 4},
    {"ap-northeast-3", 3},
    {"ap-south-1",     3},
    {"ap-south-2",     3},
    {"ap-southeast-1", 3},
    {"ap-southeast-2", 3},
    {"ap-southeast-3", 3},
    {"ap-southeast-4", 3},
    {"ap-southeast-5", 3},
    {"ap-southeast-7", 3},
    {"ca-central-1",   3},
    {"ca-west-1",      3},
    {"cn-north-1",     3},
    {"cn-northwest-1", 3},
    {"eu-central-1",   3},
    {"eu-central-2",   3},
    {"eu-north-1",     3},
    {"eu-south-1",     3},
    {"eu-south-2",     3},
    {"eu-west-1",      3},
    {"eu-west-2",      3},
    {"eu-west-3",      3},
    {"il-central-1",   3},
    {"me-central-1",   3},
    {"me-south-1",     3},
    {"mx-central-1",   3},
    {"sa-east-1",      3},
    {"us-east-1",      6},
    {"us-east-2",      3},
    {"us-gov-east-1",  3},
    {"us-gov-west-1",  3},
    {"us-west-1",      2},
    {"us-west-2",      4},
};

const char *gl_region_partition(const char *region)
{
    if (gl_starts_with(region, "cn-"))
        return "aws-cn";
    return gl_starts_with(region, "us-gov-") ? "aws-us-gov" : "aws";
}

const char *gl_region_url_suffix(const char *region)
{
    return gl_starts_with(region, "cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

int gl_region_zones(const char *region)
{
    for (size_t i = 0; i < GL_COUNT(regions); i++) {
        if (strcmp(regions[i].name, region) == 0)
            return regions[i].zones;
    }
    return 0;
}

const char *gl_region_nearest(const char *region)
{
    const char *names[GL_COUNT(regions)];
    for (size_t i = 0; i < GL_COUNT(regions); i++)
        names[i] = regions[i].name;
    return gl_nearest(region, names, GL_COUNT(regions));
}
