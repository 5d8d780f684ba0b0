/* Whose snapshot it is. */
#include "platform/aws/snapshot.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static const char *tag_of(const json_t *snapshot, const char *key)
{
    size_t index;
    json_t *tag;
    json_array_foreach(json_object_get(snapshot, "TagList"), index, tag)
    {
        if (strcmp(gl_json_str(tag, "Key", ""), key) == 0)
            return gl_json_str(tag, "Value", "");
    }
    return "";
}

int64_t gl_snapshot_release(const struct gl_cloud *cloud, const json_t *snapshot)
{
    const char *number = tag_of(snapshot, GL_SNAPSHOT_TAG);
    size_t digits = strspn(number, "0123456789");
    if (digits == 0 || digits > 15 || number[digits] ||
        strcmp(tag_of(snapshot, "golive:app"), cloud->app) != 0 ||
        strcmp(tag_of(snapshot, "golive:env"), cloud->env) != 0)
        return 0;
    return strtoll(number, NULL, 10);
}

json_t *gl_snapshot_tags(const struct gl_cloud *cloud, int64_t number)
{
    gl_autofree char *text = gl_asprintf("%" PRId64, number);
    return json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]", "Key", "golive:app", "Value",
                     cloud->app, "Key", "golive:env", "Value", cloud->env, "Key", GL_SNAPSHOT_TAG,
                     "Value", text);
}

int gl_snapshot_find(struct gl_cloud *cloud, const char *id, json_t **ret_snapshot,
                     struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    json_t *params = json_pack("{ss}", "DBSnapshotIdentifier", id);
    int failed = gl_aws_ask(cloud->client, "rds", "DescribeDBSnapshots", params, &answer, err);
    if (failed == GL_E_NOT_FOUND) {
        gl_error_done(err);
        *ret_snapshot = NULL;
        return 0;
    }
    if (failed < 0)
        return failed;
    *ret_snapshot = json_incref(json_array_get(json_object_get(answer, "DBSnapshots"), 0));
    return 0;
}
