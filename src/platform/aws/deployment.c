/* Service deployments: which one brings a release, where it stands, its pause. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"

void gl_ecs_deployment_done(struct gl_ecs_deployment *d)
{
    free(d->arn);
    free(d->revision);
    free(d->task_definition);
    free(d->target_group);
    free(d->status);
    free(d->stage);
    free(d->hook_id);
    free(d->reason);
    *d = (struct gl_ecs_deployment){0};
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static const char *waiting_hook(const json_t *described)
{
    size_t i;
    const json_t *hook;
    json_array_foreach(json_object_get(described, "lifecycleHookDetails"), i, hook)
    {
        if (strcmp(gl_json_str(hook, "status", ""), "AWAITING_ACTION") == 0)
            return gl_json_str(hook, "hookId", NULL);
    }
    return NULL;
}

/* Why it is or was taken back: the alarms by name, then AWS's words. */
static char *reason_of(const json_t *described)
{
    const json_t *alarms =
        json_object_get(json_object_get(described, "alarms"), "triggeredAlarmNames");
    const char *said = gl_json_str(json_object_get(described, "rollback"), "reason", NULL);
    const char *words = said && *said ? said : gl_json_str(described, "statusReason", NULL);
    gl_autostrv struct gl_strv names = {0};
    size_t i;
    const json_t *name;
    json_array_foreach(alarms, i, name) gl_strv_add(&names, json_string_value(name));
    gl_autofree char *all = gl_strv_join(&names, ", ");
    if (names.count && words && *words)
        return gl_asprintf(_("alarm %s: %s"), all, words);
    if (names.count)
        return gl_asprintf(_("alarm %s"), all);
    return words && *words ? gl_strdup(words) : NULL;
}

void gl_ecs_deployment_read(const json_t *described, struct gl_ecs_deployment *ret_deployment)
{
    const json_t *target = json_object_get(described, "targetServiceRevision");
    const char *status = gl_json_str(described, "status", "");
    const char *hook = waiting_hook(described);
    struct gl_ecs_deployment d = {
        .phase = gl_ecs_status_find(status)->phase,
        .arn = gl_strdup(gl_json_str(described, "serviceDeploymentArn", NULL)),
        .revision = gl_strdup(gl_json_str(target, "arn", NULL)),
        .status = gl_strdup(status),
        .stage = gl_strdup(gl_json_str(described, "lifecycleStage", NULL)),
        .reason = reason_of(described),
        .created_unix_s = json_number_value(json_object_get(described, "createdAt")),
        .weight_pct =
            json_number_value(json_object_get(target, "requestedProductionTrafficWeight")),
        .first = json_array_size(json_object_get(described, "sourceServiceRevisions")) == 0,
    };
    if (hook && d.phase == GL_ECS_MOVING) {
        d.phase = GL_ECS_PAUSED;
        d.hook_id = gl_strdup(hook);
    }
    *ret_deployment = d;
}

/* ---- revisions ---------------------------------------------------------------------------------
 */

static json_t *revision_of(const json_t *described)
{
    const json_t *resolved = json_object_get(described, "resolvedConfiguration");
    const json_t *group = json_array_get(json_object_get(resolved, "loadBalancers"), 0);
    json_t *revision = json_object();
    gl_json_set_str(revision, "task_definition", gl_json_str(described, "taskDefinition", NULL));
    gl_json_set_str(revision, "target_group", gl_json_str(group, "targetGroupArn", NULL));
    return revision;
}

/* A revision never changes, but its target group is known only once AWS has chosen it. */
int gl_ecs_revision(struct gl_cloud *cloud, const char *arn, const json_t **ret_revision,
                    struct gl_error *err)
{
    const json_t *known = json_object_get(cloud->revisions, arn);
    if (!known || !json_object_get(known, "target_group")) {
        gl_autojson json_t *answer = NULL;
        int failed = gl_aws_ask(cloud->client, "ecs", "DescribeServiceRevisions",
                                json_pack("{s[s]}", "serviceRevisionArns", arn), &answer, err);
        if (failed < 0)
            return failed;
        const json_t *found = json_array_get(json_object_get(answer, "serviceRevisions"), 0);
        if (!found)
            return gl_fail(err, GL_E_NOT_FOUND, _("AWS does not know the service revision %s"),
                           arn);
        json_object_set_new(cloud->revisions, arn, revision_of(found));
        known = json_object_get(cloud->revisions, arn);
    }
    *ret_revision = known;
    return 0;
}

