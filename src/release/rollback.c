/* golive rollback: ends what is unfinished, or goes back to an earlier release. */
#include "base/clock.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "release/notify.h"
#include "release/operation.h"
#include "release/steps.h"

static int hint_at_kept(const struct gl_release *release, const struct gl_journal *journal,
                        struct gl_error *err)
{
    int64_t kept[MOST_KEPT];
    gl_autostrv struct gl_strv names = {0};
    const char *env_words = gl_config_env_words(release->config);
    size_t count = gl_release_reachable(release, journal, kept);
    for (size_t i = 0; i < count; i++) {
        gl_autofree char *name = gl_asprintf("%lld", (long long)kept[i]);
        if (kept[i] != gl_release_serving(journal) && !gl_strv_has(&names, name))
            gl_strv_add(&names, name);
    }
    if (!names.count)
        return gl_error_hint(err,
                             _("There is none that can be gone back to; golive status%s shows "
                               "what serves."),
                             env_words);
    gl_autofree char *all = gl_strv_join(&names, ", ");
    return gl_error_hint(err, _("These can be gone back to: %s (golive rollback %s%s)"), all,
                         names.items[0], env_words);
}

/* Before anything is touched: what was removed cannot be gone back to. */
static int require_kept(const struct gl_release *release, const struct gl_journal *journal,
                        int64_t target, struct gl_error *err)
{
    int64_t kept[MOST_KEPT];
    size_t count = gl_release_reachable(release, journal, kept);
    for (size_t i = 0; i < count; i++) {
        if (kept[i] == target)
            return 0;
    }
    gl_fail(err, GL_E_NOT_FOUND, _("release %lld is no longer kept (release.keep)"),
            (long long)target);
    return hint_at_kept(release, journal, err);
}

static int serves_already(const struct gl_release *release, int64_t target, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("release %lld serves already"), (long long)target);
    return gl_error_hint(err, _("There is nothing to do; golive status%s shows it."),
                         gl_config_env_words(release->config));
}

static int find_target(const struct gl_release *release, const struct gl_release_request *request,
                       const struct gl_journal *journal, int64_t *ret_target, struct gl_error *err)
{
    int64_t target =
        request->rollback_to ? request->rollback_to : gl_journal_rollback_target(journal);
    if (!target) {
        gl_fail(err, GL_E_NOT_FOUND, _("there is no earlier good release to go back to"));
        return gl_error_hint(err,
                             _("golive status%s shows what serves; golive rollback N%s goes to any "
                               "release that served and is still kept."),
                             gl_config_env_words(release->config),
                             gl_config_env_words(release->config));
    }
    const struct gl_operation_record *made = gl_journal_deploy_of(journal, target);
    if (!made || made->state != GL_OP_DONE) {
        gl_fail(err, GL_E_NOT_FOUND, _("release %lld never served"), (long long)target);
        return hint_at_kept(release, journal, err);
    }
    if (target == gl_release_serving(journal))
        return serves_already(release, target, err);
    int failed = require_kept(release, journal, target, err);
    if (failed == 0)
        *ret_target = target;
    return failed;
}

static int rollback_to(struct gl_release *release, const struct gl_release_request *request,
                       const struct gl_journal *journal, struct gl_release_outcome *outcome,
                       struct gl_error *err)
{
    int64_t target = 0;
    int failed = find_target(release, request, journal, &target, err);
    if (failed < 0)
        return failed;
    gl_release_take_identity(release, gl_journal_deploy_of(journal, target));
    gl_release_take_origin(release, journal);
    release->previous = gl_release_serving(journal);
    gl_release_announce(release);
    if (request->dry_run) {
        gl_engine_plan(release);
        outcome->done = true;
        return 0;
    }
    failed = gl_release_journal_begin(release, err);
    if (failed < 0)
        return failed;
    int result = gl_engine_run(release, false, err);
    gl_release_conclude(release, result, err, outcome);
    return gl_release_verdict(outcome, result, err);
}

/* An unfinished operation is what a rollback without an argument is about: an undone deploy is then
 * what was asked for, an undone rollback is not. */
static int end_unfinished(struct gl_release *release, const struct gl_release_request *request,
                          const struct gl_journal *journal, struct gl_release_outcome *outcome,
                          struct gl_error *err)
{
    int result = gl_release_settle(release, request, journal, false, outcome, err);
    outcome->resumed = outcome->done;
    return outcome->operation == GL_ROLLBACK ? gl_release_verdict(outcome, result, err) : result;
}

/* --dry-run: what is unfinished is all that such a rollback would be about. */
static int plan_unfinished(struct gl_release *release, const struct gl_operation_record *record,
                           struct gl_release_outcome *outcome)
{
    bool finish = record->operation == GL_ROLLBACK && record->state == GL_OP_UNFINISHED;
    gl_release_note(release,
                    finish
                        ? _("the rollback to release %lld is unfinished: a rollback finishes it, "
                            "and does nothing else")
                        : _("release %lld is unfinished: a rollback undoes it, and does nothing "
                            "else"),
                    (long long)record->release);
    gl_notify_plan(release);
    outcome->done = true;
    return 0;
}

static int rollback(struct gl_release *release, const struct gl_release_request *request,
                    struct gl_release_outcome *outcome, struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    gl_autojournal struct gl_journal after = {0};
    int failed = request->dry_run ? 0 : gl_release_take_lease(release, err);
    if (failed == 0)
        failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    if (request->dry_run && gl_journal_unfinished(&journal) && !request->rollback_to)
        return plan_unfinished(release, gl_journal_unfinished(&journal), outcome);
    if (!gl_journal_unfinished(&journal) || request->dry_run)
        return rollback_to(release, request, &journal, outcome, err);
    failed = end_unfinished(release, request, &journal, outcome, err);
    if (failed < 0 || !request->rollback_to || request->rollback_to == outcome->serving)
        return failed;
    if (outcome->interrupted)
        return gl_fail(err, GL_E_INTERRUPTED, _("interrupted; nothing more was begun"));
    gl_release_outcome_done(outcome);
    failed = gl_journal_read(release->ledger, release->env, &after, err);
    return failed < 0 ? failed : rollback_to(release, request, &after, outcome, err);
}

int gl_release_rollback(const struct gl_release_request *request,
                        struct gl_release_outcome *ret_outcome, struct gl_error *err)
{
    int64_t begun = gl_mono_ms();
    struct gl_release release = gl_release_new(request, GL_ROLLBACK);
    struct gl_release_outcome outcome = {.rollback_ms = -1};
    int result = rollback(&release, request, &outcome, err);
    if (result < 0 && !request->dry_run)
        gl_release_look(&release, &outcome);
    outcome.elapsed_ms = gl_mono_ms() - begun;
    gl_release_done(&release);
    *ret_outcome = outcome;
    return result;
}
