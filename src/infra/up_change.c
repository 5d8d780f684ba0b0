/* `golive up`: from what a stack should be to a change set that runs. */
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "infra/up_internal.h"

enum { ATTEMPTS_MAX = 5 }; /* at executing: each time somebody else was faster */

void gl_up_note_plans(struct up_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct gl_stack_change *change = &run->plan->stacks[i].change;
        run->work[i].planned = run->plan->live && !change->note &&
                               (change->change_set || change->action == GL_CHANGE_NONE);
        gl_plan_stack_hash(run->plan, &run->plan->stacks[i], run->work[i].hash);
    }
}

/* ---- planning ----------------------------------------------------------------------------------
 */

/* What one stack's trouble is for the whole: nothing, unless it is not the stack's. */
static int not_the_stack(int code)
{
    return code == GL_E_INTERRUPTED || code == GL_E_NET || code == GL_E_TIMEOUT ? code : 0;
}

/* Somebody else was faster: the next round sees what they do. */
static int fail_or_wait(struct up_run *run, size_t i, struct gl_error *own, struct gl_error *err)
{
    int code = not_the_stack(own->code);
    if (code < 0) {
        gl_error_move(err, own);
        return code;
    }
    if (own->code == GL_E_BUSY && ++run->work[i].attempts < ATTEMPTS_MAX)
        run->changed = true;
    else
        gl_up_fail(run, i, GL_UP_FAILED, own);
    return 0;
}

/* True if the change set that was shown is still what is to be done. */
static bool still_planned(struct up_run *run, size_t i)
{
    char hash[GL_SHA256_HEX_SIZE];
    gl_plan_stack_hash(run->plan, run->shown[i].stack, hash);
    bool same = run->work[i].planned && strcmp(hash, run->work[i].hash) == 0;
    run->work[i].planned = false; /* it is used once */
    return same;
}

static int discard(struct up_run *run, size_t i, struct gl_error *err)
{
    struct gl_plan_stack *stack = run->shown[i].stack;
    return stack->asked_change_set ? gl_changeset_discard(stack, run->options->account, err) : 0;
}

/* Resolves; to_make[i] says whether a change set is needed. */
static int resolve(struct up_run *run, size_t i, bool *to_make, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    struct gl_plan_stack *stack = run->shown[i].stack;
    int failed = gl_plan_resolve(run->plan, stack, run->options->account, run->live, &own);
    *to_make = failed == 0 && !still_planned(run, i);
    if (*to_make) {
        run->work[i].executed = false;
        failed = discard(run, i, &own);
    }
    if (failed == 0)
        return 0;
    *to_make = false;
    stack->change.change_set = NULL;
    stack->change.action = GL_CHANGE_MODIFY; /* not known to be none */
    return fail_or_wait(run, i, &own, err);
}

static char *batch_name(struct up_run *run)
{
    return gl_asprintf("%s-%u", run->options->change_set, ++run->batches);
}

/* Alone, so that it is known whose failure it is. */
static int make_one(struct up_run *run, size_t i, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    gl_autoerr struct gl_error ignored = {0};
    gl_autofree char *name = batch_name(run);
    struct gl_plan_stack *stack = run->shown[i].stack;
    int failed = gl_changeset_make(run->plan, stack, run->options->account, name, &own);
    if (failed == 0)
        return 0;
    stack->change.change_set = NULL;
    stack->change.action = GL_CHANGE_MODIFY; /* not known to be none */
    if (failed != GL_E_INTERRUPTED && discard(run, i, &ignored) < 0)
        gl_error_hint(&own, _("What was planned of it may be left: %s"), ignored.message);
    return fail_or_wait(run, i, &own, err);
}

static int make_each(struct up_run *run, const bool *which, struct gl_error *err)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < run->count; i++) {
        if (which[i])
            failed = discard(run, i, err);
        if (failed == 0 && which[i])
            failed = make_one(run, i, err);
    }
    return failed;
}

static int make(struct up_run *run, const bool *which, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    gl_autofree char *name = batch_name(run);
    gl_autofree struct gl_plan_stack **stacks =
        gl_alloc((run->count + 1) * sizeof(struct gl_plan_stack *));
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (which[i])
            stacks[count++] = run->shown[i].stack;
    }
    if (count == 0)
        return 0;
    int failed = gl_changesets_make(run->plan, stacks, count, run->options->account, name, &own);
    if (failed == GL_E_INTERRUPTED) {
        gl_error_move(err, &own);
        return failed;
    }
    return failed < 0 ? make_each(run, which, err) : 0;
}

/* ---- data --------------------------------------------------------------------------------------
 */

static bool endangers(const struct gl_resource_change *change)
{
    return change->data &&
           (change->action == GL_CHANGE_REPLACE || change->action == GL_CHANGE_REMOVE);
}

