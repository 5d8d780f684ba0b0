/* Counting by CloudWatch. */
#include "platform/aws/metrics.h"

#include <stdio.h>
#include <string.h>

#include "aws/page.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"

enum {
    PERIOD_S = 60,

};

static const struct {
    const char *id;
    const char *metric;
    const char *statistic;
} queries[] = {
    {"requests", "RequestCount",               "Sum"},
    {"errors",   "HTTPCode_Target_5XX_Count",  "Sum"},
    {"failures", "TargetConnectionErrorCount", "Sum"},
    {"p50",      "TargetResponseTime",         "p50"},
    {"p95",      "TargetResponseTime",         "p95"},
    {"p99",      "TargetResponseTime",         "p99"},
};

const char *gl_metrics_dimension(const char *arn)
{
    const char *begin = strstr(arn, ":targetgroup/");
    return begin ? begin + 1 : NULL;
}

/* ---- asking ------------------------------------------------------------------------------------
 */

static json_t *query(size_t i, const char *load_balancer, const char *group)
{
    return json_pack("{sss{sssis{sssss[{ssss}{ssss}]}}sb}", "Id", queries[i].id, "MetricStat",
                     "Stat", queries[i].statistic, "Period", PERIOD_S, "Metric", "Namespace",
                     "AWS/ApplicationELB", "MetricName", queries[i].metric, "Dimensions", "Name",
                     "LoadBalancer", "Value", load_balancer, "Name", "TargetGroup", "Value", group,
                     "ReturnData", 1);
}

static json_t *parameters(const char *load_balancer, const char *group, int64_t since_unix_s)
{
    json_t *list = json_array();
    int64_t begin_s = since_unix_s - since_unix_s % PERIOD_S;
    gl_autofree char *begin = gl_format_rfc3339(begin_s * 1000);
    gl_autofree char *end = gl_format_rfc3339(gl_now_unix_ms() + PERIOD_S * 1000LL);
    for (size_t i = 0; i < GL_COUNT(queries); i++)
        json_array_append_new(list, query(i, load_balancer, group));
    return json_pack("{sossssss}", "MetricDataQueries", list, "StartTime", begin, "EndTime", end,
                     "ScanBy", "TimestampDescending");
}

/* ---- summing -----------------------------------------------------------------------------------
 */

static const json_t *result_of(const json_t *answer, const char *id)
{
    size_t i;
    const json_t *result;
    json_array_foreach(json_object_get(answer, "MetricDataResults"), i, result)
    {
        if (strcmp(gl_json_str(result, "Id", ""), id) == 0)
            return result;
    }
    return NULL;
}

static double value_at(const json_t *result, size_t i)
{
    return json_number_value(json_array_get(json_object_get(result, "Values"), i));
}

static uint64_t sum(const json_t *answer, const char *id)
{
    const json_t *result = result_of(answer, id);
    double all = 0;
    for (size_t i = 0; i < json_array_size(json_object_get(result, "Values")); i++)
        all += value_at(result, i);
    return all > 0 ? (uint64_t)(all + 0.5) : 0;
}

/* The requests that were counted in the minute of a percentile. */
static double requests_at(const json_t *requests, const char *timestamp)
{
    size_t i;
    const json_t *at;
    json_array_foreach(json_object_get(requests, "Timestamps"), i, at)
    {
        if (json_is_string(at) && strcmp(json_string_value(at), timestamp) == 0)
            return value_at(requests, i);
    }
    return 0;
}

/* Percentiles of minutes cannot be put together exactly; a minute counts by its requests. */
static double percentile_ms(const json_t *answer, const char *id)
{
    const json_t *result = result_of(answer, id);
    const json_t *requests = result_of(answer, "requests");
    double weight = 0;
    double all = 0;
    size_t i;
    const json_t *at;
    json_array_foreach(json_object_get(result, "Timestamps"), i, at)
    {
        double count = requests_at(requests, json_is_string(at) ? json_string_value(at) : "");
        weight += count;
        all += count * value_at(result, i);
    }
    return weight > 0 ? all / weight * 1000.0 : 0;
}

void gl_metrics_sum(const json_t *answer, struct gl_metrics *ret_metrics)
{
    *ret_metrics = (struct gl_metrics){
        .requests = sum(answer, "requests"),
        .errors_5xx = sum(answer, "errors"),
        .failures = sum(answer, "failures"),
        .p50_ms = percentile_ms(answer, "p50"),
        .p95_ms = percentile_ms(answer, "p95"),
        .p99_ms = percentile_ms(answer, "p99"),
    };
}

int gl_metrics_read(struct gl_cloud *cloud, const char *target_group, int64_t since_unix_s,
                    struct gl_metrics *ret_metrics, struct gl_error *err)
{
    const char *load_balancer = NULL;
    const char *group = gl_metrics_dimension(target_group);
    gl_autojson json_t *answer = NULL;
    if (!group)
        return gl_fail(err, GL_E_MISMATCH, _("`%s` is no ARN of a target group"), target_group);
    int failed = gl_cloud_output(cloud, "service", "AlbFullName", &load_balancer, err);
    if (failed == 0)
        failed = gl_aws_ask_all(cloud->client, "cloudwatch", "GetMetricData",
                                parameters(load_balancer, group, since_unix_s), &answer, err);
    if (failed == 0)
        gl_metrics_sum(answer, ret_metrics);
    return failed;
}
