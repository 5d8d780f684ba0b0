/* Packs one layer: tar, its digest, gzip, its digest; and remembers layers packed before. */
#ifndef GL_OCI_LAYER_H
#define GL_OCI_LAYER_H

#include <locale.h>

#include "base/hash.h"
#include "oci/layout.h"
#include "oci/tree.h"

struct gl_layer {
    struct gl_blob blob;
    char diff_id[GL_DIGEST_SIZE]; /* of the tar before compression */
};

/* Packs a tree into a partial blob. GL_E_MISMATCH if a file changes meanwhile. `workers` threads
 * compress; the result does not depend on their number, nor on locale, user or umask. */
gl_nodiscard int gl_layer_pack(const struct gl_layout *layout, const struct gl_layer_tree *tree,
                               int64_t created_unix_s, unsigned workers, struct gl_layer *ret_layer,
                               struct gl_error *err);

/* The cache knows a layer by what stat() tells of its files: whoever changes a file changes its
 * size, times or inode. The result of packing is the same with and without it. */
void gl_layer_key(const struct gl_layer_tree *tree, int64_t created_unix_s,
                  char ret_key[GL_SHA256_HEX_SIZE]);

/* True, and the layer, if it is known and its blob is there with the right size. */
bool gl_layer_recall(const struct gl_layout *layout, const char *key, struct gl_layer *ret_layer);

/* Remembers a layer whose blob is in the layout. Files changed within the last moment are not
 * remembered, as one more change may not show in their times. Failure costs only time later. */
void gl_layer_remember(const struct gl_layout *layout, const char *key,
                       const struct gl_layer_tree *tree, const struct gl_layer *layer);

/* Forgets the layers whose blobs are gone. */
void gl_layer_forget_lost(const struct gl_layout *layout);

/* Uses UTF-8 file names in this thread until gl_utf8_end(): libarchive writes names by the locale,
 * and under LANG=C it could neither write nor read Japanese ones. */
struct gl_utf8 {
    locale_t before;
};

struct gl_utf8 gl_utf8_begin(void);
void gl_utf8_end(struct gl_utf8 *state);
#define gl_autoutf8 gl_cleanup(gl_utf8_end)

#endif
