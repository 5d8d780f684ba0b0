/* Migrations on AWS: the database is inside the network, so they are a task there. */
#include <stdlib.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "platform/aws/migrator.h"

/* What stood in the log beside golive's own lines: the words of whatever kept it from its end. */
static int add_log(const struct gl_migrator_log *log, struct gl_error *err)
{
    if (!err || !log->other.count)
        return err ? err->code : GL_E_PROCESS;
    gl_autofree char *lines = gl_strv_join(&log->other, "\n  ");
    gl_autofree char *message = gl_asprintf(_("%s; its log ends with:\n  %s"), err->message, lines);
    free(err->message);
    err->message = gl_steal(&message);
    return err->code;
}

/* The failure that the task itself told is better than what AWS says about its exit code; without
 * a result line, nothing is a success. */
static int judge(const struct gl_config *config, struct gl_wire *wire, const json_t *task,
                 const struct gl_migrator_log *log, struct gl_migrate_result *ret_result,
                 struct gl_error *err)
{
    bool told = wire->result_came && wire->failure.code;
    int failed = told ? 0 : gl_migrator_stopped(config, task, err);
    if (failed == 0)
        return gl_wire_take_result(wire, ret_result, err);
    if (ret_result)
        *ret_result = wire->result;
    return add_log(log, err);
}

static int run_order(struct gl_cloud *cloud, const struct gl_migration_job *job,
                     enum gl_migration_mode mode, struct gl_wire *wire,
                     struct gl_migrate_result *ret_result, struct gl_error *err)
{
    gl_autofree char *order = gl_migration_order_text(job, mode);
    gl_autofree char *image = NULL;
    gl_autofree char *definition = NULL;
    gl_autofree char *arn = NULL;
    gl_autojson json_t *task = NULL;
    gl_automigratorlog struct gl_migrator_log log = {0};
    int failed = gl_migrator_image(cloud, job, &image, err);
    if (failed == 0)
        failed = gl_migrator_define(cloud, image, &definition, err);
    if (failed == 0)
        failed = gl_migrator_start(cloud, definition, order, &arn, err);
    if (failed == 0)
        failed = gl_migrator_follow(cloud, arn, wire, &log, &task, err);
    return failed < 0 ? failed : judge(cloud->base.config, wire, task, &log, ret_result, err);
}

int gl_cloud_migration_status(struct gl_platform *p, const struct gl_migration_job *job,
                              struct gl_migrate_status *ret_status, struct gl_error *err)
{
    gl_autowire struct gl_wire wire = {.list = job->list};
    int failed = run_order(gl_cloud_cast(p), job, GL_MIGRATION_STATUS, &wire, NULL, err);
    return failed < 0 ? failed : gl_wire_take_status(&wire, ret_status, err);
}

int gl_cloud_migrate(struct gl_platform *p, const struct gl_migration_job *job,
                     struct gl_migrate_result *ret_result, struct gl_error *err)
{
    gl_autowire struct gl_wire wire = {
        .list = job->list, .on_event = job->on_event, .context = job->context};
    *ret_result = (struct gl_migrate_result){0};
    return run_order(gl_cloud_cast(p), job, GL_MIGRATION_RUN, &wire, ret_result, err);
}
