/* Names against the limits of AWS. */
#include <string.h>

#include "base/i18n.h"
#include "infra/checks_internal.h"

/* Longest names by type and property; from the pages of the CloudFormation resource types. */
static const struct {
    const char *type;
    const char *property;
    size_t max;
} limits[] = {
    {"AWS::ApplicationAutoScaling::ScalingPolicy", "PolicyName",                     256 },
    {"AWS::Budgets::Budget",                       "Budget.BudgetName",              100 },
    {"AWS::CloudFront::Function",                  "Name",                           64  },
    {"AWS::CloudFront::OriginAccessControl",       "OriginAccessControlConfig.Name", 64  },
    {"AWS::CloudWatch::Alarm",                     "AlarmName",                      255 },
    {"AWS::EC2::SecurityGroup",                    "GroupName",                      255 },
    {"AWS::ECR::Repository",                       "RepositoryName",                 256 },
    {"AWS::ECS::Cluster",                          "ClusterName",                    255 },
    {"AWS::ECS::Service",                          "ServiceName",                    255 },
    {"AWS::ElasticLoadBalancingV2::LoadBalancer",  "Name",                           32  },
    {"AWS::ElasticLoadBalancingV2::TargetGroup",   "Name",                           32  },
    {"AWS::IAM::ManagedPolicy",                    "ManagedPolicyName",              128 },
    {"AWS::IAM::Role",                             "RoleName",                       64  },
    {"AWS::Logs::LogGroup",                        "LogGroupName",                   512 },
    {"AWS::RDS::DBInstance",                       "DBInstanceIdentifier",           63  },
    {"AWS::RDS::DBParameterGroup",                 "DBParameterGroupName",           255 },
    {"AWS::RDS::DBSubnetGroup",                    "DBSubnetGroupName",              255 },
    {"AWS::S3::Bucket",                            "BucketName",                     63  },
    {"AWS::SNS::Topic",                            "TopicName",                      256 },
    {"AWS::SSM::Parameter",                        "Name",                           1011},
    {"AWS::WAFv2::WebACL",                         "Name",                           128 },
};

enum { STACK_NAME_MAX = 128 };

static void add_problem(const struct gl_plan *plan, struct gl_diagnostics *list, const char *name,
                        size_t max, const char *whose)
{
    struct gl_error *problem = gl_check_add(plan->config, list, "app.name",
                                            _("`%s` is %zu characters long; %s may have "
                                              "%zu"),
                                            name, strlen(name), whose, max);
    gl_error_hint(problem, _("Choose a shorter app.name or a shorter name of the environment."));
}

static void check_resource(const struct gl_plan *plan, const struct gl_resource *resource,
                           struct gl_diagnostics *list)
{
    for (size_t i = 0; i < GL_COUNT(limits); i++) {
        if (strcmp(limits[i].type, resource->type) != 0)
            continue;
        const struct gl_value *name = gl_value_find(resource->properties, limits[i].property);
        if (!gl_value_is_scalar(name) || strlen(name->text) <= limits[i].max)
            continue;
        gl_autofree char *whose =
            gl_asprintf("%s (%s:%u)", resource->type, name->place.file, name->place.line);
        add_problem(plan, list, name->text, limits[i].max, whose);
    }
}

void gl_check_names(const struct gl_plan *plan, struct gl_diagnostics *list)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct gl_plan_stack *stack = &plan->stacks[i];
        if (strlen(stack->stack_name) > STACK_NAME_MAX)
            add_problem(plan, list, stack->stack_name, STACK_NAME_MAX, _("a stack"));
        for (size_t k = 0; k < stack->result.resource_count; k++)
            check_resource(plan, &stack->result.resources[k], list);
    }
}
