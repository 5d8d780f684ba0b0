/* Addresses of git remotes. */
#include "github/remote.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/strv.h"

enum {
    HOST_MAX = 253, /* RFC 1035, 2.3.4 */
    PART_MAX = 100, /* GitHub's own limit for a repository's name */
};

static const char part_chars[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
static const char host_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

static bool is_part(const char *text, size_t len)
{
    bool only_dots = (len == 1 && *text == '.') || (len == 2 && memcmp(text, "..", 2) == 0);
    return len > 0 && len <= PART_MAX && !only_dots && strspn(text, part_chars) >= len;
}

bool gl_github_is_repo(const char *text)
{
    const char *slash = strchr(text, '/');
    return slash && is_part(text, (size_t)(slash - text)) && is_part(slash + 1, strlen(slash + 1));
}

static bool is_host(const char *text, size_t len)
{
    return len > 0 && len <= HOST_MAX && *text != '-' && strspn(text, host_chars) >= len;
}

static char *host_name(const char *text, size_t len)
{
    char *host = gl_strndup(text, len);
    for (char *at = host; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    /* https://docs.github.com/authentication/troubleshooting-ssh/using-ssh-over-the-https-port */
    if (strcmp(host, "ssh.github.com") == 0 || strcmp(host, "www.github.com") == 0)
        memmove(host, "github.com", sizeof "github.com");
    return host;
}

/* "OWNER/NAME", without the slashes around and ".git"; NULL if it is not that. */
static char *repo_of(const char *path)
{
    path += strspn(path, "/");
    gl_autofree char *repo = gl_strdup(path);
    size_t len = strlen(repo);
    while (len && repo[len - 1] == '/')
        repo[--len] = '\0';
    if (len > 4 && strcmp(repo + len - 4, ".git") == 0)
        repo[len - 4] = '\0';
    return gl_github_is_repo(repo) ? gl_steal(&repo) : NULL;
}

/* Where the path begins behind "HOST", "HOST:PORT" (of a URL) or "HOST:" (of scp's form). */
static const char *path_behind(const char *host, size_t len, bool is_url)
{
    const char *at = host + len;
    if (!is_url)
        return *at == ':' ? at + 1 : NULL;
    if (*at == ':')
        at += 1 + strspn(at + 1, "0123456789");
    return *at == '/' ? at : NULL;
}

static const char *behind_scheme(const char *url)
{
    static const char *const schemes[] = {"https://", "http://", "ssh://", "git://", "git+ssh://"};
    for (size_t i = 0; i < GL_COUNT(schemes); i++) {
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
            return url + strlen(schemes[i]);
    }
    return NULL;
}

bool gl_github_remote_parse(const char *url, char **ret_host, char **ret_repo)
{
    const char *rest = behind_scheme(url);
    bool is_url = rest != NULL;
    const char *host = is_url ? rest : url;
    size_t authority = strcspn(host, "/");
    const char *at = memrchr(host, '@', authority);
    if (at)
        host = at + 1;
    size_t len = strcspn(host, ":/");
    const char *path = is_host(host, len) ? path_behind(host, len, is_url) : NULL;
    char *repo = path ? repo_of(path) : NULL;
    if (!repo)
        return false;
    *ret_host = host_name(host, len);
    *ret_repo = repo;
    return true;
}
