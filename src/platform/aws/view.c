/* The service with everything that traffic depends on, read at one time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"

void gl_ecs_view_done(struct gl_ecs_view *view)
{
    json_decref(view->service);
    gl_ecs_deployment_done(&view->open);
    for (size_t i = 0; i < view->count; i++) {
        free(view->versions[i].task_definition);
        free(view->versions[i].target_group);
    }
    *view = (struct gl_ecs_view){0};
}

const struct gl_ecs_version *gl_ecs_view_find(const struct gl_ecs_view *view, int64_t release)
{
    for (size_t i = 0; i < view->count; i++) {
        if (view->versions[i].release == release)
            return &view->versions[i];
    }
    return NULL;
}

static struct gl_ecs_version *version_of(struct gl_ecs_view *view, const char *task_definition)
{
    for (size_t i = 0; i < view->count; i++) {
        if (strcmp(view->versions[i].task_definition, task_definition) == 0)
            return &view->versions[i];
    }
    if (view->count == GL_COUNT(view->versions))
        return NULL;
    struct gl_ecs_version *version = &view->versions[view->count++];
    *version = (struct gl_ecs_version){.task_definition = gl_strdup(task_definition)};
    return version;
}

/* A revision that has tasks, or is to have some. */
static int add_revision(struct gl_cloud *cloud, struct gl_ecs_view *view, const json_t *current,
                        struct gl_error *err)
{
    const json_t *revision = NULL;
    const json_t *definition = NULL;
    const char *arn = gl_json_str(current, "arn", NULL);
    int failed = arn ? gl_ecs_revision(cloud, arn, &revision, err) : GL_OK;
    const char *task_definition = gl_json_str(revision, "task_definition", NULL);
    if (failed == 0 && task_definition)
        failed = gl_ecs_definition(cloud, task_definition, &definition, err);
    if (failed < 0 || !task_definition)
        return failed;
    struct gl_ecs_version *version = version_of(view, task_definition);
    if (!version)
        return 0;
    version->release = gl_json_int(definition, "release", 0);
    version->running += gl_json_int(current, "runningTaskCount", 0);
    snprintf(version->digest, sizeof version->digest, "%s", gl_json_str(definition, "digest", ""));
    const char *group = gl_json_str(revision, "target_group", NULL);
    if (group && !version->target_group)
        version->target_group = gl_strdup(group);
    return 0;
}

/* With one target group new and old tasks stand beside each other in it: each has its part. */
static int share_of_tasks(const struct gl_ecs_view *view, const struct gl_ecs_version *version)
{
    int64_t all = 0;
    for (size_t i = 0; i < view->count; i++)
        all += view->versions[i].running;
    return all ? (int)((version->running * 100 + all / 2) / all) : 0;
}

static int add_balance(struct gl_cloud *cloud, struct gl_ecs_view *view, struct gl_error *err)
{
    for (size_t i = 0; i < view->count; i++) {
        struct gl_ecs_version *version = &view->versions[i];
        if (!version->target_group)
            continue;
        int failed = gl_alb_health(cloud, version->target_group, &version->health, err);
        if (failed == 0 && gl_ecs_two_groups(cloud))
            failed = gl_alb_weight(cloud, version->target_group, &version->weight_pct, err);
        if (failed < 0)
            return failed;
        if (!gl_ecs_two_groups(cloud))
            version->weight_pct = share_of_tasks(view, version);
    }
    return 0;
}

int gl_ecs_view_read(struct gl_cloud *cloud, struct gl_ecs_view *ret_view, struct gl_error *err)
{
    gl_autoview struct gl_ecs_view view = {0};
    int failed = gl_ecs_service(cloud, &view.service, err);
    if (failed == 0 && view.service)
        failed = gl_ecs_deployment_open(cloud, &view.open, err);
    size_t i;
    const json_t *current;
    json_array_foreach(json_object_get(view.service, "currentServiceRevisions"), i, current)
    {
        if (failed == 0)
            failed = add_revision(cloud, &view, current, err);
    }
    if (failed == 0)
        failed = add_balance(cloud, &view, err);
    if (failed < 0)
        return failed;
    *ret_view = view;
    view = (struct gl_ecs_view){0};
    return 0;
}
