/* Room-internal: how often something in the account is looked at while it is waited for. */
#ifndef GL_PLATFORM_AWS_PACE_H
#define GL_PLATFORM_AWS_PACE_H

#include <stdint.h>

#include "base/error.h"

/* Often at first, once a second later on, every five seconds after ten minutes. Zero-initialise. */
struct gl_pace {
    int64_t begun_ms; /* gl_mono_ms(); set by the first wait */
    int64_t end_ms;   /* gl_mono_ms() at which the wait is over; 0 = never */
};

/* Sleeps until the next look. GL_E_INTERRUPTED after a signal, GL_E_TIMEOUT once it is over. */
gl_nodiscard int gl_pace_wait(struct gl_pace *pace, struct gl_error *err);

#endif
