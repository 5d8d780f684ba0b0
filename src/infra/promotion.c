/* Promotion between accounts: who reads whom, by which role. */
#include "infra/promotion.h"

#include <string.h>

#include "base/json.h"
#include "infra/computed.h"
#include "infra/region.h"

static const char target[] = "prod"; /* what everything is promoted to in the end */

static const char *account_of(const struct gl_config *config, const char *env)
{
    const json_t *environments = json_object_get(gl_config_tree(config), "environments");
    return gl_json_str(json_object_get(environments, env), "account_id", NULL);
}

const char *gl_promotion_account(const struct gl_config *config)
{
    const char *own = gl_config_str(config, "account_id");
    const char *other = account_of(config, target);
    bool apart = own && other && strcmp(own, other) != 0;
    return apart && strcmp(gl_config_env(config), target) != 0 ? other : NULL;
}

char *gl_promotion_role(const char *app, const char *env, const char *account, const char *region)
{
    return gl_asprintf("arn:%s:iam::%s:role/%s-%s-promote", gl_region_partition(region), account,
                       app, env);
}

int gl_compute_promoting_account(const struct gl_computing *c, struct gl_buf *value,
                                 bool *ret_given)
{
    const char *account = gl_promotion_account(c->config);
    gl_buf_puts(value, account ? account : "");
    *ret_given = account != NULL;
    return 0;
}

int gl_compute_promotion_roles(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const char *own = gl_config_str(c->config, "account_id");
    const json_t *environments = json_object_get(gl_config_tree(c->config), "environments");
    const char *env;
    json_t *unused;
    bool is_target = strcmp(gl_config_env(c->config), target) == 0;
    json_object_foreach((json_t *)environments, env, unused)
    {
        const char *account = account_of(c->config, env);
        if (!is_target || !own || !account || strcmp(account, own) == 0)
            continue;
        gl_autofree char *role =
            gl_promotion_role(gl_config_str(c->config, "app.name"), env, account, c->region);
        gl_buf_printf(value, "%s%s", value->len ? "," : "", role);
    }
    *ret_given = value->len > 0;
    return 0;
}
