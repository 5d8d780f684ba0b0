/* A snapshot of the database before a release touches it.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html */
#include <stdlib.h>
#include <string.h>

#include "aws/codec.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/pace.h"
#include "platform/aws/snapshot.h"

enum {
    BUSY_MS = 1800 * 1000,        /* a change of the instance, or its own backup, takes minutes */
    LONGEST_MS = 6 * 3600 * 1000, /* the first snapshot of a terabyte takes hours */
    FRESH_MS = 3600 * 1000, /* an older one is no picture of the database before this release */
    NAMES_MAX = 9,
};

/* One snapshot on its way. */
struct taking {
    struct gl_cloud *cloud;
    const char *label;
    int64_t release; /* 0 = migrations by hand: no release ever removes that one */
    const char *database;
    char *id;
    struct gl_pace pace; /* begins with the taking */
};

static void taking_done(struct taking *taking)
{
    free(taking->id);
}

/* "release-7", "migrate-1795777036". */
static int read_label(const char *label, int64_t *ret_release, struct gl_error *err)
{
    static const char *const prefixes[] = {"release-", "migrate-"};
    for (size_t i = 0; i < GL_COUNT(prefixes); i++) {
        const char *number = label + strlen(prefixes[i]);
        if (!gl_starts_with(label, prefixes[i]) || !*number ||
            number[strspn(number, "0123456789")] || strlen(number) > 15)
            continue;
        *ret_release = i == 0 ? strtoll(number, NULL, 10) : 0;
        return 0;
    }
    return gl_fail(err, GL_E_USAGE, _("`%s` is not the label of a backup"), label);
}

/* One that this release began and that still shows the database before it. */
static bool is_ours(const struct taking *taking, const json_t *snapshot)
{
    int64_t made_unix_ms = 0;
    const char *status = gl_json_str(snapshot, "Status", "");
    if (gl_snapshot_release(taking->cloud, snapshot) != taking->release ||
        strcmp(gl_json_str(snapshot, "DBInstanceIdentifier", ""), taking->database) != 0)
        return false;
    if (strcmp(status, "creating") == 0)
        return true;
    return strcmp(status, "available") == 0 &&
           gl_aws_time(json_object_get(snapshot, "SnapshotCreateTime"), &made_unix_ms) &&
           gl_now_unix_ms() - made_unix_ms < FRESH_MS;
}

/* The name, or the same with a number when an older one has it. *ret_present: it is there. */
static int choose_id(struct taking *taking, bool *ret_present, struct gl_error *err)
{
    const struct gl_cloud *cloud = taking->cloud;
    for (int i = 1; i <= NAMES_MAX; i++) {
        gl_autojson json_t *snapshot = NULL;
        gl_autofree char *suffix = i > 1 ? gl_asprintf("-%d", i) : gl_strdup("");
        free(taking->id);
        taking->id = gl_asprintf("%s-%s-%s%s", cloud->app, cloud->env, taking->label, suffix);
        int failed = gl_snapshot_find(taking->cloud, taking->id, &snapshot, err);
        if (failed < 0)
            return failed;
        if (!snapshot || is_ours(taking, snapshot)) {
            *ret_present = snapshot != NULL;
            return 0;
        }
    }
    gl_fail(err, GL_E_REFUSED, _("there are %d snapshots named like %s already"), NAMES_MAX,
            taking->id);
    return gl_error_hint(err, _("Delete those that nobody needs: aws rds delete-db-snapshot."));
}

/* What RDS refuses and what to do about it; everything else is shown as it is. */
static const struct {
    const char *code;
    bool passes; /* look again in a moment */
    const char *hint;
} refusals[] = {
    {"DBSnapshotAlreadyExists", true,  NULL   },
    {"InvalidDBInstanceState",  true,  NULL   },
    {"SnapshotQuotaExceeded",   false,
     N_("Delete manual snapshots that nobody needs, or ask AWS for more (Service Quotas, Amazon "
        "RDS, Manual DB instance snapshots).")},
};

