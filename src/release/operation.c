/* What a deploy and a rollback have in common: the lease, what a killed process left, the outcome.
 */
#include "release/operation.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "release/fingerprint.h"
#include "release/notify.h"

/* A holder that was killed is recognised at once by its process; this is for hosts that vanish. */
enum { LEASE_TTL_MS = 30000 };

void gl_release_outcome_done(struct gl_release_outcome *outcome)
{
    free(outcome->failed_step);
    free(outcome->again);
    gl_error_done(&outcome->cause);
    *outcome = (struct gl_release_outcome){.rollback_ms = -1};
}

void gl_release_done(struct gl_release *release)
{
    if (release->platform)
        release->platform->despite_alarm = NULL; /* it is ours */
    free(release->version);
    free(release->source_hash);
    free(release->revision);
    free(release->commit);
    free(release->author);
    free(release->tree_hash);
    free(release->starter);
    free(release->hotfix);
    json_decref(release->despite);
    json_decref(release->promotion);
    free(release->detail);
    free(release->failed_step);
    free(release->no_way_back);
    json_decref(release->facts);
    json_decref(release->begun);
    json_decref(release->origin);
    gl_error_done(&release->cause);
    gl_lease_release(&release->lease);
}

static json_t *despite_of(const struct gl_release_request *request)
{
    return request->despite_alarm ? json_pack("{s:s, s:s}", "alarm", request->despite_alarm,
                                              "reason", request->despite_reason)
                                  : NULL;
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
        .hotfix = gl_strdup(request->hotfix),
        .despite = despite_of(request),
        .open_from = request->open_from,
        .open_from_context = request->open_from_context,
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
    release->begun_unix_ms = record->begun_unix_ms;
    release->previous = record->previous;
    json_decref(release->despite); /* what it was begun with, so that the ledger is right */
    release->despite = json_deep_copy(json_object_get(record->about, "despite"));
    json_decref(release->promotion);
    release->promotion = json_deep_copy(json_object_get(record->about, "promotion"));
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

/* What a promotion of this release would ask for (candidate.h); no more than who signs may know. */
static void describe_source(const struct gl_release *release, json_t *data)
{
    gl_json_set_str(data, "version", release->version);
    gl_json_set_str(data, "source", release->source_hash);
    gl_json_set_str(data, "commit", release->commit);
    gl_json_set_str(data, "author", release->author);
    gl_json_set_str(data, "tree", release->tree_hash);
    gl_json_set_int(data, "commit_unix_s", release->commit_unix_s);
}

int gl_release_journal_begin(struct gl_release *release, struct gl_error *err)
{
    char templates[GL_SHA256_HEX_SIZE];
    gl_autojson json_t *data = json_object();
    int failed = gl_fingerprint_templates(gl_config_dir(release->config), templates, err);
    if (failed < 0)
        return failed;
    describe_source(release, data);
    gl_json_set_int(data, "previous", release->previous);
    gl_json_set_str(data, "config_hash", gl_config_hash(release->config));
    gl_json_set_str(data, "templates", templates);
    gl_json_set_str(data, "starter", release->starter);
    gl_json_set_str(data, "hotfix", release->hotfix);
    if (release->despite)
        json_object_set(data, "despite", release->despite);
    if (release->promotion)
        json_object_set(data, "promotion", release->promotion);
    release->begun_unix_ms = gl_now_unix_ms();
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
    gl_release_conclude(&left, result, err, outcome);
    left.lease = NULL;
    gl_release_done(&left);
    return result;
}

/* Asked of the platform: that an undo left the old version in place does not mean that it runs. */
static bool serves(struct gl_release *release, int64_t number)
{
    struct gl_traffic traffic = {0};
    if (release->platform->ops->traffic(release->platform, &traffic, NULL) < 0)
        return false;
    for (size_t i = 0; i < traffic.count; i++) {
        const struct gl_running *version = &traffic.versions[i];
        if (version->release == number)
            return version->weight_pct > 0 && version->healthy;
    }
    return false;
}

/* 0 also when it cannot be read: then no way back is promised. */
static int64_t way_back(const struct gl_release *release)
{
    gl_autojournal struct gl_journal journal = {0};
    if (gl_journal_read(release->ledger, release->env, &journal, NULL) < 0)
        return 0;
    return gl_journal_rollback_target(&journal);
}

/* The caller owns it. */
static char *command_of(const struct gl_release *release)
{
    const char *env_words = gl_config_env_words(release->config);
    long long number = release->number;
    if (release->operation == GL_ROLLBACK)
        return gl_asprintf("golive rollback %lld%s", number, env_words);
    if (release->promotion)
        return gl_asprintf("golive promote %s %s --release %lld",
                           gl_json_str(release->promotion, "env", "FROM"), release->env,
                           (long long)gl_json_int(release->promotion, "release", 0));
    return gl_asprintf("golive deploy%s%s", env_words, release->hotfix ? " --hotfix REASON" : "");
}

void gl_release_look(struct gl_release *release, struct gl_release_outcome *outcome)
{
    gl_autojournal struct gl_journal journal = {0};
    if (outcome->release || gl_journal_read(release->ledger, release->env, &journal, NULL) < 0)
        return;
    int64_t last = gl_release_serving(&journal);
    outcome->serving = last && serves(release, last) ? last : 0;
}

void gl_release_conclude(struct gl_release *release, int result, const struct gl_error *why,
                         struct gl_release_outcome *outcome)
{
    gl_release_outcome_done(outcome);
    /* Noted, so that nothing more is begun; what is asked and told from here on is no longer what
     * the Ctrl-C was meant for. */
    release->interrupted = release->interrupted || gl_interrupted();
    gl_interrupt_clear();
    outcome->operation = release->operation;
    outcome->release = release->number;
    outcome->undone = release->undone;
    outcome->taken_back = release->undone && release->taken_back;
    outcome->again = command_of(release);
    outcome->interrupted = release->interrupted;
    outcome->done = result == 0 && !release->undone;
    outcome->rollback_target = outcome->done ? way_back(release) : 0;
    if (outcome->done)
        outcome->serving = release->number;
    else if (outcome->undone && release->previous && serves(release, release->previous))
        outcome->serving = release->previous;
    else if (outcome->undone)
        outcome->stopped = release->previous;
    if (release->serving_again_ms && release->breach_ms)
        outcome->rollback_ms = release->serving_again_ms - release->breach_ms;
    outcome->failed_step = gl_steal(&release->failed_step);
    gl_error_move(&outcome->cause, &release->cause);
    gl_notify_end(release, outcome, result, why);
}

/* "Rolled back" promises that the old version serves. */
static int code_of(const struct gl_release_outcome *outcome)
{
    bool own = outcome->cause.code == GL_E_INTERRUPTED || !outcome->serving;
    return own && outcome->cause.code < 0 ? outcome->cause.code : GL_E_ROLLED_BACK;
}

int gl_release_verdict(struct gl_release_outcome *outcome, int result, struct gl_error *err)
{
    if (result < 0 || !outcome->undone)
        return result;
    int code = code_of(outcome);
    outcome->told = true;
    if (outcome->operation == GL_ROLLBACK)
        return gl_fail(err, code, _("the rollback to release %lld was undone: %s"),
                       (long long)outcome->release, outcome->cause.message);
    return gl_fail(err, code, _("release %lld was undone: %s"), (long long)outcome->release,
                   outcome->cause.message);
}
