/* golive up: makes the infrastructure of an environment what its plan says. */
#include "infra/up.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "cmd/ask.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/stack_table.h"
#include "infra/live_plan.h"
#include "infra/plan_id.h"
#include "infra/render.h"

struct up {
    struct gl_context *context;
    struct gl_aws_context aws;
    struct gl_plan *plan; /* aws.planned.plan */
    struct gl_live_plan live;
    struct gl_lease *lease;
    struct gl_stack_table table;
    char id[GL_PLAN_ID_SIZE];
    char *change_set;
    int64_t begin_ms;
};

static void up_done(struct up *up)
{
    gl_lease_release(&up->lease);
    gl_aws_context_done(&up->aws);
    free(up->change_set);
}

/* ---- showing -----------------------------------------------------------------------------------
 */

static void say(void *data, const char *text)
{
    struct up *up = data;
    struct gl_row row = {.mark = GL_ROW_RUNNING, .stack = text, .text = "", .elapsed_ms = -1};
    gl_stack_table_draw(&up->table, &row, 1, NULL);
}

static const struct {
    enum gl_row_mark mark;
    const char *text; /* N_() */
} states[] = {
    [GL_UP_WAITING] = {GL_ROW_RUNNING, N_("waits")                                   },
    [GL_UP_WATCHING] = {GL_ROW_RUNNING, N_("waits for an operation that is under way")},
    [GL_UP_CLEARING] = {GL_ROW_RUNNING, N_("is put right first")                      },
    [GL_UP_RUNNING] = {GL_ROW_RUNNING, N_("begins")                                  },
    [GL_UP_UNCHANGED] = {GL_ROW_GOOD,    N_("unchanged, verified")                     },
    [GL_UP_DONE] = {GL_ROW_GOOD,    N_("done, verified")                          },
    [GL_UP_UNDONE] = {GL_ROW_BAD,     N_("taken back by CloudFormation")            },
    [GL_UP_FAILED] = {GL_ROW_BAD,     N_("failed")                                  },
    [GL_UP_BLOCKED] = {GL_ROW_LEFT,    N_("not begun")                               },
    [GL_UP_LEFT] = {GL_ROW_LEFT,    N_("not begun")                               },
};

static char *text_of(const struct gl_up_stack *stack)
{
    if (stack->state == GL_UP_RUNNING && stack->resource)
        return gl_asprintf("%s  %s", stack->resource, stack->resource_status);
    if (stack->not_verified && gl_up_is_over(stack->state))
        return gl_asprintf(_("%s (%zu of unknown types not)"), _(states[stack->state].text),
                           stack->not_verified);
    return gl_strdup(_(states[stack->state].text));
}

static struct gl_row row_of(const struct gl_up_stack *stack, const char *text)
{
    int64_t end_ms = stack->ended_ms ? stack->ended_ms : gl_mono_ms();
    return (struct gl_row){
        .mark = states[stack->state].mark,
        .stack = stack->stack->key,
        .word = gl_up_state_word(stack->state),
        .text = text,
        .status = stack->status,
        .reason = stack->reason,
        .elapsed_ms = stack->begun_ms ? end_ms - stack->begun_ms : -1,
    };
}

static void on_changed(const struct gl_up_stack *stack, void *data)
{
    struct up *up = data;
    if (stack->state == GL_UP_WAITING || (up->table.terminal && !gl_up_is_over(stack->state)))
        return;
    gl_autofree char *text = text_of(stack);
    struct gl_row row = row_of(stack, text);
    if (!gl_up_is_over(stack->state))
        row.elapsed_ms = -1;
    gl_stack_table_line(&up->table, &row);
}

static void on_event(const struct gl_up_stack *stack, const struct gl_stack_event *event,
                     void *data)
{
    struct up *up = data;
    gl_stack_table_event(&up->table, stack->stack->key, event);
}

static void on_note(const struct gl_up_stack *stack, const char *text, void *data)
{
    struct up *up = data;
    (void)stack;
    gl_stack_table_say(&up->table, "note", text);
}

