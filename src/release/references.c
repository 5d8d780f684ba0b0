/* Finds what a page, script or style sheet loads: quoted or url()-wrapped names of assets. */
#include "release/references.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

static const char *const asset_suffixes[] = {
    ".js",   ".mjs",  ".css", ".svg",   ".png",  ".jpg",         ".jpeg",
    ".webp", ".avif", ".ico", ".woff2", ".woff", ".webmanifest",
};

static bool is_asset(const char *path)
{
    size_t len = strcspn(path, "?#");
    gl_autofree char *bare = gl_strndup(path, len);
    for (size_t i = 0; i < GL_COUNT(asset_suffixes); i++) {
        if (gl_ends_with(bare, asset_suffixes[i]))
            return true;
    }
    return false;
}

/* In a script "name.js" alone may be any string; only "./x", "../x" and "/x" name files. */
static bool is_own_reference(const char *name, bool in_markup)
{
    if (gl_starts_with(name, "//") || strstr(name, "://") || gl_starts_with(name, "data:"))
        return false;
    if (strpbrk(name, " \t\r\n{}$<>*\"'"))
        return false;
    return in_markup || name[0] == '/' || gl_starts_with(name, "./") || gl_starts_with(name, "../");
}

/* RFC 3986, 5.2.4 for paths: joins with the directory of `base` and removes dot segments. */
static char *resolve(const char *base, const char *name)
{
    gl_autofree char *bare = gl_strndup(name, strcspn(name, "?#"));
    const char *slash = strrchr(base, '/');
    gl_autofree char *joined =
        bare[0] == '/' ? gl_strdup(bare)
                       : gl_asprintf("%.*s%s", slash ? (int)(slash - base + 1) : 0, base, bare);
    gl_autostrv struct gl_strv parts = {0};
    gl_strv_split(&parts, joined, "/");
    struct gl_buf path = {0};
    for (size_t i = 0; i < parts.count; i++) {
        if (strcmp(parts.items[i], "..") == 0) {
            const char *last = path.len ? strrchr(path.data, '/') : NULL;
            path.len = last ? (size_t)(last - path.data) : 0;
            if (path.data)
                path.data[path.len] = '\0';
        } else if (strcmp(parts.items[i], ".") != 0) {
            gl_buf_printf(&path, "/%s", parts.items[i]);
        }
    }
    return gl_buf_steal(&path);
}

static void take(const char *start, size_t len, bool in_markup, const char *base,
                 struct gl_strv *paths)
{
    enum { LONGEST = 300 };

    if (len == 0 || len > LONGEST)
        return;
    gl_autofree char *name = gl_strndup(start, len);
    if (!is_own_reference(name, in_markup) || !is_asset(name))
        return;
    gl_autofree char *path = resolve(base, name);
    if (*path && !gl_strv_has(paths, path))
        gl_strv_add(paths, path);
}

/* The end of a name that began after `open`: the matching quote or parenthesis on the same line. */
static size_t name_length(const char *at, const char *end, char close)
{
    const char *start = at;
    while (at < end && *at != close && *at != '\n')
        at++;
    return at < end && *at == close ? (size_t)(at - start) : 0;
}

void gl_references_find(const char *text, size_t len, const char *content_type, const char *path,
                        struct gl_strv *ret_paths)
{
    bool markup = strstr(content_type, "html") || strstr(content_type, "css");
    bool script = strstr(content_type, "javascript") != NULL;
    if (!markup && !script)
        return;
    const char *end = text + len;
    for (const char *at = text; at < end; at++) {
        char close = 0;
        if (*at == '"' || *at == '\'')
            close = *at;
        else if (*at == '(' && at - text >= 3 && strncmp(at - 3, "url", 3) == 0)
            close = ')';
        if (!close)
            continue;
        take(at + 1, name_length(at + 1, end, close), markup, path, ret_paths);
    }
}
