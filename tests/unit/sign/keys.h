/* Keys made by ssh-keygen and openssl, for tests that must agree with them. */
#ifndef GL_TESTS_SIGN_KEYS_H
#define GL_TESTS_SIGN_KEYS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "proc/proc.h"
#include "sign/key.h"

/* NOLINTBEGIN(misc-definitions-in-headers): each test program is one source file */

struct keys {
    char *dir;
};

/* Runs a shell command in the directory; its output belongs to the caller. */
__attribute__((format(printf, 2, 3))) static char *shell(const struct keys *keys, const char *fmt,
                                                         ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *command = gl_vasprintf(fmt, args);
    va_end(args);
    gl_autoerr struct gl_error err = {0};
    const char *argv[] = {"sh", "-c", command, NULL};
    struct gl_proc_spec spec = {.argv = argv, .cwd = keys->dir, .timeout_ms = 60000};
    char *out = NULL;
    if (gl_proc_check(&spec, &out, &err) < 0)
        fail_msg("%s: %s", command, err.message);
    return out;
}

static inline void file_text(const struct keys *keys, const char *name, struct gl_buf *ret_text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(keys->dir, name);
    if (gl_read_file(path, 0, ret_text, &err) < 0)
        fail_msg("%s", err.message);
}

static int set_up_keys(void **state)
{
    struct keys *keys = gl_alloc(sizeof *keys);
    const char *tmp = getenv("TMPDIR");
    keys->dir = gl_asprintf("%s/golive-keys-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(keys->dir));
    *state = keys;
    return 0;
}

static int tear_down_keys(void **state)
{
    struct keys *keys = *state;
    int failed = gl_remove_tree(keys->dir, NULL);
    free(keys->dir);
    free(keys);
    return failed;
}

/* NOLINTEND(misc-definitions-in-headers) */

#endif
