/* Room-internal: files that belong to the database's user, and working directories that are removed
 * even when the run that made them was killed. */
#ifndef GL_PLATFORM_LOCAL_FILES_H
#define GL_PLATFORM_LOCAL_FILES_H

#include <sys/types.h>

#include "platform/local/local.h"

/* Replaces a file atomically by one that the database's user owns. */
gl_nodiscard int gl_local_write_owned(const struct gl_local *local, const char *path,
                                      const char *text, mode_t mode, struct gl_error *err);

/* Gives one existing file or directory to the database's user (nothing to do unless root started
 * us).
 */
gl_nodiscard int gl_local_give(const struct gl_local *local, const char *path,
                               struct gl_error *err);

/* Makes sure of a directory (mode 0700) of one of the other services; its parent must be ours. */
gl_nodiscard int gl_local_account_dir(const struct gl_local *local, enum gl_local_account account,
                                      const char *path, struct gl_error *err);

/* Makes a directory (mode 0700) or an empty file (mode 0600), which must not exist, that the
 * database's user owns. */
gl_nodiscard int gl_local_make_dir(const struct gl_local *local, const char *path,
                                   struct gl_error *err);
gl_nodiscard int gl_local_make_file(const struct gl_local *local, const char *path,
                                    struct gl_error *err);

/* A directory below `parent` that lives as long as this process holds it. */
struct gl_scratch {
    char *path;
    int lock_fd;
};

/* Called before an abandoned directory is removed, to end what still runs in it. */
typedef int gl_scratch_fn(const struct gl_local *local, const char *path, struct gl_error *err);

/* Removes what killed runs left below `parent`, then makes parent/PREFIX-RANDOM, which the service
 * user may enter but not change. `abandon` may be NULL. */
gl_nodiscard int gl_scratch_make(const struct gl_local *local, const char *parent,
                                 const char *prefix, gl_scratch_fn *abandon,
                                 struct gl_scratch *ret_scratch, struct gl_error *err);

/* Removes the directory and lets go of it. Safe on an empty one. */
void gl_scratch_done(struct gl_scratch *scratch);
#define gl_autoscratch gl_cleanup(gl_scratch_done)

#endif
