/* Removes from the image layout what no release of any environment may need again. */
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "oci/image.h"
#include "release/steps.h"

enum { MOST_OF_OTHERS = 50 };

static void keep_image(const json_t *facts, struct gl_strv *digests)
{
    static const char *const keys[] = {"digest", "frontend_digest"};
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        const char *digest = gl_json_str(json_object_get(facts, "image"), keys[i], NULL);
        if (digest && !gl_strv_has(digests, digest))
            gl_strv_add(digests, digest);
    }
}

static void keep_images(const struct gl_journal *journal, const int64_t *releases, size_t count,
                        struct gl_strv *digests)
{
    for (size_t i = 0; i < count; i++) {
        const struct gl_operation_record *made = gl_journal_deploy_of(journal, releases[i]);
        if (made)
            keep_image(made->facts, digests);
    }
}

/* What another environment's releases need. 1 = somebody is at work there: its image may lie
 * between build and record, so nothing may be removed. */
static int keep_others(struct gl_release *release, const char *env, struct gl_strv *digests,
                       struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    gl_autojson json_t *lease = NULL;
    int64_t good[MOST_OF_OTHERS];
    int failed = gl_lease_show(release->ledger, env, &lease, err);
    if (failed == 0 && lease && gl_json_bool(lease, "alive", false))
        return 1;
    if (failed == 0)
        failed = gl_journal_read(release->ledger, env, &journal, err);
    if (failed < 0)
        return failed;
    if (gl_journal_unfinished(&journal))
        return 1;
    keep_images(&journal, good, gl_journal_good_releases(&journal, good, MOST_OF_OTHERS), digests);
    return 0;
}

static int keep_all_others(struct gl_release *release, struct gl_strv *digests,
                           struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    const char *name;
    json_t *unused;
    gl_strv_add(&names, "local"); /* needs no entry in golive.yaml */
    const json_t *environments = json_object_get(gl_config_tree(release->config), "environments");
    json_object_foreach((json_t *)environments, name, unused)
    {
        if (!gl_strv_has(&names, name))
            gl_strv_add(&names, name);
    }
    int busy = 0;
    for (size_t i = 0; busy == 0 && i < names.count; i++) {
        if (strcmp(names.items[i], release->env) != 0)
            busy = keep_others(release, names.items[i], digests, err);
    }
    return busy;
}

int gl_release_prune_layout(struct gl_release *release, const int64_t *keep, size_t count,
                            struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    gl_autostrv struct gl_strv digests = {0};
    gl_autofree char *layout = gl_release_state_path(release, "images");
    uint64_t freed_bytes = 0;
    if (!gl_is_dir(layout))
        return 0; /* what it ships was packed in another clone */
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    keep_image(release->facts, &digests);
    keep_images(&journal, keep, count, &digests);
    int busy = keep_all_others(release, &digests, err);
    if (busy != 0)
        return busy < 0 ? busy : 0;
    return gl_image_prune(layout, &digests, &freed_bytes, err);
}
