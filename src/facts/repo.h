/* Room-internal: the repository's files and what is read out of them. */
#ifndef GL_FACTS_REPO_H
#define GL_FACTS_REPO_H

#include <regex.h>

#include "facts/internal.h"

enum { GL_REPO_TEXT_MAX = 1 << 20 }; /* larger files are no sources */

/* One file while it is looked at. */
struct gl_repo_file {
    const char *path; /* relative to the project */
    const char *full;
    bool tracked;
    const char *text; /* NULL for one that is binary or too large; NUL-terminated */
    size_t len;
};

struct gl_repo {
    const struct gl_collecting *collecting;
    const char *dir; /* the project */
    bool git;        /* it is kept in git */
    struct gl_rows files, documents, code;
    const char *backend_dir, *frontend_dir; /* relative */
    regex_t *patterns;                      /* of gl_code_rules, in their order */
};

/* ---- repo_git.c --------------------------------------------------------------------------------
 */

/* Writes `repository`, `file_history` and `commit_state`. False where the project is not in git. */
gl_nodiscard int gl_repo_git(struct gl_repo *repo, struct gl_error *err);
/* Calls `visit` for every tracked file and every untracked one that is not ignored; without git for
 * every file but build output. */
typedef int gl_repo_visit_fn(struct gl_repo *repo, const char *path, bool tracked,
                             struct gl_error *err);
gl_nodiscard int gl_repo_files(struct gl_repo *repo, gl_repo_visit_fn *visit, struct gl_error *err);

/* ---- repo_documents.c, repo_toml.c -------------------------------------------------------------
 */

/* Writes the leaves of a file that is data (workflow, manifest, lock file) into `document`. */
void gl_repo_document(struct gl_repo *repo, const struct gl_repo_file *file);

/* A value of a TOML file; everything lives as long as the call. */
typedef void gl_toml_fn(const char *path, const char *value, unsigned line, void *context);
/* Reads what manifests of cargo and its tools use of TOML: tables, arrays of tables, keys, strings,
 * numbers, arrays of strings. What it does not know is skipped. */
void gl_toml_read(const char *text, gl_toml_fn *visit, void *context);

/* ---- repo_code.c -------------------------------------------------------------------------------
 */

/* Compiles the patterns of gl_code_rules, once for all files, and frees them. */
void gl_repo_patterns_open(struct gl_repo *repo);
void gl_repo_patterns_close(struct gl_repo *repo);

/* Writes what the scanner sees in a source file into `code`. */
void gl_repo_scan(struct gl_repo *repo, const struct gl_repo_file *file);

/* What to look for: a regular expression in the lines of some files. */
enum gl_code_language {
    GL_CODE_ANY,        /* every text file, comments too */
    GL_CODE_RUST,       /* without comments */
    GL_CODE_SCRIPT,     /* JavaScript, TypeScript, Svelte; without comments */
    GL_CODE_WORKFLOW,   /* .github/workflows */
    GL_CODE_DOCKERFILE, /* Dockerfile, Containerfile */
    GL_CODE_DOCUMENT,   /* Markdown below docs/ */
    GL_CODE_IGNORE,     /* .gitignore, .dockerignore */
};

struct gl_code_rule {
    const char *kind; /* NULL ends the table */
    enum gl_code_language language;
    const char *needle;  /* stands in every line that matches; only those are looked at */
    const char *pattern; /* POSIX extended */
    int group;           /* which part is code.value; 0 = none: it may be a secret */
};

extern const struct gl_code_rule gl_code_rules[];

#endif
