/* golive down: removes the infrastructure of an environment. */
#include "infra/down.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/ask.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/stack_table.h"
#include "infra/stays.h"

struct command {
    struct gl_context *context;
    struct gl_aws_context aws;
    struct gl_plan *plan;
    struct gl_down down;
    struct gl_lease *lease;
    struct gl_stack_table table;
    int64_t begin_ms;
};

static void command_done(struct command *c)
{
    gl_lease_release(&c->lease);
    gl_aws_context_done(&c->aws);
}

/* ---- what would be lost ------------------------------------------------------------------------
 */

static const struct {
    const char *word; /* for JSON */
    const char *text; /* N_() */
} fates[] = {
    [GL_FATE_GONE] = {"deleted",  N_("deleted with all it holds")                           },
    [GL_FATE_SNAPSHOT] = {"snapshot", N_("deleted after a last snapshot, which stays and costs")},
    [GL_FATE_STAYS] = {"stays",    N_("stays in the account, and costs")                     },
};

static json_t *resource_json(const struct gl_down_resource *resource)
{
    json_t *json = json_object();
    gl_json_set_str(json, "id", resource->id);
    gl_json_set_str(json, "type", resource->type);
    gl_json_set_str(json, "physical_id", resource->physical_id);
    gl_json_set_str(json, "fate", fates[resource->fate].word);
    gl_json_set_bool(json, "data", resource->data);
    gl_json_set_str(json, "size", resource->size);
    return json;
}

static json_t *survey_json(const struct gl_down *down)
{
    json_t *json = json_object();
    json_t *stacks = json_array();
    for (size_t i = 0; i < down->count; i++) {
        const struct gl_down_stack *stack = &down->stacks[i];
        json_t *one = json_object();
        json_t *data = json_array();
        for (size_t r = 0; r < stack->resource_count; r++) {
            if (stack->resources[r].data || stack->resources[r].fate != GL_FATE_GONE)
                json_array_append_new(data, resource_json(&stack->resources[r]));
        }
        gl_json_set_str(one, "stack", stack->key);
        gl_json_set_str(one, "stack_name", stack->stack_name);
        gl_json_set_str(one, "region", stack->region);
        gl_json_set_int(one, "resources", (int64_t)stack->resource_count);
        json_object_set_new(one, "data", data);
        json_array_append_new(stacks, one);
    }
    gl_json_set_str(json, "env", down->plan->env);
    gl_json_set_str(json, "foreign", down->foreign);
    gl_json_set_str(json, "shared", down->shared);
    json_object_set_new(json, "stacks", stacks);
    return json;
}

static void show_fate(FILE *out, const struct gl_down *down, enum gl_fate fate)
{
    bool head = false;
    for (size_t i = 0; i < down->count; i++) {
        const struct gl_down_stack *stack = &down->stacks[i];
        for (size_t r = 0; r < stack->resource_count; r++) {
            const struct gl_down_resource *resource = &stack->resources[r];
            if (resource->fate != fate || (fate == GL_FATE_GONE && !resource->data))
                continue;
            if (!head)
                fprintf(out, "%s:\n", _(fates[fate].text));
            head = true;
            fprintf(out, "  %s: %s  %s  %s%s%s\n", stack->key, resource->id, resource->type,
                    resource->physical_id, resource->size ? "  " : "",
                    resource->size ? resource->size : "");
        }
    }
}

static void show_survey(struct command *c)
{
    const struct gl_down *down = &c->down;
    FILE *out = c->context->out;
    size_t resources = 0;
    if (c->context->format_json) {
        gl_stack_table_json(&c->table, "survey", survey_json(down));
        return;
    }
    for (size_t i = 0; i < down->count; i++)
        resources += down->stacks[i].resource_count;
    fprintf(out, _("%s, %s, account %s: %zu stacks with %zu resources would be removed\n"),
            gl_config_str(c->plan->config, "app.name"), c->plan->env, c->plan->account_id,
            down->count, resources);
    for (size_t i = 0; i < down->count; i++) {
        const struct gl_down_stack *stack = &down->stacks[i];
        fprintf(out, "  - %-26s %-40s %s%s\n", stack->key, stack->stack_name, stack->status,
                stack->planned ? "" : _("   (golive.yaml does not make it any more)"));
    }
    show_fate(out, down, GL_FATE_GONE);
    show_fate(out, down, GL_FATE_SNAPSHOT);
    show_fate(out, down, GL_FATE_STAYS);
    if (down->shared)
        fprintf(out, _("Stacks of the whole account stay: %s (--account removes them, too)\n"),
                down->shared);
    if (down->foreign)
        fprintf(out, _("Not touched, because their tags are not golive's: %s\n"), down->foreign);
    fflush(out);
}

