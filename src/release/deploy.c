/* golive deploy: resumes or settles what is unfinished, then ships the working tree. */
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "release/operation.h"

static bool is_same_source(const struct gl_release *release,
                           const struct gl_operation_record *record)
{
    return strcmp(record->source_hash, release->source_hash) == 0;
}

static bool can_resume(const struct gl_release *release, const struct gl_operation_record *record)
{
    return record && record->state == GL_OP_UNFINISHED && record->operation == GL_DEPLOY &&
           is_same_source(release, record);
}

/* Why --resume does not go on, and the ways out. */
static int refuse_resume(const struct gl_release *release, const struct gl_operation_record *record,
                         struct gl_error *err)
{
    if (!record) {
        gl_fail(err, GL_E_NOT_FOUND, _("there is no interrupted release to go on with"));
        return gl_error_hint(err, _("golive deploy begins a new one."));
    }
    long long number = record->release;
    if (record->operation == GL_ROLLBACK) {
        gl_fail(err, GL_E_REFUSED, _("what is unfinished is a rollback to release %lld"), number);
        return gl_error_hint(err,
                             _("golive rollback finishes it; golive deploy --abort undoes it."));
    }
    if (record->state == GL_OP_UNDOING) {
        gl_fail(err, GL_E_REFUSED, _("release %lld is being undone already"), number);
        return gl_error_hint(
            err, _("golive rollback finishes that; golive deploy then begins a new release."));
    }
    gl_fail(err, GL_E_REFUSED,
            _("release %lld was begun with another source (%s; the working tree is %s)"), number,
            record->version, release->version);
    return gl_error_hint(err, _("Bring that source back and run golive deploy --resume again, or "
                                "undo the release: golive deploy --abort."));
}

static int abort_unfinished(struct gl_release *release, const struct gl_release_request *request,
                            const struct gl_journal *journal, struct gl_release_outcome *outcome,
                            struct gl_error *err)
{
    if (gl_journal_unfinished(journal))
        return gl_release_settle(release, request, journal, true, outcome, err);
    outcome->serving = gl_release_serving(journal);
    gl_release_note(release, _("nothing is unfinished, so nothing was undone"));
    return 0;
}

static int ship(struct gl_release *release, bool resumed, struct gl_release_outcome *outcome,
                struct gl_error *err)
{
    gl_release_announce(release);
    int result = gl_engine_run(release, resumed, err);
    gl_release_conclude(release, result, outcome);
    outcome->resumed = resumed;
    return gl_release_verdict(outcome, result, err);
}

static int ship_new(struct gl_release *release, const struct gl_journal *journal,
                    struct gl_release_outcome *outcome, struct gl_error *err)
{
    release->number = gl_journal_next_release(journal);
    release->previous = gl_release_serving(journal);
    int failed = gl_release_journal_begin(release, err);
    return failed < 0 ? failed : ship(release, false, outcome, err);
}

/* Undoes or finishes what is unfinished and is of another source, then ships this one. */
static int settle_and_ship(struct gl_release *release, const struct gl_release_request *request,
                           const struct gl_journal *journal, struct gl_release_outcome *outcome,
                           struct gl_error *err)
{
    gl_autojournal struct gl_journal after = {0};
    int failed = gl_release_settle(release, request, journal, false, outcome, err);
    if (failed < 0)
        return failed;
    if (outcome->interrupted)
        return gl_fail(err, GL_E_INTERRUPTED, _("interrupted; no new release was begun"));
    gl_release_outcome_done(outcome); /* of the operation before, not of this one */
    failed = gl_journal_read(release->ledger, release->env, &after, err);
    return failed < 0 ? failed : ship_new(release, &after, outcome, err);
}

static int deploy_leased(struct gl_release *release, const struct gl_release_request *request,
                         struct gl_release_outcome *outcome, struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    const struct gl_operation_record *record = gl_journal_unfinished(&journal);
    if (request->abort_unfinished)
        return abort_unfinished(release, request, &journal, outcome, err);
    if (can_resume(release, record)) {
        gl_release_adopt(release, &journal, record);
        return ship(release, true, outcome, err);
    }
    if (request->resume_only)
        return refuse_resume(release, record, err);
    return record ? settle_and_ship(release, request, &journal, outcome, err)
                  : ship_new(release, &journal, outcome, err);
}

static int plan(struct gl_release *release, struct gl_release_outcome *outcome,
                struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    release->number = gl_journal_next_release(&journal);
    release->previous = gl_release_serving(&journal);
    gl_release_announce(release);
    gl_engine_plan(release);
    outcome->done = true;
    return 0;
}

static int deploy(struct gl_release *release, const struct gl_release_request *request,
                  struct gl_release_outcome *outcome, struct gl_error *err)
{
    int failed = gl_source_identify(release, err);
    if (failed < 0)
        return failed;
    if (request->dry_run)
        return plan(release, outcome, err);
    failed = gl_release_take_lease(release, err);
    return failed < 0 ? failed : deploy_leased(release, request, outcome, err);
}

int gl_release_deploy(const struct gl_release_request *request,
                      struct gl_release_outcome *ret_outcome, struct gl_error *err)
{
    int64_t begun = gl_mono_ms();
    struct gl_release release = gl_release_new(request, GL_DEPLOY);
    struct gl_release_outcome outcome = {.rollback_ms = -1};
    int result = deploy(&release, request, &outcome, err);
    outcome.elapsed_ms = gl_mono_ms() - begun;
    gl_release_done(&release);
    *ret_outcome = outcome;
    return result;
}
