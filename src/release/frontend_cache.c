/* The fingerprints of a frontend's source and of what was built of it, kept beside the packages it
 * was built with. */
#include "release/frontend_cache.h"

#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/json.h"
#include "proc/proc.h"

static char *stamp_path(const char *dir)
{
    return gl_path_join(dir, "node_modules/.golive-build");
}

static char *list_files(const char *dir)
{
    const char *argv[] = {"git",
                          "-C",
                          dir,
                          "-c",
                          "safe.directory=*",
                          "-c",
                          "core.quotePath=false",
                          "ls-files",
                          "--cached",
                          "--others",
                          "--exclude-standard",
                          "--",
                          ".",
                          NULL};
    struct gl_proc_spec spec = {.argv = argv, .timeout_ms = 30000};
    char *out = NULL;
    return gl_proc_check(&spec, &out, NULL) == 0 ? out : NULL;
}

/* https://vite.dev/guide/env-and-mode#env-files */
static void add_env_files(struct gl_strv *files)
{
    static const char *const names[] = {".env", ".env.local", ".env.production",
                                        ".env.production.local"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        if (!gl_strv_has(files, names[i]))
            gl_strv_add(files, names[i]);
    }
}

char *gl_frontend_fingerprint(const char *dir, const char *version, const json_t *variables)
{
    gl_autofree char *listing = list_files(dir);
    if (!listing)
        return NULL;
    gl_autostrv struct gl_strv files = {0};
    gl_autobuf struct gl_buf text = {0};
    gl_autofree char *values = variables ? gl_json_canonical(variables) : NULL;
    gl_strv_split(&files, listing, "\n");
    add_env_files(&files);
    gl_strv_sort(&files);
    gl_buf_printf(&text, "%s\n%s\n", version, values ? values : "");
    for (size_t i = 0; i < files.count; i++) {
        gl_autofree char *path = gl_path_join(dir, files.items[i]);
        char hash[GL_SHA256_HEX_SIZE] = "gone";
        if (gl_is_file(path) && gl_sha256_file(path, hash, NULL) < 0)
            return NULL;
        gl_buf_printf(&text, "%s %s\n", hash, files.items[i]);
    }
    char *fingerprint = gl_alloc(GL_SHA256_HEX_SIZE);
    gl_sha256_hex(gl_buf_text(&text), text.len, fingerprint);
    return fingerprint;
}

static int add_built(const char *relative, const char *full, void *context, struct gl_error *err)
{
    struct gl_buf *text = context;
    char hash[GL_SHA256_HEX_SIZE];
    int failed = gl_sha256_file(full, hash, err);
    gl_buf_printf(text, "%s %s\n", hash, relative);
    return failed;
}

/* What the stamp of a build says; the caller owns it, NULL when it cannot be told. */
static char *stamp_text(const char *dir, const char *build_dir, const char *fingerprint)
{
    gl_autofree char *built = gl_path_join(dir, build_dir);
    gl_autobuf struct gl_buf text = {0};
    char hash[GL_SHA256_HEX_SIZE];
    if (!fingerprint || !gl_is_dir(built) || gl_walk_files(built, add_built, &text, NULL) < 0)
        return NULL;
    gl_sha256_hex(gl_buf_text(&text), text.len, hash);
    return gl_asprintf("%s %s", fingerprint, hash);
}

/* A person's own build writes to the same place, with other variables. */
bool gl_frontend_is_built(const char *dir, const char *build_dir, const char *fingerprint)
{
    gl_autofree char *stamp = stamp_path(dir);
    gl_autofree char *text = stamp_text(dir, build_dir, fingerprint);
    gl_autobuf struct gl_buf known = {0};
    return text && gl_is_file(stamp) && gl_read_file(stamp, 0, &known, NULL) == 0 &&
           strcmp(gl_buf_text(&known), text) == 0;
}

void gl_frontend_forget(const char *dir)
{
    gl_autofree char *stamp = stamp_path(dir);
    (void)unlink(stamp);
}

void gl_frontend_note(const char *dir, const char *build_dir, const char *fingerprint)
{
    gl_autofree char *stamp = stamp_path(dir);
    gl_autofree char *text = stamp_text(dir, build_dir, fingerprint);
    if (text)
        (void)!gl_write_text(stamp, text, 0644, NULL);
}
