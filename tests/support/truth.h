/* The truth about migrations: small cases (tests/lint/truth/cases), and what each of them did on a
 * real PostgreSQL (tests/lint/truth/truth.tsv, which the test `truth` measures again).
 *
 * A case is a comment `-- case: NAME` and the statements up to the next one. Comments before these:
 *     -- breaks: WHY     the previous version does not survive it; that cannot be measured
 *     -- either: WHY     both opinions have their reason: not counted
 *     -- hidden: WHY     no text tells: a linter is not asked
 *     -- no-transaction  as in a migration
 *     -- setup:          what an earlier migration did, up to
 *     -- statement: */
#ifndef GL_TESTS_SUPPORT_TRUTH_H
#define GL_TESTS_SUPPORT_TRUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct truth_case {
    char *name;
    char *file;
    unsigned line;
    char *breaks, *either, *hidden; /* why, or NULL */
    char *setup;                    /* NULL = none */
    char *sql;
    bool no_transaction;
    char *verdict; /* "dangerous", "brief", "harmless", "fails"; NULL = not measured yet */
    char *detail;  /* locks and work of each statement; NULL likewise */
};

struct truth {
    struct truth_case *items; /* by file, then in its order */
    size_t count;
    char *schema; /* text of schema.sql */
};

void truth_done(struct truth *truth);

/* Reads the cases below SOURCE_ROOT and what is known of them. GL_E_CONFIG: a case twice, or one
 * without statements. */
gl_nodiscard int truth_read(struct truth *ret_truth, struct gl_error *err);

/* True if the migration would hurt: it is dangerous, fails, or breaks the previous version. */
bool truth_hurts(const struct truth_case *item);

/* tests/lint/truth/NAME; the caller owns it. */
char *truth_path(const char *name);

#endif
