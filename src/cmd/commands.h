/* The commands' structs; each is defined in its own file cmd_NAME.c. */
#ifndef GL_CMD_COMMANDS_H
#define GL_CMD_COMMANDS_H

#include "cmd/command.h"
#include "migrate/migrate.h"
#include "release/release.h"

extern const struct gl_command gl_cmd_approve;
extern const struct gl_command gl_cmd_attest;
extern const struct gl_command gl_cmd_check;
extern const struct gl_command gl_cmd_completion;
extern const struct gl_command gl_cmd_config_show;
extern const struct gl_command gl_cmd_db_exec;
extern const struct gl_command gl_cmd_decide;
extern const struct gl_command gl_cmd_deploy;
extern const struct gl_command gl_cmd_down;
extern const struct gl_command gl_cmd_eject_control;
extern const struct gl_command gl_cmd_eject_stack;
extern const struct gl_command gl_cmd_gate;
extern const struct gl_command gl_cmd_gate_verify;
extern const struct gl_command gl_cmd_generate_runbooks;
extern const struct gl_command gl_cmd_generate_workflows;
extern const struct gl_command gl_cmd_github_apply;
extern const struct gl_command gl_cmd_github_check;
extern const struct gl_command gl_cmd_help;
extern const struct gl_command gl_cmd_help_config;
extern const struct gl_command gl_cmd_init;
extern const struct gl_command gl_cmd_load;
extern const struct gl_command gl_cmd_local_down;
extern const struct gl_command gl_cmd_local_logs;
extern const struct gl_command gl_cmd_local_status;
extern const struct gl_command gl_cmd_local_up;
extern const struct gl_command gl_cmd_facts;
extern const struct gl_command gl_cmd_log;
extern const struct gl_command gl_cmd_log_verify;
extern const struct gl_command gl_cmd_logs;
extern const struct gl_command gl_cmd_man;
extern const struct gl_command gl_cmd_migrate_lint;
extern const struct gl_command gl_cmd_migrate_new;
extern const struct gl_command gl_cmd_migrate_plan;
extern const struct gl_command gl_cmd_migrate_prove;
extern const struct gl_command gl_cmd_migrate_revert;
extern const struct gl_command gl_cmd_migrate_status;
extern const struct gl_command gl_cmd_migrate_task;
extern const struct gl_command gl_cmd_migrate_trace;
extern const struct gl_command gl_cmd_migrate_up;
extern const struct gl_command gl_cmd_plan;
extern const struct gl_command gl_cmd_promote;
extern const struct gl_command gl_cmd_rehearse;
extern const struct gl_command gl_cmd_roadmap;
extern const struct gl_command gl_cmd_rollback;
extern const struct gl_command gl_cmd_status;
extern const struct gl_command gl_cmd_up;
extern const struct gl_command gl_cmd_version;

/* What deploy, promote and rollback share (cmd_deploy.c): opens the platform, runs, shows the
 * outcome. `wanted` has what is asked of the operation; the rest of the request is filled in. */
typedef int gl_operation_fn(const struct gl_release_request *request,
                            struct gl_release_outcome *ret_outcome, struct gl_error *err);
gl_nodiscard int gl_cmd_operation(struct gl_context *context, gl_operation_fn *operation,
                                  const struct gl_release_request *wanted, struct gl_error *err);

/* Shows what logs() of a platform gave: as text or as JSON lines, secrets masked. Where there is no
 * line yet, a person is told so, and where was looked (cmd_logs.c). */
void gl_cmd_show_log(const struct gl_context *context, struct gl_platform *platform,
                     const char *service, int64_t release, const char *text);

/* What --lines says. GL_E_USAGE for what is no number of lines. */
gl_nodiscard int gl_cmd_log_lines(const struct gl_context *context, int *ret_lines,
                                  struct gl_error *err);

/* Flags of what ships something that may mend what an alarm fires for. */
#define GL_DESPITE_FLAGS                                                                           \
    {"despite-alarm",                                                                              \
     0,                                                                                            \
     GL_FLAG_TEXT,                                                                                 \
     N_("NAME"),                                                                                   \
     NULL,                                                                                         \
     N_("ship though this alarm fires, because it mends what it fires for; all others count")},    \
    {                                                                                              \
        "reason", 0, GL_FLAG_TEXT, N_("TEXT"), NULL, N_("why, for the ledger (--despite-alarm)")   \
    }

/* Takes them over: GL_E_USAGE unless both are given, or none. */
gl_nodiscard int gl_cmd_despite(const struct gl_context *context,
                                struct gl_release_request *request, struct gl_error *err);

/* The URL of a database that was given by hand (given_url.c), kept as a secret: of --database, or
 * of the environment variable that --database-url-env names; NULL = neither is given. `hint`: what
 * to set the variable to. GL_E_USAGE: both are given, or the variable is empty. */
gl_nodiscard int gl_cmd_given_url(const struct gl_context *context, const char *hint,
                                  const char **ret_url, struct gl_error *err);
/* The same of a flag alone that names the variable. */
gl_nodiscard int gl_cmd_url_of_env(const struct gl_context *context, const char *flag,
                                   const char *hint, const char **ret_url, struct gl_error *err);

/* What the migrate commands share (migrations_open.c): the directory of the migrations (caller
 * owns it). */
char *gl_cmd_migrations_dir(const struct gl_context *context);

/* The migrations of the project and the database they are for. Zero-initialise. */
struct gl_cmd_migrations {
    char *dir;
    struct gl_migrations list;
    char *conninfo;               /* of --database-url-env, else NULL; secret */
    struct gl_platform *platform; /* of the environment, unless there is a conninfo */
    char *stage;                  /* that was shown last; for progress */
};

/* Reads the directory and finds the database. *ret_migrations must stay where it is; the caller
 * calls gl_cmd_migrations_done(). */
gl_nodiscard int gl_cmd_migrations_open(struct gl_context *context,
                                        struct gl_cmd_migrations *ret_migrations,
                                        struct gl_error *err);
/* The same without the files. */
gl_nodiscard int gl_cmd_database_open(struct gl_context *context,
                                      struct gl_cmd_migrations *ret_migrations,
                                      struct gl_error *err);
void gl_cmd_migrations_done(struct gl_cmd_migrations *migrations);
#define gl_autocmdmigrations gl_cleanup(gl_cmd_migrations_done)

/* The job of migrations, which must outlive it; the rest of it is the caller's to set. */
struct gl_migration_job gl_cmd_migrations_job(const struct gl_cmd_migrations *migrations);

/* Asks the database; and applies the job: from here or, where it cannot be reached, beside it. */
gl_nodiscard int gl_cmd_migrations_status(const struct gl_cmd_migrations *migrations,
                                          struct gl_migrate_status *ret_status,
                                          struct gl_error *err);
gl_nodiscard int gl_cmd_migrations_run(const struct gl_cmd_migrations *migrations,
                                       const struct gl_migration_job *job,
                                       struct gl_migrate_result *ret_result, struct gl_error *err);

#endif
