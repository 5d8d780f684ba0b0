/* Checks of one environment: network, region, account. */
#include "infra/checks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "infra/checks_internal.h"
#include "infra/cidr.h"
#include "infra/region.h"

struct gl_error *gl_check_add(const struct gl_config *config, struct gl_diagnostics *list,
                              const char *key, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *message = gl_vasprintf(fmt, args);
    va_end(args);
    list->items = gl_realloc_array(list->items, list->count + 1, sizeof *list->items);
    struct gl_error *problem = &list->items[list->count++];
    *problem = (struct gl_error){0};
    gl_fail(problem, GL_E_CONFIG, "%s", message);
    struct gl_origin at = gl_config_origin(config, key);
    gl_error_at(problem, gl_path_base(gl_config_path(config)), at.line, at.column);
    return problem;
}

/* ---- address ranges ----------------------------------------------------------------------------
 */

enum {
    VPC_BITS_MIN = 16, /* AWS: a VPC has /16 to /28 */
    SUBNET_BITS_MAX = 28,
    LOAD_BALANCER_BITS_MAX = 27, /* AWS: a load balancer wants /27 and 8 free addresses */
    RESERVED_ADDRESSES = 5,      /* AWS keeps five of each subnet */
    SUBNETS_MAX = 3 * 6,
};

struct range {
    char key[64];
    const char *text;
    struct gl_cidr cidr;
};

struct network {
    const struct gl_config *config;
    struct gl_diagnostics *list;
    bool has_vpc;
    struct gl_cidr vpc;
    struct range subnets[SUBNETS_MAX];
    size_t count;
};

static bool read_range(const struct network *net, const char *key, const char *text,
                       struct gl_cidr *ret_cidr)
{
    if (gl_cidr_parse(text, ret_cidr))
        return true;
    struct gl_error *problem =
        gl_check_add(net->config, net->list, key, _("`%s` is no address range"), text);
    gl_error_hint(problem, _("The first address of the range stands before the slash: "
                             "10.0.0.0/16, not 10.0.0.1/16."));
    return false;
}

static void check_vpc(struct network *net)
{
    static const char key[] = "network.vpc_cidr";
    const char *text = gl_config_str(net->config, key);
    if (!text || !read_range(net, key, text, &net->vpc))
        return;
    net->has_vpc = true;
    if (net->vpc.width != 32 || net->vpc.bits < VPC_BITS_MIN || net->vpc.bits > SUBNET_BITS_MAX) {
        struct gl_error *problem = gl_check_add(net->config, net->list, key,
                                                _("a network cannot be as large as %s"), text);
        gl_error_hint(problem, _("AWS allows /16 to /28, IPv4."));
    }
    size_t i;
    const json_t *item;
    json_array_foreach(gl_config_node(net->config, "network.reserved_cidrs"), i, item)
    {
        struct gl_cidr reserved;
        const char *range = json_string_value(item);
        if (!range || !gl_cidr_parse(range, &reserved) || !gl_cidr_overlaps(&net->vpc, &reserved))
            continue;
        struct gl_error *problem =
            gl_check_add(net->config, net->list, key, _("%s overlaps %s"), text, range);
        gl_error_hint(problem, _("network.reserved_cidrs says that range is in use elsewhere."));
    }
}

/* The other environments, which may be joined by peering or a VPN one day. */
static void check_others(const struct network *net)
{
    static const char key[] = "network.vpc_cidr";
    const json_t *environments = json_object_get(gl_config_tree(net->config), "environments");
    const char *name;
    json_t *environment;
    json_object_foreach((json_t *)environments, name, environment)
    {
        const json_t *network = json_object_get(environment, "network");
        const char *text = gl_json_str(network, "vpc_cidr", NULL);
        struct gl_cidr other;
        if (!text || strcmp(name, gl_config_env(net->config)) == 0 ||
            !gl_cidr_parse(text, &other) || !gl_cidr_overlaps(&net->vpc, &other))
            continue;
        struct gl_error *problem =
            gl_check_add(net->config, net->list, key, _("%s overlaps %s of environment %s"),
                         gl_config_str(net->config, key), text, name);
        gl_error_hint(problem, _("Networks that overlap can never be connected; give each "
                                 "environment its own range."));
    }
}

