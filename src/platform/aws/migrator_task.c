/* One task of migrations: started once, found again after a crash, followed to its end.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/migrator.h"
#include "platform/aws/pace.h"

enum {
    FIRST_SIGHT_MS = 60000,
    LOG_LATE_MS = 30000,   /* lines reach CloudWatch this long after their task has ended */
    LOG_KILLED_MS = 15000, /* one that was killed most likely wrote no more */
};

/* The same for the same order to the same image, so that the next golive finds the task. At most
 * 128 letters, digits, '-', '_' and '/'. The caller owns it. */
static char *started_by(const char *definition, const char *order)
{
    char hex[GL_SHA256_HEX_SIZE];
    gl_autofree char *both = gl_asprintf("%s\n%s", definition, order);
    gl_sha256_hex(both, strlen(both), hex);
    return gl_asprintf("golive/migrate/%.32s", hex);
}

/* ListTasks takes no other filter beside startedBy, and without one shows what is to run. */
static int find_running(struct gl_cloud *cloud, const char *cluster, const char *by, char **ret_arn,
                        struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    json_t *params = json_pack("{s:s, s:s}", "cluster", cluster, "startedBy", by);
    int failed = gl_aws_ask(cloud->client, "ecs", "ListTasks", params, &answer, err);
    const json_t *first = json_array_get(json_object_get(answer, "taskArns"), 0);
    if (failed == 0 && json_is_string(first))
        *ret_arn = gl_strdup(json_string_value(first));
    return failed;
}

static json_t *text_list(const char *joined)
{
    gl_autostrv struct gl_strv texts = {0};
    gl_strv_split(&texts, joined, ",");
    json_t *list = json_array();
    for (size_t i = 0; i < texts.count; i++)
        json_array_append_new(list, json_string(texts.items[i]));
    return list;
}

static int network_of(struct gl_cloud *cloud, json_t **ret_network, struct gl_error *err)
{
    const char *subnets = NULL;
    const char *group = NULL;
    int failed = gl_cloud_output(cloud, "network", "PrivateSubnets", &subnets, err);
    if (failed == 0)
        failed = gl_cloud_output(cloud, "security-groups", "MigrationSecurityGroup", &group, err);
    if (failed < 0)
        return failed;
    *ret_network =
        json_pack("{s:{s:o, s:[s], s:s}}", "awsvpcConfiguration", "subnets", text_list(subnets),
                  "securityGroups", group, "assignPublicIp", "DISABLED");
    return 0;
}

static json_t *overrides_of(const char *order)
{
    return json_pack("{s:[{s:s, s:[{s:s, s:s}]}]}", "containerOverrides", "name",
                     GL_MIGRATOR_CONTAINER, "environment", "name", GL_MIGRATION_ORDER_VARIABLE,
                     "value", order);
}

/* An answer without a task says why there is none. */
static int read_started(const json_t *answer, char **ret_arn, struct gl_error *err)
{
    const json_t *task = json_array_get(json_object_get(answer, "tasks"), 0);
    const json_t *failure = json_array_get(json_object_get(answer, "failures"), 0);
    const char *arn = gl_json_str(task, "taskArn", NULL);
    if (arn) {
        *ret_arn = gl_strdup(arn);
        return 0;
    }
    gl_fail(err, GL_E_NET, _("AWS did not start the task of migrations: %s %s"),
            gl_json_str(failure, "reason", ""), gl_json_str(failure, "detail", ""));
    return gl_error_hint(err, _("Run it again in a few minutes; a quota of Fargate that is used up "
                                "must be raised first (Service Quotas)."));
}

/* What is asked of RunTask. Everything is borrowed. */
struct start {
    const char *cluster;
    const char *definition;
    const char *order;
    const char *by;
};

static int run_task(struct gl_cloud *cloud, const struct start *start, char **ret_arn,
                    struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    json_t *network = NULL;
    int failed = network_of(cloud, &network, err);
    if (failed < 0)
        return failed;
    json_t *params = json_pack("{s:s, s:s, s:s, s:i, s:s, s:o, s:o}", "cluster", start->cluster,
                               "taskDefinition", start->definition, "launchType", "FARGATE",
                               "count", 1, "startedBy", start->by, "networkConfiguration", network,
                               "overrides", overrides_of(start->order));
    failed = gl_aws_ask(cloud->client, "ecs", "RunTask", params, &answer, err);
    return failed < 0 ? failed : read_started(answer, ret_arn, err);
}

int gl_migrator_start(struct gl_cloud *cloud, const char *definition, const char *order,
                      char **ret_arn, struct gl_error *err)
{
    gl_autofree char *by = started_by(definition, order);
    struct start start = {.definition = definition, .order = order, .by = by};
    char *arn = NULL;
    int failed = gl_cloud_output(cloud, cloud->part->stack, "ClusterName", &start.cluster, err);
    if (failed == 0)
        failed = find_running(cloud, start.cluster, by, &arn, err);
    if (failed < 0)
        return failed;
    if (!arn)
        return run_task(cloud, &start, ret_arn, err);
    gl_platform_progress(&cloud->base, _("a task of migrations runs already: %s"),
                         gl_path_base(arn));
    *ret_arn = arn;
    return 0;
}

/* ---- following ---------------------------------------------------------------------------------
 */

