/* What the bucket itself knows against its events: versions that are no longer the newest, and
 * marks of deletion. */
#include <inttypes.h>
#include <string.h>

#include "aws/page.h"
#include "base/i18n.h"
#include "base/json.h"
#include "ledger/s3_store.h"

/* The first thing found. */
struct finding {
    const char *what; /* NULL = nothing yet */
    char *key;
    char *time; /* when that was written */
};

static void finding_done(struct finding *finding)
{
    free(finding->key);
    free(finding->time);
}

static void find(struct finding *finding, const json_t *object, const char *what)
{
    if (finding->what)
        return;
    finding->what = what;
    finding->key = gl_strdup(gl_json_str(object, "Key", "?"));
    finding->time = gl_strdup(gl_json_str(object, "LastModified", "?"));
}

static bool see_page(const json_t *page, void *context)
{
    struct finding *finding = context;
    size_t index;
    json_t *object;
    json_array_foreach(json_object_get(page, "DeleteMarkers"), index, object)
        find(finding, object, N_("it was deleted; the mark of that is of"));
    json_array_foreach(json_object_get(page, "Versions"), index, object)
    {
        if (!gl_json_bool(object, "IsLatest", true))
            find(finding, object, N_("it is not the only version of that object; this one is of"));
    }
    return !finding->what;
}

static int look_at_versions(struct gl_s3_store *store, struct gl_error *err)
{
    struct gl_s3_line *line = &store->events;
    gl_cleanup(finding_done) struct finding finding = {0};
    gl_autojson json_t *params = gl_s3_params(store, NULL);
    gl_json_set_str(params, "Prefix", "events/");
    struct gl_aws_request request = gl_s3_request(line, "ListObjectVersions", params);
    int result = gl_aws_each_page(line->client, &request, see_page, &finding, err);
    if (result < 0 || !finding.what)
        return result;
    return gl_fail(err, GL_E_CORRUPT, "s3://%s/%s: %s %s", store->bucket, finding.key,
                   _(finding.what), finding.time);
}

/* The copy is like a head that was noted elsewhere. */
static int confirm_copy(struct gl_s3_store *store, struct gl_error *err)
{
    struct gl_event had = {0};
    struct gl_event has = {0};
    size_t count = 0;
    int64_t seq = 0;
    struct gl_ledger *copy = store->copy;
    int result = copy->ops->head(copy->backend, &seq, err);
    if (result == 0 && seq)
        result = copy->ops->read(copy->backend, seq, 1, &had, &count, err);
    if (result < 0 || !count)
        return result;
    result = gl_s3_fetch(store, seq, 1, &has, &count, err);
    if (result == 0 && (!count || strcmp(had.hash, has.hash) != 0))
        result =
            gl_fail(err, GL_E_CORRUPT,
                    _("event %" PRId64 " is not the one that this machine has read before: the "
                      "end of the ledger was cut off, or it was written anew"),
                    seq);
    gl_event_done(&had);
    gl_event_done(&has);
    return result;
}

int gl_s3_audit(void *backend, struct gl_error *err)
{
    struct gl_s3_store *store = backend;
    gl_autoline struct gl_s3_line *line = gl_s3_lock(&store->events);
    store->past_copy = true;
    int result = look_at_versions(store, err);
    return result == 0 && store->copy ? confirm_copy(store, err) : result;
}
