/* Paths as references of RFC 3986, for formats that want those. */
#include "base/uri.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/strv.h"

/* ---- plain paths -------------------------------------------------------------------------------
 */

/* Without ".", ".." and empty parts; `path` is absolute. The caller owns it. */
static char *without_dots(const char *path)
{
    gl_autostrv struct gl_strv parts = {0};
    gl_autostrv struct gl_strv kept = {0};
    gl_strv_split(&parts, path, "/");
    for (size_t i = 0; i < parts.count; i++) {
        bool up = strcmp(parts.items[i], "..") == 0;
        if (up && kept.count) {
            kept.count--;
            free(gl_steal(&kept.items[kept.count]));
        } else if (!up && strcmp(parts.items[i], ".") != 0) {
            gl_strv_add(&kept, parts.items[i]);
        }
    }
    gl_autofree char *joined = gl_strv_join(&kept, "/");
    return gl_asprintf("/%s", joined);
}

static char *absolute(const char *root)
{
    gl_autofree char *real = realpath(root ? root : ".", NULL);
    return real ? gl_steal(&real) : without_dots(root ? root : "/");
}

/* Behind `root` and its slash; NULL if the path lies elsewhere. Both are absolute. */
static const char *inside(const char *root, const char *path)
{
    size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);
    return strncmp(path, root, len) == 0 && path[len] == '/' && path[len + 1] ? path + len + 1
                                                                              : NULL;
}

/* ---- references --------------------------------------------------------------------------------
 */

static void add_escaped(struct gl_buf *uri, const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/@";
    for (; *path; path++) {
        if (strchr(plain, *path))
            gl_buf_putc(uri, *path);
        else
            gl_buf_printf(uri, "%%%02X", (unsigned)(unsigned char)*path);
    }
}

char *gl_uri_of_path(const char *root, const char *path)
{
    gl_autofree char *top = absolute(root);
    gl_autofree char *joined = gl_path_join(top, path);
    gl_autofree char *whole = without_dots(joined);
    const char *relative = inside(top, whole);
    gl_autobuf struct gl_buf uri = {0};
    if (!relative)
        gl_buf_puts(&uri, "file://");
    add_escaped(&uri, relative ? relative : whole);
    return gl_buf_steal(&uri);
}

bool gl_uri_is_relative(const char *uri)
{
    return !gl_starts_with(uri, "file:");
}
