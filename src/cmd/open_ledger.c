/* Which ledger a command uses: the team's in the account, or the project's own file. */
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "cmd/aws_context.h"
#include "ledger/s3.h"

const char gl_cmd_own_ledger_note[] =
    N_("The team's ledger is not there yet (stack bootstrap makes it). Until then what is done is "
       "recorded in .golive/ledger.db here, and nobody elsewhere is kept from doing the same.");

enum { LEASE_TTL_MS = 30000 }; /* as long as a release's */

static char *own_path(const struct gl_context *context)
{
    return gl_path_join(context->state_dir, "ledger.db");
}

static int open_own(const struct gl_context *context, struct gl_ledger **ret_ledger,
                    struct gl_error *err)
{
    int failed = gl_mkdir_ignored(context->state_dir, err);
    if (failed < 0)
        return failed;
    gl_autofree char *path = own_path(context);
    return gl_ledger_open_sqlite(path, ret_ledger, err);
}

static int new_client(void *account, struct gl_aws_client **ret_client, struct gl_error *err)
{
    return gl_account_new_client(account, ret_client, err);
}

/* The bucket has the name that stacks/bootstrap.yaml gives it. */
static int open_team(const struct gl_context *context, const struct gl_config *config,
                     struct gl_account *account, struct gl_ledger **ret_ledger,
                     struct gl_error *err)
{
    gl_autofree char *bucket = gl_asprintf("%s-ledger-%s-%s", gl_config_str(config, "app.name"),
                                           gl_account_id(account), gl_account_region(account));
    gl_autofree char *name = gl_asprintf("%s.db", bucket);
    gl_autofree char *copy = gl_path_join(context->state_dir, name);
    int failed = gl_mkdir_ignored(context->state_dir, err);
    if (failed < 0)
        return failed;
    struct gl_ledger_s3_options options = {
        .new_client = new_client,
        .context = account,
        .bucket = bucket,
        .owner = gl_account_id(account),
        .retention_days = GL_LEDGER_RETENTION_DAYS,
        .copy_path = copy,
    };
    return gl_ledger_open_s3(&options, ret_ledger, err);
}

int gl_cmd_open_ledger(struct gl_context *context, struct gl_error *err)
{
    const struct gl_config *config = context->config;
    if (!config || !gl_platform_is_aws(config))
        return open_own(context, &context->ledger, err);
    int failed = gl_cmd_need_account(context, err);
    if (failed < 0)
        return failed; /* without credentials, say: its hint is another one */
    failed = open_team(context, config, context->account, &context->ledger, err);
    if (failed == GL_E_NOT_FOUND)
        gl_error_hint(err, _("golive up --env %s makes it (stack bootstrap)."),
                      gl_config_env(config));
    return failed;
}

int gl_cmd_open_other_ledger(const struct gl_context *context, const struct gl_config *config,
                             struct gl_account *account, struct gl_ledger **ret_ledger,
                             struct gl_error *err)
{
    return account ? open_team(context, config, account, ret_ledger, err)
                   : open_own(context, ret_ledger, err);
}

int gl_cmd_need_ledger(struct gl_context *context, const struct gl_aws_context *aws,
                       struct gl_error *err)
{
    gl_autoerr struct gl_error problem = {0};
    if (context->ledger)
        return 0;
    int failed =
        open_team(context, aws->planned.plan.config, aws->account, &context->ledger, &problem);
    if (failed == GL_E_NOT_FOUND) {
        failed = open_own(context, &context->ledger, err);
        return failed < 0 ? failed : 1;
    }
    if (failed < 0)
        gl_error_move(err, &problem);
    return failed;
}

/* Who began before the team's ledger was there has the project's own lease until the end. */
static int is_free_here(struct gl_context *context, const char *env, const char *purpose,
                        struct gl_error *err)
{
    gl_autoledger struct gl_ledger *own = NULL;
    gl_autolease struct gl_lease *lease = NULL;
    gl_autofree char *path = own_path(context);
    if (access(path, F_OK) < 0)
        return 0;
    int failed = gl_ledger_open_sqlite(path, &own, err);
    return failed < 0 ? failed
                      : gl_lease_acquire(own, env, purpose, LEASE_TTL_MS, &lease, NULL, err);
}

int gl_cmd_take_lease(struct gl_context *context, const char *env, const char *purpose,
                      struct gl_lease **ret_lease, struct gl_error *err)
{
    int failed = is_free_here(context, env, purpose, err);
    return failed < 0 ? failed
                      : gl_lease_acquire(context->ledger, env, purpose, LEASE_TTL_MS, ret_lease,
                                         NULL, err);
}
