/* The rounds of `golive up`. */
#include "infra/up.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/strv.h"
#include "infra/up_internal.h"

enum {
    FIRST_PAUSE_MS = 50,     /* after something happened; doubles up to */
    LONGEST_PAUSE_MS = 2000, /* this: a stack takes minutes */
    GIVE_UP_MS = 60000,      /* CloudFormation begins an operation at once */
    REFUSED_MS = 5000,       /* one that was refused began before, or never will */
    LOST_ROUNDS_MAX = 20,    /* rounds in a row that the network may cost */
};

/* ---- small steps -------------------------------------------------------------------------------
 */

void gl_up_set(struct up_run *run, size_t i, enum gl_up_state state)
{
    struct gl_up_stack *shown = &run->shown[i];
    const struct gl_up_reporter *reporter = &run->options->reporter;
    shown->state = state;
    if (!shown->begun_ms && state != GL_UP_WAITING && state != GL_UP_BLOCKED && state != GL_UP_LEFT)
        shown->begun_ms = gl_mono_ms();
    if (gl_up_is_over(state))
        shown->ended_ms = gl_mono_ms();
    run->changed = true;
    if (reporter->changed)
        reporter->changed(shown, reporter->context);
}

void gl_up_fail(struct up_run *run, size_t i, enum gl_up_state state, struct gl_error *err)
{
    struct gl_up_stack *shown = &run->shown[i];
    gl_autoerr struct gl_error ignored = {0};
    shown->code = err->code;
    shown->reason = gl_arena_strdup(&run->plan->arena, err->message);
    if (err->hint)
        shown->reason = gl_arena_printf(&run->plan->arena, "%s\n%s", shown->reason, err->hint);
    gl_error_done(err);
    gl_up_set(run, i, state);
    /* The failure is in the account; the record of it must not hide it. */
    if (gl_up_record(run, "infra.stack.failed", i, shown->reason, &ignored) < 0)
        gl_error_done(&ignored);
}

int gl_up_record(const struct up_run *run, const char *kind, size_t i, const char *what,
                 struct gl_error *err)
{
    const struct gl_plan_stack *stack = run->shown[i].stack;
    if (!run->options->ledger)
        return 0;
    gl_autojson json_t *data = json_object();
    gl_json_set_str(data, "stack", stack->key);
    gl_json_set_str(data, "stack_name", stack->stack_name);
    gl_json_set_str(data, "region", stack->region);
    gl_json_set_str(data, "status", run->shown[i].status);
    gl_json_set_str(data, "what", what);
    gl_json_set_str(data, "change_set", stack->change.change_set);
    return gl_ledger_append(run->options->ledger, kind, run->plan->env, 0, data, NULL, err);
}

/* ---- looking -----------------------------------------------------------------------------------
 */

static const char *feed_name(const struct up_run *run, size_t i)
{
    /* By its id a stack can still be asked when it is gone. */
    return run->live[i].stack_id     ? run->live[i].stack_id
           : run->work[i].feed.stack ? run->work[i].feed.stack
                                     : run->shown[i].stack->stack_name;
}

/* Feeds of some stacks, in order of the stacks. */
static size_t choose_feeds(struct up_run *run, const bool *which, struct gl_event_feed *feeds)
{
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (!which[i])
            continue;
        run->work[i].feed.stack = feed_name(run, i);
        feeds[count++] = run->work[i].feed;
    }
    return count;
}

static int read_events(struct up_run *run, const bool *which, gl_event_seen_fn *see,
                       struct gl_error *err)
{
    gl_autofree struct gl_event_feed *feeds = gl_alloc((run->count + 1) * sizeof *feeds);
    size_t count = choose_feeds(run, which, feeds);
    int failed = gl_events_read(run->options->account, feeds, count, see, run, err);
    for (size_t at = 0; at < count; at++)
        run->work[feeds[at].number].feed = feeds[at];
    return failed;
}

int gl_up_mark(struct up_run *run, const bool *which, struct gl_error *err)
{
    for (size_t i = 0; i < run->count; i++) {
        if (!which[i])
            continue;
        run->work[i].begun = false;
        run->work[i].refused = false;
        run->work[i].last_status = NULL;
        run->work[i].cause = NULL;
        run->work[i].way = NULL;
        run->work[i].certificate = NULL;
    }
    return read_events(run, which, NULL, err);
}

