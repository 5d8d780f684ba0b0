/* Extracts an image below a directory that nothing of it can leave.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "oci/image.h"
#include "oci/layer.h"
#include "oci/layout.h"

static const char whiteout[] = ".wh.";
static const char opaque[] = ".wh..wh..opq";

struct unpack {
    char *root;             /* without symbolic links, so that libarchive may refuse all of them */
    struct gl_strv written; /* by this layer: an opaque whiteout hides only what lay below it */
};

static void free_reader(struct archive **archive)
{
    archive_read_free(*archive);
}

static void free_writer(struct archive **archive)
{
    archive_write_free(*archive);
}

static void free_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int refuse(const char *path, const char *why, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("the image holds %s: %s"), path ? path : "?", why);
    return gl_error_hint(err, _("Do not use this image; build it anew from its source."));
}

/* The path without "./" and slashes at its ends; "" is the root itself. NULL if it climbs. */
static char *plain_relative(const char *path)
{
    gl_autostrv struct gl_strv parts = {0};
    gl_autostrv struct gl_strv kept = {0};
    if (!path || path[0] == '/')
        return NULL;
    gl_strv_split(&parts, path, "/");
    for (size_t i = 0; i < parts.count; i++) {
        if (strcmp(parts.items[i], "..") == 0)
            return NULL;
        if (strcmp(parts.items[i], ".") != 0)
            gl_strv_add(&kept, parts.items[i]);
    }
    return gl_strv_join(&kept, "/");
}

/* True if a directory above root/path is a symbolic link or no directory. */
static bool passes_through_link(const char *root, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        gl_autofree char *part = gl_strndup(path, (size_t)(slash - path));
        gl_autofree char *full = gl_path_join(root, part);
        struct stat st;
        if (lstat(full, &st) == 0 && !S_ISDIR(st.st_mode))
            return true;
    }
    return false;
}

/* Clears what an earlier layer left at the place of a new entry; directories are joined. */
static int make_way(const char *full, bool is_dir, struct gl_error *err)
{
    struct stat st;
    if (lstat(full, &st) < 0 || (is_dir && S_ISDIR(st.st_mode)))
        return 0;
    return gl_remove_tree(full, err);
}

static bool written_here(const struct unpack *unpack, const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < unpack->written.count; i++) {
        const char *own = unpack->written.items[i];
        if (strncmp(own, path, len) == 0 && (own[len] == '\0' || own[len] == '/'))
            return true;
    }
    return false;
}

