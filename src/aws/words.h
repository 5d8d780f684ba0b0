/* The small notations in the service tables: blank-separated words, and what a word says. */
#ifndef GL_AWS_WORDS_H
#define GL_AWS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/service.h"

/* A word of a list; points into it. Zero-initialise. */
struct gl_aws_word {
    const char *text;
    size_t len;
};

/* Steps to the next word; false after the last. A NULL list has none. */
bool gl_aws_word_next(const char *list, struct gl_aws_word *word);

/* The word as a string of the caller's. */
char *gl_aws_word_copy(const struct gl_aws_word *word);

enum gl_aws_type_kind {
    GL_AWS_UNNAMED, /* a string or a structure, by its content */
    GL_AWS_LIST,
    GL_AWS_FLAT_LIST,
    GL_AWS_MAP,
    GL_AWS_BOOLEAN,
    GL_AWS_INTEGER,
    GL_AWS_REAL,
    GL_AWS_STRING,
    GL_AWS_STRUCT,
};

/* What a type table says of a member. The words point into the table; `item.text` is NULL for the
 * protocol's usual element name. */
struct gl_aws_type {
    enum gl_aws_type_kind kind;
    struct gl_aws_word wire;
    struct gl_aws_word api;
    struct gl_aws_word item;
};

/* Looks a member up, as it is inside `context` or else anywhere, by its name on the wire or
 * (by_api) in the API. Not found: GL_AWS_UNNAMED with both names as given. `name` must outlive the
 * result. */
struct gl_aws_type gl_aws_type_find(const struct gl_aws_types *types, const char *context,
                                    const char *name, bool by_api);

/* What the elements of a list or the values of a map are; GL_AWS_UNNAMED unless a row says it for
 * exactly that list ("Values.member"). `name` must outlive the result. */
struct gl_aws_type gl_aws_item_type_find(const struct gl_aws_types *types, const char *list,
                                         const char *name);

enum gl_aws_place {
    GL_AWS_IN_BODY, /* or a label of the template */
    GL_AWS_IN_QUERY,
    GL_AWS_IN_HEADER,
    GL_AWS_IN_HEADERS, /* one header for each entry of a map */
    GL_AWS_IS_BODY,
};

/* Where a REST parameter goes or comes from. `wire` is the label, query key, header or prefix. */
struct gl_aws_binding {
    enum gl_aws_place place;
    struct gl_aws_word api;
    struct gl_aws_word wire;
};

/* Reads one word of gl_aws_operation's `input` or `output`. */
struct gl_aws_binding gl_aws_binding_read(const struct gl_aws_word *word);

#endif
