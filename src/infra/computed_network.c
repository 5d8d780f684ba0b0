/* Computed values: egress and the firewall. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "infra/computed.h"
#include "infra/egress.h"

int gl_compute_egress_https(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    gl_buf_puts(value, gl_egress_opens_https(c->config) ? "true" : "false");
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

/* Whether it is one of this group whose last day (UTC) has not passed. */
static bool is_in_force(const json_t *exclusion, const char *group, const char *today)
{
    return strcmp(gl_json_str(exclusion, "group", ""), group) == 0 &&
           strcmp(gl_json_str(exclusion, "until", ""), today) >= 0;
}

/* One member of every exclusion in force, `fallback` where it is not given. */
static int list_exclusions(const struct gl_computing *c, const char *member, const char *fallback,
                           struct gl_buf *value)
{
    char *group;
    unsigned long places = strtoul(c->argument, &group, 10);
    unsigned long used = 0;
    gl_autofree char *now = gl_format_rfc3339(gl_now_unix_ms());
    gl_autofree char *today = gl_strndup(now, strlen("2026-11-23"));
    size_t i;
    const json_t *exclusion;
    group++; /* the blank */
    json_array_foreach(gl_config_node(c->config, "edge.waf.exclusions"), i, exclusion)
    {
        if (!is_in_force(exclusion, group, today))
            continue;
        gl_buf_printf(value, "%s%s", used ? "," : "", gl_json_str(exclusion, member, fallback));
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
    return 0;
}

int gl_compute_waf_rules(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    *ret_given = true;
    return list_exclusions(c, "rule", "", value);
}

int gl_compute_waf_actions(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    *ret_given = true;
    return list_exclusions(c, "action", "count", value);
}
