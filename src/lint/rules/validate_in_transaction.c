/* NOT VALID and VALIDATE in one transaction. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const struct gl_lint_constraint *constraint =
        gl_lint_constraint_of(pass->table, pass->command->name);
    if (!constraint || constraint->file != pass->file_index || constraint->valid ||
        gl_lint_is_own(pass, pass->relation))
        return;
    struct gl_lint_finding *finding =
        gl_lint_report(pass,
                       _("%s was added in this transaction, whose lock is held while it is "
                         "validated"),
                       constraint->name);
    gl_autofree char *statement = gl_lint_source(pass);
    gl_lint_safe(finding, "-- %s\n%s;", _("in a file of its own:"), statement);
    finding->fix = GL_LINT_FIX_SPLIT;
}

const struct gl_lint_rule gl_lint_rule_validate_in_transaction = {
    .about = {.id = "validate-in-transaction",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a constraint is validated in the transaction that adds it"),
              .happens = N_("The lock that adding took is held to the end of the transaction, so "
                            "the scan blocks as if NOT VALID had not been said."),
              .lock = N_("AccessExclusive (CHECK) or ShareRowExclusive (foreign key), for a full "
                         "scan"),
              .safe = N_("Validate in a later file.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint),
    .check = check,
};