static void on_round(const struct gl_up_stack *stacks, size_t count, void *data)
{
    struct up *up = data;
    struct gl_arena arena = {0};
    struct gl_row *rows = gl_arena_alloc(&arena, (count + 1) * sizeof *rows);
    size_t running = 0;
    size_t waiting = 0;
    for (size_t i = 0; i < count; i++) {
        waiting += stacks[i].state == GL_UP_WAITING;
        if (stacks[i].state == GL_UP_WAITING || gl_up_is_over(stacks[i].state))
            continue;
        gl_autofree char *text = text_of(&stacks[i]);
        rows[running++] = row_of(&stacks[i], gl_arena_strdup(&arena, text));
    }
    const char *rest = gl_arena_printf(&arena, _("%zu stacks wait"), waiting);
    gl_stack_table_draw(&up->table, rows, running, waiting ? rest : NULL);
    gl_arena_done(&arena);
}

static void on_stopping(size_t running, void *data)
{
    struct up *up = data;
    gl_autofree char *text = gl_asprintf(
        _("Interrupted: nothing new begins. CloudFormation goes on with %zu stacks, which are "
          "watched to their end;\nCtrl-C again leaves at once, and golive up --env %s looks and "
          "goes on whenever it is run."),
        running, up->plan->env);
    gl_stack_table_say(&up->table, "stopping", text);
}

/* ---- asking ------------------------------------------------------------------------------------
 */

static int nobody_to_ask(const struct gl_up_question *question, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, "%s", question->text);
    if (question->kind == GL_UP_ASK_WAY_OUT)
        return gl_error_hint(err, _("There is nobody to ask: --yes does it."));
    return gl_error_hint(err, _("If that is meant: --confirm %s."), question->resource);
}

static bool is_confirmed(struct up *up, const struct gl_up_question *question)
{
    if (question->kind == GL_UP_ASK_WAY_OUT)
        return gl_flag_bool(up->context, "yes");
    const struct gl_strv *texts = gl_flag_list(up->context, "confirm");
    return gl_strv_has(texts, question->resource) || gl_strv_has(texts, question->env);
}

static int on_ask(const struct gl_up_question *question, void *data, struct gl_error *err)
{
    struct up *up = data;
    gl_autofree char *line = NULL;
    bool way_out = question->kind == GL_UP_ASK_WAY_OUT;
    if (is_confirmed(up, question))
        return 0;
    if (!gl_cmd_can_ask(up->context))
        return nobody_to_ask(question, err);
    gl_stack_table_say(&up->table, "question", question->text);
    gl_autofree char *prompt =
        way_out ? gl_strdup(_("Do it? Type yes: "))
                : gl_asprintf(_("Type %s (or %s) to do it: "), question->resource, question->env);
    int failed = gl_cmd_ask(up->context, prompt, &line, err);
    if (failed < 0)
        return failed;
    if (way_out ? strcmp(line, "yes") == 0
                : strcmp(line, question->resource) == 0 || strcmp(line, question->env) == 0)
        return 0;
    return gl_fail(err, GL_E_REFUSED, _("not confirmed: %s"), question->text);
}

/* ---- planning ----------------------------------------------------------------------------------
 */

static int recall(struct up *up, const char *id, struct gl_error *err)
{
    struct gl_plan *plan = up->plan;
    struct gl_live_stack *stacks = gl_arena_alloc(&plan->arena, plan->count * sizeof *stacks);
    int failed = gl_live_stacks_read(plan, up->aws.account, stacks, err);
    if (failed == 0)
        failed = gl_plan_resolve_all(plan, up->aws.account, stacks, err);
    if (failed == 0)
        failed = gl_plan_recall(up->context->ledger, plan, id, gl_now_unix_ms(), err);
    if (failed == 0)
        failed = gl_up_describe_plans(plan, up->aws.account, err);
    plan->live = true;
    return failed;
}

