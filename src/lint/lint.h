/* The linter of migrations: what each statement would do to a database that is serving, read from
 * PostgreSQL's own parse tree (libpg_query) together with what earlier statements and files made.
 *
 * Nothing here prints. Texts are for people; identifiers and words of JSON are stable. */
#ifndef GL_LINT_LINT_H
#define GL_LINT_LINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "migrate/migrate.h"

enum gl_lint_severity {
    GL_LINT_INFO,    /* worth knowing; nothing is blocked for long */
    GL_LINT_WARNING, /* blocks, fails or breaks under circumstances */
    GL_LINT_ERROR,   /* blocks for as long as the table is large, breaks clients, or cannot run */
};

/* "info", "warning", "error"; NULL-terminated. */
extern const char *const gl_lint_severity_words[];

/* ---- rules -------------------------------------------------------------------------------------
 */

/* What a rule says about itself; docs/lint.md has a section for each. */
struct gl_lint_about {
    const char *id; /* kebab-case, never changed */
    enum gl_lint_severity severity;
    const char *title;   /* N_(): the hazard in a line */
    const char *happens; /* N_(): what happens on a database that is serving */
    const char *lock;    /* N_(): mode and relation; NULL = it is not about locks */
    const char *safe;    /* N_(): the way that does not hurt */
    bool sized;          /* harmless on a small table */
    bool breaks;         /* the previous version fails: right in a contract file only */
};

/* All rules in the order of the documentation. */
size_t gl_lint_rule_count(void);
const struct gl_lint_about *gl_lint_rule_at(size_t index);

/* The rule of that id, NULL if there is none. */
const struct gl_lint_about *gl_lint_rule_find(const char *id);

/* GL_E_NOT_FOUND with the nearest id. */
int gl_lint_rule_not_found(const char *id, struct gl_error *err);

/* ---- input -------------------------------------------------------------------------------------
 */

/* A file, in the order that files run. */
struct gl_lint_file {
    char *path;
    int64_t version; /* 0 = its name has none */
    const char *sql; /* what of it runs, borrowed; NULL = the whole file, that is read then */
    bool alone;      /* with `sql`: it runs without a transaction */
    const struct gl_format *format; /* whose it is, where that is known; NULL = as if sqlx's */
    bool outside;                   /* read for what it makes, its findings are not this change's */
    bool applied;                   /* the database has it already, */
    bool edited;                    /* with another checksum; */
    bool late;                      /* or it has not, but a later one */
};

struct gl_lint_files {
    struct gl_lint_file *items;
    size_t count;
    struct gl_migrations foreign; /* the directory of another tool than sqlx; its `sql` is lent */
    const char *tool; /* whose directories they are (migrations.tool); NULL or "auto" guesses */
    struct gl_strv passed_over; /* .sql files that no tool runs: their names have no version */
};

void gl_lint_files_done(struct gl_lint_files *files);
#define gl_autolintfiles gl_cleanup(gl_lint_files_done)

/* Adds a file, or the migrations of a directory by version (what reverts and what is no migration
 * left out), whichever tool's directory it is (migrate/format.h). GL_E_NOT_FOUND and GL_E_IO name
 * the path; GL_E_CONFIG a name that the tool refuses or a version that is given twice; GL_E_USAGE a
 * second directory of another tool than sqlx. A directory without any adds nothing. */
gl_nodiscard int gl_lint_files_add(struct gl_lint_files *files, const char *path,
                                   struct gl_error *err);

/* Adds migrations that were read already, in their order. The list must outlive the files. */
void gl_lint_files_of(const struct gl_migrations *list, struct gl_lint_files *files);

/* Sizes of tables by name ("public.users"), from --stats or a database. */
struct gl_lint_size {
    char *relation;
    int64_t rows;
    int64_t bytes;
};

struct gl_lint_sizes {
    struct gl_lint_size *items; /* sorted by relation */
    size_t count;
};

void gl_lint_sizes_done(struct gl_lint_sizes *sizes);
#define gl_autolintsizes gl_cleanup(gl_lint_sizes_done)

/* Reads a file of sizes: {"relations": [{"relation": "public.users", "rows": 1, "bytes": 1}]}.
 * GL_E_IO, GL_E_CORRUPT. */
gl_nodiscard int gl_lint_sizes_read(const char *path, struct gl_lint_sizes *ret_sizes,
                                    struct gl_error *err);

/* NULL when nothing is known of the relation. */
const struct gl_lint_size *gl_lint_size_of(const struct gl_lint_sizes *sizes, const char *relation);

