/* Approvals: signatures of people over a statement, kept in the ledger and checked anew each time
 * they are counted, with the keys that golive.yaml has then.
 *
 * A signature counts for a promotion when all of this holds:
 * - its signer is in people[], in approval.approvers of the environment, and, where roles names
 *   release_manager or service_owner at all, has one of these roles;
 * - it verifies with the signer's people[].key, which nobody else there has, over a statement about
 * exactly what is shipped;
 * - it has not expired, and was not made to hold longer than approval.valid_hours;
 * - the signer neither starts the promotion, nor asked for it, nor wrote any of the commits that it
 *   brings (authors.h): one's own release is never approved by oneself, however many signatures are
 *   wanted.
 * Of several signatures of one person one counts. Where an author is nobody that golive.yaml knows,
 * one signature might be that author's own, so at least two people must sign.
 *
 * What time it is says the ledger (gl_ledger_unix_ms): in a bucket the clock of S3, not one that
 * who signs or ships can move. */
#ifndef GL_RELEASE_APPROVAL_H
#define GL_RELEASE_APPROVAL_H

#include "base/strv.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "release/authors.h"
#include "release/statement.h"

/* Everything is borrowed. */
struct gl_approval_rules {
    const struct gl_config *config;   /* of the environment that is shipped to */
    const char *starter;              /* people[].id of who starts it; NULL = not known yet */
    const struct gl_authors *authors; /* of what is shipped */
    int64_t now_unix_s;
};

/* Whether releases of the environment want signatures: approval.min of any but `local`. */
bool gl_approval_is_wanted(const struct gl_config *config);
/* How many signatures it takes: approval.min, or more where an author is not known. */
int64_t gl_approval_least(const struct gl_approval_rules *rules);

/* One signature in the ledger. */
struct gl_approval {
    char *person;
    int64_t seq;   /* of its event */
    char *why_not; /* why it does not count, in the user's language; NULL = it counts */
};

struct gl_approvals {
    struct gl_approval *items; /* about this release of `from`, oldest first */
    size_t count;
    size_t counting; /* distinct people whose signatures count */
};

void gl_approvals_done(struct gl_approvals *approvals);
#define gl_autoapprovals gl_cleanup(gl_approvals_done)

/* Reads and judges all signatures for the release that `wanted` is about. */
gl_nodiscard int gl_approvals_read(struct gl_ledger *ledger, const struct gl_approval_rules *rules,
                                   const struct gl_statement *wanted,
                                   struct gl_approvals *ret_approvals, struct gl_error *err);

/* Who of approval.approvers can still be asked to sign `wanted`, and why the others cannot. */
struct gl_approval_askable {
    struct gl_strv people;    /* whose signature would count and is not there yet */
    struct gl_strv obstacles; /* one sentence for each of the others that have not signed */
};

void gl_approval_askable_done(struct gl_approval_askable *askable);
#define gl_autoaskable gl_cleanup(gl_approval_askable_done)

void gl_approval_ask_whom(const struct gl_approval_rules *rules, const struct gl_statement *wanted,
                          const struct gl_approvals *found,
                          struct gl_approval_askable *ret_askable);

/* Asks for signatures: the statement goes into the ledger, unless one about the same, by the same
 * requester, is open there. */
gl_nodiscard int gl_approval_ask(struct gl_ledger *ledger, const struct gl_statement *statement,
                                 const struct gl_authors *authors, struct gl_error *err);

/* An open request: what is to be signed, and whose signature would not count. Owned texts. */
struct gl_approval_request {
    char *text;
    struct gl_authors authors;
};

void gl_approval_request_done(struct gl_approval_request *request);
#define gl_autoapprovalrequest gl_cleanup(gl_approval_request_done)

/* The newest open request for the environment, for that release of the other one (0 = any).
 * GL_E_REFUSED when there is none. */
gl_nodiscard int gl_approval_asked(struct gl_ledger *ledger, const char *env, int64_t release,
                                   int64_t now_unix_s, struct gl_approval_request *ret_request,
                                   struct gl_error *err);

/* Who of people[] has this key; NULL if nobody. Belongs to the configuration. */
struct gl_public_key;
const char *gl_approval_owner(const struct gl_config *config, const struct gl_public_key *key);

/* Takes a signature (OpenSSH's armoured text) of the statement into the ledger, if it counts; else
 * GL_E_REFUSED with the reason. Who signed is found by the key and belongs to the configuration. */
gl_nodiscard int gl_approval_take(struct gl_ledger *ledger, const struct gl_approval_rules *rules,
                                  const char *statement, const char *signature,
                                  const char **ret_person, struct gl_error *err);

#endif
