/* Diagnostics and the masking of secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"

static void assert_redacted(const char *text, const char *expected)
{
    gl_autofree char *masked = gl_redact(text);
    assert_string_equal(masked, expected);
}

static void secrets_are_masked_by_value(void **state)
{
    (void)state;
    gl_secret_add("hunter22");
    gl_secret_add("hunter22hunter22long");
    gl_secret_add("密かな語");
    gl_secret_add("test"); /* too short to be told from ordinary text */
    gl_secret_add("7letter");
    gl_secret_add("");
    gl_secret_add(NULL);
    assert_redacted("x hunter22 y", "x *** y");
    assert_redacted("hunter22hunter22long", "***");
    assert_redacted("hunter22hunter22", "******");
    assert_redacted("hunter2", "hunter2");
    assert_redacted("前密かな語後 abc", "前***後 abc");
    assert_redacted("the latest of 7letter", "the latest of 7letter");
    assert_redacted("", "");
    gl_secret_forget_all();
    assert_redacted("x hunter22 y", "x hunter22 y");
}

/* What a log call writes to standard error. */
static char *written(enum gl_log_level level, const char *message)
{
    char path[] = "/tmp/golive-stderr-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    (void)fflush(stderr);
    int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
    gl_log(level, "%s", message);
    (void)fflush(stderr);
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    close(saved);
    close(fd);
    gl_autobuf struct gl_buf text = {0};
    assert_int_equal(gl_read_file(path, 0, &text, NULL), 0);
    unlink(path);
    return gl_buf_steal(&text);
}

static void lines_have_time_level_and_no_secret(void **state)
{
    (void)state;
    gl_secret_add("hunter22");
    gl_autofree char *text = written(GL_LOG_WARN, "password hunter22");
    assert_non_null(strstr(text, " warn password ***\n"));
    assert_int_equal(text[strlen("2026-11-23T10:41:07.123Z")], ' ');
    gl_autofree char *below = written(GL_LOG_INFO, "not shown");
    assert_string_equal(below, "");
    gl_log_setup(GL_LOG_DEBUG, true);
    gl_autofree char *line = written(GL_LOG_DEBUG, "said \"hunter22\"\n\xff");
    gl_log_setup(GL_LOG_WARN, false);
    gl_secret_forget_all();
    gl_autojson json_t *json = NULL;
    assert_int_equal(gl_json_parse(line, strlen(line), "line", &json, NULL), 0);
    assert_string_equal(gl_json_str(json, "level", ""), "debug");
    assert_string_equal(gl_json_str(json, "message", ""), "said \"***\"\n?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_masked_by_value),
        cmocka_unit_test(lines_have_time_level_and_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