/* Removes what lower layers left in one directory; those this layer wrote are looked into later. */
static int hide_children(const struct unpack *unpack, const char *path, struct gl_strv *pending,
                         struct gl_error *err)
{
    gl_autofree char *full = gl_path_join(unpack->root, path);
    gl_cleanup(free_dir) DIR *dir = opendir(full);
    int result = 0;
    for (struct dirent *entry; dir && result == 0 && (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        gl_autofree char *child =
            *path ? gl_path_join(path, entry->d_name) : gl_strdup(entry->d_name);
        gl_autofree char *place = gl_path_join(full, entry->d_name);
        struct stat st;
        if (!written_here(unpack, child))
            result = gl_remove_tree(place, err);
        else if (lstat(place, &st) == 0 && S_ISDIR(st.st_mode))
            gl_strv_add(pending, child);
    }
    return result;
}

static int hide_lower(const struct unpack *unpack, const char *path, struct gl_error *err)
{
    gl_autostrv struct gl_strv pending = {0};
    gl_strv_add(&pending, path);
    int result = 0;
    for (size_t i = 0; result == 0 && i < pending.count; i++) {
        gl_autofree char *next = gl_strdup(pending.items[i]);
        result = hide_children(unpack, next, &pending, err);
    }
    return result;
}

static int apply_whiteout(const struct unpack *unpack, const char *path, struct gl_error *err)
{
    const char *base = gl_path_base(path);
    gl_autofree char *dir = base == path ? gl_strdup("") : gl_path_dir(path);
    if (strcmp(base, opaque) == 0)
        return hide_lower(unpack, dir, err);
    const char *name = base + sizeof whiteout - 1;
    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return refuse(path, _("a whiteout without a name"), err);
    gl_autofree char *hidden = *dir ? gl_path_join(dir, name) : gl_strdup(name);
    gl_autofree char *full = gl_path_join(unpack->root, hidden);
    return written_here(unpack, hidden) ? 0 : gl_remove_tree(full, err);
}

/* A hard link may only name a regular file that this image has already unpacked. */
static int check_hardlink(const struct unpack *unpack, struct archive_entry *entry,
                          const char *path, struct gl_error *err)
{
    gl_autofree char *target = plain_relative(archive_entry_hardlink(entry));
    if (!target || passes_through_link(unpack->root, target))
        return refuse(path, _("a hard link that leads out of it"), err);
    gl_autofree char *full = gl_path_join(unpack->root, target);
    struct stat st;
    if (lstat(full, &st) < 0 || !S_ISREG(st.st_mode))
        return refuse(path, _("a hard link to something that is not a file of it"), err);
    archive_entry_copy_hardlink(entry, full);
    return 0;
}

static int check_entry(const struct unpack *unpack, struct archive_entry *entry, const char *path,
                       struct gl_error *err)
{
    mode_t type = archive_entry_filetype(entry);
    if (passes_through_link(unpack->root, path))
        return refuse(path, _("it lies behind a symbolic link"), err);
    if (archive_entry_hardlink(entry))
        return check_hardlink(unpack, entry, path, err);
    if (type == S_IFLNK) {
        const char *link = archive_entry_symlink(entry);
        if (!link || !gl_link_stays_inside(path, link))
            return refuse(path, _("a symbolic link that leads out of it"), err);
    } else if (type != S_IFREG && type != S_IFDIR) {
        return refuse(path, _("a device, pipe or socket"), err);
    }
    return 0;
}

/* libarchive knows an errno for trouble with the disk, and only words for its own refusals. */
static int disk_failure(struct archive *writer, const char *path, struct gl_error *err)
{
    int number = archive_errno(writer);
    if (number > 0)
        return gl_fail_errno(err, number, _("cannot write /%s"), path);
    return gl_fail(err, GL_E_IO, _("cannot write /%s: %s"), path, archive_error_string(writer));
}

static int copy_data(struct archive *reader, struct archive *writer, const char *path,
                     struct gl_error *err)
{
    for (;;) {
        const void *block;
        size_t len;
        la_int64_t offset;
        int status = archive_read_data_block(reader, &block, &len, &offset);
        if (status == ARCHIVE_EOF)
            return 0;
        if (status != ARCHIVE_OK)
            return gl_fail(err, GL_E_CORRUPT, _("cannot unpack /%s: %s"), path,
                           archive_error_string(reader));
        if (archive_write_data_block(writer, block, len, offset) < ARCHIVE_OK)
            return disk_failure(writer, path, err);
        int result = gl_interrupt_check(err);
        if (result < 0)
            return result;
    }
}

/* Owner, extended attributes and set-id bits are left out: the files belong to whoever unpacks. */
static int write_entry(struct unpack *unpack, struct archive *reader, struct archive *writer,
                       struct archive_entry *entry, const char *path, struct gl_error *err)
{
    gl_autofree char *full = gl_path_join(unpack->root, path);
    bool is_dir = archive_entry_filetype(entry) == S_IFDIR && !archive_entry_hardlink(entry);
    int result = make_way(full, is_dir, err);
    if (result < 0)
        return result;
    mode_t mode = (archive_entry_perm(entry) & 0777) | (is_dir ? 0700 : 0400);
    archive_entry_copy_pathname(entry, full);
    archive_entry_set_perm(entry, mode);
    if (archive_write_header(writer, entry) < ARCHIVE_WARN)
        return disk_failure(writer, path, err);
    if (archive_entry_size(entry) > 0 && !archive_entry_hardlink(entry))
        result = copy_data(reader, writer, path, err);
    if (result == 0 && archive_write_finish_entry(writer) < ARCHIVE_WARN)
        result = disk_failure(writer, path, err);
    gl_strv_add(&unpack->written, path);
    return result;
}

static int unpack_entry(struct unpack *unpack, struct archive *reader, struct archive *writer,
                        struct archive_entry *entry, struct gl_error *err)
{
    const char *name = archive_entry_pathname(entry);
    gl_autofree char *path = plain_relative(name);
    if (!path)
        return refuse(name, _("a path that leads out of it"), err);
    if (!*path) /* the root directory itself: nothing to make */
        return 0;
    int result = check_entry(unpack, entry, path, err);
    if (result < 0)
        return result;
    if (gl_starts_with(gl_path_base(path), whiteout))
        return apply_whiteout(unpack, path, err);
    return write_entry(unpack, reader, writer, entry, path, err);
}

static int each_entry(struct unpack *unpack, struct archive *reader, struct archive *writer,
                      struct gl_error *err)
{
    for (;;) {
        struct archive_entry *entry;
        int status = archive_read_next_header(reader, &entry);
        if (status == ARCHIVE_EOF)
            return 0;
        if (status != ARCHIVE_OK)
            return gl_fail(err, GL_E_CORRUPT, _("the layer is no readable tar archive: %s"),
                           archive_error_string(reader));
        int result = unpack_entry(unpack, reader, writer, entry, err);
        if (result < 0)
            return result;
    }
}

static int unpack_layer(struct unpack *unpack, const char *path, struct gl_error *err)
{
    gl_autoutf8 struct gl_utf8 utf8 = gl_utf8_begin();
    (void)utf8;
    gl_cleanup(free_reader) struct archive *reader = archive_read_new();
    gl_cleanup(free_writer) struct archive *writer = archive_write_disk_new();
    archive_read_support_format_tar(reader);
    archive_read_support_format_empty(reader);
    archive_read_support_filter_gzip(reader);
    archive_read_support_filter_zstd(reader);
    archive_write_disk_set_options(writer, ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
                                               ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                                               ARCHIVE_EXTRACT_SECURE_NODOTDOT);
    if (archive_read_open_filename(reader, path, 64 << 10) != ARCHIVE_OK)
        return gl_fail(err, GL_E_CORRUPT, _("cannot read %s: %s"), path,
                       archive_error_string(reader));
    gl_strv_done(&unpack->written);
    int result = each_entry(unpack, reader, writer, err);
    if (archive_write_close(writer) < ARCHIVE_WARN && result == 0)
        result = disk_failure(writer, "", err);
    return result;
}

static int unpack_layers(const struct gl_layout *layout, const char *digest, struct unpack *unpack,
                         struct gl_error *err)
{
    gl_automanifest struct gl_manifest manifest = {0};
    int result = gl_layout_manifest(layout, digest, &manifest, NULL, err);
    for (size_t i = 0; result == 0 && i < manifest.layer_count; i++) {
        gl_autofree char *path = gl_layout_blob_path(layout, manifest.layers[i].digest);
        result = gl_layout_check_blob(layout, &manifest.layers[i], err);
        if (result == 0)
            result = unpack_layer(unpack, path, err);
    }
    return result;
}

/* Content reaches the disk before the name does; a directory somebody else completed is as good. */
static int publish(const char *root, const char *dir, struct gl_error *err)
{
    gl_autoclose int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || syncfs(fd) < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), root);
    if (chmod(root, 0755) < 0)
        return gl_fail_errno(err, errno, _("cannot set the mode of %s"), root);
    if (rename(root, dir) == 0)
        return 0;
    if ((errno == ENOTEMPTY || errno == EEXIST) && gl_is_dir(dir))
        return gl_remove_tree(root, err);
    return gl_fail_errno(err, errno, _("cannot make %s"), dir);
}