/* ---- while it runs -----------------------------------------------------------------------------
 */

static const struct {
    enum gl_row_mark mark;
    const char *word;
    const char *text; /* N_() */
} states[] = {
    [GL_DOWN_WAITING] = {GL_ROW_RUNNING, "waiting", N_("waits")               },
    [GL_DOWN_RUNNING] = {GL_ROW_RUNNING, "running", N_("is being removed")    },
    [GL_DOWN_GONE] = {GL_ROW_GOOD,    "gone",    N_("removed")             },
    [GL_DOWN_FAILED] = {GL_ROW_BAD,     "failed",  N_("could not be removed")},
    [GL_DOWN_BLOCKED] = {GL_ROW_LEFT,    "blocked", N_("not begun")           },
    [GL_DOWN_LEFT] = {GL_ROW_LEFT,    "left",    N_("not begun")           },
};

static char *text_of(const struct gl_down_stack *stack)
{
    if (stack->state == GL_DOWN_RUNNING && stack->resource)
        return gl_asprintf("%s  %s", stack->resource, stack->resource_status);
    if (stack->state == GL_DOWN_GONE && stack->snapshot)
        return gl_asprintf(_("removed; last snapshot %s"), stack->snapshot);
    return gl_strdup(_(states[stack->state].text));
}

static struct gl_row row_of(const struct gl_down_stack *stack, const char *text)
{
    int64_t end_ms = stack->ended_ms ? stack->ended_ms : gl_mono_ms();
    return (struct gl_row){
        .mark = states[stack->state].mark,
        .stack = stack->key,
        .word = states[stack->state].word,
        .text = text,
        .status = stack->status,
        .reason = stack->reason,
        .elapsed_ms = stack->begun_ms ? end_ms - stack->begun_ms : -1,
    };
}

static void on_changed(const struct gl_down_stack *stack, void *data)
{
    struct command *c = data;
    if (c->table.terminal && stack->state == GL_DOWN_RUNNING)
        return;
    gl_autofree char *text = text_of(stack);
    struct gl_row row = row_of(stack, text);
    if (stack->state == GL_DOWN_RUNNING)
        row.elapsed_ms = -1;
    gl_stack_table_line(&c->table, &row);
}

static void on_event(const struct gl_down_stack *stack, const struct gl_stack_event *event,
                     void *data)
{
    struct command *c = data;
    gl_stack_table_event(&c->table, stack->key, event);
}

static void on_round(const struct gl_down_stack *stacks, size_t count, void *data)
{
    struct command *c = data;
    struct gl_arena arena = {0};
    struct gl_row *rows = gl_arena_alloc(&arena, (count + 1) * sizeof *rows);
    size_t running = 0;
    size_t waiting = 0;
    for (size_t i = 0; i < count; i++) {
        waiting += stacks[i].state == GL_DOWN_WAITING;
        if (stacks[i].state != GL_DOWN_RUNNING)
            continue;
        gl_autofree char *text = text_of(&stacks[i]);
        rows[running++] = row_of(&stacks[i], gl_arena_strdup(&arena, text));
    }
    const char *rest = gl_arena_printf(&arena, _("%zu stacks wait"), waiting);
    gl_stack_table_draw(&c->table, rows, running, waiting ? rest : NULL);
    gl_arena_done(&arena);
}

static void on_stopping(size_t running, void *data)
{
    struct command *c = data;
    gl_autofree char *text = gl_asprintf(
        _("Interrupted: nothing new begins. CloudFormation goes on with %zu stacks, which are "
          "watched to their end;\nCtrl-C again leaves at once, and golive down --env %s goes on "
          "whenever it is run."),
        running, c->plan->env);
    gl_stack_table_say(&c->table, "stopping", text);
}

