/* What the shared files say and where they are wrong. tests/aws/credentials/test_profiles.py
 * compares the grammar with botocore's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "aws/profile_internal.h"

static struct gl_aws_profiles *parse(const char *config, const char *credentials)
{
    struct gl_aws_profiles *files = NULL;
    gl_autoerr struct gl_error err = {0};
    if (gl_aws_profiles_parse(config, "config", credentials, "credentials", &files, &err) < 0)
        fail_msg("%s", err.message);
    return files;
}

static const struct gl_aws_profile *find(const struct gl_aws_profiles *files, const char *name)
{
    const struct gl_aws_profile *found = gl_aws_profiles_find(files, GL_AWS_PROFILE, name);
    assert_non_null(found);
    return found;
}

static void the_credentials_file_wins_key_by_key(void **state)
{
    (void)state;
    gl_autoprofiles struct gl_aws_profiles *files =
        parse("[profile a]\nregion = r\naws_access_key_id = config\ns3 =\n  x = 1\n",
              "[a]\naws_access_key_id = credentials\n");
    const struct gl_aws_profile *profile = find(files, "a");
    assert_string_equal(gl_aws_profile_get(profile, "region"), "r");
    assert_string_equal(gl_aws_profile_get(profile, "aws_access_key_id"), "credentials");
    assert_string_equal(gl_aws_profile_get_from(profile, GL_AWS_FILE_CONFIG, "aws_access_key_id"),
                        "config");
    assert_string_equal(gl_aws_profile_nested(profile, "s3", "x"), "1");
    assert_null(gl_aws_profile_nested(profile, "s3", "y"));
    assert_null(gl_aws_profile_nested(profile, "region", "x"));
    assert_null(gl_aws_profile_get(profile, "x"));
    assert_null(gl_aws_profile_get(NULL, "region"));
    assert_ptr_equal(gl_aws_profile_files(profile), files);
}

static void kinds_of_sections_do_not_mix(void **state)
{
    (void)state;
    gl_autoprofiles struct gl_aws_profiles *files =
        parse("[profile a]\nk = profile\n[sso-session a]\nk = session\n[services a]\nk = services\n"
              "[a]\nk = nothing\n",
              NULL);
    static const char *const words[] = {
        [GL_AWS_PROFILE] = "profile",
        [GL_AWS_SSO_SESSION] = "session",
        [GL_AWS_SERVICES] = "services",
    };
    for (enum gl_aws_section kind = GL_AWS_PROFILE; kind <= GL_AWS_SERVICES; kind++)
        assert_string_equal(gl_aws_profile_get(gl_aws_profiles_find(files, kind, "a"), "k"),
                            words[kind]);
    assert_null(gl_aws_profiles_find(files, GL_AWS_PROFILE, "b"));
}

static void a_prefixed_default_wins(void **state)
{
    (void)state;
    static const char *const orders[] = {
        "[default]\na = wrong\nb = wrong\n[profile default]\na = right\n",
        "[profile default]\na = right\n[default]\na = wrong\nb = wrong\n",
    };
    for (size_t i = 0; i < GL_COUNT(orders); i++) {
        gl_autoprofiles struct gl_aws_profiles *files = parse(orders[i], NULL);
        const struct gl_aws_profile *profile = find(files, "default");
        assert_string_equal(gl_aws_profile_get(profile, "a"), "right");
        assert_null(gl_aws_profile_get(profile, "b"));
    }
}

static void mistakes_have_a_place_and_show_no_secret(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        unsigned line;
        const char *message;
    } cases[] = {
        {"\n\nk = v\n",                                        3, "[section]"        },
        {"[default]\nk = 1\n\n[default]\n",                    4, "second time"      },
        {"[default]\nk = 1\n# c\nK = 2\n",                     4, "second time"      },
        {"[default]\naws_secret_access_key SECRET\n",          2, "neither"          },
        {"[default]\ns3 =\n  a = 1\n  SECRET\n",               4, "below s3"         },
        {"[default]\n= SECRET\n",                              2, "neither"          },
        {"[default]\nk = 1\n[default",                         3, "neither"          },
        {"[profile default]\na = 1\n[profile default]\na = 1", 3, "[profile default]"},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoprofiles struct gl_aws_profiles *files = NULL;
        gl_autoerr struct gl_error err = {0};
        assert_int_equal(
            gl_aws_profiles_parse(cases[i].text, "config", NULL, "credentials", &files, &err),
            GL_E_CONFIG);
        assert_null(files);
        assert_string_equal(err.file, "config");
        assert_int_equal(err.line, cases[i].line);
        assert_non_null(strstr(err.message, cases[i].message));
        assert_null(strstr(err.message, "SECRET"));
    }
}

static void errors_point_at_keys(void **state)
{
    (void)state;
    gl_autoprofiles struct gl_aws_profiles *files =
        parse("[profile a]\n\nregion = r\n[profile b]\nk = v\n", "[a]\nkey = 1\n[c]\nk = v\n");

    static const struct {
        const char *profile;
        const char *key;
        const char *file;
        unsigned line;
    } cases[] = {
        {"a", "region", "config",      3},
        {"a", "key",    "credentials", 2},
        {"a", "other",  "config",      1},
        {"b", NULL,     "config",      4},
        {"c", NULL,     "credentials", 3},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_fail(&err, GL_E_CONFIG, "x");
        assert_int_equal(gl_aws_profile_error_at(find(files, cases[i].profile), cases[i].key, &err),
                         GL_E_CONFIG);
        assert_string_equal(err.file, cases[i].file);
        assert_int_equal(err.line, cases[i].line);
    }
}

static void a_missing_profile_names_the_nearest(void **state)
{
    (void)state;
    gl_autoprofiles struct gl_aws_profiles *files =
        parse("[profile production]\nk = v\n[dev]\nk = v\n", NULL);

    static const struct {
        const char *name;
        const char *hint;
    } cases[] = {
        {"prodution", "did you mean \"production\""},
        {"dev",       "[profile dev]"              },
        {"zzzzzzzz",  "aws configure sso"          },
    };
    const struct gl_aws_profile *profile = NULL;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        assert_int_equal(gl_aws_profiles_need(files, cases[i].name, &profile, &err), GL_E_CONFIG);
        assert_non_null(strstr(err.message, cases[i].name));
        assert_non_null(strstr(err.hint, cases[i].hint));
    }
    assert_int_equal(gl_aws_profiles_need(files, "default", &profile, NULL), 0);
    assert_null(profile);
}

static void words_are_split_as_a_shell_does(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        const char *joined; /* by '|'; NULL = refused */
    } cases[] = {
        {"a b\t c",              "a|b|c"       },
        {"'a b' \"c d\"",        "a b|c d"     },
        {"a'b'\"c\"d",           "abcd"        },
        {"a\\ b \"x\\\"y\"",     "a b|x\"y"    },
        {"'a\\b' \"a\\b\" \\\\", "a\\b|a\\b|\\"},
        {"\"\" ''",              "|"           },
        {"",                     ""            },
        {"'open",                NULL          },
        {"\"open",               NULL          },
        {"end\\",                NULL          },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autostrv struct gl_strv words = {0};
        bool split = gl_aws_split_words(cases[i].text, &words);
        assert_int_equal(split, cases[i].joined != NULL);
        gl_autofree char *joined = gl_strv_join(&words, "|");
        if (split)
            assert_string_equal(joined, cases[i].joined);
    }
}

