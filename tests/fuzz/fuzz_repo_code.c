/* Sources come with whatever repository is judged; the first byte chooses the kind of file. Lines
 * that are found lie in the text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/sqlite.h"
#include "facts/repo.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sqlite3 *db;

static void open_rows(struct gl_repo *repo)
{
    if (!db && gl_facts_open(&db, NULL) < 0)
        abort();
    if (gl_sqlite_exec(db, "delete from code; delete from document", NULL) < 0)
        abort();
    gl_rows_open(db, "code", &repo->code, NULL);
    gl_rows_open(db, "document", &repo->documents, NULL);
}

/* Every row could be written. */
static void close_rows(struct gl_repo *repo)
{
    if (gl_rows_done(&repo->code) < 0 || gl_rows_done(&repo->documents) < 0)
        abort();
}

static void check_lines(const char *text)
{
    unsigned lines = 1;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    gl_autostmt sqlite3_stmt *stmt = NULL;
    if (gl_sqlite_prepare(db, &stmt, NULL,
                          "select count(*) from code where line not between 1 and ?1", "i",
                          (int64_t)lines) < 0 ||
        gl_sqlite_step(stmt, NULL) != 1 || sqlite3_column_int(stmt, 0) != 0)
        abort();
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"src/a.rs",   "src/a.svelte", ".github/workflows/a.yml",
                                        "Dockerfile", "docs/a.md",    ".gitignore"};
    static struct gl_repo repo = {.dir = ".", .backend_dir = "src", .frontend_dir = "web"};
    if (size == 0)
        return 0;
    if (!repo.patterns)
        gl_repo_patterns_open(&repo);
    gl_autofree char *text = gl_strndup((const char *)data + 1, size - 1);
    struct gl_repo_file file = {
        .path = paths[data[0] % GL_COUNT(paths)], .text = text, .len = strlen(text)};
    open_rows(&repo);
    gl_repo_scan(&repo, &file);
    close_rows(&repo);
    check_lines(text);
    return 0;
}
