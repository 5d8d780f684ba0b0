/* Computed values: the variables of the application. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "infra/computed.h"
#include "infra/region.h"

static void add_capitals(struct gl_buf *out, const char *text)
{
    for (; *text; text++)
        gl_buf_putc(out,
                    (char)(isalnum((unsigned char)*text) ? toupper((unsigned char)*text) : '_'));
}

char *gl_variable_store_name(const struct gl_config *config, const json_t *variable)
{
    const char *given = gl_json_str(variable, "store_name", NULL);
    if (given)
        return gl_strdup(given);
    struct gl_buf name = {0};
    const char *prefix = gl_config_str(config, "app.env_prefix");
    add_capitals(&name, prefix ? prefix : gl_config_str(config, "app.name"));
    gl_buf_putc(&name, '_');
    add_capitals(&name, gl_json_str(variable, "scope", "backend"));
    gl_buf_printf(&name, "_%s", gl_json_str(variable, "name", ""));
    return gl_buf_steal(&name);
}

static bool is_kind(const json_t *variable, const char *kind)
{
    return strcmp(gl_json_str(variable, "kind", "plain"), kind) == 0;
}

/* The value of a plain variable in this environment, NULL if it has none. */
static const char *plain_value(const struct gl_config *config, const json_t *variable)
{
    const json_t *values = json_object_get(variable, "values");
    const char *value = gl_json_str(values, gl_config_env(config), NULL);
    return value && *value ? value : NULL;
}

/* The stored names of the URLs of channels, each once; `told` = only of those that are told of
 * releases. */
static void add_channel_names(const struct gl_config *config, bool told, struct gl_strv *names)
{
    size_t i;
    const json_t *channel;
    json_array_foreach(gl_config_node(config, "observability.notify"), i, channel)
    {
        const char *name = gl_json_str(channel, "endpoint_secret", NULL);
        bool wanted = !told || gl_json_bool(channel, "releases", false);
        if (name && wanted && !gl_strv_has(names, name))
            gl_strv_add(names, name);
    }
}

int gl_compute_secret_names(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const struct gl_config *config = c->config;
    gl_autostrv struct gl_strv names = {0};
    size_t i;
    const json_t *variable;
    json_array_foreach(gl_config_node(config, "env_vars"), i, variable)
    {
        gl_autofree char *name = gl_variable_store_name(config, variable);
        if (is_kind(variable, "secret") && !gl_strv_has(&names, name))
            gl_strv_add(&names, name);
    }
    add_channel_names(config, false, &names);
    gl_autofree char *all = gl_strv_join(&names, ",");
    gl_buf_puts(value, all);
    *ret_given = true;
    return 0;
}

int gl_compute_plain_names(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const struct gl_config *config = c->config;
    gl_autostrv struct gl_strv names = {0};
    size_t i;
    const json_t *variable;
    json_array_foreach(gl_config_node(config, "env_vars"), i, variable)
    {
        gl_autofree char *name = gl_variable_store_name(config, variable);
        if (is_kind(variable, "plain") && plain_value(config, variable) &&
            !gl_strv_has(&names, name))
            gl_strv_add(&names, name);
    }
    gl_autofree char *all = gl_strv_join(&names, ",");
    gl_buf_puts(value, all);
    *ret_given = true;
    return 0;
}

int gl_compute_plain_values(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const struct gl_config *config = c->config;
    size_t i;
    const json_t *variable;
    json_array_foreach(gl_config_node(config, "env_vars"), i, variable)
    {
        const char *plain = is_kind(variable, "plain") ? plain_value(config, variable) : NULL;
        if (!plain)
            continue;
        if (strchr(plain, '\n'))
            return gl_fail(c->err, GL_E_CONFIG, _("the value of %s has a line break"),
                           gl_json_str(variable, "name", "?"));
        gl_autofree char *name = gl_variable_store_name(config, variable);
        gl_buf_printf(value, "%s%s=%s\n", value->len ? "" : "\n", name, plain);
    }
    *ret_given = true;
    return 0;
}

/* ---- places of secrets -------------------------------------------------------------------------
 */

static bool in_scope(const json_t *variable, const char *scope)
{
    const char *own = gl_json_str(variable, "scope", "backend");
    return strcmp(own, scope) == 0 || strcmp(own, "common") == 0;
}

/* The ARN of what is stored under a name; `letters` stand for what Secrets Manager appends. */
static char *stored_arn(const struct gl_computing *c, const char *name, const char *letters)
{
    const char *account = gl_config_str(c->config, "account_id");
    const char *path = gl_config_str(c->config, "secrets_path");
    bool ssm = strcmp(gl_config_str(c->config, "secrets.store"), "ssm") == 0;
    return gl_asprintf("arn:%s:%s:%s:%s:%s%s/%s%s", gl_region_partition(c->region),
                       ssm ? "ssm" : "secretsmanager", c->region, account ? account : "",
                       ssm ? "parameter" : "secret:", path ? path : "", name, ssm ? "" : letters);
}

