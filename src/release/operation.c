/* What a deploy and a rollback have in common: the lease, what a killed process left, the outcome.
 */
#include "release/operation.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"

/* A holder that was killed is recognised at once by its process; this is for hosts that vanish. */
enum { LEASE_TTL_MS = 30000 };

void gl_release_outcome_done(struct gl_release_outcome *outcome)
{
    free(outcome->failed_step);
    gl_error_done(&outcome->cause);
    *outcome = (struct gl_release_outcome){.rollback_ms = -1};
}

void gl_release_done(struct gl_release *release)
{
    free(release->version);
    free(release->source_hash);
    free(release->detail);
    free(release->failed_step);
    json_decref(release->facts);
    json_decref(release->begun);
    json_decref(release->origin);
    gl_error_done(&release->cause);
    gl_lease_release(&release->lease);
}

struct gl_release gl_release_new(const struct gl_release_request *request,
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
        .begun = json_array(),
    };
}

int gl_release_take_lease(struct gl_release *release, struct gl_error *err)
{
    gl_autofree char *taken_over = NULL;
    const char *purpose = release->operation == GL_DEPLOY ? "deploy" : "rollback";
    int failed = gl_lease_acquire(release->ledger, release->env, purpose, LEASE_TTL_MS,
                                  &release->lease, &taken_over, err);
    if (failed == 0 && taken_over)
        gl_release_note(release, _("took over the lease of %s"), taken_over);
    return failed;
}

void gl_release_take_identity(struct gl_release *release, const struct gl_operation_record *record)
{
    release->number = record->release;
    release->commit_unix_s = record->commit_unix_s;
    free(release->version);
    release->version = gl_strdup(record->version);
    free(release->source_hash);
    release->source_hash = gl_strdup(record->source_hash);
}

/* A rollback ships what an earlier deploy made: its digest and directories. */
void gl_release_take_origin(struct gl_release *release, const struct gl_journal *journal)
{
    const struct gl_operation_record *made = gl_journal_deploy_of(journal, release->number);
    json_decref(release->origin);
    release->origin = made ? json_deep_copy(made->facts) : NULL;
}

void gl_release_adopt(struct gl_release *release, const struct gl_journal *journal,
                      const struct gl_operation_record *record)
{
    gl_release_take_identity(release, record);
    release->operation = record->operation;
    release->op = record->op;
    release->previous = record->previous;
    json_decref(release->facts);
    release->facts = json_deep_copy(record->facts);
    json_decref(release->begun);
    release->begun = json_deep_copy(record->begun);
    if (record->operation == GL_ROLLBACK)
        gl_release_take_origin(release, journal);
}

int64_t gl_release_serving(const struct gl_journal *journal)
{
    const struct gl_operation_record *serving = gl_journal_serving(journal);
    return serving ? serving->release : 0;
}

void gl_release_announce(const struct gl_release *release)
{
    struct gl_release_heading heading = {
        .app = gl_config_str(release->config, "app.name"),
        .env = release->env,
        .version = release->version,
        .operation = release->operation,
        .release = release->number,
        .previous = release->previous,
    };
    release->reporter->begin(&heading, release->reporter->context);
}

int gl_release_journal_begin(struct gl_release *release, struct gl_error *err)
{
    gl_autojson json_t *data = json_object();
    gl_json_set_int(data, "previous", release->previous);
    gl_json_set_str(data, "version", release->version);
    gl_json_set_str(data, "source", release->source_hash);
    gl_json_set_int(data, "commit_unix_s", release->commit_unix_s);
    gl_json_set_str(data, "config_hash", gl_config_hash(release->config));
    return gl_journal_append(release, "release.begin", NULL, data, err);
}

static int finish_or_undo(struct gl_release *left, const struct gl_operation_record *record,
                          bool undo, struct gl_error *err)
{
    /* The machine may have been restarted meanwhile. */
    int failed = left->platform->ops->up(left->platform, err);
    if (failed < 0)
        return gl_error_wrap(err,
                             _("release %lld is unfinished, but the platform does not come up"),
                             (long long)record->release);
    if (record->operation == GL_ROLLBACK && record->state == GL_OP_UNFINISHED && !undo)
        return gl_engine_run(left, true, err);
    gl_fail(&left->cause, GL_E_INTERRUPTED,
            record->operation == GL_ROLLBACK
                ? _("the rollback to release %lld was interrupted and is undone now")
                : _("release %lld was interrupted and is undone now"),
            (long long)record->release);
    return gl_engine_undo(left, err);
}

int gl_release_settle(struct gl_release *release, const struct gl_release_request *request,
                      const struct gl_journal *journal, bool undo,
                      struct gl_release_outcome *outcome, struct gl_error *err)
{
    const struct gl_operation_record *record = gl_journal_unfinished(journal);
    struct gl_release left = gl_release_new(request, record->operation);
    gl_release_adopt(&left, journal, record);
    left.lease = release->lease;
    left.breach_ms = gl_mono_ms();
    gl_release_announce(&left);
    int result = finish_or_undo(&left, record, undo, err);
    gl_release_conclude(&left, result, outcome);
    left.lease = NULL;
    gl_release_done(&left);
    return result;
}

void gl_release_conclude(struct gl_release *release, int result, struct gl_release_outcome *outcome)
{
    gl_release_outcome_done(outcome);
    outcome->operation = release->operation;
    outcome->release = release->number;
    outcome->undone = release->undone;
    outcome->interrupted = release->interrupted;
    outcome->done = result == 0 && !release->undone;
    if (outcome->done)
        outcome->serving = release->number;
    else if (outcome->undone)
        outcome->serving = release->previous;
    if (release->serving_again_ms && release->breach_ms)
        outcome->rollback_ms = release->serving_again_ms - release->breach_ms;
    outcome->failed_step = gl_steal(&release->failed_step);
    gl_error_move(&outcome->cause, &release->cause);
}

int gl_release_verdict(const struct gl_release_outcome *outcome, int result, struct gl_error *err)
{
    if (result < 0 || !outcome->undone)
        return result;
    int code = outcome->cause.code == GL_E_INTERRUPTED ? GL_E_INTERRUPTED : GL_E_ROLLED_BACK;
    if (outcome->operation == GL_ROLLBACK)
        return gl_fail(err, code, _("the rollback to release %lld was undone: %s"),
                       (long long)outcome->release, outcome->cause.message);
    return gl_fail(err, code, _("release %lld was undone: %s"), (long long)outcome->release,
                   outcome->cause.message);
}
