/* image, in a promotion: the very digest that passed elsewhere; nothing is packed. */
#include <inttypes.h>

#include "base/i18n.h"
#include "base/json.h"
#include "oci/image.h"
#include "release/pages.h"
#include "release/steps.h"

static const char *promoted(const struct gl_release *release, const char *key)
{
    return gl_json_str(release->promotion, key, "");
}

static int say_missing(const struct gl_release *release, struct gl_error *err)
{
    gl_error_wrap(err, _("the image of release %" PRId64 " of %s is not here"),
                  gl_json_int(release->promotion, "release", 0), promoted(release, "env"));
    return gl_error_hint(err,
                         _("Promote where it was built, or let it pass again from here: golive "
                           "deploy --env %s"),
                         promoted(release, "env"));
}

/* It lies in the layout where it was built; elsewhere it comes from the registry it was pushed to.
 */
static int fetch(struct gl_release *release, const struct gl_artifact *artifact,
                 struct gl_error *err)
{
    struct gl_platform *from = NULL;
    if (gl_image_verify(artifact->layout_dir, artifact->image_digest, err) == 0)
        return 0;
    if (!release->open_from)
        return say_missing(release, err);
    gl_error_done(err);
    int failed = release->open_from(release->open_from_context, &from, err);
    if (failed < 0)
        return gl_error_wrap(err, _("the image is in the registry of %s"),
                             promoted(release, "env"));
    if (from->ops->fetch) {
        gl_release_update(release, _("from %s"), promoted(release, "env"));
        return from->ops->fetch(from, artifact, err);
    }
    return gl_image_verify(artifact->layout_dir, artifact->image_digest, err) < 0
               ? say_missing(release, err)
               : 0;
}

static int reuse(struct gl_release *release, struct gl_error *err)
{
    gl_autofree char *layout = gl_release_state_path(release, "images");
    json_t *facts = gl_release_own_facts(release);
    gl_json_set_str(facts, "layout", layout);
    gl_json_set_str(facts, "digest", promoted(release, "digest"));
    struct gl_artifact artifact = gl_release_artifact(release);
    int failed = fetch(release, &artifact, err);
    if (failed == 0)
        gl_release_detail(release, _("%.15s.., as it passed %s"), artifact.image_digest,
                          promoted(release, "env"));
    return failed;
}

/* The image of a frontend has this environment's public variables: it is packed here. */
static int run(struct gl_release *release, struct gl_error *err)
{
    int failed = reuse(release, err);
    return failed < 0 ? failed : gl_pages_pack(release, err);
}

static int verify(struct gl_release *release, struct gl_error *err)
{
    return gl_step_image_verify(release, err);
}

static char *plan(const struct gl_release *release)
{
    return gl_asprintf(_("take %.15s.. of release %" PRId64 " of %s, not built again"),
                       promoted(release, "digest"), gl_json_int(release->promotion, "release", 0),
                       promoted(release, "env"));
}

const struct gl_step gl_step_reuse = {
    .name = "image", /* later steps look there for digest and layout */
    .plan = plan,
    .run = run,
    .verify = verify,
    .is_here = gl_step_image_is_here,
};
