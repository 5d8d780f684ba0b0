/* What a release does to the services of an environment: to the backend's alone, or, where pages
 * come from a service too, to both. Pages may use what their backend offers: they are never newer
 * than it. Forward the backend goes first, back the pages do. */
#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/service.h"

/* The release as the part that makes pages has it. */
static struct gl_artifact pages_of(const struct gl_artifact *a)
{
    struct gl_artifact own = *a;
    own.image_digest = a->pages_digest;
    own.processor = a->pages_processor;
    return own;
}

/* Whoever reads an error must know which of the two it is about. */
static int of_pages(int failed, struct gl_error *err)
{
    return failed < 0 ? gl_error_wrap(err, _("the frontend's service")) : failed;
}

/* ---- before ------------------------------------------------------------------------------------
 */

/* With rolling a new version has requests as soon as it starts: one service would have moved when
 * the other fails, and nothing is open that ECS could take back. */
static int refuse_rolling(struct gl_cloud *cloud, struct gl_error *err)
{
    if (gl_ecs_two_groups(cloud))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("release.strategy: rolling does not go with frontend.mode: ssr"));
    return gl_error_hint(
        err, _("A rolling version has requests as soon as it starts: one of the two services "
               "would have moved when the other fails, and could not be taken back at once. "
               "Use blue_green, canary or linear, where both start before either gets requests; or "
               "frontend.mode: static, where every route prerenders."));
}

/* The Node service stands behind the load balancer of a backend on ECS. */
static int refuse_app_runner(const struct gl_cloud *cloud, struct gl_error *err)
{
    if (cloud->part->way == &gl_cloud_way_ecs)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("frontend.mode: ssr does not go with App Runner"));
    return gl_error_hint(err, _("The Node service runs beside the backend on ECS: use "
                                "backend.platform: ecs, or frontend.mode: static."));
}

/* A release from before the frontend was a service has no pages to go back to. */
static int require_pages(struct gl_cloud *pages, const struct gl_artifact *a, struct gl_error *err)
{
    const char *definition = NULL;
    if (!a->image_digest || a->pages_digest)
        return 0; /* yet to be built, or built */
    int failed = gl_ecs_definition_of(pages, a->release, &definition, err);
    if (failed < 0 || definition)
        return failed;
    gl_fail(err, GL_E_REFUSED, _("release %" PRId64 " has no image of the frontend"), a->release);
    return gl_error_hint(err,
                         _("It was made with another frontend.mode; deploy its source again: "
                           "golive deploy --env %s"),
                         pages->env);
}

int gl_services_preflight(struct gl_cloud *cloud, const struct gl_artifact *a, struct gl_error *err)
{
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    int failed = pages ? refuse_app_runner(cloud, err) : 0;
    if (failed == 0 && pages)
        failed = refuse_rolling(cloud, err);
    if (failed == 0)
        failed = gl_service_preflight(cloud, a, err);
    if (failed < 0 || !pages)
        return failed;
    const struct gl_artifact own = pages_of(a);
    failed = require_pages(pages, a, err);
    return of_pages(failed < 0 ? failed : gl_service_preflight(pages, &own, err), err);
}

/* The hashed assets lie in the bucket before any page that names them is made. */
int gl_cloud_place(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    int failed = gl_service_place(cloud, a, err);
    if (failed < 0 || !pages)
        return failed;
    const struct gl_artifact own = pages_of(a);
    failed = of_pages(gl_service_place(pages, &own, err), err);
    return failed < 0 ? failed : gl_cloud_publish(p, a, err);
}

/* ---- moving ------------------------------------------------------------------------------------
 */

int gl_cloud_start(struct gl_platform *p, const struct gl_artifact *a, int64_t timeout_ms,
                   struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    int failed = gl_service_start(cloud, a, timeout_ms, err);
    if (failed < 0 || !pages)
        return failed;
    const struct gl_artifact own = pages_of(a);
    return of_pages(gl_service_start(pages, &own, timeout_ms, err), err);
}

/* Both are tried: what is left of one costs, or stands in the way of the next release. */
int gl_cloud_stop(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    gl_autoerr struct gl_error own = {0};
    int failed = pages ? of_pages(gl_service_stop(pages, release, &own), &own) : 0;
    int of_backend = gl_service_stop(cloud, release, err);
    if (of_backend < 0 || failed == 0)
        return of_backend;
    if (err)
        gl_error_move(err, &own);
    return failed;
}

/* Whether pages of a newer release than this one get requests. */
static int are_newer(struct gl_cloud *pages, int64_t release, bool *ret_newer, struct gl_error *err)
{
    gl_autoview struct gl_ecs_view view = {0};
    int failed = gl_ecs_view_read(pages, &view, err);
    for (size_t i = 0; failed == 0 && i < view.count; i++)
        *ret_newer =
            *ret_newer || (view.versions[i].weight_pct > 0 && view.versions[i].release > release);
    return failed;
}

/* To a release that has no pages it is back to when nobody made them. Shares are of the backend
 * alone: pages that get some requests would meet a backend that gets only some, too. */
