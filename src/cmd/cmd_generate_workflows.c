/* golive generate workflows: GitHub's workflows from golive.yaml. */
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/generated.h"
#include "generate/workflows.h"

static const char next[] =
    N_("Next: commit them. GitHub wants environments staging and production, and variables "
       "GOLIVE_DEB_URL and GOLIVE_DEB_SHA256 (the package that runners install).\n");

static int need_environment(const struct gl_context *context, const char *env, struct gl_error *err)
{
    const json_t *all = json_object_get(gl_config_tree(context->config), "environments");
    if (json_object_get(all, env))
        return 0;
    gl_fail(err, GL_E_CONFIG, _("golive.yaml has no environment %s"), env);
    return gl_error_hint(err,
                         _("The workflows release to stg, and promote from there to prod; both "
                           "must be under environments."));
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autoconfig struct gl_config *staging = NULL;
    gl_autoconfig struct gl_config *production = NULL;
    gl_autodocuments struct gl_documents workflows = {0};
    int failed = need_environment(context, "stg", err);
    if (failed == 0)
        failed = need_environment(context, "prod", err);
    if (failed == 0)
        failed = gl_cmd_load_environment(context, "stg", &staging, err);
    if (failed == 0)
        failed = gl_cmd_load_environment(context, "prod", &production, err);
    if (failed == 0)
        failed =
            gl_workflows_make(staging, production, gl_generated_replaces(context), &workflows, err);
    return failed < 0 ? failed : gl_generated_act(context, &workflows, _(next), err);
}

static const struct gl_example examples[] = {
    {"golive generate workflows",                            N_("write .github/workflows, or bring it up to date")},
    {"golive generate workflows --check",                                                      N_("in a check: are they what golive.yaml asks for?")},
    {"golive generate workflows --diff",N_("what would change")},
    {0                    },
};

const struct gl_command gl_cmd_generate_workflows = {
    .name = "generate workflows",
    .summary = N_("write workflows for GitHub Actions: checks, releases, promotion, nightly scans"),
    .text = N_(
        "Four files: ci.yml (format, lint, tests, builds, scans, a rehearsal of the release), deploy-staging.yml, "
        "deploy-production.yml (golive promote, rollback) and nightly.yml. They hold no long-lived key: AWS "
        "trusts the job of a GitHub environment. Actions are pinned by commit. Parts between the marks "
        "golive:begin and golive:end are golive's and made anew; everything else in the files is yours and "
        "stays. What was changed inside of a part is shown as a conflict and stays too, until --force."),
    .flags = gl_generated_flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .run = run,
};