static char *secret_arn(const struct gl_computing *c, const json_t *variable, const char *letters)
{
    gl_autofree char *name = gl_variable_store_name(c->config, variable);
    return stored_arn(c, name, letters);
}

int gl_compute_channel_arns(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    gl_autostrv struct gl_strv names = {0};
    add_channel_names(c->config, true, &names);
    for (size_t i = 0; i < names.count; i++) {
        gl_autofree char *arn = stored_arn(c, names.items[i], "-\?\?\?\?\?\?");
        gl_buf_printf(value, "%s%s", i ? "," : "", arn);
    }
    *ret_given = names.count > 0;
    return 0;
}

int gl_compute_secret_arns(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    size_t i;
    const json_t *variable;
    json_array_foreach(gl_config_node(c->config, "env_vars"), i, variable)
    {
        if (!is_kind(variable, "secret") || !in_scope(variable, c->argument))
            continue;
        gl_autofree char *arn = secret_arn(c, variable, "-\?\?\?\?\?\?");
        gl_buf_printf(value, "%s%s", value->len ? "," : "", arn);
    }
    *ret_given = true;
    return 0;
}

/* ---- lists of objects for the task definition --------------------------------------------------
 */

static void add_pair(json_t *list, const char *name, const char *key, const char *value)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        if (strcmp(gl_json_str(item, "Name", ""), name) == 0) {
            gl_json_set_str(item, key, value);
            return;
        }
    }
    item = json_object();
    gl_json_set_str(item, "Name", name);
    gl_json_set_str(item, key, value);
    json_array_append_new(list, item);
}

/* The variables that a service gets in plain: what golive says itself, then those of its scope. */
static json_t *plain_pairs(const struct gl_computing *c, const char *scope)
{
    json_t *list = json_array();
    bool backend = strcmp(scope, "backend") == 0;
    const char *port_key = backend ? "backend.port" : "frontend.ssr.port";
    gl_autofree char *port = gl_asprintf("%lld", (long long)gl_config_int(c->config, port_key));
    const char *origin = backend ? NULL : gl_config_str(c->config, "frontend.ssr.origin");
    add_pair(list, "PORT", "Value", port);
    add_pair(list, "APP_ENV", "Value", gl_config_env(c->config));
    add_pair(list, "AWS_REGION", "Value", c->region);
    if (origin)
        add_pair(list, "ORIGIN", "Value", origin);
    size_t i;
    const json_t *variable;
    json_array_foreach(gl_config_node(c->config, "env_vars"), i, variable)
    {
        const char *value = is_kind(variable, "plain") ? plain_value(c->config, variable) : NULL;
        if (value && in_scope(variable, scope))
            add_pair(list, gl_json_str(variable, "name", ""), "Value", value);
    }
    return list;
}

static json_t *secret_pairs(const struct gl_computing *c, const char *scope)
{
    json_t *list = json_array();
    size_t i;
    const json_t *variable;
    json_array_foreach(gl_config_node(c->config, "env_vars"), i, variable)
    {
        if (!is_kind(variable, "secret") || !in_scope(variable, scope))
            continue;
        gl_autofree char *arn = secret_arn(c, variable, "");
        add_pair(list, gl_json_str(variable, "name", ""), "ValueFrom", arn);
    }
    return list;
}

json_t *gl_compute_environment(const struct gl_computing *c)
{
    return plain_pairs(c, c->argument);
}

json_t *gl_compute_secrets(const struct gl_computing *c)
{
    return secret_pairs(c, c->argument);
}

/* ---- places of App Runner, which has no parameter for a list of unknown length
 * -------------------
 */

enum { SECRET_PLACES = 8, PLAIN_PLACES = 12 };

/* One member of each pair, a line each, filled up with empty lines to `places` lines. */
static int add_lines(const struct gl_computing *c, const json_t *pairs, const char *member,
                     size_t places, struct gl_buf *value)
{
    size_t i;
    const json_t *pair;
    size_t lines = 0;
    json_array_foreach(pairs, i, pair)
    {
        if (strcmp(gl_json_str(pair, "Name", ""), "PORT") == 0)
            continue; /* App Runner sets it itself */
        gl_buf_printf(value, "%s%s", lines ? "\n" : "", gl_json_str(pair, member, ""));
        lines++;
    }
    if (lines > places)
        return gl_fail(
            c->err, GL_E_CONFIG,
            _("env_vars has %zu variables for the backend; App Runner's stack has places "
              "for %zu"),
            lines, places);
    for (size_t k = lines ? lines : 1; k < places; k++)
        gl_buf_putc(value, '\n');
    return 0;
}

int gl_compute_secret_lines(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    gl_autojson json_t *pairs = secret_pairs(c, "backend");
    *ret_given = true;
    return add_lines(c, pairs, c->argument, SECRET_PLACES, value);
}

int gl_compute_plain_lines(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    gl_autojson json_t *pairs = plain_pairs(c, "backend");
    *ret_given = true;
    return add_lines(c, pairs, c->argument, PLAIN_PLACES, value);
}