static int on_ask(const struct gl_down_stack *stack, const char *text, void *data,
                  struct gl_error *err)
{
    struct command *c = data;
    gl_autofree char *line = NULL;
    if (gl_flag_bool(c->context, "leave"))
        return 0;
    if (!gl_cmd_can_ask(c->context)) {
        gl_fail(err, GL_E_REFUSED, _("%s could not be removed: %s"), stack->stack_name, text);
        return gl_error_hint(err, _("Remove what is in the way, or let it stay in the account: "
                                    "golive down --leave."));
    }
    gl_autofree char *shown =
        gl_asprintf(_("%s cannot be removed because of: %s"), stack->stack_name, text);
    gl_stack_table_say(&c->table, "question", shown);
    int failed = gl_cmd_ask(
        c->context, _("Remove the stack and leave those in the account? Type yes: "), &line, err);
    if (failed == 0 && strcmp(line, "yes") != 0)
        failed = gl_fail(err, GL_E_REFUSED, _("not confirmed: %s"), text);
    return failed;
}

/* ---- the command -------------------------------------------------------------------------------
 */

/* The environment's name, typed; nothing else will do. */
static int confirm(struct command *c, struct gl_error *err)
{
    gl_autofree char *line = NULL;
    const char *given = gl_flag_str(c->context, "confirm");
    const char *env = c->plan->env;
    if (!given && !gl_cmd_can_ask(c->context)) {
        gl_fail(err, GL_E_REFUSED, _("nothing was removed: there is nobody to ask"));
        return gl_error_hint(err, _("If that is meant: golive down --env %s --confirm %s"), env,
                             env);
    }
    gl_autofree char *prompt = gl_asprintf(_("Type %s to remove all that: "), env);
    int failed = given ? 0 : gl_cmd_ask(c->context, prompt, &line, err);
    if (failed == 0 && strcmp(given ? given : line, env) != 0)
        failed = gl_fail(err, GL_E_REFUSED, _("nothing was removed: that is not `%s`"), env);
    return failed;
}

static int record(struct command *c, const char *kind, json_t *data, struct gl_error *err)
{
    int failed = gl_ledger_append(c->context->ledger, kind, c->plan->env, 0, data, NULL, err);
    json_decref(data);
    return failed;
}

/* What stays of stacks that are gone, and has a name that the next `golive up` would need. */
static bool is_in_the_way(const struct gl_down_stack *stack,
                          const struct gl_down_resource *resource)
{
    return stack->state == GL_DOWN_GONE && resource->fate == GL_FATE_STAYS &&
           gl_stay_blocks(resource->type);
}

static json_t *stays_json(const struct gl_down *down)
{
    json_t *list = json_array();
    for (size_t i = 0; i < down->count; i++) {
        const struct gl_down_stack *stack = &down->stacks[i];
        for (size_t r = 0; r < stack->resource_count; r++) {
            if (!is_in_the_way(stack, &stack->resources[r]))
                continue;
            json_t *one = resource_json(&stack->resources[r]);
            gl_autofree char *command = gl_stay_command(
                stack->resources[r].type, stack->resources[r].physical_id, stack->region);
            gl_json_set_str(one, "stack", stack->key);
            gl_json_set_str(one, "delete", command);
            json_array_append_new(list, one);
        }
    }
    return list;
}

static void show_stays(const struct command *c)
{
    gl_autojson json_t *list = stays_json(&c->down);
    size_t i;
    const json_t *one;
    if (json_array_size(list))
        fprintf(c->context->out, "%s\n",
                _("These names stay taken, and the next golive up would stop at them. Delete what "
                  "is not needed any more:"));
    json_array_foreach(list, i, one)
        fprintf(c->context->out, "  %s: %s\n      %s\n", gl_json_str(one, "stack", ""),
                gl_json_str(one, "id", ""), gl_json_str(one, "delete", ""));
    if (json_array_size(list))
        fprintf(c->context->out, "%s\n",
                _("Or import it into the new stack; docs/stacks.md says how."));
}

static void show_end(struct command *c, int code)
{
    size_t counts[GL_DOWN_STATE_COUNT] = {0};
    for (size_t i = 0; i < c->down.count; i++)
        counts[c->down.stacks[i].state]++;
    gl_stack_table_clear(&c->table);
    if (c->context->format_json) {
        json_t *json = json_object();
        gl_json_set_bool(json, "ok", code == 0);
        for (int state = 0; state < GL_DOWN_STATE_COUNT; state++)
            gl_json_set_int(json, states[state].word, (int64_t)counts[state]);
        gl_json_set_int(json, "elapsed_ms", gl_mono_ms() - c->begin_ms);
        json_object_set_new(json, "stays", stays_json(&c->down));
        gl_stack_table_json(&c->table, "outcome", json);
        return;
    }
    gl_autofree char *took = gl_format_duration((double)(gl_mono_ms() - c->begin_ms));
    fprintf(c->context->out, _("%s: %zu stacks removed, %zu failed, %zu not begun; %s. %s\n"),
            c->plan->env, counts[GL_DOWN_GONE], counts[GL_DOWN_FAILED],
            counts[GL_DOWN_BLOCKED] + counts[GL_DOWN_LEFT], took,
            code == 0 ? _("What stays is listed above and goes on costing.")
                      : _("golive down goes on from here."));
    show_stays(c);
}

