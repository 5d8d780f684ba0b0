/* The proof that two versions of an application and two schemas fit: the queries of the release
 * that serves are prepared after every migration that is to come, those of the new one before and
 * after. A query is prepared, never run: what only data shows (a new CHECK, a unique index) is not
 * seen. Checklist 6.1.2, 6.1.3, 6.2.3. */
#ifndef GL_PROVE_PROVE_H
#define GL_PROVE_PROVE_H

#include "migrate/migrate.h"
#include "prove/queries.h"

enum gl_prove_kind {
    GL_PROVE_OLD_BREAKS, /* an expand migration breaks the version that still serves */
    GL_PROVE_OLD_WAITS,  /* a contract migration does: it may run once that version is gone */
    GL_PROVE_NEW_BREAKS, /* the new version does not fit its own schema */
    GL_PROVE_NEW_NEEDS,  /* the new version needs the expand migrations to be there first */
};

struct gl_prove_finding {
    enum gl_prove_kind kind;
    const struct gl_query *query;         /* belongs to the caller's list */
    const struct gl_migration *migration; /* that changed it; NULL = all of them together */
    char *what;                           /* "column \"mood\" does not exist" */
    char sqlstate[6];                     /* "" where PostgreSQL accepts the query */
};

struct gl_proof {
    struct gl_prove_finding *items;
    size_t count;
    size_t old_proven; /* queries of the old version that hold after the expand migrations */
    size_t new_proven; /* queries of the new version that hold */
    size_t expands, contracts; /* migrations that are new */
    struct gl_strv unjudged;   /* "src/x.rs:3: why": no complete statement on its own schema */
};

void gl_proof_done(struct gl_proof *proof);
#define gl_autoproof gl_cleanup(gl_proof_done)

struct gl_prove_side {
    const struct gl_migrations *migrations;
    const struct gl_queries *queries;
};

/* `before_conninfo` and `after_conninfo`: two empty databases, which are filled. The old version's
 * own migrations all count as applied. Errors: a migration that fails, a lost connection, Ctrl-C,
 * GL_E_REFUSED as gl_migrate_run() has it (a file of the old version was edited or is gone). */
gl_nodiscard int gl_prove(const char *before_conninfo, const char *after_conninfo,
                          const struct gl_prove_side *old_side,
                          const struct gl_prove_side *new_side, struct gl_proof *ret_proof,
                          struct gl_error *err);

/* "old_breaks", ...: stable words, also of the JSON. */
const char *gl_prove_kind_word(enum gl_prove_kind kind);

/* True if the kind is a reason not to release. */
bool gl_prove_kind_is_bad(enum gl_prove_kind kind);

#endif
