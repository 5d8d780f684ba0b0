/* Room-internal: who holds a lease, whether that still counts, and how to say it. */
#ifndef GL_LEDGER_LEASE_RECORD_H
#define GL_LEDGER_LEASE_RECORD_H

#include <stdbool.h>
#include <string.h>

#include "ledger/ledger_ops.h"

/* A new record for this process, with a fresh token; the caller owns its content. */
void gl_lease_record_init(struct gl_lease_record *record, const struct gl_ledger *ledger,
                          const char *purpose, int64_t ttl_ms);

/* Counts the time to live from now on. */
void gl_lease_record_renew(struct gl_lease_record *record, const struct gl_clock_fns *clock);

/* True if `record` takes the lease out of the hands of `old`; either may be NULL. */
static inline bool gl_lease_record_is_takeover(const struct gl_lease_record *old,
                                               const struct gl_lease_record *record)
{
    return old && record && strcmp(old->token, record->token) != 0;
}

/* Milliseconds until it expires, 0 if it has. */
int64_t gl_lease_record_left_ms(const struct gl_lease_record *record,
                                const struct gl_ledger *ledger);

/* True if its holder is known to have ended: a process of this machine (witness.h), of this boot
 * and of our process namespace that is gone. Of others nothing is known. */
bool gl_lease_record_holder_gone(const struct gl_lease_record *record,
                                 const struct gl_ledger *ledger);

/* "tanaka@web1 (process 4711): deploy release 7, since 2026-11-23T10:41:07.123Z"; caller owns it.
 */
char *gl_lease_record_describe(const struct gl_lease_record *record);

#endif
