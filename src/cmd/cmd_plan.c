/* golive plan: what the infrastructure of an environment would be, and what it costs. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/commands.h"
#include "infra/checks.h"
#include "infra/compare.h"
#include "infra/export.h"
#include "infra/region.h"
#include "infra/render.h"

/* One environment: its configuration and what it makes of the stacks. */
struct planned {
    struct gl_config *own; /* NULL: the context's configuration is of this environment already */
    struct gl_plan plan;
};

static void planned_done(struct planned *planned)
{
    gl_plan_done(&planned->plan);
    gl_config_free(&planned->own);
}

/* ---- which environment -------------------------------------------------------------------------
 */

static int no_environment(json_t *environments, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    const char *name;
    json_t *unused;
    json_object_foreach((json_t *)environments, name, unused) gl_strv_add(&names, name);
    gl_autofree char *all = gl_strv_join(&names, ", ");
    gl_fail(err, GL_E_USAGE, _("which environment?"));
    return gl_error_hint(err, _("Name it: golive plan --env ENV. golive.yaml has: %s."), all);
}

/* --env, else prod, else the only one there is. */
static int choose_environment(struct gl_context *context, const char **ret_env,
                              struct gl_error *err)
{
    const char *given = gl_flag_str(context, "env");
    json_t *environments =
        json_object_get((json_t *)gl_config_tree(context->config), "environments");
    const char *only = json_object_size(environments) == 1
                           ? json_object_iter_key(json_object_iter(environments))
                           : NULL;
    const char *env = given ? given : json_object_get(environments, "prod") ? "prod" : only;
    if (!env)
        return no_environment(environments, err);
    *ret_env = env;
    return 0;
}

/* Shows mistakes with their lines; the error says the rest. */
static int show_mistakes(struct gl_context *context, struct gl_diagnostics *list,
                         struct gl_error *err)
{
    int failed = gl_check_summary(list, err);
    if (failed < 0 && !context->format_json) {
        gl_diagnostics_print(list, stderr, context->colour);
        gl_error_done(err);
        err->code = failed; /* shown already */
    }
    return failed;
}

static int load_environment(struct gl_context *context, const char *env,
                            struct gl_config **ret_config, struct gl_error *err)
{
    gl_autodiag struct gl_diagnostics list = {0};
    struct gl_config_request request = {
        .path = gl_config_path(context->config),
        .env = env,
        .set = gl_flag_list(context, "set"),
    };
    int failed = gl_config_load(&request, ret_config, &list, err);
    if (failed == GL_E_CONFIG && list.count && !context->format_json) {
        gl_diagnostics_print(&list, stderr, context->colour);
        gl_error_done(err);
        err->code = GL_E_CONFIG; /* shown already */
    }
    return failed;
}

static int plan_environment(struct gl_context *context, const char *env,
                            const struct gl_catalog *catalog, struct planned *planned,
                            struct gl_error *err)
{
    gl_autodiag struct gl_diagnostics list = {0};
    const struct gl_config *config = context->config;
    int failed = 0;
    if (strcmp(gl_config_env(config), env) != 0) {
        failed = load_environment(context, env, &planned->own, err);
        config = planned->own;
    }
    if (failed < 0)
        return failed;
    gl_check_environment(config, &list);
    failed = show_mistakes(context, &list, err);
    if (failed == 0)
        failed = gl_plan_make(config, catalog, &planned->plan, err);
    if (failed < 0)
        return failed;
    gl_check_names(&planned->plan, &list);
    return show_mistakes(context, &list, err);
}

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
    if (gl_region_zones(plan->region) == 0)
        fprintf(context->out, _("Note: golive does not know the region %s; check its name.\n"),
                plan->region);
}

