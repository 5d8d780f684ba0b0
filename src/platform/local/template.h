/* Room-internal: the configuration templates of templates/ and filling them in. */
#ifndef GL_PLATFORM_LOCAL_TEMPLATE_H
#define GL_PLATFORM_LOCAL_TEMPLATE_H

#include <stddef.h>

extern const char gl_template_haproxy[];
extern const char gl_template_nginx[];
extern const char gl_template_fault[];

/* One {{name}} and its text. */
struct gl_template_value {
    const char *name;
    const char *text;
};

/* The template with every {{name}} replaced; a name without a value is a mistake of ours and
 * aborts. The caller owns the result. */
char *gl_template_fill(const char *text, const struct gl_template_value *values, size_t count);

#endif
