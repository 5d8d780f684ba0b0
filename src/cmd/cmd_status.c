/* golive status: what serves, what is warm, what is unfinished, who is at work. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/strv.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "platform/platform.h"
#include "release/contract.h"
#include "release/journal.h"

struct status {
    struct gl_journal journal;
    struct gl_traffic traffic;
    struct gl_contracts waiting;
    struct gl_strv up; /* names of services that run */
    size_t services;   /* that the platform knows by name; 0 = it names none */
    json_t *lease;
    bool on_aws;
    json_t *platform; /* what it says of itself; NULL = nothing */
    struct gl_error traffic_error;
};

static void status_done(struct status *status)
{
    gl_journal_done(&status->journal);
    gl_contracts_done(&status->waiting);
    gl_strv_done(&status->up);
    json_decref(status->lease);
    json_decref(status->platform);
    gl_error_done(&status->traffic_error);
}

/* Where a platform names no services nothing is known of them. */
static void count_services(struct gl_platform *platform, struct status *status)
{
    size_t index;
    json_t *service;
    if (platform->ops->describe(platform, &status->platform, NULL) < 0)
        return;
    json_array_foreach(json_object_get(status->platform, "services"), index, service)
    {
        status->services++;
        if (gl_json_bool(service, "up", false))
            gl_strv_add(&status->up, gl_json_str(service, "name", "?"));
    }
}

static bool is_stopped(const struct status *status)
{
    return status->services > 0 && status->up.count == 0;
}

static int collect(struct gl_context *context, struct status *status, struct gl_error *err)
{
    gl_autoplatform struct gl_platform *platform = NULL;
    const char *env = gl_config_env(context->config);
    int failed = gl_journal_read(context->ledger, env, &status->journal, err);
    if (failed == 0)
        failed = gl_lease_show(context->ledger, env, &status->lease, err);
    if (failed == 0)
        failed = gl_cmd_open_platform(context, &platform, err);
    if (failed < 0 || !platform)
        return failed;
    status->on_aws = gl_platform_is_aws(context->config);
    gl_contracts_read(&status->journal, context->config, &status->waiting);
    count_services(platform, status);
    /* A platform that is down is a status too, not a failure of the question. */
    if (platform->ops->traffic(platform, &status->traffic, &status->traffic_error) < 0)
        status->traffic.count = 0;
    if (is_stopped(status)) /* what it was told last would be given to it again, but is not now */
        status->traffic.count = 0;
    return 0;
}

static const char *version_of(const struct gl_journal *journal, int64_t release)
{
    const struct gl_operation_record *made = gl_journal_deploy_of(journal, release);
    return made ? made->version : "";
}

static void print_none(const struct gl_config *config, const struct status *status, FILE *out)
{
    gl_autofree char *names = gl_strv_join(&status->up, ", ");
    if (is_stopped(status) && status->on_aws)
        fputs(_("  stopped\n"), out);
    else if (is_stopped(status))
        fprintf(out, _("  stopped; golive local up%s starts it again\n"),
                gl_config_env_words(config));
    else if (status->up.count)
        fprintf(out, _("  no release runs; these services do: %s\n"), names);
    else
        fputs(_("  nothing runs\n"), out);
}

static void print_versions(const struct gl_config *config, const struct status *status, FILE *out)
{
    for (size_t i = 0; i < status->traffic.count; i++) {
        const struct gl_running *version = &status->traffic.versions[i];
        gl_autofree char *memory =
            version->memory_bytes ? gl_format_bytes(version->memory_bytes) : gl_strdup("");
        fprintf(out, _("  release %-4" PRId64 " %-14s %3d %% of requests%s   %s   %s\n"),
                version->release, version_of(&status->journal, version->release),
                version->weight_pct, version->sessions ? _(", sessions") : "",
                version->healthy ? _("healthy") : _("not healthy"), memory);
    }
    if (status->traffic_error.message) {
        gl_autofree char *masked = gl_redact(status->traffic_error.message);
        fprintf(out, "  %s\n", masked);
    } else if (!status->traffic.count) {
        print_none(config, status, out);
    }
}

static void print_serving(const struct status *status, FILE *out)
{
    const struct gl_operation_record *serving = gl_journal_serving(&status->journal);
    if (!serving)
        return;
    gl_autofree char *when = gl_format_rfc3339(serving->ended_unix_ms);
    if (is_stopped(status))
        fprintf(out, _("Served last: release %" PRId64 " (%s), from %s\n"), serving->release,
                serving->version, when);
    else if (gl_journal_unfinished(&status->journal)) /* what serves now the lines above say */
        fprintf(out, _("Finished last: release %" PRId64 " (%s), %s\n"), serving->release,
                serving->version, when);
    else
        fprintf(out, _("Serving: release %" PRId64 " (%s) since %s\n"), serving->release,
                serving->version, when);
}

/* What shipped without approval is said as long as it serves. */
static const char *hotfix_of(const struct status *status)
{
    const struct gl_operation_record *serving = gl_journal_serving(&status->journal);
    const struct gl_operation_record *made =
        serving ? gl_journal_deploy_of(&status->journal, serving->release) : NULL;
    return made ? gl_json_str(made->about, "hotfix", NULL) : NULL;
}

static void print_hotfix(const struct status *status, FILE *out)
{
    const char *hotfix = hotfix_of(status);
    if (hotfix)
        fprintf(out, _("It shipped as a hotfix, without approval: %s\n"), hotfix);
}

static bool somebody_works(const struct status *status)
{
    return status->lease && gl_json_bool(status->lease, "alive", false);
}