static void check_size(const struct network *net, const struct range *subnet, const char *tier)
{
    bool public = strcmp(tier, "public") == 0;
    int most = public ? LOAD_BALANCER_BITS_MAX : SUBNET_BITS_MAX;
    size_t addresses = gl_cidr_addresses(&subnet->cidr);
    size_t free_addresses = addresses > RESERVED_ADDRESSES ? addresses - RESERVED_ADDRESSES : 0;
    /* While a release shifts, the old and the new tasks run side by side. */
    size_t tasks = 2 * (size_t)gl_config_int(net->config, "sizing.max_tasks");
    size_t zones = (size_t)gl_config_int(net->config, "network.azs");
    size_t wanted = strcmp(tier, "private") == 0 ? (tasks + zones - 1) / zones : 0;
    if (subnet->cidr.bits > most) {
        struct gl_error *problem =
            gl_check_add(net->config, net->list, subnet->key, _("%s is too small for a %s subnet"),
                         subnet->text, tier);
        gl_error_hint(problem, public ? _("A load balancer needs /27 or larger.")
                                      : _("AWS allows /28 or larger."));
    } else if (free_addresses < wanted) {
        struct gl_error *problem =
            gl_check_add(net->config, net->list, subnet->key,
                         _("%s is too small: %zu free addresses, %zu are needed"), subnet->text,
                         free_addresses, wanted);
        gl_error_hint(problem, _("sizing.max_tasks tasks run twice while a release shifts."));
    }
}

static void check_subnet(struct network *net, const struct range *subnet, const char *tier)
{
    if (net->has_vpc && !gl_cidr_contains(&net->vpc, &subnet->cidr)) {
        struct gl_error *problem = gl_check_add(net->config, net->list, subnet->key,
                                                _("%s lies outside of the network"), subnet->text);
        gl_error_hint(problem, _("network.vpc_cidr is %s."),
                      gl_config_str(net->config, "network.vpc_cidr"));
    }
    check_size(net, subnet, tier);
    for (size_t i = 0; i < net->count; i++) {
        if (gl_cidr_overlaps(&net->subnets[i].cidr, &subnet->cidr))
            gl_check_add(net->config, net->list, subnet->key, _("%s overlaps %s (%s)"),
                         subnet->text, net->subnets[i].text, net->subnets[i].key);
    }
}

static void check_tier(struct network *net, const char *tier)
{
    gl_autofree char *list_key = gl_asprintf("network.subnets.%s", tier);
    const json_t *list = gl_config_node(net->config, list_key);
    size_t zones = (size_t)gl_config_int(net->config, "network.azs");
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        struct range subnet = {.text = json_string_value(item)};
        snprintf(subnet.key, sizeof subnet.key, "%s.%zu", list_key, i);
        if (!subnet.text || net->count == SUBNETS_MAX ||
            !read_range(net, subnet.key, subnet.text, &subnet.cidr))
            continue;
        check_subnet(net, &subnet, tier);
        net->subnets[net->count++] = subnet;
    }
    if (list && json_array_size(list) < zones) {
        struct gl_error *problem =
            gl_check_add(net->config, net->list, list_key,
                         _("%zu %s subnets are not enough for %zu availability zones"),
                         json_array_size(list), tier, zones);
        gl_error_hint(problem, _("network.azs says how many there are."));
    }
}

/* ---- region ---------------------------------------------------------------------------
 */

static void check_zones(const struct gl_config *config, struct gl_diagnostics *list)
{
    const char *region = gl_config_str(config, "region");
    int zones = gl_region_zones(region);
    int wanted = (int)gl_config_int(config, "network.azs");
    if (zones == 0 || wanted <= zones)
        return;
    struct gl_origin at = gl_config_origin(config, "network.azs");
    const char *key = at.line ? "network.azs" : "region";
    struct gl_error *problem = gl_check_add(
        config, list, key, _("%s has only %d availability zones for a new account"), region, zones);
    gl_error_hint(problem, _("network.azs asks for %d."), wanted);
}

void gl_check_environment(const struct gl_config *config, struct gl_diagnostics *list)
{
    struct network net = {.config = config, .list = list};
    check_vpc(&net);
    if (net.has_vpc)
        check_others(&net);
    check_tier(&net, "public");
    check_tier(&net, "private");
    check_tier(&net, "database");
    check_zones(config, list);
    gl_check_shape(config, list);
    gl_autobuf struct gl_buf text = {0};
    gl_autoerr struct gl_error unread = {0};
    if (list->count && !list->text && gl_read_file(gl_config_path(config), 0, &text, &unread) == 0)
        list->text = gl_buf_steal(&text);
}

int gl_check_summary(const struct gl_diagnostics *list, struct gl_error *err)
{
    if (list->count == 0)
        return 0;
    gl_fail(err, GL_E_CONFIG, _("%zu mistakes that AWS would refuse; nothing was done"),
            list->count);
    return gl_error_at(err, list->items[0].file, list->items[0].line, list->items[0].column);
}
