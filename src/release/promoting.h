/* Room-internal: one promotion, shared by promote.c and its checks. */
#ifndef GL_RELEASE_PROMOTING_H
#define GL_RELEASE_PROMOTING_H

#include "release/authors.h"
#include "release/candidate.h"
#include "release/internal.h"
#include "release/statement.h"

struct promoting {
    struct gl_release *release;
    const struct gl_release_request *request;
    struct gl_candidate candidate;
    struct gl_statement statement;
    struct gl_authors authors;
    bool waits; /* for approvals, and for nothing else */
};

/* promote_same.c: GL_E_REFUSED unless migrations and stacks are those that the candidate passed
 * with: the files, and what golive up put in place there. */
gl_nodiscard int gl_promoting_check_same(const struct promoting *promoting, struct gl_error *err);

/* promote_approved.c: GL_E_REFUSED unless the environment's approvals are there, which are added to
 * the array; else asks for them. */
gl_nodiscard int gl_promoting_check_approved(struct promoting *promoting,
                                             const struct gl_journal *journal, json_t *approvals,
                                             struct gl_error *err);

#endif
