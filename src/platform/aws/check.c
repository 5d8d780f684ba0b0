/* What a release needs of the account, before anything is changed. */
#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "infra/changeset.h"
#include "infra/stack_status.h"
#include "platform/aws/image.h"
#include "platform/aws/service.h"

/* ---- stacks ------------------------------------------------------------------------------------
 */

static int check_stack(const struct gl_cloud *cloud, const struct gl_plan_stack *stack,
                       const struct gl_live_stack *live, bool idle, struct gl_error *err)
{
    const struct gl_stack_status *status = gl_stack_status_find(live->status);
    if (!gl_live_stack_stands(live)) {
        gl_fail(err, GL_E_REFUSED, _("the stack %s does not stand"), stack->stack_name);
        return gl_error_hint(err, _("golive up --env %s makes it."), cloud->env);
    }
    if (!idle || status->way_out == GL_WAY_UPDATE)
        return 0;
    if (status->way_out == GL_WAY_WAIT) {
        gl_fail(err, GL_E_BUSY, _("the stack %s is being changed: %s (%s)"), stack->stack_name,
                _(status->text), live->status);
        return gl_error_hint(err, _("Wait until it is done, then run the release again."));
    }
    gl_fail(err, GL_E_REFUSED, _("the stack %s is not well: %s (%s)"), stack->stack_name,
            _(status->text), live->status);
    return gl_error_hint(err, _("golive up --env %s knows the way out."), cloud->env);
}

/* `idle`: none of them may be in the middle of a change. */
static int check_stacks(struct gl_cloud *cloud, bool idle, struct gl_error *err)
{
    /* Those that a release works with, as far as the environment has them. */
    const char *const needed[] = {"registry", "data", cloud->part->stack, "frontend-ssr",
                                  "frontend"};
    struct gl_plan *plan = NULL;
    int failed = gl_cloud_plan(cloud, &plan, err);
    if (failed < 0)
        return failed;
    struct gl_live_stack live[GL_COUNT(needed)] = {0};
    failed = gl_live_stacks_read_some(plan, needed, GL_COUNT(needed), cloud->account, live, err);
    for (size_t i = 0; failed == 0 && i < GL_COUNT(needed); i++) {
        const struct gl_plan_stack *stack = gl_plan_find(plan, needed[i]);
        if (stack)
            failed = check_stack(cloud, stack, &live[i], idle, err);
    }
    return failed;
}

/* ---- what runs ---------------------------------------------------------------------------------
 */

static int check_database(struct gl_cloud *cloud, struct gl_error *err)
{
    const char *id = NULL;
    gl_autojson json_t *answer = NULL;
    if (!gl_plan_find(&cloud->plan, "data"))
        return 0;
    int failed = gl_cloud_output(cloud, "data", "DatabaseIdentifier", &id, err);
    if (failed == 0)
        failed = gl_aws_ask(cloud->client, "rds", "DescribeDBInstances",
                            json_pack("{ss}", "DBInstanceIdentifier", id), &answer, err);
    if (failed < 0)
        return failed;
    const json_t *found = json_array_get(json_object_get(answer, "DBInstances"), 0);
    const char *status = gl_json_str(found, "DBInstanceStatus", "?");
    /* Both serve: RDS takes its own backups, and changes what needs no restart, meanwhile. */
    if (strcmp(status, "available") == 0 || strcmp(status, "backing-up") == 0)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("the database %s is not available: %s"), id, status);
    return gl_error_hint(err, _("Wait until RDS says `available`, then run the release again."));
}

