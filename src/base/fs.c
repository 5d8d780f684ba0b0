/* Files: whole-file reads, atomic writes, trees. */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/strv.h"

enum { READ_BYTES = 65536 }; /* at once, of a file whose size is not known */

char *gl_path_join(const char *dir, const char *name)
{
    if (name[0] == '/')
        return gl_strdup(name);
    size_t len = strlen(dir);
    return gl_asprintf("%s%s%s", dir, !len || dir[len - 1] == '/' ? "" : "/", name);
}

const char *gl_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *gl_path_dir(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return gl_strdup(".");
    return slash == path ? gl_strdup("/") : gl_strndup(path, (size_t)(slash - path));
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_mode : 0;
}

bool gl_path_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

bool gl_is_dir(const char *path)
{
    return S_ISDIR(mode_of(path));
}

bool gl_is_file(const char *path)
{
    return S_ISREG(mode_of(path));
}

int gl_write_all(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len) {
        ssize_t count = write(fd, at, len);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        at += count;
        len -= (size_t)count;
    }
    return 0;
}

static const char *kind_of(mode_t mode)
{
    static const struct {
        mode_t type;
        const char *text;
    } kinds[] = {
        {S_IFDIR,  N_("a directory")},
        {S_IFIFO,  N_("a FIFO")     },
        {S_IFSOCK, N_("a socket")   },
        {S_IFCHR,  N_("a device")   },
        {S_IFBLK,  N_("a device")   },
    };

    for (size_t i = 0; i < GL_COUNT(kinds); i++) {
        if ((mode & S_IFMT) == kinds[i].type)
            return _(kinds[i].text);
    }
    return _("something else");
}

static int too_large(const char *path, size_t limit, struct gl_error *err)
{
    gl_autofree char *most = gl_format_bytes(limit);
    return gl_fail(err, GL_E_IO, _("%s is larger than %s"), path, most);
}

/* ret_size: what there is to read, as far as that is known (files of /proc say 0). */
static int check_readable(int fd, const char *path, size_t limit, size_t *ret_size,
                          struct gl_error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return gl_fail_errno(err, errno, _("cannot read %s"), path);
    if (!S_ISREG(st.st_mode))
        return gl_fail(err, GL_E_IO, _("%s is %s, not a file"), path, kind_of(st.st_mode));
    *ret_size = st.st_size > 0 ? (size_t)st.st_size : 0;
    return *ret_size > limit ? too_large(path, limit, err) : 0;
}

int gl_read_file(const char *path, size_t limit_bytes, struct gl_buf *ret_data,
                 struct gl_error *err)
{
    size_t limit = limit_bytes ? limit_bytes : (size_t)64 << 20;
    /* Without O_NONBLOCK a FIFO would be waited for until somebody writes to it. */
    gl_autoclose int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        int code = errno == ENOENT ? GL_E_NOT_FOUND : GL_E_IO;
        gl_fail_errno(err, errno, _("cannot read %s"), path);
        if (err)
            err->code = code;
        return code;
    }
    size_t size = 0;
    int failed = check_readable(fd, path, limit, &size, err);
    if (failed < 0)
        return failed;
    gl_autobuf struct gl_buf data = {0};
    /* No more than it needs, for many a text is kept; one byte further its end is seen. */
    gl_buf_reserve(&data, size ? size + 1 : READ_BYTES);
    for (;;) {
        if (data.cap - data.len < 2)
            gl_buf_reserve(&data, READ_BYTES);
        ssize_t count = read(fd, data.data + data.len, data.cap - data.len - 1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return gl_fail_errno(err, errno, _("cannot read %s"), path);
        if (count == 0)
            break;
        data.len += (size_t)count;
        data.data[data.len] = '\0';
        if (data.len > limit)
            return too_large(path, limit, err);
    }
    gl_buf_done(ret_data);
    *ret_data = data;
    data = (struct gl_buf){0};
    return 0;
}

