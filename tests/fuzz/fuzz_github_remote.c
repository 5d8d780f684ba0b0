/* The address of a git remote, and the header Link: one from whoever made the clone, the other from
 * whoever answers. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "github/link.h"
#include "github/remote.h"

static const char api[] = "https://api.github.com";

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_remote(const char *text)
{
    gl_autofree char *host = NULL;
    gl_autofree char *repo = NULL;
    if (!gl_github_remote_parse(text, &host, &repo))
        return;
    if (!gl_github_is_repo(repo) || !*host || strpbrk(host, "@/: \r\n") || *host == '-')
        abort();
}

/* Wherever it leads, the token goes. */
static void check_link(const char *text)
{
    gl_autofree char *next = gl_github_link_next(text, api);
    if (!next)
        return;
    if (strncmp(next, api, sizeof api - 1) != 0 || next[sizeof api - 1] != '/' ||
        strpbrk(next, " \t\r\n<>") || !strstr(text, next))
        abort();
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *text = gl_strndup(size ? (const char *)data : "", size);
    check_remote(text);
    check_link(text);
    return 0;
}
