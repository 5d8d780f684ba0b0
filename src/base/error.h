/* Errors: a code, what happened, what to do next, and the place in the user's file it concerns.
 *
 * A fallible function returns 0 or a negative GL_E_* and fills `err`. Its ret_ parameters stay
 * untouched on failure. Only commands print errors. */
#ifndef GL_BASE_ERROR_H
#define GL_BASE_ERROR_H

#include "base/mem.h"

/* One row per kind of failure: name, exit status of the process, short word for JSON output. */
#define GL_ERROR_TABLE(row)                                                                        \
    row(GL_E_USAGE, 2, "usage")       /* wrong command line */                                     \
        row(GL_E_CONFIG, 3, "config") /* golive.yaml or another input file is wrong */             \
        row(GL_E_ROLLED_BACK, 4,                                                                   \
            "rolled_back")        /* the release was undone; the old version serves */             \
        row(GL_E_BUSY, 5, "busy") /* somebody else holds the lease, the port, the lock */          \
        row(GL_E_INTERRUPTED, 6, "interrupted") /* Ctrl-C or SIGTERM */                            \
        row(GL_E_REFUSED, 7, "refused")         /* a safety rule forbids it */                     \
        row(GL_E_NOT_FOUND, 8, "not_found")     /* the named thing does not exist */               \
        row(GL_E_TIMEOUT, 9, "timeout") row(GL_E_IO, 10, "io") /* file system */                   \
        row(GL_E_NET, 11, "network")                                                               \
            row(GL_E_DATABASE, 12, "database") /* PostgreSQL or SQLite answered with an error */   \
        row(GL_E_PROCESS, 13, "process")       /* a program we ran failed */                       \
        row(GL_E_UNHEALTHY, 14, "unhealthy")   /* a version, probe or check is not good enough */  \
        row(GL_E_CORRUPT, 15, "corrupt")       /* stored data contradicts itself */                \
        row(GL_E_MISMATCH, 16, "mismatch")     /* a verification found a difference */

enum gl_code {
    GL_OK = 0,

#define row(name, status, word) name = -(status),
    GL_ERROR_TABLE(row)
#undef row
};

struct gl_error {
    int code;        /* 0 or GL_E_* */
    char *message;   /* what went wrong, without trailing newline */
    char *hint;      /* what to do next, or NULL */
    char *file;      /* the user's file it concerns, or NULL */
    unsigned line;   /* 1-based, 0 = unknown */
    unsigned column; /* 1-based, 0 = unknown */
};

/* Sets `err` (any earlier content is released) and returns `code`, so that `return gl_fail(...)`
 * reads as one step. `err` may be NULL. */
int gl_fail(struct gl_error *err, int code, const char *fmt, ...) gl_printf(3, 4);

/* Like gl_fail(GL_E_IO) with ": strerror(errno_value)" appended and a hint for ENOSPC and EACCES.
 */
int gl_fail_errno(struct gl_error *err, int errno_value, const char *fmt, ...) gl_printf(3, 4);

/* Puts "context: " before the message on the way up; returns err->code. As the next two, with `err`
 * NULL it returns the code of this thread's last failure whose `err` was NULL. */
int gl_error_wrap(struct gl_error *err, const char *fmt, ...) gl_printf(2, 3);

/* Sets the hint (replacing an earlier one); returns err->code. */
int gl_error_hint(struct gl_error *err, const char *fmt, ...) gl_printf(2, 3);

/* Names the place in the user's file; line and column are 1-based, 0 = unknown. Returns err->code.
 */
int gl_error_at(struct gl_error *err, const char *file, unsigned line, unsigned column);

/* Moves the content of `from` into `to`, leaving `from` empty. */
void gl_error_move(struct gl_error *to, struct gl_error *from);

/* Releases the content; the struct can be used again. */
void gl_error_done(struct gl_error *err);

/* The process exit status for a code (0 for GL_OK) and its word for JSON output. */
int gl_code_exit_status(int code);
const char *gl_code_word(int code);

#define gl_autoerr gl_cleanup(gl_error_done)

#endif