/* fsync of the directory makes the rename itself durable. */
static void sync_parent(const char *path)
{
    gl_autofree char *dir = gl_path_dir(path);
    gl_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)fsync(fd);
}

/* Made by this call or not at all: a link that somebody planted under that name, or what a killed
 * process with our number left, is removed, never written through. */
static int create_fresh(const char *path)
{
    enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };

    int fd = open(path, FLAGS, 0600);
    if (fd < 0 && errno == EEXIST && unlink(path) == 0)
        fd = open(path, FLAGS, 0600);
    return fd;
}

static bool wants_owner(const struct gl_file_owner *owner)
{
    return owner->uid != (uid_t)-1 || owner->gid != (gid_t)-1;
}

/* /dev/stdout, a FIFO somebody reads: such a name stays what it is. */
static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) ||
                                    S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static int write_through(const char *path, const void *data, size_t len, struct gl_error *err)
{
    gl_autoclose int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || gl_write_all(fd, data, len) < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), path);
    return 0;
}

int gl_write_file(const char *path, const void *data, size_t len, mode_t mode, struct gl_error *err)
{
    const struct gl_file_owner nobody = {(uid_t)-1, (gid_t)-1};
    return gl_write_file_as(path, data, len, mode, &nobody, err);
}

int gl_write_file_as(const char *path, const void *data, size_t len, mode_t mode,
                     const struct gl_file_owner *owner, struct gl_error *err)
{
    if (is_special(path))
        return write_through(path, data, len, err);
    gl_autofree char *temporary = gl_asprintf("%s.%d.tmp", path, (int)getpid());
    gl_autoclose int fd = create_fresh(temporary);
    if (fd < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), path);
    bool owned = !wants_owner(owner) || fchown(fd, owner->uid, owner->gid) == 0;
    if (!owned || fchmod(fd, mode) < 0 || gl_write_all(fd, data, len) < 0 || fsync(fd) < 0 ||
        rename(temporary, path) < 0) {
        int saved = errno;
        unlink(temporary);
        return gl_fail_errno(err, saved, _("cannot write %s"), path);
    }
    sync_parent(path);
    return 0;
}

int gl_write_text(const char *path, const char *text, mode_t mode, struct gl_error *err)
{
    return gl_write_file(path, text, strlen(text), mode, err);
}

int gl_replace_link(const char *target, const char *link_path, struct gl_error *err)
{
    gl_autofree char *temporary = gl_asprintf("%s.%d.tmp", link_path, (int)getpid());
    unlink(temporary);
    if (symlink(target, temporary) < 0 || rename(temporary, link_path) < 0) {
        int saved = errno;
        unlink(temporary);
        return gl_fail_errno(err, saved, _("cannot point %s at %s"), link_path, target);
    }
    sync_parent(link_path);
    return 0;
}

int gl_mkdir_p(const char *path, mode_t mode, struct gl_error *err)
{
    if (!*path)
        return gl_fail_errno(err, ENOENT, _("cannot make a directory without a name"));
    gl_autofree char *partial = gl_strdup(path);
    for (char *at = partial + 1; *partial; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char saved = *at;
        *at = '\0';
        if (mkdir(partial, mode) < 0 && errno != EEXIST)
            return gl_fail_errno(err, errno, _("cannot make directory %s"), partial);
        *at = saved;
        if (!saved)
            break;
    }
    if (!gl_is_dir(path))
        return gl_fail_errno(err, ENOTDIR, _("cannot make directory %s"), path);
    return 0;
}

