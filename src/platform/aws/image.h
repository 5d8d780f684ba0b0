/* Room-internal: the image of a release against what the environment's processors can run. */
#ifndef GL_PLATFORM_AWS_IMAGE_H
#define GL_PLATFORM_AWS_IMAGE_H

#include "platform/aws/aws.h"

/* The image is of the processor that backend.arch names; where there is none yet, the one that will
 * be built is, as far as the artifact says it. GL_E_REFUSED says both; the errors of
 * gl_image_read_run(). */
gl_nodiscard int gl_cloud_check_image(const struct gl_cloud *cloud, const struct gl_artifact *a,
                                      struct gl_error *err);

#endif
