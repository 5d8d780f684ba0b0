/* Address ranges. */
#include "infra/cidr.h"

#include "support.h"

static struct gl_cidr range(const char *text)
{
    struct gl_cidr cidr;
    assert_true(gl_cidr_parse(text, &cidr));
    return cidr;
}

static void test_parse(void **state)
{
    (void)state;
    struct gl_cidr cidr;
    static const char *const wrong[] = {"",
                                        "10.0.0.0",
                                        "10.0.0.0/33",
                                        "10.0.0.1/16",
                                        "10.0.0/16",
                                        "10.0.0.0/-1",
                                        "10.0.0.0/ 8",
                                        "x/8",
                                        "10.0.0.0/8x",
                                        "2001:db8::1/32",
                                        "2001:db8::/129"};
    for (size_t i = 0; i < GL_COUNT(wrong); i++)
        assert_false(gl_cidr_parse(wrong[i], &cidr));
    cidr = range("10.0.0.0/8");
    assert_int_equal(cidr.bits, 8);
    assert_int_equal(cidr.width, 32);
    assert_int_equal(range("2001:db8::/32").width, 128);
    assert_int_equal(range("0.0.0.0/0").bits, 0);
}

static void test_relations(void **state)
{
    (void)state;
    struct gl_cidr outer = range("10.0.0.0/16");
    struct gl_cidr inner = range("10.0.255.0/24");
    struct gl_cidr other = range("10.1.0.0/16");
    struct gl_cidr six = range("::/0");
    assert_true(gl_cidr_contains(&outer, &inner));
    assert_false(gl_cidr_contains(&inner, &outer));
    assert_true(gl_cidr_overlaps(&inner, &outer));
    assert_false(gl_cidr_overlaps(&outer, &other));
    assert_false(gl_cidr_overlaps(&outer, &six));
    assert_int_equal(gl_cidr_addresses(&outer), 65536);
    assert_int_equal(gl_cidr_addresses(&six), SIZE_MAX / 2);
}

static void test_subnets(void **state)
{
    (void)state;
    struct gl_cidr vpc = range("10.0.0.0/16");
    struct gl_cidr subnet;
    char text[GL_CIDR_TEXT_SIZE];
    assert_true(gl_cidr_subnet(&vpc, 24, 255, &subnet));
    gl_cidr_format(&subnet, text);
    assert_string_equal(text, "10.0.255.0/24");
    assert_false(gl_cidr_subnet(&vpc, 24, 256, &subnet));
    assert_false(gl_cidr_subnet(&vpc, 15, 0, &subnet));
    assert_false(gl_cidr_subnet(&vpc, 33, 0, &subnet));
    struct gl_cidr six = range("2001:db8::/56");
    assert_true(gl_cidr_subnet(&six, 64, 3, &subnet));
    gl_cidr_format(&subnet, text);
    assert_string_equal(text, "2001:db8:0:3::/64");
    struct gl_cidr all = range("0.0.0.0/0");
    assert_true(gl_cidr_subnet(&all, 32, 4294967295U, &subnet));
    gl_cidr_format(&subnet, text);
    assert_string_equal(text, "255.255.255.255/32");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_relations),
        cmocka_unit_test(test_subnets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
