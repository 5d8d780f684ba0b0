/* Faults made on purpose during a rehearsal. Nothing of this is in the configuration of a platform
 * without a fault: a spoiling proxy stands before the version only while one is on. */
#ifndef GL_PLATFORM_LOCAL_FAULT_H
#define GL_PLATFORM_LOCAL_FAULT_H

#include "platform/local/local.h"

enum gl_fault_kind {
    GL_FAULT_NONE,           /* ends every fault */
    GL_FAULT_5XX,            /* amount = percentage of answers that become 500 */
    GL_FAULT_SLOW,           /* amount = milliseconds added to every answer */
    GL_FAULT_KILL,           /* SIGKILL to the version's process, now */
    GL_FAULT_CRASH_AT_START, /* every version started from now on dies at once */
};

/* Switches a fault on for a release (NONE: all faults off; release and amount do not matter then).
 * GL_E_REFUSED where the platform is not the local one. Health checks never pass the spoiling
 * proxy; what it answers itself has `x-golive-fault: 5xx`. */
gl_nodiscard int gl_local_fault(struct gl_platform *platform, int64_t release,
                                enum gl_fault_kind kind, int amount, struct gl_error *err);

/* The local platform behind a gl_platform, NULL if it is another. */
struct gl_local *gl_local_of(struct gl_platform *platform);

/* True while crash_at_start is on. */
bool gl_fault_crashes_at_start(const struct gl_local *local);

#endif
