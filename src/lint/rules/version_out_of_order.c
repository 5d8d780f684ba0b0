/* A pending file with a version below one that is applied. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (pass->file->late)
        gl_lint_report_at(pass, 0, _("a later version is applied already"));
}

const struct gl_lint_rule gl_lint_rule_version_out_of_order = {
    .about = {.id = "version-out-of-order",
              .severity = GL_LINT_ERROR,
              .title = N_("a file that is not applied is older than one that is"),
              .happens =
                  N_("Another database would get the files in another order than this one. "
                     "golive migrate up refuses an expand file of this kind. Only --database "
                     "can see this."),
              .safe = N_("Give the file a version above the last one.")},
    .on = GL_LINT_LIST(GL_LINT_ON_FILE),
    .check = check,
};
