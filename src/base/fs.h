/* Files: whole-file reads, atomic writes, trees. */
#ifndef GL_BASE_FS_H
#define GL_BASE_FS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* "a/b"; an absolute `name` wins. The caller owns the result. */
char *gl_path_join(const char *dir, const char *name);

/* The last component; points into `path`. */
const char *gl_path_base(const char *path);

/* Everything before the last component, "." if there is none. The caller owns it. */
char *gl_path_dir(const char *path);

bool gl_path_exists(const char *path);
bool gl_is_dir(const char *path);
bool gl_is_file(const char *path);

/* Reads a whole file; refuses more than `limit_bytes` (0 = 64 MiB), and directories, FIFOs and
 * devices, without waiting for anything. The buffer may hold NUL bytes. */
gl_nodiscard int gl_read_file(const char *path, size_t limit_bytes, struct gl_buf *ret_data,
                              struct gl_error *err);

/* Replaces `path` by a temporary file, fsync and rename: a reader sees the old or the new content,
 * never a part, and a full disk leaves the old file. A link is replaced, not followed; a device or
 * FIFO is written to. */
gl_nodiscard int gl_write_file(const char *path, const void *data, size_t len, mode_t mode,
                               struct gl_error *err);

/* The same for a file of another owner, who never sees it half written. (uid_t)-1 and (gid_t)-1
 * leave what the system gives. */
struct gl_file_owner {
    uid_t uid;
    gid_t gid;
};

gl_nodiscard int gl_write_file_as(const char *path, const void *data, size_t len, mode_t mode,
                                  const struct gl_file_owner *owner, struct gl_error *err);
gl_nodiscard int gl_write_text(const char *path, const char *text, mode_t mode,
                               struct gl_error *err);

/* Makes a symbolic link point elsewhere in one atomic step. */
gl_nodiscard int gl_replace_link(const char *target, const char *link_path, struct gl_error *err);

/* mkdir -p; existing directories keep their mode. */
gl_nodiscard int gl_mkdir_p(const char *path, mode_t mode, struct gl_error *err);

/* gl_mkdir_p(), with a .gitignore inside that keeps all of it out of repositories: what golive
 * keeps holds keys. An existing .gitignore stays as it is. */
gl_nodiscard int gl_mkdir_ignored(const char *path, struct gl_error *err);

/* rm -rf without following links or crossing file systems; a missing path, or NULL, is no error. */
gl_nodiscard int gl_remove_tree(const char *path, struct gl_error *err);

/* Gives a tree to another owner without following links. */
gl_nodiscard int gl_chown_tree(const char *path, uid_t uid, gid_t gid, struct gl_error *err);

/* Calls `visit` for every regular file below `dir` in the order of strcmp on the path relative to
 * `dir`; links are not followed. A non-zero return ends the walk and is returned. */
typedef int gl_walk_fn(const char *relative, const char *full, void *context, struct gl_error *err);
gl_nodiscard int gl_walk_files(const char *dir, gl_walk_fn *visit, void *context,
                               struct gl_error *err);

/* Copies one file's content and mode bits. */
gl_nodiscard int gl_copy_file(const char *from, const char *to, struct gl_error *err);

/* Writes all bytes, going on after short writes and signals. -1 and errno on failure. */
int gl_write_all(int fd, const void *data, size_t len);

/* Bytes free for an ordinary user on the file system of `path`; 0 if unknown. */
uint64_t gl_disk_free_bytes(const char *path);

/* The first directory at or above `start` that contains `name`; NULL if none. Caller owns it. */
char *gl_find_upwards(const char *start, const char *name);

#endif
