/* The layout directory: locks, reading with verification, committing as one step. */
#include "oci/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"

enum {
    LOCK_WAIT_MS = 10000,
    LOCK_POLL_MS = 20,
    SMALL_BLOB_BYTES = 16 << 20,
};

/* flock() cannot wait with a limit, and a signal must be able to end the wait. */
static int lock_dir(const char *dir, int operation, int *ret_fd, struct gl_error *err)
{
    gl_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return gl_fail(err, GL_E_NOT_FOUND, _("there is no image layout at %s"), dir);
    if (fd < 0)
        return gl_fail_errno(err, errno, _("cannot open the image layout %s"), dir);
    int64_t deadline_ms = gl_mono_ms() + LOCK_WAIT_MS;
    while (flock(fd, operation | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return gl_fail_errno(err, errno, _("cannot lock the image layout %s"), dir);
        int result = gl_interrupt_check(err);
        if (result < 0)
            return result;
        if (gl_mono_ms() > deadline_ms) {
            gl_fail(err, GL_E_BUSY, _("the image layout %s is in use"), dir);
            return gl_error_hint(
                err, _("Another build, push or clean-up is running: wait for it and try again."));
        }
        gl_sleep_ms(LOCK_POLL_MS);
    }
    *ret_fd = gl_steal_fd(&fd);
    return 0;
}

static int make_skeleton(const char *dir, struct gl_error *err)
{
    static const char version[] = "{\"imageLayoutVersion\":\"1.0.0\"}\n";
    gl_autofree char *blobs = gl_path_join(dir, "blobs/sha256");
    gl_autofree char *partial = gl_path_join(dir, "partial");
    gl_autofree char *marker = gl_path_join(dir, "oci-layout");
    gl_autoclose int lock_fd = -1;
    int result = gl_mkdir_p(blobs, 0755, err);
    if (result == 0)
        result = gl_mkdir_p(partial, 0755, err);
    if (result == 0)
        result = lock_dir(blobs, LOCK_EX, &lock_fd, err); /* others may be making it too */
    if (result == 0 && !gl_path_exists(marker))
        result = gl_write_text(marker, version, 0644, err);
    return result;
}

int gl_layout_open(const char *dir, enum gl_layout_use use, struct gl_layout *ret_layout,
                   struct gl_error *err)
{
    if (use == GL_LAYOUT_BUILD) {
        int result = make_skeleton(dir, err);
        if (result < 0)
            return result;
    }
    int fd = -1;
    int result = lock_dir(dir, use == GL_LAYOUT_PRUNE ? LOCK_EX : LOCK_SH, &fd, err);
    if (result < 0)
        return result;
    *ret_layout = (struct gl_layout){.dir = gl_strdup(dir), .lock_fd = fd};
    return 0;
}

void gl_layout_done(struct gl_layout *layout)
{
    if (layout->dir)
        gl_close_fd(&layout->lock_fd);
    free(layout->dir);
    *layout = (struct gl_layout){0};
}

int gl_layout_lock_blobs(const struct gl_layout *layout, int *ret_fd, struct gl_error *err)
{
    gl_autofree char *blobs = gl_path_join(layout->dir, "blobs");
    return lock_dir(blobs, LOCK_EX, ret_fd, err);
}

char *gl_layout_blob_path(const struct gl_layout *layout, const char *digest)
{
    return gl_asprintf("%s/blobs/sha256/%s", layout->dir, strchr(digest, ':') + 1);
}

bool gl_layout_has(const struct gl_layout *layout, const struct gl_descriptor *descriptor)
{
    gl_autofree char *path = gl_layout_blob_path(layout, descriptor->digest);
    struct stat st;
    return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           (uint64_t)st.st_size == descriptor->size_bytes;
}

int gl_layout_read(const struct gl_layout *layout, const char *digest, struct gl_buf *ret_data,
                   struct gl_error *err)
{
    if (!gl_digest_valid(digest))
        return gl_fail(err, GL_E_USAGE, _("`%s` is not a digest (sha256: and 64 digits)"),
                       digest ? digest : "");
    gl_autofree char *path = gl_layout_blob_path(layout, digest);
    if (!gl_path_exists(path))
        return gl_fail(err, GL_E_NOT_FOUND, _("the image layout %s has no %s"), layout->dir,
                       digest);
    gl_autobuf struct gl_buf data = {0};
    int result = gl_read_file(path, SMALL_BLOB_BYTES, &data, err);
    if (result < 0)
        return result;
    char actual[GL_DIGEST_SIZE];
    gl_digest_of(gl_buf_text(&data), data.len, actual);
    if (strcmp(actual, digest) != 0)
        return gl_fail(err, GL_E_CORRUPT, _("%s has been changed: its content is %s"), path,
                       actual);
    *ret_data = data;
    data = (struct gl_buf){0};
    return 0;
}

int gl_layout_manifest(const struct gl_layout *layout, const char *digest,
                       struct gl_manifest *ret_manifest, uint64_t *ret_size_bytes,
                       struct gl_error *err)
{
    gl_autobuf struct gl_buf data = {0};
    int result = gl_layout_read(layout, digest, &data, err);
    if (result == 0)
        result = gl_manifest_parse(gl_buf_text(&data), data.len, digest, ret_manifest, err);
    if (result == 0 && ret_size_bytes)
        *ret_size_bytes = data.len;
    return result;
}

int gl_layout_check_blob(const struct gl_layout *layout, const struct gl_descriptor *descriptor,
                         struct gl_error *err)
{
    gl_autofree char *path = gl_layout_blob_path(layout, descriptor->digest);
    if (!gl_layout_has(layout, descriptor)) {
        gl_fail(err, GL_E_CORRUPT, _("%s is missing or not %llu bytes long"), path,
                (unsigned long long)descriptor->size_bytes);
        return gl_error_hint(err, _("Build the image again: the missing blob is made anew."));
    }
    char actual[GL_DIGEST_SIZE];
    int result = gl_digest_file(path, actual, err);
    if (result < 0)
        return result;
    if (strcmp(actual, descriptor->digest) != 0) {
        gl_fail(err, GL_E_CORRUPT, _("%s has been changed: its content is %s"), path, actual);
        return gl_error_hint(err, _("Remove that file and build the image again."));
    }
    return 0;
}

int gl_layout_partial(const struct gl_layout *layout, int *ret_fd, char **ret_path,
                      struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(layout->dir, "partial/blob-XXXXXX");
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return gl_fail_errno(err, errno, _("cannot make a file in %s/partial"), layout->dir);
    *ret_fd = fd;
    *ret_path = gl_steal(&path);
    return 0;
}

int gl_layout_put(const struct gl_layout *layout, const char *text, struct gl_blob *ret_blob,
                  struct gl_error *err)
{
    gl_cleanup(gl_blob_done) struct gl_blob blob = {0};
    gl_autoclose int fd = -1;
    int result = gl_layout_partial(layout, &fd, &blob.partial_path, err);
    if (result < 0)
        return result;
    size_t len = strlen(text);
    if (gl_write_all(fd, text, len) < 0 || fchmod(fd, 0644) < 0 || fsync(fd) < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), blob.partial_path);
    gl_digest_of(text, len, blob.descriptor.digest);
    blob.descriptor.size_bytes = len;
    *ret_blob = blob;
    blob.partial_path = NULL;
    return 0;
}

