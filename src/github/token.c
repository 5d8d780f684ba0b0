/* Where the token is from: the places that GitHub's own program looks at, in its order
 * (https://cli.github.com/manual/gh_help_environment). */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "github/client.h"
#include "proc/proc.h"

enum { GH_TIMEOUT_MS = 10000 };

/* It becomes a header: one line of visible characters. */
static bool is_token(const char *text)
{
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
            return false;
    }
    return *text != '\0';
}

static int from_environment(char **ret_token, char **ret_source, struct gl_error *err)
{
    static const char *const names[] = {"GH_TOKEN", "GITHUB_TOKEN"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        const char *value = getenv(names[i]);
        if (!value || !*value)
            continue;
        gl_secret_add(value);
        if (!is_token(value))
            return gl_fail(err, GL_E_CONFIG, _("%s is no token: it has spaces or line ends"),
                           names[i]);
        *ret_token = gl_strdup(value);
        *ret_source = gl_strdup(names[i]);
        return 1;
    }
    return 0;
}

/* gh knows hosts, not addresses of APIs. */
static char *gh_host(const char *api)
{
    const char *host = strstr(api, "://");
    host = host ? host + 3 : api;
    size_t len = strcspn(host, "/:");
    if (strncmp(host, "api.", 4) == 0)
        return gl_strndup(host + 4, len - 4);
    return gl_strndup(host, len);
}

static int from_gh(const char *api, char **ret_token, char **ret_source)
{
    gl_autofree char *host = gh_host(api);
    const char *argv[] = {"gh", "auth", "token", "--hostname", host, NULL};
    struct gl_proc_spec spec = {.argv = argv, .timeout_ms = GH_TIMEOUT_MS};
    gl_autoproc struct gl_proc_result result = {0};
    if (!gl_proc_in_path("gh") || gl_proc_run(&spec, &result, NULL) < 0)
        return 0;
    gl_autofree char *line = gl_buf_steal(&result.out);
    line[strcspn(line, "\r\n")] = '\0';
    if (result.exit_code != 0 || !is_token(line)) {
        gl_wipe(line, strlen(line));
        return 0;
    }
    gl_secret_add(line);
    *ret_token = gl_steal(&line);
    *ret_source = gl_strdup("gh auth token");
    return 1;
}

int gl_github_find_token(const char *api, char **ret_token, char **ret_source, struct gl_error *err)
{
    int found = from_environment(ret_token, ret_source, err);
    if (found == 0)
        found = from_gh(api, ret_token, ret_source);
    if (found != 0)
        return found < 0 ? found : 0;
    gl_fail(err, GL_E_REFUSED, _("there is no token for GitHub"));
    return gl_error_hint(
        err, _("Set GITHUB_TOKEN to a fine-grained token of this repository with the rights "
               "Administration and Actions (read to check, Administration: write to apply), or "
               "log in with gh auth login."));
}