static int make_plan(struct up *up, struct gl_error *err)
{
    const char *kept = gl_flag_str(up->context, "plan");
    up->live = (struct gl_live_plan){
        .plan = up->plan,
        .account = up->aws.account,
        .change_set = up->change_set,
        .say = say,
        .say_context = up,
    };
    return kept ? recall(up, kept, err) : gl_live_plan_make(&up->live, err);
}

/* What it costs now and will cost; not known of a plan that was kept. */
static int add_cost(struct up *up, struct gl_buf *text, struct gl_error *err)
{
    gl_autoplan struct gl_plan before = {0};
    struct gl_cost cost_before;
    struct gl_cost cost;
    struct gl_render how = {.colour = up->context->colour};
    if (gl_flag_str(up->context, "plan"))
        return 0;
    int failed = gl_live_plan_before(&up->live, &before, err);
    if (failed == 0)
        failed = gl_cost_of_plan(&before, &cost_before, err);
    if (failed == 0)
        failed = gl_cost_of_plan(up->plan, &cost, err);
    if (failed == 0)
        gl_render_cost_change(&how, &cost_before, &cost, text);
    return failed;
}

static size_t count_changes(const struct gl_plan *plan, size_t *ret_data)
{
    size_t changes = 0;
    *ret_data = 0;
    for (size_t i = 0; i < plan->count; i++) {
        changes += plan->stacks[i].change.action != GL_CHANGE_NONE || plan->stacks[i].change.note;
        *ret_data += gl_change_count(&plan->stacks[i].change).data_at_risk;
    }
    return changes;
}

static int show_plan(struct up *up, size_t changes, size_t data, struct gl_error *err)
{
    const struct gl_plan *plan = up->plan;
    FILE *out = up->context->out;
    gl_stack_table_clear(&up->table);
    if (up->context->format_json) {
        json_t *json = gl_render_json(up->plan, NULL);
        gl_stack_table_json(&up->table, "plan", json);
        return 0;
    }
    gl_autobuf struct gl_buf text = {0};
    struct gl_render how = {.colour = up->context->colour};
    fprintf(out, _("%s, %s, account %s, %s: %zu of %zu stacks to change\n"),
            gl_config_str(plan->config, "app.name"), plan->env, plan->account_id, plan->region,
            changes, plan->count);
    gl_render_plan(&how, up->plan, &text);
    int failed = add_cost(up, &text, err);
    fputs(gl_buf_text(&text), out);
    if (data)
        fprintf(out,
                _("%zu resources that hold data would be replaced or removed: each is asked about "
                  "by name.\n"),
                data);
    fflush(out);
    return failed;
}

/* yes, or nothing is done. */
static int confirm(struct up *up, struct gl_error *err)
{
    gl_autofree char *line = NULL;
    if (gl_flag_bool(up->context, "yes"))
        return 0;
    if (!gl_cmd_can_ask(up->context)) {
        gl_fail(err, GL_E_REFUSED, _("nothing was changed: there is nobody to ask"));
        return gl_error_hint(err, _("Look at the plan, then: golive up --env %s --yes"),
                             up->plan->env);
    }
    gl_autofree char *prompt = gl_asprintf(_("Make %s so? Type yes: "), up->plan->env);
    int failed = gl_cmd_ask(up->context, prompt, &line, err);
    if (failed == 0 && strcmp(line, "yes") != 0)
        failed = gl_fail(err, GL_E_REFUSED, _("nothing was changed: not confirmed"));
    return failed;
}

/* ---- the end -----------------------------------------------------------------------------------
 */

static json_t *counts_json(const struct gl_up_outcome *outcome)
{
    json_t *json = json_object();
    for (int state = 0; state < GL_UP_STATE_COUNT; state++)
        gl_json_set_int(json, gl_up_state_word((enum gl_up_state)state),
                        (int64_t)outcome->counts[state]);
    return json;
}

/* Every type once. */
static void collect_types(const struct gl_up_outcome *outcome, struct gl_strv *types)
{
    for (size_t i = 0; i < outcome->count; i++) {
        gl_autostrv struct gl_strv own = {0};
        if (outcome->stacks[i].not_verified_types)
            gl_strv_split(&own, outcome->stacks[i].not_verified_types, " ");
        for (size_t t = 0; t < own.count; t++) {
            if (!gl_strv_has(types, own.items[t]))
                gl_strv_add(types, own.items[t]);
        }
    }
    gl_strv_sort(types);
}

