/* Tasks that ended: how many, why, and their last words. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aws/page.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"

enum {
    ASKED_AT_ONCE = 100, /* DescribeTasks */
    LAST_LINES = 15,
};

void gl_ecs_ended_done(struct gl_ecs_ended *ended)
{
    free(ended->fatal);
    free(ended->hint);
    free(ended->task);
    *ended = (struct gl_ecs_ended){0};
}

/* ---- reading -----------------------------------------------------------------------------------
 */

/* What the container says is nearer to the cause than what the task says. */
static const char *container_reason(const json_t *task)
{
    size_t i;
    const json_t *container;
    json_array_foreach(json_object_get(task, "containers"), i, container)
    {
        const char *reason = gl_json_str(container, "reason", NULL);
        if (reason && *reason)
            return reason;
    }
    return NULL;
}

static char *exit_code(const json_t *task)
{
    size_t i;
    const json_t *container;
    json_array_foreach(json_object_get(task, "containers"), i, container)
    {
        const json_t *code = json_object_get(container, "exitCode");
        if (json_is_integer(code))
            return gl_asprintf(_(" (exit status %" PRId64 ")"), (int64_t)json_integer_value(code));
    }
    return gl_strdup("");
}

static const char *id_of(const json_t *task)
{
    const char *arn = gl_json_str(task, "taskArn", "");
    const char *slash = strrchr(arn, '/');
    return slash ? slash + 1 : arn;
}

/* A container's reason counts only where it explains the end: an exit has its own words. */
static void note(const struct gl_cloud *cloud, const json_t *task, struct gl_ecs_ended *ended)
{
    const char *code = gl_json_str(task, "stopCode", NULL);
    const char *reason = gl_json_str(task, "stoppedReason", NULL);
    const char *inner = container_reason(task);
    const struct gl_stop_reason *row = inner ? gl_stop_reason_find(NULL, inner) : NULL;
    const char *words = row ? inner : reason;
    if (!row)
        row = gl_stop_reason_find(code, reason);
    if (!row)
        return;
    if (cloud->part == &gl_part_pages)
        row = gl_stop_reason_of_pages(row);
    ended->deaths++;
    if (ended->fatal)
        return;
    gl_autofree char *status = exit_code(task);
    ended->fatal = gl_asprintf("%s%s: %s", _(row->means), status, words ? words : code);
    ended->hint = gl_stop_reason_text(cloud->base.config, row->way_out);
    ended->task = gl_strdup(id_of(task));
}

static int describe(struct gl_cloud *cloud, const char *cluster, json_t *arns, json_t **ret_tasks,
                    struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    json_t *params = json_pack("{ssso}", "cluster", cluster, "tasks", arns);
    int failed = gl_aws_ask(cloud->client, "ecs", "DescribeTasks", params, &answer, err);
    if (failed == 0)
        *ret_tasks = json_incref(json_object_get(answer, "tasks"));
    return failed;
}

static int list_stopped(struct gl_cloud *cloud, const char *cluster, json_t **ret_arns,
                        struct gl_error *err)
{
    const char *service = NULL;
    gl_autojson json_t *answer = NULL;
    int failed = gl_cloud_output(cloud, cloud->part->stack, "ServiceName", &service, err);
    if (failed == 0)
        failed = gl_aws_ask_all(cloud->client, "ecs", "ListTasks",
                                json_pack("{ssssss}", "cluster", cluster, "serviceName", service,
                                          "desiredStatus", "STOPPED"),
                                &answer, err);
    if (failed == 0)
        *ret_arns = json_incref(json_object_get(answer, "taskArns"));
    return failed;
}

static void note_all(const struct gl_cloud *cloud, const json_t *tasks, const char *task_definition,
                     double since_unix_s, struct gl_ecs_ended *ended)
{
    size_t i;
    const json_t *task;
    json_array_foreach(tasks, i, task)
    {
        double created = json_number_value(json_object_get(task, "createdAt"));
        if (created >= since_unix_s &&
            strcmp(gl_json_str(task, "taskDefinitionArn", ""), task_definition) == 0)
            note(cloud, task, ended);
    }
}

