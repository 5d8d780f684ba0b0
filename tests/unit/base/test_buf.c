/* The growing buffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

static void empty_buffer_reads_as_empty_text(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf buf = {0};
    assert_string_equal(gl_buf_text(&buf), "");
}

static void added_parts_stand_in_order(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf buf = {0};
    gl_buf_puts(&buf, "one");
    gl_buf_putc(&buf, ' ');
    gl_buf_printf(&buf, "%d", 2);
    gl_buf_add(&buf, "\0x", 2);
    assert_int_equal(buf.len, 7);
    assert_memory_equal(buf.data, "one 2\0x", 7);
}

static void consume_drops_from_the_front_and_never_more_than_there_is(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf buf = {0};
    gl_buf_puts(&buf, "abcdef");
    gl_buf_consume(&buf, 2);
    assert_string_equal(gl_buf_text(&buf), "cdef");
    gl_buf_consume(&buf, 100);
    assert_int_equal(buf.len, 0);
}

static void steal_hands_the_text_over(void **state)
{
    (void)state;
    struct gl_buf buf = {0};
    gl_buf_puts(&buf, "mine");
    gl_autofree char *text = gl_buf_steal(&buf);
    assert_string_equal(text, "mine");
    assert_null(buf.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_buffer_reads_as_empty_text),
        cmocka_unit_test(added_parts_stand_in_order),
        cmocka_unit_test(consume_drops_from_the_front_and_never_more_than_there_is),
        cmocka_unit_test(steal_hands_the_text_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
