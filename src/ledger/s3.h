/* The ledger of a team: objects in a bucket of the account (LedgerBucket of stacks/bootstrap.yaml).
 *
 * What is where. There is one ledger for each application and account; events name their
 * environment, a lease is called like it.
 *
 *     events/00000000000000000042.json   one event, canonical JSON with its hash. Written once
 *                                        (If-None-Match: *), locked by Object Lock for
 *                                        GL_LEDGER_RETENTION_DAYS. Metadata `writer` is a random
 *                                        word of the attempt to append it.
 *     leases/prod.json                   who holds prod, or that nobody does. Made once
 *                                        (If-None-Match: *), then only replaced, if it is still the
 *                                        one that was read (If-Match). It is not deleted when it is
 *                                        given back: no right to delete is needed, and stores
 *                                        differ in what If-None-Match finds where an object was
 *                                        deleted.
 *
 * Two writers. Both put event N+1, one is refused: it reads the winner's event, builds on its hash
 * and tries N+2. So seq has no gaps and the chain no forks, without a lock. Needs what S3 gives
 * since December 2020: who reads after a write sees it.
 *
 * Lost answers. A write whose answer was lost is sent again and then refused by its own first
 * attempt. So a refusal means nothing by itself: the object is read, and is ours if it has our
 * `writer` (events) or our token and content (leases). The same is done when every answer was lost.
 * An append that fails all the same may have been recorded: it then stands there once.
 *
 * Clocks. Whether a lease of another host has expired is decided by the store's clock alone: the
 * Date of the answer less the Last-Modified of the object, in the same answer, less 2 s because
 * both are cut to seconds and may come from two of its servers. No wall clock of a holder or of
 * whoever wants to take over is part of it, so that moving one changes nothing; and nobody has to
 * wait for a time to live to watch whether a holder renews. The holder counts its time to live on
 * its boot clock from before it sent the renewal, so its belief ends before the store's.
 *
 * The copy. Events never change, so those that this machine has read and verified are kept in a
 * file (a ledger in SQLite) and not fetched again: looking is then one listing, however long the
 * ledger is. What is read must continue the copy, and its last event must still be there: so a
 * ledger that was cut off or written anew is noticed without a noted head. A verification reads the
 * bucket itself. Losing the file loses nothing.
 *
 * Threads. The heartbeat and the engine use the ledger at the same time: leases and events have a
 * client each behind a lock each, so that a long reading never keeps a lease from being renewed.
 * Signals end no call: what was done must be recorded even after Ctrl-C.
 *
 * Rights on the bucket: s3:ListBucket (also so that a missing object is told from a forbidden one),
 * s3:GetObject and s3:PutObject; on events/ also s3:PutObjectRetention; to verify,
 * s3:ListBucketVersions. To look on (log, status): s3:ListBucket and s3:GetObject.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */
#ifndef GL_LEDGER_S3_H
#define GL_LEDGER_S3_H

#include "aws/client.h"
#include "ledger/ledger.h"

/* As long as the audit trail (stacks/audit.yaml). Who wants to delete a version of an event before
 * needs s3:BypassGovernanceRetention, and must first change the bucket's policy. */
enum { GL_LEDGER_RETENTION_DAYS = 365 };

/* Makes a client for one thread, which no signal interrupts. The ledger frees it. */
typedef int gl_ledger_client_fn(void *context, struct gl_aws_client **ret_client,
                                struct gl_error *err);

/* Strings are copied. */
struct gl_ledger_s3_options {
    gl_ledger_client_fn *new_client; /* called while opening only */
    void *context;
    const char *bucket;
    const char *owner;     /* account id whose bucket it must be; NULL = not checked */
    int retention_days;    /* 0 = no Object Lock: for stores without it */
    const char *copy_path; /* file of the copy, made when it is not there; NULL = none */
};

/* Opens the ledger in a bucket that exists. GL_E_NOT_FOUND if it does not, and the errors of
 * gl_aws_call(). What the clients need must outlive the ledger. The caller frees it. */
gl_nodiscard int gl_ledger_open_s3(const struct gl_ledger_s3_options *options,
                                   struct gl_ledger **ret_ledger, struct gl_error *err);

#endif
