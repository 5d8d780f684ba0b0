/* A plan that is kept: its change sets stay in the account, and `golive up --plan ID` executes
 * exactly them.
 *
 * The ledger holds an event "infra.plan": {id, account, region, expires_unix_ms, stacks: [{stack,
 * stack_name, region, action, change_set, hash}]}. The hash of a stack is over all that decides
 * about it: template, parameters, tags. */
#ifndef GL_INFRA_PLAN_ID_H
#define GL_INFRA_PLAN_ID_H

#include "base/hash.h"
#include "infra/plan.h"
#include "ledger/ledger.h"

enum { GL_PLAN_VALID_MINUTES = 60, GL_PLAN_ID_SIZE = 11 };

/* A new id, "p-1f0a9b3c". */
void gl_plan_id_new(char ret_id[GL_PLAN_ID_SIZE]);

/* How golive's change sets begin. */
#define GL_PLAN_CHANGE_SET_PREFIX "golive-p-"

/* The name of a plan's change sets: "golive-p-1f0a9b3c". Caller owns it. */
char *gl_plan_change_set_name(const char *id);

/* Digest of what a stack would be made of. */
void gl_plan_stack_hash(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                        char ret_hex[GL_SHA256_HEX_SIZE]);

/* Writes the plan into the ledger; it is valid for GL_PLAN_VALID_MINUTES from `now_unix_ms`. */
gl_nodiscard int gl_plan_keep(struct gl_ledger *ledger, const struct gl_plan *plan, const char *id,
                              int64_t now_unix_ms, struct gl_error *err);

/* Finds a kept plan and puts its change sets into `plan`, which has been made and resolved anew:
 * change.change_set and asked_change_set of each stack that the kept plan has one of; change.action
 * is the kept plan's, GL_CHANGE_NONE where it found no change. Stacks that it planned without AWS
 * keep what they have.
 *
 * GL_E_NOT_FOUND: there is no such plan; GL_E_REFUSED: it is older than an hour, of another
 * environment or account, or a stack would be made otherwise by now (named). */
gl_nodiscard int gl_plan_recall(struct gl_ledger *ledger, struct gl_plan *plan, const char *id,
                                int64_t now_unix_ms, struct gl_error *err);

#endif
