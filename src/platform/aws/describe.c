/* The service and what is under way, for `golive status`. */
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/service.h"

static json_t *version_json(const struct gl_cloud *cloud, const struct gl_ecs_version *version)
{
    json_t *object = json_object();
    gl_json_set_str(object, "part", cloud->part->name);
    gl_json_set_int(object, "release", version->release);
    gl_json_set_str(object, "task_definition", version->task_definition);
    gl_json_set_str(object, "target_group", version->target_group);
    gl_json_set_int(object, "weight_pct", version->weight_pct);
    gl_json_set_int(object, "tasks", version->running);
    gl_json_set_int(object, "healthy", version->health.healthy);
    gl_json_set_int(object, "unhealthy", version->health.unhealthy);
    return object;
}

static json_t *deployment_json(const struct gl_cloud *cloud, const struct gl_ecs_deployment *open)
{
    json_t *object = json_object();
    gl_json_set_str(object, "by", "ECS");
    gl_json_set_str(object, "part", cloud->part->name);
    gl_json_set_str(object, "arn", open->arn);
    gl_json_set_str(object, "status", open->status);
    gl_json_set_str(object, "stage", open->stage);
    gl_json_set_bool(object, "waits_for_golive", open->phase == GL_ECS_PAUSED);
    gl_json_set_str(object, "reason", open->reason);
    return object;
}

static json_t *addresses_json(const struct gl_cloud *cloud)
{
    json_t *addresses = json_object();
    gl_autofree char *app =
        gl_asprintf("https://%s", gl_config_str(cloud->base.config, "domain.app"));
    gl_autofree char *api =
        gl_asprintf("https://%s", gl_config_str(cloud->base.config, "domain.api"));
    gl_json_set_str(addresses, "app", app);
    gl_json_set_str(addresses, "api", api);
    return addresses;
}

static json_t *service_json(const json_t *service)
{
    json_t *object = json_object();
    gl_json_set_str(object, "name", gl_json_str(service, "serviceName", NULL));
    gl_json_set_bool(object, "up", gl_json_int(service, "runningCount", 0) > 0);
    gl_json_set_int(object, "desired", gl_json_int(service, "desiredCount", 0));
    gl_json_set_int(object, "running", gl_json_int(service, "runningCount", 0));
    gl_json_set_int(object, "pending", gl_json_int(service, "pendingCount", 0));
    gl_json_set_str(object, "task_definition", gl_json_str(service, "taskDefinition", NULL));
    return object;
}

json_t *gl_cloud_describe_frame(const struct gl_cloud *cloud)
{
    json_t *status = json_object();
    gl_json_set_str(status, "platform", "aws");
    gl_json_set_str(status, "account", gl_account_id(cloud->account));
    gl_json_set_str(status, "region", cloud->region);
    json_object_set_new(status, "addresses", addresses_json(cloud));
    json_object_set_new(status, "services", json_array());
    json_object_set_new(status, "versions", json_array());
    return status;
}

int gl_service_describe(struct gl_cloud *cloud, json_t *status, json_t **ret_deployment,
                        struct gl_error *err)
{
    gl_autoview struct gl_ecs_view view = {0};
    int failed = gl_ecs_view_read(cloud, &view, err);
    if (failed < 0)
        return failed;
    for (size_t i = 0; i < view.count; i++)
        json_array_append_new(json_object_get(status, "versions"),
                              version_json(cloud, &view.versions[i]));
    if (view.service)
        json_array_append_new(json_object_get(status, "services"), service_json(view.service));
    *ret_deployment = view.open.arn ? deployment_json(cloud, &view.open) : json_null();
    return 0;
}

static int describe_pages(struct gl_cloud *pages, json_t *status, struct gl_error *err)
{
    json_t *deployment = NULL;
    int failed = gl_service_describe(pages, status, &deployment, err);
    if (failed == 0)
        json_object_set_new(status, "frontend_deployment", deployment);
    return failed;
}

int gl_cloud_describe(struct gl_platform *p, json_t **ret_status, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    gl_autojson json_t *status = gl_cloud_describe_frame(cloud);
    json_t *deployment = NULL;
    int failed = gl_service_describe(cloud, status, &deployment, err);
    if (failed == 0)
        json_object_set_new(status, "deployment", deployment);
    if (failed == 0 && pages)
        failed = describe_pages(pages, status, err);
    if (failed == 0)
        *ret_status = gl_steal(&status);
    return failed;
}
