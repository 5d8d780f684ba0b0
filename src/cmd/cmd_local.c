/* golive local up|down|status|logs: the platform on this machine. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "ledger/ledger.h"
#include "platform/platform.h"

enum { LEASE_TTL_MS = 30000 }; /* as long as a release's */

static int with_platform(struct gl_context *context, struct gl_platform **ret_platform,
                         struct gl_error *err)
{
    gl_autofree char *command = gl_asprintf("golive %s", context->command->name);
    int failed = gl_platform_need_local(context->config, command, err);
    return failed < 0
               ? failed
               : gl_platform_open(context->config, context->state_dir, NULL, ret_platform, err);
}

/* ---- status ------------------------------------------------------------------------------------
 */

static void print_service(const json_t *service, FILE *out)
{
    const char *name = gl_json_str(service, "name", "?");
    bool up = gl_json_bool(service, "up", false);
    gl_autofree char *state = gl_utf8_pad(up ? _("up") : _("down"), 5);
    fprintf(out, "  %-14s %s", name, state);
    if (gl_json_int(service, "pid", 0))
        fprintf(out, _("  pid %-7" PRId64), gl_json_int(service, "pid", 0));
    if (up) {
        gl_autofree char *uptime = gl_format_duration((double)gl_json_int(service, "uptime_ms", 0));
        gl_autofree char *memory =
            gl_format_bytes((uint64_t)gl_json_int(service, "memory_bytes", 0));
        fprintf(out, _("  for %s, %s"), uptime, memory);
    }
    fputc('\n', out);
}

static void print_status(const json_t *status, FILE *out)
{
    const char *name;
    json_t *value;
    size_t index;
    json_array_foreach(json_object_get(status, "services"), index, value) print_service(value, out);
    json_t *addresses = json_object_get(status, "addresses");
    json_object_foreach(addresses, name, value)
        fprintf(out, "  %-14s %s\n", name, json_string_value(value));
    const char *root = gl_json_str(status, "root", NULL);
    if (root) {
        gl_autofree char *label = gl_utf8_pad(_("state"), 14);
        fprintf(out, "  %s %s\n", label, root);
    }
}

static int show(struct gl_context *context, struct gl_platform *platform, struct gl_error *err)
{
    gl_autojson json_t *status = NULL;
    int failed = platform->ops->describe(platform, &status, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        gl_autofree char *text = gl_json_pretty(status);
        fputs(text, context->out);
    } else {
        print_status(status, context->out);
    }
    return 0;
}

static int run_status(struct gl_context *context, struct gl_error *err)
{
    gl_autoplatform struct gl_platform *platform = NULL;
    int failed = with_platform(context, &platform, err);
    return failed < 0 ? failed : show(context, platform, err);
}

const struct gl_command gl_cmd_local_status = {
    .name = "local status",
    .summary = N_("show the services of the platform on this machine"),
    .needs = GL_NEEDS_CONFIG,
    .run = run_status,
};

/* ---- up ----------------------------------------------------------------------------------------
 */

static int run_up(struct gl_context *context, struct gl_error *err)
{
    gl_autoplatform struct gl_platform *platform = NULL;
    int64_t begun = gl_mono_ms();
    int failed = with_platform(context, &platform, err);
    if (failed == 0) {
        platform->may_interrupt = true;
        failed = platform->ops->up(platform, err);
    }
    if (failed == 0)
        failed = show(context, platform, err);
    if (failed == 0 && !context->format_json) {
        gl_autofree char *took = gl_format_duration((double)(gl_mono_ms() - begun));
        fprintf(context->out, _("Up after %s. Next: golive deploy --env %s\n"), took,
                gl_config_env(context->config));
    }
    return failed;
}

const struct gl_command gl_cmd_local_up = {
    .name = "local up",
    .summary = N_("start database, edge and web server on this machine"),
    .needs = GL_NEEDS_CONFIG,
    .run = run_up,
};

