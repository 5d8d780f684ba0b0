/* publish: the frontend goes beside the old ones, assets first, then is switched to in one step. */
#include <inttypes.h>

#include "base/i18n.h"
#include "release/steps.h"

static const char *skip(const struct gl_release *release)
{
    if (release->operation == GL_DEPLOY && json_object_get(release->facts, "build") &&
        !gl_release_fact(release, "build", "frontend"))
        return N_("there is no frontend");
    return NULL;
}

/* A rollback finds its frontend still published; only the switch is needed. */
static int run(struct gl_release *release, struct gl_error *err)
{
    struct gl_artifact artifact = gl_release_artifact(release);
    const struct gl_platform_ops *ops = release->platform->ops;
    gl_release_own_facts(release);
    if (!artifact.frontend_dir)
        return 0;
    int failed =
        release->operation == GL_DEPLOY ? ops->publish(release->platform, &artifact, err) : 0;
    return failed < 0 ? failed : ops->activate(release->platform, release->number, err);
}

static int undo(struct gl_release *release, struct gl_error *err)
{
    if (!release->previous || !gl_release_fact(release, "build", "frontend"))
        return 0;
    return release->platform->ops->activate(release->platform, release->previous, err);
}

static char *plan(const struct gl_release *release)
{
    return gl_asprintf(_("put the frontend of release %" PRId64
                         " in place, hashed assets first, and switch to it; "
                         "assets of earlier releases stay"),
                       release->number);
}

const struct gl_step gl_step_publish = {
    .name = "publish",
    .skip = skip,
    .plan = plan,
    .run = run,
    .undo = undo,
    .timeout_ms = 600000,
};
