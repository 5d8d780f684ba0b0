/* golive plan against the account. */
#include "cmd/plan_live.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "infra/drift.h"
#include "infra/live_plan.h"
#include "infra/plan_id.h"

/* ---- one line that says what is being done -----------------------------------------------------
 */

static void say(void *data, const char *text)
{
    struct gl_context *context = data;
    if (!context->terminal)
        return;
    fprintf(context->out, "\r\033[K  ..  %s", text);
    fflush(context->out);
}

static void say_drift(void *data, size_t ready, size_t all)
{
    gl_autofree char *text = gl_asprintf(_("drift of %zu of %zu stacks is known"), ready, all);
    say(data, text);
}

static void say_nothing(struct gl_context *context)
{
    if (context->terminal)
        fputs("\r\033[K", context->out);
}

/* ---- a live plan -------------------------------------------------------------------------------
 */

struct live {
    struct gl_context *context;
    struct gl_aws_context aws;
    struct gl_live_plan plan;
    struct gl_plan before;
    struct gl_cost cost;
    struct gl_cost cost_before;
    char id[GL_PLAN_ID_SIZE];
    char *change_set;
    int64_t begin_us;
};

static void live_done(struct live *live)
{
    gl_plan_done(&live->before);
    gl_aws_context_done(&live->aws);
    free(live->change_set);
}

/* A signal ends the plan, not its cleaning up; only a second one leaves that, too. */
static int discard(struct live *live, struct gl_error *err)
{
    gl_interrupt_clear();
    say(live->context, _("removing the change sets"));
    int failed = gl_live_plan_discard(&live->plan, err);
    if (failed != GL_E_INTERRUPTED)
        return failed;
    gl_interrupt_clear();
    gl_error_done(err);
    failed = gl_live_plan_discard(&live->plan, err);
    return failed < 0 ? failed : gl_fail(err, GL_E_INTERRUPTED, _("interrupted"));
}

/* Removes what was made for looking; the first failure is the one that counts. */
static int clean_up(struct live *live, int failed, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    if (failed == 0 && gl_flag_bool(live->context, "keep"))
        return 0;
    int cleaned = discard(live, &own);
    if (failed == 0 && cleaned < 0)
        gl_error_move(err, &own);
    else if (cleaned < 0 && cleaned != GL_E_INTERRUPTED)
        gl_error_hint(err, _("Change sets named %s may be left: %s"), live->change_set,
                      own.message);
    return failed < 0 ? failed : cleaned;
}

/* For golive up --plan: from here, until the team's ledger is there. */
static int keep(struct live *live, struct gl_error *err)
{
    int failed = gl_cmd_need_ledger(live->context, &live->aws, err);
    if (failed < 0)
        return failed;
    return gl_plan_keep(live->context->ledger, live->plan.plan, live->id, gl_now_unix_ms(), err);
}

static int make_plan(struct live *live, struct gl_error *err)
{
    live->plan = (struct gl_live_plan){
        .plan = &live->aws.planned.plan,
        .account = live->aws.account,
        .change_set = live->change_set,
        .say = say,
        .say_context = live->context,
    };
    int failed = gl_live_plan_make(&live->plan, err);
    if (failed == 0)
        failed = gl_live_plan_before(&live->plan, &live->before, err);
    if (failed == 0)
        failed = gl_cost_of_plan(live->plan.plan, &live->cost, err);
    if (failed == 0)
        failed = gl_cost_of_plan(&live->before, &live->cost_before, err);
    if (failed == 0 && gl_flag_bool(live->context, "keep"))
        failed = keep(live, err);
    return clean_up(live, failed, err);
}

/* ---- showing it --------------------------------------------------------------------------------
 */

struct counts {
    size_t created, changed, unchanged, data_at_risk, later;
};

static struct counts count_stacks(const struct gl_plan *plan)
{
    struct counts counts = {0};
    for (size_t i = 0; i < plan->count; i++) {
        const struct gl_stack_change *change = &plan->stacks[i].change;
        counts.created += change->action == GL_CHANGE_ADD;
        counts.changed += change->action != GL_CHANGE_ADD && change->action != GL_CHANGE_NONE;
        counts.unchanged += change->action == GL_CHANGE_NONE;
        counts.later += change->note != NULL;
        counts.data_at_risk += gl_change_count(change).data_at_risk;
    }
    return counts;
}

static void print_head(const struct live *live, const struct counts *counts)
{
    const struct gl_plan *plan = live->plan.plan;
    gl_autofree char *took = gl_format_duration((double)(gl_mono_us() - live->begin_us) / 1000);
    fprintf(live->context->out,
            _("%s, %s, account %s: %zu stacks: %zu new, %zu changed, %zu unchanged          "
              "read-only, %s\n"),
            gl_config_str(plan->config, "app.name"), plan->env, plan->account_id, plan->count,
            counts->created, counts->changed, counts->unchanged, took);
}

