/* The variables that the frontend's build and its pages see in this environment. */
#include <string.h>

#include "base/json.h"
#include "base/strv.h"
#include "platform/aws/aws.h"

static bool is_frontend(const json_t *variable)
{
    const char *scope = gl_json_str(variable, "scope", "backend");
    return strcmp(scope, "frontend") == 0 || strcmp(scope, "common") == 0;
}

/* SvelteKit gives only names that begin with PUBLIC_ to the browser, and golive no secret. */
static bool is_public(const json_t *variable)
{
    return is_frontend(variable) && gl_starts_with(gl_json_str(variable, "name", ""), "PUBLIC_") &&
           strcmp(gl_json_str(variable, "kind", "plain"), "plain") == 0;
}

/* `variables` gets those that have a value, if it is not NULL. */
static int read_variables(const struct gl_platform *p, json_t *variables, struct gl_error *err)
{
    const char *env = gl_config_env(p->config);
    gl_autojson json_t *missing = json_array();
    size_t i;
    const json_t *variable;
    json_array_foreach(gl_config_node(p->config, "env_vars"), i, variable)
    {
        const char *name = gl_json_str(variable, "name", "");
        const char *value = gl_json_str(json_object_get(variable, "values"), env, "");
        gl_autofree char *expanded = gl_config_expand(p->config, value);
        if (!is_public(variable))
            continue;
        if (*value && variables)
            gl_json_set_str(variables, name, expanded);
        else if (!*value && gl_json_bool(variable, "required", true))
            json_array_append_new(missing, json_integer((json_int_t)i));
    }
    return gl_platform_need_values(p->config, missing, err);
}

/* What the backend gets is in Secrets Manager and Parameter Store (secrets_check.c, stack secrets).
 */
int gl_cloud_check_variables(struct gl_platform *p, bool frontend, struct gl_error *err)
{
    return frontend ? read_variables(p, NULL, err) : 0;
}

int gl_cloud_frontend_variables(struct gl_platform *p, json_t **ret_variables, struct gl_error *err)
{
    gl_autojson json_t *variables = json_object();
    int failed = read_variables(p, variables, err);
    if (failed == 0)
        *ret_variables = gl_steal(&variables);
    return failed;
}
