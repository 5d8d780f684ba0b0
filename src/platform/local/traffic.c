/* Who serves what, and changing it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "platform/local/observe.h"
#include "platform/local/ops.h"
#include "platform/local/web.h"

/* What HAProxy does now; where it does not answer, what it was told last, and nothing is healthy.
 */
static int fill_running(struct gl_local *local, enum gl_slot slot, const char *csv,
                        const struct gl_route *route, struct gl_running *running)
{
    struct gl_service_state state = {0};
    running->weight_pct = route->slots[slot].weight_pct;
    running->sessions = route->slots[slot].sessions;
    if (gl_s6_state(local, gl_slot_service(slot), &state, NULL) < 0)
        return -1;
    running->deaths = state.deaths;
    running->memory_bytes = gl_proc_rss_bytes(state.pid);
    if (!csv)
        return 0;
    struct gl_edge_stat app = gl_edge_stat_find(csv, "app", gl_slot_name(slot));
    struct gl_edge_stat sessions = gl_edge_stat_find(csv, "sessions", gl_slot_name(slot));
    running->weight_pct = app.maintenance ? 0 : app.weight;
    running->sessions = !app.maintenance && sessions.weight > 0;
    running->healthy = state.pid > 0 && !state.ending && app.up && app.checked;
    return 0;
}

int gl_local_traffic(struct gl_platform *p, struct gl_traffic *ret_traffic, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    gl_autofree char *csv = NULL;
    struct gl_traffic traffic = {.frontend_release = gl_web_current(local)};
    struct gl_route route = {0};
    int failed = gl_route_load(local, &route, err);
    if (failed < 0)
        return failed;
    if (gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, NULL) < 0)
        csv = NULL;
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++) {
        gl_autoslot struct gl_slot_version version = {0};
        failed = gl_slot_read(local, slot, &version, err);
        if (failed < 0)
            return failed;
        if (version.release == 0 || !version.wanted)
            continue;
        struct gl_running *running = &traffic.versions[traffic.count++];
        running->release = version.release;
        memcpy(running->digest, version.digest, sizeof running->digest);
        if (fill_running(local, slot, csv, &route, running) < 0)
            return gl_fail(err, GL_E_PROCESS, _("the state of slot %s cannot be read"),
                           gl_slot_name(slot));
    }
    *ret_traffic = traffic;
    return 0;
}

static void edge_target(const struct gl_local *local, const char *host, struct gl_target *target)
{
    target->base_url = gl_edge_url(local, host);
    target->resolve = gl_asprintf("%s:%u:127.0.0.1", host, local->ports[GL_PORT_HTTPS]);
    target->ca_file = gl_local_path(local, "ca/ca.pem");
}

int gl_local_endpoint(struct gl_platform *p, enum gl_endpoint which, int64_t release,
                      struct gl_target *ret_target, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    const char *api = gl_config_str(p->config, "domain.api");
    struct gl_target target = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    if (which == GL_ENDPOINT_VERSION) {
        int failed = gl_slot_find(local, release, &slot, err);
        if (failed < 0)
            return failed;
        target.base_url = gl_asprintf("http://127.0.0.1:%u", gl_slot_port(local, slot));
        target.host = gl_strdup(api);
    } else {
        edge_target(local, which == GL_ENDPOINT_API ? api : gl_config_str(p->config, "domain.app"),
                    &target);
    }
    *ret_target = target;
    return 0;
}

static int require_healthy(struct gl_local *local, enum gl_slot slot, int64_t release,
                           struct gl_error *err)
{
    gl_autofree char *csv = NULL;
    int failed = gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, err);
    if (failed < 0)
        return failed;
    if (gl_slot_is_healthy(local, slot, csv))
        return 0;
    gl_fail(err, GL_E_UNHEALTHY, _("release %" PRId64 " is not healthy and gets no traffic"),
            release);
    return gl_error_hint(err, _("See why: golive local logs backend"));
}