void gl_blob_done(struct gl_blob *blob)
{
    if (blob->partial_path)
        unlink(blob->partial_path);
    free(blob->partial_path);
    blob->partial_path = NULL;
}

/* A blob that is there already stays: somebody may be reading it. */
static int move_into_place(const struct gl_layout *layout, struct gl_blob *blob,
                           struct gl_strv *added, struct gl_error *err)
{
    if (!blob->partial_path)
        return 0;
    blob->existed = gl_layout_has(layout, &blob->descriptor);
    if (blob->existed)
        return 0;
    gl_autofree char *path = gl_layout_blob_path(layout, blob->descriptor.digest);
    if (rename(blob->partial_path, path) < 0)
        return gl_fail_errno(err, errno, _("cannot make %s"), path);
    gl_strv_add(added, path);
    free(gl_steal(&blob->partial_path));
    return 0;
}

static int sync_blobs(const struct gl_layout *layout, struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(layout->dir, "blobs/sha256");
    gl_autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), path);
    return 0;
}

static int update_index(const struct gl_layout *layout, const struct gl_descriptor *manifest,
                        const struct gl_image_spec *spec, struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(layout->dir, "index.json");
    gl_autobuf struct gl_buf old = {0};
    int result = gl_path_exists(path) ? gl_read_file(path, 0, &old, err) : 0;
    gl_autojson json_t *index = NULL;
    if (result == 0)
        result = gl_index_parse(gl_buf_text(&old), old.len, path, &index, err);
    if (result < 0)
        return result;
    gl_index_set(index, manifest, spec->tag, spec->architecture);
    gl_autofree char *text = gl_json_canonical(index);
    if (strcmp(text, gl_buf_text(&old)) == 0)
        return 0;
    return gl_write_text(path, text, 0644, err);
}

int gl_layout_commit(const struct gl_layout *layout, struct gl_blob **blobs, size_t count,
                     const struct gl_image_spec *spec, struct gl_error *err)
{
    gl_autoclose int lock_fd = -1;
    gl_autostrv struct gl_strv added = {0};
    int result = gl_layout_lock_blobs(layout, &lock_fd, err);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = move_into_place(layout, blobs[i], &added, err);
    if (result == 0 && added.count)
        result = sync_blobs(layout, err);
    if (result == 0)
        result = update_index(layout, &blobs[count - 1]->descriptor, spec, err);
    for (size_t i = 0; result < 0 && i < added.count; i++)
        unlink(added.items[i]);
    return result;
}
