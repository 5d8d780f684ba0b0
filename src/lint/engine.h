/* What the parts of the engine share. */
#ifndef GL_LINT_ENGINE_H
#define GL_LINT_ENGINE_H

#include "lint/rule.h"

/* The rules by what they are asked at; made once for a run. */
struct gl_lint_table_of_rules {
    const struct gl_lint_rule *const **by_node; /* NULL-terminated lists */
    const struct gl_lint_rule *const **by_command;
    struct gl_lint_arena arena;
};

void gl_lint_table_make(struct gl_lint_table_of_rules *ret_table);

/* Asks the rules of the statement, of its commands and of its columns. */
void gl_lint_dispatch(const struct gl_lint_table_of_rules *table, struct gl_lint_pass *pass);

/* Asks the rules of one event. */
void gl_lint_dispatch_event(const struct gl_lint_table_of_rules *table, struct gl_lint_pass *pass,
                            enum gl_lint_event event);

void gl_lint_finding_done(struct gl_lint_finding *finding);

/* Keeps what the statement locks and changes, for the rules of what comes behind it. */
void gl_lint_follow(struct gl_lint_pass *pass);

/* Judges one file's text, which is changed on the way (psql's commands become spaces). */
struct gl_lint_run {
    const struct gl_lint_options *options;
    const struct gl_lint_table_of_rules *table;
    struct gl_lint_state *state;
    struct gl_lint_result *result;
    struct gl_lint_arena *arena; /* of parse trees */
};

void gl_lint_file_run(const struct gl_lint_run *run, const struct gl_lint_file *file, int index,
                      struct gl_buf *text);

/* Reports a file that is not read, as it would take more memory than is right. */
void gl_lint_file_too_large(const struct gl_lint_run *run, const struct gl_lint_file *file,
                            size_t bytes);

/* Reports a file that cannot be read at all. */
void gl_lint_file_unreadable(const struct gl_lint_run *run, const struct gl_lint_file *file,
                             const char *why);

/* Marks what comments of the file allow, and reports those that allow nothing. `first`: the
 * file's first finding. */
void gl_lint_allow_apply(struct gl_lint_pass *pass, struct gl_lint_scan *scan, size_t first);

/* PostgreSQL's version in which a syntax came that PostgreSQL 15's parser does not know, with what
 * it is (static text, translated); 0 when the statement has none. */
int gl_lint_newer_syntax(const char *sql, size_t len, const char **ret_what);

#endif
