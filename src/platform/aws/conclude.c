/* The end of a release: the old tasks go, and ECS itself says that this revision, and no other,
 * serves. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/pace.h"
#include "platform/aws/service.h"

enum { CLEAN_UP_MS = 60 * 60 * 1000 };

static int require_sole(struct gl_cloud *cloud, int64_t release, const char *definition,
                        struct gl_error *err)
{
    gl_autojson json_t *service = NULL;
    int failed = gl_ecs_service(cloud, &service, err);
    if (failed < 0)
        return failed;
    if (strcmp(gl_json_str(service, "taskDefinition", ""), definition) == 0)
        return 0;
    return gl_fail(err, GL_E_UNHEALTHY, _("the service does not have release %" PRId64 ", but %s"),
                   release, gl_json_str(service, "taskDefinition", "?"));
}

/* Only the last pause, when the release has all requests. */
static int step_to_end(struct gl_cloud *cloud, const struct gl_ecs_deployment *d, int64_t release,
                       struct gl_error *err)
{
    int weight = 0;
    if (d->phase != GL_ECS_PAUSED && d->phase != GL_ECS_MOVING)
        return gl_ecs_fail_deployment(d, err);
    if (d->phase == GL_ECS_MOVING) {
        gl_platform_progress(&cloud->base, _("ECS ends the old tasks (%s)"),
                             d->stage ? d->stage : d->status);
        return 0;
    }
    int failed = gl_alb_weight(cloud, d->target_group ? d->target_group : "", &weight, err);
    if (failed < 0)
        return failed;
    if (weight < 100)
        return gl_fail(err, GL_E_UNHEALTHY, _("release %" PRId64 " does not have all traffic"),
                       release);
    return gl_ecs_deployment_continue(cloud, d, err);
}

static int await_success(struct gl_cloud *cloud, int64_t release, const char *definition,
                         struct gl_error *err)
{
    gl_autodeployment struct gl_ecs_deployment d = {0};
    struct gl_pace pace = {.end_ms = gl_mono_ms() + CLEAN_UP_MS};
    int failed = gl_ecs_deployment_of(cloud, definition, &d, err);
    while (failed == 0 && d.phase != GL_ECS_GOOD) {
        failed = step_to_end(cloud, &d, release, err);
        if (failed == 0)
            failed = gl_pace_wait(&pace, err);
        if (failed == GL_E_TIMEOUT)
            gl_error_wrap(err, _("the old tasks do not go"));
        if (failed == 0)
            failed = gl_ecs_deployment_refresh(cloud, &d, err);
    }
    return failed;
}

int gl_service_may_conclude(struct gl_cloud *cloud, int64_t release, struct gl_error *err)
{
    gl_autodeployment struct gl_ecs_deployment d = {0};
    const char *definition = NULL;
    int failed = gl_ecs_definition_of(cloud, release, &definition, err);
    if (failed == 0 && definition)
        failed = gl_ecs_deployment_of(cloud, definition, &d, err);
    if (failed < 0 || d.phase == GL_ECS_PAUSED || d.phase == GL_ECS_MOVING ||
        d.phase == GL_ECS_GOOD)
        return failed;
    return gl_ecs_fail_deployment(&d, err);
}

int gl_service_conclude(struct gl_cloud *cloud, int64_t release, struct gl_error *err)
{
    const char *definition = NULL;
    int failed = gl_ecs_definition_of(cloud, release, &definition, err);
    if (failed < 0)
        return failed;
    if (!definition)
        return gl_fail(err, GL_E_NOT_FOUND,
                       _("release %" PRId64 " has no task definition in this account"), release);
    failed = await_success(cloud, release, definition, err);
    if (failed == 0)
        failed = require_sole(cloud, release, definition, err);
    if (failed == 0)
        failed = gl_ecs_await_stack(cloud, err);
    return failed < 0 ? failed : gl_ecs_restore_configuration(cloud, err);
}
