/* Finding the service deployment of a release, or the one that is under way. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"

/* Of the deployments that AWS remembers (90 days), the newest that are looked through. */
enum { LOOKED_AT = 20 };

/* Newest first; the API says no order. */
static int by_creation(const void *a, const void *b)
{
    double left = json_number_value(json_object_get(*(const json_t *const *)a, "createdAt"));
    double right = json_number_value(json_object_get(*(const json_t *const *)b, "createdAt"));
    return (left < right) - (left > right);
}

/* Sees deployments, newest first, until it says stop. */
typedef int see_fn(struct gl_cloud *cloud, const json_t *brief, void *context, bool *ret_stop,
                   struct gl_error *err);

static int each_newest(struct gl_cloud *cloud, const json_t *list, see_fn *see, void *context,
                       struct gl_error *err)
{
    size_t count = json_array_size(list);
    const gl_autofree json_t **sorted = gl_alloc((count + 1) * sizeof(json_t *));
    bool stop = false;
    int failed = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = json_array_get(list, i);
    qsort(sorted, count, sizeof(json_t *), by_creation);
    for (size_t i = 0; failed == 0 && !stop && i < count && i < LOOKED_AT; i++)
        failed = see(cloud, sorted[i], context, &stop, err);
    return failed;
}

static int list_deployments(struct gl_cloud *cloud, json_t **ret_list, struct gl_error *err)
{
    const char *cluster = NULL;
    const char *name = NULL;
    gl_autojson json_t *answer = NULL;
    int failed = gl_cloud_output(cloud, "service", "ClusterName", &cluster, err);
    if (failed == 0)
        failed = gl_cloud_output(cloud, cloud->part->stack, "ServiceName", &name, err);
    if (failed == 0)
        failed = gl_aws_ask(
            cloud->client, "ecs", "ListServiceDeployments",
            json_pack("{sssssi}", "cluster", cluster, "service", name, "maxResults", 100), &answer,
            err);
    if (failed == 0)
        *ret_list = json_incref(json_object_get(answer, "serviceDeployments"));
    return failed;
}

struct finding {
    const char *task_definition;
    const char *arn; /* found */
};

static int is_of(struct gl_cloud *cloud, const json_t *brief, void *context, bool *ret_stop,
                 struct gl_error *err)
{
    struct finding *f = context;
    const char *target = gl_json_str(brief, "targetServiceRevisionArn", NULL);
    const json_t *revision = NULL;
    int failed = target ? gl_ecs_revision(cloud, target, &revision, err) : 0;
    if (failed < 0)
        return failed;
    *ret_stop = strcmp(gl_json_str(revision, "task_definition", ""), f->task_definition) == 0;
    if (*ret_stop)
        f->arn = gl_json_str(brief, "serviceDeploymentArn", NULL);
    return 0;
}

static int is_open(struct gl_cloud *cloud, const json_t *brief, void *context, bool *ret_stop,
                   struct gl_error *err)
{
    (void)cloud;
    (void)err;
    struct finding *f = context;
    *ret_stop = !gl_ecs_is_over(gl_ecs_status_find(gl_json_str(brief, "status", ""))->phase);
    if (*ret_stop)
        f->arn = gl_json_str(brief, "serviceDeploymentArn", NULL);
    return 0;
}

static int find(struct gl_cloud *cloud, see_fn *see, const char *task_definition,
                struct gl_ecs_deployment *ret_deployment, struct gl_error *err)
{
    gl_autojson json_t *list = NULL;
    struct finding f = {.task_definition = task_definition};
    struct gl_ecs_deployment found = {0};
    int failed = list_deployments(cloud, &list, err);
    if (failed == 0)
        failed = each_newest(cloud, list, see, &f, err);
    if (failed == 0 && f.arn)
        failed = gl_ecs_deployment_describe(cloud, f.arn, &found, err);
    if (failed == 0)
        *ret_deployment = found;
    return failed;
}

int gl_ecs_deployment_of(struct gl_cloud *cloud, const char *task_definition,
                         struct gl_ecs_deployment *ret_deployment, struct gl_error *err)
{
    return find(cloud, is_of, task_definition, ret_deployment, err);
}

int gl_ecs_deployment_open(struct gl_cloud *cloud, struct gl_ecs_deployment *ret_deployment,
                           struct gl_error *err)
{
    return find(cloud, is_open, NULL, ret_deployment, err);
}
