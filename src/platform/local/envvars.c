/* Environment variables for this machine, derived from env_vars of the configuration. */
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "platform/local/secrets.h"
#include "platform/local/slot.h"

enum {
    SECRET_BYTES = 32,
};

struct derivation {
    bool (*applies)(const json_t *variable);
    int (*derive)(struct gl_local *local, const json_t *variable, char **ret_value,
                  struct gl_error *err);
};

static const char *name_of(const json_t *variable)
{
    return gl_json_str(variable, "name", "");
}

static bool is_secret(const json_t *variable)
{
    return strcmp(gl_json_str(variable, "kind", "plain"), "secret") == 0;
}

static const char *stored_value(const json_t *variable, const char *env)
{
    return gl_json_str(json_object_get(variable, "values"), env, NULL);
}

static bool has_local_value(const json_t *variable)
{
    return stored_value(variable, "local") != NULL;
}

static int local_value(struct gl_local *local, const json_t *variable, char **ret_value,
                       struct gl_error *err)
{
    (void)err;
    *ret_value = gl_config_expand(local->base.config, stored_value(variable, "local"));
    return 0;
}

static bool is_database(const json_t *variable)
{
    const json_t *validate = json_object_get(variable, "validate");
    return gl_starts_with(gl_json_str(validate, "url", ""), "postgres");
}

static int database_url(struct gl_local *local, const json_t *variable, char **ret_value,
                        struct gl_error *err)
{
    (void)variable;
    return gl_local_postgres_url(local, GL_ROLE_APP, ret_value, err);
}

static bool is_cors_origin(const json_t *variable)
{
    return strcmp(name_of(variable), "CORS_ORIGIN") == 0;
}

static int app_url(struct gl_local *local, const json_t *variable, char **ret_value,
                   struct gl_error *err)
{
    (void)variable;
    (void)err;
    *ret_value = gl_edge_url(local, gl_config_str(local->base.config, "domain.app"));
    return 0;
}

static bool is_api_url(const json_t *variable)
{
    return strcmp(name_of(variable), "PUBLIC_API_BASE_URL") == 0;
}

static int api_url(struct gl_local *local, const json_t *variable, char **ret_value,
                   struct gl_error *err)
{
    (void)variable;
    (void)err;
    *ret_value = gl_edge_url(local, gl_config_str(local->base.config, "domain.api"));
    return 0;
}

static bool is_app_env(const json_t *variable)
{
    return strcmp(name_of(variable), "PUBLIC_APP_ENV") == 0;
}

static int development(struct gl_local *local, const json_t *variable, char **ret_value,
                       struct gl_error *err)
{
    (void)local;
    (void)variable;
    (void)err;
    *ret_value = gl_strdup("development");
    return 0;
}

static bool is_log_level(const json_t *variable)
{
    return strcmp(name_of(variable), "RUST_LOG") == 0;
}

static int info(struct gl_local *local, const json_t *variable, char **ret_value,
                struct gl_error *err)
{
    (void)local;
    (void)variable;
    (void)err;
    *ret_value = gl_strdup("info");
    return 0;
}

/* A random value suits a password or a signing key; one that must have a form (a URL of somebody's
 * service, a fixed set of words) cannot be made up, and one that may be missing is left out. */
static bool can_be_generated(const json_t *variable)
{
    const json_t *validate = json_object_get(variable, "validate");
    return is_secret(variable) && gl_json_bool(variable, "required", true) &&
           !json_object_get(validate, "url") && !json_object_get(validate, "enum") &&
           !json_object_get(validate, "regex");
}

/* Made once and then kept, so that tokens signed by one version are valid for the next. */
static int generated_secret(struct gl_local *local, const json_t *variable, char **ret_value,
                            struct gl_error *err)
{
    gl_autosecrets struct gl_secrets secrets = {0};
    int failed = gl_secrets_open(local, &secrets, err);
    if (failed < 0)
        return failed;
    if (!json_is_object(json_object_get(secrets.values, "variables")))
        json_object_set_new(secrets.values, "variables", json_object());
    json_t *kept = json_object_get(secrets.values, "variables");
    int64_t least = gl_json_int(json_object_get(variable, "validate"), "min_bytes", SECRET_BYTES);
    const char *value = gl_json_str(kept, name_of(variable), "");
    if ((int64_t)strlen(value) < least) {
        gl_autofree char *fresh = gl_random_hex((size_t)least);
        gl_json_set_str(kept, name_of(variable), fresh);
        failed = gl_secrets_save(local, &secrets, err);
        if (failed < 0)
            return failed;
    }
    *ret_value = gl_strdup(gl_json_str(kept, name_of(variable), ""));
    return 0;
}

static const char *const other_environments[] = {"dev", "stg", "prod"};

static const char *value_elsewhere(const json_t *variable)
{
    const char *value = NULL;
    for (size_t i = 0; !value && i < GL_COUNT(other_environments); i++)
        value = stored_value(variable, other_environments[i]);
    return value;
}

static bool has_value_elsewhere(const json_t *variable)
{
    return !is_secret(variable) && value_elsewhere(variable) != NULL;
}

static int borrowed_value(struct gl_local *local, const json_t *variable, char **ret_value,
                          struct gl_error *err)
{
    (void)err;
    *ret_value = gl_config_expand(local->base.config, value_elsewhere(variable));
    return 0;
}

