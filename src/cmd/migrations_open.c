/* What the migrate commands share: the files, the database they are for, and what it has. */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/progress.h"
#include "platform/platform.h"

char *gl_cmd_migrations_dir(const struct gl_context *context)
{
    return gl_path_join(context->project_dir, gl_config_str(context->config, "migrations.dir"));
}

/* A task of migrations takes a minute, of which a person wants to see something; a file or a pipe
 * gets a line for each stage. */
static void show_progress(const char *text, void *context)
{
    char **stage = context;
    if (gl_progress_is_new_stage(stage, text) || isatty(STDERR_FILENO))
        fprintf(stderr, "  ..  %s\n", text);
}

/* On AWS even a look costs an image, a push and a task. */
static int need_directory(const struct gl_context *context, const char *dir, struct gl_error *err)
{
    if (!gl_platform_is_aws(context->config) || gl_is_dir(dir))
        return 0;
    gl_fail(err, GL_E_NOT_FOUND, _("there are no migrations: %s is no directory"), dir);
    return gl_error_hint(err, _("golive migrate new NAME begins one; migrations.dir in golive.yaml "
                                "says where it is."));
}

/* The URL comes by an environment variable's name, never as an argument others could read. */
int gl_cmd_database_open(struct gl_context *context, struct gl_cmd_migrations *ret_migrations,
                         struct gl_error *err)
{
    const char *url = NULL;
    int failed =
        gl_cmd_url_of_env(context, "database-url-env",
                          _("Set it to the URL of the role that owns the schema."), &url, err);
    if (failed < 0)
        return failed;
    ret_migrations->conninfo = gl_strdup(url);
    return url ? 0 : gl_cmd_open_platform(context, &ret_migrations->platform, err);
}

int gl_cmd_migrations_open(struct gl_context *context, struct gl_cmd_migrations *ret_migrations,
                           struct gl_error *err)
{
    const char *name = gl_flag_str(context, "database-url-env");
    gl_autocmdmigrations struct gl_cmd_migrations found = {.dir = gl_cmd_migrations_dir(context)};
    int failed = name ? 0 : need_directory(context, found.dir, err);
    if (failed == 0)
        failed = gl_migrations_scan_as(found.dir, gl_config_str(context->config, "migrations.tool"),
                                       &found.list, err);
    if (failed == 0)
        failed = gl_cmd_database_open(context, &found, err);
    if (failed < 0)
        return failed;
    if (found.platform && !context->format_json)
        found.platform->on_progress = show_progress;
    *ret_migrations = found;
    if (ret_migrations->platform)
        ret_migrations->platform->progress_context = &ret_migrations->stage;
    found = (struct gl_cmd_migrations){0};
    return 0;
}

void gl_cmd_migrations_done(struct gl_cmd_migrations *migrations)
{
    free(migrations->dir);
    gl_migrations_done(&migrations->list);
    free(migrations->conninfo);
    gl_platform_free(&migrations->platform);
    free(migrations->stage);
    *migrations = (struct gl_cmd_migrations){0};
}

struct gl_migration_job gl_cmd_migrations_job(const struct gl_cmd_migrations *migrations)
{
    return (struct gl_migration_job){.dir = migrations->dir, .list = &migrations->list};
}

int gl_cmd_migrations_status(const struct gl_cmd_migrations *migrations,
                             struct gl_migrate_status *ret_status, struct gl_error *err)
{
    struct gl_platform *platform = migrations->platform;
    struct gl_migration_job job = gl_cmd_migrations_job(migrations);
    return platform ? platform->ops->migration_status(platform, &job, ret_status, err)
                    : gl_migrate_status(migrations->conninfo, &migrations->list, ret_status, err);
}

int gl_cmd_migrations_run(const struct gl_cmd_migrations *migrations,
                          const struct gl_migration_job *job, struct gl_migrate_result *ret_result,
                          struct gl_error *err)
{
    struct gl_platform *platform = migrations->platform;
    return platform ? platform->ops->migrate(platform, job, ret_result, err)
                    : gl_migration_job_run(job, migrations->conninfo, ret_result, err);
}
