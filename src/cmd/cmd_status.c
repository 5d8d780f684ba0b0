/* golive status: what serves, what is warm, what is unfinished, who is at work. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/commands.h"
#include "platform/platform.h"
#include "release/journal.h"

struct status {
    struct gl_journal journal;
    struct gl_traffic traffic;
    json_t *lease;
    struct gl_error traffic_error;
};

static void status_done(struct status *status)
{
    gl_journal_done(&status->journal);
    json_decref(status->lease);
    gl_error_done(&status->traffic_error);
}

static int collect(struct gl_context *context, struct status *status, struct gl_error *err)
{
    gl_autoplatform struct gl_platform *platform = NULL;
    const char *env = gl_config_env(context->config);
    int failed = gl_journal_read(context->ledger, env, &status->journal, err);
    if (failed == 0)
        failed = gl_lease_show(context->ledger, env, &status->lease, err);
    if (failed == 0)
        failed = gl_platform_open(context->config, context->state_dir, &platform, err);
    if (failed < 0 || !platform)
        return failed;
    /* A platform that is down is a status too, not a failure of the question. */
    if (platform->ops->traffic(platform, &status->traffic, &status->traffic_error) < 0)
        status->traffic.count = 0;
    return 0;
}

static const char *version_of(const struct gl_journal *journal, int64_t release)
{
    const struct gl_operation_record *made = gl_journal_deploy_of(journal, release);
    return made ? made->version : "";
}

static void print_versions(const struct status *status, FILE *out)
{
    for (size_t i = 0; i < status->traffic.count; i++) {
        const struct gl_running *version = &status->traffic.versions[i];
        gl_autofree char *memory = gl_format_bytes(version->memory_bytes);
        fprintf(out, _("  release %-4" PRId64 " %-14s %3d %% of requests%s   %s   %s\n"),
                version->release, version_of(&status->journal, version->release),
                version->weight_pct, version->sessions ? _(", sessions") : "",
                version->healthy ? _("healthy") : _("not healthy"), memory);
    }
    if (status->traffic_error.message) {
        gl_autofree char *masked = gl_redact(status->traffic_error.message);
        fprintf(out, "  %s\n", masked);
    } else if (!status->traffic.count) {
        fputs(_("  nothing runs\n"), out);
    }
}

static void print_text(const struct gl_context *context, const struct status *status)
{
    FILE *out = context->out;
    const struct gl_operation_record *serving = gl_journal_serving(&status->journal);
    const struct gl_operation_record *unfinished = gl_journal_unfinished(&status->journal);
    int64_t target = gl_journal_rollback_target(&status->journal);
    fprintf(out, "%s, %s\n", gl_config_str(context->config, "app.name"),
            gl_config_env(context->config));
    print_versions(status, out);
    if (serving) {
        gl_autofree char *when = gl_format_rfc3339(serving->ended_unix_ms);
        fprintf(out, _("Serving: release %" PRId64 " (%s) since %s\n"), serving->release,
                serving->version, when);
    }
    if (status->lease)
        fprintf(out, _("At work: %s (%s), since %s\n"), gl_json_str(status->lease, "holder", "?"),
                gl_json_str(status->lease, "purpose", "?"),
                gl_json_str(status->lease, "since", "?"));
    if (unfinished)
        fprintf(out,
                _("Unfinished: release %" PRId64
                  " (%s). Next: golive deploy resumes it, golive rollback undoes "
                  "it.\n"),
                unfinished->release, unfinished->version);
    else if (!serving)
        fputs(_("Nothing was released yet. Next: golive deploy\n"), out);
    else if (target)
        fprintf(out, _("golive rollback goes back to release %" PRId64 ".\n"), target);
}

static json_t *version_json(const struct gl_running *version, const char *name)
{
    json_t *object = json_object();
    gl_json_set_int(object, "release", version->release);
    gl_json_set_str(object, "version", name);
    gl_json_set_str(object, "digest", version->digest);
    gl_json_set_int(object, "weight_pct", version->weight_pct);
    gl_json_set_bool(object, "sessions", version->sessions);
    gl_json_set_bool(object, "healthy", version->healthy);
    gl_json_set_int(object, "deaths", version->deaths);
    gl_json_set_int(object, "memory_bytes", (int64_t)version->memory_bytes);
    return object;
}

static void print_json(const struct gl_context *context, const struct status *status)
{
    const struct gl_operation_record *serving = gl_journal_serving(&status->journal);
    const struct gl_operation_record *unfinished = gl_journal_unfinished(&status->journal);
    gl_autojson json_t *object = json_object();
    json_t *versions = json_array();
    for (size_t i = 0; i < status->traffic.count; i++) {
        const struct gl_running *version = &status->traffic.versions[i];
        json_array_append_new(
            versions, version_json(version, version_of(&status->journal, version->release)));
    }
    json_object_set_new(object, "versions", versions);
    gl_json_set_str(object, "env", gl_config_env(context->config));
    gl_json_set_int(object, "serving", serving ? serving->release : 0);
    gl_json_set_int(object, "unfinished", unfinished ? unfinished->release : 0);
    gl_json_set_int(object, "rollback_target", gl_journal_rollback_target(&status->journal));
    gl_json_set_int(object, "frontend_release", status->traffic.frontend_release);
    json_object_set(object, "lease", status->lease ? status->lease : json_null());
    if (status->traffic_error.message) {
        gl_autofree char *masked = gl_redact(status->traffic_error.message);
        gl_json_set_str(object, "platform_error", masked);
    }
    gl_autofree char *text = gl_json_pretty(object);
    fputs(text, context->out);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(status_done) struct status status = {0};
    int failed = collect(context, &status, err);
    if (failed < 0)
        return failed;
    if (context->format_json)
        print_json(context, &status);
    else
        print_text(context, &status);
    return 0;
}

static const struct gl_example examples[] = {
    {"golive status --env local", N_("what serves on this machine")},
    {0                          },
};

const struct gl_command gl_cmd_status = {
    .name = "status",
    .summary = N_("show what serves, what is warm and what is unfinished"),
    .examples = examples,
    .needs = GL_NEEDS_CONFIG | GL_NEEDS_LEDGER,
    .run = run,
};
