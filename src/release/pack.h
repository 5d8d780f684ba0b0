/* Room-internal: a program of the project as an image: what every image of a release has. */
#ifndef GL_RELEASE_PACK_H
#define GL_RELEASE_PACK_H

#include "oci/image.h"
#include "release/internal.h"

/* What a program needs of the system it was built on: the libraries that its loader finds, and the
 * certificate authorities. It changes with the system only, so its layer is packed and sent once.
 */
struct gl_runtime {
    const char *processor; /* of the program: "amd64" */
    struct gl_strv libraries;
    struct gl_image_file *files;
    size_t count; /* 0 = the program needs nothing */
};

void gl_runtime_done(struct gl_runtime *runtime);
#define gl_autoruntime gl_cleanup(gl_runtime_done)

/* The errors of gl_image_processor() and gl_image_libraries(). */
gl_nodiscard int gl_runtime_find(const char *program, struct gl_runtime *ret_runtime,
                                 struct gl_error *err);

enum { GL_PACK_LAYERS = 8 };

struct gl_pack {
    const char *name; /* of the image, in index.json: "glanceflow" */
    const struct gl_runtime *runtime;
    struct gl_image_layer layers[GL_PACK_LAYERS]; /* above the runtime's */
    size_t layer_count;
    const char *const *entrypoint; /* NULL-terminated */
    const char *const *env;        /* the same */
    int64_t port;
};

/* Packs it into the image layout of the state directory, which becomes the running step's fact
 * "layout"; with the release's version, revision and time. */
gl_nodiscard int gl_pack_image(struct gl_release *release, const struct gl_pack *pack,
                               struct gl_image *ret_image, struct gl_error *err);

#endif
