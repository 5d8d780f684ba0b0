/* Room-internal: why a signature does not count. */
#ifndef GL_RELEASE_APPROVAL_RULES_H
#define GL_RELEASE_APPROVAL_RULES_H

#include "release/approval.h"

/* One signature as it is judged; everything is borrowed. */
struct gl_signing {
    const char *person; /* who claims to have signed */
    const char *text;   /* that was signed */
    const char *signature;
    const struct gl_statement *statement; /* `text`, read */
    const struct gl_statement *wanted;    /* what is to be shipped; NULL = not asked */
};

/* The first rule of approval.h that is broken, as a text the caller owns; NULL = it counts. */
char *gl_approval_objection(const struct gl_approval_rules *rules,
                            const struct gl_signing *signing);

/* The first rule that would be broken whatever this person signed about the statement: who has
 * left, has no key, or wrote the release. The caller owns it; NULL = their signature can count. */
char *gl_approval_obstacle(const struct gl_approval_rules *rules,
                           const struct gl_statement *statement, const char *person);

#endif
