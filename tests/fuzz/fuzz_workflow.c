/* Workflows, manifests, lock files and owners of whatever repository is judged; the first byte
 * chooses which. */
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

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {".github/workflows/a.yml",
                                        "package.json",
                                        "package-lock.json",
                                        "Cargo.lock",
                                        "CODEOWNERS",
                                        "action.yml"};
    static struct gl_repo repo = {.dir = "."};
    if (size == 0)
        return 0;
    gl_autofree char *text = gl_strndup((const char *)data + 1, size - 1);
    struct gl_repo_file file = {
        .path = paths[data[0] % GL_COUNT(paths)], .text = text, .len = strlen(text)};
    open_rows(&repo);
    gl_repo_document(&repo, &file);
    close_rows(&repo);
    return 0;
}
