/* Files in their safe form, where that is mechanical: planned first, then shown or written. */
#ifndef GL_LINT_FIX_H
#define GL_LINT_FIX_H

#include "lint/lint.h"

/* A file as it would be. */
struct gl_lint_write {
    char *path;
    char *before; /* NULL = a new file */
    char *after;
};

struct gl_lint_fixes {
    struct gl_lint_write *items; /* new files behind the one whose parts they are */
    size_t count;
    struct gl_strv left; /* findings that are not mended, a line each, with the reason */
};

void gl_lint_fixes_done(struct gl_lint_fixes *fixes);
#define gl_autolintfixes gl_cleanup(gl_lint_fixes_done)

/* What --fix writes for the open findings: a statement that belongs alone gets a no-transaction
 * file, a constraint NOT VALID and its validation in a later file; versions of new files keep the
 * order, and their names the pairs of a reversible folder. Files that are applied, pairs whose
 * .down.sql would have to be split, and splits for which no version is free are left. For each
 * finding that stays, `left` says why. GL_E_IO. */
gl_nodiscard int gl_lint_fix_plan(const struct gl_lint_files *files,
                                  const struct gl_lint_result *result,
                                  struct gl_lint_fixes *ret_fixes, struct gl_error *err);

/* Writes all of them; never over a file that the plan takes for new, unless it holds the same
 * already. What fails leaves its file and the directory as they were. GL_E_IO. */
gl_nodiscard int gl_lint_fix_write(const struct gl_lint_fixes *fixes, struct gl_error *err);

/* Why the statements of a text must stay in one file: settings, locks, temporary tables, renames.
 * Static text; NULL if nothing ties them. */
const char *gl_lint_fix_tie(const char *sql);

/* Whether a file is there with exactly this text. */
bool gl_lint_fix_is_written(const char *path, const char *text);

/* The same as a unified diff. */
void gl_lint_fix_diff(const struct gl_lint_fixes *fixes, struct gl_buf *out);

#endif
