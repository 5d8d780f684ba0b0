/* What the parts of the parser of controls share. */
#ifndef GL_CONTROL_PARSE_INTERNAL_H
#define GL_CONTROL_PARSE_INTERNAL_H

#include "base/buf.h"
#include "control/control.h"

/* Header lines are put together here before they are understood. */
struct gl_header_value {
    char *text; /* NULL = not given */
    unsigned line;
    unsigned column; /* of the value's first character */
};

enum { GL_HEADER_KEYS = 16 };

struct gl_parser {
    const char *file;
    struct gl_control control; /* under construction */
    struct gl_header_value values[GL_HEADER_KEYS];
    int last_key; /* row of the key that a continued line belongs to, -1 = none */
    struct gl_problems problems;
};

/* Reports a mistake at a place of the file; `column` is 1-based. The hint is the caller's to add.
 */
struct gl_error *gl_parser_problem(struct gl_parser *parser, unsigned line, unsigned column,
                                   const char *fmt, ...) gl_printf(4, 5);

/* One line of the header, which begins with "--". */
void gl_parser_header_line(struct gl_parser *parser, const char *text, unsigned line);

/* Understands the values once all were read; says what is missing. */
void gl_parser_header_end(struct gl_parser *parser);

/* Names that rules have: letters, digits and "-". */
bool gl_parser_is_name(const char *text);

/* The sources that rules may name; NULL-terminated. */
extern const char *const gl_source_words[];

#endif
