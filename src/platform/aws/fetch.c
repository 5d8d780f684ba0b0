/* Brings an image back from ECR, as it is: where it was built is often another machine. */
#include "base/clock.h"
#include "base/i18n.h"
#include "platform/aws/repository.h"
#include "platform/aws/token.h"

static void tell(struct gl_cloud *cloud, const struct gl_pull_result *counts)
{
    gl_autofree char *size = gl_format_bytes(counts->fetched_bytes);
    gl_platform_progress(&cloud->base, _("image fetched: %s, %zu of %zu layers were here"), size,
                         counts->existing, counts->existing + counts->fetched);
}

int gl_cloud_fetch(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    gl_autoregistrytoken struct gl_registry_token token = {0};
    struct gl_pull_result counts = {0};
    const char *uri = NULL;
    int failed = gl_cloud_output(cloud, "registry", "BackendRepositoryUri", &uri, err);
    if (failed == 0)
        failed = gl_registry_token_get(cloud, &token, err);
    if (failed < 0)
        return failed;
    const struct gl_push_spec spec = {
        .layout_dir = a->layout_dir,
        .digest = a->image_digest,
        .registry = token.address,
        .repository = gl_cloud_repository_name(uri),
        .user = token.user,
        .password = token.password,
    };
    gl_platform_progress(&cloud->base, _("fetching the image from %s"), uri);
    failed = gl_image_pull(&spec, &counts, err);
    if (failed == 0)
        tell(cloud, &counts);
    return failed;
}