/* 1 = RDS is busy with something that ends: look again. */
static int create(const struct taking *taking, struct gl_error *err)
{
    struct gl_cloud *cloud = taking->cloud;
    gl_autojson json_t *answer = NULL;
    json_t *params =
        json_pack("{s:s, s:s, s:o}", "DBSnapshotIdentifier", taking->id, "DBInstanceIdentifier",
                  taking->database, "Tags", gl_snapshot_tags(cloud, taking->release));
    int failed = gl_aws_ask(cloud->client, "rds", "CreateDBSnapshot", params, &answer, err);
    const struct gl_aws_failure *failure = gl_aws_last_failure(cloud->client);
    for (size_t i = 0; failed < 0 && i < GL_COUNT(refusals); i++) {
        if (!gl_aws_failure_is(failure, refusals[i].code))
            continue;
        if (!refusals[i].passes)
            return gl_error_hint(err, "%s", _(refusals[i].hint));
        gl_platform_progress(&cloud->base, _("waiting for the database: %s"),
                             failure->message ? failure->message : "");
        return gl_mono_ms() - taking->pace.begun_ms < BUSY_MS ? 1 : failed;
    }
    return failed;
}

static int begin(struct taking *taking, struct gl_error *err)
{
    for (;;) {
        bool present = false;
        int failed = choose_id(taking, &present, err);
        if (failed < 0 || present)
            return failed;
        int again = create(taking, err);
        if (again <= 0)
            return again;
        gl_error_done(err);
        failed = gl_pace_wait(&taking->pace, err);
        if (failed < 0)
            return failed;
    }
}

/* ---- until it can be used ----------------------------------------------------------------------
 */

static int fail_state(const struct taking *taking, const char *status, struct gl_error *err)
{
    gl_fail(err, GL_E_UNHEALTHY, _("the snapshot %s is %s instead of available"), taking->id,
            *status ? status : _("gone"));
    return gl_error_hint(err, _("RDS says why in its events (aws rds describe-events "
                                "--source-type db-snapshot). Run the release again: it takes "
                                "another one."));
}

static void fill(const struct taking *taking, const json_t *snapshot, struct gl_backup *backup)
{
    static const uint64_t gib = 1024ULL * 1024 * 1024;
    int64_t allocated = gl_json_int(snapshot, "AllocatedStorage", 0);
    *backup = (struct gl_backup){
        .id = gl_strdup(taking->id),
        .location = gl_strdup(gl_json_str(snapshot, "DBSnapshotArn", "")),
        .size_bytes = (uint64_t)(allocated > 0 ? allocated : 0) * gib,
        .elapsed_ms = gl_mono_ms() - taking->pace.begun_ms,
    };
}

static int follow(struct taking *taking, struct gl_backup *ret_backup, struct gl_error *err)
{
    for (;;) {
        gl_autojson json_t *snapshot = NULL;
        int failed = gl_snapshot_find(taking->cloud, taking->id, &snapshot, err);
        const char *status = gl_json_str(snapshot, "Status", "");
        if (failed < 0)
            return failed;
        if (strcmp(status, "available") == 0) {
            fill(taking, snapshot, ret_backup);
            return 0;
        }
        if (strcmp(status, "creating") != 0)
            return fail_state(taking, status, err);
        gl_platform_progress(&taking->cloud->base, _("snapshot %s: %lld %%"), taking->id,
                             (long long)gl_json_int(snapshot, "PercentProgress", 0));
        if (gl_mono_ms() - taking->pace.begun_ms > LONGEST_MS) {
            gl_fail(err, GL_E_TIMEOUT, _("the snapshot %s is still not complete after 6 h"),
                    taking->id);
            return gl_error_hint(err, _("Run the same command again: it follows the same one."));
        }
        failed = gl_pace_wait(&taking->pace, err);
        if (failed < 0)
            return failed;
    }
}

int gl_cloud_backup(struct gl_platform *p, const char *label, struct gl_backup *ret_backup,
                    struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    gl_cleanup(taking_done) struct taking taking = {
        .cloud = cloud, .label = label, .pace.begun_ms = gl_mono_ms()};
    int failed = read_label(label, &taking.release, err);
    if (failed == 0)
        failed = gl_cloud_output(cloud, "data", "DatabaseIdentifier", &taking.database, err);
    if (failed == 0)
        failed = begin(&taking, err);
    return failed < 0 ? failed : follow(&taking, ret_backup, err);
}
