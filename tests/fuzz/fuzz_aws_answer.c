/* Answers of AWS, or of whoever answers in its place: results and errors of every protocol. The
 * first byte chooses the operation, the second the status; the rest is the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/codec.h"
#include "aws/failure.h"
#include "aws/page.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const operations[][2] = {
    {"cloudformation", "DescribeStacks"        },
    {"ec2",            "DescribeSecurityGroups"},
    {"rds",            "DescribeDBInstances"   },
    {"cloudwatch",     "GetMetricData"         },
    {"iam",            "GetAccountSummary"     },
    {"sns",            "GetTopicAttributes"    },
    {"s3",             "ListObjectVersions"    },
    {"s3",             "GetBucketPolicy"       },
    {"s3",             "GetBucketLocation"     },
    {"route53",        "ListResourceRecordSets"},
    {"cloudfront",     "GetDistribution"       },
    {"ecs",            "DescribeTaskDefinition"},
    {"guardduty",      "GetDetector"           },
    {"backup",         "DescribeBackupVault"   },
};

static void check_result(const struct gl_aws_service *service,
                         const struct gl_aws_operation *operation,
                         const struct gl_http_response *response)
{
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *result = NULL;
    if (gl_aws_decode(service, operation, response, &result, &err) < 0) {
        if (!err.message)
            abort();
        return;
    }
    if (!json_is_object(result))
        abort();
    gl_autojson json_t *params = json_object();
    gl_autojson json_t *all = json_deep_copy(result);
    (void)gl_aws_page_next(operation, result, params);
    gl_aws_page_append(operation, all, result);
}

static void check_failure(const struct gl_aws_service *service,
                          const struct gl_aws_operation *operation,
                          const struct gl_http_response *response)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoawsfailure struct gl_aws_failure failure = {0};
    gl_aws_failure_read(response, &failure);
    if (!failure.code || !*failure.code || !failure.message ||
        failure.code[strcspn(failure.code, " \r\n\x1b")])
        abort();
    if (gl_aws_failure_report(&failure, service, operation, &err) >= 0 || !err.message)
        abort();
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const char *const *names = operations[data[0] % GL_COUNT(operations)];
    const struct gl_aws_service *service = gl_aws_service_find(names[0]);
    const struct gl_aws_operation *operation = gl_aws_operation_find(service, names[1]);
    gl_autohttp struct gl_http_response response = {.status = 200 + data[1] % 4 * 100};
    gl_buf_add(&response.body, data + 2, size - 2);
    gl_strv_add(&response.headers, "etag: \"e\"");
    gl_strv_add(&response.headers, "x-amzn-requestid: r");
    if (response.status < 300)
        check_result(service, operation, &response);
    else
        check_failure(service, operation, &response);
    gl_autojson json_t *text = json_stringn((const char *)data + 2, size - 2);
    int64_t ms = 0;
    (void)gl_aws_time(text, &ms);
    return 0;
}
