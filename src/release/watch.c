/* Watches a version that has traffic and ends at the first breach of release.limits.
 *
 * Counts begin anew in windows, so that a breach is not diluted by a long good past; a window stays
 * open until it has release.limits.min_requests. The share of failures is taken of at least that
 * number: requests that are missing count as good, so that a version with little traffic is undone
 * as soon as no further request could make it good. At the end the whole time is judged too. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "release/internal.h"

enum {
    POLL_MS = 100,
    WINDOW_MS = 5000, /* at least */
    LEASE_CHECK_MS = 1000,
};

struct watch {
    double error_rate_pct; /* limits */
    int64_t p95_ms;
    uint64_t min_requests;
    int64_t deaths; /* when the version became ready */
    json_t *whole;  /* mark at the begin */
    json_t *window; /* mark of the open window */
    int64_t window_end_ms;
    double worst_p95_ms; /* of the windows that had min_requests */
};

static void watch_done(struct watch *watch)
{
    json_decref(watch->whole);
    json_decref(watch->window);
}

static double rate_pct(const struct gl_observation *seen, uint64_t least_requests)
{
    uint64_t requests = seen->requests > least_requests ? seen->requests : least_requests;
    uint64_t bad = seen->errors_5xx + seen->failures;
    return requests ? 100.0 * (double)bad / (double)requests : 0;
}

static int breach(const struct watch *watch, const struct gl_observation *seen,
                  struct gl_error *err)
{
    const char *worst = seen->worst ? seen->worst : "";
    if (seen->deaths > watch->deaths)
        return gl_fail(err, GL_E_UNHEALTHY, _("its process died %" PRId64 " times"),
                       seen->deaths - watch->deaths);
    /* Whoever undoes it for an alarm stops it too: that its health check fails is what follows. */
    if (seen->alarm)
        return gl_fail(err, GL_E_UNHEALTHY, "%s", seen->alarm);
    if (!seen->healthy)
        return gl_fail(err, GL_E_UNHEALTHY, _("its health check fails"));
    if (rate_pct(seen, watch->min_requests) > watch->error_rate_pct)
        return gl_fail(err, GL_E_UNHEALTHY,
                       _("5xx %.2f %% of %" PRIu64 " requests (limit %.2f %%) %s"),
                       rate_pct(seen, 0), seen->requests, watch->error_rate_pct, worst);
    if (seen->requests >= watch->min_requests && watch->p95_ms &&
        seen->p95_ms > (double)watch->p95_ms)
        return gl_fail(err, GL_E_UNHEALTHY,
                       _("p95 %.0f ms over %" PRIu64 " requests (limit %" PRId64 " ms)"),
                       seen->p95_ms, seen->requests, watch->p95_ms);
    return 0;
}

static int observe_since(struct gl_release *release, const struct watch *watch, const json_t *mark,
                         struct gl_observation *seen, struct gl_error *err)
{
    int failed =
        release->platform->ops->observe(release->platform, release->number, mark, seen, err);
    return failed < 0 ? failed : breach(watch, seen, err);
}

static void show(struct gl_release *release, const struct watch *watch,
                 const struct gl_observation *seen, int64_t left_ms)
{
    gl_autofree char *left = gl_format_duration((double)(left_ms > 0 ? left_ms : 0));
    gl_release_update(release,
                      _("%s left   5xx %.2f %% (limit %.2f)  p95 %.0f ms (limit %" PRId64 ")"),
                      left, rate_pct(seen, 0), watch->error_rate_pct, seen->p95_ms, watch->p95_ms);
}

/* One look: opens a window if none is open, judges what it has, closes it when it is full. */
static int look(struct gl_release *release, struct watch *watch, int64_t left_ms,
                struct gl_error *err)
{
    const struct gl_platform_ops *ops = release->platform->ops;
    gl_autoobservation struct gl_observation seen = {0};
    int64_t now = gl_mono_ms();
    if (!watch->window) {
        int failed = ops->mark(release->platform, release->number, &watch->window, err);
        if (failed < 0)
            return failed;
        watch->window_end_ms = now + WINDOW_MS;
    }
    int failed = observe_since(release, watch, watch->window, &seen, err);
    if (failed < 0)
        return failed;
    show(release, watch, &seen, left_ms);
    if (seen.requests < watch->min_requests)
        return 0;
    if (seen.p95_ms > watch->worst_p95_ms)
        watch->worst_p95_ms = seen.p95_ms;
    if (now >= watch->window_end_ms) {
        json_decref(watch->window);
        watch->window = NULL;
    }
    return 0;
}

/* The windows may each be just good enough; what the version did in all its time must be too. */
static int judge_whole(struct gl_release *release, const struct watch *watch, struct gl_error *err)
{
    gl_autoobservation struct gl_observation seen = {0};
    int failed = observe_since(release, watch, watch->whole, &seen, err);
    if (failed < 0)
        return failed;
    json_t *facts = gl_release_own_facts(release);
    gl_json_set_int(facts, "requests", (int64_t)seen.requests);
    gl_json_set_int(facts, "bad", (int64_t)(seen.errors_5xx + seen.failures));
    gl_json_set_real(facts, "p95_ms", seen.p95_ms);
    gl_json_set_real(facts, "worst_p95_ms", watch->worst_p95_ms);
    gl_autofree char *requests = gl_format_count(seen.requests);
    gl_release_detail(release, _("5xx %.2f %%, p95 %.0f ms, %s requests"), rate_pct(&seen, 0),
                      seen.p95_ms, requests);
    return 0;
}

static int watch_until(struct gl_release *release, struct watch *watch, int64_t end_ms,
                       struct gl_error *err)
{
    int64_t lease_check_ms = 0;
    for (;;) {
        int64_t now = gl_mono_ms();
        int failed = gl_interrupt_check(err);
        if (failed == 0 && now >= lease_check_ms) {
            failed = gl_lease_check(release->lease, err);
            lease_check_ms = now + LEASE_CHECK_MS;
        }
        if (failed == 0)
            failed = look(release, watch, end_ms - now, err);
        if (failed < 0 || now >= end_ms)
            return failed;
        gl_sleep_ms(end_ms - now < POLL_MS ? end_ms - now : POLL_MS);
    }
}

int gl_watch_version(struct gl_release *release, int64_t duration_ms, struct gl_error *err)
{
    gl_cleanup(watch_done) struct watch watch = {
        .error_rate_pct = gl_config_real(release->config, "release.limits.error_rate_pct"),
        .p95_ms = gl_config_int(release->config, "release.limits.p95_ms"),
        .min_requests = (uint64_t)gl_config_int(release->config, "release.limits.min_requests"),
        .deaths = gl_release_fact_int(release, "start", "deaths"),
    };
    const struct gl_platform_ops *ops = release->platform->ops;
    int failed = ops->mark(release->platform, release->number, &watch.whole, err);
    if (failed == 0)
        failed = watch_until(release, &watch, gl_mono_ms() + duration_ms, err);
    return failed < 0 ? failed : judge_whole(release, &watch, err);
}