static void see(const struct gl_event_feed *feed, const struct gl_stack_event *event, void *context)
{
    struct up_run *run = context;
    size_t i = feed->number;
    struct gl_up_stack *shown = &run->shown[i];
    const struct gl_up_reporter *reporter = &run->options->reporter;
    run->changed = true;
    if (event->of_stack) {
        run->work[i].begun = run->work[i].begun || gl_event_is_begin(event);
        run->work[i].last_status = event->status;
    } else {
        shown->resource = event->resource;
        shown->resource_status = event->status;
        shown->resources += gl_ends_with(event->status, "_COMPLETE");
    }
    gl_up_note_cause(run, i, event);
    gl_up_note_certificate(run, i, event);
    if (reporter->event)
        reporter->event(shown, event, reporter->context);
}

/* True for stacks that are worked on, by us or others. */
static bool is_active(enum gl_up_state state)
{
    return state == GL_UP_WATCHING || state == GL_UP_CLEARING || state == GL_UP_RUNNING;
}

static bool needs_open(const struct up_run *run, size_t i)
{
    for (size_t n = 0; n < run->shown[i].stack->need_count; n++) {
        if (!gl_up_is_over(run->shown[run->shown[i].stack->needs[n]].state))
            return true;
    }
    return false;
}

static bool needs_failed(const struct up_run *run, size_t i, const char **ret_key)
{
    for (size_t n = 0; n < run->shown[i].stack->need_count; n++) {
        const struct gl_up_stack *need = &run->shown[run->shown[i].stack->needs[n]];
        if (gl_up_is_over(need->state) && need->state != GL_UP_DONE &&
            need->state != GL_UP_UNCHANGED) {
            *ret_key = need->stack->key;
            return true;
        }
    }
    return false;
}

static int take_status(struct up_run *run, size_t i, struct gl_live_call *call,
                       struct gl_error *err)
{
    if (gl_live_stack_is_same(call, &run->live[i]))
        return 0; /* or else the arena would grow every round */
    int failed = gl_live_stack_take(&run->plan->arena, call,
                                    gl_account_caller(run->options->account), &run->live[i], err);
    run->shown[i].status = run->live[i].status;
    run->changed = true;
    return failed;
}

static int read_statuses(struct up_run *run, const bool *which, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(run->count);
    for (size_t i = 0; i < run->count; i++) {
        if (which[i])
            gl_live_stack_ask(run->shown[i].stack, &calls.items[i]);
    }
    int failed = gl_live_calls(gl_account_client(run->options->account), calls.items, calls.count,
                               false, err);
    for (size_t i = 0; failed == 0 && i < run->count; i++) {
        if (which[i])
            failed = take_status(run, i, &calls.items[i], err);
    }
    return failed;
}

/* Events first: a status that is read after an operation began is not the one from before it. */
static int look(struct up_run *run, struct gl_error *err)
{
    gl_autofree bool *active = gl_alloc(run->count + 1);
    gl_autofree bool *turn = gl_alloc(run->count + 1);
    for (size_t i = 0; i < run->count; i++) {
        active[i] = is_active(run->shown[i].state);
        turn[i] = active[i] || (run->shown[i].state == GL_UP_WAITING && !needs_open(run, i));
    }
    int failed = read_events(run, active, see, err);
    return failed < 0 ? failed : read_statuses(run, turn, err);
}

/* ---- deciding ----------------------------------------------------------------------------------
 */

static struct gl_up_facts facts_of(const struct up_run *run, size_t i)
{
    const struct gl_stack_status *status = gl_stack_status_find(run->live[i].status);
    const struct up_work *work = &run->work[i];
    enum gl_up_state state = run->shown[i].state;
    const char *unused = NULL;
    struct gl_up_facts facts = {
        .state = state,
        .way_out = status->way_out,
        .outcome = status->outcome,
        .begun = work->begun || (state == GL_UP_CLEARING && !run->live[i].status),
        .given_up = gl_mono_ms() - work->asked_ms > (work->refused ? REFUSED_MS : GIVE_UP_MS),
        .needs_open = needs_open(run, i),
        .needs_failed = needs_failed(run, i, &unused),
        .stopping = run->stopping,
        .ways_out = work->ways_out,
    };
    /* Status and events come from two answers: only together they tell that all is over. */
    if (state == GL_UP_RUNNING && work->begun && work->last_status && run->live[i].status &&
        strcmp(work->last_status, run->live[i].status) != 0)
        facts.outcome = GL_OUTCOME_RUNNING;
    return facts;
}

