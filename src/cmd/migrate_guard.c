/* What must hold before migrations touch an environment's database by hand. */
#include "cmd/migrate_guard.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "migrate/peak.h"

bool gl_cmd_is_production(const struct gl_context *context)
{
    return strcmp(gl_config_env(context->config), "prod") == 0;
}

int gl_cmd_migrations_conninfo(const struct gl_cmd_migrations *migrations, char **ret_conninfo,
                               struct gl_error *err)
{
    struct gl_platform *platform = migrations->platform;
    *ret_conninfo = NULL;
    if (migrations->conninfo)
        *ret_conninfo = gl_strdup(migrations->conninfo);
    if (!platform || !platform->ops->database_url)
        return 0;
    int failed = platform->ops->database_url(platform, ret_conninfo, err);
    if (failed == 0 && *ret_conninfo)
        gl_secret_add(*ret_conninfo);
    return failed;
}

int gl_cmd_migrations_forecast(const struct gl_context *context,
                               const struct gl_cmd_migrations *migrations,
                               const struct gl_migrate_status *status,
                               struct gl_forecasts *ret_list, struct gl_error *err)
{
    gl_autofree char *conninfo = NULL;
    int64_t large = gl_config_int(context->config, "migrations.large_table_rows");
    int failed = gl_cmd_migrations_conninfo(migrations, &conninfo, err);
    return failed < 0
               ? failed
               : gl_migrate_forecast(conninfo, &migrations->list, status, large, ret_list, err);
}

/* ---- peak hours ---- */

static bool is_held(const struct gl_migration *migration, const void *context)
{
    const bool *expand_only = context;
    return *expand_only && migration->phase == GL_PHASE_CONTRACT;
}

int gl_cmd_guard_peak(const struct gl_context *context, const struct gl_cmd_migrations *migrations,
                      const struct gl_migrate_status *status, bool expand_only,
                      struct gl_error *err)
{
    gl_autofree char *window = NULL;
    gl_autoforecasts struct gl_forecasts forecasts = {0};
    const char *reason = gl_flag_str(context, "despite-peak");
    if (reason && !*reason) {
        gl_fail(err, GL_E_USAGE, _("--despite-peak wants the reason"));
        return gl_error_hint(err, _("It stays in the ledger: --despite-peak \"REASON\"."));
    }
    int failed = gl_peak_window(context->config, gl_now_unix_ms(), &window, err);
    if (failed < 0 || !window || reason)
        return failed;
    failed = gl_cmd_migrations_forecast(context, migrations, status, &forecasts, err);
    return failed < 0 ? failed : gl_peak_check(&forecasts, window, is_held, &expand_only, err);
}

/* ---- backups ---- */

struct newest {
    const char *env;
    int64_t unix_ms; /* 0 = none */
};

static int visit(const struct gl_event *event, void *context, struct gl_error *err)
{
    struct newest *newest = context;
    (void)err;
    bool step = strcmp(event->kind, "step.done") == 0 &&
                strcmp(gl_json_str(event->data, "step", ""), "backup") == 0;
    if ((step || strcmp(event->kind, "backup.done") == 0) && strcmp(event->env, newest->env) == 0)
        newest->unix_ms = event->time_unix_ms;
    return 0;
}

static int make_backup(const struct gl_context *context, const struct gl_cmd_migrations *migrations,
                       struct gl_error *err)
{
    gl_autobackup struct gl_backup backup = {0};
    gl_autojson json_t *data = json_object();
    struct gl_platform *platform = migrations->platform;
    if (!platform) {
        gl_fail(err, GL_E_USAGE, _("--backup does not know the database of --database-url-env"));
        return gl_error_hint(
            err, _("Make the backup with its own tools (pg_dump, a snapshot) and say so: "
                   "--backup-elsewhere \"WHICH\"."));
    }
    gl_autofree char *label = gl_asprintf("migrate-%" PRId64, gl_now_unix_ms() / 1000);
    int failed = platform->ops->backup(platform, label, &backup, err);
    if (failed < 0)
        return failed;
    gl_json_set_str(data, "id", backup.id);
    gl_json_set_str(data, "location", backup.location);
    gl_json_set_str(data, "sha256", backup.sha256);
    gl_json_set_int(data, "size_bytes", (int64_t)backup.size_bytes);
    return gl_ledger_append(context->ledger, "backup.done", gl_config_env(context->config), 0, data,
                            NULL, err);
}

static int refuse_old(const struct gl_context *context, const struct newest *newest,
                      int64_t limit_hours, struct gl_error *err)
{
    gl_autofree char *when = newest->unix_ms ? gl_format_rfc3339(newest->unix_ms) : NULL;
    if (when)
        gl_fail(err, GL_E_REFUSED,
                _("the last backup of %s is of %s, older than %" PRId64 " hours"), newest->env,
                when, limit_hours);
    else
        gl_fail(err, GL_E_REFUSED, _("there is no backup of %s in the ledger"), newest->env);
    return gl_error_hint(
        err,
        _("Give --backup to make one first, or let golive deploy%s do both. "
          "migrations.backup_max_age_hours says how old it may be. One that was made by "
          "other means: --backup-elsewhere \"WHICH\"."),
        gl_config_env_words(context->config));
}

int gl_cmd_guard_backup(const struct gl_context *context,
                        const struct gl_cmd_migrations *migrations, struct gl_error *err)
{
    struct newest newest = {.env = gl_config_env(context->config)};
    int64_t limit_hours = gl_config_int(context->config, "migrations.backup_max_age_hours");
    const char *elsewhere = gl_flag_str(context, "backup-elsewhere");
    if (elsewhere && !*elsewhere) {
        gl_fail(err, GL_E_USAGE, _("--backup-elsewhere wants the reason"));
        return gl_error_hint(err, _("It stays in the ledger: --backup-elsewhere \"SNAPSHOT\"."));
    }
    if (gl_flag_bool(context, "backup"))
        return make_backup(context, migrations, err);
    if (elsewhere || !gl_cmd_is_production(context))
        return 0;
    int failed = gl_ledger_read(context->ledger, 0, visit, &newest, err);
    if (failed < 0)
        return failed;
    int64_t age_ms = gl_ledger_unix_ms(context->ledger) - newest.unix_ms;
    return newest.unix_ms && age_ms < limit_hours * 3600 * 1000
               ? 0
               : refuse_old(context, &newest, limit_hours, err);
}
