/* Which line of a file was edited after it was applied: the text that was applied is looked for in
 * the repository's history, by its checksum. No copy of it is kept elsewhere: history has it, also
 * of what sqlx applied, and there is nothing to keep up to date or secret. */
#ifndef GL_MIGRATE_EDITED_H
#define GL_MIGRATE_EDITED_H

#include "migrate/migrate.h"

/* The first line that differs; owned texts. */
struct gl_edited_line {
    unsigned line; /* 1-based; 0 = it was not found */
    char *was;     /* as it was applied, "" past the end */
    char *is;
    char *commit; /* that has the text that was applied */
};

void gl_edited_line_done(struct gl_edited_line *line);
#define gl_autoeditedline gl_cleanup(gl_edited_line_done)

/* Looks through the last 200 commits that changed the file. Without git, a repository or such a
 * text, *ret_line is empty. */
void gl_edited_find(const struct gl_migration *migration, const unsigned char *applied_checksum,
                    struct gl_edited_line *ret_line);

/* The first line in which two texts differ; 0 if they are the same. `ret_line` gets both lines. */
unsigned gl_edited_compare(const char *was, const char *is, struct gl_edited_line *ret_line);

#endif
