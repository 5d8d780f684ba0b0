/* Files of the database's user; working directories guarded by a lock that dies with the process.
 */
#include "platform/local/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"

int gl_local_give(const struct gl_local *local, const char *path, struct gl_error *err)
{
    if (local->drop && lchown(path, local->uid, local->gid) < 0)
        return gl_fail_errno(err, errno, _("cannot change the owner of %s"), path);
    return 0;
}

int gl_local_write_owned(const struct gl_local *local, const char *path, const char *text,
                         mode_t mode, struct gl_error *err)
{
    const struct gl_file_owner owner = {local->uid, local->gid};
    return local->drop ? gl_write_file_as(path, text, strlen(text), mode, &owner, err)
                       : gl_write_text(path, text, mode, err);
}

int gl_local_make_dir(const struct gl_local *local, const char *path, struct gl_error *err)
{
    if (mkdir(path, 0700) < 0)
        return gl_fail_errno(err, errno, _("cannot make directory %s"), path);
    return gl_local_give(local, path, err);
}

/* The parent is ours, so that nobody puts a link in the place of what was just made. */
int gl_local_account_dir(const struct gl_local *local, enum gl_local_account account,
                         const char *path, struct gl_error *err)
{
    const struct gl_file_owner *owner = &local->accounts[account];
    int failed = gl_mkdir_p(path, 0700, err);
    if (failed == 0 && local->drop && lchown(path, owner->uid, owner->gid) < 0)
        failed = gl_fail_errno(err, errno, _("cannot change the owner of %s"), path);
    return failed;
}

int gl_local_make_file(const struct gl_local *local, const char *path, struct gl_error *err)
{
    gl_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return gl_fail_errno(err, errno, _("cannot make %s"), path);
    return gl_local_give(local, path, err);
}

void gl_scratch_done(struct gl_scratch *scratch)
{
    if (!scratch->path)
        return;
    (void)!gl_remove_tree(scratch->path, NULL); /* what stays is removed by the next run */
    gl_close_fd(&scratch->lock_fd);
    free(gl_steal(&scratch->path));
}

static int lock_dir(const char *path, int operation)
{
    gl_autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result;
    do {
        result = flock(fd, operation);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -1 : gl_steal_fd(&fd);
}

static int sweep_one(const struct gl_local *local, const char *path, gl_scratch_fn *abandon,
                     struct gl_error *err)
{
    gl_autoclose int fd = lock_dir(path, LOCK_EX | LOCK_NB);
    if (fd < 0)
        return 0; /* its owner lives */
    int failed = abandon ? abandon(local, path, err) : 0;
    return failed < 0 ? failed : gl_remove_tree(path, err);
}

static int sweep(const struct gl_local *local, const char *parent, const char *prefix,
                 gl_scratch_fn *abandon, struct gl_error *err)
{
    DIR *dir = opendir(parent);
    if (!dir)
        return gl_fail_errno(err, errno, _("cannot read directory %s"), parent);
    int failed = 0;
    gl_autofree char *start = gl_asprintf("%s-", prefix);
    for (struct dirent *entry; failed == 0 && (entry = readdir(dir));) {
        if (!gl_starts_with(entry->d_name, start))
            continue;
        gl_autofree char *path = gl_path_join(parent, entry->d_name);
        failed = sweep_one(local, path, abandon, err);
    }
    closedir(dir);
    return failed;
}

int gl_scratch_make(const struct gl_local *local, const char *parent, const char *prefix,
                    gl_scratch_fn *abandon, struct gl_scratch *ret_scratch, struct gl_error *err)
{
    /* Whoever makes or sweeps holds the parent: a new directory is never seen without its lock. */
    gl_autoclose int parent_fd = lock_dir(parent, LOCK_EX);
    if (parent_fd < 0)
        return gl_fail_errno(err, errno, _("cannot lock %s"), parent);
    int failed = sweep(local, parent, prefix, abandon, err);
    if (failed < 0)
        return failed;
    gl_autofree char *name = gl_asprintf("%s-XXXXXX", prefix);
    struct gl_scratch made = {.path = gl_path_join(parent, name), .lock_fd = -1};
    if (!mkdtemp(made.path)) {
        failed = gl_fail_errno(err, errno, _("cannot make a directory in %s"), parent);
        free(made.path);
        return failed;
    }
    made.lock_fd = lock_dir(made.path, LOCK_EX | LOCK_NB);
    if (made.lock_fd < 0 || fchmod(made.lock_fd, 0711) < 0) {
        failed = gl_fail_errno(err, errno, _("cannot lock %s"), made.path);
        gl_scratch_done(&made);
        return failed;
    }
    *ret_scratch = made;
    return 0;
}
