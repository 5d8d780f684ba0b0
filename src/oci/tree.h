/* What a layer will hold: every file, directory and symbolic link, sorted, parents first. */
#ifndef GL_OCI_TREE_H
#define GL_OCI_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "oci/image.h"

struct gl_layer_tree_entry {
    char *target;   /* path in the image without leading slash */
    char *source;   /* on this machine; NULL = a parent directory nobody gave */
    char *link;     /* what a symbolic link says; NULL for files and directories */
    unsigned mode;  /* permission bits in the image: never those of the umask */
    struct stat st; /* of the source, to notice that it changes while it is packed */
};

struct gl_layer_tree {
    struct gl_layer_tree_entry *entries;
    size_t count;
    size_t room;
    int64_t collected_unix_ms; /* just before the first stat() */
};

/* Lists a layer. Refused: targets that are not plain absolute paths, two sources for one target,
 * symbolic links that lead out of the image, sockets, pipes and devices. */
gl_nodiscard int gl_layer_tree_collect(const struct gl_image_layer *layer,
                                       struct gl_layer_tree *ret_tree, struct gl_error *err);

void gl_layer_tree_done(struct gl_layer_tree *tree);
#define gl_autotree gl_cleanup(gl_layer_tree_done)

/* True if a symbolic link at `path` (relative to the root) that says `link` stays below the root:
 * relative, and never above it on the way. */
bool gl_link_stays_inside(const char *path, const char *link);

#endif
