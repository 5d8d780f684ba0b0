/* The ECS service: reading and updating it. */
#include "platform/aws/ecs.h"

#include <string.h>

#include "base/i18n.h"
#include "base/json.h"

bool gl_ecs_two_groups(const struct gl_cloud *cloud)
{
    return strcmp(gl_config_str(cloud->base.config, "release.strategy"), "rolling") != 0;
}

static int names(struct gl_cloud *cloud, const char **ret_cluster, const char **ret_service,
                 struct gl_error *err)
{
    int failed = gl_cloud_output(cloud, "service", "ClusterName", ret_cluster, err);
    return failed < 0 ? failed
                      : gl_cloud_output(cloud, cloud->part->stack, "ServiceName", ret_service, err);
}

int gl_ecs_service(struct gl_cloud *cloud, json_t **ret_service, struct gl_error *err)
{
    const char *cluster = NULL;
    const char *name = NULL;
    int failed = names(cloud, &cluster, &name, err);
    if (failed < 0)
        return failed;
    gl_autojson json_t *answer = NULL;
    failed = gl_aws_ask(cloud->client, "ecs", "DescribeServices",
                        json_pack("{sss[s]}", "cluster", cluster, "services", name), &answer, err);
    if (failed < 0)
        return failed;
    json_t *found = json_array_get(json_object_get(answer, "services"), 0);
    bool active = strcmp(gl_json_str(found, "status", ""), "ACTIVE") == 0;
    *ret_service = active ? json_incref(found) : NULL;
    return 0;
}

int gl_ecs_serving(struct gl_cloud *cloud, char **ret_definition, struct gl_error *err)
{
    gl_autojson json_t *service = NULL;
    int failed = gl_ecs_service(cloud, &service, err);
    const char *definition = gl_json_str(service, "taskDefinition", NULL);
    if (failed == 0 && definition)
        *ret_definition = gl_strdup(definition);
    return failed;
}

int gl_ecs_update(struct gl_cloud *cloud, json_t *changes, struct gl_error *err)
{
    gl_autojson json_t *params = changes;
    gl_autojson json_t *answer = NULL;
    const char *cluster = NULL;
    const char *name = NULL;
    int failed = names(cloud, &cluster, &name, err);
    if (failed < 0)
        return failed;
    gl_json_set_str(params, "cluster", cluster);
    gl_json_set_str(params, "service", name);
    return gl_aws_ask(cloud->client, "ecs", "UpdateService", gl_steal(&params), &answer, err);
}
