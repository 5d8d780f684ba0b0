/* PostgreSQL's parse tree, as libpg_query gives it, and the way through it. */
#ifndef GL_LINT_TREE_H
#define GL_LINT_TREE_H

#include <pg_query/pg_query.pb-c.h>
#include <stdbool.h>

#include "lint/arena.h"

/* Calls `visit` for a node and everything below it, parents first; a visit that returns false
 * leaves out what is below. NULL is an empty tree. */
typedef bool gl_lint_visit_fn(const PgQuery__Node *node, void *context);
void gl_lint_walk(const PgQuery__Node *node, gl_lint_visit_fn *visit, void *context);

/* The text of a String node; "" for another. */
const char *gl_lint_string(const PgQuery__Node *node);

/* The last of a list of String nodes, "" if there is none: "int4" of pg_catalog.int4. */
const char *gl_lint_last(PgQuery__Node *const *names, size_t count);

/* The one before the last, "" if there is none. */
const char *gl_lint_qualifier(PgQuery__Node *const *names, size_t count);

/* True if there is an option of that name and it is not off. */
bool gl_lint_option(PgQuery__Node *const *options, size_t count, const char *name);

/* The column if the expression is only that, through casts too when asked; else NULL. */
const char *gl_lint_bare_column(const PgQuery__Node *node);

/* A parsed text. */
struct gl_lint_parsed {
    PgQuery__ParseResult *tree; /* in the arena; NULL = there was an error */
    char *message;              /* of the error, owned */
    size_t at;                  /* its byte */
};

void gl_lint_parsed_done(struct gl_lint_parsed *parsed);

/* Parses a NUL-terminated text. */
void gl_lint_parse(const char *sql, struct gl_lint_arena *arena, struct gl_lint_parsed *ret_parsed);

#endif