static void print_next(const struct live *live, const struct counts *counts)
{
    FILE *out = live->context->out;
    const char *env = live->plan.plan->env;
    if (counts->later)
        fprintf(out,
                _("%zu stacks are planned from their templates alone: CloudFormation is asked when "
                  "golive up comes to them.\n"),
                counts->later);
    if (counts->data_at_risk)
        fprintf(out,
                _("%zu resources that hold data would be replaced or removed: golive up asks for "
                  "each by name.\n"),
                counts->data_at_risk);
    if (counts->created + counts->changed == 0)
        fprintf(out,
                _("Nothing to do: %s is as golive.yaml says. Changes by hand: golive plan "
                  "--drift --env %s\n"),
                env, env);
    else if (gl_flag_bool(live->context, "keep"))
        fprintf(out,
                _("Nothing was changed. golive up --env %s --plan %s executes exactly these change "
                  "sets (valid %d min).\n"),
                env, live->id, GL_PLAN_VALID_MINUTES);
    else
        fprintf(out, _("Nothing was changed. Next: golive up --env %s\n"), env);
}

static void print_json(struct live *live)
{
    gl_autojson json_t *json = gl_render_json(live->plan.plan, &live->cost);
    json_object_set_new(json, "cost_before", gl_render_cost_json(&live->cost_before));
    if (gl_flag_bool(live->context, "keep")) {
        gl_json_set_str(json, "plan", live->id);
        gl_json_set_int(json, "valid_minutes", GL_PLAN_VALID_MINUTES);
    }
    gl_cmd_print_json(live->context, json);
}

static void show(struct live *live, const struct counts *counts)
{
    if (live->context->format_json) {
        print_json(live);
        return;
    }
    gl_autobuf struct gl_buf text = {0};
    struct gl_render how = {.colour = live->context->colour};
    gl_render_plan(&how, live->plan.plan, &text);
    gl_render_cost_change(&how, &live->cost_before, &live->cost, &text);
    print_head(live, counts);
    fputs(gl_buf_text(&text), live->context->out);
    print_next(live, counts);
}

/* The exit status says what a program wants to know; a person has read it. */
static int exit_code(struct gl_context *context, size_t found, struct gl_error *err)
{
    if (!found || !gl_flag_bool(context, "exit-code"))
        return 0;
    err->code = GL_E_MISMATCH;
    return GL_E_MISMATCH;
}

int gl_cmd_plan_live(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(live_done) struct live live = {.context = context, .begin_us = gl_mono_us()};
    const char *stack = gl_flag_str(context, "stack");
    gl_plan_id_new(live.id);
    live.change_set = gl_plan_change_set_name(live.id);
    say(context, _("signing in"));
    int failed = gl_aws_context_open(context, &live.aws, err);
    if (failed == 0)
        failed = make_plan(&live, err);
    say_nothing(context);
    if (failed < 0)
        return failed;
    struct counts counts = count_stacks(live.plan.plan);
    if (stack)
        failed = gl_cmd_show_stack(context, live.plan.plan, stack, err);
    else
        show(&live, &counts);
    return failed < 0 ? failed : exit_code(context, counts.created + counts.changed, err);
}

/* ---- drift -------------------------------------------------------------------------------------
 */

static int detect(struct gl_context *context, struct gl_aws_context *aws,
                  struct gl_drift *ret_drift, struct gl_error *err)
{
    struct gl_plan *plan = &aws->planned.plan;
    struct gl_live_stack *stacks = gl_arena_alloc(&plan->arena, plan->count * sizeof *stacks);
    struct gl_drift_options options = {
        .plan = plan,
        .account = aws->account,
        .stacks = stacks,
        .say = say_drift,
        .say_context = context,
    };
    int failed = gl_live_stacks_read(plan, aws->account, stacks, err);
    return failed < 0 ? failed : gl_drift_detect(&options, ret_drift, err);
}

static void show_drift(struct gl_context *context, const struct gl_plan *plan,
                       const struct gl_drift *drift, int64_t begin_us)
{
    if (context->format_json) {
        gl_autojson json_t *json = gl_drift_json(drift);
        gl_json_set_str(json, "env", plan->env);
        gl_cmd_print_json(context, json);
        return;
    }
    gl_autofree char *took = gl_format_duration((double)(gl_mono_us() - begin_us) / 1000);
    gl_autobuf struct gl_buf text = {0};
    struct gl_render how = {.colour = context->colour};
    gl_drift_text(&how, drift, &text);
    fprintf(context->out,
            _("%s, %s: %zu of %zu stacks checked: %zu resources drifted          %s\n"),
            gl_config_str(plan->config, "app.name"), plan->env, drift->checked, drift->count,
            drift->found, took);
    fputs(gl_buf_text(&text), context->out);
    if (drift->found)
        fprintf(context->out,
                _("Nothing was changed. Take over what is right in golive.yaml or a stack; golive "
                  "up --env %s puts back only what it changes itself.\n"),
                plan->env);
    else if (drift->checked == 0)
        fprintf(context->out, _("There is nothing to compare yet. Next: golive up --env %s\n"),
                plan->env);
    else
        fputs(_("Nothing was changed by hand.\n"), context->out);
}

int gl_cmd_plan_drift(struct gl_context *context, struct gl_error *err)
{
    int64_t begin_us = gl_mono_us();
    gl_autoawscontext struct gl_aws_context aws = {0};
    struct gl_drift drift = {0};
    say(context, _("signing in"));
    int failed = gl_aws_context_open(context, &aws, err);
    if (failed == 0)
        failed = detect(context, &aws, &drift, err);
    say_nothing(context);
    if (failed < 0)
        return failed;
    show_drift(context, &aws.planned.plan, &drift, begin_us);
    return exit_code(context, drift.found, err);
}