int gl_local_shift(struct gl_platform *p, int64_t release, int pct, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    struct gl_route route = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    if (pct < 0 || pct > 100)
        return gl_fail(err, GL_E_USAGE, _("a share of requests is 0..100 percent, not %d"), pct);
    int failed = gl_slot_find(local, release, &slot, err);
    if (failed == 0 && pct > 0)
        failed = require_healthy(local, slot, release, err);
    if (failed == 0)
        failed = gl_route_load(local, &route, err);
    if (failed < 0)
        return failed;
    enum gl_slot other = gl_slot_other(slot);
    route.slots[slot].weight_pct = pct;
    route.slots[other].weight_pct = route.slots[other].enabled ? 100 - pct : 0;
    if (pct == 0 && !route.slots[other].enabled)
        route.slots[slot].sessions = false; /* nobody serves: a version that failed must not */
    return gl_edge_apply(local, &route, err);
}

static uint64_t open_sessions(struct gl_local *local, enum gl_slot slot)
{
    gl_autofree char *csv = NULL;
    gl_autofree char *spare = gl_asprintf("%s-spare", gl_slot_name(slot));
    if (gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, NULL) < 0)
        return 0;
    return gl_edge_stat_find(csv, "sessions", gl_slot_name(slot)).current +
           gl_edge_stat_find(csv, "sessions", spare).current;
}

/* The application's own shutdown tells its clients to reconnect; it comes back without traffic. If
 * it does not come back, the release itself is not worse for it: only the way back is slower. Any
 * other failure is no word about the version, which an undo wants. */
static int restart_warm(struct gl_local *local, enum gl_slot slot, struct gl_error *err)
{
    gl_autoerr struct gl_error problem = {0};
    int64_t grace_ms = gl_config_int(local->base.config, "backend.stop_timeout_s") * 1000;
    int64_t start_ms = gl_config_int(local->base.config, "backend.start_timeout_s") * 1000;
    int failed = gl_s6_stop(local, gl_slot_service(slot), grace_ms, err);
    if (failed < 0)
        return failed;
    failed = gl_slot_start(local, slot, start_ms, &problem);
    if (failed == 0)
        return 0;
    if (failed != GL_E_UNHEALTHY) {
        if (err)
            gl_error_move(err, &problem);
        return failed;
    }
    gl_platform_progress(&local->base, _("the old version does not come back warm: %s"),
                         problem.message);
    return gl_slot_give_up(local, slot, err);
}

int gl_local_move_sessions(struct gl_platform *p, int64_t release, struct gl_error *err)
{
    struct gl_local *local = gl_local_cast(p);
    struct gl_route route = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    int failed = gl_slot_find(local, release, &slot, err);
    if (failed == 0)
        failed = require_healthy(local, slot, release, err);
    if (failed == 0)
        failed = gl_route_load(local, &route, err);
    if (failed < 0)
        return failed;
    enum gl_slot other = gl_slot_other(slot);
    route.slots[slot].sessions = true;
    route.slots[slot].proven = true;
    route.slots[other].sessions = false;
    failed = gl_edge_apply(local, &route, err);
    if (failed < 0 || !route.slots[other].enabled || open_sessions(local, other) == 0)
        return failed;
    if (route.slots[other].weight_pct > 0)
        return gl_fail(err, GL_E_REFUSED,
                       _("the other version still gets requests; shift them "
                         "before its connections are asked to move"));
    return restart_warm(local, other, err);
}

int gl_local_mark(struct gl_platform *p, int64_t release, json_t **ret_mark, struct gl_error *err)
{
    return gl_observe_mark(gl_local_cast(p), release, ret_mark, err);
}

int gl_local_observe(struct gl_platform *p, int64_t release, const json_t *mark,
                     struct gl_observation *ret_observation, struct gl_error *err)
{
    return gl_observe_since(gl_local_cast(p), release, mark, ret_observation, err);
}
