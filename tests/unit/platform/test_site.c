/* The frontend on AWS, as far as it needs no account: names, types, manifest, record, what
 * CloudFront is told to forget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/aws/site.h"

static const char one_file[] =
    "{\"golive\":1,\"release\":7,\"files\":[{\"path\":\"about.html\",\"type\":\"text/html\","
    "\"size\":3,\"sha256\":\"55801ea9a06320ae201a1c6f4a7b2b00717af5a365d80507ebbe9ff18bad13a8\","
    "\"md5\":\"76157d63159107e11092fbc5a4c1d5c8\",\"cache\":\"revalidate\"}]}";

static void types_by_ending(void **state)
{
    (void)state;

    static const struct {
        const char *path, *type;
    } rows[] = {
        {"index.html",             "text/html; charset=utf-8"       },
        {"a/B.HTML",               "text/html; charset=utf-8"       },
        {"_app/immutable/x.a1.js", "text/javascript; charset=utf-8" },
        {"x.js.map",               "application/json; charset=utf-8"},
        {"x.svg",                  "image/svg+xml; charset=utf-8"   },
        {"x.woff2",                "font/woff2"                     },
        {"a.html/plain",           "application/octet-stream"       },
        {"LICENSE",                "application/octet-stream"       },
        {"x.",                     "application/octet-stream"       },
    };

    for (size_t i = 0; i < GL_COUNT(rows); i++)
        assert_string_equal(gl_site_type(rows[i].path), rows[i].type);
}

static void names_that_can_be_served(void **state)
{
    (void)state;
    char longest[1026];
    memset(longest, 'x', sizeof longest);
    longest[1025] = '\0';
    static const char *const good[] = {"a", "a/b.html", "ü x.html", ".well-known/x", "..a/b"};
    const char *const bad[] = {"",     "/a",   "a//b", "a/",        "..",    "a/../b", "./a",
                               "a\nb", "\x7f", "\xff", "_golive/x", longest, "a/."};
    for (size_t i = 0; i < GL_COUNT(good); i++)
        assert_true(gl_site_path_valid(good[i]));
    for (size_t i = 0; i < GL_COUNT(bad); i++)
        assert_false(gl_site_path_valid(bad[i]));
    assert_true(gl_site_path_valid(longest + 1));
}

static int parse(const char *text, struct gl_site_manifest *ret_manifest)
{
    gl_autoerr struct gl_error err = {0};
    int failed = gl_site_manifest_parse(text, strlen(text), "manifest", 7, ret_manifest, &err);
    assert_true(failed == 0 || strstr(err.message, "manifest"));
    return failed;
}

/* `text` with its one occurrence of `from` replaced. The caller owns it. */
static char *with(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    return gl_asprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void manifests_are_read_with_suspicion(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        {"\"golive\":1",  "\"golive\":2"            },
        {"\"release\":7", "\"release\":8"           },
        {"\"files\":[",   "\"other\":["             },
        {"about.html",    "../about.html"           },
        {"about.html",    "_golive/current.json"    },
        {"text/html",     "text/html\\r\\nX-Evil: 1"},
        {"text/html",     ""                        },
        {"\"size\":3",    "\"size\":-3"             },
        {"55801ea",       "55801EA"                 },
        {"76157d63",      "76157d6"                 },
        {"revalidate",    "forever"                 },
    };
    gl_autositemanifest struct gl_site_manifest manifest = {0};
    assert_int_equal(parse(one_file, &manifest), 0);
    assert_int_equal(manifest.count, 1);
    assert_false(manifest.files[0].immutable);
    for (size_t i = 0; i < GL_COUNT(changes); i++) {
        gl_autofree char *text = with(one_file, changes[i][0], changes[i][1]);
        struct gl_site_manifest untouched = {0};
        assert_int_equal(parse(text, &untouched), GL_E_CORRUPT);
        assert_null(untouched.files);
    }
}

