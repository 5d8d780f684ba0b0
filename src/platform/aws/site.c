/* The site of an environment: where it lies, and what is served. */
#include "platform/aws/site.h"

int gl_site_open(struct gl_platform *p, struct gl_site *ret_site, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_site site = {.cloud = cloud};
    int failed = gl_cloud_output(cloud, "frontend", "SiteBucket", &site.bucket, err);
    if (failed == 0)
        failed = gl_cloud_output(cloud, "frontend", "DistributionId", &site.distribution, err);
    if (failed == 0)
        *ret_site = site;
    return failed;
}

int gl_cloud_site_release(struct gl_platform *p, int64_t *ret_release, struct gl_error *err)
{
    struct gl_site site = {0};
    gl_autositerecord struct gl_site_record record = {0};
    int failed = gl_site_open(p, &site, err);
    if (failed == 0)
        failed = gl_site_record_get(&site, &record, err);
    if (failed == 0)
        *ret_release = record.release;
    return failed;
}
