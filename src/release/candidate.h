/* A release of one environment that may be promoted to another: what passed there, and proof that
 * it did. */
#ifndef GL_RELEASE_CANDIDATE_H
#define GL_RELEASE_CANDIDATE_H

#include "ledger/ledger.h"
#include "release/journal.h"

struct gl_candidate {
    char *env;
    int64_t release;
    char *version;
    char *commit; /* "" without git */
    char *author; /* mail address; "" without git */
    char *tree;   /* hash of the source */
    char *digest;
    char *migrations; /* "none" without any */
    char *templates;
    int64_t commit_unix_s;
    int64_t passed_unix_ms;
};

void gl_candidate_done(struct gl_candidate *candidate);
#define gl_autocandidate gl_cleanup(gl_candidate_done)

struct gl_candidate_request {
    const char *env;      /* that it must have passed */
    const char *to;       /* that it is to go to, for hints */
    int64_t release;      /* 0 = what serves there */
    const char *tree;     /* hash of the source in the working tree */
    const char *commit;   /* that the working tree is at; NULL without git */
    const char *changes;  /* gl_source_changes() of the working tree */
    int64_t max_age_days; /* since it passed */
    int64_t now_unix_ms;
};

/* Passed = a release that came to serve, was not rolled back from since, was made of a clean tree
 * and not longer ago than max_age_days, and is of the same source as the working tree.
 * GL_E_REFUSED says which of these is not so, with the way out. */
gl_nodiscard int gl_candidate_find(struct gl_ledger *ledger,
                                   const struct gl_candidate_request *request,
                                   struct gl_candidate *ret_candidate, struct gl_error *err);

#endif
