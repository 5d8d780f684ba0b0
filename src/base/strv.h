/* A list of strings, NULL-terminated so that it can be given to exec(). */
#ifndef GL_BASE_STRV_H
#define GL_BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/* Zero-initialise. items[count] is NULL once something was added. Owns its strings. */
struct gl_strv {
    char **items;
    size_t count;
};

void gl_strv_add(struct gl_strv *list, const char *text); /* copies */
void gl_strv_take(struct gl_strv *list, char *text);      /* takes ownership */
void gl_strv_addf(struct gl_strv *list, const char *fmt, ...) gl_printf(2, 3);
bool gl_strv_has(const struct gl_strv *list, const char *text);
void gl_strv_sort(struct gl_strv *list); /* by strcmp */
void gl_strv_done(struct gl_strv *list);

/* Splits at any character of `separators`; empty pieces are left out. */
void gl_strv_split(struct gl_strv *list, const char *text, const char *separators);

/* Joins with `separator`; the caller owns the result. */
char *gl_strv_join(const struct gl_strv *list, const char *separator);

#define gl_autostrv gl_cleanup(gl_strv_done)

/* True if the text begins or ends with the given part. */
bool gl_starts_with(const char *text, const char *prefix);
bool gl_ends_with(const char *text, const char *suffix);

/* The word nearest to `word` among `count` words by edit distance, or NULL if none is near enough
 * to be a typing mistake (distance above 1 + a third of its length). */
const char *gl_nearest(const char *word, const char *const *words, size_t count);

#endif
