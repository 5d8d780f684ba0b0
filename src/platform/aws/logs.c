/* The last lines of a service's log, from CloudWatch Logs. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aws/page.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"

/* Which log group has it. */
static const struct {
    const char *service;
    const char *stack; /* NULL = that of the backend's service */
    const char *output;
} services[] = {
    {"backend",   NULL,           "AppLogGroup"      },
    {"frontend",  "frontend-ssr", "LogGroup"         },
    {"migration", NULL,           "MigrationLogGroup"},
    {"database",  "data",         "DatabaseLogGroup" },
};

/* A log is searched from its end: ever longer until there are lines enough. */
static const int64_t windows_ms[] = {
    5LL * 60 * 1000,
    60LL * 60 * 1000,
    12LL * 60 * 60 * 1000,
    7LL * 24 * 60 * 60 * 1000,
};

static int group_of(struct gl_cloud *cloud, const char *service, const char **ret_group,
                    struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    for (size_t i = 0; i < GL_COUNT(services); i++) {
        const char *stack = services[i].stack ? services[i].stack : cloud->part->stack;
        if (strcmp(services[i].service, gl_part_pages.name) == 0 && !gl_cloud_pages(cloud))
            continue; /* pages are files: nothing runs that would log */
        if (strcmp(services[i].service, service) == 0)
            return gl_cloud_output(cloud, stack, services[i].output, ret_group, err);
        gl_strv_add(&names, services[i].service);
    }
    gl_autofree char *all = gl_strv_join(&names, ", ");
    gl_fail(err, GL_E_NOT_FOUND, _("%s has no log"), service);
    return gl_error_hint(err, _("There are: %s"), all);
}

/* ---- one release -------------------------------------------------------------------------------
 */

/* FilterLogEvents takes 100 streams; AWS shows ended tasks for an hour. */
enum { STREAMS_MOST = 100 };

static int add_streams(struct gl_cloud *cloud, const char *cluster, const char *status,
                       const char *definition, json_t *streams, struct gl_error *err)
{
    gl_autojson json_t *listed = NULL;
    gl_autojson json_t *described = NULL;
    const char *service = NULL;
    int failed = gl_cloud_output(cloud, cloud->part->stack, "ServiceName", &service, err);
    if (failed == 0)
        failed = gl_aws_ask(cloud->client, "ecs", "ListTasks",
                            json_pack("{ssssss}", "cluster", cluster, "serviceName", service,
                                      "desiredStatus", status),
                            &listed, err);
    json_t *arns = json_object_get(listed, "taskArns");
    if (failed < 0 || json_array_size(arns) == 0)
        return failed;
    failed = gl_aws_ask(cloud->client, "ecs", "DescribeTasks",
                        json_pack("{sssO}", "cluster", cluster, "tasks", arns), &described, err);
    size_t i;
    const json_t *task;
    json_array_foreach(json_object_get(described, "tasks"), i, task)
    {
        const char *arn = gl_json_str(task, "taskArn", "");
        const char *slash = strrchr(arn, '/');
        gl_autofree char *name = gl_ecs_log_stream(cloud, slash ? slash + 1 : arn);
        if (strcmp(gl_json_str(task, "taskDefinitionArn", ""), definition) == 0 &&
            json_array_size(streams) < STREAMS_MOST)
            json_array_append_new(streams, json_string(name));
    }
    return failed;
}

static int streams_of(struct gl_cloud *cloud, int64_t release, json_t **ret_streams,
                      struct gl_error *err)
{
    const char *definition = NULL;
    const char *cluster = NULL;
    gl_autojson json_t *streams = json_array();
    int failed = gl_ecs_definition_of(cloud, release, &definition, err);
    if (failed == 0)
        failed = gl_cloud_output(cloud, "service", "ClusterName", &cluster, err);
    if (failed == 0 && definition)
        failed = add_streams(cloud, cluster, "RUNNING", definition, streams, err);
    if (failed == 0 && definition)
        failed = add_streams(cloud, cluster, "STOPPED", definition, streams, err);
    if (failed < 0)
        return failed;
    if (json_array_size(streams) == 0) {
        gl_fail(err, GL_E_NOT_FOUND, _("no task of release %" PRId64 " is known any more"),
                release);
        return gl_error_hint(err, _("AWS forgets tasks an hour after their end; their lines are "
                                    "still in the log without --release."));
    }
    *ret_streams = gl_steal(&streams);
    return 0;
}

/* ---- lines -------------------------------------------------------------------------------------
 */