static void block(struct up_run *run, size_t i)
{
    const char *key = "?";
    (void)needs_failed(run, i, &key);
    run->shown[i].reason = gl_arena_printf(&run->plan->arena, _("needs %s"), key);
    gl_up_set(run, i, GL_UP_BLOCKED);
}

static void watch(struct up_run *run, size_t i)
{
    run->shown[i].reason = _("an operation that golive did not begin, or began before it was "
                             "ended, is under way: waiting for it");
    gl_up_set(run, i, GL_UP_WATCHING);
}

/* Its operation failed: the first resource that did says why. */
static void end_badly(struct up_run *run, size_t i, enum gl_up_state state)
{
    gl_autoerr struct gl_error own = {0};
    const struct gl_stack_status *status = gl_stack_status_find(run->live[i].status);
    const char *why = run->work[i].cause ? run->work[i].cause : run->live[i].reason;
    gl_fail(&own, state == GL_UP_UNDONE ? GL_E_ROLLED_BACK : GL_E_UNHEALTHY, _("%s: %s (%s)"),
            why ? why : _("no reason is given"), _(status->text), run->live[i].status);
    if (run->work[i].way)
        gl_error_hint(&own, "%s", run->work[i].way);
    gl_up_fail(run, i, state, &own);
}

/* What one round will do with several stacks at once. */
struct batch {
    bool *change;
    bool *verify;
};

static int act(struct up_run *run, size_t i, struct batch *batch, struct gl_error *err)
{
    struct gl_up_facts facts = facts_of(run, i);
    enum gl_up_step step = gl_up_decide(&facts);
    switch (step) {
    case GL_UP_STEP_NONE:
        return 0;
    case GL_UP_STEP_WATCH:
        watch(run, i);
        return 0;
    case GL_UP_STEP_AGAIN:
        run->shown[i].reason = NULL;
        gl_up_set(run, i, GL_UP_WAITING);
        return 0;
    case GL_UP_STEP_PLAN:
        batch->change[i] = true;
        return 0;
    case GL_UP_STEP_GOOD:
        batch->verify[i] = true;
        run->work[i].settled = true;
        return 0;
    case GL_UP_STEP_UNDONE:
        end_badly(run, i, GL_UP_UNDONE);
        return 0;
    case GL_UP_STEP_BAD:
        end_badly(run, i, GL_UP_FAILED);
        return 0;
    case GL_UP_STEP_BLOCK:
        block(run, i);
        return 0;
    case GL_UP_STEP_LEAVE:
        gl_up_set(run, i, GL_UP_LEFT);
        return 0;
    case GL_UP_STEP_REFUSE:
        return gl_up_refuse(run, i, err);
    default:
        return gl_up_way_out(run, i, step, err);
    }
}

static bool any(const bool *which, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (which[i])
            return true;
    }
    return false;
}

static int round_once(struct up_run *run, struct gl_error *err)
{
    gl_autofree bool *change = gl_alloc(run->count + 1);
    gl_autofree bool *verify = gl_alloc(run->count + 1);
    struct batch batch = {change, verify};
    int failed = run->options->lease ? gl_lease_check(run->options->lease, err) : 0;
    if (failed == 0)
        failed = look(run, err);
    if (failed == 0)
        failed = gl_up_tell_certificates(run, err);
    for (size_t i = 0; failed == 0 && i < run->count; i++)
        failed = act(run, i, &batch, err);
    if (failed == 0 && any(verify, run->count))
        failed = gl_up_verify(run, verify, err);
    if (failed == 0 && any(change, run->count))
        failed = gl_up_change(run, change, err);
    if (failed == 0 && run->options->reporter.round)
        run->options->reporter.round(run->shown, run->count, run->options->reporter.context);
    return failed;
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

static size_t count_active(const struct up_run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++)
        count += is_active(run->shown[i].state);
    return count;
}

static bool is_over(const struct up_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (!gl_up_is_over(run->shown[i].state))
            return false;
    }
    return true;
}

/* The first signal: nothing new begins. The second one ends it. */
static int stop(struct up_run *run, struct gl_error *err)
{
    const struct gl_up_reporter *reporter = &run->options->reporter;
    if (run->stopping || gl_interrupt_count() > 1)
        return gl_fail(err, GL_E_INTERRUPTED, _("interrupted"));
    gl_error_done(err);
    gl_interrupt_clear();
    run->stopping = true;
    run->changed = true;
    if (reporter->stopping)
        reporter->stopping(count_active(run), reporter->context);
    return 0;
}

