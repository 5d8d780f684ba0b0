/* Starting a version beside the serving one, and ending one that has no traffic. */
#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/look.h"
#include "platform/aws/service.h"

int gl_service_start(struct gl_cloud *cloud, const struct gl_artifact *a, int64_t timeout_ms,
                     struct gl_error *err)
{
    const char *definition = NULL;
    gl_autojson json_t *service = NULL;
    int failed = gl_ecs_register(cloud, a, &definition, err);
    if (failed == 0)
        failed = gl_ecs_service(cloud, &service, err);
    if (failed < 0)
        return failed;
    gl_cloud_look_free(&cloud->look);
    if (!service)
        return gl_ecs_bring_first(cloud, definition, timeout_ms, err);
    if (!gl_ecs_two_groups(cloud))
        gl_platform_progress(&cloud->base, "%s",
                             _("rolling: new tasks get requests as soon as they are healthy"));
    return gl_ecs_bring(cloud, definition, gl_ecs_two_groups(cloud), timeout_ms, err);
}

/* True if the production rule still sends requests to the deployment's tasks. */
static int has_traffic(struct gl_cloud *cloud, const struct gl_ecs_deployment *d, bool *ret_has,
                       struct gl_error *err)
{
    int weight = 0;
    if (!d->target_group || !gl_ecs_two_groups(cloud))
        return 0;
    int failed = gl_alb_weight(cloud, d->target_group, &weight, err);
    if (failed == 0)
        *ret_has = weight > 0;
    return failed;
}

static int end_open(struct gl_cloud *cloud, int64_t release, struct gl_ecs_deployment *d,
                    struct gl_error *err)
{
    bool traffic = false;
    /* What is being taken back loses its traffic by that. */
    int failed = d->phase == GL_ECS_LEAVING ? 0 : has_traffic(cloud, d, &traffic, err);
    if (failed < 0)
        return failed;
    if (d->first)
        return gl_ecs_take_all(cloud, d, err);
    if (traffic) {
        gl_fail(err, GL_E_REFUSED, _("release %" PRId64 " still gets requests"), release);
        return gl_error_hint(
            err, _("golive rollback --env %s gives them to the release before it."), cloud->env);
    }
    return gl_ecs_take_back(cloud, d, err);
}

/* A release that is the only one has been left without tasks by gl_service_shift(..., 0). */
int gl_service_stop(struct gl_cloud *cloud, int64_t release, struct gl_error *err)
{
    const char *definition = NULL;
    gl_autojson json_t *service = NULL;
    gl_autodeployment struct gl_ecs_deployment d = {0};
    bool gone = false;
    int failed = gl_ecs_definition_of(cloud, release, &definition, err);
    if (failed == 0 && definition)
        failed = gl_ecs_service(cloud, &service, err);
    if (failed < 0 || !definition)
        return failed; /* never came to be */
    if (!service)
        return gl_ecs_cancel_stack(cloud, &gone, err);
    failed = gl_ecs_deployment_of(cloud, definition, &d, err);
    if (failed == 0 && !gl_ecs_is_over(d.phase))
        failed = end_open(cloud, release, &d, err);
    return failed < 0 ? failed : gl_ecs_restore_configuration(cloud, err);
}
