/* golive deploy: ships the working tree as a new release. */
#include "base/i18n.h"
#include "cmd/commands.h"
#include "cmd/progress.h"

int gl_cmd_operation(struct gl_context *context, gl_operation_fn *operation, int64_t rollback_to,
                     struct gl_error *err)
{
    gl_autoplatform struct gl_platform *platform = NULL;
    struct gl_progress progress;
    struct gl_reporter reporter = gl_progress_reporter(&progress, context);
    int failed = gl_platform_open(context->config, context->state_dir, &platform, err);
    if (failed < 0)
        return failed;
    gl_progress_platform(platform, &progress);
    struct gl_release_request request = {
        .config = context->config,
        .ledger = context->ledger,
        .platform = platform,
        .state_dir = context->state_dir,
        .reporter = &reporter,
        .dry_run = gl_flag_bool(context, "dry-run"),
        .abort_unfinished = operation == gl_release_deploy && gl_flag_bool(context, "abort"),
        .resume_only = operation == gl_release_deploy && gl_flag_bool(context, "resume"),
        .rollback_to = rollback_to,
    };
    struct gl_release_outcome outcome = {0};
    int result = operation(&request, &outcome, err);
    if (!request.dry_run)
        gl_progress_outcome(&progress, &outcome);
    /* The outcome already said why; an error line would say it twice. */
    bool said = result == GL_E_ROLLED_BACK || (outcome.undone && result == GL_E_INTERRUPTED);
    if (said && !context->format_json) {
        gl_error_done(err);
        err->code = result;
    }
    if (request.dry_run && result == 0 && !context->format_json)
        fputs(_("Nothing was changed.\n"), context->out);
    gl_release_outcome_done(&outcome);
    return result;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    if (gl_flag_bool(context, "resume") && gl_flag_bool(context, "abort")) {
        gl_fail(err, GL_E_USAGE, _("--resume and --abort exclude each other"));
        return gl_error_hint(err, _("One goes on with the interrupted release, one undoes it."));
    }
    return gl_cmd_operation(context, gl_release_deploy, 0, err);
}

static const struct gl_flag flags[] = {
    {"dry-run",     'n', GL_FLAG_BOOL, NULL, NULL, N_("show every step and what it would do")},
    {"resume", 0, GL_FLAG_BOOL, NULL, NULL,
     N_("only go on with an interrupted release; refuse when there is none or the source has changed")},
    {"abort",         0, GL_FLAG_BOOL, NULL, NULL, N_("undo an interrupted release or rollback and stop")},
    {0            },
};

static const struct gl_example examples[] = {
    {"golive deploy --env local",         N_("release the working tree on this machine")},
    {"golive deploy --env local --dry-run",                                   N_("only show the steps")},
    {"golive deploy --env local --abort",N_("undo what a killed deploy left")},
    {0},
};

const struct gl_command gl_cmd_deploy = {
    .name = "deploy",
    .summary = N_(
        "release the working tree: build, migrate, shift traffic, watch; roll back when it is not "
        "good"),
    .text = N_(
        "Every step is in the ledger before it begins and after it ends. A deploy that was killed goes on "
        "when it is started again, or is undone when the source has changed since. The version that "
        "served before stays warm. Ctrl-C undoes the release."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG | GL_NEEDS_LEDGER,
    .run = run,
};
