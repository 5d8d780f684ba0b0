/* finish: what no kept release needs is removed; the version that served before stays warm. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "release/contract.h"
#include "release/steps.h"

static int64_t keep_count(const struct gl_release *release)
{
    int64_t keep = gl_config_int(release->config, "release.keep");
    return keep > MOST_KEPT - 3 ? MOST_KEPT - 3 : keep;
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

/* Whoever wrote a contract migration learns when it runs. `journal` does not have this release yet,
 * which is about to serve. */
static void note_contracts(struct gl_release *release, const struct gl_journal *journal)
{
    gl_autocontracts struct gl_contracts before = {0};
    int64_t now = gl_now_unix_ms();
    const json_t *held = json_object_get(json_object_get(release->facts, "migrate"), "held");
    gl_contracts_read(journal, release->config, &before);
    for (size_t i = 0; i < json_array_size(held); i++) {
        int64_t version = json_integer_value(json_array_get(held, i));
        int64_t due = gl_contract_due(&before, version);
        gl_autofree char *when =
            gl_contract_text(due ? due : gl_contract_due_from(release->config, now), now);
        gl_release_note(release, _("contract migration %" PRId64 " waits: %s"), version, when);
    }
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
    /* What a rollback goes to is among the good ones already. */
    size_t good = (size_t)keep_count(release) + (release->operation == GL_ROLLBACK);
    count += gl_journal_good_releases(&journal, ret_keep + count, good);
    *ret_count = count;
    note_contracts(release, &journal);
    return 0;
}

/* Left-overs cost disk, not correctness: a failure here does not undo a good release. */
static int run(struct gl_release *release, struct gl_error *err)
{
    int64_t keep[MOST_KEPT];
    size_t count = 0;
    gl_release_own_facts(release);
    /* After this nothing can be undone any more: not for somebody else's release. */
    int failed = gl_lease_check(release->lease, err);
    if (failed == 0)
        failed = release->platform->ops->conclude(release->platform, release->number, err);
    if (failed == 0)
        failed = kept_releases(release, keep, &count, err);
    if (failed < 0)
        return failed;
    gl_autoerr struct gl_error problem = {0};
    if (release->platform->ops->prune(release->platform, keep, count, &problem) < 0)
        gl_release_note(release, _("old releases were not removed: %s"), problem.message);
    gl_error_done(&problem);
    if (gl_release_prune_layout(release, keep, count, &problem) < 0)
        gl_release_note(release, _("old images were not removed: %s"), problem.message);
    bool warm =
        !gl_platform_is_aws(release->config) && gl_config_bool(release->config, "local.keep_warm");
    if (release->previous && warm)
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
