/* What the linter reads out of the text, held against what was measured. The trace is right. */
#ifndef GL_TRACE_COMPARE_H
#define GL_TRACE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

/* A statement that the two see differently. */
struct gl_trace_difference {
    char *file;
    unsigned line;
    char *rule;     /* of the linter that warns without need; NULL = it is silent */
    char *message;  /* what that says; NULL likewise */
    char *measured; /* stable word of the verdict */
};

struct gl_trace_comparison {
    bool made;
    size_t agreed; /* statements */
    struct gl_trace_difference *items;
    size_t count;
};

void gl_trace_comparison_done(struct gl_trace_comparison *comparison);

#endif
