/* The part of TOML that cargo's files use. */
#include "support.h"

#include "base/buf.h"
#include "facts/repo.h"

static void add(const char *path, const char *value, unsigned line, void *context)
{
    gl_buf_printf(context, "%u %s=%s\n", line, path, value);
}

static void check(const char *text, const char *expected)
{
    gl_autobuf struct gl_buf found = {0};
    gl_toml_read(text, add, &found);
    assert_string_equal(gl_buf_text(&found), expected);
}

static void keys_and_tables(void **state)
{
    (void)state;
    check(
        "a = 1\n[package]\nname = \"demo\" # text\nedition='2021'\n[profile.release]\nlto = true\n",
        "1 a=1\n3 package.name=demo\n4 package.edition=2021\n6 profile.release.lto=true\n");
}

static void arrays_of_tables(void **state)
{
    (void)state;
    check("[[package]]\nname = \"a\"\n[[package]]\nname = \"b\"\n[[patch]]\nname = \"c\"\n",
          "2 package[0].name=a\n4 package[1].name=b\n6 patch[0].name=c\n");
}

static void arrays_over_lines(void **state)
{
    (void)state;
    check("ignore = [\n  \"A-1\", # why\n  'B-2',\n]\nafter = \"x\"\n",
          "2 ignore[0]=A-1\n3 ignore[1]=B-2\n5 after=x\n");
}

static void quotes(void **state)
{
    (void)state;
    check("\"a b\" = \"c \\\" d\"\n'e' = 'f\\'\n", "1 a b=c \\\" d\n2 e=f\\\n");
}

/* What is skipped takes nothing else with it. */
static void what_is_not_known(void **state)
{
    (void)state;
    check("a = {b = 1}\nc = 2\n= 3\nd\n[\ne = 4\n", "2 c=2\n6 .e=4\n");
    check("a = [\"never closed\n", "1 a[0]=never closed\n");
    check("a = \"never closed\nb = 1\n", "1 a=never closed\n2 b=1\n");
    check("a = \"\\", "1 a=\\\n");
    check("", "");
}

static void windows_lines(void **state)
{
    (void)state;
    check("[a]\r\nb = \"c\"\r\nd = 5\r\n", "2 a.b=c\n3 a.d=5\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_tables),   cmocka_unit_test(arrays_of_tables),
        cmocka_unit_test(arrays_over_lines), cmocka_unit_test(quotes),
        cmocka_unit_test(what_is_not_known), cmocka_unit_test(windows_lines),
    };
    return cmocka_run_group_tests_name("facts/toml", tests, NULL, NULL);
}