/* The first row that applies gives the value. */
static const struct derivation derivations[] = {
    {has_local_value,     local_value     },
    {is_database,         database_url    },
    {is_cors_origin,      app_url         },
    {is_api_url,          api_url         },
    {is_app_env,          development     },
    {is_log_level,        info            },
    {can_be_generated,    generated_secret},
    {has_value_elsewhere, borrowed_value  },
};

static bool is_generated(const json_t *variable)
{
    for (size_t i = 0; i < GL_COUNT(derivations); i++) {
        if (derivations[i].applies(variable))
            return derivations[i].derive == generated_secret;
    }
    return false;
}

void gl_envvars_salvage(const struct gl_local *local, json_t *secrets)
{
    const struct gl_config *config = local->base.config;
    const json_t *variables = config ? gl_config_node(config, "env_vars") : NULL;
    json_t *kept = json_object();
    for (size_t i = 0; i < json_array_size(variables); i++) {
        const json_t *variable = json_array_get(variables, i);
        gl_autofree char *value =
            is_generated(variable) ? gl_salvage_variable(local, name_of(variable)) : NULL;
        if (value) {
            gl_secret_add(value);
            gl_json_set_str(kept, name_of(variable), value);
        }
        if (is_generated(variable))
            gl_log(GL_LOG_WARN,
                   value ? _("%s was lost with secrets.json, and found again in what the running "
                             "version was started with")
                         : _("%s was lost with secrets.json: it is made anew, and what was signed "
                             "or encrypted with the old one is no longer accepted"),
                   name_of(variable));
    }
    json_object_set_new(secrets, "variables", kept);
}

/* NULL when no row applies. */
static int value_of(struct gl_local *local, const json_t *variable, char **ret_value,
                    struct gl_error *err)
{
    *ret_value = NULL;
    for (size_t i = 0; i < GL_COUNT(derivations); i++) {
        if (!derivations[i].applies(variable))
            continue;
        int failed = derivations[i].derive(local, variable, ret_value, err);
        if (failed == 0 && is_secret(variable))
            gl_secret_add(*ret_value);
        return failed < 0 ? gl_error_wrap(err, "%s", name_of(variable)) : 0;
    }
    return 0;
}

static bool in_scope(const json_t *variable, const char *scope)
{
    const char *own = gl_json_str(variable, "scope", "backend");
    return strcmp(own, scope) == 0 || strcmp(own, "common") == 0;
}

/* Whether a value of golive.yaml is empty; what golive makes itself never is. */
static bool has_value(const struct gl_local *local, const json_t *variable)
{
    const char *written = NULL;
    for (size_t i = 0; i < GL_COUNT(derivations); i++) {
        if (!derivations[i].applies(variable))
            continue;
        if (derivations[i].derive == local_value)
            written = stored_value(variable, "local");
        else if (derivations[i].derive == borrowed_value)
            written = value_elsewhere(variable);
        gl_autofree char *value = written ? gl_config_expand(local->base.config, written) : NULL;
        return !value || *value;
    }
    return false;
}

int gl_envvars_check(const struct gl_local *local, bool frontend, struct gl_error *err)
{
    const json_t *variables = gl_config_node(local->base.config, "env_vars");
    gl_autojson json_t *missing = json_array();
    for (size_t i = 0; i < json_array_size(variables); i++) {
        const json_t *variable = json_array_get(variables, i);
        bool counts = in_scope(variable, "backend") || (frontend && in_scope(variable, "frontend"));
        if (counts && gl_json_bool(variable, "required", true) && !has_value(local, variable))
            json_array_append_new(missing, json_integer((json_int_t)i));
    }
    return gl_platform_need_values(local->base.config, missing, err);
}

typedef void take_fn(const json_t *variable, const char *value, void *context);

static int each_value(struct gl_local *local, const char *scope, take_fn *take, void *context,
                      struct gl_error *err)
{
    const json_t *variables = gl_config_node(local->base.config, "env_vars");
    gl_autojson json_t *missing = json_array();
    for (size_t i = 0; i < json_array_size(variables); i++) {
        const json_t *variable = json_array_get(variables, i);
        gl_autofree char *value = NULL;
        if (!in_scope(variable, scope))
            continue;
        int failed = value_of(local, variable, &value, err);
        if (failed < 0)
            return failed;
        bool required = gl_json_bool(variable, "required", true);
        if (required && (!value || !*value))
            json_array_append_new(missing, json_integer((json_int_t)i));
        else if (value)
            take(variable, value, context);
        if (value)
            gl_wipe(value, strlen(value));
    }
    return gl_platform_need_values(local->base.config, missing, err);
}

static void take_assignment(const json_t *variable, const char *value, void *context)
{
    gl_strv_addf(context, "%s=%s", name_of(variable), value);
}

int gl_envvars_backend(struct gl_local *local, struct gl_strv *ret_env, struct gl_error *err)
{
    return each_value(local, "backend", take_assignment, ret_env, err);
}

/* SvelteKit gives only names that begin with PUBLIC_ to the browser. */
static void take_public(const json_t *variable, const char *value, void *context)
{
    if (!is_secret(variable) && gl_starts_with(name_of(variable), "PUBLIC_"))
        gl_json_set_str(context, name_of(variable), value);
}

int gl_envvars_frontend(struct gl_local *local, json_t **ret_object, struct gl_error *err)
{
    gl_autojson json_t *object = json_object();
    int failed = each_value(local, "frontend", take_public, object, err);
    if (failed == 0)
        *ret_object = gl_steal(&object);
    return failed;
}
