/* ADD UNIQUE or PRIMARY KEY that builds its index. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__Constraint *key = pass->constraint;
    bool primary = key->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
    if ((!primary && key->contype != PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE) || *key->indexname ||
        gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *columns = gl_lint_list(key->keys, key->n_keys);
    gl_autofree char *given = *key->conname ? gl_lint_quote(key->conname) : NULL;
    gl_autofree char *made =
        gl_asprintf("%s_%s", pass->relation->relname, primary ? "pkey" : "key");
    const char *name = given ? given : made;
    gl_lint_safe(
        gl_lint_report(pass, _("the index of %s is built while the table is locked"), name),
        "%sCREATE UNIQUE INDEX CONCURRENTLY %s ON %s (%s);\n"
        "-- %s\n"
        "ALTER TABLE %s ADD CONSTRAINT %s %s USING INDEX %s;",
        gl_lint_alone_mark(pass), name, table, columns, _("then, in a file of its own:"), table,
        name, primary ? "PRIMARY KEY" : "UNIQUE", name);
}

const struct gl_lint_rule gl_lint_rule_add_unique = {
    .about = {.id = "add-unique",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a unique constraint or primary key builds its index under a lock"),
              .happens =
                  N_("The table is read from end to end and sorted. Nobody can read or write "
                     "it meanwhile."),
              .lock = N_("AccessExclusive on the table, for an index build"),
              .safe =
                  N_("Build a unique index CONCURRENTLY, then make it the constraint with USING "
                     "INDEX.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint),
    .check = check,
};
