/* What the commands on an AWS environment share: which environment, its plan, its account. */
#ifndef GL_CMD_AWS_CONTEXT_H
#define GL_CMD_AWS_CONTEXT_H

#include "cmd/command.h"
#include "infra/account.h"
#include "infra/plan.h"

/* One environment: its configuration and what it makes of the stacks. Zero-initialise. */
struct gl_planned {
    struct gl_config *own; /* NULL: the context's configuration is of this environment already */
    struct gl_plan plan;
};

void gl_planned_done(struct gl_planned *planned);
#define gl_autoplanned gl_cleanup(gl_planned_done)

/* --env, else prod, else the only one there is. GL_E_USAGE names those golive.yaml has. */
gl_nodiscard int gl_cmd_choose_environment(struct gl_context *context, const char **ret_env,
                                           struct gl_error *err);

/* Loads, checks and plans an environment without network; mistakes in golive.yaml are shown with
 * their lines. The catalog must live as long. */
gl_nodiscard int gl_cmd_plan_environment(struct gl_context *context, const char *env,
                                         const struct gl_catalog *catalog,
                                         struct gl_planned *planned, struct gl_error *err);

/* The flag of every command that opens an account. */
#define GL_PROFILE_FLAG                                                                            \
    {                                                                                              \
        "profile", 0, GL_FLAG_TEXT, N_("NAME"), NULL,                                              \
            N_("profile of ~/.aws/config to use instead of AWS_PROFILE")                           \
    }

/* Opens the account of an environment; a code of an MFA device is asked for on the terminal. The
 * command must have GL_PROFILE_FLAG. The caller calls gl_account_free(). */
gl_nodiscard int gl_cmd_open_account(struct gl_context *context, const struct gl_config *config,
                                     struct gl_account **ret_account, struct gl_error *err);

/* Everything at once. Zero-initialise. */
struct gl_aws_context {
    struct gl_catalog catalog;
    struct gl_planned planned; /* planned.plan.config is the environment's configuration */
    struct gl_account *account;
};

/* Chooses the environment, plans it offline and opens its account. */
gl_nodiscard int gl_aws_context_open(struct gl_context *context, struct gl_aws_context *ret_aws,
                                     struct gl_error *err);
void gl_aws_context_done(struct gl_aws_context *aws);
#define gl_autoawscontext gl_cleanup(gl_aws_context_done)

/* The ledger of the project (.golive/ledger.db), for a command that needs it only sometimes; it
 * belongs to the context, which closes it. */
gl_nodiscard int gl_cmd_need_ledger(struct gl_context *context, struct gl_error *err);

/* Prints JSON to the command's output. */
void gl_cmd_print_json(struct gl_context *context, const json_t *json);

#endif
