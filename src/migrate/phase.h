/* Which phase a migration belongs to, and what else its text says about running it. */
#ifndef GL_MIGRATE_PHASE_H
#define GL_MIGRATE_PHASE_H

#include "base/error.h"
#include "migrate/migrate.h"

/* Reads "-- golive: phase=expand|contract" from the comments before the first statement; without
 * one infers the phase from the statements. A comment that cannot be read is GL_E_CONFIG with
 * `path` and line. */
gl_nodiscard int gl_phase_read(const char *sql, const char *path, enum gl_phase *ret_phase,
                               bool *ret_declared, struct gl_error *err);

/* Why the statements contract (static text), or NULL when they only expand. ret_line: 1-based line
 * of the statement; may be NULL. */
const char *gl_phase_reason(const char *sql, unsigned *ret_line);

/* The single CREATE INDEX CONCURRENTLY of a no-transaction file. */
struct gl_index_build {
    char *name;  /* as PostgreSQL stores it; NULL if the statement gives none */
    char *table; /* as written, with its schema and quotes; to_regclass() understands it */
    bool if_not_exists;
};

void gl_index_build_done(struct gl_index_build *build);
#define gl_autoindexbuild gl_cleanup(gl_index_build_done)

/* True if the text is one CREATE [UNIQUE] INDEX CONCURRENTLY. */
bool gl_index_build_read(const char *sql, struct gl_index_build *ret_build);

/* True if the text holds no statement, only comments and space. */
bool gl_phase_is_empty(const char *sql);

/* True if the text is one statement that can simply be run again after it was interrupted. */
bool gl_phase_repeatable(const char *sql);

/* Refuses (GL_E_REFUSED with file and line) what cannot be applied safely: BEGIN, COMMIT and the
 * like, several statements in a no-transaction file, a concurrent index without a name. */
gl_nodiscard int gl_phase_check(const struct gl_migration *migration, struct gl_error *err);

#endif
