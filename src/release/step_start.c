/* start: the new version runs beside the old one and is ready, without traffic. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/steps.h"

static const struct gl_running *find(const struct gl_traffic *traffic, int64_t release)
{
    for (size_t i = 0; i < traffic->count; i++) {
        if (traffic->versions[i].release == release)
            return &traffic->versions[i];
    }
    return NULL;
}

/* A version that ran before may have died then; each further death counts against it. */
static int note_deaths(struct gl_release *release, struct gl_error *err)
{
    struct gl_traffic traffic = {0};
    int failed = release->platform->ops->traffic(release->platform, &traffic, err);
    const struct gl_running *version = failed == 0 ? find(&traffic, release->number) : NULL;
    if (version)
        gl_json_set_int(gl_release_own_facts(release), "deaths", version->deaths);
    return failed;
}

static int run(struct gl_release *release, struct gl_error *err)
{
    struct gl_artifact artifact = gl_release_artifact(release);
    int64_t timeout_ms = gl_config_int(release->config, "backend.start_timeout_s") * 1000;
    int64_t begun = gl_mono_ms();
    int failed = release->platform->ops->start(release->platform, &artifact, timeout_ms, err);
    if (failed == 0)
        failed = note_deaths(release, err);
    if (failed < 0)
        return failed;
    int64_t took_ms = gl_mono_ms() - begun;
    gl_json_set_int(gl_release_own_facts(release), "ready_ms", took_ms);
    gl_autofree char *took = gl_format_duration((double)took_ms);
    gl_release_detail(release, _("ready after %s"), took);
    return 0;
}

static int verify(struct gl_release *release, struct gl_error *err)
{
    struct gl_traffic traffic = {0};
    int failed = release->platform->ops->traffic(release->platform, &traffic, err);
    if (failed < 0)
        return failed;
    const struct gl_running *version = find(&traffic, release->number);
    if (!version)
        return gl_fail(err, GL_E_UNHEALTHY, _("release %" PRId64 " does not run"), release->number);
    if (!version->healthy)
        return gl_fail(err, GL_E_UNHEALTHY, _("release %" PRId64 " runs but is not ready"),
                       release->number);
    return 0;
}

/* Where no version runs without requests (rolling), starting one has given it some already. */
static bool has_requests(struct gl_release *release)
{
    struct gl_traffic traffic = {0};
    if (release->platform->ops->traffic(release->platform, &traffic, NULL) < 0)
        return false; /* stop() refuses what still gets requests */
    const struct gl_running *version = find(&traffic, release->number);
    return version && version->weight_pct > 0;
}

static int undo(struct gl_release *release, struct gl_error *err)
{
    int failed = has_requests(release) ? gl_step_shift_back(release, err) : 0;
    if (failed == 0)
        failed = release->platform->ops->stop(release->platform, release->number, err);
    if (failed == 0)
        gl_release_detail(release, _("release %" PRId64 " stopped"), release->number);
    return failed;
}

static char *plan(const struct gl_release *release)
{
    return gl_asprintf(
        _("start release %" PRId64 " beside the serving one and wait up to %lld s until %s "
          "answers"),
        release->number, (long long)gl_config_int(release->config, "backend.start_timeout_s"),
        gl_config_str(release->config, "backend.ready_path"));
}

const struct gl_step gl_step_start = {
    .name = "start",
    .plan = plan,
    .run = run,
    .verify = verify,
    .undo = undo,
    .live = true,
};
