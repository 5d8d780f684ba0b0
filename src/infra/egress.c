/* Egress of tasks. */
#include "infra/egress.h"

#include <string.h>

#include "base/json.h"

static bool is_off(const struct gl_config *config, const char *key)
{
    const char *value = gl_config_str(config, key);
    return !value || strcmp(value, "off") == 0;
}

static bool has_domain(const struct gl_config *config)
{
    size_t i;
    const json_t *target;
    json_array_foreach(gl_config_node(config, "network.egress.allow"), i, target)
    {
        if (json_is_string(json_object_get(target, "domain")))
            return true;
    }
    return false;
}

static bool is_said(const struct gl_config *config)
{
    static const char *const keys[] = {"network.egress.mode", "network.egress.allow"};
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        if (gl_config_origin(config, keys[i]).kind != GL_ORIGIN_DEFAULT)
            return true;
    }
    return false;
}

void gl_egress_missing(const struct gl_config *config, struct gl_strv *ret_keys)
{
    const char *store = gl_config_str(config, "secrets.store");
    const char *const keys[] = {
        "network.vpc_endpoints.s3", /* layers of images */
        "network.vpc_endpoints.ecr",
        "network.vpc_endpoints.logs",
        store && strcmp(store, "ssm") == 0 ? "network.vpc_endpoints.ssm"
                                           : "network.vpc_endpoints.secretsmanager",
    };
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        if (is_off(config, keys[i]))
            gl_strv_add(ret_keys, keys[i]);
    }
}

bool gl_egress_opens_https(const struct gl_config *config)
{
    gl_autostrv struct gl_strv missing = {0};
    const char *mode = gl_config_str(config, "network.egress.mode");
    if (has_domain(config) || (mode && strcmp(mode, "open") == 0))
        return true;
    gl_egress_missing(config, &missing);
    return !is_said(config) && missing.count > 0;
}
