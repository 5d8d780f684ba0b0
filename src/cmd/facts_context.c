/* Collecting facts for a command. */
#include "cmd/facts_context.h"

#include <unistd.h>

#include "base/fs.h"
#include "base/strv.h"
#include "cmd/aws_context.h"
#include "facts/facts.h"

/* The copy of the team's ledger, or the project's own; NULL where there is neither. */
static char *ledger_path(const struct gl_context *context)
{
    const struct gl_config *config = context->config;
    const char *account = gl_config_str(config, "account_id");
    gl_autofree char *name = gl_asprintf("%s-ledger-%s-%s.db", gl_config_str(config, "app.name"),
                                         account ? account : "", gl_config_str(config, "region"));
    const char *const names[] = {gl_platform_is_aws(config) ? name : "ledger.db", "ledger.db"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        gl_autofree char *path = gl_path_join(context->state_dir, names[i]);
        if (access(path, F_OK) == 0)
            return gl_steal(&path);
    }
    return NULL;
}

static int open_ledger(const struct gl_context *context, struct gl_ledger **ret_ledger,
                       struct gl_error *err)
{
    gl_autofree char *path = ledger_path(context);
    return path ? gl_ledger_open_sqlite(path, ret_ledger, err) : 0;
}

int gl_cmd_collect_facts(struct gl_context *context, const struct gl_facts_wish *wish,
                         sqlite3 **ret_db, struct gl_error *err)
{
    const char *env = NULL;
    gl_autofacts sqlite3 *db = NULL;
    gl_autoledger struct gl_ledger *ledger = NULL;
    int failed = gl_cmd_choose_environment(context, &env, err);
    if (failed == 0)
        failed = gl_cmd_change_environment(context, env, err);
    if (failed == 0)
        failed = open_ledger(context, &ledger, err);
    if (failed == 0)
        failed = gl_facts_open(&db, err);
    if (failed < 0)
        return failed;
    struct gl_facts_request request = {
        .config = context->config,
        .templates = wish->templates,
        .parameters = wish->parameters,
        .database = wish->database,
        .ledger = ledger,
        .now_unix_s = wish->now_unix_s,
    };
    failed = gl_facts_collect(db, &request, err);
    if (failed == 0)
        *ret_db = gl_steal(&db);
    return failed;
}
