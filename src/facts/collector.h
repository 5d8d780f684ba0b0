/* Room-internal: one collector's run, and what it came to. */
#ifndef GL_FACTS_COLLECTOR_H
#define GL_FACTS_COLLECTOR_H

#include "facts/internal.h"

/* As a row of the table `source` says it. Zero-initialise. */
struct gl_collected {
    const char *state; /* collected, absent, failed */
    char *reason;      /* or NULL */
};

/* What a collector wrote before it failed is taken back, unless it says that it is true alone: half
 * of the facts would judge wrongly. Fails where collecting ends: Ctrl-C, or a template that was
 * given and cannot be read. The caller calls gl_collected_done(). */
gl_nodiscard int gl_collector_run(const struct gl_collecting *collecting, gl_collect_fn *collect,
                                  struct gl_collected *ret_collected, struct gl_error *err);
void gl_collected_done(struct gl_collected *collected);

#endif
