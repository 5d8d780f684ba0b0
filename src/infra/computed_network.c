/* Computed values: egress and the firewall. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "infra/computed.h"

int gl_compute_egress_https(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const struct gl_config *config = c->config;
    bool named = false;
    size_t i;
    const json_t *target;
    json_array_foreach(gl_config_node(config, "network.egress.allow"), i, target) named =
        named || json_is_string(json_object_get(target, "domain"));
    gl_buf_puts(value, named ? "true" : "false");
    *ret_given = true;
    return 0;
}

int gl_compute_egress_names(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const struct gl_config *config = c->config;
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

int gl_compute_egress_targets(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const struct gl_config *config = c->config;
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

int gl_compute_waf_count(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    char *group;
    unsigned long places = strtoul(c->argument, &group, 10);
    unsigned long used = 0;
    size_t i;
    const json_t *exclusion;
    group++; /* the blank */
    json_array_foreach(gl_config_node(c->config, "edge.waf.exclusions"), i, exclusion)
    {
        if (strcmp(gl_json_str(exclusion, "group", ""), group) != 0)
            continue;
        gl_buf_printf(value, "%s%s", used ? "," : "", gl_json_str(exclusion, "rule", ""));
        used++;
    }
    if (used > places) {
        gl_fail(c->err, GL_E_CONFIG,
                _("edge.waf.exclusions has %lu rules of %s; the stack has "
                  "places for %lu"),
                used, group, places);
        struct gl_origin at = gl_config_origin(c->config, "edge.waf.exclusions");
        return gl_error_at(c->err, "golive.yaml", at.line, at.column);
    }
    for (unsigned long k = used ? used : 1; k < places; k++)
        gl_buf_putc(value, ',');
    *ret_given = true;
    return 0;
}
