/* An image layout directory: blobs by digest, the index, and who may change them when.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 *
 * Two locks, both flock() on directories, so that nothing stays behind:
 * - the layout itself, shared while blobs are made or read, exclusive while they are removed;
 * - blobs/, exclusive for the moments in which finished blobs and the index change. */
#ifndef GL_OCI_LAYOUT_H
#define GL_OCI_LAYOUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "oci/digest.h"
#include "oci/manifest.h"

enum gl_layout_use {
    GL_LAYOUT_READ,  /* must exist; blobs cannot vanish meanwhile */
    GL_LAYOUT_BUILD, /* is made if needed; blobs cannot vanish meanwhile */
    GL_LAYOUT_PRUNE, /* must exist; nobody else uses it */
};

struct gl_layout {
    char *dir;
    int lock_fd;
};

/* A blob on its way into the layout. */
struct gl_blob {
    struct gl_descriptor descriptor;
    char *partial_path; /* its content until it is committed; NULL = is in the layout already */
    bool existed;       /* the same blob was there before */
};

/* Opens a layout. Waits up to 10 s for others, then GL_E_BUSY; GL_E_NOT_FOUND if there is none. */
gl_nodiscard int gl_layout_open(const char *dir, enum gl_layout_use use,
                                struct gl_layout *ret_layout, struct gl_error *err);
void gl_layout_done(struct gl_layout *layout);
#define gl_autolayout gl_cleanup(gl_layout_done)

/* Takes the lock on blobs/; closing the descriptor gives it back. */
gl_nodiscard int gl_layout_lock_blobs(const struct gl_layout *layout, int *ret_fd,
                                      struct gl_error *err);

/* Where a blob is or will be. `digest` must be valid. The caller owns the result. */
char *gl_layout_blob_path(const struct gl_layout *layout, const char *digest);

/* True if the blob is there with exactly that size. */
bool gl_layout_has(const struct gl_layout *layout, const struct gl_descriptor *descriptor);

/* Reads a small blob (at most 16 MiB) and checks its digest: GL_E_NOT_FOUND, GL_E_CORRUPT. */
gl_nodiscard int gl_layout_read(const struct gl_layout *layout, const char *digest,
                                struct gl_buf *ret_data, struct gl_error *err);

/* Reads a manifest and the length of its text. */
gl_nodiscard int gl_layout_manifest(const struct gl_layout *layout, const char *digest,
                                    struct gl_manifest *ret_manifest, uint64_t *ret_size_bytes,
                                    struct gl_error *err);

/* Recomputes a blob's digest: GL_E_CORRUPT if missing, of another size or another content. */
gl_nodiscard int gl_layout_check_blob(const struct gl_layout *layout,
                                      const struct gl_descriptor *descriptor, struct gl_error *err);

/* Makes an empty file for a blob's content, on the layout's file system. */
gl_nodiscard int gl_layout_partial(const struct gl_layout *layout, int *ret_fd, char **ret_path,
                                   struct gl_error *err);

/* Puts bytes into a new partial blob. */
gl_nodiscard int gl_layout_put(const struct gl_layout *layout, const char *text,
                               struct gl_blob *ret_blob, struct gl_error *err);

/* Moves the blobs into place and enters the last one, a manifest, into the index: everything or, on
 * an error, nothing. */
gl_nodiscard int gl_layout_commit(const struct gl_layout *layout, struct gl_blob **blobs,
                                  size_t count, const struct gl_image_spec *spec,
                                  struct gl_error *err);

/* Removes the partial content, if any. */
void gl_blob_done(struct gl_blob *blob);

#endif
