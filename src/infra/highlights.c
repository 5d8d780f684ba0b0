/* What matters of a stack at a glance: a table of types and of the properties worth a line. */
#include <string.h>

#include "base/i18n.h"
#include "infra/render.h"

enum { PROPERTIES_MAX = 3 };

static const struct {
    const char *type;
    const char *label;                      /* N_(), or NULL: the properties speak for themselves */
    const char *properties[PROPERTIES_MAX]; /* of the first one; "path" or "path|unit" */
} highlights[] = {
    {"AWS::EC2::VPC",                             N_("VPC"),              {"CidrBlock"}                       },
    {"AWS::EC2::Subnet",                          N_("subnet"),           {NULL}                              },
    {"AWS::EC2::NatGateway",                      N_("NAT gateway"),      {NULL}                              },
    {"AWS::EC2::VPCEndpoint",                     N_("endpoint"),         {NULL}                              },
    {"AWS::EC2::SecurityGroup",                   N_("security group"),   {NULL}                              },
    {"AWS::RDS::DBInstance",
     N_("PostgreSQL"),
     {"EngineVersion", "DBInstanceClass", "AllocatedStorage| GB"}                                             },
    {"AWS::ElasticLoadBalancingV2::LoadBalancer", N_("load balancer"),    {NULL}                              },
    {"AWS::ElasticLoadBalancingV2::Listener",     NULL,                   {"SslPolicy"}                       },
    {"AWS::ECS::Service",                         N_("service"),          {"DeploymentConfiguration.Strategy"}},
    {"AWS::ECR::Repository",                      N_("image repository"), {NULL}                              },
    {"AWS::WAFv2::WebACL",                        N_("web ACL"),          {"Scope"}                           },
    {"AWS::CloudFront::Distribution",
     N_("CloudFront"),
     {"DistributionConfig.ViewerCertificate.MinimumProtocolVersion"}                                          },
    {"AWS::CertificateManager::Certificate",      N_("certificate"),      {"DomainName"}                      },
    {"AWS::Route53::HostedZone",                  N_("zone"),             {"Name"}                            },
    {"AWS::Route53::RecordSet",                   N_("record"),           {NULL}                              },
    {"AWS::S3::Bucket",                           N_("bucket"),           {NULL}                              },
    {"AWS::SecretsManager::Secret",               N_("secret"),           {NULL}                              },
    {"AWS::SSM::Parameter",                       N_("variable"),         {NULL}                              },
    {"AWS::CloudWatch::Alarm",                    N_("alarm"),            {NULL}                              },
    {"AWS::CloudWatch::Dashboard",                N_("dashboard"),        {NULL}                              },
    {"AWS::Backup::BackupPlan",                   N_("backup plan"),      {NULL}                              },
    {"AWS::Budgets::Budget",                      N_("budget"),           {NULL}                              },
    {"AWS::CloudTrail::Trail",                    N_("audit trail"),      {NULL}                              },
    {"AWS::GuardDuty::Detector",                  N_("threat detection"), {NULL}                              },
    {"AWS::IAM::Role",                            N_("role"),             {NULL}                              },
};

static size_t count_type(const struct gl_evaluated *stack, const char *type,
                         const struct gl_resource **ret_first)
{
    size_t count = 0;
    for (size_t i = stack->resource_count; i-- > 0;) {
        if (strcmp(stack->resources[i].type, type) == 0) {
            *ret_first = &stack->resources[i];
            count++;
        }
    }
    return count;
}

/* "path" or "path|unit" of a property, if its value is known. */
static void add_property(const struct gl_resource *resource, const char *property,
                         const char *before, struct gl_buf *out)
{
    size_t len = strcspn(property, "|");
    gl_autofree char *path = gl_strndup(property, len);
    const struct gl_value *value = gl_value_find(resource->properties, path);
    if (gl_value_is_scalar(value))
        gl_buf_printf(out, "%s%s%s", before, value->text, property[len] ? property + len + 1 : "");
}

/* The label and the properties of one row. */
static void add_row(size_t row, const struct gl_evaluated *stack, size_t start, struct gl_buf *out)
{
    const struct gl_resource *first = NULL;
    size_t count = count_type(stack, highlights[row].type, &first);
    const char *label = highlights[row].label;
    const char *comma = out->len > start ? ", " : "";
    if (count == 0)
        return;
    if (label && count > 1)
        gl_buf_printf(out, "%s%zu x %s", comma, count, _(label));
    else if (label)
        gl_buf_printf(out, "%s%s", comma, _(label));
    for (size_t k = 0; k < PROPERTIES_MAX && highlights[row].properties[k]; k++)
        add_property(first, highlights[row].properties[k], label || k ? " " : comma, out);
}

void gl_highlights(const struct gl_evaluated *stack, struct gl_buf *out)
{
    size_t start = out->len;
    for (size_t i = 0; i < GL_COUNT(highlights); i++)
        add_row(i, stack, start, out);
}
