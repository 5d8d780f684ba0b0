/* Diagnostics on standard error, with known secrets masked by value. */
#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/strv.h"
#include "base/utf8.h"

enum {
    /* What is shorter is found in ordinary words too ("test" in "the latest"): masking it would
     * destroy the text, and the holes would tell the value. */
    VALUE_MIN_BYTES = 8,
    LINE_MIN_BYTES =
        12, /* shorter lines of a longer secret tell little and are often common words */
};

static enum gl_log_level least_level = GL_LOG_WARN;
static bool as_json;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gl_strv secrets;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void gl_log_setup(enum gl_log_level least, bool json)
{
    least_level = least;
    as_json = json;
}

static void remember(const char *value)
{
    if (strlen(value) >= VALUE_MIN_BYTES && !gl_strv_has(&secrets, value))
        gl_strv_add(&secrets, value);
}

/* What is masked line by line must know a secret of several lines (a key in PEM) by its lines. */
static void remember_lines(const char *value)
{
    for (size_t len; *value; value += len + (value[len] != '\0')) {
        len = strcspn(value, "\r\n");
        gl_autofree char *line = gl_strndup(value, len);
        if (len >= LINE_MIN_BYTES)
            remember(line);
        gl_wipe(line, len);
    }
}

/* In a program's JSON output a secret with a quote or a backslash looks otherwise. */
static void remember_escaped(const char *value)
{
    gl_autojson json_t *json = json_string(value);
    gl_autofree char *text = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;
    if (!text)
        return;
    size_t len = strlen(text);
    text[len - 1] = '\0'; /* without the quotes around it */
    remember(text + 1);
    gl_wipe(text, len);
}

void gl_secret_add(const char *value)
{
    if (!value)
        return;
    pthread_mutex_lock(&lock);
    remember(value);
    if (strpbrk(value, "\r\n"))
        remember_lines(value);
    if (strpbrk(value, "\"\\\r\n\t"))
        remember_escaped(value);
    pthread_mutex_unlock(&lock);
}

void gl_secret_forget_all(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < secrets.count; i++)
        gl_wipe(secrets.items[i], strlen(secrets.items[i]));
    gl_strv_done(&secrets);
    pthread_mutex_unlock(&lock);
}

/* The longest secret that starts at `text`, so that a secret containing another is masked whole. */
static size_t secret_at(const char *text)
{
    size_t longest = 0;
    for (size_t i = 0; i < secrets.count; i++) {
        size_t len = strlen(secrets.items[i]);
        if (len > longest && strncmp(text, secrets.items[i], len) == 0)
            longest = len;
    }
    return longest;
}

char *gl_redact(const char *text)
{
    struct gl_buf masked = {0};
    pthread_mutex_lock(&lock);
    while (*text) {
        size_t len = secret_at(text);
        if (len)
            gl_buf_puts(&masked, "***");
        else
            gl_buf_putc(&masked, *text);
        text += len ? len : 1;
    }
    pthread_mutex_unlock(&lock);
    return gl_buf_steal(&masked);
}

char *gl_redact_shown(const char *text)
{
    gl_autofree char *masked = gl_redact(text);
    return gl_utf8_lines(masked);
}

static char *format_line(enum gl_log_level level, const char *message)
{
    gl_autofree char *time = gl_format_rfc3339(gl_now_unix_ms());
    if (!as_json) {
        gl_autofree char *shown = gl_utf8_lines(message);
        return gl_asprintf("%s %s %s\n", time, level_names[level], shown);
    }
    gl_autojson json_t *line = json_object();
    gl_json_set_str(line, "time", time);
    gl_json_set_str(line, "level", level_names[level]);
    gl_json_set_str(line, "message", message);
    gl_autofree char *text = json_dumps(line, JSON_COMPACT);
    return gl_asprintf("%s\n", text ? text : "{}");
}

void gl_log(enum gl_log_level level, const char *fmt, ...)
{
    if (level < least_level)
        return;
    va_list args;
    va_start(args, fmt);
    gl_autofree char *raw = gl_vasprintf(fmt, args);
    va_end(args);
    gl_autofree char *message = gl_redact(raw);
    gl_autofree char *line = format_line(level, message);
    fputs(line, stderr);
}