/* The task; NULL once AWS has forgotten it (an hour after its end). */
static int look(struct gl_cloud *cloud, const char *arn, json_t **ret_task, struct gl_error *err)
{
    const char *cluster = NULL;
    gl_autojson json_t *answer = NULL;
    int failed = gl_cloud_output(cloud, cloud->part->stack, "ClusterName", &cluster, err);
    if (failed < 0)
        return failed;
    json_t *params = json_pack("{s:s, s:[s]}", "cluster", cluster, "tasks", arn);
    failed = gl_aws_ask(cloud->client, "ecs", "DescribeTasks", params, &answer, err);
    if (failed == 0)
        *ret_task = json_incref(json_array_get(json_object_get(answer, "tasks"), 0));
    return failed;
}

static int fail_forgotten(const char *arn, struct gl_error *err)
{
    gl_fail(err, GL_E_NOT_FOUND, _("AWS has no task %s any more"), arn);
    return gl_error_hint(err, _("Run it again: what was applied is kept."));
}

/* ECS may not know a task yet that it has just started; one that it knew and has forgotten is lost.
 */
static int wait_for_first_sight(const char *arn, const struct gl_migrator_log *log,
                                struct gl_error *err)
{
    bool may_come = !*log->status && gl_mono_ms() - log->begun_ms < FIRST_SIGHT_MS;
    return may_come ? 0 : fail_forgotten(arn, err);
}

/* What ran was ended by a signal to golive alone: the task goes on. */
static int interrupted(struct gl_error *err)
{
    return gl_error_hint(err, _("The task of migrations goes on in AWS: the same command follows "
                                "it again."));
}

/* The last lines may still be on their way. */
static int read_late(struct gl_cloud *cloud, struct gl_migrator_log *log, struct gl_wire *wire,
                     const json_t *task, struct gl_error *err)
{
    const json_t *container = json_array_get(json_object_get(task, "containers"), 0);
    const json_t *code = json_object_get(container, "exitCode");
    struct gl_pace pace = {0};
    int64_t begun_ms = gl_mono_ms();
    int64_t late_ms = !json_is_integer(code)          ? 0
                      : json_integer_value(code) == 0 ? LOG_LATE_MS
                                                      : LOG_KILLED_MS;
    int failed = gl_migrator_log_read(cloud, log, wire, err);
    while (failed == 0 && !wire->result_came && gl_mono_ms() - begun_ms < late_ms) {
        failed = gl_pace_wait(&pace, err);
        if (failed == 0)
            failed = gl_migrator_log_read(cloud, log, wire, err);
    }
    return failed;
}

static int mind_silence(struct gl_cloud *cloud, struct gl_migrator_log *log, struct gl_error *err)
{
    bool tell = false;
    int64_t now_ms = gl_mono_ms();
    int failed = gl_migrator_silence(
        log, now_ms, gl_config_int(cloud->base.config, "migrations.statement_timeout_ms"), &tell,
        err);
    if (!tell)
        return failed;
    gl_autofree char *runs = gl_format_duration((double)(now_ms - log->begun_ms));
    gl_platform_progress(&cloud->base, _("task of migrations: %s for %s"), log->status, runs);
    return 0;
}

/* One look at the task and its log. *ret_task once both are over. */
static int step(struct gl_cloud *cloud, const char *arn, struct gl_wire *wire,
                struct gl_migrator_log *log, json_t **ret_task, struct gl_error *err)
{
    gl_autojson json_t *task = NULL;
    int failed = look(cloud, arn, &task, err);
    if (failed < 0)
        return failed;
    if (!task)
        return wait_for_first_sight(arn, log, err);
    const char *status = gl_json_str(task, "lastStatus", "");
    if (strcmp(status, "STOPPED") == 0) {
        failed = read_late(cloud, log, wire, task, err);
        *ret_task = failed == 0 ? gl_steal(&task) : NULL;
        return failed;
    }
    if (strcmp(status, log->status) != 0) {
        gl_platform_progress(&cloud->base, _("task of migrations: %s"), status);
        log->word_ms = log->told_ms = gl_mono_ms();
    }
    (void)snprintf(log->status, sizeof log->status, "%s", status);
    failed = gl_migrator_log_read(cloud, log, wire, err);
    return failed < 0 ? failed : mind_silence(cloud, log, err);
}

int gl_migrator_follow(struct gl_cloud *cloud, const char *arn, struct gl_wire *wire,
                       struct gl_migrator_log *log, json_t **ret_task, struct gl_error *err)
{
    log->stream =
        gl_asprintf("%s/%s/%s", GL_MIGRATOR_CONTAINER, GL_MIGRATOR_CONTAINER, gl_path_base(arn));
    log->begun_ms = log->word_ms = log->told_ms = gl_mono_ms();
    struct gl_pace pace = {0};
    json_t *task = NULL;
    int failed = step(cloud, arn, wire, log, &task, err);
    while (failed == 0 && !task) {
        failed = gl_pace_wait(&pace, err);
        if (failed == 0)
            failed = step(cloud, arn, wire, log, &task, err);
    }
    if (failed < 0)
        return failed == GL_E_INTERRUPTED ? interrupted(err) : failed;
    *ret_task = task;
    return 0;
}
