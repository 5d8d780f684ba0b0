/* Resources whose price needs arithmetic. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/cost_internal.h"

static const char *word(const struct gl_costing *costing, const char *property,
                        const char *fallback)
{
    return gl_value_str(costing->resource->properties, property, fallback);
}

/* Items of a list property; one that is not known yet has as many as there are zones. */
static double list_length(const struct gl_costing *costing, const char *property)
{
    const struct gl_value *list = gl_value_get(costing->resource->properties, property);
    if (list && list->kind == GL_VALUE_LIST)
        return list->count;
    return (double)gl_config_int(costing->plan->config, "network.azs");
}

static void nat_gateway(struct gl_costing *costing)
{
    bool regional = strcmp(word(costing, "AvailabilityMode", "zonal"), "regional") == 0;
    double zones = regional ? (double)gl_config_int(costing->plan->config, "network.azs") : 1;
    gl_cost_add(costing, N_("NAT gateways"), "nat_gateway_hour", zones, NULL);
    if (regional) /* AWS takes one address in each zone */
        gl_cost_add(costing, N_("public IPv4 addresses"), "public_ipv4_hour", zones, NULL);
}

static void endpoint(struct gl_costing *costing)
{
    if (strcmp(word(costing, "VpcEndpointType", "Gateway"), "Interface") == 0)
        gl_cost_add(costing, N_("interface endpoints"), "interface_endpoint_hour",
                    list_length(costing, "SubnetIds"), NULL);
}

static void load_balancer(struct gl_costing *costing)
{
    gl_cost_add(costing, N_("load balancers"), "alb_hour", 1, NULL);
    if (strcmp(word(costing, "Scheme", "internet-facing"), "internal") != 0)
        gl_cost_add(costing, N_("public IPv4 addresses"), "public_ipv4_hour",
                    list_length(costing, "Subnets"), NULL);
}

static void database(struct gl_costing *costing)
{
    const char *class = word(costing, "DBInstanceClass", "?");
    bool standby = strcmp(word(costing, "MultiAZ", "false"), "true") == 0;
    double copies = standby ? 2 : 1;
    gl_autofree char *key = gl_asprintf("rds.%s_hour", class);
    gl_autofree char *detail = gl_asprintf("%s%s", class, standby ? ", Multi-AZ" : "");
    double storage = gl_cost_number(costing->resource, "AllocatedStorage", 0);
    gl_autofree char *size = gl_asprintf("%.0f GB%s", storage, standby ? ", Multi-AZ" : "");
    gl_cost_add(costing, N_("database instances"), key, copies, detail);
    gl_cost_add(costing, N_("database storage"), "rds_storage_gb", storage * copies, size);
    if (strcmp(word(costing, "ManageMasterUserPassword", "false"), "true") == 0)
        gl_cost_add(costing, N_("secrets"), "secret", 1, NULL);
}

/* Tasks that always run, in the size that a release gives them (stacks/release). */
static void service(struct gl_costing *costing)
{
    const struct gl_config *config = costing->plan->config;
    bool arm = strcmp(gl_config_str(config, "backend.arch"), "ARM64") == 0;
    double tasks = (double)gl_config_int(config, "sizing.min_tasks");
    double vcpu = (double)gl_config_int(config, "sizing.cpu") / 1024;
    double gigabytes = (double)gl_config_int(config, "sizing.memory") / 1024;
    gl_autofree char *cpu = gl_asprintf(_("%.0f tasks of %g vCPU"), tasks, vcpu);
    gl_autofree char *memory = gl_asprintf(_("%.0f tasks of %g GB"), tasks, gigabytes);
    gl_cost_add(costing, N_("Fargate vCPU"),
                arm ? "fargate_arm_vcpu_hour" : "fargate_x86_vcpu_hour", tasks * vcpu, cpu);
    gl_cost_add(costing, N_("Fargate memory"), arm ? "fargate_arm_gb_hour" : "fargate_x86_gb_hour",
                tasks * gigabytes, memory);
}

static void web_acl(struct gl_costing *costing)
{
    const struct gl_value *rules = gl_value_get(costing->resource->properties, "Rules");
    gl_cost_add(costing, N_("web ACLs"), "web_acl", 1, NULL);
    gl_cost_add(costing, N_("rules of web ACLs"), "web_acl_rule", rules ? rules->count : 0, NULL);
}

static const struct {
    const char *type;
    void (*price)(struct gl_costing *costing);
} rules[] = {
    {"AWS::EC2::NatGateway",                      nat_gateway  },
    {"AWS::EC2::VPCEndpoint",                     endpoint     },
    {"AWS::ECS::Service",                         service      },
    {"AWS::ElasticLoadBalancingV2::LoadBalancer", load_balancer},
    {"AWS::RDS::DBInstance",                      database     },
    {"AWS::WAFv2::WebACL",                        web_acl      },
};

bool gl_cost_rule(struct gl_costing *costing)
{
    for (size_t i = 0; i < GL_COUNT(rules); i++) {
        if (strcmp(rules[i].type, costing->resource->type) == 0) {
            rules[i].price(costing);
            return true;
        }
    }
    return false;
}
