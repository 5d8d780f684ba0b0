/* Room-internal: what a program says on one stream: its end kept in memory, its lines told and
 * written to a log with known secrets masked. */
#ifndef GL_PROC_OUTPUT_H
#define GL_PROC_OUTPUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "proc/proc.h"

/* The log that both streams of a program are written to. */
struct gl_output_log {
    int fd; /* -1 = none */
    const char *path;
    bool failed; /* told once; the program runs on */
};

struct gl_output {
    int fd; /* -1 at its end; owned */
    const struct gl_proc_spec *spec;
    struct gl_output_log *log;
    struct gl_buf keep; /* the last GL_PROC_KEEP_BYTES; up to twice as many while it runs */
    bool cut;           /* the beginning was dropped */
    struct gl_buf line; /* begun and not ended yet */
};

/* Takes what there is to read; closes the stream at its end. */
void gl_output_read(struct gl_output *output);

/* Tells what came after the last newline, and closes the stream: a grandchild may hold it open. */
void gl_output_end(struct gl_output *output);

/* Moves the kept end out and releases the rest. */
void gl_output_done(struct gl_output *output, struct gl_buf *ret_kept, bool *ret_cut);

#endif
