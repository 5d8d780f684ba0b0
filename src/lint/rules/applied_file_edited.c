/* A file that was applied with another content. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (pass->file->edited)
        gl_lint_report_at(pass, 0, _("the database has this version with another checksum"));
}

const struct gl_lint_rule gl_lint_rule_applied_file_edited = {
    .about = {.id = "applied-file-edited",
              .severity = GL_LINT_ERROR,
              .title = N_("a file was edited after it was applied"),
              .happens = N_("golive and sqlx compare the SHA-384 of the file's bytes with what was "
                            "applied, and refuse to go on. Only --database can see this."),
              .safe = N_("Take the edit back, and put the change into a new file.")},
    .on = GL_LINT_LIST(GL_LINT_ON_FILE),
    .check = check,
};
