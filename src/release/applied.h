/* Which templates stand in an environment, as the ledger has it of golive up: what a release was
 * tested on, whatever files lay beside it when it was deployed. */
#ifndef GL_RELEASE_APPLIED_H
#define GL_RELEASE_APPLIED_H

#include "base/strv.h"
#include "ledger/ledger.h"

/* Adds the names of the stacks that golive up put in place in `env` and that are others than those
 * of this golive and the project's stacks/ now. None where nothing is known: on no cloud, or of an
 * older golive. What was changed by hand is not seen here: golive plan --drift. */
gl_nodiscard int gl_applied_differences(struct gl_ledger *ledger, const char *env,
                                        const char *project_dir, struct gl_strv *ret_stacks,
                                        struct gl_error *err);

#endif
