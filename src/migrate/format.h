/* The tools whose folders of migrations are read, as a table: how a folder of each is recognised,
 * what its files are called and hold, and how its bookkeeping table is kept. */
#ifndef GL_MIGRATE_FORMAT_H
#define GL_MIGRATE_FORMAT_H

#include "base/strv.h"
#include "migrate/table.h"

/* One file of a new migration: `path` has %s twice, for the version and the name. */
struct gl_format_file {
    const char *path; /* NULL = none */
    const char *text;
};

struct gl_mark_style;

struct gl_format {
    const char *name;       /* "sqlx" */
    const char *table;      /* "_sqlx_migrations" */
    bool checksums;         /* the table has them: an edited file is seen */
    bool any_order;         /* a file older than an applied one is applied too */
    bool in_order;          /* one row says which is the last: none can be left out */
    bool alone;             /* an unfinished no-transaction file is marked in the table */
    const char *no_up;      /* N_(): why golive does not apply its files; NULL = it does */
    const char *alone_mark; /* lines: how a file says that it runs outside of a transaction; N_()
                               where that is prose; NULL = as sqlx's */
    const char *dirty; /* N_(): what to do about an unfinished one, where sqlx's way is not it */

    /* Whether the folder, with these names in it, is one of this tool. NULL = by the marks, or when
     * no other is. */
    bool (*is_dir)(const char *dir, const struct gl_strv *names);
    const struct gl_mark_style *marks; /* that divide its files (mark.h); NULL = nothing does */
    /* Reads one entry into the list, which is this tool's, if it is a migration. */
    int (*add)(const char *dir, const char *name, struct gl_migrations *list, struct gl_error *err);

    /* Takes from a file's text what is not applied; NULL = all of it is. */
    int (*cut)(struct gl_migration *migration, struct gl_error *err);

    /* The table: making it; reading what of the list is applied; noting one that was applied, in
     * its transaction; forgetting one. */
    int (*ensure)(PGconn *conn, struct gl_error *err);
    int (*read)(PGconn *conn, const struct gl_migrations *list, struct gl_applied_list *ret_list,
                struct gl_error *err);
    int (*note)(PGconn *conn, const struct gl_migration *migration, int64_t elapsed_ns,
                struct gl_error *err);
    /* The key of the advisory lock that its own runs take; NULL = it takes none. */
    int64_t (*lock_key)(const char *database, const char *schema);

    const char *next; /* of a new version: "number" (6 digits), "plain", "time", "dashes", or "same"
                         as the directory does */
    struct gl_format_file files[2];
};

extern const struct gl_format gl_format_sqlx;
extern const struct gl_format gl_format_golang;
extern const struct gl_format gl_format_dbmate;
extern const struct gl_format gl_format_diesel;
extern const struct gl_format gl_format_refinery;
extern const struct gl_format gl_format_goose;

/* Which tool's folder it is; never NULL. */
const struct gl_format *gl_format_of(const char *dir, const struct gl_strv *names);

/* Whose file a text is that stands alone, where it says so; else NULL. */
const struct gl_format *gl_format_of_text(const char *sql);

/* The one of that name, or NULL. */
const struct gl_format *gl_format_named(const char *name);

/* What of the list is applied, by the table of its tool. GL_E_REFUSED where the tool was guessed
 * and its table has nothing, while _sqlx_migrations has rows: all would be applied again. */
gl_nodiscard int gl_format_read_applied(PGconn *conn, const struct gl_migrations *list,
                                        struct gl_applied_list *ret_list, struct gl_error *err);

/* Reads a file for the list; its version (as the table has it in `version_text`, NULL = as a plain
 * number) and description. GL_E_CONFIG as gl_migrations_scan() has it. */
gl_nodiscard int gl_format_add_file(struct gl_migrations *list, const char *path, int64_t version,
                                    const char *version_text, const char *description,
                                    struct gl_error *err);

/* Whether a table of that name is there. */
gl_nodiscard int gl_format_has_table(PGconn *conn, const char *table, bool *ret_has,
                                     struct gl_error *err);

/* Reads versions as texts from a table, and marks the list's ones of them applied; others count as
 * applied without a file. */
gl_nodiscard int gl_format_read_versions(PGconn *conn, const char *table, const char *column,
                                         const struct gl_migrations *list,
                                         struct gl_applied_list *ret_list, struct gl_error *err);

/* Adds the migration's version as a text to a table that has nothing else, or defaults. */
gl_nodiscard int gl_format_note_version(PGconn *conn, const char *table,
                                        const struct gl_migration *migration, struct gl_error *err);

/* Adds a row to the list in memory; with a migration, its checksum is the file's. */
void gl_format_add_applied(struct gl_applied_list *list, int64_t version,
                           const struct gl_migration *migration);

#endif
