/* Errors: a code, what happened, what to do next, and where. */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"

static const struct {
    int code;
    int exit_status;
    const char *word;
} codes[] = {

#define row(name, status, word) {name, status, word},
    GL_ERROR_TABLE(row)
#undef row
};

/* What a caller without a struct gl_error was told last in this thread: `return gl_error_hint(err,
 * ...)` after gl_fail() must pass the same code on whether somebody wants the text or not. */
static _Thread_local int untold_code = GL_E_IO;

static int fail_untold(int code)
{
    untold_code = code;
    return code;
}

void gl_error_done(struct gl_error *err)
{
    if (!err)
        return;
    free(err->message);
    free(err->hint);
    free(err->file);
    *err = (struct gl_error){0};
}

void gl_error_move(struct gl_error *to, struct gl_error *from)
{
    if (to) {
        gl_error_done(to);
        *to = *from;
        *from = (struct gl_error){0};
    } else {
        if (from->code)
            fail_untold(from->code);
        gl_error_done(from);
    }
}

static void set_message(struct gl_error *err, int code, char *message)
{
    gl_error_done(err);
    err->code = code;
    err->message = message;
}

int gl_fail(struct gl_error *err, int code, const char *fmt, ...)
{
    if (!err)
        return fail_untold(code);
    va_list args;
    va_start(args, fmt);
    set_message(err, code, gl_vasprintf(fmt, args));
    va_end(args);
    return code;
}

static const char *errno_hint(int errno_value)
{
    switch (errno_value) {
    case ENOSPC:
    case EDQUOT:
        return _("The disk is full: free some space and run the command again; nothing was lost.");
    case EACCES:
    case EPERM:
        return _("Check the owner and the permissions of that path.");
    case EMFILE:
    case ENFILE:
        return _("Too many open files: raise the limit (ulimit -n).");
    default:
        return NULL;
    }
}

int gl_fail_errno(struct gl_error *err, int errno_value, const char *fmt, ...)
{
    if (!err)
        return fail_untold(GL_E_IO);
    va_list args;
    va_start(args, fmt);
    gl_autofree char *what = gl_vasprintf(fmt, args);
    va_end(args);
    set_message(err, GL_E_IO, gl_asprintf("%s: %s", what, strerror(errno_value)));
    err->hint = gl_strdup(errno_hint(errno_value));
    return GL_E_IO;
}

int gl_error_wrap(struct gl_error *err, const char *fmt, ...)
{
    if (!err)
        return untold_code;
    va_list args;
    va_start(args, fmt);
    gl_autofree char *context = gl_vasprintf(fmt, args);
    va_end(args);
    gl_autofree char *old = err->message;
    err->message = gl_asprintf("%s: %s", context, old ? old : "");
    return err->code;
}

int gl_error_hint(struct gl_error *err, const char *fmt, ...)
{
    if (!err)
        return untold_code;
    va_list args;
    va_start(args, fmt);
    free(err->hint);
    err->hint = gl_vasprintf(fmt, args);
    va_end(args);
    return err->code;
}

int gl_error_at(struct gl_error *err, const char *file, unsigned line, unsigned column)
{
    if (!err)
        return untold_code;
    free(err->file);
    err->file = gl_strdup(file);
    err->line = line;
    err->column = column;
    return err->code;
}

int gl_code_exit_status(int code)
{
    for (size_t i = 0; i < GL_COUNT(codes); i++) {
        if (codes[i].code == code)
            return codes[i].exit_status;
    }
    return code == GL_OK ? 0 : 1;
}

const char *gl_code_word(int code)
{
    for (size_t i = 0; i < GL_COUNT(codes); i++) {
        if (codes[i].code == code)
            return codes[i].word;
    }
    return code == GL_OK ? "ok" : "unknown";
}
