/* Live sources of the network and its names. */
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "infra/live_internal.h"

/* ---- prefix lists ------------------------------------------------------------------------------
 */

static bool ask_list(const struct gl_live_question *q, const char *name,
                     struct gl_live_call *ret_call)
{
    *ret_call = (struct gl_live_call){
        .service = "ec2",
        .operation = "DescribeManagedPrefixLists",
        .region = q->stack->region,
        .params = json_pack("{s[{sss[s]}]}", "Filters", "Name", "prefix-list-name", "Values", name),
    };
    return true;
}

bool gl_live_ask_cloudfront_list(const struct gl_live_question *q, int number,
                                 struct gl_live_call *ret_call)
{
    return number == 0 && ask_list(q, "com.amazonaws.global.cloudfront.origin-facing", ret_call);
}

bool gl_live_ask_s3_list(const struct gl_live_question *q, int number,
                         struct gl_live_call *ret_call)
{
    gl_autofree char *name = gl_asprintf("com.amazonaws.%s.s3", q->stack->region);
    return number == 0 && ask_list(q, name, ret_call);
}

int gl_live_read_prefix_list(const struct gl_live_question *q, const char **ret_value,
                             struct gl_error *err)
{
    const json_t *found = json_array_get(json_object_get(q->answers[0], "PrefixLists"), 0);
    *ret_value = gl_json_str(found, "PrefixListId", NULL);
    if (*ret_value)
        return 0;
    gl_fail(err, GL_E_NOT_FOUND, _("%s has no managed prefix list for %s"), q->stack->region,
            q->source->name);
    return gl_error_hint(err, _("AWS makes these lists in every region; is the region enabled?"));
}

/* ---- Route 53 ----------------------------------------------------------------------------------
 */

bool gl_live_ask_zone(const struct gl_live_question *q, int number, struct gl_live_call *ret_call)
{
    const char *name = gl_config_str(q->plan->config, "domain.zone");
    if (number > 0 || !name)
        return false;
    *ret_call = (struct gl_live_call){
        .service = "route53",
        .operation = "ListHostedZonesByName",
        .params = json_pack("{ss}", "DNSName", name),
    };
    return true;
}

static bool is_public_zone(const json_t *zone, const char *name)
{
    const char *found = gl_json_str(zone, "Name", "");
    size_t len = strlen(name);
    return strncasecmp(found, name, len) == 0 && strcmp(found + len, ".") == 0 &&
           !gl_json_bool(json_object_get(zone, "Config"), "PrivateZone", false);
}

static int two_zones(const struct gl_live_question *q, const char *const *ids, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("there are two public zones %s: %s and %s"),
            gl_config_str(q->plan->config, "domain.zone"), ids[0], ids[1]);
    return gl_error_hint(err, _("Delete the one that the registrar does not name (whois)."));
}

int gl_live_read_zone(const struct gl_live_question *q, const char **ret_value,
                      struct gl_error *err)
{
    const char *name = gl_config_str(q->plan->config, "domain.zone");
    const json_t *zones = json_object_get(q->answers[0], "HostedZones");
    const char *ids[2] = {0};
    size_t count = 0;
    size_t i;
    const json_t *zone;
    json_array_foreach(zones, i, zone)
    {
        const char *id = gl_json_str(zone, "Id", "");
        if (name && count < 2 && is_public_zone(zone, name))
            ids[count++] = gl_path_base(id);
    }
    *ret_value = gl_live_adopt(q, ids, count);
    if (count == 2 && *ret_value && !gl_live_last(q))
        return two_zones(q, ids, err);
    return 0;
}

int gl_live_read_published(const struct gl_live_question *q, const char **ret_value,
                           struct gl_error *err)
{
    (void)err;
    *ret_value = strcmp(q->plan->env, "prod") == 0 ? gl_live_last(q) : "true";
    return 0;
}
