/* Room-internal: a mark on this machine that a lease was taken on it.
 *
 * Host name, machine id, boot id, process number and start time do not tell two machines apart that
 * were cloned from one snapshot of a running one: all of these are the same there, and the process
 * that is gone here may be at work on the other. So who takes a lease that several machines share
 * leaves a file with its random token in memory (/dev/shm) that no other machine has; only where
 * that is found is a missing process the end of the holder.
 *
 * Where the mark is missing (another container, no /dev/shm, a machine cloned before the lease was
 * taken) nothing is concluded, and the lease ends by its time to live. A machine that was cloned
 * while it held a lease has the mark and the process: both copies then hold it, which no mark can
 * tell; a lease is renewed by exchange, so the slower one loses it at its next renewal. */
#ifndef GL_LEDGER_WITNESS_H
#define GL_LEDGER_WITNESS_H

#include <stdbool.h>

/* Before the lease is taken. A mark that cannot be made is no failure. */
void gl_witness_add(const char *token);

/* True if the lease with this token was taken on this machine since it was started. */
bool gl_witness_has(const char *token);

/* After the lease was given back, or taken over from who is gone. */
void gl_witness_drop(const char *token);

#endif
