/* The commands' structs; each is defined in its own file cmd_NAME.c. */
#ifndef GL_CMD_COMMANDS_H
#define GL_CMD_COMMANDS_H

#include "cmd/command.h"
#include "migrate/migrate.h"
#include "release/release.h"

extern const struct gl_command gl_cmd_completion;
extern const struct gl_command gl_cmd_config_show;
extern const struct gl_command gl_cmd_deploy;
extern const struct gl_command gl_cmd_down;
extern const struct gl_command gl_cmd_eject_stack;
extern const struct gl_command gl_cmd_help;
extern const struct gl_command gl_cmd_help_config;
extern const struct gl_command gl_cmd_init;
extern const struct gl_command gl_cmd_load;
extern const struct gl_command gl_cmd_local_down;
extern const struct gl_command gl_cmd_local_logs;
extern const struct gl_command gl_cmd_local_status;
extern const struct gl_command gl_cmd_local_up;
extern const struct gl_command gl_cmd_log;
extern const struct gl_command gl_cmd_log_verify;
extern const struct gl_command gl_cmd_man;
extern const struct gl_command gl_cmd_migrate_new;
extern const struct gl_command gl_cmd_migrate_status;
extern const struct gl_command gl_cmd_migrate_up;
extern const struct gl_command gl_cmd_plan;
extern const struct gl_command gl_cmd_rehearse;
extern const struct gl_command gl_cmd_rollback;
extern const struct gl_command gl_cmd_status;
extern const struct gl_command gl_cmd_up;
extern const struct gl_command gl_cmd_version;

/* What deploy and rollback share (cmd_deploy.c): opens the platform, runs, shows the outcome. */
typedef int gl_operation_fn(const struct gl_release_request *request,
                            struct gl_release_outcome *ret_outcome, struct gl_error *err);
gl_nodiscard int gl_cmd_operation(struct gl_context *context, gl_operation_fn *operation,
                                  int64_t rollback_to, struct gl_error *err);

/* What the migrate commands share (cmd_migrate_status.c): the directory of the migrations (caller
 * owns it); its content and the database's libpq string (caller owns it; secret). */
char *gl_cmd_migrations_dir(const struct gl_context *context);
gl_nodiscard int gl_cmd_migrations_open(struct gl_context *context, struct gl_migrations *ret_list,
                                        char **ret_conninfo, struct gl_error *err);

#endif
