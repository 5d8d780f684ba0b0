/* Opening the platform of an environment, and releasing what its operations give out. */
#include "platform/platform.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ops.h"
#include "platform/local/ops.h"

bool gl_platform_is_aws(const struct gl_config *config)
{
    return strcmp(gl_config_env(config), "local") != 0 &&
           strcmp(gl_config_str(config, "app.platform"), "aws") == 0;
}

int gl_platform_need_local(const struct gl_config *config, const char *command,
                           struct gl_error *err)
{
    const char *env = gl_config_env(config);
    if (!gl_platform_is_aws(config))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("%s is for this machine, and the environment %s is on AWS"),
            command, env);
    return gl_error_hint(err,
                         _("Without --env it is the environment local. What runs in %s: golive "
                           "status --env %s"),
                         env, env);
}

bool gl_platform_has_pages(const struct gl_config *config)
{
    return gl_platform_is_aws(config) && strcmp(gl_config_str(config, "frontend.mode"), "ssr") == 0;
}

int gl_platform_open(const struct gl_config *config, const char *state_dir,
                     struct gl_account *account, struct gl_platform **ret_platform,
                     struct gl_error *err)
{
    return gl_platform_is_aws(config) ? gl_cloud_open(config, state_dir, account, ret_platform, err)
                                      : gl_local_open(config, state_dir, ret_platform, err);
}

static bool is_due(const struct gl_migration *migration, void *context)
{
    const struct gl_migration_job *job = context;
    size_t index;
    json_t *version;
    json_array_foreach(job->due, index, version)
    {
        if (json_integer_value(version) == migration->version)
            return true;
    }
    return false;
}

static void pass_on(const struct gl_migrate_event *event, void *context)
{
    const struct gl_migration_job *job = context;
    if (job->on_event)
        job->on_event(event, job->context);
}

int gl_migration_job_run(const struct gl_migration_job *job, const char *conninfo,
                         struct gl_migrate_result *ret_result, struct gl_error *err)
{
    struct gl_migrate_options options = {
        .expand_only = job->expand_only,
        .allow_contract = is_due,
        .lock_timeout_ms = job->lock_timeout_ms,
        .statement_timeout_ms = job->statement_timeout_ms,
        .on_event = pass_on,
        .context = (void *)job,
    };
    return gl_migrate_run(conninfo, job->list, &options, ret_result, err);
}

void gl_platform_free(struct gl_platform **platform)
{
    struct gl_platform *p = gl_steal(platform);
    if (p)
        p->ops->free(p);
}

void gl_platform_progress(const struct gl_platform *p, const char *fmt, ...)
{
    va_list args;
    if (!p->on_progress)
        return;
    va_start(args, fmt);
    gl_autofree char *text = gl_vasprintf(fmt, args);
    va_end(args);
    p->on_progress(text, p->progress_context);
}

const struct gl_platform_sentence *gl_platform_sentence(const struct gl_platform *p,
                                                        const char *step)
{
    static const struct gl_platform_sentence none = {0};
    const struct gl_platform_sentence *row = p->ops->sentences;
    while (row && row->step && strcmp(row->step, step) != 0)
        row++;
    return row && row->step ? row : &none;
}

void gl_target_done(struct gl_target *target)
{
    free(gl_steal(&target->base_url));
    free(gl_steal(&target->resolve));
    free(gl_steal(&target->ca_file));
    free(gl_steal(&target->host));
    free(gl_steal(&target->header));
}

void gl_observation_done(struct gl_observation *observation)
{
    free(gl_steal(&observation->worst));
    free(gl_steal(&observation->alarm));
}

void gl_backup_done(struct gl_backup *backup)
{
    free(gl_steal(&backup->id));
    free(gl_steal(&backup->location));
}

static struct gl_origin origin_of(const struct gl_config *config, int64_t variable)
{
    gl_autofree char *key = gl_asprintf("env_vars.%lld", (long long)variable);
    return gl_config_origin(config, key);
}

/* "REGION (golive.yaml:12), DSN (golive.yaml:13)"; the caller owns it. */
static char *names_and_places(const struct gl_config *config, const json_t *missing)
{
    gl_autostrv struct gl_strv names = {0};
    const json_t *variables = gl_config_node(config, "env_vars");
    for (size_t i = 0; i < json_array_size(missing); i++) {
        int64_t number = json_integer_value(json_array_get(missing, i));
        struct gl_origin origin = origin_of(config, number);
        const char *name = gl_json_str(json_array_get(variables, (size_t)number), "name", "?");
        if (origin.line)
            gl_strv_addf(&names, "%s (%s:%u)", name, gl_path_base(gl_config_path(config)),
                         origin.line);
        else
            gl_strv_add(&names, name);
    }
    return gl_strv_join(&names, ", ");
}

int gl_platform_need_values(const struct gl_config *config, const json_t *missing,
                            struct gl_error *err)
{
    if (json_array_size(missing) == 0)
        return 0;
    int64_t number = json_integer_value(json_array_get(missing, 0));
    const json_t *first = json_array_get(gl_config_node(config, "env_vars"), (size_t)number);
    struct gl_origin origin = origin_of(config, number);
    gl_autofree char *names = names_and_places(config, missing);
    gl_fail(err, GL_E_CONFIG, _("required variables have no value in %s: %s"),
            gl_config_env(config), names);
    if (origin.line)
        gl_error_at(err, gl_config_path(config), origin.line, origin.column);
    return gl_error_hint(err,
                         _("Give each one a value in golive.yaml:\n"
                           "  env_vars:\n"
                           "    - {name: %s, scope: %s, values: {%s: ...}}\n"
                           "A list of your own takes the place of the default one, so write down "
                           "all that the application reads (golive help config env_vars)."),
                         gl_json_str(first, "name", "?"), gl_json_str(first, "scope", "backend"),
                         gl_config_env(config));
}