static int execute(struct command *c, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    struct gl_down_options options = {
        .ledger = c->context->ledger,
        .lease = c->lease,
        .reporter = {on_changed, on_event, on_round, on_stopping, on_ask, c},
    };
    int failed = record(c, "infra.down.begin", survey_json(&c->down), err);
    if (failed < 0)
        return failed;
    failed = gl_down_run(&c->down, &options, err);
    json_t *end = json_object();
    gl_json_set_str(end, "error", err->message);
    int recorded = record(c, "infra.down.end", end, &own);
    show_end(c, failed);
    if (failed == 0 && recorded < 0)
        gl_error_move(err, &own);
    return failed < 0 ? failed : recorded;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(command_done) struct command c = {.context = context, .begin_ms = gl_mono_ms()};
    gl_stack_table_init(&c.table, context);
    if (!gl_flag_str(context, "env")) {
        gl_fail(err, GL_E_USAGE, _("which environment is to be removed?"));
        return gl_error_hint(err, _("Name it: golive down --env ENV."));
    }
    int failed = gl_aws_context_open(context, &c.aws, err);
    c.plan = &c.aws.planned.plan;
    if (failed == 0)
        failed = gl_cmd_need_ledger(context, &c.aws, err);
    if (failed > 0) {
        gl_stack_table_say(&c.table, "note", _(gl_cmd_own_ledger_note));
        failed = 0;
    }
    if (failed == 0 && !gl_flag_bool(context, "dry-run"))
        failed = gl_cmd_take_lease(context, c.plan->env, "down", &c.lease, err);
    if (failed == 0)
        failed =
            gl_down_survey(c.plan, c.aws.account, gl_flag_bool(context, "account"), &c.down, err);
    if (failed < 0)
        return failed;
    show_survey(&c);
    if (gl_flag_bool(context, "dry-run") || c.down.count == 0) {
        gl_stack_table_say(&c.table, "note",
                           c.down.count ? _("Nothing was removed.")
                                        : _("There is nothing to remove."));
        return 0;
    }
    failed = confirm(&c, err);
    return failed < 0 ? failed : execute(&c, err);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"confirm",   0, GL_FLAG_TEXT, N_("ENV"),  NULL, N_("the environment's name, instead of typing it")},
    {"account",   0, GL_FLAG_BOOL, NULL,       NULL, N_("remove the stacks of the whole account, too (bootstrap, ci, audit)")},
    {"leave",     0, GL_FLAG_BOOL, NULL,       NULL, N_("leave resources that cannot be removed in the account, without asking")},
    {"dry-run", 'n', GL_FLAG_BOOL, NULL,       NULL, N_("show what would be lost and stop")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive down --env dev --dry-run",       N_("what would be lost, what stays and costs")},
    {"golive down --env dev",                 N_("the same, then ask for the name and remove it")},
    {"golive down --env dev --confirm dev",   N_("without asking")},
    {0},
};

/* clang-format on */

const struct gl_command gl_cmd_down = {
    .name = "down",
    .summary = N_("remove the infrastructure of an environment"),
    .text = N_(
        "Shows what would be lost, then asks for the environment's name. Only stacks whose tags say "
        "that they are of this application and environment are touched. Deletion protection is "
        "turned off only after that; a database leaves a last snapshot, and golive looks whether it "
        "is there; buckets and image repositories that go are emptied first. What a stack is to "
        "keep (DeletionPolicy Retain) stays in the account. Running it again goes on.\n\n"
        "Exit status: 0 all is gone, 5 somebody else is at work, 6 interrupted (CloudFormation goes "
        "on), 7 refused or not confirmed, 14 a stack could not be removed, 16 a last snapshot is "
        "missing."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .run = run,
};
