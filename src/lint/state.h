/* What is known of the database at a statement: what files before it, and statements before it in
 * its file, made, changed and took away. */
#ifndef GL_LINT_STATE_H
#define GL_LINT_STATE_H

#include "lint/map.h"
#include "lint/type.h"

enum gl_lint_nulls {
    GL_LINT_NULLS_UNKNOWN,
    GL_LINT_NULLS_ALLOWED,
    GL_LINT_NULLS_FORBIDDEN,
};

/* All lists are by `next`, the newest first; all texts are the state's. */
struct gl_lint_column {
    struct gl_lint_column *next;
    const char *name;
    struct gl_lint_type type;
    enum gl_lint_nulls nulls;
    int file; /* that added it; -1 = it was there before */
};

struct gl_lint_names {
    const char **items;
    size_t count;
};

struct gl_lint_constraint {
    struct gl_lint_constraint *next;
    const char *name;
    PgQuery__ConstrType kind;
    struct gl_lint_names columns;  /* of CHECK, every column it reads */
    struct gl_lint_names not_null; /* CHECK (column IS NOT NULL [AND ...]) */
    const char *parent;            /* of a foreign key: "public.users" */
    bool valid;
    int file; /* that made it */
};

struct gl_lint_index {
    struct gl_lint_index *next;
    const char *key;  /* "public.users_email_idx" */
    const char *name; /* "users_email_idx" */
    struct gl_lint_table *table;
    struct gl_lint_names columns; /* in their order; "" is an expression */
    bool unique;
    bool partial;
    int file;
};

enum gl_lint_relation_kind {
    GL_LINT_TABLE,
    GL_LINT_PARTITIONED,
    GL_LINT_VIEW,
    GL_LINT_MATVIEW,
};

struct gl_lint_table {
    const char *key; /* "public.users" */
    enum gl_lint_relation_kind kind;
    int file;      /* that made it; -1 = it was there before */
    bool complete; /* its CREATE TABLE was read: all its columns are known */
    bool temporary;
    struct gl_lint_column *columns;
    struct gl_lint_constraint *constraints;
    struct gl_lint_index *indexes;
};

struct gl_lint_enum {
    struct gl_lint_names values;
    int *files; /* that added each value */
    int file;   /* that made the type */
};

/* Types and functions of the user. */
struct gl_lint_domain {
    struct gl_lint_type base;
    bool constrained;
    int file;
};

struct gl_lint_routine {
    bool is_volatile;
};

struct gl_lint_state {
    struct gl_lint_arena arena;
    struct gl_lint_map relations; /* key -> gl_lint_table */
    struct gl_lint_map indexes;   /* key -> gl_lint_index */
    struct gl_lint_map enums;     /* name without schema -> gl_lint_enum */
    struct gl_lint_map domains;
    struct gl_lint_map routines;
    const char *search_path; /* schema of names that have none; NULL = public */
    bool utc;                /* the session's time zone is UTC */
};

void gl_lint_state_done(struct gl_lint_state *state);
#define gl_autolintstate gl_cleanup(gl_lint_state_done)

/* "public.users" into the arena. */
const char *gl_lint_key(struct gl_lint_state *state, const char *schema, const char *name);
const char *gl_lint_key_of(struct gl_lint_state *state, const PgQuery__RangeVar *relation);
/* The same for ["public", "users"]. */
const char *gl_lint_key_of_names(struct gl_lint_state *state, PgQuery__Node *const *names,
                                 size_t count);

/* NULL: never seen. */
struct gl_lint_table *gl_lint_table_of(struct gl_lint_state *state,
                                       const PgQuery__RangeVar *relation);

/* The same; one that was never seen becomes one that was there before. */
struct gl_lint_table *gl_lint_table_need(struct gl_lint_state *state,
                                         const PgQuery__RangeVar *relation);

struct gl_lint_column *gl_lint_column_of(const struct gl_lint_table *table, const char *name);
struct gl_lint_constraint *gl_lint_constraint_of(const struct gl_lint_table *table,
                                                 const char *name);
struct gl_lint_index *gl_lint_index_of(struct gl_lint_state *state,
                                       const PgQuery__RangeVar *relation, const char *name);

/* An index or a key begins with these columns, in any order among themselves. */
bool gl_lint_is_indexed(const struct gl_lint_table *table, const struct gl_lint_names *columns);

/* A valid CHECK says that the column is not NULL. */
bool gl_lint_is_proven_not_null(const struct gl_lint_table *table, const char *column);

/* The name that the constraint has or gets. */
const char *gl_lint_constraint_name(struct gl_lint_state *state, const PgQuery__RangeVar *relation,
                                    const PgQuery__Constraint *def);

/* Takes one statement in; `file` counts the files. */
void gl_lint_apply(struct gl_lint_state *state, const PgQuery__Node *statement, int file);

/* ---- what state*.c share -----------------------------------------------------------------------
 */

bool gl_lint_has_name(const struct gl_lint_names *names, const char *name);
void gl_lint_add_name(struct gl_lint_state *state, struct gl_lint_names *names, const char *name);
struct gl_lint_names gl_lint_names_of(struct gl_lint_state *state, PgQuery__Node *const *items,
                                      size_t count);
struct gl_lint_column *gl_lint_add_column(struct gl_lint_state *state, struct gl_lint_table *table,
                                          const PgQuery__ColumnDef *def, int file);
/* `column`: of a constraint that stands behind a column, else NULL. */
void gl_lint_add_constraint(struct gl_lint_state *state, struct gl_lint_table *table,
                            const PgQuery__Constraint *def, const char *column, int file);
void gl_lint_add_index(struct gl_lint_state *state, const PgQuery__IndexStmt *def, int file);
void gl_lint_drop_column(struct gl_lint_table *table, const char *name);
void gl_lint_drop_constraint(struct gl_lint_table *table, const char *name);
void gl_lint_drop_index(struct gl_lint_state *state, struct gl_lint_index *index);
void gl_lint_apply_alter(struct gl_lint_state *state, const PgQuery__AlterTableStmt *statement,
                         int file);
void gl_lint_apply_type(struct gl_lint_state *state, const PgQuery__Node *statement, int file);

#endif
