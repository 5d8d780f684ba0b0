/* Files whose parts are divided by comments at the beginning of a line: `-- migrate:up`,
 * `-- +goose Down`. What the tools have in common that write them. */
#ifndef GL_MIGRATE_MARK_H
#define GL_MIGRATE_MARK_H

#include "migrate/format.h"

/* How a tool writes its marks. */
struct gl_mark_style {
    const char *prefix; /* "migrate:"; more blanks may follow one that ends in a blank */
    bool any_case;      /* of prefix and words */
    bool plain;         /* its table has versions without leading zeros */
    const char *order;  /* N_(): what the tool wants of the order of up and down */
    const char *hint;   /* N_(): what a file can be compared with */
};

/* The beginning of the line that has the mark with that word ("up"); NULL if there is none. */
const char *gl_mark_find(const struct gl_mark_style *style, const char *sql, const char *word);

/* Whether a text has the mark of what is applied. */
bool gl_mark_is_text(const struct gl_mark_style *style, const char *sql);

/* Whether a folder is one of the tool, by the first of its files with a version. */
bool gl_mark_is_dir(const struct gl_mark_style *style, const char *dir,
                    const struct gl_strv *names);

/* Reads <digits>_name.sql into the list, if the entry is one, and cuts its text: add() of a format
 * with marks. */
gl_nodiscard int gl_mark_add(const char *dir, const char *name, struct gl_migrations *list,
                             struct gl_error *err);

/* Fills in `err` with what is wrong with the file at `at`, a place in its text; GL_E_CONFIG. */
int gl_mark_fail(const struct gl_mark_style *style, const struct gl_migration *migration,
                 const char *at, const char *what, struct gl_error *err);

/* Whether up comes before any statement, and down behind it. GL_E_CONFIG with the line. */
gl_nodiscard int gl_mark_check(const struct gl_mark_style *style,
                               const struct gl_migration *migration, struct gl_error *err);

/* Ends the text before down: places in what is left are those of the file, and the phase is that of
 * what is left, because a down block drops what the up block adds. */
gl_nodiscard int gl_mark_cut(const struct gl_mark_style *style, struct gl_migration *migration,
                             struct gl_error *err);

#endif
