/* Watching a version: what CloudWatch counted since a mark, what its targets and tasks are like,
 * and whether AWS itself calls something a breach. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/look.h"
#include "platform/aws/service.h"

enum {
    STATE_MS = 2000,    /* targets, deployment, alarms */
    DEATHS_MS = 6000,   /* stopped tasks */
    METRICS_MS = 10000, /* CloudWatch's own clock is a minute */
};

void gl_cloud_look_free(struct gl_cloud_look **look)
{
    if (*look) {
        free((*look)->target_group);
        free((*look)->alarm);
    }
    free(gl_steal(look));
}

/* ---- what AWS calls a breach -------------------------------------------------------------------
 */

/* A deployment that is being taken back, or was, by AWS itself. */
static char *breach_of(const struct gl_ecs_deployment *d)
{
    gl_autoerr struct gl_error own = {0};
    if (d->phase != GL_ECS_LEAVING && d->phase != GL_ECS_BACK && d->phase != GL_ECS_BROKEN)
        return NULL;
    gl_ecs_fail_deployment(d, &own);
    return gl_steal(&own.message);
}

/* Targets are looked at after the deployment: what is not healthy may have been stopped by ECS in
 * between, which notes that it takes a deployment back before it stops anything. */
static int look_behind(struct gl_cloud *cloud, struct gl_ecs_deployment *d,
                       const struct gl_cloud_look *look, struct gl_error *err)
{
    return look->healthy ? 0 : gl_ecs_deployment_refresh(cloud, d, err);
}

/* ---- looking at ECS ----------------------------------------------------------------------------
 */

static int require_definition(struct gl_cloud *cloud, int64_t release, const char **ret_definition,
                              struct gl_error *err)
{
    int failed = gl_ecs_definition_of(cloud, release, ret_definition, err);
    if (failed < 0 || *ret_definition)
        return failed;
    return gl_fail(err, GL_E_NOT_FOUND,
                   _("release %" PRId64 " has no task definition in this account"), release);
}

int gl_ecs_look_at_state(struct gl_cloud *cloud, struct gl_cloud_look *look, struct gl_error *err)
{
    const char *definition = NULL;
    gl_autojson json_t *service = NULL;
    gl_autodeployment struct gl_ecs_deployment d = {0};
    struct gl_alb_health health = {0};
    gl_autofree char *alarm = NULL;
    int failed = require_definition(cloud, look->release, &definition, err);
    if (failed == 0)
        failed = gl_ecs_service(cloud, &service, err);
    if (failed == 0)
        failed = gl_ecs_deployment_of(cloud, definition, &d, err);
    if (failed == 0 && d.target_group)
        failed = gl_alb_health(cloud, d.target_group, &health, err);
    look->healthy = health.healthy > 0 && health.unhealthy == 0;
    if (failed == 0)
        failed = look_behind(cloud, &d, look, err);
    if (failed == 0)
        failed = gl_cloud_alarm(cloud, gl_ecs_alarm_names(service), &alarm, NULL, err);
    if (failed < 0)
        return failed;
    char *breach = breach_of(&d);
    free(look->alarm);
    look->alarm = breach ? breach : gl_steal(&alarm);
    free(look->target_group);
    look->target_group = gl_steal(&d.target_group);
    return 0;
}

int gl_ecs_look_at_deaths(struct gl_cloud *cloud, struct gl_cloud_look *look, struct gl_error *err)
{
    const char *definition = NULL;
    gl_autoended struct gl_ecs_ended ended = {0};
    int failed = require_definition(cloud, look->release, &definition, err);
    if (failed == 0)
        failed = gl_ecs_ended(cloud, definition, 0, &ended, err);
    if (failed == 0)
        look->deaths = ended.deaths;
    return failed;
}

int gl_ecs_look_at_metrics(struct gl_cloud *cloud, struct gl_cloud_look *look, int64_t since_unix_s,
                           struct gl_error *err)
{
    if (!look->target_group)
        return 0;
    look->counted = true;
    return gl_metrics_read(cloud, look->target_group, since_unix_s, &look->metrics, err);
}

/* ---- looking -----------------------------------------------------------------------------------
 */

static bool is_old(int64_t seen_ms, int64_t most_ms)
{
    return !seen_ms || gl_mono_ms() - seen_ms >= most_ms;
}

