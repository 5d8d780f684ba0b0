/* UTF-8, which sqlx demands of migration files. */
#ifndef GL_MIGRATE_UTF8_H
#define GL_MIGRATE_UTF8_H

#include <stddef.h>

/* How many leading bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates). */
size_t gl_utf8_valid_prefix(const char *text, size_t len);

/* 1-based line of a byte; the text may hold NUL bytes. */
unsigned gl_utf8_line(const char *text, size_t offset);

#endif
