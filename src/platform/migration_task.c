/* Runs inside the task: does what it was told and says everything on one stream. */
#include "platform/migration_task.h"

#include <stdlib.h>

#include "base/log.h"
#include "migrate/wire.h"

/* The database is named by PGHOST and its like, so that no password stands in a connection string.
 */
static const char by_environment[] = "";

static void say(FILE *out, const char *lines)
{
    fputs(lines, out);
    (void)fflush(out); /* a killed task has said what it did */
}

static void on_event(const struct gl_migrate_event *event, void *context)
{
    gl_autofree char *line = gl_wire_event(event);
    say(context, line);
}

static int do_status(const struct gl_migrations *list, FILE *out, struct gl_error *err)
{
    gl_automigratestatus struct gl_migrate_status status = {0};
    int failed = gl_migrate_status(by_environment, list, &status, err);
    if (failed < 0)
        return failed;
    gl_autofree char *lines = gl_wire_status(list, &status);
    say(out, lines);
    return 0;
}

static int do_order(struct gl_migration_order *order, const char *dir, FILE *out,
                    struct gl_migrate_result *result, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    int failed = gl_migrations_scan_as(dir, order->tool, &list, err);
    if (failed < 0)
        return failed;
    if (order->mode == GL_MIGRATION_STATUS)
        return do_status(&list, out, err);
    order->job.dir = dir;
    order->job.list = &list;
    order->job.on_event = on_event;
    order->job.context = out;
    return gl_migration_job_run(&order->job, by_environment, result, err);
}

int gl_migration_task_run(const char *text, const char *dir, FILE *out, struct gl_error *err)
{
    gl_automigrationorder struct gl_migration_order order = {0};
    gl_autoerr struct gl_error cause = {0};
    struct gl_migrate_result result = {0};
    const char *password = getenv("PGPASSWORD");
    if (password && *password)
        gl_secret_add(password);
    int failed = gl_migration_order_parse(text, &order, &cause);
    if (failed == 0)
        failed = do_order(&order, dir, out, &result, &cause);
    gl_autofree char *line = gl_wire_result(&result, &cause);
    say(out, line);
    if (failed < 0)
        gl_error_move(err, &cause);
    return failed;
}
