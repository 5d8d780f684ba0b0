/* Serving a release of the frontend: its mutable files go to their places, pages last; what it does
 * not have goes; CloudFront forgets what changed.
 *
 * What has to be done is read from the bucket each time, not from memory of it: after a crash, or
 * after somebody's hand, the same call completes the same state. Only what CloudFront may still
 * hold cannot be seen there, so the record keeps it until it is settled. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/site.h"

/* A page comes after what it loads, the front page after the pages it leads to. */
enum phase {
    PHASE_PARTS,
    PHASE_PAGES,
    PHASE_FRONT,
    PHASE_COUNT,
};

struct activation {
    const struct gl_site *site;
    struct gl_site_manifest wanted; /* empty for release 0 */
    struct gl_site_record record;
    json_t *live;           /* mutable objects at their places, by key */
    struct gl_strv surplus; /* of these, what the release does not have */
    struct gl_strv changed; /* paths of files that are put or go */
    enum phase phase;
    size_t at;
};

static void activation_done(struct activation *a)
{
    gl_site_manifest_done(&a->wanted);
    gl_site_record_done(&a->record);
    json_decref(a->live);
    gl_strv_done(&a->surplus);
    gl_strv_done(&a->changed);
}

static enum phase phase_of(const char *path)
{
    if (strcmp(path, "index.html") == 0)
        return PHASE_FRONT;
    return gl_ends_with(path, ".html") || gl_ends_with(path, ".htm") ? PHASE_PAGES : PHASE_PARTS;
}

/* ---- what differs ------------------------------------------------------------------------------
 */

static bool must_be_put(const struct activation *a, const struct gl_site_file *file)
{
    return !file->immutable && !gl_site_has(a->live, file->path, file);
}

static void compare(struct activation *a)
{
    const char *key;
    json_t *object;
    for (size_t i = 0; i < a->wanted.count; i++) {
        if (must_be_put(a, &a->wanted.files[i]))
            gl_site_stale_add(&a->changed, a->wanted.files[i].path);
    }
    json_object_foreach(a->live, key, object)
    {
        if (gl_site_manifest_find(&a->wanted, key))
            continue;
        gl_strv_add(&a->surplus, key);
        gl_site_stale_add(&a->changed, key);
    }
}

static int survey(struct activation *a, int64_t release, struct gl_error *err)
{
    static const char *const elsewhere[] = {GL_SITE_IMMUTABLE, GL_SITE_OWN, NULL};
    int failed = release ? gl_site_manifest_get(a->site, release, &a->wanted, err) : 0;
    if (failed == 0)
        failed = gl_site_record_get(a->site, &a->record, err);
    if (failed == 0)
        failed = gl_site_list(a->site, "", elsewhere, &a->live, err);
    if (failed == 0)
        compare(a);
    return failed;
}

/* ---- the switch --------------------------------------------------------------------------------
 */

static json_t *copy_params(const struct gl_site *site, const struct gl_site_file *file)
{
    json_t *params = gl_site_params(site, file->path);
    gl_autofree char *from = gl_asprintf("%s/" GL_SITE_FILES "%s", site->bucket, file->sha256);
    gl_json_set_str(params, "CopySource", from);
    gl_json_set_str(params, "MetadataDirective", "REPLACE");
    gl_json_set_str(params, "ContentType", file->type);
    gl_json_set_str(params, "CacheControl", gl_site_cache(file));
    return params;
}

static bool next_copy(void *context, struct gl_aws_request *ret_request)
{
    struct activation *a = context;
    while (a->at < a->wanted.count) {
        const struct gl_site_file *file = &a->wanted.files[a->at++];
        if (phase_of(file->path) != a->phase || !must_be_put(a, file))
            continue;
        ret_request->service = "s3";
        ret_request->operation = "CopyObject";
        ret_request->params = copy_params(a->site, file);
        return true;
    }
    return false;
}

static int put_files(struct activation *a, struct gl_error *err)
{
    struct gl_site_work work = {.next = next_copy, .context = a};
    int failed = 0;
    for (a->phase = PHASE_PARTS; failed == 0 && a->phase < PHASE_COUNT; a->phase++) {
        a->at = 0;
        failed = gl_site_run(a->site, &work, err);
    }
    return failed;
}

/* What was stale before an interrupted switch stays so. */
static void add_stale(struct gl_site_record *record, const struct gl_strv *changed)
{
    for (size_t i = 0; i < changed->count; i++)
        gl_strv_add(&record->stale, changed->items[i]);
    gl_site_stale_settle(&record->stale);
}

static int switch_files(struct activation *a, struct gl_error *err)
{
    struct gl_site_record *record = &a->record;
    add_stale(record, &a->changed);
    free(record->reference);
    record->reference = gl_random_hex(16);
    record->switching = true;
    record->next = a->wanted.release;
    int failed = gl_site_record_put(a->site, record, err);
    if (failed == 0)
        failed = put_files(a, err);
    return failed < 0 ? failed : gl_site_delete(a->site, &a->surplus, err);
}

static int record_served(struct activation *a, struct gl_error *err)
{
    if (a->record.release == a->wanted.release && !a->record.switching)
        return 0;
    a->record.release = a->wanted.release;
    a->record.switching = false;
    a->record.next = 0;
    return gl_site_record_put(a->site, &a->record, err);
}

static int settle_caches(struct activation *a, struct gl_error *err)
{
    struct gl_site_record *record = &a->record;
    if (record->stale.count == 0)
        return 0;
    int failed = gl_site_invalidate(a->site, record, err);
    if (failed < 0)
        return failed;
    gl_strv_done(&record->stale);
    free(gl_steal(&record->reference));
    return gl_site_record_put(a->site, record, err);
}

static int activate(const struct gl_site *site, int64_t release, struct gl_error *err)
{
    gl_cleanup(activation_done) struct activation a = {.site = site};
    int failed = survey(&a, release, err);
    if (failed == 0 && a.changed.count)
        failed = switch_files(&a, err);
    if (failed == 0)
        failed = record_served(&a, err);
    return failed < 0 ? failed : settle_caches(&a, err);
}

int gl_cloud_activate(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct gl_site site = {0};
    if (gl_platform_has_pages(p->config))
        return gl_fail(err, GL_E_REFUSED,
                       _("pages of %s come from a service: they move with its traffic"),
                       gl_config_env(p->config));
    int failed = gl_site_open(p, &site, err);
    if (failed == 0)
        failed = activate(&site, release, err);
    return failed < 0 ? gl_error_wrap(err, _("cannot switch the frontend")) : 0;
}
