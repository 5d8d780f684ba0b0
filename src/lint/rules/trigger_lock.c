/* CREATE TRIGGER, ENABLE and DISABLE TRIGGER. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_lint_report(pass, _("writers of %s wait for a moment"), table);
}

const struct gl_lint_rule gl_lint_rule_trigger_lock = {
    .about = {.id = "trigger-lock",
              .severity = GL_LINT_INFO,
              .title = N_("writers wait while a trigger comes, or is switched"),
              .happens = N_("Nothing is read or written. But the statement waits for every "
                            "transaction that writes to the table, and all later writers wait "
                            "behind it."),
              .lock = N_("ShareRowExclusive on the table, for a moment"),
              .safe =
                  N_("golive migrate up sets lock_timeout and tries again; with another runner, "
                     "SET lock_timeout = '2s' first.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_CREATE_TRIG_STMT),
    .commands = GL_LINT_LIST(
        PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig, PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig,
        PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaTrig,
        PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig, PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll,
        PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll,
        PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser,
        PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser),
    .check = check,
};
