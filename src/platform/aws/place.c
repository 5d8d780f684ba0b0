/* Brings a release's image to ECR and waits until AWS has looked at it. What is deployed is its
 * digest; tags are for people. */
#include <string.h>

#include "platform/aws/image.h"
#include "platform/aws/repository.h"
#include "platform/aws/scan.h"
#include "platform/aws/service.h"

/* Pages have the public variables of their environment, so each environment has an image of them.
 */
static char *of_part(const struct gl_cloud *cloud, const char *name)
{
    bool pages = cloud->part == &gl_part_pages;
    return pages ? gl_asprintf("%s-%s", cloud->env, name) : gl_strdup(name);
}

/* Files that are not committed differ from one release to the next: their tag says which. */
static char *own_tag(const struct gl_cloud *cloud, const struct gl_artifact *a)
{
    const char *hex = a->image_digest + strlen("sha256:");
    gl_autofree char *name = of_part(cloud, a->version);
    return gl_ends_with(a->version, "-dirty") ? gl_asprintf("%s-%.12s", name, hex)
                                              : gl_steal(&name);
}

static int send_image(struct gl_cloud *cloud, const struct gl_artifact *a, const char *uri,
                      struct gl_error *err)
{
    const char *latest = gl_config_str(cloud->base.config, "ci.image_tags.latest");
    bool moves = latest && strcmp(latest, "moving") == 0;
    gl_autofree char *tag = own_tag(cloud, a);
    gl_autofree char *version = a->tag ? of_part(cloud, a->tag) : NULL;
    const char *const tags[] = {tag, version, NULL};
    const char *const moving[] = {moves ? "latest" : NULL, NULL};
    struct gl_cloud_image image = {
        .repository_uri = uri,
        .layout_dir = a->layout_dir,
        .digest = a->image_digest,
        .tags = tags,
        .moving_tags = moving,
    };
    return gl_cloud_image_send(cloud, &image, err);
}

int gl_service_place(struct gl_cloud *cloud, const struct gl_artifact *a, struct gl_error *err)
{
    const char *uri = NULL;
    int failed = gl_cloud_check_image(cloud, a, err);
    if (failed == 0)
        failed = gl_cloud_output(cloud, "registry", cloud->part->repository, &uri, err);
    if (failed == 0)
        failed = send_image(cloud, a, uri, err);
    return failed < 0
               ? failed
               : gl_cloud_scan_wait(cloud, gl_cloud_repository_name(uri), a->image_digest, err);
}
