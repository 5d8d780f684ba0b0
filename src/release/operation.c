/* Begins, resumes and ends operations: the lease, the journal's unfinished business, the outcome.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/internal.h"

/* A holder that was killed is recognised at once by its process; this is for hosts that vanish. */
enum { LEASE_TTL_MS = 30000 };

void gl_release_outcome_done(struct gl_release_outcome *outcome)
{
    free(outcome->failed_step);
    gl_error_done(&outcome->cause);
    *outcome = (struct gl_release_outcome){0};
}

static void release_done(struct gl_release *release)
{
    free(release->version);
    free(release->source_hash);
    free(release->detail);
    json_decref(release->facts);
    json_decref(release->origin);
    gl_error_done(&release->cause);
    gl_lease_release(&release->lease);
}

static struct gl_release release_new(const struct gl_release_request *request,
                                     enum gl_operation operation)
{
    return (struct gl_release){
        .config = request->config,
        .ledger = request->ledger,
        .platform = request->platform,
        .reporter = request->reporter,
        .state_dir = request->state_dir,
        .env = gl_config_env(request->config),
        .operation = operation,
        .facts = json_object(),
    };
}

static int take_lease(struct gl_release *release, struct gl_error *err)
{
    gl_autofree char *taken_over = NULL;
    const char *purpose = release->operation == GL_DEPLOY ? "deploy" : "rollback";
    int failed = gl_lease_acquire(release->ledger, release->env, purpose, LEASE_TTL_MS,
                                  &release->lease, &taken_over, err);
    if (failed == 0 && taken_over)
        gl_release_note(release, _("took over the lease of %s, which is gone"), taken_over);
    return failed;
}

/* Takes over what a record says about its source and its release. */
static void take_identity(struct gl_release *release, const struct gl_operation_record *record)
{
    release->number = record->release;
    release->commit_unix_s = record->commit_unix_s;
    free(release->version);
    release->version = gl_strdup(record->version);
    free(release->source_hash);
    release->source_hash = gl_strdup(record->source_hash);
}

/* A rollback ships what an earlier deploy made: its digest and directories. */
static void take_origin(struct gl_release *release, const struct gl_journal *journal)
{
    const struct gl_operation_record *made = gl_journal_deploy_of(journal, release->number);
    json_decref(release->origin);
    release->origin = made ? json_deep_copy(made->facts) : NULL;
}

/* Makes `release` the unfinished operation that the record describes. */
static void adopt(struct gl_release *release, const struct gl_journal *journal,
                  const struct gl_operation_record *record)
{
    take_identity(release, record);
    release->operation = record->operation;
    release->op = record->op;
    release->previous = record->previous;
    json_decref(release->facts);
    release->facts = json_deep_copy(record->facts);
    if (record->operation == GL_ROLLBACK)
        take_origin(release, journal);
}

static int journal_begin(struct gl_release *release, struct gl_error *err)
{
    gl_autojson json_t *data = json_object();
    gl_json_set_int(data, "previous", release->previous);
    gl_json_set_str(data, "version", release->version);
    gl_json_set_str(data, "source", release->source_hash);
    gl_json_set_int(data, "commit_unix_s", release->commit_unix_s);
    gl_json_set_str(data, "config_hash", gl_config_hash(release->config));
    return gl_journal_append(release, "release.begin", NULL, data, err);
}

/* Ends what a killed process left: a rollback goes on to its end, because what it was leaving was
 * not wanted; a deploy is undone. The lease stays with `release`. */
static int settle(struct gl_release *release, const struct gl_release_request *request,
                  const struct gl_journal *journal, struct gl_error *err)
{
    const struct gl_operation_record *record = gl_journal_unfinished(journal);
    struct gl_release left = release_new(request, record->operation);
    adopt(&left, journal, record);
    left.lease = release->lease;
    left.breach_ms = gl_mono_ms();
    left.reporter->begin(&left, left.reporter->context);
    int result;
    if (record->operation == GL_ROLLBACK && record->state == GL_OP_UNFINISHED) {
        result = gl_engine_run(&left, true, err);
    } else {
        gl_fail(&left.cause, GL_E_INTERRUPTED, _("release %lld was interrupted and is undone now"),
                (long long)record->release);
        result = gl_engine_undo(&left, err);
    }
    gl_error_move(&release->cause, &left.cause);
    left.lease = NULL;
    release_done(&left);
    return result;
}

