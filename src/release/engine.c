/* Walks a step table: intent before effect, result after it, undo in reverse order on failure. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/log.h"
#include "release/internal.h"
#include "release/notify.h"

/* A person may press Ctrl-C again and again while an undo runs; it is begun again each time. */
enum { UNDO_TRIES = 10 };

static const struct gl_step *const *steps_of(const struct gl_release *release)
{
    if (release->operation == GL_ROLLBACK)
        return gl_rollback_steps;
    return release->promotion ? gl_promote_steps : gl_deploy_steps;
}

static bool is_done(const struct gl_release *release, const struct gl_step *step)
{
    return json_object_get(release->facts, step->name) != NULL;
}

/* Error texts may quote a program's output: what is a secret there stays out of the journal. */
static json_t *describe_error(const struct gl_error *err)
{
    json_t *object = json_object();
    gl_autofree char *message = gl_redact(err->message ? err->message : "");
    gl_json_set_str(object, "error", gl_code_word(err->code));
    gl_json_set_str(object, "message", message);
    return object;
}

static int journal_done(struct gl_release *release, const struct gl_step *step, int64_t elapsed_ms,
                        struct gl_error *err)
{
    gl_autojson json_t *data = json_object();
    json_object_set(data, "facts", gl_release_own_facts(release));
    gl_json_set_str(data, "detail", release->detail);
    gl_json_set_int(data, "elapsed_ms", elapsed_ms);
    return gl_journal_append(release, "step.done", step->name, data, err);
}

static int run_and_verify(struct gl_release *release, const struct gl_step *step,
                          struct gl_error *err)
{
    int failed = gl_lease_check(release->lease, err);
    if (failed == 0)
        failed = gl_interrupt_check(err);
    if (failed == 0)
        failed = gl_journal_append(release, "step.begin", step->name, NULL, err);
    if (failed == 0 && step->run)
        failed = step->run(release, err);
    if (failed == 0 && step->verify)
        failed = step->verify(release, err);
    return failed;
}

static int do_step(struct gl_release *release, const struct gl_step *step, struct gl_error *err)
{
    const struct gl_reporter *reporter = release->reporter;
    int64_t begun = gl_mono_ms();
    release->step = step;
    release->deadline_ms = step->timeout_ms ? begun + step->timeout_ms : 0;
    free(gl_steal(&release->detail));
    reporter->step_begin(step, reporter->context);
    int failed = run_and_verify(release, step, err);
    int64_t elapsed_ms = gl_mono_ms() - begun;
    if (failed == 0)
        failed = gl_lease_check(release->lease, err);
    if (failed == 0)
        failed = journal_done(release, step, elapsed_ms, err);
    if (failed < 0)
        release->breach_ms = gl_mono_ms();
    reporter->step_end(step, release->detail, failed < 0 ? err : NULL, elapsed_ms,
                       reporter->context);
    release->step = NULL;
    return failed;
}

/* A step whose effect is a running thing may have lost it while nobody watched. */
static int recheck(struct gl_release *release, const struct gl_step *step, struct gl_error *err)
{
    if (!step->live || !step->verify)
        return 0;
    release->step = step;
    int failed = step->verify(release, err);
    release->step = NULL;
    if (failed < 0) {
        release->breach_ms = gl_mono_ms();
        gl_error_wrap(err, _("%s was done before the interruption, but is no longer true"),
                      step->name);
    }
    return failed;
}

static int walk(struct gl_release *release, struct gl_error *err)
{
    const struct gl_reporter *reporter = release->reporter;
    for (const struct gl_step *const *at = steps_of(release); *at; at++) {
        const struct gl_step *step = *at;
        const char *why = step->skip ? step->skip(release) : NULL;
        int failed = 0;
        if (why)
            reporter->step_skipped(step, why, reporter->context);
        else if (is_done(release, step))
            failed = recheck(release, step, err);
        else
            failed = do_step(release, step, err);
        if (failed < 0) {
            free(release->failed_step);
            release->failed_step = gl_strdup(step->name);
            return failed;
        }
    }
    return 0;
}

/* What a step made on another machine is made again here. */
static void forget_elsewhere(struct gl_release *release)
{
    const struct gl_step *const *steps = steps_of(release);
    size_t count = 0;
    while (steps[count])
        count++;
    for (size_t i = count; i > 0; i--) {
        const struct gl_step *step = steps[i - 1];
        if (is_done(release, step) && step->is_here && !step->is_here(release))
            json_object_del(release->facts, step->name);
    }
}

static int undo_step(struct gl_release *release, const struct gl_step *step, struct gl_error *err)
{
    const struct gl_reporter *reporter = release->reporter;
    int64_t begun = gl_mono_ms();
    release->step = step;
    release->deadline_ms = 0;
    free(gl_steal(&release->detail));
    int failed = GL_E_INTERRUPTED;
    release->taken_back = true;
    for (int i = 0; failed == GL_E_INTERRUPTED && i < UNDO_TRIES; i++) {
        gl_interrupt_clear();
        gl_error_done(err);
        failed = step->undo(release, err);
        release->interrupted = release->interrupted || gl_interrupted();
    }
    reporter->undo_end(step, release->detail, failed < 0 ? err : NULL, gl_mono_ms() - begun,
                       reporter->context);
    release->step = NULL;
    return failed;
}

static bool was_begun(const json_t *begun, const char *name)
{
    size_t index;
    json_t *item;
    json_array_foreach(begun, index, item)
    {
        if (strcmp(json_string_value(item), name) == 0)
            return true;
    }
    return false;
}

/* What runs belongs to whoever holds the lease now: nothing may be touched, not even to undo. */
static int refuse_if_lost(struct gl_release *release, struct gl_error *err)
{
    return gl_lease_is_lost(release->lease) ? gl_lease_check(release->lease, err) : 0;
}

