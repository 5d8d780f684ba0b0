/* The operations of a release on App Runner. There are no shares: a version has no request, or has
 * all of them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/apprunner.h"
#include "platform/aws/ecs.h"
#include "platform/aws/look.h"

static int64_t start_timeout_ms(const struct gl_cloud *cloud)
{
    return gl_config_int(cloud->base.config, "backend.start_timeout_s") * 1000;
}

/* ---- forward -----------------------------------------------------------------------------------
 */

int gl_apprunner_start(struct gl_platform *p, const struct gl_artifact *a, int64_t timeout_ms,
                       struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    const char *definition = NULL;
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_ecs_register(cloud, a, &definition, err);
    if (failed == 0)
        failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed < 0)
        return failed;
    gl_cloud_look_free(&cloud->look);
    if (!view.service)
        return gl_apprunner_bring_first(cloud, a, timeout_ms, err);
    gl_platform_progress(p, "%s",
                         _("App Runner gives the requests to new instances by itself, as soon as "
                           "they are healthy"));
    return gl_apprunner_bring(cloud, a->release, false, timeout_ms, err);
}

int gl_apprunner_next_share_pct(struct gl_platform *p, int pct)
{
    (void)p;
    (void)pct;
    return 100;
}

int gl_apprunner_shift(struct gl_platform *p, int64_t release, int pct, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    if (pct < 0 || pct > 100)
        return gl_fail(err, GL_E_USAGE, _("a share of requests is 0..100 percent, not %d"), pct);
    gl_cloud_look_free(&cloud->look);
    if (pct == 0)
        return gl_apprunner_take_away(cloud, release, err);
    if (pct < 100)
        return gl_fail(err, GL_E_REFUSED,
                       _("App Runner gives a version all requests or none, not %d %%"), pct);
    return gl_apprunner_bring(cloud, release, true, start_timeout_ms(cloud), err);
}

/* ---- who serves --------------------------------------------------------------------------------
 */

static int require_serving(struct gl_cloud *cloud, int64_t release, struct gl_error *err)
{
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed < 0 || gl_apprunner_serves(&view, release, true))
        return failed;
    return gl_fail(err, GL_E_UNHEALTHY, _("release %" PRId64 " does not have all traffic"),
                   release);
}

/* Instances that are replaced get SIGTERM: the application's own shutdown has asked its clients to
 * reconnect by then. */
int gl_apprunner_move_sessions(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    return require_serving(gl_cloud_cast(p), release, err);
}

static void fill(const struct gl_apprunner_view *view, struct gl_running *running)
{
    const char *image = gl_apprunner_image(view->service);
    const char *digest = image ? strchr(image, '@') : NULL;
    /* While App Runner replaces instances it does not say who gets how much: what it is on the way
     * to is shown, and is not healthy yet. */
    *running = (struct gl_running){
        .release = view->release,
        .weight_pct = 100,
        .sessions = true,
        .healthy = gl_apprunner_serves(view, view->release, true),
    };
    (void)snprintf(running->digest, sizeof running->digest, "%s", digest ? digest + 1 : "");
}

int gl_apprunner_traffic(struct gl_platform *p, struct gl_traffic *ret_traffic,
                         struct gl_error *err)
{
    struct gl_traffic traffic = {0};
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_apprunner_view_read(gl_cloud_cast(p), &view, err);
    if (failed == 0 && view.service && (view.state->updatable || view.state->busy))
        fill(&view, &traffic.versions[traffic.count++]);
    if (failed == 0)
        failed = gl_cloud_site_release(p, &traffic.frontend_release, err);
    if (failed == 0)
        *ret_traffic = traffic;
    return failed;
}

int gl_apprunner_serving(struct gl_cloud *cloud, char **ret_definition, struct gl_error *err)
{
    const char *definition = NULL;
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed == 0)
        failed = gl_ecs_definition_of(cloud, view.release, &definition, err);
    if (failed == 0 && definition)
        *ret_definition = gl_strdup(definition);
    return failed;
}

/* ---- the end -----------------------------------------------------------------------------------
 */

int gl_apprunner_conclude(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_apprunner_await_stack(cloud, err);
    if (failed == 0)
        failed = gl_apprunner_await_idle(cloud, err);
    if (failed == 0)
        failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed < 0 || gl_apprunner_serves(&view, release, true))
        return failed;
    gl_fail(err, GL_E_UNHEALTHY,
            _("the service does not have release %" PRId64 ", but release %" PRId64 " (%s)"),
            release, view.release, view.state ? _(view.state->text) : _("there is none"));
    return gl_error_hint(err, _("Somebody else may be changing it: golive status --env %s."),
                         cloud->env);
}

/* Nothing of a version runs beside the one that serves. What is under way cannot be stopped; if the
 * version serves when that is over, only another one can take its place (gl_apprunner_shift()). */
int gl_apprunner_stop(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    const char *definition = NULL;
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_ecs_definition_of(cloud, release, &definition, err);
    if (failed < 0 || !definition)
        return failed; /* never came to be */
    failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed == 0 && !view.service)
        return gl_apprunner_take_away(cloud, release, err);
    if (failed == 0 && view.state->busy) {
        gl_apprunner_view_done(&view);
        failed = gl_apprunner_await_idle(cloud, err);
        if (failed == 0)
            failed = gl_apprunner_view_read(cloud, &view, err);
    }
    if (failed < 0 || view.release != release)
        return failed;
    gl_fail(err, GL_E_REFUSED, _("release %" PRId64 " still gets requests"), release);
    return gl_error_hint(err, _("golive rollback --env %s gives them to the release before it."),
                         cloud->env);
}
