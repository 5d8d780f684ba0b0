/* What a page loads, as far as it is written as a literal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "release/references.h"

static char *found_in(const char *text, const char *type, const char *path)
{
    gl_autostrv struct gl_strv paths = {0};
    gl_references_find(text, strlen(text), type, path, &paths);
    return gl_strv_join(&paths, " ");
}

static void assert_found(const char *text, const char *type, const char *path, const char *expected)
{
    gl_autofree char *found = found_in(text, type, path);
    assert_string_equal(found, expected);
}

static void markup_names_scripts_styles_and_icons(void **state)
{
    (void)state;
    assert_found("<link href=\"/a.css\"><script src='b.js'></script><img src=\"../c.png\">",
                 "text/html", "/docs/x/index.html", "/a.css /docs/x/b.js /docs/c.png");
}

static void inline_imports_of_a_page_count(void **state)
{
    (void)state;
    assert_found("<script>import(\"./_app/immutable/entry/start.Ab1.js\")</script>",
                 "text/html; charset=utf-8", "/", "/_app/immutable/entry/start.Ab1.js");
}

static void scripts_name_only_relative_and_absolute_paths(void **state)
{
    (void)state;
    assert_found("import{a}from\"../chunks/x.js\";const s=\"just.js\";import('/y.js')",
                 "text/javascript", "/_app/nodes/0.js", "/_app/chunks/x.js /y.js");
}

static void style_sheets_name_fonts(void **state)
{
    (void)state;
    assert_found("@font-face{src:url(font.woff2)} a{b:url(\"/i.svg?x=1#y\")}", "text/css",
                 "/assets/a.css", "/assets/font.woff2 /i.svg");
}

static void other_origins_data_and_pages_do_not_count(void **state)
{
    (void)state;
    assert_found("<a href=\"/login\"></a><script src=\"https://x.org/a.js\"></script>"
                 "<script src=\"//x.org/b.js\"></script><img src=\"data:image/png;base64,AA.png\">",
                 "text/html", "/", "");
}

static void each_is_named_once_and_dots_never_leave_the_root(void **state)
{
    (void)state;
    assert_found("\"/a.js\" \"/a.js\" \"../../../a.js\"", "text/html", "/x/y", "/a.js");
}

static void text_that_is_no_page_names_nothing(void **state)
{
    (void)state;
    assert_found("\"/a.js\"", "application/json", "/", "");
    assert_found("\"/unclosed.js", "text/html", "/", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_names_scripts_styles_and_icons),
        cmocka_unit_test(inline_imports_of_a_page_count),
        cmocka_unit_test(scripts_name_only_relative_and_absolute_paths),
        cmocka_unit_test(style_sheets_name_fonts),
        cmocka_unit_test(other_origins_data_and_pages_do_not_count),
        cmocka_unit_test(each_is_named_once_and_dots_never_leave_the_root),
        cmocka_unit_test(text_that_is_no_page_names_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
