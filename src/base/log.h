/* Diagnostics on standard error, as text or JSON lines, with known secrets masked by value. */
#ifndef GL_BASE_LOG_H
#define GL_BASE_LOG_H

#include <stdbool.h>

#include "base/mem.h"

enum gl_log_level {
    GL_LOG_DEBUG,
    GL_LOG_INFO,
    GL_LOG_WARN,
    GL_LOG_ERROR,
};

/* Level below which nothing is written (default GL_LOG_WARN), and JSON lines instead of text. */
void gl_log_setup(enum gl_log_level least, bool json);

/* Writes one line with its time to standard error, known secrets masked. Safe from any thread. */
void gl_log(enum gl_log_level level, const char *fmt, ...) gl_printf(2, 3);

/* Remembers a secret's value: gl_redact() and every log line show it as "***". Values shorter than
 * 8 bytes are not remembered: they occur in ordinary words ("test" in "latest"), so that masking
 * would destroy the text and its holes would tell the value; none that golive makes or that AWS
 * gives is that short. Of a value with several lines each line of 12 bytes or more is masked by
 * itself too, and of one with quotes, backslashes or line ends the form it has in JSON. */
void gl_secret_add(const char *value);

/* The text with every known secret masked; the caller owns it. */
char *gl_redact(const char *text);

/* gl_redact() for a person's eyes: of a text from outside only what is safe to print is left
 * (gl_utf8_lines()). The caller owns it. */
char *gl_redact_shown(const char *text);

/* Wipes and forgets all secrets. */
void gl_secret_forget_all(void);

#endif
