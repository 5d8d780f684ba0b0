/* The table of rules, and looking one up. */
#include "lint/rules.h"

#include <string.h>

#include "base/i18n.h"

const struct gl_lint_rule *const gl_lint_rules[] = {
#define row(name) &gl_lint_rule_##name,
    GL_LINT_RULES(row)
#undef row
        NULL,
};

size_t gl_lint_rule_count(void)
{
    return GL_COUNT(gl_lint_rules) - 1;
}

const struct gl_lint_about *gl_lint_rule_at(size_t index)
{
    return &gl_lint_rules[index]->about;
}

const struct gl_lint_about *gl_lint_rule_find(const char *id)
{
    for (size_t i = 0; gl_lint_rules[i]; i++) {
        if (strcmp(gl_lint_rules[i]->about.id, id) == 0)
            return &gl_lint_rules[i]->about;
    }
    return NULL;
}

int gl_lint_rule_not_found(const char *id, struct gl_error *err)
{
    const char *ids[GL_COUNT(gl_lint_rules)];
    for (size_t i = 0; gl_lint_rules[i]; i++)
        ids[i] = gl_lint_rules[i]->about.id;
    const char *nearest = gl_nearest(id, ids, gl_lint_rule_count());
    gl_fail(err, GL_E_NOT_FOUND, _("there is no rule `%s`"), id);
    return nearest ? gl_error_hint(err, _("did you mean `%s`?"), nearest)
                   : gl_error_hint(err, _("golive migrate lint --rules shows all of them."));
}
