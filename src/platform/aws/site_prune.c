/* Removing what no kept release of the frontend needs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/site.h"

struct pruning {
    const struct gl_site *site;
    const int64_t *keep;
    size_t count;
    struct gl_site_record record;
    json_t *needed; /* keys that kept releases name, as members */
};

static void pruning_done(struct pruning *pruning)
{
    gl_site_record_done(&pruning->record);
    json_decref(pruning->needed);
}

/* What is served, and what a switch that was not finished leads to, stay in any case. */
static bool is_kept(const struct pruning *pruning, int64_t release)
{
    if (release == pruning->record.release ||
        (pruning->record.switching && release == pruning->record.next))
        return true;
    for (size_t i = 0; i < pruning->count; i++) {
        if (pruning->keep[i] == release)
            return true;
    }
    return false;
}

/* "_golive/manifests/12.json" -> 12; 0 for what golive did not write. */
static int64_t release_of(const char *key)
{
    char *end = NULL;
    int64_t release = strtoll(key + strlen(GL_SITE_MANIFESTS), &end, 10);
    gl_autofree char *again = gl_site_manifest_key(release);
    return strcmp(again, key) == 0 && release > 0 ? release : 0;
}

static int note_needed(struct pruning *pruning, int64_t release, struct gl_error *err)
{
    gl_autositemanifest struct gl_site_manifest manifest = {0};
    int failed = gl_site_manifest_get(pruning->site, release, &manifest, err);
    for (size_t i = 0; failed == 0 && i < manifest.count; i++) {
        const struct gl_site_file *file = &manifest.files[i];
        gl_autofree char *waiting = gl_site_file_key(file);
        json_object_set_new(pruning->needed, file->immutable ? file->path : waiting, json_true());
    }
    return failed;
}

/* The manifests go first: one that is there names nothing that is gone. */
static int prune_manifests(struct pruning *pruning, struct gl_error *err)
{
    gl_autojson json_t *manifests = NULL;
    gl_autostrv struct gl_strv gone = {0};
    const char *key;
    json_t *object;
    int failed = gl_site_list(pruning->site, GL_SITE_MANIFESTS, NULL, &manifests, err);
    if (failed < 0)
        return failed;
    json_object_foreach(manifests, key, object)
    {
        int64_t release = release_of(key);
        if (release && !is_kept(pruning, release))
            gl_strv_add(&gone, key);
        else if (release && failed == 0)
            failed = note_needed(pruning, release, err);
    }
    return failed < 0 ? failed : gl_site_delete(pruning->site, &gone, err);
}

static int prune_below(struct pruning *pruning, const char *prefix, struct gl_error *err)
{
    gl_autojson json_t *objects = NULL;
    gl_autostrv struct gl_strv gone = {0};
    const char *key;
    json_t *object;
    int failed = gl_site_list(pruning->site, prefix, NULL, &objects, err);
    if (failed < 0)
        return failed;
    json_object_foreach(objects, key, object)
    {
        if (!json_object_get(pruning->needed, key))
            gl_strv_add(&gone, key);
    }
    return gl_site_delete(pruning->site, &gone, err);
}

int gl_cloud_site_prune(struct gl_platform *p, const int64_t *keep, size_t count,
                        struct gl_error *err)
{
    struct gl_site site = {0};
    gl_cleanup(pruning_done) struct pruning pruning = {
        .site = &site, .keep = keep, .count = count, .needed = json_object()};
    int failed = gl_site_open(p, &site, err);
    if (failed == 0)
        failed = gl_site_record_get(&site, &pruning.record, err);
    if (failed == 0)
        failed = prune_manifests(&pruning, err);
    if (failed == 0)
        failed = prune_below(&pruning, GL_SITE_IMMUTABLE, err);
    if (failed == 0)
        failed = prune_below(&pruning, GL_SITE_FILES, err);
    return failed < 0 ? gl_error_wrap(err, _("cannot remove old releases of the frontend")) : 0;
}
