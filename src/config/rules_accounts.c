/* Which environments may share an AWS account: accounts.layout against all environments of the
 * file.
 */
#include <string.h>

#include "base/i18n.h"
#include "config/internal.h"

static const struct gl_node *account_of(const struct gl_node *environment)
{
    const struct gl_node *account = gl_node_child(environment, "account_id");
    return account && account->kind == GL_NODE_SCALAR && account->text ? account : NULL;
}

static bool may_share(const char *layout, const char *env, const char *other)
{
    if (strcmp(layout, "single") == 0)
        return true;
    bool production = strcmp(env, "prod") == 0 || strcmp(other, "prod") == 0;
    return strcmp(layout, "prod_separate") == 0 && !production;
}

static void compare(const struct gl_check *check, const char *layout, const struct gl_node *env,
                    const struct gl_node *other)
{
    const struct gl_node *account = account_of(env);
    const struct gl_node *same = account_of(other);
    if (!account || !same || strcmp(account->text, same->text) != 0 ||
        may_share(layout, env->name, other->name))
        return;
    struct gl_error *problem =
        gl_diagnostics_add(check->list, check->file, account->origin,
                           _("environment %s has the same account"), other->name);
    gl_error_hint(problem, _("accounts.layout is %s; `single` allows it."), layout);
}

void gl_rules_check_accounts(const struct gl_check *check, const struct gl_node *merged,
                             const char *env)
{
    const struct gl_node *layout = gl_node_find(merged, "accounts.layout");
    const char *word = layout ? json_string_value(layout->json) : NULL;
    const struct gl_node *environments = gl_node_child(check->root, "environments");
    const struct gl_node *own = gl_node_child(environments, env);
    const struct gl_node *account = own ? account_of(own) : NULL;
    if (!account || !word)
        return;
    if (strspn(account->text, "0") == strlen(account->text))
        gl_diagnostics_add(check->list, check->file, account->origin, _("%s is no account"),
                           account->text);
    /* Each pair once, at the one that comes second. */
    for (const struct gl_node *at = environments->first; at != own; at = at->next)
        compare(check, word, own, at);
}