static int64_t serving_release(const struct gl_journal *journal)
{
    const struct gl_operation_record *serving = gl_journal_serving(journal);
    return serving ? serving->release : 0;
}

static int finish(struct gl_release *release, struct gl_release_outcome *outcome,
                  struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    outcome->release = release->number;
    outcome->serving = serving_release(&journal);
    outcome->undone = release->cause.code != 0;
    outcome->done = !outcome->undone;
    outcome->rollback_ms = -1;
    if (release->serving_again_ms && release->breach_ms)
        outcome->rollback_ms = release->serving_again_ms - release->breach_ms;
    if (!outcome->undone)
        return 0;
    gl_error_move(&outcome->cause, &release->cause);
    int code = outcome->cause.code == GL_E_INTERRUPTED ? GL_E_INTERRUPTED : GL_E_ROLLED_BACK;
    return gl_fail(err, code, _("release %lld was undone: %s"), (long long)outcome->release,
                   outcome->cause.message);
}

/* ---- deploy ------------------------------------------------------------------------------------
 */

static int begin_deploy(struct gl_release *release, const struct gl_journal *journal,
                        struct gl_error *err)
{
    release->number = gl_journal_next_release(journal);
    release->previous = serving_release(journal);
    return journal_begin(release, err);
}

static bool can_resume(const struct gl_release *release, const struct gl_operation_record *record)
{
    return record->state == GL_OP_UNFINISHED && record->operation == GL_DEPLOY &&
           strcmp(record->source_hash, release->source_hash) == 0;
}

static int plan_deploy(struct gl_release *release, const struct gl_journal *journal,
                       struct gl_release_outcome *outcome)
{
    release->number = gl_journal_next_release(journal);
    release->previous = serving_release(journal);
    release->reporter->begin(release, release->reporter->context);
    gl_engine_plan(release);
    outcome->done = true;
    return 0;
}

/* With the lease held: resumes or settles what is unfinished, then does what was asked for. */
static int deploy_leased(struct gl_release *release, const struct gl_release_request *request,
                         struct gl_release_outcome *outcome, struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_journal_read(release->ledger, release->env, &journal, err);
    const struct gl_operation_record *record = failed ? NULL : gl_journal_unfinished(&journal);
    outcome->resumed = record && !request->abort_unfinished && can_resume(release, record);
    if (outcome->resumed) {
        adopt(release, &journal, record);
    } else if (record) {
        failed = settle(release, request, &journal, err);
        gl_error_done(&release->cause); /* of the operation before, not of this one */
        gl_journal_done(&journal);
        if (failed == 0)
            failed = gl_journal_read(release->ledger, release->env, &journal, err);
    }
    if (failed < 0 || request->abort_unfinished)
        return failed;
    if (!outcome->resumed)
        failed = begin_deploy(release, &journal, err);
    if (failed < 0)
        return failed;
    release->reporter->begin(release, release->reporter->context);
    failed = gl_engine_run(release, outcome->resumed, err);
    return failed < 0 ? failed : finish(release, outcome, err);
}

static int deploy(struct gl_release *release, const struct gl_release_request *request,
                  struct gl_release_outcome *outcome, struct gl_error *err)
{
    int failed = gl_source_identify(release, err);
    if (failed < 0)
        return failed;
    if (request->dry_run) {
        gl_autojournal struct gl_journal journal = {0};
        failed = gl_journal_read(release->ledger, release->env, &journal, err);
        return failed < 0 ? failed : plan_deploy(release, &journal, outcome);
    }
    failed = take_lease(release, err);
    return failed < 0 ? failed : deploy_leased(release, request, outcome, err);
}

