/* Addresses of git remotes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "github/remote.h"

static void addresses_of_repositories_are_read(void **state)
{
    (void)state;

    static const struct {
        const char *url, *host, *repo;
    } good[] = {
        {"https://github.com/acme/glanceflow.git",                 "github.com",         "acme/glanceflow" },
        {"https://github.com/acme/glanceflow",                     "github.com",         "acme/glanceflow" },
        {"https://github.com/acme/glanceflow/",                    "github.com",         "acme/glanceflow" },
        {"https://me:pass%40word@GitHub.com/acme/glanceflow.git/", "github.com",         "acme/glanceflow" },
        {"https://a@b@github.com/acme/glanceflow",                 "github.com",         "acme/glanceflow" },
        {"HTTPS://www.github.com/acme/.github",                    "github.com",         "acme/.github"    },
        {"git@github.com:acme/glanceflow.git",                     "github.com",         "acme/glanceflow" },
        {"git@github.com:/acme/glance.flow",                       "github.com",         "acme/glance.flow"},
        {"github-work:acme/glanceflow.git",                        "github-work",        "acme/glanceflow" },
        {"ssh://git@github.com/acme/glanceflow.git",               "github.com",         "acme/glanceflow" },
        {"ssh://git@ssh.github.com:443/acme/glanceflow.git",       "github.com",         "acme/glanceflow" },
        {"ssh://github.example.org:2222/acme/glanceflow",          "github.example.org", "acme/glanceflow" },
        {"git://github.com/acme/git.git",                          "github.com",         "acme/git"        },
        {"git+ssh://git@github.com/acme/git",                      "github.com",         "acme/git"        },
    };

    for (size_t i = 0; i < GL_COUNT(good); i++) {
        gl_autofree char *host = NULL;
        gl_autofree char *repo = NULL;
        if (!gl_github_remote_parse(good[i].url, &host, &repo))
            fail_msg("%s was not read", good[i].url);
        assert_string_equal(host, good[i].host);
        assert_string_equal(repo, good[i].repo);
    }
}

static void anything_else_is_refused(void **state)
{
    (void)state;

    static const char *const bad[] = {
        "",
        "/",
        ":",
        "@",
        "/srv/git/acme/glanceflow.git",
        "../glanceflow",
        "file:///srv/git/glanceflow",
        "https://github.com",
        "https://github.com/",
        "https://github.com/acme",
        "https://github.com/acme/",
        "https://github.com/acme/..",
        "https://github.com/./glanceflow",
        "https://github.com/acme/.git",
        "https://github.com/acme/glanceflow/tree/main",
        "https://github.com/acme/glance flow",
        "https://github.com/acme/glanceflow?x=1",
        "https://github.com:x/acme/glanceflow",
        "https:///acme/glanceflow",
        "https://-oProxyCommand=x/acme/glanceflow",
        "git@github.com:acme",
        "git@github.com/acme/glanceflow",
        "git@github.com:acme/glanceflow\n.git",
        "ftp://github.com/acme/glanceflow",
    };

    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        char *host = NULL;
        char *repo = NULL;
        if (gl_github_remote_parse(bad[i], &host, &repo))
            fail_msg("%s was read as %s of %s", bad[i], repo, host);
        assert_null(host);
        assert_null(repo);
    }
}

static void names_of_repositories_are_told_from_others(void **state)
{
    (void)state;
    char longest[128] = "acme/";
    memset(longest + 5, 'a', 100);
    assert_true(gl_github_is_repo(longest));
    longest[105] = 'a';
    assert_false(gl_github_is_repo(longest));
    assert_true(gl_github_is_repo("a/b"));
    assert_false(gl_github_is_repo("a"));
    assert_false(gl_github_is_repo("a/"));
    assert_false(gl_github_is_repo("a/b/c"));
    assert_false(gl_github_is_repo("a/b?c"));
    assert_false(gl_github_is_repo("a/../b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_repositories_are_read),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(names_of_repositories_are_told_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
