/* Tells the channels of observability.notify that want it (releases: true) how a release, a
 * rollback or a promotion ended. docs/notifications.md has the form of the messages. */
#ifndef GL_RELEASE_NOTIFY_H
#define GL_RELEASE_NOTIFY_H

#include "net/deliver.h"
#include "release/internal.h"

/* How long a channel may take, and how long all stored URLs together; tests shorten them. */
extern struct gl_delivery_limits gl_notify_limits;
extern int64_t gl_notify_ask_ms;

/* Tells how the operation ended: `outcome` is filled in; `why` is the error that it ended with when
 * `result` is below 0, NULL = not known. All channels are told at the same time. Nothing of it
 * changes the outcome: who could not be told is one warning each, and stands in the ledger
 * (release.told) beside those who were. Nobody is told once the lease is lost: whoever took it over
 * tells the end. */
void gl_notify_end(struct gl_release *release, const struct gl_release_outcome *outcome, int result,
                   const struct gl_error *why);

/* --dry-run: notes who would be told. The stored URLs are not read. */
void gl_notify_plan(struct gl_release *release);

#endif