static int shift_pages(struct gl_cloud *pages, int64_t release, int pct, struct gl_error *err)
{
    const char *definition = NULL;
    if (pct > 0 && pct < 100)
        return 0;
    int failed = gl_ecs_definition_of(pages, release, &definition, err);
    if (failed == 0)
        failed = gl_service_shift(pages, release, definition ? pct : 0, err);
    return of_pages(failed, err);
}

int gl_cloud_shift(struct gl_platform *p, int64_t release, int pct, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    bool pages_first = pct == 0;
    if (!pages)
        return gl_service_shift(cloud, release, pct, err);
    int failed = pct == 100 ? are_newer(pages, release, &pages_first, err) : 0;
    if (failed == 0 && pages_first)
        failed = shift_pages(pages, release, pct, err);
    if (failed == 0)
        failed = gl_service_shift(cloud, release, pct, err);
    if (failed == 0 && !pages_first)
        failed = shift_pages(pages, release, pct, err);
    return failed;
}

int gl_cloud_move_sessions(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    return gl_service_move_sessions(gl_cloud_cast(p), release, err);
}

/* ---- watching ----------------------------------------------------------------------------------
 */

static const struct gl_running *running_of(const struct gl_traffic *traffic, int64_t release)
{
    for (size_t i = 0; i < traffic->count; i++) {
        if (traffic->versions[i].release == release)
            return &traffic->versions[i];
    }
    return NULL;
}

/* A release that has no pages is not one whose pages do not run. */
static int add_pages(struct gl_cloud *pages, struct gl_traffic *traffic, struct gl_error *err)
{
    struct gl_traffic own = {0};
    int failed = gl_service_traffic(pages, &own, err);
    for (size_t i = 0; failed == 0 && i < traffic->count; i++) {
        struct gl_running *version = &traffic->versions[i];
        const char *definition = NULL;
        failed = gl_ecs_definition_of(pages, version->release, &definition, err);
        if (failed == 0 && definition) {
            struct gl_running *found = (struct gl_running *)running_of(&own, version->release);
            gl_both_running(version, found);
        }
    }
    for (size_t i = 0; i < own.count; i++) {
        if (own.versions[i].weight_pct == 100)
            traffic->frontend_release = own.versions[i].release;
    }
    return failed;
}

int gl_cloud_traffic(struct gl_platform *p, struct gl_traffic *ret_traffic, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    struct gl_traffic traffic = {0};
    int failed = gl_service_traffic(cloud, &traffic, err);
    if (failed == 0 && pages)
        failed = of_pages(add_pages(pages, &traffic, err), err);
    else if (failed == 0)
        failed = gl_cloud_site_release(p, &traffic.frontend_release, err);
    if (failed == 0)
        *ret_traffic = traffic;
    return failed;
}

int gl_cloud_mark(struct gl_platform *p, int64_t release, json_t **ret_mark, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    gl_autojson json_t *mark = NULL;
    json_t *own = NULL;
    int failed = gl_service_mark(cloud, release, &mark, err);
    if (failed == 0 && pages)
        failed = of_pages(gl_service_mark(pages, release, &own, err), err);
    if (failed < 0)
        return failed;
    if (own)
        json_object_set_new(mark, gl_part_pages.name, own);
    *ret_mark = gl_steal(&mark);
    return 0;
}

int gl_cloud_observe(struct gl_platform *p, int64_t release, const json_t *mark,
                     struct gl_observation *ret_observation, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    gl_autoobservation struct gl_observation seen = {0};
    gl_autoobservation struct gl_observation own = {0};
    int failed = gl_service_observe(cloud, release, mark, &seen, err);
    if (failed == 0 && pages)
        failed = of_pages(gl_service_observe(pages, release,
                                             json_object_get(mark, gl_part_pages.name), &own, err),
                          err);
    if (failed < 0)
        return failed;
    if (pages)
        gl_both_observed(&seen, &own);
    *ret_observation = seen;
    seen = (struct gl_observation){0};
    return 0;
}

/* ---- after -------------------------------------------------------------------------------------
 */

int gl_cloud_conclude(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    /* Of neither anything is ended unless both are well: until then there is a quick way back. */
    int failed = pages ? of_pages(gl_service_may_conclude(pages, release, err), err) : 0;
    if (failed == 0)
        failed = gl_service_conclude(cloud, release, err);
    if (failed < 0 || !pages)
        return failed;
    return of_pages(gl_service_conclude(pages, release, err), err);
}

int gl_cloud_prune(struct gl_platform *p, const int64_t *keep, size_t count, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    struct gl_cloud *pages = gl_cloud_pages(cloud);
    int failed = gl_service_prune(cloud, keep, count, err);
    if (failed == 0 && pages)
        failed = of_pages(gl_service_prune(pages, keep, count, err), err);
    if (failed == 0)
        failed = gl_cloud_site_prune(p, keep, count, err);
    return failed < 0 ? failed : gl_cloud_backup_prune(p, keep, count, err);
}
