/* Which line of a file was edited after it was applied. */
#include "migrate/edited.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/strv.h"
#include "proc/proc.h"

#define GIT_MS 10000

void gl_edited_line_done(struct gl_edited_line *line)
{
    free(line->was);
    free(line->is);
    free(line->commit);
    *line = (struct gl_edited_line){0};
}

unsigned gl_edited_compare(const char *was, const char *is, struct gl_edited_line *ret_line)
{
    if (strcmp(was, is) == 0)
        return 0;
    for (unsigned line = 1;; line++) {
        size_t was_len = strcspn(was, "\n");
        size_t is_len = strcspn(is, "\n");
        bool same = was_len == is_len && memcmp(was, is, was_len) == 0;
        if (!same) {
            ret_line->line = line;
            ret_line->was = gl_strndup(was, was_len);
            ret_line->is = gl_strndup(is, is_len);
            return line;
        }
        /* One of two texts that are not the same may end before the other. */
        was += was_len + (was[was_len] == '\n');
        is += is_len + (is[is_len] == '\n');
        if (!*was && !*is) {
            ret_line->line = line + 1;
            ret_line->was = gl_strdup("");
            ret_line->is = gl_strdup("");
            return line + 1;
        }
    }
}

/* Output of git in the directory, byte for byte; false if it failed. */
static bool git(const char *dir, const char *const *words, struct gl_buf *ret_out)
{
    gl_autostrv struct gl_strv argv = {0};
    gl_autoproc struct gl_proc_result result = {0};
    gl_autoerr struct gl_error ignored = {0};
    gl_strv_add(&argv, "git");
    gl_strv_add(&argv, "-C");
    gl_strv_add(&argv, dir);
    for (; *words; words++)
        gl_strv_add(&argv, *words);
    const struct gl_proc_spec spec = {.argv = (const char *const *)argv.items,
                                      .timeout_ms = GIT_MS};
    if (gl_proc_run(&spec, &result, &ignored) < 0 || result.exit_code != 0 || result.out_cut)
        return false;
    *ret_out = result.out;
    result.out = (struct gl_buf){0};
    return true;
}

/* True if the file at this commit is what was applied. */
static bool try_commit(const struct gl_migration *migration, const char *commit,
                       const unsigned char *checksum, struct gl_edited_line *ret_line)
{
    gl_autofree char *dir = gl_path_dir(migration->path);
    gl_autofree char *object = gl_asprintf("%s:./%s", commit, gl_path_base(migration->path));
    const char *const words[] = {"show", object, NULL};
    unsigned char is[GL_SHA384_SIZE];
    gl_autobuf struct gl_buf text = {0};
    if (!git(dir, words, &text))
        return false;
    gl_sha384(gl_buf_text(&text), text.len, is);
    if (memcmp(is, checksum, sizeof is) != 0)
        return false;
    if (gl_edited_compare(gl_buf_text(&text), migration->sql, ret_line))
        ret_line->commit = gl_strdup(commit);
    return true;
}

void gl_edited_find(const struct gl_migration *migration, const unsigned char *applied_checksum,
                    struct gl_edited_line *ret_line)
{
    gl_autofree char *dir = gl_path_dir(migration->path);
    const char *const words[] = {
        "log", "--max-count=200", "--format=%h", "--", gl_path_base(migration->path), NULL};
    gl_autobuf struct gl_buf log = {0};
    gl_autostrv struct gl_strv commits = {0};
    if (!git(dir, words, &log))
        return;
    gl_strv_split(&commits, gl_buf_text(&log), "\n");
    for (size_t i = 0; i < commits.count; i++) {
        if (try_commit(migration, commits.items[i], applied_checksum, ret_line))
            return;
    }
}
