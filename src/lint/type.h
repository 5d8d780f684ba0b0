/* Types of columns, and what changing one into another costs PostgreSQL. */
#ifndef GL_LINT_TYPE_H
#define GL_LINT_TYPE_H

#include <stdbool.h>

#include "lint/tree.h"

/* `name` as the catalogue has it ("int4", "varchar", "bpchar"), or the user's type. */
struct gl_lint_type {
    const char *name; /* NULL = not known */
    int mods[2];
    int mod_count;
    bool array;
};

struct gl_lint_type gl_lint_type_of(const PgQuery__TypeName *name, struct gl_lint_arena *arena);

/* "character varying(20)", for messages; the caller owns it. */
char *gl_lint_type_text(const struct gl_lint_type *type);

/* "serial", "bigserial" and the like. */
bool gl_lint_type_is_serial(const char *name);

enum gl_lint_change {
    GL_LINT_CHANGE_NONE,    /* only the catalogue changes */
    GL_LINT_CHANGE_INDEXES, /* only the catalogue, but indexes on the column are built anew */
    GL_LINT_CHANGE_REWRITE,
    GL_LINT_CHANGE_UNKNOWN, /* the old type is not known, and the new one does not tell */
};

/* ALTER COLUMN TYPE without USING. `utc`: the session's time zone is known to be UTC. Source:
 * PostgreSQL 15, tablecmds.c ATColumnChangeRequiresRewrite(), pg_cast, and the support functions of
 * length coercions. */
enum gl_lint_change gl_lint_type_change(const struct gl_lint_type *from,
                                        const struct gl_lint_type *to, bool utc);

/* True if values may be refused or cut: the previous version could no longer write what it wrote.
 */
bool gl_lint_type_narrows(const struct gl_lint_type *from, const struct gl_lint_type *to);

#endif
