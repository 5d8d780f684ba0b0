/* What a destructor leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"

/* The number may belong to another thread by then. */
static void closing_twice_spares_whoever_has_the_number_now(void **state)
{
    (void)state;
    int first = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int number = first;
    assert_true(first >= 0);
    gl_close_fd(&first);
    gl_autoclose int second = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(second, number);
    gl_close_fd(&first);
    assert_true(fcntl(second, F_GETFD) >= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closing_twice_spares_whoever_has_the_number_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