struct undoing {
    struct gl_release *release;
    bool lost;  /* the lease: nothing more is undone */
    int result; /* of the first undo that failed */
    struct gl_error *err;
};

/* The first error is reported, but every further undo is still tried: each one makes things better.
 */
static void undo_matching(struct undoing *undoing, bool urgent)
{
    const struct gl_step *const *steps = steps_of(undoing->release);
    size_t count = 0;
    while (steps[count])
        count++;
    for (size_t i = count; i > 0 && !undoing->lost; i--) {
        const struct gl_step *step = steps[i - 1];
        if (!step->undo || step->urgent != urgent ||
            !was_begun(undoing->release->begun, step->name))
            continue;
        gl_autoerr struct gl_error problem = {0};
        int failed = refuse_if_lost(undoing->release, &problem);
        undoing->lost = failed < 0;
        if (failed == 0)
            failed = undo_step(undoing->release, step, &problem);
        if (failed < 0 && (undoing->result == 0 || undoing->lost)) {
            undoing->result = failed;
            gl_error_move(undoing->err, &problem);
        }
    }
}

/* Why and that it is undone. An append that fails may have waited long for other writers, so none
 * follows before the undo is done. */
static bool note_undo_begin(struct gl_release *release, json_t *data)
{
    const char *failed_step = release->failed_step;
    if ((!failed_step || gl_journal_append(release, "step.failed", failed_step, data, NULL) == 0) &&
        gl_journal_append(release, "undo.begin", NULL, data, NULL) == 0)
        return true;
    gl_log(GL_LOG_WARN, "the ledger could not note the undo; it is tried all the same");
    return false;
}

static int note_undone(struct gl_release *release, bool begin_noted, json_t *data,
                       struct gl_error *err)
{
    int failed = begin_noted ? 0 : gl_journal_append(release, "undo.begin", NULL, data, err);
    if (failed == 0)
        failed = gl_journal_append(release, "release.undone", NULL, data, err);
    if (failed == 0)
        return 0;
    gl_error_wrap(err, _("release %lld was undone, but the ledger could not note it"),
                  (long long)release->number);
    return gl_error_hint(err, _("Mend the ledger (is the disk full?), then run: golive rollback%s"),
                         gl_config_env_words(release->config));
}

/* Traffic goes back before anything else, also before it is noted: no ledger that is locked or full
 * may keep it on a bad version. Killed right there, the release is taken for one that was
 * interrupted; resumed, it fails again or finds that it has no traffic, and is undone. */
static void tell_platform(const struct gl_release *release)
{
    release->platform->despite_alarm = gl_json_str(release->despite, "alarm", NULL);
}

int gl_engine_undo(struct gl_release *release, struct gl_error *err)
{
    tell_platform(release);
    gl_interrupt_clear();
    gl_autojson json_t *data = describe_error(&release->cause);
    struct undoing undoing = {.release = release, .err = err};
    int failed = refuse_if_lost(release, err);
    if (failed < 0)
        return failed;
    undo_matching(&undoing, true);
    bool noted = !undoing.lost && note_undo_begin(release, data);
    undo_matching(&undoing, false);
    if (undoing.lost)
        return undoing.result;
    if (undoing.result == 0) {
        release->undone = true;
        return note_undone(release, noted, data, err);
    }
    gl_error_wrap(err, _("the release could not be undone completely"));
    gl_error_hint(err,
                  _("Mend the cause, then run: golive rollback%s (it goes on where it stopped)."),
                  gl_config_env_words(release->config));
    return undoing.result;
}

static int note_done(struct gl_release *release, struct gl_error *err)
{
    int failed = gl_journal_append(release, "release.done", NULL, NULL, err);
    if (failed == 0)
        return 0;
    gl_error_wrap(err, _("release %lld serves, but the ledger could not note it"),
                  (long long)release->number);
    return gl_error_hint(err, _("Mend the ledger (is the disk full?), then run the same command "
                                "again: it goes on."));
}

int gl_engine_run(struct gl_release *release, bool resumed, struct gl_error *err)
{
    gl_autoerr struct gl_error cause = {0};
    tell_platform(release);
    if (resumed) {
        int failed = gl_journal_append(release, "release.resumed", NULL, NULL, err);
        if (failed < 0)
            return failed;
        forget_elsewhere(release);
    }
    if (walk(release, &cause) == 0)
        return note_done(release, err);
    int lost = refuse_if_lost(release, err);
    if (lost < 0)
        return lost;
    release->interrupted = cause.code == GL_E_INTERRUPTED;
    gl_error_move(&release->cause, &cause);
    return gl_engine_undo(release, err);
}

/* What the step will do, in the platform's words where it has any. The caller owns it. */
static char *plan_of(const struct gl_release *release, const struct gl_step *step)
{
    const char *words = gl_platform_sentence(release->platform, step->name)->plan;
    if (words)
        return gl_strdup(_(words));
    return step->plan ? step->plan(release) : NULL;
}

void gl_engine_plan(struct gl_release *release)
{
    const struct gl_reporter *reporter = release->reporter;
    forget_elsewhere(release);
    for (const struct gl_step *const *at = steps_of(release); *at; at++) {
        const struct gl_step *step = *at;
        const char *why = step->skip ? step->skip(release) : NULL;
        if (!why && is_done(release, step))
            why = N_("done before the interruption");
        gl_autofree char *what = why ? NULL : plan_of(release, step);
        if (why)
            reporter->step_skipped(step, why, reporter->context);
        else
            reporter->step_plan(step, what ? what : "", reporter->context);
    }
    gl_notify_plan(release);
}
