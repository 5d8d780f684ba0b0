/* Texts made of known and unknown parts, such as "arn:aws:s3:::(known after up: Bucket)/x". */
#ifndef GL_INFRA_MIX_H
#define GL_INFRA_MIX_H

#include "infra/value.h"

/* A text being put together. Set `arena` and `like`, the rest zero. */
struct gl_mix {
    struct gl_arena *arena;
    const struct gl_value *like; /* gives the place */
    struct gl_value *parts;      /* unknown parts and the texts between them */
    struct gl_buf text;          /* known text behind the last part */
    bool secret;
};

void gl_mix_text(struct gl_mix *mix, const char *text, size_t len);
/* Scalars and unknowns; a list or map is no text: false. */
bool gl_mix_value(struct gl_mix *mix, const struct gl_value *value);

/* The result: a text, the only unknown part, or an unknown of kind GL_UNKNOWN_MIXED. Empties `mix`.
 */
struct gl_value *gl_mix_finish(struct gl_mix *mix);

/* Releases what was not finished. */
void gl_mix_done(struct gl_mix *mix);
#define gl_automix gl_cleanup(gl_mix_done)

/* The pieces between separators as a list; NULL if an unknown part may have separators itself
 * (`value` may be any scalar or unknown). */
struct gl_value *gl_mix_split(struct gl_arena *arena, const struct gl_value *value,
                              const char *separator);

#endif
