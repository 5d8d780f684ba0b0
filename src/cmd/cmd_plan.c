/* golive plan: what the infrastructure of an environment would be, and what it costs. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/plan_live.h"
#include "infra/compare.h"
#include "infra/export.h"
#include "infra/render.h"

/* ---- showing -----------------------------------------------------------------------------------
 */

static void print_head(struct gl_context *context, const struct gl_plan *plan, int64_t begin_us)
{
    size_t certain = 0;
    size_t perhaps = 0;
    for (size_t i = 0; i < plan->count; i++) {
        struct gl_change_counts counts = gl_change_count(&plan->stacks[i].change);
        certain += counts.added - counts.perhaps;
        perhaps += counts.perhaps;
    }
    gl_autofree char *took = gl_format_duration((double)(gl_mono_us() - begin_us) / 1000);
    gl_autofree char *more = perhaps ? gl_asprintf(_(" + %zu perhaps"), perhaps) : gl_strdup("");
    fprintf(context->out, _("%s, %s: %zu stacks, %zu resources%s          offline, %s\n"),
            gl_config_str(plan->config, "app.name"), plan->env, plan->count, certain, more, took);
}

int gl_cmd_show_stack(struct gl_context *context, struct gl_plan *plan, const char *name,
                      struct gl_error *err)
{
    struct gl_plan_stack *stack = gl_plan_find(plan, name);
    if (gl_starts_with(name, "release/")) {
        int failed = gl_plan_release(plan, name + strlen("release/"), &stack, err);
        if (failed < 0)
            return failed;
    }
    if (!stack && gl_catalog_find(plan->catalog, name)) {
        gl_fail(err, GL_E_NOT_FOUND, _("%s has no stack %s"), plan->env, name);
        return gl_error_hint(err, _("Its `when` does not hold for this environment."));
    }
    if (!stack)
        return gl_catalog_no_stack(plan->catalog, name, err);
    gl_autobuf struct gl_buf text = {0};
    struct gl_render how = {.colour = context->colour, .full = true};
    if (context->format_json) {
        gl_autojson json_t *json = gl_render_stack_json(plan, stack);
        gl_cmd_print_json(context, json);
        return 0;
    }
    gl_render_stack(&how, plan, stack, &text);
    fputs(gl_buf_text(&text), context->out);
    return 0;
}

static int show_plan(struct gl_context *context, struct gl_plan *plan, int64_t begin_us,
                     struct gl_error *err)
{
    struct gl_cost cost;
    int failed = gl_cost_of_plan(plan, &cost, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        gl_autojson json_t *json = gl_render_json(plan, &cost);
        gl_cmd_print_json(context, json);
        return 0;
    }
    gl_autobuf struct gl_buf text = {0};
    struct gl_render how = {.colour = context->colour};
    gl_render_plan(&how, plan, &text);
    gl_render_cost(&how, &cost, &text);
    print_head(context, plan, begin_us);
    fputs(gl_buf_text(&text), context->out);
    fprintf(context->out,
            _("Nothing was changed. One stack fully: golive plan --offline --env %s --stack "
              "NAME\n"),
            plan->env);
    return 0;
}

static int write_files(struct gl_context *context, struct gl_plan *plan, const char *dir,
                       struct gl_error *err)
{
    int failed = gl_export(plan, dir, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        gl_autojson json_t *json = json_object();
        gl_json_set_str(json, "dir", dir);
        gl_json_set_int(json, "stacks", (int64_t)plan->count);
        gl_cmd_print_json(context, json);
        return 0;
    }
    fprintf(context->out,
            _("Wrote %zu stacks to %s. Next: read %s/README.md; sh %s/deploy.sh makes them with "
              "the AWS CLI.\n"),
            plan->count, dir, dir, dir);
    return 0;
}

/* ---- two environments --------------------------------------------------------------------------
 */

static int show_difference(struct gl_context *context, const struct gl_catalog *catalog,
                           struct gl_error *err)
{
    if (context->args.count != 2) {
        gl_fail(err, GL_E_USAGE, _("--diff needs two environments"));
        return gl_error_hint(err, _("For example: golive plan --offline --diff stg prod"));
    }
    gl_autoplanned struct gl_planned before = {0};
    gl_autoplanned struct gl_planned after = {0};
    int failed = gl_cmd_plan_environment(context, context->args.items[0], catalog, &before, err);
    if (failed == 0)
        failed = gl_cmd_plan_environment(context, context->args.items[1], catalog, &after, err);
    if (failed < 0)
        return failed;
    struct gl_comparison comparison;
    gl_compare_plans(&before.plan, &after.plan, &comparison);
    if (context->format_json) {
        gl_autojson json_t *json = gl_compare_json(&comparison);
        gl_cmd_print_json(context, json);
    } else {
        gl_autobuf struct gl_buf text = {0};
        gl_compare_text(&comparison, context->colour, &text);
        fputs(gl_buf_text(&text), context->out);
    }
    if (comparison.counts[GL_VERDICT_MUST_NOT] == 0)
        return 0;
    gl_fail(err, GL_E_MISMATCH, _("%s and %s differ where they must not"), before.plan.env,
            after.plan.env);
    return gl_error_hint(err, _("What is tried in one must be what runs in the other."));
}