/* What golive cannot look at is named, so that nobody takes it for good. */
static void show_not_verified(struct up *up, const struct gl_up_outcome *outcome)
{
    gl_autostrv struct gl_strv types = {0};
    collect_types(outcome, &types);
    if (types.count == 0)
        return;
    gl_autofree char *all = gl_strv_join(&types, ", ");
    gl_autofree char *text = gl_asprintf(_("Not verified, CloudFormation's word alone: %s"), all);
    gl_stack_table_say(&up->table, "not_verified", text);
}

/* The caller owns the text. */
static char *next_text(const char *env, int code)
{
    return gl_asprintf(code == 0 ? _("Next: golive plan --drift --env %s, now and then, shows what "
                                     "was changed by hand.")
                                 : _("golive up --env %s goes on from here."),
                       env);
}

static void show_end(struct up *up, const struct gl_up_outcome *outcome, int code)
{
    const size_t *counts = outcome->counts;
    gl_autofree char *took = gl_format_duration((double)(gl_mono_ms() - up->begin_ms));
    gl_autofree char *next = next_text(up->plan->env, code);
    show_not_verified(up, outcome);
    gl_stack_table_clear(&up->table);
    if (up->context->format_json) {
        json_t *json = counts_json(outcome);
        gl_json_set_bool(json, "ok", code == 0);
        gl_json_set_int(json, "elapsed_ms", gl_mono_ms() - up->begin_ms);
        gl_stack_table_json(&up->table, "outcome", json);
        return;
    }
    fprintf(up->context->out,
            _("%s: %zu stacks changed, %zu unchanged, %zu taken back, %zu failed, %zu not begun; "
              "%s. %s\n"),
            up->plan->env, counts[GL_UP_DONE], counts[GL_UP_UNCHANGED], counts[GL_UP_UNDONE],
            counts[GL_UP_FAILED], counts[GL_UP_BLOCKED] + counts[GL_UP_LEFT], took, next);
}

static int record(struct up *up, const char *kind, json_t *data, struct gl_error *err)
{
    int failed = gl_ledger_append(up->context->ledger, kind, up->plan->env, 0, data, NULL, err);
    json_decref(data);
    return failed;
}

static int execute(struct up *up, struct gl_error *err)
{
    struct gl_up_options options = {
        .plan = up->plan,
        .account = up->aws.account,
        .change_set = up->change_set,
        .ledger = up->context->ledger,
        .lease = up->lease,
        .reporter = {on_changed, on_event, on_note, on_round, on_stopping, on_ask, up},
    };
    gl_autoerr struct gl_error own = {0};
    struct gl_up_outcome outcome = {0};
    json_t *begin = json_object();
    gl_json_set_str(begin, "plan", up->id);
    gl_json_set_str(begin, "account", gl_account_id(up->aws.account));
    int failed = record(up, "infra.up.begin", begin, err);
    if (failed < 0)
        return failed;
    failed = gl_up_run(&options, &outcome, err);
    json_t *end = counts_json(&outcome);
    gl_json_set_str(end, "error", err->message);
    json_object_set_new(end, "templates", gl_up_templates(&outcome));
    int recorded = record(up, "infra.up.end", end, &own);
    show_end(up, &outcome, failed);
    if (failed == 0 && recorded < 0)
        gl_error_move(err, &own);
    return failed < 0 ? failed : recorded;
}

/* Removes change sets that were made only for looking. */
static int leave(struct up *up, int failed, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    gl_interrupt_clear();
    if (gl_flag_str(up->context, "plan"))
        return failed; /* they were kept on purpose */
    int cleaned = gl_live_plan_discard(&up->live, &own);
    if (failed == 0 && cleaned < 0)
        gl_error_move(err, &own);
    else if (cleaned < 0)
        gl_error_hint(err, _("Change sets named %s may be left: %s"), up->change_set, own.message);
    return failed < 0 ? failed : cleaned;
}