static int show_stack(struct gl_context *context, struct gl_plan *plan, const char *name,
                      struct gl_error *err)
{
    const struct gl_plan_stack *stack = gl_plan_find(plan, name);
    if (!stack && gl_catalog_find(plan->catalog, name)) {
        gl_fail(err, GL_E_NOT_FOUND, _("%s has no stack %s"), plan->env, name);
        return gl_error_hint(err, _("Its `when` does not hold for this environment."));
    }
    if (!stack)
        return gl_catalog_no_stack(plan->catalog, name, err);
    gl_autobuf struct gl_buf text = {0};
    struct gl_render how = {.colour = context->colour, .full = true};
    if (context->format_json) {
        gl_autojson json_t *json = gl_render_json(plan, NULL, stack);
        gl_autofree char *pretty = gl_json_pretty(json);
        fputs(pretty, context->out);
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
        gl_autojson json_t *json = gl_render_json(plan, &cost, NULL);
        gl_autofree char *pretty = gl_json_pretty(json);
        fputs(pretty, context->out);
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
        gl_autofree char *pretty = gl_json_pretty(json);
        fputs(pretty, context->out);
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
    gl_cleanup(planned_done) struct planned before = {0};
    gl_cleanup(planned_done) struct planned after = {0};
    int failed = plan_environment(context, context->args.items[0], catalog, &before, err);
    if (failed == 0)
        failed = plan_environment(context, context->args.items[1], catalog, &after, err);
    if (failed < 0)
        return failed;
    struct gl_comparison comparison;
    gl_compare_plans(&before.plan, &after.plan, &comparison);
    if (context->format_json) {
        gl_autojson json_t *json = gl_compare_json(&comparison);
        gl_autofree char *pretty = gl_json_pretty(json);
        fputs(pretty, context->out);
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

static int check_usage(struct gl_context *context, struct gl_error *err)
{
    if (!gl_flag_bool(context, "offline")) {
        gl_fail(err, GL_E_USAGE, _("the plan against the account cannot be made yet"));
        return gl_error_hint(err, _("golive plan --offline evaluates the stacks without network."));
    }
    if (context->args.count && !gl_flag_bool(context, "diff")) {
        gl_fail(err, GL_E_USAGE, _("`%s` is not understood here"), context->args.items[0]);
        return gl_error_hint(err, _("Two environments are compared with --diff."));
    }
    return 0;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    int64_t begin_us = gl_mono_us();
    gl_autocatalog struct gl_catalog catalog = {0};
    gl_cleanup(planned_done) struct planned planned = {0};
    const char *env = "";
    const char *stack = gl_flag_str(context, "stack");
    const char *out = gl_flag_str(context, "out");
    int failed = check_usage(context, err);
    if (failed == 0)
        failed = gl_catalog_open(NULL, gl_config_dir(context->config), &catalog, err);
    if (failed < 0)
        return failed;
    if (gl_flag_bool(context, "diff"))
        return show_difference(context, &catalog, err);
    failed = choose_environment(context, &env, err);
    if (failed == 0)
        failed = plan_environment(context, env, &catalog, &planned, err);
    if (failed < 0)
        return failed;
    if (out)
        return write_files(context, &planned.plan, out, err);
    if (stack)
        return show_stack(context, &planned.plan, stack, err);
    return show_plan(context, &planned.plan, begin_us, err);
}

static const struct gl_flag flags[] = {
    {"offline",     0, GL_FLAG_BOOL, NULL, NULL, N_("evaluate the stacks without network")},
    {"stack", 0, GL_FLAG_TEXT, N_("NAME"), NULL, N_("show one stack, property by property")},
    {"out",         0, GL_FLAG_TEXT, N_("DIR"), NULL,
     N_("write templates and parameters as files for the AWS CLI")},
    {"diff",             0, GL_FLAG_BOOL, NULL, NULL,
     N_("compare two environments and say whether they may differ")},
    {0           },
};

static const struct gl_example examples[] = {
    {"golive plan --offline",                 N_("everything that prod consists of, and what it costs")},
    {"golive plan --offline --env stg --stack network",                                       N_("one stack, property by property")},
    {"golive plan --offline --diff stg prod",N_("where two environments differ")},
    {"golive plan --offline --out cloudformation", N_("plain files for the AWS CLI")},
    {0                                      },
};

const struct gl_command gl_cmd_plan = {
    .name = "plan",
    .arguments = "[ENV ENV]",
    .summary = N_("show the infrastructure of an environment and its cost"),
    .text = N_("Without --env it is prod, or the only environment. Values that exist only in the "
               "account are shown as such; costs are estimates from list prices, and what they "
               "lack is listed. With --diff the exit status is 16 when the environments differ "
               "where they must not."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 2,
    .run = run,
};
