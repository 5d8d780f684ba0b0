/* golive deploy: ships the working tree as a new release. */
#include <string.h>

#include "base/i18n.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/progress.h"

int gl_cmd_operation(struct gl_context *context, gl_operation_fn *operation,
                     const struct gl_release_request *wanted, struct gl_error *err)
{
    gl_autoplatform struct gl_platform *platform = NULL;
    struct gl_progress progress;
    struct gl_reporter reporter = gl_progress_reporter(&progress, context);
    int failed = gl_cmd_open_platform(context, &platform, err);
    if (failed < 0)
        return failed;
    gl_progress_platform(platform, &progress);
    struct gl_release_request request = *wanted;
    request.config = context->config;
    request.ledger = context->ledger;
    request.platform = platform;
    request.state_dir = context->state_dir;
    request.reporter = &reporter;
    request.dry_run = gl_flag_bool(context, "dry-run");
    struct gl_release_outcome outcome = {0};
    int result = operation(&request, &outcome, err);
    /* Whoever stopped reading still learns how it ended. */
    if (gl_reader_is_gone(context->out))
        progress.out = stderr;
    if (outcome.waits)
        gl_error_move(&outcome.cause, err);
    if (!request.dry_run || outcome.waits)
        gl_progress_outcome(&progress, &outcome);
    /* The outcome already said why; an error line would say it twice, or call a wait a mistake. */
    if (outcome.waits || (outcome.told && !context->format_json)) {
        gl_error_done(err);
        err->code = result;
    }
    if (request.dry_run && result == 0 && !context->format_json)
        fputs(_("Nothing was changed.\n"), context->out);
    gl_release_outcome_done(&outcome);
    return result;
}

/* It is shown on terminals later: one line of plain text. */
static bool is_plain(const char *reason)
{
    bool plain = reason[strspn(reason, " ")] != '\0';
    for (const char *at = reason; *at; at++)
        plain = plain && (unsigned char)*at >= ' ' && *at != '\x7f';
    return plain;
}

int gl_cmd_despite(const struct gl_context *context, struct gl_release_request *request,
                   struct gl_error *err)
{
    const char *alarm = gl_flag_str(context, "despite-alarm");
    const char *reason = gl_flag_str(context, "reason");
    if (!alarm != !reason || (alarm && !(*alarm && is_plain(alarm) && is_plain(reason)))) {
        gl_fail(err, GL_E_USAGE, _("--despite-alarm wants the alarm's name, and --reason why"));
        return gl_error_hint(err, _("Both stay in the ledger, one line each: --despite-alarm NAME "
                                    "--reason 'mends the errors of release 7'"));
    }
    request->despite_alarm = alarm;
    request->despite_reason = reason;
    return 0;
}

static int check_reason(const struct gl_context *context, const char *reason, struct gl_error *err)
{
    if (is_plain(reason))
        return 0;
    gl_fail(err, GL_E_USAGE, _("--hotfix wants the reason, in one line"));
    return gl_error_hint(err, _("Whoever reviews it later reads it: golive log%s --hotfixes"),
                         gl_config_env_words(context->config));
}

static int run(struct gl_context *context, struct gl_error *err)
{
    if (gl_flag_bool(context, "resume") && gl_flag_bool(context, "abort")) {
        gl_fail(err, GL_E_USAGE, _("--resume and --abort exclude each other"));
        return gl_error_hint(err, _("One goes on with the interrupted release, one undoes it."));
    }
    const char *hotfix = gl_flag_str(context, "hotfix");
    struct gl_release_request wanted = {
        .abort_unfinished = gl_flag_bool(context, "abort"),
        .resume_only = gl_flag_bool(context, "resume"),
        .hotfix = hotfix,
    };
    int failed = hotfix ? check_reason(context, hotfix, err) : 0;
    if (failed == 0)
        failed = gl_cmd_despite(context, &wanted, err);
    return failed < 0 ? failed : gl_cmd_operation(context, gl_release_deploy, &wanted, err);
}

static const struct gl_flag flags[] = {
    {"dry-run",     'n', GL_FLAG_BOOL, NULL, NULL, N_("show every step and what it would do")},
    {"resume", 0, GL_FLAG_BOOL, NULL, NULL,
     N_("only go on with an interrupted release; refuse when there is none or the source has changed")},
    {"hotfix",         0, GL_FLAG_TEXT, N_("REASON"), NULL,
     N_("ship without the environment's approvals; golive log --hotfixes lists it for review")},
    GL_DESPITE_FLAGS,
    {"abort",             0, GL_FLAG_BOOL, NULL, NULL, N_("undo an interrupted release or rollback and stop")},
    GL_PROFILE_FLAG,
    {0           },
};

static const struct gl_example examples[] = {
    {"golive deploy --env local",         N_("release the working tree on this machine")},
    {"golive deploy --env local --dry-run",                                   N_("only show the steps")},
    {"golive deploy --env local --abort",N_("undo what a killed deploy left")},
    {"golive deploy --env prod --hotfix 'login is down'", N_("in an emergency, without approvals")},
    {0                                  },
};

const struct gl_command gl_cmd_deploy = {
    .name = "deploy",
    .summary = N_(
        "release the working tree: build, migrate, shift traffic, watch; roll back when it is not "
        "good"),
    .text = N_(
        "Every step is in the ledger before it begins and after it ends. A deploy that was killed goes on "
        "when it is started again, or is undone when the source has changed since. The version that "
        "served before stays warm. Ctrl-C undoes the release. An environment with approval.min above 0 "
        "takes only what golive promote brings, or a hotfix."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG | GL_NEEDS_LEDGER,
    .run = run,
};