/* The work goes on in AWS while the network is away: looking again is all there is to do. */
static bool may_pass(int code)
{
    return code == GL_E_NET || code == GL_E_TIMEOUT;
}

static int run_rounds(struct up_run *run, struct gl_error *err)
{
    int64_t pause_ms = FIRST_PAUSE_MS;
    unsigned lost = 0;
    while (!is_over(run)) {
        run->changed = false;
        int failed = round_once(run, err);
        lost = may_pass(failed) ? lost + 1 : 0;
        if (may_pass(failed) && lost <= LOST_ROUNDS_MAX) {
            gl_error_done(err);
            failed = 0;
        }
        if (failed == GL_E_INTERRUPTED || (failed == 0 && gl_interrupted()))
            failed = stop(run, err);
        if (failed < 0)
            return failed;
        if (run->changed)
            pause_ms = FIRST_PAUSE_MS;
        if (is_over(run))
            break;
        gl_sleep_ms(pause_ms);
        pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    }
    return 0;
}

static int prepare(struct up_run *run, struct gl_error *err)
{
    for (size_t i = 0; i < run->count; i++) {
        run->shown[i].stack = &run->plan->stacks[i];
        run->work[i].feed = (struct gl_event_feed){
            .region = run->plan->stacks[i].region, .arena = &run->plan->arena, .number = i};
    }
    gl_up_note_plans(run);
    return gl_live_stacks_read(run->plan, run->options->account, run->live, err);
}

/* Change sets that nobody will execute any more. */
static int discard_rest(struct up_run *run, struct gl_error *err)
{
    gl_autofree struct gl_plan_stack **left =
        gl_alloc((run->count + 1) * sizeof(struct gl_plan_stack *));
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (run->plan->stacks[i].asked_change_set && !run->work[i].executed)
            left[count++] = &run->plan->stacks[i];
    }
    gl_interrupt_clear();
    return count ? gl_changesets_discard(left, count, run->options->account, err) : 0;
}

/* The error of the whole is that of the first stack that failed, in the order of the plan. */
static int report(struct up_run *run, struct gl_up_outcome *outcome, struct gl_error *err)
{
    const struct gl_up_stack *first = NULL;
    *outcome = (struct gl_up_outcome){
        .stacks = run->shown, .count = run->count, .interrupted = run->stopping};
    for (size_t i = 0; i < run->count; i++) {
        const struct gl_up_stack *shown = &run->shown[i];
        outcome->counts[shown->state]++;
        if (!first && (shown->state == GL_UP_FAILED || shown->state == GL_UP_UNDONE))
            first = shown;
    }
    if (first) {
        const char *end = strchr(first->reason, '\n');
        int len = end ? (int)(end - first->reason) : (int)strlen(first->reason);
        gl_fail(err, first->code, "%s: %.*s", first->stack->key, len, first->reason);
        return end ? gl_error_hint(err, "%s", end + 1)
                   : gl_error_hint(err,
                                   _("Put that right, then golive up --env %s again: it goes on "
                                     "from there."),
                                   run->plan->env);
    }
    if (outcome->interrupted && outcome->counts[GL_UP_LEFT])
        return gl_fail(err, GL_E_INTERRUPTED, _("interrupted: %zu stacks were not begun"),
                       outcome->counts[GL_UP_LEFT]);
    return 0;
}

int gl_up_run(const struct gl_up_options *options, struct gl_up_outcome *ret_outcome,
              struct gl_error *err)
{
    struct gl_plan *plan = options->plan;
    struct gl_arena *arena = &plan->arena;
    struct up_run run = {
        .options = options,
        .plan = plan,
        .count = plan->count,
        .shown = gl_arena_alloc(arena, (plan->count + 1) * sizeof *run.shown),
        .work = gl_arena_alloc(arena, (plan->count + 1) * sizeof *run.work),
        .live = gl_arena_alloc(arena, (plan->count + 1) * sizeof *run.live),
    };
    gl_autoerr struct gl_error own = {0};
    int failed = prepare(&run, err);
    if (failed == 0)
        failed = run_rounds(&run, err);
    int cleaned = discard_rest(&run, &own);
    gl_autoerr struct gl_error of_stacks = {0};
    int reported = report(&run, ret_outcome, &of_stacks);
    if (failed == 0 && reported < 0)
        gl_error_move(err, &of_stacks);
    else if (failed == 0 && cleaned < 0)
        gl_error_move(err, &own);
    return failed < 0 ? failed : reported < 0 ? reported : cleaned;
}
