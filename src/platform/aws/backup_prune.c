/* Deletes the snapshots of releases that are no longer kept; never any other. */
#include <string.h>

#include "aws/page.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/snapshot.h"

static bool is_kept(int64_t release, const int64_t *keep, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keep[i] == release)
            return true;
    }
    return false;
}

/* Gone already is as good. */
static int delete_one(struct gl_cloud *cloud, const char *id, struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    json_t *params = json_pack("{ss}", "DBSnapshotIdentifier", id);
    int failed = gl_aws_ask(cloud->client, "rds", "DeleteDBSnapshot", params, &answer, err);
    if (failed == GL_E_NOT_FOUND) {
        gl_error_done(err);
        return 0;
    }
    return failed < 0 ? gl_error_wrap(err, _("snapshot %s"), id) : 0;
}

/* One that is still being made belongs to a release that runs. */
static bool is_over(const json_t *snapshot)
{
    const char *status = gl_json_str(snapshot, "Status", "");
    return strcmp(status, "available") == 0 || strcmp(status, "failed") == 0;
}

int gl_cloud_backup_prune(struct gl_platform *p, const int64_t *keep, size_t count,
                          struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    const char *database = NULL;
    gl_autojson json_t *answer = NULL;
    int failed = gl_cloud_output(cloud, "data", "DatabaseIdentifier", &database, err);
    if (failed < 0)
        return failed;
    json_t *params =
        json_pack("{ss, ss}", "DBInstanceIdentifier", database, "SnapshotType", "manual");
    failed = gl_aws_ask_all(cloud->client, "rds", "DescribeDBSnapshots", params, &answer, err);
    size_t index;
    json_t *snapshot;
    json_array_foreach(json_object_get(answer, "DBSnapshots"), index, snapshot)
    {
        int64_t release = gl_snapshot_release(cloud, snapshot);
        if (failed == 0 && release && is_over(snapshot) && !is_kept(release, keep, count))
            failed = delete_one(cloud, gl_json_str(snapshot, "DBSnapshotIdentifier", ""), err);
    }
    return failed;
}
