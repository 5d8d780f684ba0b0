/* What a migration locks, and which of its statements hold a strong lock for as long as a table is
 * large: by their words alone, so that it can be said before anything runs. What is inside DO
 * blocks and functions is not seen. Source: PostgreSQL manual, 13.3 and the pages of the commands;
 * the locks were measured. */
#ifndef GL_MIGRATE_HEAVY_H
#define GL_MIGRATE_HEAVY_H

#include "base/strv.h"
#include "migrate/migrate.h"

struct gl_heavy {
    char *table;        /* as written, or NULL: not said there */
    const char *reason; /* N_(): "builds an index while writers wait" */
    unsigned line;      /* 1-based, of the statement */
};

struct gl_heavy_list {
    struct gl_heavy *items;
    size_t count;
};

void gl_heavy_list_done(struct gl_heavy_list *list);
#define gl_autoheavy gl_cleanup(gl_heavy_list_done)

/* The statements that scan or rewrite a table under a lock that others wait for. */
void gl_heavy_read(const struct gl_migration *migration, struct gl_heavy_list *ret_list);

/* Adds the tables that its statements change, each once, as written. */
void gl_heavy_tables(const struct gl_migration *migration, struct gl_strv *found);

#endif
