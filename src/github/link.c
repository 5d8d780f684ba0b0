/* Pages of a list. */
#include "github/link.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/strv.h"

/* True if one of the words in the value of `rel` is "next". */
static bool has_next(const char *value, size_t len)
{
    gl_autofree char *text = gl_strndup(value, len);
    gl_autostrv struct gl_strv words = {0};
    gl_strv_split(&words, text, " \t");
    for (size_t i = 0; i < words.count; i++) {
        if (strcasecmp(words.items[i], "next") == 0)
            return true;
    }
    return false;
}

/* Reads one parameter (`; name="value"`) at `at`; returns where it ends, NULL if there is none. */
static const char *read_parameter(const char *at, bool *is_next)
{
    at += strspn(at, " \t");
    if (*at != ';')
        return NULL;
    at += 1 + strspn(at + 1, " \t");
    size_t name_len = strcspn(at, "=;, \t");
    const char *name = at;
    at += name_len;
    if (*at != '=')
        return at;
    at++;
    bool quoted = *at == '"';
    at += quoted;
    size_t len = strcspn(at, quoted ? "\"" : ";, \t");
    if (name_len == 3 && strncasecmp(name, "rel", 3) == 0 && has_next(at, len))
        *is_next = true;
    at += len;
    return quoted && *at == '"' ? at + 1 : at;
}

/* The token is sent to what this allows: one origin, one path, and no way out of the path. */
static char *below(const char *url, size_t len, const char *api)
{
    size_t api_len = strlen(api);
    if (len <= api_len || strncmp(url, api, api_len) != 0 || url[api_len] != '/')
        return NULL;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)url[i] <= ' ' || (unsigned char)url[i] >= 0x7f ||
            strchr("<\"\\^`{|}", url[i])) /* not in any URI (RFC 3986, 2) */
            return NULL;
    }
    return gl_strndup(url, len);
}

char *gl_github_link_next(const char *header, const char *api)
{
    const char *at = header;
    while ((at = strchr(at, '<'))) {
        const char *url = at + 1;
        const char *end = strchr(url, '>');
        if (!end)
            return NULL;
        bool is_next = false;
        const char *parameter = end + 1;
        while ((parameter = read_parameter(parameter, &is_next)))
            at = parameter;
        if (is_next)
            return below(url, (size_t)(end - url), api);
        at = at > end ? at : end + 1;
    }
    return NULL;
}
