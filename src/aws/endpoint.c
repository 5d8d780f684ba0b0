/* Configured URLs first, then the table. */
#include "aws/endpoint.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/endpoint_table.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/strv.h"

/* ---- the tables --------------------------------------------------------------------------------
 */

static const struct gl_aws_service_host *find_service(const char *name)
{
    for (size_t i = 0; i < gl_aws_service_host_count; i++) {
        if (strcmp(gl_aws_service_hosts[i].name, name) == 0)
            return &gl_aws_service_hosts[i];
    }
    return NULL;
}

static const struct gl_aws_partition *partition_of(const char *region)
{
    for (size_t i = 1; region && i < gl_aws_partition_count; i++) {
        if (gl_starts_with(region, gl_aws_partitions[i].region_prefix))
            return &gl_aws_partitions[i];
    }
    return &gl_aws_partitions[0];
}

static const struct gl_aws_host_exception *find_exception(const char *service,
                                                          const char *partition, unsigned way)
{
    for (size_t i = 0; i < gl_aws_host_exception_count; i++) {
        const struct gl_aws_host_exception *row = &gl_aws_host_exceptions[i];
        if (row->hosts[way] && strcmp(row->service, service) == 0 &&
            strcmp(row->partition, partition) == 0)
            return row;
    }
    return NULL;
}

const char *const *gl_aws_endpoint_services(size_t *ret_count)
{
    enum { SERVICES_MAX = 64 };

    static const char *names[SERVICES_MAX];
    for (size_t i = 0; i < gl_aws_service_host_count && i < SERVICES_MAX; i++)
        names[i] = gl_aws_service_hosts[i].name;
    *ret_count = gl_aws_service_host_count;
    return names;
}

const char *gl_aws_partition(const char *region)
{
    return partition_of(region)->name;
}

const char *gl_aws_dns_suffix(const char *region)
{
    return partition_of(region)->dns_suffix;
}

const char *gl_aws_signing_name(const char *service)
{
    const struct gl_aws_service_host *row = find_service(service);
    if (!row)
        return NULL;
    return row->signing_name ? row->signing_name : row->prefix;
}

/* ---- configured URLs ---------------------------------------------------------------------------
 */

