/* Percent-encoding as AWS signs it, and the parts of an address. */
#include "aws/uri.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"

static bool is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c && strchr("-_.~", c));
}

void gl_aws_uri_encode(struct gl_buf *buf, const char *text, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (is_unreserved(*at) || (keep_slash && *at == '/')) {
            gl_buf_putc(buf, (char)*at);
        } else {
            const char escape[] = {'%', digits[*at >> 4], digits[*at & 15]};
            gl_buf_add(buf, escape, sizeof escape);
        }
    }
}

static char *lower_copy(const char *text, size_t len)
{
    char *copy = gl_strndup(text, len);
    for (char *at = copy; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return copy;
}

/* "user@Host:443" as the Host header of that scheme has it. */
static char *host_of(const char *scheme, const char *authority, size_t len)
{
    const char *at = memchr(authority, '@', len);
    if (at) {
        len -= (size_t)(at + 1 - authority);
        authority = at + 1;
    }
    char *host = lower_copy(authority, len);
    const char *standard_port = strcmp(scheme, "https") == 0 ? ":443" : ":80";
    if (gl_ends_with(host, standard_port))
        host[strlen(host) - strlen(standard_port)] = '\0';
    return host;
}

int gl_aws_uri_split(const char *url, struct gl_aws_uri *ret_uri, struct gl_error *err)
{
    const char *mark = strstr(url, "://");
    gl_autofree char *scheme = lower_copy(url, mark ? (size_t)(mark - url) : 0);
    if (!mark || (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0))
        return gl_fail(err, GL_E_CONFIG, _("`%s` is not an http or https address"), url);
    const char *authority = mark + 3;
    size_t authority_len = strcspn(authority, "/?#");
    const char *path = authority + authority_len;
    size_t path_len = strcspn(path, "?#");
    const char *query = path[path_len] == '?' ? path + path_len + 1 : "";
    gl_autofree char *host = host_of(scheme, authority, authority_len);
    if (!*host)
        return gl_fail(err, GL_E_CONFIG, _("`%s` names no host"), url);
    *ret_uri = (struct gl_aws_uri){
        .scheme = gl_steal(&scheme),
        .host = gl_steal(&host),
        .path = path_len ? gl_strndup(path, path_len) : gl_strdup("/"),
        .query = gl_strndup(query, strcspn(query, "#")),
    };
    return 0;
}

bool gl_aws_uri_is_loopback(const struct gl_aws_uri *uri)
{
    const char *host = uri->host;
    size_t len = strcspn(host, ":");
    return gl_starts_with(host, "127.") || gl_starts_with(host, "[::1]") ||
           (len == strlen("localhost") && gl_starts_with(host, "localhost"));
}

void gl_aws_uri_done(struct gl_aws_uri *uri)
{
    free(uri->scheme);
    free(uri->host);
    free(uri->path);
    free(uri->query);
    *uri = (struct gl_aws_uri){0};
}
