/* Room-internal: what the load balancer counted for one target group, from CloudWatch.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
#ifndef GL_PLATFORM_AWS_METRICS_H
#define GL_PLATFORM_AWS_METRICS_H

#include "platform/aws/aws.h"

struct gl_metrics {
    uint64_t requests;
    uint64_t errors_5xx;           /* answers of targets */
    uint64_t failures;             /* connections to targets that failed */
    double p50_ms, p95_ms, p99_ms; /* mean of the minutes' values, each by its requests */
};

/* Counts from the minute of `since_unix_s` until now: CloudWatch has whole minutes only. */
gl_nodiscard int gl_metrics_read(struct gl_cloud *cloud, const char *target_group,
                                 int64_t since_unix_s, struct gl_metrics *ret_metrics,
                                 struct gl_error *err);

/* Sums an answer of GetMetricData. Pure. */
void gl_metrics_sum(const json_t *answer, struct gl_metrics *ret_metrics);

/* "targetgroup/NAME/ID" of an ARN, as CloudWatch's dimension wants it; NULL if it is no such ARN.
 * Points into `arn`. */
const char *gl_metrics_dimension(const char *arn);

#endif
