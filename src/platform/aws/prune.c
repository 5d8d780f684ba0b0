/* Task definitions of releases that are no longer kept. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/service.h"

static bool is_kept(int64_t release, const int64_t *keep, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keep[i] == release)
            return true;
    }
    return false;
}

static int deregister(struct gl_cloud *cloud, const char *arn, struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    int failed = gl_aws_ask(cloud->client, "ecs", "DeregisterTaskDefinition",
                            json_pack("{ss}", "taskDefinition", arn), &answer, err);
    if (failed == 0)
        json_object_del(cloud->definitions, arn);
    return failed;
}

/* One without golive's tags is somebody else's; one of a newer release than those kept is of a
 * release that was undone, and goes too. What the service has stays, whatever it is. */
int gl_service_prune(struct gl_cloud *cloud, const int64_t *keep, size_t count,
                     struct gl_error *err)
{
    gl_autostrv struct gl_strv arns = {0};
    gl_autofree char *serving = NULL;
    int failed = cloud->part->way->serving(cloud, &serving, err);
    if (failed == 0)
        failed = gl_ecs_definitions(cloud, &arns, err);
    for (size_t i = 0; failed == 0 && i < arns.count; i++) {
        const json_t *definition = NULL;
        failed = gl_ecs_definition(cloud, arns.items[i], &definition, err);
        int64_t release = gl_json_int(definition, "release", 0);
        if (failed == 0 && release && !is_kept(release, keep, count) &&
            (!serving || strcmp(arns.items[i], serving) != 0))
            failed = deregister(cloud, arns.items[i], err);
    }
    return failed;
}
