/* The step tables: what a release is, in order. Undo goes from the bottom up. */
#include "release/steps.h"

#include "base/clock.h"
#include "base/i18n.h"

const struct gl_step *const gl_deploy_steps[] = {
    &gl_step_preflight,     /* what can be known to be wrong */
    &gl_step_build,         /* backend and frontend by their own tools */
    &gl_step_test,          /* the project's own tests */
    &gl_step_image,         /* an OCI image with a reproducible digest */
    &gl_step_place,         /* to where versions start from */
    &gl_step_backup,        /* before anything touches the database */
    &gl_step_migrate,       /* expand; the old version proves it still works */
    &gl_step_start,         /* the new version, without traffic */
    &gl_step_smoke_version, /* by itself */
    &gl_step_canary,        /* a few requests */
    &gl_step_shift,         /* all requests */
    &gl_step_bake,          /* watched */
    &gl_step_publish,       /* frontend: it may use what the new backend offers */
    &gl_step_sessions,      /* long-lived connections move last */
    &gl_step_smoke_edge,    /* as a user sees it */
    &gl_step_finish,        /* tidy up */
    NULL,
};

/* The image is built, tested and packed already; what is left is what differs by environment. */
const struct gl_step *const gl_promote_steps[] = {
    &gl_step_preflight,
    &gl_step_frontend, /* its public variables are this environment's own */
    &gl_step_reuse,    /* the image by its digest */
    &gl_step_place,
    &gl_step_backup,
    &gl_step_migrate,
    &gl_step_start,
    &gl_step_smoke_version,
    &gl_step_canary,
    &gl_step_shift,
    &gl_step_bake,
    &gl_step_publish,
    &gl_step_sessions,
    &gl_step_smoke_edge,
    &gl_step_finish,
    NULL,
};

const struct gl_step *const gl_rollback_steps[] = {
    &gl_step_preflight,  &gl_step_start,   &gl_step_smoke_version,
    &gl_step_shift,      &gl_step_publish, &gl_step_sessions,
    &gl_step_smoke_edge, &gl_step_finish,  NULL,
};

int64_t gl_step_left_ms(const struct gl_release *release, int64_t most_ms)
{
    if (!release->deadline_ms)
        return most_ms;
    int64_t left = release->deadline_ms - gl_mono_ms();
    if (left > most_ms)
        return most_ms;
    return left > 1 ? left : 1;
}

int gl_step_check_time(const struct gl_release *release, struct gl_error *err)
{
    if (!release->deadline_ms || gl_mono_ms() < release->deadline_ms)
        return 0;
    gl_autofree char *limit = gl_format_duration((double)release->step->timeout_ms);
    return gl_fail(err, GL_E_TIMEOUT, _("%s did not end within %s"), release->step->name, limit);
}