/* ---- the command -------------------------------------------------------------------------------
 */

/* Flags that say different things to do. */
static int check_usage(struct gl_context *context, struct gl_error *err)
{
    static const char *const live_only[] = {"drift", "keep", "profile"};
    bool offline = gl_flag_bool(context, "offline") || gl_flag_bool(context, "diff") ||
                   gl_flag_str(context, "out");
    if (context->args.count && !gl_flag_bool(context, "diff")) {
        gl_fail(err, GL_E_USAGE, _("`%s` is not understood here"), context->args.items[0]);
        return gl_error_hint(err, _("Two environments are compared with --diff."));
    }
    for (size_t i = 0; offline && i < GL_COUNT(live_only); i++) {
        bool given = strcmp(live_only[i], "profile") == 0 ? gl_flag_str(context, "profile") != NULL
                                                          : gl_flag_bool(context, live_only[i]);
        if (given)
            return gl_fail(err, GL_E_USAGE, _("--%s needs the account: leave out --offline"),
                           live_only[i]);
    }
    if (gl_flag_bool(context, "drift") && gl_flag_bool(context, "keep"))
        return gl_fail(err, GL_E_USAGE, _("--drift makes no plan that could be kept"));
    return 0;
}

static int run_offline(struct gl_context *context, struct gl_error *err)
{
    int64_t begin_us = gl_mono_us();
    gl_autocatalog struct gl_catalog catalog = {0};
    gl_autoplanned struct gl_planned planned = {0};
    const char *env = NULL;
    const char *stack = gl_flag_str(context, "stack");
    const char *out = gl_flag_str(context, "out");
    int failed = gl_catalog_open(NULL, gl_config_dir(context->config), &catalog, err);
    if (failed < 0)
        return failed;
    if (gl_flag_bool(context, "diff"))
        return show_difference(context, &catalog, err);
    failed = gl_cmd_choose_environment(context, &env, err);
    if (failed == 0)
        failed = gl_cmd_plan_environment(context, env, &catalog, &planned, err);
    if (failed < 0)
        return failed;
    if (out)
        return write_files(context, &planned.plan, out, err);
    if (stack)
        return gl_cmd_show_stack(context, &planned.plan, stack, err);
    return show_plan(context, &planned.plan, begin_us, err);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    int failed = check_usage(context, err);
    if (failed < 0)
        return failed;
    if (gl_flag_bool(context, "drift"))
        return gl_cmd_plan_drift(context, err);
    if (gl_flag_bool(context, "offline") || gl_flag_bool(context, "diff") ||
        gl_flag_str(context, "out"))
        return run_offline(context, err);
    return gl_cmd_plan_live(context, err);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"offline",   0, GL_FLAG_BOOL, NULL,       NULL, N_("evaluate the stacks without network")},
    {"stack",     0, GL_FLAG_TEXT, N_("NAME"), NULL, N_("show one stack, property by property")},
    {"keep",      0, GL_FLAG_BOOL, NULL,       NULL, N_("leave the change sets for golive up --plan ID, valid 60 minutes")},
    {"drift",     0, GL_FLAG_BOOL, NULL,       NULL, N_("show what was changed by hand since the stacks were made")},
    {"exit-code", 0, GL_FLAG_BOOL, NULL,       NULL, N_("exit status 16 if there are changes or drift")},
    {"out",       0, GL_FLAG_TEXT, N_("DIR"),  NULL, N_("write templates and parameters as files for the AWS CLI")},
    {"diff",      0, GL_FLAG_BOOL, NULL,       NULL, N_("compare two environments and say whether they may differ")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive plan",                                    N_("what golive up would change in prod, by CloudFormation's own change sets")},
    {"golive plan --env stg --keep",                   N_("the same, to be executed exactly so by golive up --plan ID")},
    {"golive plan --drift --exit-code",                N_("what was changed by hand; for a nightly job")},
    {"golive plan --offline",                          N_("everything that prod consists of, and what it costs")},
    {"golive plan --offline --env stg --stack network", N_("one stack, property by property")},
    {"golive plan --offline --diff stg prod",          N_("where two environments differ")},
    {"golive plan --out cloudformation",               N_("plain files for the AWS CLI")},
    {0},
};

/* clang-format on */

const struct gl_command gl_cmd_plan = {
    .name = "plan",
    .arguments = "[ENV ENV]",
    .summary = N_("show the infrastructure of an environment and its cost"),
    .text = N_("Without --env it is prod, or the only environment. CloudFormation is asked, by a "
               "change set of each stack, what golive up would change; the change sets are removed "
               "again, unless --keep. With --offline nothing is asked: values that exist only in "
               "the account are shown as such. Costs are estimates from list prices, and what they "
               "lack is listed.\n\n"
               "The exit status is 0 whether there are changes or not; with --exit-code it is 16 "
               "when there are (or drift that golive does not make itself), with --diff when the "
               "environments differ where they must not. Rights: policies/plan.json."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 2,
    .run = run,
};
