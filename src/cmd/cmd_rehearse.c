/* golive rehearse: a whole production release on this machine, and every way it can go wrong. */
#include <inttypes.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cmd/commands.h"
#include "cmd/rehearse_report.h"
#include "platform/platform.h"

static int run(struct gl_context *context, struct gl_error *err)
{
    char program[4096];
    int64_t requests = gl_flag_int(context, "requests");
    if (requests < 0)
        return gl_fail(err, GL_E_USAGE, _("--requests wants a number from 0 on, not %" PRId64),
                       requests);
    int failed = gl_platform_need_local(context->config, "golive rehearse", err);
    if (failed < 0)
        return failed;
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len < 0)
        return gl_fail(err, GL_E_IO, _("cannot find the running program"));
    program[len] = '\0';
    struct gl_rehearsal_reporter reporter = gl_rehearse_reporter(context);
    struct gl_rehearsal_request request = {
        .config = context->config,
        .config_path = gl_config_path(context->config),
        .state_dir = context->state_dir,
        .program = program,
        .set = gl_flag_list(context, "set"),
        .least_requests = requests,
        .keep = gl_flag_bool(context, "keep"),
        .reporter = &reporter,
    };
    if (!context->format_json)
        fprintf(context->out, _("Rehearsing a production release of %s on this machine\n"),
                gl_config_str(context->config, "app.name"));
    return gl_rehearse(&request, err);
}

static const struct gl_flag flags[] = {
    {"requests",   0, GL_FLAG_INT, N_("COUNT"), "100000",
     N_("least number of requests to be answered")},
    {"keep", 0, GL_FLAG_BOOL, NULL, NULL, N_("leave the instance running afterwards")},
    {0   },
};

static const struct gl_example examples[] = {
    {"golive rehearse",    N_("the whole rehearsal")},
    {"golive rehearse --requests 20000",                    N_("a shorter one")},
    {0},
};

const struct gl_command gl_cmd_rehearse = {
    .name = "rehearse",
    .summary = N_("rehearse a whole production release on this machine, failures included"),
    .text = N_(
        "Builds, packs, migrates, shifts traffic blue/green under load, and then breaks it on purpose: "
        "crashes, 5xx, slow answers, a failing migration, golive itself killed. Each time the old version "
        "must serve again without a lost request. Ends with a backup restored into a second cluster and "
        "compared. Figures: .golive/rehearsal.json"),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .run = run,
};
