/* Making CloudFront forget what changed.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aws/uri.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/pace.h"
#include "platform/aws/site.h"

enum {
    /* 1,000 paths a month are free and a wildcard counts as one: room for a release a day. */
    PATHS_MAX = 30,
    GIVE_UP_MS = 15 * 60 * 1000,
};

static const char everything[] = "/*";

/* ---- paths -------------------------------------------------------------------------------------
 */

static void add_path(struct gl_strv *paths, const char *file, size_t len)
{
    gl_autofree char *part = gl_strndup(file, len);
    gl_autobuf struct gl_buf encoded = {0};
    gl_aws_uri_encode(&encoded, part, true);
    gl_strv_addf(paths, "/%s", gl_buf_text(&encoded));
}

/* Where a function changes the path, AWS advises to name both. */
void gl_site_stale_add(struct gl_strv *paths, const char *file)
{
    static const char index[] = "index.html";
    static const char page[] = ".html";
    size_t len = strlen(file);
    const char *slash = strrchr(file, '/');
    add_path(paths, file, len);
    if (strcmp(slash ? slash + 1 : file, index) == 0)
        add_path(paths, file, len - strlen(index));
    else if (gl_ends_with(file, page))
        add_path(paths, file, len - strlen(page));
}

void gl_site_stale_settle(struct gl_strv *paths)
{
    struct gl_strv settled = {0};
    gl_strv_sort(paths);
    for (size_t i = 0; i < paths->count; i++) {
        if (i == 0 || strcmp(paths->items[i - 1], paths->items[i]) != 0)
            gl_strv_add(&settled, paths->items[i]);
    }
    if (settled.count > PATHS_MAX || gl_strv_has(&settled, everything)) {
        gl_strv_done(&settled);
        gl_strv_add(&settled, everything);
    }
    gl_strv_done(paths);
    *paths = settled;
}

/* ---- the invalidation --------------------------------------------------------------------------
 */

struct invalidation {
    const struct gl_site *site;
    const struct gl_site_record *record;
    struct gl_pace pace;
    char *id; /* NULL until it was made */
};

static void invalidation_done(struct invalidation *invalidation)
{
    free(invalidation->id);
}

static json_t *creation_params(const struct invalidation *invalidation)
{
    const struct gl_strv *stale = &invalidation->record->stale;
    json_t *items = json_array();
    for (size_t i = 0; i < stale->count; i++)
        json_array_append_new(items, json_string(stale->items[i]));
    return json_pack("{sss{s{sIso}ss}}", "DistributionId", invalidation->site->distribution,
                     "InvalidationBatch", "Paths", "Quantity", (json_int_t)stale->count, "Items",
                     items, "CallerReference", invalidation->record->reference);
}

/* Too many others are on their way: that passes. */
static int create(struct invalidation *invalidation, struct gl_error *err)
{
    gl_autojson json_t *params = creation_params(invalidation);
    gl_autoanswer struct gl_aws_answer answer = {0};
    struct gl_aws_request request = {
        .service = "cloudfront", .operation = "CreateInvalidation", .params = params};
    int failed = gl_site_call(invalidation->site, &request, &answer, err);
    if (failed < 0 && gl_aws_failure_is(&answer.failure, "TooManyInvalidationsInProgress")) {
        gl_error_done(err);
        return 0;
    }
    if (failed < 0)
        return failed;
    const json_t *made = json_object_get(answer.result, "Invalidation");
    invalidation->id = gl_strdup(gl_json_str(made, "Id", NULL));
    return invalidation->id ? 0 : gl_fail(err, GL_E_NET, _("CloudFront names no invalidation"));
}

/* What each status means. */
static const struct {
    const char *status;
    bool done;
} statuses[] = {
    {"InProgress", false},
    {"Completed",  true },
};

int gl_site_invalidation_judge(const char *status, bool *ret_done, struct gl_error *err)
{
    for (size_t i = 0; i < GL_COUNT(statuses); i++) {
        if (strcmp(statuses[i].status, status) == 0) {
            *ret_done = statuses[i].done;
            return 0;
        }
    }
    return gl_fail(err, GL_E_MISMATCH, _("CloudFront calls an invalidation `%s`"), status);
}

/* One that was just made may not be known everywhere. */
static int look(const struct invalidation *invalidation, bool *ret_done, struct gl_error *err)
{
    gl_autojson json_t *params = json_pack(
        "{ssss}", "DistributionId", invalidation->site->distribution, "Id", invalidation->id);
    gl_autoanswer struct gl_aws_answer answer = {0};
    struct gl_aws_request request = {
        .service = "cloudfront", .operation = "GetInvalidation", .params = params};
    int failed = gl_site_call(invalidation->site, &request, &answer, err);
    if (failed == GL_E_NOT_FOUND) {
        gl_error_done(err);
        return 0;
    }
    if (failed < 0)
        return failed;
    return gl_site_invalidation_judge(
        gl_json_str(json_object_get(answer.result, "Invalidation"), "Status", ""), ret_done, err);
}

static int pause_a_while(struct invalidation *invalidation, struct gl_error *err)
{
    gl_platform_progress(&invalidation->site->cloud->base,
                         invalidation->id ? _("waiting until CloudFront forgot the old pages")
                                          : _("waiting for other invalidations to end"));
    int failed = gl_pace_wait(&invalidation->pace, err);
    if (failed != GL_E_TIMEOUT)
        return failed;
    gl_fail(err, GL_E_TIMEOUT, _("CloudFront has not forgotten the old pages after 15 minutes"));
    return gl_error_hint(err, _("The files in S3 are in place; the same command goes on with "
                                "waiting."));
}

int gl_site_invalidate(const struct gl_site *site, const struct gl_site_record *record,
                       struct gl_error *err)
{
    gl_cleanup(invalidation_done) struct invalidation invalidation = {
        .site = site,
        .record = record,
        .pace = {.end_ms = gl_mono_ms() + GIVE_UP_MS},
    };
    bool done = false;
    int failed = 0;
    while (failed == 0 && !done) {
        failed = invalidation.id ? look(&invalidation, &done, err) : create(&invalidation, err);
        if (failed == 0 && !done)
            failed = pause_a_while(&invalidation, err);
    }
    return failed;
}