static const char *env(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* A variable wins over the profile's key; any other word than true counts as false, as botocore's
 * ensure_boolean() has it. */
static bool flag(const char *variable, const struct gl_aws_profile *profile, const char *key)
{
    const char *value = env(variable);
    if (!value)
        value = gl_aws_profile_get(profile, key);
    return value && strcasecmp(value, "true") == 0;
}

static const char *service_id(const struct gl_aws_service_host *service)
{
    return service->id ? service->id : service->name;
}

static const char *url_of_environment(const struct gl_aws_service_host *service)
{
    gl_autofree char *variable = gl_asprintf("AWS_ENDPOINT_URL_%s", service_id(service));
    for (char *at = variable; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    const char *value = env(variable);
    return value ? value : env("AWS_ENDPOINT_URL");
}

static int url_of_profile(const struct gl_aws_service_host *service,
                          const struct gl_aws_profile *profile, const char **ret_url,
                          struct gl_error *err)
{
    const char *section = gl_aws_profile_get(profile, "services");
    if (section) {
        const struct gl_aws_profile *services =
            gl_aws_profiles_find(gl_aws_profile_files(profile), GL_AWS_SERVICES, section);
        if (!services) {
            gl_fail(err, GL_E_CONFIG, _("there is no section [services %s]"), section);
            return gl_aws_profile_error_at(profile, "services", err);
        }
        *ret_url = gl_aws_profile_nested(services, service_id(service), "endpoint_url");
    }
    if (!*ret_url)
        *ret_url = gl_aws_profile_get(profile, "endpoint_url");
    return 0;
}

/* The URL without trailing slashes: paths are put behind it. */
static int checked_url(const char *service, const char *url, char **ret_url, struct gl_error *err)
{
    const char *host = strstr(url, "://");
    if (!host || (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0) ||
        !host[3] || strpbrk(url, " \t\r\n?#")) {
        gl_fail(err, GL_E_CONFIG, _("the endpoint URL for %s is wrong: %s"), service, url);
        return gl_error_hint(err, _("it must look like http://127.0.0.1:5000 or https://host"));
    }
    size_t len = strlen(url);
    while (url[len - 1] == '/')
        len--;
    *ret_url = gl_strndup(url, len);
    return 0;
}

/* `ret_url` stays NULL where nothing is configured. */
static int configured_url(const struct gl_aws_service_host *service,
                          const struct gl_aws_profile *profile, char **ret_url,
                          struct gl_error *err)
{
    if (flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", profile, "ignore_configured_endpoint_urls"))
        return 0;
    const char *url = url_of_environment(service);
    if (!url) {
        int result = url_of_profile(service, profile, &url, err);
        if (result < 0)
            return result;
    }
    return url ? checked_url(service->name, url, ret_url, err) : 0;
}

bool gl_aws_endpoint_is_configured(const char *service, const struct gl_aws_profile *profile)
{
    const struct gl_aws_service_host *row = find_service(service);
    gl_autofree char *url = NULL;
    return row && configured_url(row, profile, &url, NULL) == 0 && url;
}

/* ---- the rules ---------------------------------------------------------------------------------
 */

static char *fill_in(const char *host, const char *region)
{
    gl_autobuf struct gl_buf url = {0};
    gl_buf_puts(&url, "https://");
    for (const char *at = host; *at;) {
        bool place = strncmp(at, "{r}", 3) == 0;
        if (place)
            gl_buf_puts(&url, region);
        else
            gl_buf_putc(&url, *at);
        at += place ? 3 : 1;
    }
    return gl_buf_steal(&url);
}

static char *usual_url(const struct gl_aws_service_host *service,
                       const struct gl_aws_partition *partition, const char *region, unsigned way)
{
    bool fips = way & GL_ENDPOINT_FIPS;
    if (way == GL_ENDPOINT_FIPS && service->gov_has_no_fips &&
        strcmp(partition->name, "aws-us-gov") == 0)
        fips = false;
    return gl_asprintf("https://%s%s.%s.%s", service->prefix, fips ? "-fips" : "", region,
                       way & GL_ENDPOINT_DUALSTACK ? partition->dualstack_suffix
                                                   : partition->dns_suffix);
}

static unsigned wanted_way(const struct gl_aws_profile *profile)
{
    unsigned way = GL_ENDPOINT_PLAIN;
    if (flag("AWS_USE_FIPS_ENDPOINT", profile, "use_fips_endpoint"))
        way |= GL_ENDPOINT_FIPS;
    if (flag("AWS_USE_DUALSTACK_ENDPOINT", profile, "use_dualstack_endpoint"))
        way |= GL_ENDPOINT_DUALSTACK;
    return way;
}

static int check_region(const char *service, const char *region, struct gl_error *err)
{
    if (!region) {
        gl_fail(err, GL_E_CONFIG, _("no AWS region is known for %s"), service);
        return gl_error_hint(err, _("set aws.region in golive.yaml, AWS_REGION, or `region` in "
                                    "the AWS profile"));
    }
    /* It becomes part of a host name that gets signed requests. */
    size_t len = strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (len == 0 || len > 63 || region[len] || region[0] == '-' || region[len - 1] == '-') {
        gl_fail(err, GL_E_CONFIG, _("\"%s\" cannot be the name of an AWS region"), region);
        return gl_error_hint(err, _("a region looks like ap-northeast-1"));
    }
    return 0;
}

static int unknown_service(const char *service, struct gl_error *err)
{
    size_t count;
    const char *const *names = gl_aws_endpoint_services(&count);
    const char *nearest = gl_nearest(service, names, count);
    gl_fail(err, GL_E_CONFIG, _("no AWS service \"%s\" is known"), service);
    if (nearest)
        gl_error_hint(err, _("did you mean \"%s\"?"), nearest);
    return GL_E_CONFIG;
}

int gl_aws_endpoint(const char *service_name, const char *region,
                    const struct gl_aws_profile *profile, char **ret_url, char **ret_signing_region,
                    struct gl_error *err)
{
    const struct gl_aws_service_host *service = find_service(service_name);
    if (!service)
        return unknown_service(service_name, err);
    unsigned way = wanted_way(profile);
    const struct gl_aws_partition *partition = partition_of(region);
    const struct gl_aws_host_exception *exception =
        find_exception(service->name, partition->name, way);
    if (!region && exception)
        region = exception->signing_region;
    int result = check_region(service->name, region, err);
    if (result < 0)
        return result;
    gl_autofree char *url = NULL;
    result = configured_url(service, profile, &url, err);
    if (result < 0)
        return result;
    if (!url && exception && strcmp(exception->hosts[way], GL_ENDPOINT_REFUSED) == 0)
        return gl_fail(err, GL_E_CONFIG, _("%s has no FIPS endpoint in %s"), service->name, region);
    if (!url)
        url = exception ? fill_in(exception->hosts[way], region)
                        : usual_url(service, partition, region, way);
    *ret_url = gl_steal(&url);
    *ret_signing_region =
        gl_strdup(exception && exception->signing_region ? exception->signing_region : region);
    return 0;
}