static int ask_about(struct up_run *run, size_t i, const struct gl_resource_change *change,
                     struct gl_error *err)
{
    gl_autofree char *text = gl_asprintf(
        change->action == GL_CHANGE_REPLACE
            ? _("%s (%s) holds data and would be replaced by an empty one, because of: %s. %s")
            : _("%s (%s) holds data and would be removed: %s. %s"),
        change->id, change->type, change->reason ? change->reason : "?",
        change->kept ? _("The old one, or a snapshot of it, stays in the account.")
                     : _("The data would be lost."));
    struct gl_up_question question = {
        .kind = GL_UP_ASK_DATA,
        .stack = run->shown[i].stack,
        .resource = change->id,
        .env = run->plan->env,
        .text = text,
    };
    return run->options->reporter.ask(&question, run->options->reporter.context, err);
}

static int ask_for_data(struct up_run *run, size_t i, struct gl_error *err)
{
    const struct gl_stack_change *change = &run->shown[i].stack->change;
    int failed = 0;
    for (size_t r = 0; failed == 0 && r < change->resource_count; r++) {
        if (endangers(&change->resources[r]))
            failed = ask_about(run, i, &change->resources[r], err);
    }
    return failed;
}

/* ---- executing ---------------------------------------------------------------------------------
 */

/* Once it was asked for, only the stack tells whether it runs: an answer may have been lost, and a
 * refusal can be the echo of the first, successful try. */
static int execute(struct up_run *run, size_t i, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    struct up_work *work = &run->work[i];
    int failed = gl_up_record(run, "infra.stack.begin", i,
                              gl_change_word(run->shown[i].stack->change.action), err);
    if (failed < 0)
        return failed;
    work->asked_ms = gl_mono_ms();
    work->executed = true;
    work->attempts++;
    failed = gl_changeset_execute(run->shown[i].stack, run->options->account, &own);
    bool unclear = not_the_stack(failed) < 0 || failed == GL_E_BUSY || failed == GL_E_NOT_FOUND ||
                   (own.message && strstr(own.message, "InvalidChangeSetStatus"));
    if (failed < 0 && (!unclear || work->attempts >= ATTEMPTS_MAX)) {
        gl_up_fail(run, i, GL_UP_FAILED, &own);
        return 0;
    }
    work->refused = failed < 0 && not_the_stack(failed) == 0;
    run->shown[i].reason = NULL;
    gl_up_set(run, i, GL_UP_RUNNING);
    if (failed != GL_E_INTERRUPTED)
        return 0;
    gl_error_move(err, &own);
    return GL_E_INTERRUPTED;
}

/* Stacks whose change set is there: marks where their events stand, then executes. */
static int execute_all(struct up_run *run, const bool *which, struct gl_error *err)
{
    gl_autofree bool *run_it = gl_alloc(run->count + 1);
    for (size_t i = 0; i < run->count; i++)
        run_it[i] = which[i] && run->shown[i].state == GL_UP_WAITING &&
                    run->shown[i].stack->change.change_set &&
                    run->shown[i].stack->change.action != GL_CHANGE_NONE;
    int failed = gl_up_mark(run, run_it, err);
    for (size_t i = 0; failed == 0 && i < run->count; i++) {
        if (run_it[i])
            failed = execute(run, i, err);
    }
    return failed;
}

static int verify_unchanged(struct up_run *run, const bool *which, struct gl_error *err)
{
    gl_autofree bool *unchanged = gl_alloc(run->count + 1);
    for (size_t i = 0; i < run->count; i++)
        unchanged[i] = which[i] && run->shown[i].state == GL_UP_WAITING &&
                       run->shown[i].stack->change.action == GL_CHANGE_NONE;
    return gl_up_verify(run, unchanged, err);
}

static int ask_for_all(struct up_run *run, const bool *which, struct gl_error *err)
{
    for (size_t i = 0; i < run->count; i++) {
        gl_autoerr struct gl_error own = {0};
        gl_autoerr struct gl_error ignored = {0};
        if (!which[i] || run->shown[i].state != GL_UP_WAITING)
            continue;
        int failed = ask_for_data(run, i, &own);
        if (failed == GL_E_INTERRUPTED) {
            gl_error_move(err, &own);
            return failed;
        }
        if (failed == 0)
            continue;
        if (discard(run, i, &ignored) < 0)
            gl_error_hint(&own, _("What was planned of it may be left: %s"), ignored.message);
        gl_up_fail(run, i, GL_UP_FAILED, &own);
    }
    return 0;
}

int gl_up_change(struct up_run *run, const bool *which, struct gl_error *err)
{
    gl_autofree bool *to_make = gl_alloc(run->count + 1);
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < run->count; i++) {
        if (which[i])
            failed = resolve(run, i, &to_make[i], err);
    }
    if (failed == 0)
        failed = make(run, to_make, err);
    if (failed == 0)
        failed = ask_for_all(run, which, err);
    if (failed == 0)
        failed = execute_all(run, which, err);
    return failed < 0 ? failed : verify_unchanged(run, which, err);
}