static int open_all(struct up *up, struct gl_error *err)
{
    const char *stack = gl_flag_str(up->context, "stack");
    gl_plan_id_new(up->id);
    up->change_set = gl_plan_change_set_name(up->id);
    gl_stack_table_init(&up->table, up->context);
    say(up, _("signing in"));
    int failed = gl_aws_context_open(up->context, &up->aws, err);
    up->plan = &up->aws.planned.plan;
    if (failed == 0 && stack)
        failed = gl_up_choose(up->plan, stack, err);
    if (failed == 0)
        failed = gl_cmd_need_ledger(up->context, &up->aws, err);
    if (failed > 0) {
        gl_stack_table_say(&up->table, "note", _(gl_cmd_own_ledger_note));
        failed = 0;
    }
    if (failed == 0 && !gl_flag_bool(up->context, "dry-run"))
        failed = gl_cmd_take_lease(up->context, up->plan->env, "up", &up->lease, err);
    return failed;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(up_done) struct up up = {.context = context, .begin_ms = gl_mono_ms()};
    size_t data = 0;
    if (!gl_flag_str(context, "env")) {
        gl_fail(err, GL_E_USAGE, _("which environment is to be made?"));
        return gl_error_hint(err, _("Name it: golive up --env ENV."));
    }
    int failed = open_all(&up, err);
    if (failed < 0) {
        gl_stack_table_clear(&up.table);
        return failed;
    }
    failed = make_plan(&up, err);
    if (failed < 0) {
        gl_stack_table_clear(&up.table);
        return leave(&up, failed, err);
    }
    size_t changes = count_changes(up.plan, &data);
    failed = show_plan(&up, changes, data, err);
    if (failed < 0)
        return leave(&up, failed, err);
    if (gl_flag_bool(context, "dry-run")) {
        gl_stack_table_say(&up.table, "note",
                           _("Nothing was changed. Without --dry-run this is done."));
        return leave(&up, 0, err);
    }
    if (changes)
        failed = confirm(&up, err);
    return failed < 0 ? leave(&up, failed, err) : execute(&up, err);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"yes",     'y', GL_FLAG_BOOL, NULL,       NULL, N_("do not ask; data still needs --confirm")},
    {"confirm",   0, GL_FLAG_LIST, N_("TEXT"), NULL, N_("logical id of a resource with data that may be replaced or removed, or the environment for all")},
    {"stack",     0, GL_FLAG_TEXT, N_("NAME"), NULL, N_("only this stack and those it needs")},
    {"plan",      0, GL_FLAG_TEXT, N_("ID"),   NULL, N_("execute the change sets that golive plan --keep made")},
    {"dry-run", 'n', GL_FLAG_BOOL, NULL,       NULL, N_("show the plan and stop")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive up --env stg",                  N_("show what would change, ask, do it")},
    {"golive up --env prod --plan p-1f0a9b3c", N_("exactly the change sets that were reviewed")},
    {"golive up --env stg --stack service",  N_("one stack and what it needs")},
    {"golive up --env dev --yes --format json", N_("for a pipeline: one JSON object a line")},
    {0},
};

/* clang-format on */

const struct gl_command gl_cmd_up = {
    .name = "up",
    .summary = N_("make the infrastructure of an environment what golive.yaml says"),
    .text = N_(
        "CloudFormation does the work, by a change set of each stack; stacks that do not need each "
        "other are made side by side. All that is known is in the account: whatever ended an "
        "earlier run, running it again goes on from there, and puts right what failed before, "
        "after asking. A resource that holds data is replaced or removed only after its name was "
        "typed. When CloudFormation is done, the services themselves are asked whether everything "
        "is as planned.\n\n"
        "Exit status: 0 all is as planned, 4 CloudFormation took a change back, 5 somebody else is "
        "at work, 6 interrupted (CloudFormation goes on), 7 refused or not confirmed, 14 a stack "
        "failed, 16 the account does not show what was made."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .run = run,
};
