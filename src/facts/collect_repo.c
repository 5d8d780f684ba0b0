/* Facts of the repository: its files, the data among them, what the sources show. */
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "facts/repo.h"

/* Documents that rules compare with what golive would write. */
static bool is_compared(const char *path)
{
    return gl_starts_with(path, "docs/");
}

static void write_file(struct gl_repo *repo, const struct gl_repo_file *file, int64_t size)
{
    char sha256[GL_SHA256_HEX_SIZE] = "";
    if (file->text && is_compared(file->path))
        gl_sha256_hex(file->text, file->len, sha256);
    gl_rows_text(&repo->files, file->path);
    gl_rows_int(&repo->files, file->tracked);
    gl_rows_int(&repo->files, size);
    gl_rows_text(&repo->files, *sha256 ? sha256 : NULL);
    gl_rows_add(&repo->files);
}

/* Other encodings are read as far as they are ASCII: facts are UTF-8. */
static void make_utf8(char *text, size_t len)
{
    if (gl_utf8_valid_prefix(text, len) == len)
        return;
    for (size_t i = 0; i < len; i++)
        text[i] = (char)((unsigned char)text[i] < 0x80 ? text[i] : '?');
}

/* Links are not followed: what they point to is another file, or none of this repository. */
static int look_at(struct gl_repo *repo, const char *path, bool tracked, struct gl_error *err)
{
    (void)err;
    struct stat about;
    gl_autobuf struct gl_buf data = {0};
    gl_autofree char *full = gl_path_join(repo->dir, path);
    gl_autofree char *shown = gl_strdup(path);
    struct gl_repo_file file = {.path = shown, .full = full, .tracked = tracked};
    make_utf8(shown, strlen(shown));
    if (lstat(full, &about) < 0 || !S_ISREG(about.st_mode))
        return 0;
    bool small = about.st_size <= GL_REPO_TEXT_MAX;
    if (small && gl_read_file(full, 0, &data, NULL) == 0 &&
        (!data.len || !memchr(data.data, '\0', data.len))) {
        if (data.len)
            make_utf8(data.data, data.len);
        file.text = gl_buf_text(&data);
        file.len = data.len;
    }
    write_file(repo, &file, about.st_size);
    if (file.text) {
        gl_repo_document(repo, &file);
        gl_repo_scan(repo, &file);
    }
    return 0;
}

int gl_collect_repo(const struct gl_collecting *c, struct gl_error *err)
{
    const struct gl_config *config = c->request->config;
    gl_cleanup(gl_repo_patterns_close) struct gl_repo repo = {
        .collecting = c,
        .dir = gl_config_dir(config),
        .backend_dir = gl_config_str(config, "backend.dir"),
        .frontend_dir = gl_config_str(config, "frontend.dir"),
    };
    int failed = gl_repo_git(&repo, err);
    if (failed < 0)
        return failed;
    gl_repo_patterns_open(&repo);
    gl_rows_open_once(c->db, "file", &repo.files, err); /* unmerged ones are listed twice */
    gl_rows_open(c->db, "document", &repo.documents, err);
    gl_rows_open(c->db, "code", &repo.code, err);
    failed = gl_repo_files(&repo, look_at, err);
    struct gl_rows *all[] = {&repo.files, &repo.documents, &repo.code};
    for (size_t i = 0; i < GL_COUNT(all); i++) {
        int of_rows = gl_rows_done(all[i]);
        failed = failed < 0 ? failed : of_rows;
    }
    return failed;
}