int gl_release_deploy(const struct gl_release_request *request,
                      struct gl_release_outcome *ret_outcome, struct gl_error *err)
{
    int64_t begun = gl_mono_ms();
    struct gl_release release = release_new(request, GL_DEPLOY);
    struct gl_release_outcome outcome = {.rollback_ms = -1};
    int result = deploy(&release, request, &outcome, err);
    outcome.elapsed_ms = gl_mono_ms() - begun;
    release_done(&release);
    *ret_outcome = outcome;
    return result;
}

/* ---- rollback ----------------------------------------------------------------------------------
 */

static int find_target(const struct gl_release_request *request, const struct gl_journal *journal,
                       int64_t *ret_target, struct gl_error *err)
{
    int64_t target =
        request->rollback_to ? request->rollback_to : gl_journal_rollback_target(journal);
    if (!target) {
        gl_fail(err, GL_E_NOT_FOUND, _("there is no earlier release to go back to"));
        return gl_error_hint(err, _("golive status shows what serves."));
    }
    const struct gl_operation_record *made = gl_journal_deploy_of(journal, target);
    if (!made || made->state != GL_OP_DONE)
        return gl_fail(err, GL_E_NOT_FOUND, _("release %lld never served"), (long long)target);
    if (target == serving_release(journal))
        return gl_fail(err, GL_E_REFUSED, _("release %lld serves already"), (long long)target);
    *ret_target = target;
    return 0;
}

/* An unfinished operation is what a rollback without an argument is about. */
static int rollback_unfinished(struct gl_release *release, const struct gl_release_request *request,
                               const struct gl_journal *journal, struct gl_release_outcome *outcome,
                               struct gl_error *err)
{
    const struct gl_operation_record *record = gl_journal_unfinished(journal);
    outcome->release = record->release;
    outcome->undone = record->operation == GL_DEPLOY;
    outcome->done = !outcome->undone;
    int failed = settle(release, request, journal, err);
    outcome->serving = outcome->done ? record->release : record->previous;
    gl_error_move(&outcome->cause, &release->cause);
    return failed;
}

static int rollback_to(struct gl_release *release, const struct gl_release_request *request,
                       const struct gl_journal *journal, struct gl_release_outcome *outcome,
                       struct gl_error *err)
{
    int64_t target = 0;
    int failed = find_target(request, journal, &target, err);
    if (failed < 0)
        return failed;
    take_identity(release, gl_journal_deploy_of(journal, target));
    take_origin(release, journal);
    release->previous = serving_release(journal);
    release->reporter->begin(release, release->reporter->context);
    if (request->dry_run) {
        gl_engine_plan(release);
        outcome->done = true;
        return 0;
    }
    failed = journal_begin(release, err);
    if (failed == 0)
        failed = gl_engine_run(release, false, err);
    return failed < 0 ? failed : finish(release, outcome, err);
}

static int rollback(struct gl_release *release, const struct gl_release_request *request,
                    struct gl_release_outcome *outcome, struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = request->dry_run ? 0 : take_lease(release, err);
    if (failed == 0)
        failed = gl_journal_read(release->ledger, release->env, &journal, err);
    if (failed < 0)
        return failed;
    if (gl_journal_unfinished(&journal) && !request->dry_run) {
        failed = rollback_unfinished(release, request, &journal, outcome, err);
        if (failed < 0 || !request->rollback_to || request->rollback_to == outcome->serving)
            return failed;
        gl_journal_done(&journal);
        failed = gl_journal_read(release->ledger, release->env, &journal, err);
        if (failed < 0)
            return failed;
    }
    return rollback_to(release, request, &journal, outcome, err);
}

int gl_release_rollback(const struct gl_release_request *request,
                        struct gl_release_outcome *ret_outcome, struct gl_error *err)
{
    int64_t begun = gl_mono_ms();
    struct gl_release release = release_new(request, GL_ROLLBACK);
    struct gl_release_outcome outcome = {.rollback_ms = -1};
    int result = rollback(&release, request, &outcome, err);
    outcome.elapsed_ms = gl_mono_ms() - begun;
    release_done(&release);
    *ret_outcome = outcome;
    return result;
}
