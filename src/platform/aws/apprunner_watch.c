/* Watching a version on App Runner: its state, and what CloudWatch counted for the service. One
 * version has all requests, so that the service's numbers are its own.
 * https://docs.aws.amazon.com/apprunner/latest/dg/monitor-cw.html */
#include <string.h>

#include "aws/page.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/apprunner.h"
#include "platform/aws/ecs.h"
#include "platform/aws/look.h"

enum { PERIOD_S = 60 };

/* Under the names that gl_metrics_sum() knows. A connection that failed is counted nowhere. */
static const struct {
    const char *id;
    const char *metric;
    const char *statistic;
} queries[] = {
    {"requests", "Requests",           "Sum"},
    {"errors",   "5xxStatusResponses", "Sum"},
    {"p50",      "RequestLatency",     "p50"},
    {"p95",      "RequestLatency",     "p95"},
    {"p99",      "RequestLatency",     "p99"},
};

/* ---- state -------------------------------------------------------------------------------------
 */

/* Somebody else's operation took the release's place, or App Runner is about to. */
static char *breach_of(const struct gl_apprunner_view *view, int64_t release)
{
    if (!view->service)
        return gl_strdup(_("there is no App Runner service any more"));
    if (view->release != release)
        return gl_asprintf(_("the service has release %lld now"), (long long)view->release);
    if (!view->state->updatable && !view->state->busy)
        return gl_asprintf(_("App Runner says of the service: %s (%s)"), _(view->state->text),
                           view->state->name);
    return NULL;
}

int gl_apprunner_look_at_state(struct gl_cloud *cloud, struct gl_cloud_look *look,
                               struct gl_error *err)
{
    gl_autorunner struct gl_apprunner_view view = {0};
    gl_autojson json_t *names = NULL;
    gl_autofree char *alarm = NULL;
    int failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed == 0)
        failed = gl_apprunner_alarm_names(cloud, &names, err);
    if (failed == 0)
        failed = gl_cloud_alarm(cloud, names, &alarm, NULL, err);
    if (failed < 0)
        return failed;
    gl_free_ptr(&look->alarm);
    look->alarm = breach_of(&view, look->release);
    /* Unhealthy instances are replaced by App Runner, which tells nobody: their requests do. */
    look->healthy = !look->alarm;
    if (!look->alarm)
        look->alarm = gl_steal(&alarm);
    return 0;
}

/* App Runner does not say when an instance ends by itself. */
int gl_apprunner_look_at_deaths(struct gl_cloud *cloud, struct gl_cloud_look *look,
                                struct gl_error *err)
{
    (void)cloud;
    (void)look;
    (void)err;
    return 0;
}

/* ---- metrics -----------------------------------------------------------------------------------
 */

static json_t *query(size_t i, const char *name, const char *id)
{
    return json_pack("{sss{sssis{sssss[{ssss}{ssss}]}}sb}", "Id", queries[i].id, "MetricStat",
                     "Stat", queries[i].statistic, "Period", PERIOD_S, "Metric", "Namespace",
                     "AWS/AppRunner", "MetricName", queries[i].metric, "Dimensions", "Name",
                     "ServiceName", "Value", name, "Name", "ServiceID", "Value", id, "ReturnData",
                     1);
}

static json_t *parameters(const char *name, const char *id, int64_t since_unix_s)
{
    json_t *list = json_array();
    int64_t begin_s = since_unix_s - since_unix_s % PERIOD_S;
    gl_autofree char *begin = gl_format_rfc3339(begin_s * 1000);
    gl_autofree char *end = gl_format_rfc3339(gl_now_unix_ms() + PERIOD_S * 1000LL);
    for (size_t i = 0; i < GL_COUNT(queries); i++)
        json_array_append_new(list, query(i, name, id));
    return json_pack("{sossssss}", "MetricDataQueries", list, "StartTime", begin, "EndTime", end,
                     "ScanBy", "TimestampDescending");
}

int gl_apprunner_look_at_metrics(struct gl_cloud *cloud, struct gl_cloud_look *look,
                                 int64_t since_unix_s, struct gl_error *err)
{
    const char *name = NULL;
    const char *id = NULL;
    gl_autojson json_t *answer = NULL;
    int failed = gl_cloud_output(cloud, GL_APPRUNNER_STACK, "ServiceName", &name, err);
    if (failed == 0)
        failed = gl_cloud_output(cloud, GL_APPRUNNER_STACK, "ServiceId", &id, err);
    if (failed == 0)
        failed = gl_aws_ask_all(cloud->client, "cloudwatch", "GetMetricData",
                                parameters(name, id, since_unix_s), &answer, err);
    if (failed < 0)
        return failed;
    gl_metrics_sum(answer, &look->metrics);
    /* It takes the times for seconds; RequestLatency is in milliseconds. */
    look->metrics.p50_ms /= 1000.0;
    look->metrics.p95_ms /= 1000.0;
    look->metrics.p99_ms /= 1000.0;
    look->counted = true;
    return 0;
}
