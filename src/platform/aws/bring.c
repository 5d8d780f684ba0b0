/* Bringing a version: a service deployment is begun, or gone on with, until its tasks are ready and
 * it pauses before production traffic. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"
#include "platform/aws/pace.h"

enum {
    TASKS_LOOK_MS = 2000, /* stopped tasks are asked for at most this often */
    /* Fargate finds a place, pulls the image and attaches the network before the program's own
     * time to start begins; and afterwards the load balancer wants two good answers. */
    PLACING_MS = 10 * 60 * 1000,
    BEGIN_MS = 60000, /* a deployment that was asked for shows up within this */
    LEAVE_MS = 30 * 60 * 1000,
};

int gl_ecs_fail_deployment(const struct gl_ecs_deployment *deployment, struct gl_error *err)
{
    const struct gl_ecs_status *status =
        gl_ecs_status_find(deployment->status ? deployment->status : "");
    if (deployment->phase == GL_ECS_NONE)
        return gl_fail(err, GL_E_UNHEALTHY, _("AWS has no deployment of it"));
    if (deployment->reason)
        return gl_fail(err, GL_E_UNHEALTHY, _("ECS says of its deployment: %s (%s)"),
                       _(status->text), deployment->reason);
    return gl_fail(err, GL_E_UNHEALTHY, _("ECS says of its deployment: %s"), _(status->text));
}

/* ---- beginning ---------------------------------------------------------------------------------
 */

int gl_ecs_begin(struct gl_cloud *cloud, const json_t *service, const char *task_definition,
                 bool pauses, struct gl_error *err)
{
    json_t *changes = json_object();
    gl_json_set_str(changes, "taskDefinition", task_definition);
    if (gl_ecs_two_groups(cloud))
        json_object_set_new(changes, "deploymentConfiguration",
                            pauses ? gl_ecs_release_configuration(cloud, service)
                                   : gl_ecs_stack_configuration(cloud, service));
    /* What runs already is deployed anew only if asked for by name. */
    if (strcmp(gl_json_str(service, "taskDefinition", ""), task_definition) == 0)
        gl_json_set_bool(changes, "forceNewDeployment", true);
    /* Nobody served: a first release that failed left none (shift.c). */
    if (gl_json_int(service, "desiredCount", 0) == 0)
        gl_json_set_int(changes, "desiredCount",
                        gl_config_int(cloud->base.config, "sizing.min_tasks"));
    return gl_ecs_update(cloud, changes, err);
}

int gl_ecs_restore_configuration(struct gl_cloud *cloud, struct gl_error *err)
{
    gl_autojson json_t *service = NULL;
    int failed = gl_ecs_service(cloud, &service, err);
    if (failed < 0 || !service || !gl_ecs_has_pauses(service))
        return failed;
    return gl_ecs_update(
        cloud,
        json_pack("{so}", "deploymentConfiguration", gl_ecs_stack_configuration(cloud, service)),
        err);
}

/* ECS lists a deployment a moment after it was asked for. */
static int await_listed(struct gl_cloud *cloud, const char *task_definition, const char *not_arn,
                        struct gl_ecs_deployment *d, struct gl_error *err)
{
    struct gl_pace pace = {.end_ms = gl_mono_ms() + BEGIN_MS};
    for (;;) {
        gl_ecs_deployment_done(d);
        int failed = gl_ecs_deployment_of(cloud, task_definition, d, err);
        if (failed < 0)
            return failed;
        if (d->arn && (!not_arn || strcmp(d->arn, not_arn) != 0))
            return 0;
        failed = gl_pace_wait(&pace, err);
        if (failed == GL_E_TIMEOUT)
            return gl_fail(err, GL_E_UNHEALTHY, _("ECS did not begin the deployment"));
        if (failed < 0)
            return failed;
    }
}

/* Goes on with an open deployment of this version; a version that is the only one already needs
 * none; anything else is begun anew. */
static int open_deployment(struct gl_cloud *cloud, const char *task_definition, bool pauses,
                           struct gl_ecs_deployment *d, struct gl_error *err)
{
    gl_autojson json_t *service = NULL;
    int failed = gl_ecs_deployment_of(cloud, task_definition, d, err);
    if (failed == 0)
        failed = gl_ecs_service(cloud, &service, err);
    if (failed < 0)
        return failed;
    bool serves = strcmp(gl_json_str(service, "taskDefinition", ""), task_definition) == 0 &&
                  gl_json_int(service, "desiredCount", 0) > 0;
    if (!gl_ecs_is_over(d->phase) || (d->phase == GL_ECS_GOOD && serves))
        return 0;
    failed = gl_ecs_begin(cloud, service, task_definition, pauses, err);
    if (failed < 0)
        return failed;
    gl_autofree char *before = gl_strdup(d->arn);
    return await_listed(cloud, task_definition, before, d, err);
}

/* ---- waiting -----------------------------------------------------------------------------------
 */

struct bringing {
    struct gl_cloud *cloud;
    const char *task_definition;
    int64_t begun_ms;
    int64_t next_tasks_ms;
    struct gl_alb_health health;
};

