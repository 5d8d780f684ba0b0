/* Which processor an image is, or will be, for. */
#include "platform/aws/image.h"

#include <string.h>

#include "base/i18n.h"

/* backend.arch and what an image calls it. */
static const struct {
    const char *arch;
    const char *image;
} processors[] = {
    {"ARM64",  "arm64"},
    {"X86_64", "amd64"},
};

/* NULL = not known before it is built. */
static int processor_of(const struct gl_artifact *a, char **ret_processor, struct gl_error *err)
{
    gl_cleanup(gl_image_run_done) struct gl_image_run run = {0};
    if (!a->image_digest) {
        *ret_processor = a->processor ? gl_strdup(a->processor) : NULL;
        return 0;
    }
    int failed = gl_image_read_run(a->layout_dir, a->image_digest, &run, err);
    if (failed == 0)
        *ret_processor = gl_strdup(run.architecture ? run.architecture : "?");
    return failed;
}

int gl_cloud_check_image(const struct gl_cloud *cloud, const struct gl_artifact *a,
                         struct gl_error *err)
{
    const char *wanted = gl_config_str(cloud->base.config, "backend.arch");
    gl_autofree char *is = NULL;
    int failed = processor_of(a, &is, err);
    if (failed < 0 || !is)
        return failed;
    for (size_t i = 0; i < GL_COUNT(processors); i++) {
        if (strcmp(processors[i].arch, wanted) == 0 && strcmp(processors[i].image, is) == 0)
            return 0;
    }
    gl_fail(err, GL_E_REFUSED,
            _("the %s is built for %s, but backend.arch of environment %s is %s"),
            cloud->part->name, is, cloud->env, wanted);
    return gl_error_hint(err, _("Build it for that processor, or set backend.arch to that of the "
                                "program: ARM64 for arm64, X86_64 for amd64."));
}
