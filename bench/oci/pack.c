/* Packs a directory as an image with two layers, for the comparison in bench/oci/run:
 * pack LAYOUT RUNTIME_DIR APP_DIR. Prints the digest, the size and the time. */
#include <stdio.h>

#include "oci/image.h"

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fputs("usage: pack LAYOUT RUNTIME_DIR APP_DIR\n", stderr);
        return 2;
    }
    const struct gl_image_file runtime = {argv[2], "/usr/lib", 0};
    const struct gl_image_file app = {argv[3], "/app", 0};
    const struct gl_image_layer layers[] = {
        {"runtime", &runtime, 1},
        {"app",     &app,     1},
    };
    static const char *const entrypoint[] = {"/app/server", NULL};
    struct gl_image_spec spec = {
        .layout_dir = argv[1],
        .layers = layers,
        .layer_count = 2,
        .entrypoint = entrypoint,
        .user = "65532:65532",
        .workdir = "/app",
        .architecture = "amd64",
        .created_unix_s = 1795430467,
        .tag = "bench:1",
    };
    struct gl_image image;
    gl_autoerr struct gl_error err = {0};
    if (gl_image_build(&spec, &image, &err) < 0) {
        (void)fprintf(stderr, "pack: %s\n", err.message);
        return 1;
    }
    printf("%s %llu bytes, %zu of %zu layers reused, %lld ms\n", image.digest,
           (unsigned long long)image.size_bytes, image.layers_reused, image.layers,
           (long long)image.elapsed_ms);
    return 0;
}
