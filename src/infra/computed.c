/* The table of computed values. */
#include "infra/computed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"

static bool scalar_text(const json_t *value, struct gl_buf *text)
{
    if (json_is_string(value))
        gl_buf_puts(text, json_string_value(value));
    else if (json_is_integer(value))
        gl_buf_printf(text, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        gl_buf_printf(text, "%.12g", json_real_value(value));
    else if (json_is_boolean(value))
        gl_buf_puts(text, json_is_true(value) ? "true" : "false");
    else
        return false;
    return true;
}

bool gl_config_value_text(const json_t *value, struct gl_buf *text)
{
    if (!json_is_array(value))
        return scalar_text(value, text);
    size_t i;
    const json_t *item;
    json_array_foreach(value, i, item)
    {
        if (i)
            gl_buf_putc(text, ',');
        if (!scalar_text(item, text))
            return false;
    }
    return true;
}

/* ---- variables ---------------------------------------------------------------------------------
 */

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

static int secret_names(const struct gl_config *config, struct gl_buf *value, bool *ret_given,
                        struct gl_error *err)
{
    (void)err;
    gl_autostrv struct gl_strv names = {0};
    size_t i;
    const json_t *variable;
    json_array_foreach(gl_config_node(config, "env_vars"), i, variable)
    {
        gl_autofree char *name = gl_variable_store_name(config, variable);
        if (is_kind(variable, "secret") && !gl_strv_has(&names, name))
            gl_strv_add(&names, name);
    }
    gl_autofree char *all = gl_strv_join(&names, ",");
    gl_buf_puts(value, all);
    *ret_given = true;
    return 0;
}

static int plain_names(const struct gl_config *config, struct gl_buf *value, bool *ret_given,
                       struct gl_error *err)
{
    (void)err;
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

static int plain_values(const struct gl_config *config, struct gl_buf *value, bool *ret_given,
                        struct gl_error *err)
{
    size_t i;
    const json_t *variable;
    json_array_foreach(gl_config_node(config, "env_vars"), i, variable)
    {
        const char *plain = is_kind(variable, "plain") ? plain_value(config, variable) : NULL;
        if (!plain)
            continue;
        if (strchr(plain, '\n'))
            return gl_fail(err, GL_E_CONFIG, _("the value of %s has a line break"),
                           gl_json_str(variable, "name", "?"));
        gl_autofree char *name = gl_variable_store_name(config, variable);
        gl_buf_printf(value, "%s%s=%s\n", value->len ? "" : "\n", name, plain);
    }
    *ret_given = true;
    return 0;
}

/* ---- network -----------------------------------------------------------------------------------
 */

static int egress_https(const struct gl_config *config, struct gl_buf *value, bool *ret_given,
                        struct gl_error *err)
{
    (void)err;
    bool named = false;
    size_t i;
    const json_t *target;
    json_array_foreach(gl_config_node(config, "network.egress.allow"), i, target) named =
        named || json_is_string(json_object_get(target, "domain"));
    gl_buf_puts(value, named ? "true" : "false");
    *ret_given = true;
    return 0;
}

static int egress_cidr_names(const struct gl_config *config, struct gl_buf *value, bool *ret_given,
                             struct gl_error *err)
{
    (void)err;
    size_t i;
    const json_t *target;
    json_array_foreach(gl_config_node(config, "network.egress.allow"), i, target)
    {
        if (json_is_string(json_object_get(target, "cidr")))
            gl_buf_printf(value, "%s%s", value->len ? "," : "", gl_json_str(target, "name", ""));
    }
    *ret_given = true;
    return 0;
}

static int egress_cidr_targets(const struct gl_config *config, struct gl_buf *value,
                               bool *ret_given, struct gl_error *err)
{
    (void)err;
    size_t i;
    const json_t *target;
    json_array_foreach(gl_config_node(config, "network.egress.allow"), i, target)
    {
        const char *cidr = gl_json_str(target, "cidr", NULL);
        if (cidr)
            gl_buf_printf(value, "%s%s=%s;%lld\n", value->len ? "" : "\n",
                          gl_json_str(target, "name", ""), cidr,
                          (long long)gl_json_int(target, "port", 443));
    }
    *ret_given = true;
    return 0;
}

/* ---- database, alarms --------------------------------------------------------------------------
 */

static int engine_major(const struct gl_config *config, struct gl_buf *value, bool *ret_given,
                        struct gl_error *err)
{
    (void)err;
    const char *version = gl_config_str(config, "database.engine_version");
    *ret_given = version != NULL;
    if (version)
        gl_buf_add(value, version, strcspn(version, "."));
    return 0;
}

/* The threshold of the alarm with this id; the template's Default when golive.yaml has none. */
static bool add_threshold(const struct gl_config *config, const char *id, struct gl_buf *value)
{
    size_t i;
    const json_t *alarm;
    json_array_foreach(gl_config_node(config, "observability.alarms"), i, alarm)
    {
        if (strcmp(gl_json_str(alarm, "id", ""), id) == 0)
            return scalar_text(json_object_get(alarm, "threshold"), value);
    }
    return false;
}

static int alarm_cert_expiry_days(const struct gl_config *config, struct gl_buf *value,
                                  bool *ret_given, struct gl_error *err)
{
    (void)err;
    *ret_given = add_threshold(config, "cert-expiry", value);
    return 0;
}

/* ---- the table ---------------------------------------------------------------------------------
 */

/* clang-format off */
const struct gl_computed gl_computed_functions[] = {
    {"alarm_cert_expiry_days", N_("threshold of the alarm cert-expiry, in days"), alarm_cert_expiry_days},
    {"egress_cidr_names",   N_("names of network.egress.allow that have a cidr, joined by commas"), egress_cidr_names},
    {"egress_cidr_targets", N_("a line break, then for each of egress_cidr_names a line NAME=CIDR;PORT"), egress_cidr_targets},
    {"egress_https",        N_("true if network.egress.allow names a host"), egress_https},
    {"engine_major",        N_("database.engine_version up to its first point"), engine_major},
    {"plain_names",         N_("stored names of the variables of kind plain that have a value in this environment, joined by commas"), plain_names},
    {"plain_values",        N_("a line break, then for each of plain_names a line NAME=VALUE"), plain_values},
    {"secret_names",        N_("stored names of the variables of kind secret, joined by commas"), secret_names},
    {0},
};

/* clang-format on */

const struct gl_computed *gl_computed_find(const char *name)
{
    for (const struct gl_computed *at = gl_computed_functions; at->name; at++) {
        if (strcmp(at->name, name) == 0)
            return at;
    }
    return NULL;
}

const char *gl_computed_nearest(const char *name)
{
    const char *names[sizeof gl_computed_functions / sizeof gl_computed_functions[0]];
    size_t count = 0;
    for (const struct gl_computed *at = gl_computed_functions; at->name; at++)
        names[count++] = at->name;
    return gl_nearest(name, names, count);
}