struct gl_lint_options {
    int server_version;                /* 14 to 18; 0 = not known */
    const char *time_zone;             /* of the database; NULL = not known */
    const struct gl_lint_sizes *sizes; /* NULL = nothing is known */
};

/* Whether PostgreSQL would take that as its TimeZone. GL_E_USAGE. */
gl_nodiscard int gl_lint_zone_check(const char *zone, struct gl_error *err);

/* ---- findings ----------------------------------------------------------------------------------
 */

/* How --fix can mend a finding. */
enum gl_lint_fix_kind {
    GL_LINT_FIX_NONE,
    GL_LINT_FIX_ALONE,     /* the statement, rewritten, in a no-transaction file of its own */
    GL_LINT_FIX_NOT_VALID, /* the constraint NOT VALID, its validation in a later file */
    GL_LINT_FIX_SPLIT,     /* the statement, as it is, in a later file */
};

/* Owned texts; NULL = none. */
struct gl_lint_finding {
    const struct gl_lint_about *rule;
    enum gl_lint_severity severity;
    char *file;
    size_t begin, end;     /* bytes of the file */
    unsigned line, column; /* 1-based; columns count characters */
    unsigned end_line, end_column;
    char *excerpt;       /* the line */
    char *message;       /* this case in a line */
    char *relation;      /* "public.users" */
    char *column_name;   /* that a part of ALTER TABLE names */
    char *sql;           /* the safe form as SQL */
    char *reason;        /* of the comment that allows it */
    enum gl_phase phase; /* of the file */
    bool allowed;        /* by a comment with a reason */
    bool known;          /* stands in the baseline */
    bool outside;        /* its file is not of this change */
    enum gl_lint_fix_kind fix;
    const char
        *by_hand;      /* N_(): why --fix leaves it, where the rule knows; NULL = it is not said */
    char *replacement; /* FIX_ALONE, FIX_NOT_VALID: of the statement, without its semicolon */
    char *later;       /* FIX_NOT_VALID: the statement of the later file, without its semicolon */
    bool nested;       /* in the block of a DO statement */
    size_t statement_begin, statement_end; /* bytes of the statement, without its semicolon */
    const struct gl_lint_wish *wish; /* of the run: what would make it void; NULL afterwards */
};

/* True if it counts: not allowed, not known, not outside. */
bool gl_lint_is_open(const struct gl_lint_finding *finding);

struct gl_lint_result {
    struct gl_lint_finding *findings; /* by file, line, column */
    size_t count;
    size_t files;
    size_t statements;
    struct gl_strv notes; /* in words: inferred phases, what was not looked into */
    char *contracts;      /* why the last file contracts, with its line; NULL when it expands */
    size_t mended;        /* of the baseline, no longer found */
};

void gl_lint_result_done(struct gl_lint_result *result);
#define gl_autolint gl_cleanup(gl_lint_result_done)

/* Open findings of a severity. */
size_t gl_lint_count(const struct gl_lint_result *result, enum gl_lint_severity severity);

/* Reads the files in their order and judges every statement. What is wrong with a file is a
 * finding; GL_E_IO only when there is no thread or memory for it. */
gl_nodiscard int gl_lint_run(const struct gl_lint_files *files,
                             const struct gl_lint_options *options,
                             struct gl_lint_result *ret_result, struct gl_error *err);

/* The same for one text that is in no file; `path` is what findings call it. */
gl_nodiscard int gl_lint_text(const char *path, const char *sql, size_t len,
                              const struct gl_lint_options *options,
                              struct gl_lint_result *ret_result, struct gl_error *err);

/* ---- what was there before ---------------------------------------------------------------------
 */

/* The open findings as a file for gl_lint_baseline_read(): by rule, file name and relation, without
 * lines and words, so that it still fits when those change. The caller owns it. */
char *gl_lint_baseline_make(const struct gl_lint_result *result);

/* Marks what stands in a baseline as known, and counts what is no longer found. GL_E_IO,
 * GL_E_CORRUPT. */
gl_nodiscard int gl_lint_baseline_read(const char *path, struct gl_lint_result *result,
                                       struct gl_error *err);

/* Marks files that did not change since a commit, branch or tag as outside; new ones that git does
 * not ignore have changed. GL_E_USAGE, GL_E_PROCESS. */
gl_nodiscard int gl_lint_since(const char *commit, struct gl_lint_files *files,
                               struct gl_error *err);

/* Which phase the statements belong to, from the parse tree, whatever the text says of itself.
 * ret_reason: why they contract, with the line, owned by the caller; NULL when they expand, as what
 * cannot be parsed does. */
enum gl_phase gl_lint_phase(const char *sql, char **ret_reason);

#endif