/* ---- down --------------------------------------------------------------------------------------
 */

/* The ledger goes on after a purge: it must say that nothing serves any more before that is true,
 * or the next release would look for the old one. */
static int stop(struct gl_context *context, struct gl_platform *platform, bool purge,
                struct gl_error *err)
{
    int failed = platform->ops->down(platform, false, err);
    if (failed < 0 || !purge)
        return failed;
    failed = gl_ledger_append(context->ledger, "platform.purged", gl_config_env(context->config), 0,
                              NULL, NULL, err);
    return failed < 0 ? failed : platform->ops->down(platform, true, err);
}

/* Under the lease, so that it does not pull the ground from under a release. */
static int stop_alone(struct gl_context *context, struct gl_platform *platform, bool purge,
                      struct gl_error *err)
{
    gl_autolease struct gl_lease *lease = NULL;
    int failed = gl_lease_acquire(context->ledger, gl_config_env(context->config),
                                  purge ? "local down --purge" : "local down", LEASE_TTL_MS, &lease,
                                  NULL, err);
    return failed < 0 ? failed : stop(context, platform, purge, err);
}

static int run_down(struct gl_context *context, struct gl_error *err)
{
    gl_autoplatform struct gl_platform *platform = NULL;
    bool purge = gl_flag_bool(context, "purge");
    if (purge && !gl_flag_bool(context, "yes")) {
        gl_fail(err, GL_E_REFUSED, _("--purge removes the local database and its backups"));
        return gl_error_hint(err, _("Add --yes if that is what you want."));
    }
    int failed = with_platform(context, &platform, err);
    if (failed == 0)
        failed = gl_cmd_open_ledger(context, err);
    if (failed == 0)
        failed = stop_alone(context, platform, purge, err);
    if (failed == 0 && !context->format_json && purge)
        fputs(_("Stopped and removed.\n"), context->out);
    else if (failed == 0 && !context->format_json)
        fprintf(context->out, _("Stopped. The data stays; golive local up%s starts it again.\n"),
                gl_config_env_words(context->config));
    return failed;
}

static const struct gl_flag down_flags[] = {
    {"purge",       0, GL_FLAG_BOOL, NULL, NULL, N_("also remove data, backups and certificates")},
    {"yes", 'y', GL_FLAG_BOOL, NULL, NULL, N_("do not ask back")},
    {0        },
};

const struct gl_command gl_cmd_local_down = {
    .name = "local down",
    .summary = N_("stop everything of this project on this machine"),
    .flags = down_flags,
    .needs = GL_NEEDS_CONFIG,
    .run = run_down,
};

/* ---- logs --------------------------------------------------------------------------------------
 */

static int run_logs(struct gl_context *context, struct gl_error *err)
{
    gl_autoplatform struct gl_platform *platform = NULL;
    gl_autofree char *text = NULL;
    const char *service = context->args.count ? context->args.items[0] : "backend";
    int lines = 0;
    int failed = gl_cmd_log_lines(context, &lines, err);
    if (failed == 0)
        failed = with_platform(context, &platform, err);
    if (failed == 0)
        failed = platform->ops->logs(platform, service, 0, lines, &text, err);
    if (failed == 0)
        gl_cmd_show_log(context, platform, service, 0, text);
    return failed;
}

static const struct gl_flag logs_flags[] = {
    {"lines",      'n', GL_FLAG_INT, N_("COUNT"), "50", N_("how many of the last lines")},
    {0},
};

static const struct gl_example logs_examples[] = {
    {"golive local logs",          N_("the application")},
    {"golive local logs edge -n 20",                            N_("requests at the edge")},
    {"golive local logs database",N_("PostgreSQL")},
    {0},
};

const struct gl_command gl_cmd_local_logs = {
    .name = "local logs",
    .arguments = "[SERVICE]",
    .summary = N_("show the last lines of a service's log"),
    .flags = logs_flags,
    .examples = logs_examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 1,
    .run = run_logs,
};
