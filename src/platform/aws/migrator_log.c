/* What the task says, as CloudWatch has it.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "platform/aws/migrator.h"

enum {
    KEPT_LINES = 5,
    PAGES_MAX = 1000, /* of one read: an answer that goes on for ever is not followed for ever */
};

void gl_migrator_log_done(struct gl_migrator_log *log)
{
    free(log->stream);
    free(log->token);
    gl_strv_done(&log->other);
    *log = (struct gl_migrator_log){0};
}

static void keep_other(struct gl_migrator_log *log, const char *line)
{
    struct gl_strv *lines = &log->other;
    if (lines->count == KEPT_LINES) {
        free(lines->items[0]);
        memmove(lines->items, lines->items + 1, (size_t)(KEPT_LINES - 1) * sizeof *lines->items);
        lines->items[--lines->count] = NULL;
    }
    gl_strv_take(lines, gl_strndup(line, strnlen(line, 500)));
}

static void read_page(struct gl_migrator_log *log, const json_t *page, struct gl_wire *wire)
{
    size_t index;
    json_t *event;
    json_array_foreach(json_object_get(page, "events"), index, event)
    {
        const char *line = gl_json_str(event, "message", "");
        log->word_ms = log->told_ms = gl_mono_ms();
        if (!gl_wire_read(wire, line, strlen(line)) && *line)
            keep_other(log, line);
    }
}

static int ask(struct gl_cloud *cloud, const struct gl_migrator_log *log, json_t **ret_page,
               struct gl_error *err)
{
    const char *group = NULL;
    int failed = gl_cloud_output(cloud, cloud->part->stack, "MigrationLogGroup", &group, err);
    if (failed < 0)
        return failed;
    json_t *params = json_pack("{s:s, s:s, s:b, s:s*}", "logGroupName", group, "logStreamName",
                               log->stream, "startFromHead", 1, "nextToken", log->token);
    return gl_aws_ask(cloud->client, "logs", "GetLogEvents", params, ret_page, err);
}

/* CloudWatch says that there is no more by giving the same token again. */
int gl_migrator_log_read(struct gl_cloud *cloud, struct gl_migrator_log *log, struct gl_wire *wire,
                         struct gl_error *err)
{
    for (int i = 0; i < PAGES_MAX; i++) {
        gl_autojson json_t *page = NULL;
        int failed = ask(cloud, log, &page, err);
        if (failed == GL_E_NOT_FOUND) {
            gl_error_done(err);
            return 0;
        }
        if (failed < 0)
            return failed;
        read_page(log, page, wire);
        const char *token = gl_json_str(page, "nextForwardToken", "");
        bool last = log->token && strcmp(log->token, token) == 0;
        free(log->token);
        log->token = *token ? gl_strdup(token) : NULL;
        if (last || !log->token)
            return 0;
    }
    return 0;
}
