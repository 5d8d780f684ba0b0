/* ALTER DOMAIN ADD CHECK, VALIDATE CONSTRAINT, SET NOT NULL. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__AlterDomainStmt *alter = pass->statement->alter_domain_stmt;
    const char *name = gl_lint_last(alter->type_name, alter->n_type_name);
    const struct gl_lint_domain *domain = gl_lint_map_get(&pass->state->domains, name);
    bool adds =
        strcmp(alter->subtype, "C") == 0 && alter->def && !alter->def->constraint->skip_validation;
    bool forbids = strcmp(alter->subtype, "O") == 0;
    bool validates = strcmp(alter->subtype, "V") == 0;
    if ((!adds && !forbids && !validates) || (domain && domain->file == pass->file_index))
        return;
    gl_autofree char *statement = gl_lint_source(pass);
    struct gl_lint_finding *finding = gl_lint_report(
        pass, _("every table with a column of %s is read while it refuses writes"), name);
    if (adds)
        gl_lint_safe(finding, "%s NOT VALID;\n-- %s\nALTER DOMAIN %s VALIDATE CONSTRAINT %s;",
                     statement, _("then, in a file of its own:"), name,
                     *alter->def->constraint->conname ? alter->def->constraint->conname
                                                      : "<constraint>");
}

const struct gl_lint_rule gl_lint_rule_alter_domain = {
    .about =
        {.id = "alter-domain",
                .severity = GL_LINT_ERROR,
                .title = N_("a constraint of a domain reads every table that uses it"),
                .happens = N_("Each table with a column of the domain is read from end to end and "
                       "refuses writes meanwhile."),
                .lock = N_("Share on every table that uses the domain, for full scans"),
                .safe = N_(
             "NOT VALID holds for new values and reads nothing. Validating reads the tables with the same lock, so leave it out, or do it outside of peak hours.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_ALTER_DOMAIN_STMT),
    .check = check,
};
