/* Every command, in the order help shows them, and the flags they share. */
#include "base/i18n.h"
#include "cmd/command.h"
#include "cmd/commands.h"

/* clang-format off */
const struct gl_command *const gl_commands[] = {
    &gl_cmd_init,
    &gl_cmd_rehearse,
    &gl_cmd_plan,
    &gl_cmd_up,
    &gl_cmd_down,
    &gl_cmd_eject_stack,
    &gl_cmd_deploy,
    &gl_cmd_rollback,
    &gl_cmd_status,
    &gl_cmd_local_up,
    &gl_cmd_local_down,
    &gl_cmd_local_status,
    &gl_cmd_local_logs,
    &gl_cmd_migrate_status,
    &gl_cmd_migrate_up,
    &gl_cmd_migrate_new,
    &gl_cmd_log,
    &gl_cmd_log_verify,
    &gl_cmd_config_show,
    &gl_cmd_help,
    &gl_cmd_help_config,
    &gl_cmd_version,
    &gl_cmd_completion,
    &gl_cmd_man,
    &gl_cmd_load,
    NULL,
};
/* clang-format on */

const struct gl_flag gl_global_flags[] = {
    {"env",                                               'e', GL_FLAG_TEXT, N_("ENV"), NULL, N_("environment to work on")},
    {"config",                                       'c', GL_FLAG_TEXT, N_("FILE"), NULL,
     N_("golive.yaml to use instead of the nearest one")},
    {"set",                                               's', GL_FLAG_LIST, N_("KEY=VALUE"), NULL, N_("override a value of golive.yaml")},
    {"state",                                                   0, GL_FLAG_TEXT, N_("DIR"), NULL,
     N_("where golive keeps its state (.golive beside golive.yaml)")},
    {"format",          'f', GL_FLAG_TEXT, N_("FORMAT"), "text", N_("text or json")},
    {"verbose",                                         'v', GL_FLAG_BOOL, NULL, NULL, N_("say more on standard error")},
    {"help", 'h', GL_FLAG_BOOL, NULL, NULL, N_("show this help")},
    {0                                              },
};