/* The newest lines of a window, oldest first. */
struct tail {
    json_t **events;
    size_t room;
    size_t seen;
};

static void tail_done(struct tail *tail)
{
    for (size_t i = 0; i < tail->room; i++)
        json_decref(tail->events[i]);
    free(tail->events);
}

static bool take_page(const json_t *page, void *context)
{
    struct tail *tail = context;
    size_t i;
    json_t *event;
    json_array_foreach(json_object_get(page, "events"), i, event)
    {
        json_t **place = &tail->events[tail->seen++ % tail->room];
        json_decref(*place);
        *place = json_incref(event);
    }
    return true;
}

static void add_line(const json_t *event, struct gl_buf *out)
{
    gl_autofree char *when = gl_format_rfc3339(gl_json_int(event, "timestamp", 0));
    const char *message = gl_json_str(event, "message", "");
    size_t len = strcspn(message, "\n");
    gl_buf_printf(out, "%s %.*s\n", when, (int)len, message);
}

static void write_tail(const struct tail *tail, struct gl_buf *out)
{
    size_t count = tail->seen < tail->room ? tail->seen : tail->room;
    for (size_t i = tail->seen - count; i < tail->seen; i++)
        add_line(tail->events[i % tail->room], out);
}

static int read_window(struct gl_cloud *cloud, const char *group, const json_t *streams,
                       int64_t window_ms, struct tail *tail, struct gl_error *err)
{
    gl_autojson json_t *params = json_pack("{sssI}", "logGroupName", group, "startTime",
                                           (json_int_t)(gl_now_unix_ms() - window_ms));
    if (streams)
        json_object_set(params, "logStreamNames", (json_t *)streams);
    struct gl_aws_request request = {
        .service = "logs", .operation = "FilterLogEvents", .params = params};
    tail->seen = 0;
    return gl_aws_each_page(cloud->client, &request, take_page, tail, err);
}

int gl_cloud_log_since(struct gl_cloud *cloud, const char *group, int64_t since_unix_ms, int lines,
                       char **ret_text, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    size_t room = lines > 0 ? (size_t)lines : 1;
    gl_cleanup(tail_done) struct tail tail = {.events = gl_alloc(room * sizeof(json_t *)),
                                              .room = room};
    int failed = read_window(cloud, group, NULL, gl_now_unix_ms() - since_unix_ms, &tail, err);
    if (failed < 0)
        return failed;
    write_tail(&tail, &text);
    *ret_text = gl_buf_steal(&text);
    return 0;
}

/* The part whose tasks write that log; NULL for what belongs to no release. */
static struct gl_cloud *part_of(struct gl_cloud *cloud, const char *service)
{
    assert(cloud);
    if (strcmp(service, gl_part_pages.name) == 0)
        return gl_cloud_pages(cloud);
    return strcmp(service, gl_part_backend.name) == 0 ? cloud : NULL;
}

int gl_cloud_logs(struct gl_platform *p, const char *service, int64_t release, int lines,
                  char **ret_text, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    const char *group = NULL;
    gl_autojson json_t *streams = NULL;
    gl_autobuf struct gl_buf text = {0};
    size_t room = lines > 0 ? (size_t)lines : 1;
    gl_cleanup(tail_done) struct tail tail = {.events = gl_alloc(room * sizeof(json_t *)),
                                              .room = room};
    int failed = group_of(cloud, service, &group, err);
    struct gl_cloud *part = part_of(cloud, service);
    if (failed == 0 && release > 0 && part)
        failed = streams_of(part, release, &streams, err);
    for (size_t i = 0; failed == 0 && i < GL_COUNT(windows_ms) && tail.seen < room; i++)
        failed = read_window(cloud, group, streams, windows_ms[i], &tail, err);
    if (failed < 0)
        return failed;
    write_tail(&tail, &text);
    *ret_text = gl_buf_steal(&text);
    return 0;
}

char *gl_cloud_log_place(struct gl_platform *p, const char *service, int64_t release)
{
    (void)release;
    struct gl_cloud *cloud = gl_cloud_cast(p);
    const char *group = NULL;
    int64_t longest_ms = windows_ms[GL_COUNT(windows_ms) - 1];
    gl_autofree char *since = gl_format_local_minute(gl_now_unix_ms() - longest_ms);
    if (group_of(cloud, service, &group, NULL) < 0)
        return NULL;
    return gl_asprintf(_("the log group %s in %s, since %s"), group, cloud->region, since);
}
