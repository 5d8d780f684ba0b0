/* Trees of values to the bytes that packed.h reads. Used when golive is built (embed.c) and by
 * tests; golive itself has no use for it. */
#ifndef GL_INFRA_PACK_H
#define GL_INFRA_PACK_H

#include "infra/packed.h"

/* Zero-initialise. */
struct gl_packing {
    struct gl_buf trees;
    struct gl_buf texts; /* each once */
    void *known;         /* where a text begins, by text (tsearch) */
    uint32_t line;       /* that was written last */
};

/* Adds a tree and returns where it begins: never 0. The tree is one that was read by template.h:
 * nothing in it is unknown or secret, and all of it is of one file. */
size_t gl_pack(struct gl_packing *packing, const struct gl_value *root);

/* All of it, as long as `packing` is not changed. */
struct gl_packed gl_packing_packed(const struct gl_packing *packing);

void gl_packing_done(struct gl_packing *packing);
#define gl_autopacking gl_cleanup(gl_packing_done)

#endif
