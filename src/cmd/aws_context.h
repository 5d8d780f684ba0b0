/* What the commands on an AWS environment share: which environment, its plan, its account. */
#ifndef GL_CMD_AWS_CONTEXT_H
#define GL_CMD_AWS_CONTEXT_H

#include "cmd/command.h"
#include "infra/account.h"
#include "infra/plan.h"
#include "platform/platform.h"

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

/* Loads golive.yaml for another environment than the context's; mistakes are shown with their
 * lines. The caller frees it. */
gl_nodiscard int gl_cmd_load_environment(struct gl_context *context, const char *env,
                                         struct gl_config **ret_config, struct gl_error *err);
/* From now on the context's configuration is that of this environment. */
gl_nodiscard int gl_cmd_change_environment(struct gl_context *context, const char *env,
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

/* The same with the profile that another flag of the command names; without, with that of
 * --profile.
 */
gl_nodiscard int gl_cmd_open_account_as(struct gl_context *context, const struct gl_config *config,
                                        const char *flag, struct gl_account **ret_account,
                                        struct gl_error *err);

/* The account of the configuration's environment, opened once; it belongs to the context. Nothing
 * is opened for an environment that is not on AWS. */
gl_nodiscard int gl_cmd_need_account(struct gl_context *context, struct gl_error *err);

/* The platform of the configuration's environment, with its account if it needs one. */
gl_nodiscard int gl_cmd_open_platform(struct gl_context *context, struct gl_platform **ret_platform,
                                      struct gl_error *err);

/* Everything at once. Zero-initialise. */
struct gl_aws_context {
    struct gl_catalog catalog;
    struct gl_planned planned;  /* planned.plan.config is the environment's configuration */
    struct gl_account *account; /* the context's, as long as what was opened with it */
};

/* Chooses the environment, plans it offline and opens its account. */
gl_nodiscard int gl_aws_context_open(struct gl_context *context, struct gl_aws_context *ret_aws,
                                     struct gl_error *err);
void gl_aws_context_done(struct gl_aws_context *aws);
#define gl_autoawscontext gl_cleanup(gl_aws_context_done)

/* Opens the ledger of the command's environment, which belongs to the context: the team's in the
 * account's bucket for an environment on AWS, else the project's own file. A command without a
 * configuration means an environment on AWS only if --env names one. GL_E_NOT_FOUND while golive up
 * has not made the bucket. */
gl_nodiscard int gl_cmd_open_ledger(struct gl_context *context, struct gl_error *err);

/* The ledger of an environment other than the command's: the team's in that account, without one
 * the project's own file. The caller frees it before the account. */
gl_nodiscard int gl_cmd_open_other_ledger(const struct gl_context *context,
                                          const struct gl_config *config,
                                          struct gl_account *account, struct gl_ledger **ret_ledger,
                                          struct gl_error *err);

/* The same for the commands that make and remove the bucket: while it is not there nothing can be
 * shared, and the project's own file serves. 1 = it does, 0 = it is the team's. */
gl_nodiscard int gl_cmd_need_ledger(struct gl_context *context, const struct gl_aws_context *aws,
                                    struct gl_error *err);

/* N_(): says that it does. */
extern const char gl_cmd_own_ledger_note[];

/* Takes the lease on an environment for a command that called gl_cmd_need_ledger(). GL_E_BUSY also
 * if one of this project that began without the team's ledger still runs. */
gl_nodiscard int gl_cmd_take_lease(struct gl_context *context, const char *env, const char *purpose,
                                   struct gl_lease **ret_lease, struct gl_error *err);

/* Prints JSON to the command's output. */
void gl_cmd_print_json(struct gl_context *context, const json_t *json);

#endif
