/* A file without a statement. */
#include "base/i18n.h"
#include "lint/rules.h"
#include "migrate/phase.h"

/* What was applied cannot be filled any more; what does not end, or is psql's, has a rule. */
static void check(struct gl_lint_pass *pass)
{
    if (!pass->file->applied && !pass->scan->has_unterminated && !pass->scan->has_meta_command &&
        gl_phase_is_empty(pass->text))
        gl_lint_report_at(pass, 0, _("the file holds no statement: only its version is noted"));
}

const struct gl_lint_rule gl_lint_rule_empty_file = {
    .about = {.id = "empty-file",
              .severity = GL_LINT_WARNING,
              .title = N_("a migration without a statement"),
              .happens = N_("It counts as applied, and changes nothing. An application that needs "
                            "what it was to make fails, and the file cannot be filled any more: "
                            "then it was edited after it was applied."),
              .safe = N_("Write its SQL before it is applied, or take the file out. One that is "
                         "empty on purpose says why: `-- golive-lint: allow-file=empty-file "
                         "reason=\"...\"`.")},
    .on = GL_LINT_LIST(GL_LINT_ON_FILE_END),
    .check = check,
};
