/* Names of migration files, by sqlx's rules. */
#ifndef GL_MIGRATE_NAME_H
#define GL_MIGRATE_NAME_H

#include <stdint.h>

#include "base/error.h"

enum gl_migration_file {
    GL_MIGRATION_FILE_OTHER, /* no migration: README.md, a directory's other files */
    GL_MIGRATION_FILE_UP,    /* <version>_<description>.sql or .up.sql */
    GL_MIGRATION_FILE_DOWN,  /* .down.sql: undoes, never run by golive */
};

/* What a file name says. For UP, *ret_version and *ret_description ('_' replaced by ' '; the caller
 * owns it) are set. A name that sqlx refuses, or passes over although a migration was surely meant
 * (0001-users.sql), is GL_E_CONFIG. Source: sqlx-core 0.8 migrate/source.rs. */
gl_nodiscard int gl_migration_name_read(const char *name, enum gl_migration_file *ret_kind,
                                        int64_t *ret_version, char **ret_description,
                                        struct gl_error *err);

/* Fills in `err` for two files of one version; GL_E_CONFIG. */
int gl_migration_refuse_twice(int64_t version, const char *path, const char *other_path,
                              struct gl_error *err);

#endif
