/* Paths as URI references: relative inside of the root, file:/// outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/uri.h"

static const struct {
    const char *root;
    const char *path;
    const char *uri;
} samples[] = {
    {"/usr", "a.sql",                   "a.sql"                        },
    {"/usr", "./m//a b.sql",            "m/a%20b.sql"                  },
    {"/usr", "m/../b.sql",              "b.sql"                        },
    {"/usr", "/usr/m/1_a.sql",          "m/1_a.sql"                    },
    {"/usr", "/usr2/1_a.sql",           "file:///usr2/1_a.sql"         },
    {"/usr", "../tmp/x.sql",            "file:///tmp/x.sql"            },
    {"/usr", "../../../x.sql",          "file:///x.sql"                },
    {"/usr", "/tmp/\xE8\xA9\xA6#1.sql", "file:///tmp/%E8%A9%A6%231.sql"},
    {"/usr", "c:d?e.sql",               "c%3Ad%3Fe.sql"                },
    {"/",    "/etc/x.sql",              "etc/x.sql"                    },
    {"/usr", "/usr",                    "file:///usr"                  },
};

static void paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(samples); i++) {
        gl_autofree char *uri = gl_uri_of_path(samples[i].root, samples[i].path);
        assert_string_equal(uri, samples[i].uri);
        assert_int_equal(gl_uri_is_relative(uri), strncmp(samples[i].uri, "file:", 5) != 0);
    }
}

static void without_a_root_it_is_the_current_directory(void **state)
{
    (void)state;
    assert_int_equal(chdir("/usr"), 0);
    gl_autofree char *inside = gl_uri_of_path(NULL, "/usr/m/a.sql");
    gl_autofree char *outside = gl_uri_of_path(NULL, "/m/a.sql");
    assert_string_equal(inside, "m/a.sql");
    assert_string_equal(outside, "file:///m/a.sql");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(without_a_root_it_is_the_current_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