/* A site in the middle of a change still serves; its release takes longer to be everywhere. */
static void warn_of_distribution(struct gl_cloud *cloud)
{
    const char *id = NULL;
    gl_autojson json_t *answer = NULL;
    if (!gl_plan_find(&cloud->plan, "frontend") ||
        gl_cloud_output(cloud, "frontend", "DistributionId", &id, NULL) < 0 ||
        gl_aws_ask(cloud->client, "cloudfront", "GetDistribution", json_pack("{ss}", "Id", id),
                   &answer, NULL) < 0)
        return;
    const char *status = gl_json_str(json_object_get(answer, "Distribution"), "Status", "");
    if (strcmp(status, "InProgress") == 0)
        gl_log(GL_LOG_WARN, _("CloudFront is still spreading a change of distribution %s"), id);
}

/* True if the deployment is of the release itself: a run before this one was ended in the middle.
 */
static int is_own(struct gl_cloud *cloud, const struct gl_ecs_deployment *open, int64_t release,
                  bool *ret_own, struct gl_error *err)
{
    const json_t *definition = NULL;
    if (!open->task_definition)
        return 0;
    int failed = gl_ecs_definition(cloud, open->task_definition, &definition, err);
    if (failed == 0)
        *ret_own = release > 0 && gl_json_int(definition, "release", 0) == release;
    return failed;
}

static int refuse_deployment(const struct gl_cloud *cloud, const struct gl_ecs_deployment *open,
                             struct gl_error *err)
{
    gl_fail(err, GL_E_BUSY, _("ECS is in the middle of another deployment of the %s: %s%s%s"),
            cloud->part->name, open->status, open->stage ? ", " : "",
            open->stage ? open->stage : "");
    return gl_error_hint(err,
                         _("golive status --env %s shows it. It ends by itself, or is ended by "
                           "aws ecs stop-service-deployment --service-deployment-arn %s."),
                         cloud->env, open->arn);
}

int gl_ecs_check(struct gl_cloud *cloud, const struct gl_artifact *a, struct gl_error *err)
{
    gl_autojson json_t *service = NULL;
    gl_autodeployment struct gl_ecs_deployment open = {0};
    bool own = false;
    int failed = gl_ecs_service(cloud, &service, err);
    if (failed < 0 || !service)
        return failed;
    failed = gl_ecs_deployment_open(cloud, &open, err);
    if (failed == 0 && open.arn)
        failed = is_own(cloud, &open, a->release, &own, err);
    if (failed < 0)
        return failed;
    if (open.arn && !own)
        return refuse_deployment(cloud, &open, err);
    return gl_cloud_check_alarms(cloud, gl_ecs_alarm_names(service), a->release, err);
}

static int check_image(struct gl_cloud *cloud, const struct gl_artifact *a, struct gl_error *err)
{
    const char *registered = NULL;
    int failed = gl_ecs_definition_of(cloud, a->release, &registered, err);
    return failed < 0 || registered ? failed : gl_cloud_check_image(cloud, a, err);
}

int gl_service_preflight(struct gl_cloud *cloud, const struct gl_artifact *a, struct gl_error *err)
{
    int failed = cloud->part->way->check(cloud, a, err);
    if (failed == 0)
        failed = check_image(cloud, a, err);
    return failed < 0 ? failed : gl_cloud_check_secrets(cloud, err);
}

/* ---- the operations ----------------------------------------------------------------------------
 */

int gl_cloud_up(struct gl_platform *p, struct gl_error *err)
{
    return check_stacks(gl_cloud_cast(p), false, err);
}

int gl_cloud_down(struct gl_platform *p, bool purge, struct gl_error *err)
{
    const struct gl_cloud *cloud = gl_cloud_cast(p);
    (void)purge;
    gl_fail(err, GL_E_REFUSED, _("a release does not remove infrastructure"));
    return gl_error_hint(err, _("golive down --env %s does."), cloud->env);
}

int gl_cloud_preflight(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    int failed = check_stacks(cloud, true, err);
    if (failed == 0)
        failed = check_database(cloud, err);
    if (failed == 0)
        failed = gl_services_preflight(cloud, a, err);
    if (failed == 0)
        warn_of_distribution(cloud);
    return failed;
}