static int make_root(const char *dir, char **ret_root, struct gl_error *err)
{
    gl_autofree char *parent = gl_path_dir(dir);
    int result = gl_mkdir_p(parent, 0755, err);
    if (result < 0)
        return result;
    gl_autofree char *real = realpath(parent, NULL);
    if (!real)
        return gl_fail_errno(err, errno, _("cannot read directory %s"), parent);
    gl_autofree char *root = gl_asprintf("%s/.%s.XXXXXX", real, gl_path_base(dir));
    if (!mkdtemp(root))
        return gl_fail_errno(err, errno, _("cannot make a directory in %s"), real);
    *ret_root = gl_steal(&root);
    return 0;
}

static int unpack_beside(const struct gl_layout *layout, const char *digest, const char *dir,
                         struct gl_error *err)
{
    struct unpack unpack = {0};
    int result = make_root(dir, &unpack.root, err);
    if (result < 0)
        return result;
    result = unpack_layers(layout, digest, &unpack, err);
    if (result == 0)
        result = publish(unpack.root, dir, err);
    if (result < 0 && gl_remove_tree(unpack.root, NULL) < 0)
        gl_error_wrap(err, _("%s is left over"), unpack.root);
    gl_strv_done(&unpack.written);
    free(unpack.root);
    return result;
}

/* Complete is what somebody renamed into place: not empty. An empty directory gives way. */
static bool is_filled(const char *dir)
{
    return gl_is_dir(dir) && rmdir(dir) < 0 && errno != ENOENT;
}

int gl_image_unpack(const char *layout_dir, const char *digest, const char *dir,
                    struct gl_error *err)
{
    gl_autofree char *plain = gl_strdup(dir);
    for (size_t len = strlen(plain); len > 1 && plain[len - 1] == '/';)
        plain[--len] = '\0';
    if (is_filled(plain))
        return 0;
    gl_autolayout struct gl_layout layout = {0};
    int result = gl_layout_open(layout_dir, GL_LAYOUT_READ, &layout, err);
    if (result == 0)
        result = unpack_beside(&layout, digest, plain, err);
    if (result < 0)
        return gl_error_wrap(err, _("cannot unpack %s into %s"), digest, plain);
    return 0;
}
