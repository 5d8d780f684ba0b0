/* Pushes an image of a layout to a registry, for the comparison in bench/oci/push-run:
 * push LAYOUT DIGEST REGISTRY REPOSITORY TAG. Prints how many layers were sent. */
#include <stdio.h>

#include "oci/image.h"

int main(int argc, char **argv)
{
    if (argc != 6) {
        (void)fputs("usage: push LAYOUT DIGEST REGISTRY REPOSITORY TAG\n", stderr);
        return 2;
    }
    const char *const tags[] = {argv[5], NULL};
    struct gl_push_spec spec = {
        .layout_dir = argv[1],
        .digest = argv[2],
        .registry = argv[3],
        .repository = argv[4],
        .tags = tags,
    };
    struct gl_push_result counts;
    gl_autoerr struct gl_error err = {0};
    if (gl_image_push(&spec, &counts, &err) < 0) {
        (void)fprintf(stderr, "push: %s\n", err.message);
        return 1;
    }
    printf("%zu sent, %zu there, %llu bytes\n", counts.uploaded, counts.existing,
           (unsigned long long)counts.uploaded_bytes);
    return 0;
}
