/* How probes reach what is public, before public DNS names it: the load balancer and the
 * distribution are asked for by their own DNS names, under the name that people will use.
 *
 * GOLIVE_EDGE_ENDPOINT=HOST:PORT names what stands in for both where AWS itself does not
 * (AWS_ENDPOINT_URL), GOLIVE_EDGE_CA=FILE the authority of its certificate. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/i18n.h"
#include "platform/aws/ecs.h"

#define PREVIEW_HEADER "x-golive-preview: 1" /* the service stack's preview rule */

/* The first IPv4 address of a name: a load balancer has one in each zone. */
static int address_of(const char *name, char ret_address[INET_ADDRSTRLEN], struct gl_error *err)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int failed = getaddrinfo(name, NULL, &hints, &found);
    if (failed != 0) {
        gl_fail(err, GL_E_NET, _("%s has no address: %s"), name, gai_strerror(failed));
        return gl_error_hint(err, _("A new load balancer has one after a minute or two."));
    }
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)found->ai_addr;
    inet_ntop(AF_INET, &in->sin_addr, ret_address, INET_ADDRSTRLEN);
    freeaddrinfo(found);
    return 0;
}

/* What stands in for AWS's edge: "HOST:443:ADDRESS:PORT", or NULL when nothing does. */
static int stand_in(const char *host, char **ret_resolve, struct gl_error *err)
{
    const char *edge = getenv("GOLIVE_EDGE_ENDPOINT");
    const char *colon = edge ? strrchr(edge, ':') : NULL;
    char address[INET_ADDRSTRLEN];
    if (!edge || !*edge)
        return 0;
    if (!colon || !colon[1])
        return gl_fail(err, GL_E_USAGE, _("GOLIVE_EDGE_ENDPOINT is `%s`, not HOST:PORT"), edge);
    gl_autofree char *name = gl_strndup(edge, (size_t)(colon - edge));
    int failed = address_of(name, address, err);
    if (failed == 0)
        *ret_resolve = gl_asprintf("%s:443:%s:%s", host, address, colon + 1);
    return failed;
}

int gl_cloud_reach(struct gl_cloud *cloud, const char *host, const char *stack, const char *output,
                   struct gl_target *target, struct gl_error *err)
{
    char address[INET_ADDRSTRLEN];
    const char *name = NULL;
    const char *ca = getenv("GOLIVE_EDGE_CA");
    int failed = stand_in(host, &target->resolve, err);
    if (failed == 0 && !target->resolve) {
        failed = gl_cloud_output(cloud, stack, output, &name, err);
        if (failed == 0)
            failed = address_of(name, address, err);
        if (failed == 0)
            target->resolve = gl_asprintf("%s:443:%s", host, address);
    }
    if (failed < 0)
        return failed;
    target->base_url = gl_asprintf("https://%s", host);
    target->ca_file = ca && *ca ? gl_strdup(ca) : NULL;
    return 0;
}

/* True while the release's deployment has not got all requests: the preview rule leads to it. */
static int is_in_preview(struct gl_cloud *cloud, int64_t release, bool *ret_preview,
                         struct gl_error *err)
{
    gl_autoview struct gl_ecs_view view = {0};
    int failed = gl_ecs_view_read(cloud, &view, err);
    if (failed < 0)
        return failed;
    const struct gl_ecs_version *version = gl_ecs_view_find(&view, release);
    if (!version)
        return gl_fail(err, GL_E_NOT_FOUND, _("release %lld does not run"), (long long)release);
    *ret_preview = gl_ecs_two_groups(cloud) && version->weight_pct < 100;
    return 0;
}

/* CloudFront passes the header on to the load balancer, and keeps no page. */
static int pages_in_preview(struct gl_cloud *cloud, int64_t release, bool *ret_preview,
                            struct gl_error *err)
{
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    if (!pages)
        return gl_fail(err, GL_E_NOT_FOUND, _("pages of %s come from no service"), cloud->env);
    return is_in_preview(pages, release, ret_preview, err);
}

int gl_cloud_endpoint(struct gl_platform *p, enum gl_endpoint which, int64_t release,
                      struct gl_target *ret_target, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    gl_autotarget struct gl_target target = {0};
    bool through_cloudfront = strcmp(gl_config_str(p->config, "edge.api_path"), "cloudfront") == 0;
    bool preview = false;
    int failed = 0;
    if (which == GL_ENDPOINT_VERSION)
        failed = is_in_preview(cloud, release, &preview, err);
    if (which == GL_ENDPOINT_PAGES)
        failed = pages_in_preview(cloud, release, &preview, err);
    if (failed < 0)
        return failed;
    if (which == GL_ENDPOINT_APP || which == GL_ENDPOINT_PAGES)
        failed = gl_cloud_reach(cloud, gl_config_str(p->config, "domain.app"), "frontend",
                                "DistributionDomain", &target, err);
    else if (through_cloudfront)
        failed = gl_cloud_reach(cloud, gl_config_str(p->config, "domain.api"), "api-cloudfront",
                                "DistributionDomain", &target, err);
    else
        failed = gl_cloud_reach(cloud, gl_config_str(p->config, "domain.api"), "service", "AlbDns",
                                &target, err);
    if (failed < 0)
        return failed;
    if (preview)
        target.header = gl_strdup(PREVIEW_HEADER);
    *ret_target = target;
    target = (struct gl_target){0};
    return 0;
}