static int look_at_state(struct gl_cloud *cloud, struct gl_cloud_look *look, struct gl_error *err)
{
    int failed = cloud->part->way->look_at_state(cloud, look, err);
    if (failed == 0)
        look->state_ms = gl_mono_ms();
    return failed;
}

static int look_at_deaths(struct gl_cloud *cloud, struct gl_cloud_look *look, struct gl_error *err)
{
    int failed = cloud->part->way->look_at_deaths(cloud, look, err);
    if (failed == 0)
        look->deaths_ms = gl_mono_ms();
    return failed;
}

static int look_at_metrics(struct gl_cloud *cloud, struct gl_cloud_look *look, int64_t since_unix_s,
                           struct gl_error *err)
{
    int failed = cloud->part->way->look_at_metrics(cloud, look, since_unix_s, err);
    if (failed < 0 || !look->counted)
        return failed;
    look->since_unix_s = since_unix_s;
    look->metrics_ms = gl_mono_ms();
    return 0;
}

static struct gl_cloud_look *look_of(struct gl_cloud *cloud, int64_t release)
{
    if (cloud->look && cloud->look->release != release)
        gl_cloud_look_free(&cloud->look);
    if (!cloud->look) {
        cloud->look = gl_alloc(sizeof *cloud->look);
        cloud->look->release = release;
    }
    return cloud->look;
}

static int look_again(struct gl_cloud *cloud, int64_t release, int64_t since_unix_s,
                      struct gl_cloud_look **ret_look, struct gl_error *err)
{
    struct gl_cloud_look *look = look_of(cloud, release);
    int failed = is_old(look->state_ms, STATE_MS) ? look_at_state(cloud, look, err) : 0;
    if (failed == 0 && is_old(look->deaths_ms, DEATHS_MS))
        failed = look_at_deaths(cloud, look, err);
    if (failed == 0 && (look->since_unix_s != since_unix_s || is_old(look->metrics_ms, METRICS_MS)))
        failed = look_at_metrics(cloud, look, since_unix_s, err);
    if (failed == 0)
        *ret_look = look;
    return failed;
}

/* ---- the operations ----------------------------------------------------------------------------
 */

/* CloudWatch counts by the minute: what the version had in the minute of the mark, before the mark,
 * is taken off again. */
int gl_service_mark(struct gl_cloud *cloud, int64_t release, json_t **ret_mark,
                    struct gl_error *err)
{
    struct gl_cloud_look *look = NULL;
    int64_t now_s = gl_now_unix_ms() / 1000;
    int failed = look_again(cloud, release, now_s, &look, err);
    if (failed < 0 || !look)
        return failed;
    json_t *mark = json_object();
    gl_json_set_int(mark, "since_unix_s", now_s);
    gl_json_set_int(mark, "requests", (int64_t)look->metrics.requests);
    gl_json_set_int(mark, "errors_5xx", (int64_t)look->metrics.errors_5xx);
    gl_json_set_int(mark, "failures", (int64_t)look->metrics.failures);
    *ret_mark = mark;
    return 0;
}

static uint64_t since(uint64_t now, const json_t *mark, const char *key)
{
    int64_t before = gl_json_int(mark, key, 0);
    if (before <= 0)
        return now;
    return now > (uint64_t)before ? now - (uint64_t)before : 0;
}

int gl_service_observe(struct gl_cloud *cloud, int64_t release, const json_t *mark,
                       struct gl_observation *ret_observation, struct gl_error *err)
{
    struct gl_cloud_look *look = NULL;
    int failed = look_again(cloud, release, gl_json_int(mark, "since_unix_s", 0), &look, err);
    if (failed < 0 || !look)
        return failed;
    const struct gl_metrics *m = &look->metrics;
    *ret_observation = (struct gl_observation){
        .requests = since(m->requests, mark, "requests"),
        .errors_5xx = since(m->errors_5xx, mark, "errors_5xx"),
        .failures = since(m->failures, mark, "failures"),
        .p50_ms = m->p50_ms,
        .p95_ms = m->p95_ms,
        .p99_ms = m->p99_ms,
        .deaths = look->deaths,
        .healthy = look->healthy,
        .alarm = gl_strdup(look->alarm),
    };
    return 0;
}
