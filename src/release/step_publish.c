/* publish: the frontend goes beside the old ones, assets first, then is switched to in one step. */
#include <inttypes.h>

#include "base/i18n.h"
#include "release/steps.h"

/* A dry run builds none. */
static bool has_frontend(const struct gl_release *release)
{
    return json_object_get(release->facts, "build")
               ? gl_release_fact(release, "build", "frontend") != NULL
               : gl_release_has_frontend(release);
}

static const char *skip(const struct gl_release *release)
{
    if (gl_platform_has_pages(release->config))
        return N_("pages come from a service, which moved with the backend");
    return release->operation == GL_DEPLOY && !has_frontend(release) ? N_("there is no frontend")
                                                                     : NULL;
}

/* The release whose frontend is served once this one serves; 0 = none. One without a frontend left
 * the one before it in place. */
static int64_t frontend_of(const struct gl_release *release)
{
    if (gl_release_fact(release, "build", "frontend"))
        return release->number;
    return json_integer_value(
        json_object_get(json_object_get(release->origin, "preflight"), "frontend_before"));
}

/* A rollback finds its frontend still published; only the switch is needed. */
static int run(struct gl_release *release, struct gl_error *err)
{
    struct gl_artifact artifact = gl_release_artifact(release);
    const struct gl_platform_ops *ops = release->platform->ops;
    int64_t wanted = frontend_of(release);
    gl_release_own_facts(release);
    if (release->operation == GL_ROLLBACK &&
        wanted == gl_release_fact_int(release, "preflight", "frontend_before"))
        return 0;
    int failed =
        release->operation == GL_DEPLOY ? ops->publish(release->platform, &artifact, err) : 0;
    return failed < 0 ? failed : ops->activate(release->platform, wanted, err);
}

/* Serves what preflight found served: not every release before this one had a frontend. */
static int undo(struct gl_release *release, struct gl_error *err)
{
    int64_t before = gl_release_fact_int(release, "preflight", "frontend_before");
    int failed = release->platform->ops->activate(release->platform, before, err);
    if (failed == 0 && before)
        gl_release_detail(release, _("the frontend of release %" PRId64 " is served"), before);
    else if (failed == 0)
        gl_release_detail(release, _("no frontend is served, as before"));
    return failed;
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
};
