/* Which contract migrations this release applies, and whether now is a time for it. */
#ifndef GL_RELEASE_DUE_H
#define GL_RELEASE_DUE_H

#include "release/contract.h"
#include "release/steps.h"

/* Contract migrations that the serving release already had, long enough ago: it and its rollback
 * target no longer use what they drop. */
struct gl_due {
    json_t *versions;            /* array of integers */
    struct gl_contracts waiting; /* all that the serving release left pending */
    bool fresh; /* nobody to stay compatible with: contract migrations run at once */
};

void gl_due_done(struct gl_due *due);
#define gl_autodue gl_cleanup(gl_due_done)

/* What is due by now, from the ledger. */
gl_nodiscard int gl_due_read(const struct gl_release *release, struct gl_due *ret_due,
                             struct gl_error *err);

/* Whether this migration is one of them. */
bool gl_due_has(const struct gl_due *due, const struct gl_migration *migration);

/* GL_E_REFUSED where something that this release would apply would hold a long lock in peak hours.
 * A new database has nobody who would wait. */
gl_nodiscard int gl_due_check_peak(const struct gl_release *release,
                                   const struct gl_migration_job *job,
                                   const struct gl_migrate_status *status, const struct gl_due *due,
                                   struct gl_error *err);

#endif
