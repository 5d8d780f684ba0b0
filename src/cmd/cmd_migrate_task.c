/* golive internal migrate-task: migrations as the task that golive starts beside the database. */
#include <stdlib.h>

#include "base/i18n.h"
#include "cmd/commands.h"
#include "platform/migration_task.h"

static int run(struct gl_context *context, struct gl_error *err)
{
    const char *order = getenv(GL_MIGRATION_ORDER_VARIABLE);
    return gl_migration_task_run(order ? order : "", gl_flag_str(context, "dir"), context->out,
                                 err);
}

static const struct gl_flag flags[] = {
    {"dir",         0, GL_FLAG_TEXT, N_("DIR"), GL_MIGRATION_TASK_DIR, N_("where the migrations are")},
    {0},
};

const struct gl_command gl_cmd_migrate_task = {
    .name = "internal migrate-task",
    .summary = N_("apply migrations as a task beside the database"),
    .flags = flags,
    .hidden = true,
    .run = run,
};
