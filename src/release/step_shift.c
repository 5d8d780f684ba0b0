/* canary, shift, sessions: traffic moves to the new version, and back at once when it is not good
 * enough. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/steps.h"

static int share_after(const struct gl_release *release, int pct)
{
    return release->platform->ops->next_share_pct(release->platform, pct);
}

/* True once the platform itself says that all new requests go to `number`. */
static bool has_all_traffic(struct gl_release *release, int64_t number, struct gl_error *err)
{
    struct gl_traffic traffic = {0};
    if (release->platform->ops->traffic(release->platform, &traffic, err) < 0)
        return false;
    for (size_t i = 0; i < traffic.count; i++) {
        const struct gl_running *version = &traffic.versions[i];
        if (version->release == number)
            return version->weight_pct == 100 && version->healthy;
    }
    return false;
}

/* Whoever was killed, or interrupted, while the old version was asked to let its sessions go may
 * have left it half restarted. One that does not come back is waited for once, not by each step
 * that gives the traffic back. */
static int revive_previous(struct gl_release *release, struct gl_error *err)
{
    const struct gl_platform_ops *ops = release->platform->ops;
    int64_t timeout_ms = gl_config_int(release->config, "backend.start_timeout_s") * 1000;
    if (!ops->revive)
        return 0;
    if (release->no_way_back)
        return gl_fail(err, GL_E_UNHEALTHY, "%s", release->no_way_back);
    gl_autoerr struct gl_error problem = {0};
    int failed = ops->revive(release->platform, release->previous, timeout_ms, &problem);
    if (failed == GL_E_UNHEALTHY)
        release->no_way_back = gl_strdup(problem.message);
    if (failed < 0)
        gl_error_move(err, &problem);
    return failed;
}

int gl_step_shift_back(struct gl_release *release, struct gl_error *err)
{
    if (!release->previous) /* the first release: nobody to go back to */
        return release->platform->ops->shift(release->platform, release->number, 0, err);
    int failed = revive_previous(release, err);
    if (failed == 0)
        failed = release->platform->ops->shift(release->platform, release->previous, 100, err);
    if (failed < 0)
        return failed;
    if (!has_all_traffic(release, release->previous, err))
        return err && err->code ? err->code
                                : gl_fail(err, GL_E_UNHEALTHY,
                                          _("release %" PRId64 " did not get the traffic back"),
                                          release->previous);
    if (!release->serving_again_ms)
        release->serving_again_ms = gl_mono_ms();
    gl_autofree char *took =
        gl_format_duration((double)(release->serving_again_ms - release->breach_ms));
    gl_release_detail(release, _("release %" PRId64 " serving after %s"), release->previous, took);
    return 0;
}

/* ---- canary ------------------------------------------------------------------------------------
 */

static const char *skip_canary(const struct gl_release *release)
{
    if (share_after(release, 0) == 100)
        return N_("all requests move at once");
    return release->previous ? NULL : N_("nothing serves yet");
}

/* Share by share; one that it has already, from before a crash, is given by looking. */
static int run_canary(struct gl_release *release, struct gl_error *err)
{
    int64_t duration_ms = gl_config_int(release->config, "release.canary.seconds") * 1000;
    for (int pct = share_after(release, 0); pct < 100; pct = share_after(release, pct)) {
        gl_release_update(release, _("%d %% of new requests"), pct);
        int failed = release->platform->ops->shift(release->platform, release->number, pct, err);
        if (failed == 0)
            failed = gl_watch_version(release, duration_ms, err);
        if (failed < 0)
            return failed;
    }
    return 0;
}

static char *plan_canary(const struct gl_release *release)
{
    int64_t seconds = gl_config_int(release->config, "release.canary.seconds");
    int first = share_after(release, 0);
    if (share_after(release, first) < 100)
        return gl_asprintf(_("give release %" PRId64
                             " %d %% of new requests after %d %%, and watch "
                             "it for %" PRId64 " s with each share"),
                           release->number, first, first, seconds);
    return gl_asprintf(
        _("give %d %% of new requests to release %" PRId64 " and watch it for %" PRId64 " s"),
        first, release->number, seconds);
}

const struct gl_step gl_step_canary = {
    .name = "canary",
    .skip = skip_canary,
    .plan = plan_canary,
    .run = run_canary,
    .undo = gl_step_shift_back,
    .urgent = true,
};

/* ---- shift -------------------------------------------------------------------------------------
 */

static int run_shift(struct gl_release *release, struct gl_error *err)
{
    gl_release_own_facts(release);
    return release->platform->ops->shift(release->platform, release->number, 100, err);
}

/* The platform itself may have taken the traffic back between the shift and this look: it says why,
 * and that is what a person needs. */
static int lacks_traffic(struct gl_release *release, struct gl_error *err)
{
    gl_autoobservation struct gl_observation seen = {0};
    int failed =
        release->platform->ops->observe(release->platform, release->number, NULL, &seen, NULL);
    if (failed == 0 && seen.alarm)
        return gl_fail(err, GL_E_UNHEALTHY, "%s", seen.alarm);
    return gl_fail(err, GL_E_UNHEALTHY, _("release %" PRId64 " does not have all traffic"),
                   release->number);
}

static int verify_shift(struct gl_release *release, struct gl_error *err)
{
    if (has_all_traffic(release, release->number, err))
        return 0;
    return err && err->code ? err->code : lacks_traffic(release, err);
}

static char *plan_shift(const struct gl_release *release)
{
    return gl_asprintf(
        _("give all new requests to release %" PRId64 "; release %" PRId64 " stays warm"),
        release->number, release->previous);
}

const struct gl_step gl_step_shift = {
    .name = "shift",
    .plan = plan_shift,
    .run = run_shift,
    .verify = verify_shift,
    .undo = gl_step_shift_back,
    .live = true,
    .urgent = true,
};

/* ---- bake --------------------------------------------------------------------------------------
 */

static int64_t bake_ms(const struct gl_release *release)
{
    int64_t seconds = gl_config_int(release->config, "release.bake_seconds");
    return seconds ? seconds * 1000
                   : gl_config_int(release->config, "release.bake_minutes") * 60 * 1000;
}

static int run_bake(struct gl_release *release, struct gl_error *err)
{
    return gl_watch_version(release, bake_ms(release), err);
}

static char *plan_bake(const struct gl_release *release)
{
    gl_autofree char *duration = gl_format_duration((double)bake_ms(release));
    return gl_asprintf(
        _("watch it for %s: 5xx at most %.2f %%, p95 at most %" PRId64 " ms, no process death"),
        duration, gl_config_real(release->config, "release.limits.error_rate_pct"),
        gl_config_int(release->config, "release.limits.p95_ms"));
}

const struct gl_step gl_step_bake = {
    .name = "bake",
    .plan = plan_bake,
    .run = run_bake,
};

/* ---- sessions ----------------------------------------------------------------------------------
 */

static int run_sessions(struct gl_release *release, struct gl_error *err)
{
    gl_release_own_facts(release);
    return release->platform->ops->move_sessions(release->platform, release->number, err);
}

static int undo_sessions(struct gl_release *release, struct gl_error *err)
{
    return release->previous
               ? release->platform->ops->move_sessions(release->platform, release->previous, err)
               : 0;
}

static char *plan_sessions(const struct gl_release *release)
{
    return gl_asprintf(
        _("send new WebSocket connections to release %" PRId64 " and ask open ones to reconnect"),
        release->number);
}

const struct gl_step gl_step_sessions = {
    .name = "sessions",
    .plan = plan_sessions,
    .run = run_sessions,
    .undo = undo_sessions,
};