static void manifest_finds_its_files(void **state)
{
    (void)state;
    gl_autositemanifest struct gl_site_manifest manifest = {.release = 7};
    static const char *const paths[] = {"a", "b/a", "b/c", "index.html", "z"};
    assert_null(gl_site_manifest_find(&manifest, "a"));
    for (size_t i = 0; i < GL_COUNT(paths); i++) {
        struct gl_site_file file = {.path = gl_strdup(paths[i]), .type = gl_strdup("text/css")};
        memset(file.sha256, 'a', GL_SHA256_HEX_SIZE - 1);
        memset(file.md5, 'b', GL_MD5_HEX_SIZE - 1);
        file.immutable = i % 2;
        gl_site_manifest_add(&manifest, &file);
    }
    gl_autofree char *text = gl_site_manifest_text(&manifest);
    gl_autositemanifest struct gl_site_manifest again = {0};
    assert_int_equal(parse(text, &again), 0);
    for (size_t i = 0; i < GL_COUNT(paths); i++) {
        const struct gl_site_file *file = gl_site_manifest_find(&again, paths[i]);
        assert_non_null(file);
        assert_int_equal(file->immutable, i % 2);
    }
    assert_null(gl_site_manifest_find(&again, "b"));
    gl_autofree char *unordered = with(text, "\"b/a\"", "\"c\"");
    struct gl_site_manifest untouched = {0};
    assert_int_equal(parse(unordered, &untouched), GL_E_CORRUPT);
}

static void records_survive(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autositerecord struct gl_site_record record = {.release = 3, .switching = true};
    gl_autositerecord struct gl_site_record again = {0};
    gl_strv_add(&record.stale, "/about");
    record.reference = gl_strdup("r");
    gl_autofree char *text = gl_site_record_text(&record);
    assert_int_equal(gl_site_record_parse(text, strlen(text), "record", &again, &err), 0);
    assert_int_equal(again.release, 3);
    assert_true(again.switching);
    assert_int_equal(again.next, 0);
    assert_string_equal(again.stale.items[0], "/about");
    static const char *const wrong[][2] = {
        {"\"golive\":1",        "\"golive\":0"   },
        {"\"next\":0",          "\"next\":-1"    },
        {"\"next\":0",          "\"next\":\"x\"" },
        {"\"release\":3",       "\"release\":-3" },
        {"\"/about\"",          "\"about\""      },
        {"\"/about\"",          "5"              },
        {"\"reference\":\"r\"", "\"reference\":1"},
    };
    for (size_t i = 0; i < GL_COUNT(wrong); i++) {
        gl_autofree char *other = with(text, wrong[i][0], wrong[i][1]);
        struct gl_site_record untouched = {0};
        assert_int_equal(gl_site_record_parse(other, strlen(other), "record", &untouched, &err),
                         GL_E_CORRUPT);
    }
}

static void expect_stale(const char *const *files, size_t count, const char *expected)
{
    gl_autostrv struct gl_strv paths = {0};
    for (size_t i = 0; i < count; i++)
        gl_site_stale_add(&paths, files[i]);
    gl_site_stale_settle(&paths);
    gl_autofree char *joined = gl_strv_join(&paths, " ");
    assert_string_equal(joined, expected);
}

static void what_cloudfront_forgets(void **state)
{
    (void)state;
    static const char *const files[] = {"index.html", "about.html", "about.html", "a/index.html",
                                        "x y*.css"};
    expect_stale(files, GL_COUNT(files),
                 "/ /a/ /a/index.html /about /about.html /index.html /x%20y%2A.css");
    expect_stale(NULL, 0, "");
}

/* The last count that is named one by one, and the first that is not. */
static void many_paths_become_all(void **state)
{
    (void)state;
    char names[31][8];
    const char *files[31];
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        (void)snprintf(names[i], sizeof names[i], "%02zu", i);
        files[i] = names[i];
    }
    gl_autostrv struct gl_strv paths = {0};
    for (size_t i = 0; i < 30; i++)
        gl_site_stale_add(&paths, files[i]);
    gl_site_stale_settle(&paths);
    assert_int_equal(paths.count, 30);
    expect_stale(files, 31, "/*");
    gl_strv_add(&paths, "/*");
    gl_site_stale_settle(&paths);
    assert_int_equal(paths.count, 1);
}

static void only_completed_is_done(void **state)
{
    static const struct {
        const char *status;
        int result;
        bool done;
    } cases[] = {
        {"InProgress", 0,             false},
        {"Completed",  0,             true },
        {"completed",  GL_E_MISMATCH, false},
        {"Failed",     GL_E_MISMATCH, false},
        {"",           GL_E_MISMATCH, false},
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        bool done = false;
        assert_int_equal(gl_site_invalidation_judge(cases[i].status, &done, &err), cases[i].result);
        assert_int_equal(done, cases[i].done);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_by_ending),
        cmocka_unit_test(names_that_can_be_served),
        cmocka_unit_test(manifests_are_read_with_suspicion),
        cmocka_unit_test(manifest_finds_its_files),
        cmocka_unit_test(records_survive),
        cmocka_unit_test(what_cloudfront_forgets),
        cmocka_unit_test(many_paths_become_all),
        cmocka_unit_test(only_completed_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
