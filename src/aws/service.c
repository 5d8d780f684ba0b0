/* The list of services, and looking things up in it. */
#include "aws/service.h"

#include <string.h>

#include "aws/words.h"

/* Each is src/aws/ops/NAME.c. */
#define SERVICES(row)                                                                              \
    row(accessanalyzer) row(acm) row(application_autoscaling) row(apprunner) row(backup)           \
        row(budgets) row(cloudformation) row(cloudfront) row(cloudtrail) row(cloudwatch) row(ec2)  \
            row(ecr) row(ecs) row(elbv2) row(guardduty) row(iam) row(kms) row(logs) row(rds)       \
                row(route53) row(s3) row(secretsmanager) row(service_quotas) row(sns) row(ssm)     \
                    row(sts) row(wafv2)

#define row(name) extern const struct gl_aws_service gl_aws_##name;
SERVICES(row)
#undef row

const struct gl_aws_service *const gl_aws_service_list[] = {
#define row(name) &gl_aws_##name,
    SERVICES(row)
#undef row
        NULL,
};

const struct gl_aws_service *gl_aws_service_find(const char *name)
{
    for (size_t i = 0; gl_aws_service_list[i]; i++) {
        if (strcmp(gl_aws_service_list[i]->name, name) == 0)
            return gl_aws_service_list[i];
    }
    return NULL;
}

const struct gl_aws_operation *gl_aws_operation_find(const struct gl_aws_service *service,
                                                     const char *name)
{
    for (size_t i = 0; i < service->operation_count; i++) {
        if (strcmp(service->operations[i].name, name) == 0)
            return &service->operations[i];
    }
    return NULL;
}

char *gl_aws_operation_action(const struct gl_aws_service *service,
                              const struct gl_aws_operation *operation)
{
    if (operation->action)
        return gl_strdup(operation->action);
    const char *prefix = service->iam_prefix ? service->iam_prefix : service->signing_name;
    return gl_asprintf("%s:%s", prefix, operation->name);
}

bool gl_aws_operation_takes(const struct gl_aws_operation *operation, const char *parameter)
{
    struct gl_aws_word word = {0};
    size_t len = strlen(parameter);
    while (gl_aws_word_next(operation->input, &word)) {
        if (strcspn(word.text, "=?@! ") == len && strncmp(word.text, parameter, len) == 0)
            return true;
    }
    return false;
}