static void print_lease(const struct status *status, FILE *out)
{
    if (!status->lease)
        return;
    const char *holder = gl_json_str(status->lease, "holder", "?");
    const char *purpose = gl_json_str(status->lease, "purpose", "?");
    const char *since = gl_json_str(status->lease, "since", "?");
    if (somebody_works(status))
        fprintf(out, _("At work: %s (%s), since %s\n"), holder, purpose, since);
    else
        fprintf(out,
                _("Nobody is at work: %s (%s, since %s) ended without giving its lease back.\n"),
                holder, purpose, since);
}

/* What a killed process left, and what to run next. */
static void print_left(const struct gl_config *config, const struct gl_operation_record *left,
                       FILE *out)
{
    const char *env_words = gl_config_env_words(config);
    const char *from = gl_journal_promotion_left(left);
    if (left->state == GL_OP_UNDOING)
        fprintf(out,
                _("Unfinished: the undo of release %" PRId64
                  " (%s). Next: golive rollback%s finishes it.\n"),
                left->release, left->version, env_words);
    else if (left->operation == GL_ROLLBACK)
        fprintf(out,
                _("Unfinished: the rollback to release %" PRId64
                  " (%s). Next: golive rollback%s finishes it.\n"),
                left->release, left->version, env_words);
    else if (from)
        fprintf(out,
                _("Unfinished: the promotion to release %" PRId64
                  " (%s). Next: golive promote %s %s goes on with it, golive rollback%s undoes "
                  "it.\n"),
                left->release, left->version, from, gl_config_env(config), env_words);
    else
        fprintf(out,
                _("Unfinished: release %" PRId64
                  " (%s). Next: golive deploy%s resumes it, golive rollback%s undoes it.\n"),
                left->release, left->version, env_words, env_words);
}

static void print_unfinished(const struct gl_config *config, const struct status *status, FILE *out)
{
    const struct gl_operation_record *left = gl_journal_unfinished(&status->journal);
    if (somebody_works(status))
        fprintf(out,
                _("In progress: release %" PRId64 " (%s); golive log%s --release %" PRId64
                  " shows its steps.\n"),
                left->release, left->version, gl_config_env_words(config), left->release);
    else
        print_left(config, left, out);
}

static void print_contracts(const struct status *status, FILE *out)
{
    for (size_t i = 0; i < status->waiting.count; i++) {
        const struct gl_contract *contract = &status->waiting.items[i];
        gl_autofree char *when = gl_contract_text(contract->due_unix_ms, gl_now_unix_ms());
        fprintf(out, _("Contract migration %" PRId64 " waits: %s\n"), contract->version, when);
    }
}

/* What AWS is in the middle of, with each service. */
static void print_deployments(const struct status *status, FILE *out)
{
    static const char *const members[] = {"deployment", "frontend_deployment"};
    for (size_t i = 0; i < GL_COUNT(members); i++) {
        const json_t *open = json_object_get(status->platform, members[i]);
        if (!json_is_object(open))
            continue;
        fprintf(out, _("Under way in %s (%s): %s, %s%s\n"), gl_json_str(open, "by", "AWS"),
                gl_json_str(open, "part", "?"), gl_json_str(open, "status", "?"),
                gl_json_str(open, "stage", "?"),
                gl_json_bool(open, "waits_for_golive", false) ? _(", waits for golive") : "");
    }
}

static void print_text(const struct gl_context *context, const struct status *status)
{
    FILE *out = context->out;
    const struct gl_operation_record *serving = gl_journal_serving(&status->journal);
    int64_t target = gl_journal_rollback_target(&status->journal);
    const char *env_words = gl_config_env_words(context->config);
    fprintf(out, "%s, %s\n", gl_config_str(context->config, "app.name"),
            gl_config_env(context->config));
    print_versions(context->config, status, out);
    print_deployments(status, out);
    print_serving(status, out);
    print_hotfix(status, out);
    print_contracts(status, out);
    print_lease(status, out);
    if (gl_journal_unfinished(&status->journal))
        print_unfinished(context->config, status, out);
    else if (!serving)
        fprintf(out, _("Nothing was released yet. Next: golive deploy%s\n"), env_words);
    else if (target && !is_stopped(status))
        fprintf(out, _("golive rollback%s goes back to release %" PRId64 ".\n"), env_words, target);
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

static json_t *contracts_json(const struct gl_contracts *waiting)
{
    json_t *list = json_array();
    for (size_t i = 0; i < waiting->count; i++) {
        gl_autofree char *due = gl_format_rfc3339(waiting->items[i].due_unix_ms);
        json_t *object = json_object();
        gl_json_set_int(object, "version", waiting->items[i].version);
        gl_json_set_str(object, "due", due);
        json_array_append_new(list, object);
    }
    return list;
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
    int64_t last = serving ? serving->release : 0;
    gl_json_set_bool(object, "stopped", is_stopped(status));
    gl_json_set_int(object, "serving", is_stopped(status) ? 0 : last);
    gl_json_set_int(object, "served_last", last);
    json_object_set_new(object, "contract_migrations", contracts_json(&status->waiting));
    gl_json_set_int(object, "unfinished", unfinished ? unfinished->release : 0);
    gl_json_set_str(object, "hotfix", hotfix_of(status));
    gl_json_set_int(object, "rollback_target", gl_journal_rollback_target(&status->journal));
    gl_json_set_int(object, "frontend_release", status->traffic.frontend_release);
    if (status->platform)
        json_object_set(object, "platform", status->platform);
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

static const struct gl_flag flags[] = {
    GL_PROFILE_FLAG,
    {0},
};

const struct gl_command gl_cmd_status = {
    .name = "status",
    .summary = N_("show what serves, what is warm and what is unfinished"),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG | GL_NEEDS_LEDGER,
    .run = run,
};