int gl_mkdir_ignored(const char *path, struct gl_error *err)
{
    gl_autofree char *rule = gl_path_join(path, ".gitignore");
    int failed = gl_mkdir_p(path, 0755, err);
    return failed < 0 || gl_path_exists(rule) ? failed : gl_write_text(rule, "*\n", 0644, err);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *position)
{
    (void)st;
    (void)type;
    (void)position;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

int gl_remove_tree(const char *path, struct gl_error *err)
{
    if (!path || !gl_path_exists(path))
        return 0;
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) < 0 && errno != ENOENT)
        return gl_fail_errno(err, errno, _("cannot remove %s"), path);
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the directories */
static int chown_below(int dir_fd, const char *name, uid_t uid, gid_t gid)
{
    if (fchownat(dir_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    gl_autoclose int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return 0; /* not a directory */
    DIR *dir = fdopendir(fd);
    if (!dir)
        return -1;
    int own_fd = gl_steal_fd(&fd);
    int result = 0;
    for (struct dirent *entry; result == 0 && (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = chown_below(own_fd, entry->d_name, uid, gid);
    }
    int saved = errno;
    closedir(dir);
    errno = saved;
    return result;
}

int gl_chown_tree(const char *path, uid_t uid, gid_t gid, struct gl_error *err)
{
    if (chown_below(AT_FDCWD, path, uid, gid) < 0)
        return gl_fail_errno(err, errno, _("cannot change the owner of %s"), path);
    return 0;
}

static int list_dir(const char *dir, struct gl_strv *names, struct gl_error *err)
{
    DIR *handle = opendir(dir);
    if (!handle)
        return gl_fail_errno(err, errno, _("cannot read directory %s"), dir);
    for (struct dirent *entry; (entry = readdir(handle));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            gl_strv_add(names, entry->d_name);
    }
    closedir(handle);
    gl_strv_sort(names);
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the directories */
static int collect_files(const char *root, const char *relative, struct gl_strv *files,
                         struct gl_error *err)
{
    gl_autofree char *dir = *relative ? gl_path_join(root, relative) : gl_strdup(root);
    gl_autostrv struct gl_strv names = {0};
    int result = list_dir(dir, &names, err);
    for (size_t i = 0; result == 0 && i < names.count; i++) {
        gl_autofree char *path =
            *relative ? gl_path_join(relative, names.items[i]) : gl_strdup(names.items[i]);
        gl_autofree char *full = gl_path_join(root, path);
        struct stat st;
        if (lstat(full, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode))
            result = collect_files(root, path, files, err);
        else if (S_ISREG(st.st_mode))
            gl_strv_add(files, path);
    }
    return result;
}

int gl_walk_files(const char *dir, gl_walk_fn *visit, void *context, struct gl_error *err)
{
    gl_autostrv struct gl_strv files = {0};
    int result = collect_files(dir, "", &files, err);
    gl_strv_sort(&files);
    for (size_t i = 0; result == 0 && i < files.count; i++) {
        gl_autofree char *full = gl_path_join(dir, files.items[i]);
        result = visit(files.items[i], full, context, err);
    }
    return result;
}

int gl_copy_file(const char *from, const char *to, struct gl_error *err)
{
    gl_autoclose int in = open(from, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (in < 0 || fstat(in, &st) < 0)
        return gl_fail_errno(err, errno, _("cannot read %s"), from);
    gl_autoclose int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, st.st_mode & 0777);
    if (out < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), to);
    char chunk[65536];
    for (;;) {
        ssize_t count = read(in, chunk, sizeof chunk);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return gl_fail_errno(err, errno, _("cannot read %s"), from);
        if (count == 0)
            break;
        if (gl_write_all(out, chunk, (size_t)count) < 0)
            return gl_fail_errno(err, errno, _("cannot write %s"), to);
    }
    if (fchmod(out, st.st_mode & 0777) < 0)
        return gl_fail_errno(err, errno, _("cannot set the mode of %s"), to);
    return 0;
}

uint64_t gl_disk_free_bytes(const char *path)
{
    struct statvfs fs;
    return statvfs(path, &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize : 0;
}

char *gl_find_upwards(const char *start, const char *name)
{
    gl_autofree char *dir = realpath(start, NULL);
    while (dir) {
        gl_autofree char *candidate = gl_path_join(dir, name);
        if (gl_path_exists(candidate))
            return gl_steal(&dir);
        if (strcmp(dir, "/") == 0)
            break;
        char *parent = gl_path_dir(dir);
        free(dir);
        dir = parent;
    }
    return NULL;
}
