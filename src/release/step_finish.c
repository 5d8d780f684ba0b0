/* finish: what no kept release needs is removed; the version that served before stays warm. */
#include <inttypes.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "release/steps.h"

static int64_t keep_count(const struct gl_release *release)
{
    int64_t keep = gl_config_int(release->config, "release.keep");
    return keep > MOST_KEPT - 2 ? MOST_KEPT - 2 : keep;
}

/* What `finish` of the serving release kept: itself, the one before, and the newest good ones. */
size_t gl_release_reachable(const struct gl_release *release, const struct gl_journal *journal,
                            int64_t *ret_releases)
{
    const struct gl_operation_record *serving = gl_journal_serving(journal);
    size_t count = 0;
    if (serving && serving->previous)
        ret_releases[count++] = serving->previous;
    /* The serving one is among the good ones now. */
    return count +
           gl_journal_good_releases(journal, ret_releases + count, (size_t)keep_count(release) + 1);
}

/* This release, the one before, and the newest good ones. */
static int kept_releases(struct gl_release *release, int64_t ret_keep[MOST_KEPT], size_t *ret_count,
                         struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    size_t count = 0;
    ret_keep[count++] = release->number;
    if (release->previous)
        ret_keep[count++] = release->previous;
    count += gl_journal_good_releases(&journal, ret_keep + count, (size_t)keep_count(release));
    *ret_count = count;
    return 0;
}

/* Left-overs cost disk, not correctness: a failure here does not undo a good release. */
static int run(struct gl_release *release, struct gl_error *err)
{
    int64_t keep[MOST_KEPT];
    size_t count = 0;
    gl_release_own_facts(release);
    int failed = kept_releases(release, keep, &count, err);
    if (failed < 0)
        return failed;
    gl_autoerr struct gl_error problem = {0};
    if (release->platform->ops->prune(release->platform, keep, count, &problem) < 0)
        gl_release_note(release, _("old releases were not removed: %s"), problem.message);
    gl_error_done(&problem);
    if (gl_release_prune_layout(release, keep, count, &problem) < 0)
        gl_release_note(release, _("old images were not removed: %s"), problem.message);
    if (release->previous && gl_config_bool(release->config, "local.keep_warm"))
        gl_release_detail(release, _("release %" PRId64 " serves, release %" PRId64 " stays warm"),
                          release->number, release->previous);
    else
        gl_release_detail(release, _("release %" PRId64 " serves"), release->number);
    return 0;
}

static char *plan(const struct gl_release *release)
{
    return gl_asprintf(_("remove what only releases older than the last %" PRId64 " need"),
                       keep_count(release));
}

const struct gl_step gl_step_finish = {
    .name = "finish",
    .plan = plan,
    .run = run,
};
