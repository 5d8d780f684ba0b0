/* Errors: what they carry, who owns it, and the table of codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/error.h"

static void a_failure_carries_code_and_message(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_fail(&err, GL_E_BUSY, "port %d is taken", 80), GL_E_BUSY);
    assert_int_equal(err.code, GL_E_BUSY);
    assert_string_equal(err.message, "port 80 is taken");
    assert_null(err.hint);
}

static void a_second_failure_replaces_the_first(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_fail_errno(&err, ENOSPC, "cannot write %s", "x");
    gl_error_at(&err, "golive.yaml", 7, 12);
    assert_non_null(err.hint);
    gl_fail(&err, GL_E_NET, "refused");
    assert_string_equal(err.message, "refused");
    assert_null(err.hint);
    assert_null(err.file);
    assert_int_equal(err.line, 0);
}

static void errno_is_spelled_out_with_a_hint(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_fail_errno(&err, EACCES, "cannot read %s", "/x"), GL_E_IO);
    assert_string_equal(err.message, "cannot read /x: Permission denied");
    assert_non_null(strstr(err.hint, "permissions"));
    gl_fail_errno(&err, ENOENT, "cannot read /x");
    assert_null(err.hint);
}

static void context_hint_and_place_are_added(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_fail(&err, GL_E_CONFIG, "unknown key");
    assert_int_equal(gl_error_wrap(&err, "file %d", 2), GL_E_CONFIG);
    assert_int_equal(gl_error_hint(&err, "did you mean %s?", "mode"), GL_E_CONFIG);
    assert_int_equal(gl_error_hint(&err, "see help"), GL_E_CONFIG);
    assert_int_equal(gl_error_at(&err, "golive.yaml", 7, 12), GL_E_CONFIG);
    assert_string_equal(err.message, "file 2: unknown key");
    assert_string_equal(err.hint, "see help");
    assert_string_equal(err.file, "golive.yaml");
    assert_int_equal(err.line, 7);
    assert_int_equal(err.column, 12);
}

static void moving_leaves_nothing_behind(void **state)
{
    (void)state;
    gl_autoerr struct gl_error to = {0};
    gl_autoerr struct gl_error from = {0};
    gl_fail(&to, GL_E_NET, "old");
    gl_fail(&from, GL_E_BUSY, "new");
    gl_error_move(&to, &from);
    assert_string_equal(to.message, "new");
    assert_null(from.message);
    assert_int_equal(from.code, 0);
    gl_fail(&from, GL_E_BUSY, "dropped");
    gl_error_move(NULL, &from);
    assert_null(from.message);
}

static void nobody_has_to_listen(void **state)
{
    (void)state;
    assert_int_equal(gl_fail(NULL, GL_E_BUSY, "x"), GL_E_BUSY);
    assert_int_equal(gl_fail_errno(NULL, EIO, "x"), GL_E_IO);
    /* `return gl_error_hint(err, ...)` gives the same code whether the text is wanted or not. */
    gl_fail(NULL, GL_E_REFUSED, "x");
    assert_int_equal(gl_error_wrap(NULL, "x"), GL_E_REFUSED);
    assert_int_equal(gl_error_hint(NULL, "x"), GL_E_REFUSED);
    assert_int_equal(gl_error_at(NULL, "f", 1, 1), GL_E_REFUSED);
    gl_fail_errno(NULL, ENOENT, "x");
    assert_int_equal(gl_error_hint(NULL, "x"), GL_E_IO);
    gl_autoerr struct gl_error told = {0};
    gl_fail(&told, GL_E_NET, "x"); /* somebody else's failure is not ours */
    assert_int_equal(gl_error_hint(NULL, "x"), GL_E_IO);
    gl_error_move(NULL, &told);
    assert_int_equal(gl_error_wrap(NULL, "x"), GL_E_NET);
    gl_error_done(NULL);
}

static void every_code_has_its_own_status_and_word(void **state)
{
    (void)state;
#define row(name, status, word)                                                                    \
    assert_int_equal(gl_code_exit_status(name), status);                                           \
    assert_string_equal(gl_code_word(name), word);
    GL_ERROR_TABLE(row)
#undef row
    assert_int_equal(gl_code_exit_status(GL_OK), 0);
    assert_string_equal(gl_code_word(GL_OK), "ok");
    assert_int_equal(gl_code_exit_status(-999), 1);
    assert_string_equal(gl_code_word(-999), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_carries_code_and_message),
        cmocka_unit_test(a_second_failure_replaces_the_first),
        cmocka_unit_test(errno_is_spelled_out_with_a_hint),
        cmocka_unit_test(context_hint_and_place_are_added),
        cmocka_unit_test(moving_leaves_nothing_behind),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(every_code_has_its_own_status_and_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