static void regions_come_from_the_nearest_place(void **state)
{
    (void)state;
    gl_autoprofiles struct gl_aws_profiles *files = parse("[default]\nregion = file\n", NULL);
    const struct gl_aws_profile *profile = find(files, "default");
    unsetenv("AWS_REGION");
    unsetenv("AWS_DEFAULT_REGION");
    assert_string_equal(gl_aws_region(profile), "file");
    assert_null(gl_aws_region(NULL));
    setenv("AWS_DEFAULT_REGION", "default", 1);
    assert_string_equal(gl_aws_region(profile), "default");
    setenv("AWS_REGION", "region", 1);
    assert_string_equal(gl_aws_region(profile), "region");
    setenv("AWS_REGION", "", 1);
    assert_string_equal(gl_aws_region(profile), "default");
    unsetenv("AWS_REGION");
    unsetenv("AWS_DEFAULT_REGION");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_credentials_file_wins_key_by_key),
        cmocka_unit_test(kinds_of_sections_do_not_mix),
        cmocka_unit_test(a_prefixed_default_wins),
        cmocka_unit_test(mistakes_have_a_place_and_show_no_secret),
        cmocka_unit_test(errors_point_at_keys),
        cmocka_unit_test(a_missing_profile_names_the_nearest),
        cmocka_unit_test(words_are_split_as_a_shell_does),
        cmocka_unit_test(regions_come_from_the_nearest_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