static int add_revision(struct gl_cloud *cloud, struct gl_ecs_deployment *d, struct gl_error *err)
{
    const json_t *revision = NULL;
    if (!d->revision)
        return 0;
    int failed = gl_ecs_revision(cloud, d->revision, &revision, err);
    if (failed < 0)
        return failed;
    free(d->task_definition);
    free(d->target_group);
    d->task_definition = gl_strdup(gl_json_str(revision, "task_definition", NULL));
    d->target_group = gl_strdup(gl_json_str(revision, "target_group", NULL));
    return 0;
}

/* ---- one that is known
 * -----------------------------------------------------------------------------------
 */

int gl_ecs_deployment_describe(struct gl_cloud *cloud, const char *arn,
                               struct gl_ecs_deployment *ret, struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    int failed = gl_aws_ask(cloud->client, "ecs", "DescribeServiceDeployments",
                            json_pack("{s[s]}", "serviceDeploymentArns", arn), &answer, err);
    if (failed < 0)
        return failed;
    const json_t *found = json_array_get(json_object_get(answer, "serviceDeployments"), 0);
    if (!found)
        return gl_fail(err, GL_E_NOT_FOUND, _("AWS does not know the service deployment %s"), arn);
    gl_autodeployment struct gl_ecs_deployment d = {0};
    gl_ecs_deployment_read(found, &d);
    failed = add_revision(cloud, &d, err);
    if (failed < 0)
        return failed;
    gl_ecs_deployment_done(ret);
    *ret = d;
    d = (struct gl_ecs_deployment){0};
    return 0;
}

int gl_ecs_deployment_refresh(struct gl_cloud *cloud, struct gl_ecs_deployment *deployment,
                              struct gl_error *err)
{
    gl_autofree char *arn = gl_strdup(deployment->arn);
    return arn ? gl_ecs_deployment_describe(cloud, arn, deployment, err) : 0;
}

/* ---- acting ------------------------------------------------------------------------------------
 */

/* After a refusal: another call of ours, a time-out or a person may have been faster. What counts
 * is where the deployment stands now. */
static int refused(struct gl_cloud *cloud, const struct gl_ecs_deployment *before,
                   struct gl_error *own, struct gl_error *err)
{
    gl_autodeployment struct gl_ecs_deployment now = {0};
    int failed = gl_ecs_deployment_describe(cloud, before->arn, &now, err);
    if (failed < 0)
        return failed;
    bool same_pause = before->hook_id && now.hook_id && strcmp(before->hook_id, now.hook_id) == 0;
    if (now.phase != before->phase || (before->hook_id && !same_pause))
        return 0;
    int code = own->code;
    if (err)
        gl_error_move(err, own);
    return code;
}

static int act(struct gl_cloud *cloud, const char *operation, json_t *params,
               const struct gl_ecs_deployment *deployment, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    gl_autojson json_t *answer = NULL;
    int failed = gl_aws_ask(cloud->client, "ecs", operation, params, &answer, &own);
    if (failed == 0)
        return 0;
    if (failed == GL_E_INTERRUPTED) {
        if (err)
            gl_error_move(err, &own);
        return failed;
    }
    return refused(cloud, deployment, &own, err);
}

int gl_ecs_deployment_continue(struct gl_cloud *cloud, const struct gl_ecs_deployment *deployment,
                               struct gl_error *err)
{
    if (!deployment->hook_id)
        return 0;
    json_t *params = json_pack("{ssssss}", "serviceDeploymentArn", deployment->arn, "hookId",
                               deployment->hook_id, "action", "CONTINUE");
    return act(cloud, "ContinueServiceDeployment", params, deployment, err);
}

int gl_ecs_deployment_stop(struct gl_cloud *cloud, const struct gl_ecs_deployment *deployment,
                           struct gl_error *err)
{
    if (gl_ecs_is_over(deployment->phase) || deployment->phase == GL_ECS_LEAVING)
        return 0;
    json_t *params =
        json_pack("{ssss}", "serviceDeploymentArn", deployment->arn, "stopType", "ROLLBACK");
    return act(cloud, "StopServiceDeployment", params, deployment, err);
}
