/* Room-internal: images in ECR. Found by digest, never trusted by tag. */
#ifndef GL_PLATFORM_AWS_REPOSITORY_H
#define GL_PLATFORM_AWS_REPOSITORY_H

#include "platform/aws/aws.h"

/* An image on its way to a repository. Everything is borrowed. */
struct gl_cloud_image {
    const char *repository_uri; /* output of the stack registry: "HOST/NAME" */
    const char *layout_dir;
    const char *digest;
    const char *const *tags;        /* that never move; NULL-terminated */
    const char *const *moving_tags; /* that always move here; NULL-terminated */
};

/* Makes the image be in the repository under all its tags. There already: nothing is sent. A tag of
 * another digest is GL_E_REFUSED, before anything is sent, and names both. */
gl_nodiscard int gl_cloud_image_send(struct gl_cloud *cloud, const struct gl_cloud_image *image,
                                     struct gl_error *err);

/* "NAME" of "HOST/NAME"; points into it. */
const char *gl_cloud_repository_name(const char *uri);

#endif
