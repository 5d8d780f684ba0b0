/* Watches a version that has traffic and ends at the first breach of release.limits. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "release/internal.h"

enum {
    POLL_MS = 100,
    /* Counts begin anew this often, so that a breach is not diluted by a long good past. */
    WINDOW_MS = 5000,
    LEASE_CHECK_MS = 1000,
};

struct watch {
    double error_rate_pct; /* limits */
    int64_t p95_ms;
    uint64_t min_requests;
    int64_t deaths; /* process deaths seen at the begin */
    json_t *mark;
    int64_t window_end_ms;
    uint64_t requests; /* in closed windows */
    uint64_t bad;
    double worst_p95_ms;
};

static double rate_pct(uint64_t bad, uint64_t requests)
{
    return requests ? 100.0 * (double)bad / (double)requests : 0;
}

static uint64_t bad_of(const struct gl_observation *seen)
{
    return seen->errors_5xx + seen->failures;
}

static int breach(const struct watch *watch, const struct gl_observation *seen,
                  struct gl_error *err)
{
    const char *worst = seen->worst ? seen->worst : "";
    if (seen->deaths > watch->deaths)
        return gl_fail(err, GL_E_UNHEALTHY, _("its process died %" PRId64 " times"),
                       seen->deaths - watch->deaths);
    if (!seen->healthy)
        return gl_fail(err, GL_E_UNHEALTHY, _("its health check fails"));
    if (seen->requests < watch->min_requests)
        return 0;
    double rate = rate_pct(bad_of(seen), seen->requests);
    if (rate > watch->error_rate_pct)
        return gl_fail(err, GL_E_UNHEALTHY,
                       _("5xx %.2f %% of %" PRIu64 " requests (limit %.2f %%) %s"), rate,
                       seen->requests, watch->error_rate_pct, worst);
    if (watch->p95_ms && seen->p95_ms > (double)watch->p95_ms)
        return gl_fail(err, GL_E_UNHEALTHY,
                       _("p95 %.0f ms over %" PRIu64 " requests (limit %" PRId64 " ms)"),
                       seen->p95_ms, seen->requests, watch->p95_ms);
    return 0;
}

static void close_window(struct watch *watch, const struct gl_observation *seen)
{
    watch->requests += seen->requests;
    watch->bad += bad_of(seen);
    json_decref(watch->mark);
    watch->mark = NULL;
}

/* One look: opens a window if none is open, judges what it has, closes it when its time is over. */
static int look(struct gl_release *release, struct watch *watch, int64_t left_ms,
                struct gl_error *err)
{
    const struct gl_platform_ops *ops = release->platform->ops;
    gl_autoobservation struct gl_observation seen = {0};
    int64_t now = gl_mono_ms();
    if (!watch->mark) {
        int failed = ops->mark(release->platform, release->number, &watch->mark, err);
        if (failed < 0)
            return failed;
        watch->window_end_ms = now + WINDOW_MS;
    }
    int failed = ops->observe(release->platform, release->number, watch->mark, &seen, err);
    if (failed == 0)
        failed = breach(watch, &seen, err);
    if (failed < 0)
        return failed;
    if (seen.p95_ms > watch->worst_p95_ms)
        watch->worst_p95_ms = seen.p95_ms;
    gl_autofree char *left = gl_format_duration((double)(left_ms > 0 ? left_ms : 0));
    gl_release_update(release,
                      _("%s left   5xx %.2f %% (limit %.2f)  p95 %.0f ms (limit %" PRId64 ")"),
                      left, rate_pct(watch->bad + bad_of(&seen), watch->requests + seen.requests),
                      watch->error_rate_pct, seen.p95_ms, watch->p95_ms);
    if (now >= watch->window_end_ms || left_ms <= 0)
        close_window(watch, &seen);
    return 0;
}

static void report(struct gl_release *release, const struct watch *watch)
{
    json_t *facts = gl_release_own_facts(release);
    gl_json_set_int(facts, "requests", (int64_t)watch->requests);
    gl_json_set_int(facts, "bad", (int64_t)watch->bad);
    gl_json_set_real(facts, "worst_p95_ms", watch->worst_p95_ms);
    gl_autofree char *requests = gl_format_count(watch->requests);
    gl_release_detail(release, _("5xx %.2f %%, p95 %.0f ms, %s requests"),
                      rate_pct(watch->bad, watch->requests), watch->worst_p95_ms, requests);
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
    struct watch watch = {
        .error_rate_pct = gl_config_real(release->config, "release.limits.error_rate_pct"),
        .p95_ms = gl_config_int(release->config, "release.limits.p95_ms"),
        .min_requests = (uint64_t)gl_config_int(release->config, "release.limits.min_requests"),
    };
    int failed = watch_until(release, &watch, gl_mono_ms() + duration_ms, err);
    json_decref(watch.mark);
    if (failed == 0)
        report(release, &watch);
    return failed;
}
