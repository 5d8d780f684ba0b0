/* Which frontends need packages at run time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "release/pages.h"

static void test_packages(void **state)
{
    static const struct {
        const char *package;
        bool needs;
    } cases[] = {
        {"{}",                                                                    false},
        {"{\"dependencies\": {}, \"devDependencies\": {\"vite\": \"^5\"}}",       false},
        {"{\"devDependencies\": {\"@sveltejs/adapter-node\": \"^5\"}}",           false},
        {"{\"dependencies\": {\"pg\": \"^8\"}}",                                  true },
        {"{\"optionalDependencies\": {\"bufferutil\": \"^4\"}}",                  true },
        {"{\"dependencies\": [\"no object\"], \"peerDependencies\": {\"a\": 1}}", false},
        {"[]",                                                                    false},
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autojson json_t *package = NULL;
        const char *text = cases[i].package;
        assert_int_equal(gl_json_parse(text, strlen(text), "package.json", &package, NULL), 0);
        assert_int_equal(gl_pages_has_packages(package), cases[i].needs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_packages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