/* https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html */
int gl_ecs_ended(struct gl_cloud *cloud, const char *task_definition, double since_unix_s,
                 struct gl_ecs_ended *ret_ended, struct gl_error *err)
{
    const char *cluster = NULL;
    gl_autojson json_t *arns = NULL;
    gl_autoended struct gl_ecs_ended ended = {0};
    int failed = gl_cloud_output(cloud, "service", "ClusterName", &cluster, err);
    if (failed == 0)
        failed = list_stopped(cloud, cluster, &arns, err);
    for (size_t at = 0; failed == 0 && at < json_array_size(arns); at += ASKED_AT_ONCE) {
        gl_autojson json_t *tasks = NULL;
        json_t *some = json_array();
        for (size_t i = at; i < json_array_size(arns) && i < at + ASKED_AT_ONCE; i++)
            json_array_append(some, json_array_get(arns, i));
        failed = describe(cloud, cluster, some, &tasks, err);
        if (failed == 0)
            note_all(cloud, tasks, task_definition, since_unix_s, &ended);
    }
    if (failed < 0)
        return failed;
    *ret_ended = ended;
    ended = (struct gl_ecs_ended){0};
    return 0;
}

/* https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html */
int gl_ecs_no_place(struct gl_cloud *cloud, double since_unix_s, struct gl_ecs_ended *ended,
                    struct gl_error *err)
{
    gl_autojson json_t *service = NULL;
    int failed = ended->fatal ? 0 : gl_ecs_service(cloud, &service, err);
    size_t i;
    const json_t *event;
    json_array_foreach(json_object_get(service, "events"), i, event)
    {
        const char *text = gl_json_str(event, "message", "");
        double created = json_number_value(json_object_get(event, "createdAt"));
        const struct gl_stop_reason *row = gl_stop_reason_find(NULL, text);
        if (ended->fatal || created < since_unix_s || !row || !strstr(text, "unable to place"))
            continue;
        ended->fatal = gl_asprintf("%s: %s", _(row->means), text);
        ended->hint = gl_stop_reason_text(cloud->base.config, row->way_out);
    }
    return failed;
}

/* ---- last words --------------------------------------------------------------------------------
 */

char *gl_ecs_log_stream(const struct gl_cloud *cloud, const char *task_id)
{
    return gl_asprintf("%s/%s/%s", cloud->part->name, cloud->part->name, task_id);
}

char *gl_ecs_task_log(struct gl_cloud *cloud, const char *task_id, int lines)
{
    const char *group = NULL;
    gl_autojson json_t *answer = NULL;
    gl_autobuf struct gl_buf text = {0};
    gl_autofree char *stream = gl_ecs_log_stream(cloud, task_id);
    if (gl_cloud_output(cloud, cloud->part->stack, cloud->part->log_group, &group, NULL) < 0 ||
        gl_aws_ask(cloud->client, "logs", "GetLogEvents",
                   json_pack("{sssssisb}", "logGroupName", group, "logStreamName", stream, "limit",
                             lines, "startFromHead", 0),
                   &answer, NULL) < 0)
        return gl_strdup(""); /* a task that never ran has no stream */
    size_t i;
    const json_t *event;
    json_array_foreach(json_object_get(answer, "events"), i, event)
        gl_buf_printf(&text, "%s\n", gl_json_str(event, "message", ""));
    return gl_buf_steal(&text);
}

int gl_ecs_explain(struct gl_cloud *cloud, const char *task_definition, double since_unix_s,
                   const char *why, struct gl_error *err)
{
    gl_autoended struct gl_ecs_ended ended = {0};
    if (gl_ecs_ended(cloud, task_definition, since_unix_s, &ended, NULL) < 0 ||
        gl_ecs_no_place(cloud, since_unix_s, &ended, NULL) < 0 || !ended.fatal)
        return gl_fail(err, GL_E_UNHEALTHY, "%s", why);
    gl_autofree char *log =
        ended.task ? gl_ecs_task_log(cloud, ended.task, LAST_LINES) : gl_strdup("");
    if (*log)
        gl_fail(err, GL_E_UNHEALTHY, _("%s. Its last words:\n%s"), ended.fatal, log);
    else
        gl_fail(err, GL_E_UNHEALTHY, "%s", ended.fatal);
    return gl_error_hint(err, "%s", ended.hint);
}
