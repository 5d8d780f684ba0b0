/* What is shown of migrations. */
#include "cmd/migrations_shown.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "cmd/aws_context.h"

void gl_migrations_shown_done(struct gl_migrations_shown *shown)
{
    gl_cmd_migrations_done(&shown->migrations);
    gl_migrate_status_done(&shown->status);
    gl_contracts_done(&shown->waiting);
}

/* Nothing is made for the question: without a ledger no release waits for anything. */
static int read_waiting(struct gl_context *context, struct gl_migrations_shown *shown,
                        struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(context->state_dir, "ledger.db");
    gl_autojournal struct gl_journal journal = {0};
    shown->own_database = !gl_flag_str(context, "database-url-env");
    bool released = gl_platform_is_aws(context->config) || gl_path_exists(path);
    if (!shown->own_database || !released)
        return 0;
    int failed = gl_cmd_open_ledger(context, err);
    if (failed == 0)
        failed = gl_journal_read(context->ledger, gl_config_env(context->config), &journal, err);
    if (failed == 0)
        gl_contracts_read(&journal, context->config, &shown->waiting);
    return failed;
}

int gl_migrations_show(struct gl_context *context, struct gl_migrations_shown *ret_shown,
                       struct gl_error *err)
{
    int failed = gl_cmd_migrations_open(context, &ret_shown->migrations, err);
    if (failed == 0)
        failed = gl_cmd_migrations_status(&ret_shown->migrations, &ret_shown->status, err);
    return failed < 0 ? failed : read_waiting(context, ret_shown, err);
}

char *gl_migrations_due_text(const struct gl_migrations_shown *shown,
                             const struct gl_migration *migration)
{
    if (migration->phase != GL_PHASE_CONTRACT || !shown->own_database)
        return NULL;
    int64_t due = gl_contract_due(&shown->waiting, migration->version);
    if (due)
        return gl_contract_text(due, gl_now_unix_ms());
    return gl_strdup(shown->status.fresh ? _("due with the first release")
                                         : _("waits for the release after the next"));
}