static void tell(const struct bringing *b, const struct gl_ecs_deployment *d)
{
    gl_platform_progress(&b->cloud->base, _("%s, %d of %d targets healthy, %" PRId64 " s"),
                         d->stage ? d->stage : d->status, b->health.healthy, b->health.all,
                         (gl_mono_ms() - b->begun_ms) / 1000);
}

/* True once the version is as it should be: paused, or past that with all traffic; and healthy. */
static int look(struct bringing *b, const struct gl_ecs_deployment *d, bool *ret_ready,
                struct gl_error *err)
{
    int weight = 0;
    *ret_ready = false;
    if (!d->target_group)
        return 0;
    int failed = gl_alb_health(b->cloud, d->target_group, &b->health, err);
    if (failed == 0 && d->phase == GL_ECS_MOVING && gl_ecs_two_groups(b->cloud))
        failed = gl_alb_weight(b->cloud, d->target_group, &weight, err);
    if (failed < 0)
        return failed;
    bool there = d->phase == GL_ECS_GOOD || d->phase == GL_ECS_PAUSED || weight == 100;
    *ret_ready = there && b->health.healthy > 0;
    return 0;
}

/* A version that cannot run is not waited for: ECS would start it again and again. */
static int give_up(struct bringing *b, struct gl_ecs_deployment *d, const char *why,
                   struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    gl_autoerr struct gl_error of_stop = {0};
    gl_ecs_explain(b->cloud, b->task_definition, d->created_unix_s, why, &own);
    if (gl_ecs_deployment_stop(b->cloud, d, &of_stop) < 0)
        gl_error_hint(&own, _("Its deployment could not be stopped: %s"), of_stop.message);
    int code = own.code;
    if (err)
        gl_error_move(err, &own);
    return code;
}

static int look_at_tasks(struct bringing *b, struct gl_ecs_deployment *d, struct gl_error *err)
{
    gl_autoended struct gl_ecs_ended ended = {0};
    if (gl_mono_ms() < b->next_tasks_ms)
        return 0;
    b->next_tasks_ms = gl_mono_ms() + TASKS_LOOK_MS;
    int failed = gl_ecs_ended(b->cloud, b->task_definition, d->created_unix_s, &ended, err);
    if (failed == 0)
        failed = gl_ecs_no_place(b->cloud, d->created_unix_s, &ended, err);
    if (failed < 0 || !ended.fatal)
        return failed;
    return give_up(b, d, ended.fatal, err);
}

static int fail_taken_back(struct bringing *b, const struct gl_ecs_deployment *d,
                           struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    gl_ecs_fail_deployment(d, &own);
    return gl_ecs_explain(b->cloud, b->task_definition, d->created_unix_s, own.message, err);
}

static int await_ready(struct bringing *b, struct gl_ecs_deployment *d, int64_t timeout_ms,
                       struct gl_error *err)
{
    struct gl_pace pace = {.end_ms = gl_mono_ms() + timeout_ms};
    for (;;) {
        bool ready = false;
        if (d->phase == GL_ECS_LEAVING || d->phase == GL_ECS_BACK || d->phase == GL_ECS_BROKEN)
            return fail_taken_back(b, d, err);
        int failed = look(b, d, &ready, err);
        if (failed < 0 || ready)
            return failed;
        failed = look_at_tasks(b, d, err);
        if (failed < 0)
            return failed;
        tell(b, d);
        failed = gl_pace_wait(&pace, err);
        if (failed == GL_E_TIMEOUT)
            return give_up(b, d, _("it was not ready in time"), err);
        if (failed == 0)
            failed = gl_ecs_deployment_refresh(b->cloud, d, err);
        if (failed < 0)
            return failed;
    }
}

int gl_ecs_bring(struct gl_cloud *cloud, const char *task_definition, bool pauses,
                 int64_t timeout_ms, struct gl_error *err)
{
    gl_autodeployment struct gl_ecs_deployment d = {0};
    struct bringing b = {
        .cloud = cloud, .task_definition = task_definition, .begun_ms = gl_mono_ms()};
    int failed = open_deployment(cloud, task_definition, pauses, &d, err);
    return failed < 0 ? failed : await_ready(&b, &d, timeout_ms + PLACING_MS, err);
}

int gl_ecs_take_back(struct gl_cloud *cloud, struct gl_ecs_deployment *d, struct gl_error *err)
{
    struct gl_pace pace = {.end_ms = gl_mono_ms() + LEAVE_MS};
    int failed = gl_ecs_deployment_stop(cloud, d, err);
    while (failed == 0 && !gl_ecs_is_over(d->phase)) {
        failed = gl_ecs_deployment_refresh(cloud, d, err);
        if (failed == 0 && !gl_ecs_is_over(d->phase))
            failed = gl_pace_wait(&pace, err);
    }
    if (failed < 0 || d->phase != GL_ECS_BROKEN || strcmp(d->status, "STOPPED") == 0)
        return failed;
    gl_ecs_fail_deployment(d, err);
    return gl_error_hint(err,
                         _("The service must be looked at: golive status --env %s, and the "
                           "events of the service in ECS."),
                         cloud->env);
}
