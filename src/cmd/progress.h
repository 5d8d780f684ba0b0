/* How an operation looks while it runs: one line a step; the running one updates in place on a
 * terminal. */
#ifndef GL_CMD_PROGRESS_H
#define GL_CMD_PROGRESS_H

#include "cmd/command.h"
#include "release/release.h"

struct gl_progress {
    FILE *out;
    bool terminal; /* lines may be redrawn */
    bool colour;
    bool json;                      /* one JSON object a line instead */
    const struct gl_config *config; /* its environment is named in what to run next; or NULL */
    int64_t step_begun_ms;
    int64_t drawn_ms; /* last redraw; they are limited to ten a second */
};

/* A reporter that writes to the context's output; `progress` must live as long as it. */
struct gl_reporter gl_progress_reporter(struct gl_progress *progress,
                                        const struct gl_context *context);

/* Shows what a platform is doing as the text of the running step. */
void gl_progress_platform(struct gl_platform *platform, struct gl_progress *progress);

/* Whether a text tells of another stage than the one before: "pushing the image: 3 MB of 9 MB" is
 * the same as "... 5 MB of 9 MB", up to the first digit. Keeps it in *stage, which the caller frees
 * (NULL at first). */
bool gl_progress_is_new_stage(char **stage, const char *text);

/* The last lines: what happened and what to do next; JSON gets one object. */
void gl_progress_outcome(struct gl_progress *progress, const struct gl_release_outcome *outcome);

#endif
