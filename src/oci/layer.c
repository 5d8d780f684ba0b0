/* Packs one layer. Everything in the tar is decided here: names, modes and content come from the
 * tree, times from the commit, owners are 0. */
#include "oci/layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/interrupt.h"
#include "oci/gzip.h"

struct sink {
    struct gl_hasher tar;
    struct gl_gzip *gzip;
    struct gl_error *err;
    bool failed; /* err is filled */
};

static void free_archive(struct archive **archive)
{
    archive_write_free(*archive);
}

static void free_entry(struct archive_entry **entry)
{
    archive_entry_free(*entry);
}

static void free_gzip(struct gl_gzip **gzip)
{
    gl_gzip_free(*gzip);
}

static pthread_once_t locale_once = PTHREAD_ONCE_INIT;
static locale_t utf8_locale; /* made once and kept: threads may still use it */

static void make_locale(void)
{
    utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Where libc has no C.UTF-8 the thread keeps its own locale: (locale_t)0 changes nothing. */
struct gl_utf8 gl_utf8_begin(void)
{
    pthread_once(&locale_once, make_locale);
    return (struct gl_utf8){.before = uselocale(utf8_locale)};
}

void gl_utf8_end(struct gl_utf8 *state)
{
    uselocale(state->before);
}

/* After a failure the rest goes nowhere: an error told to libarchive would make it leak its buffer,
 * so every caller asks `failed` instead. */
static la_ssize_t on_tar(struct archive *archive, void *context, const void *data, size_t len)
{
    (void)archive;
    struct sink *sink = context;
    if (!sink->failed && gl_gzip_write(sink->gzip, data, len, sink->err) < 0)
        sink->failed = true;
    if (!sink->failed)
        gl_hasher_add(&sink->tar, data, len);
    return (la_ssize_t)len;
}

/* The sink's own error says more than libarchive's. */
static int check(struct archive *archive, const struct sink *sink, bool success, const char *target,
                 struct gl_error *err)
{
    if (sink->failed)
        return err ? err->code : GL_E_IO;
    if (success)
        return 0;
    const char *why = archive_error_string(archive);
    return gl_fail(err, GL_E_IO, _("cannot pack /%s: %s"), target, why ? why : "?");
}

static bool same_state(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int changed(const char *source, struct gl_error *err)
{
    gl_fail(err, GL_E_MISMATCH, _("%s changed while it was packed"), source);
    return gl_error_hint(err, _("Wait until the build has ended, then try again."));
}

static int pack_content(struct archive *archive, const struct sink *sink,
                        const struct gl_layer_tree_entry *entry, struct gl_error *err)
{
    gl_autoclose int fd = open(entry->source, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return gl_fail_errno(err, errno, _("cannot read %s"), entry->source);
    if (!same_state(&st, &entry->st))
        return changed(entry->source, err);
    char chunk[128 << 10]; /* of a thread for good it would cost every start, used or not */
    uint64_t left = (uint64_t)entry->st.st_size;
    while (left) {
        ssize_t count = read(fd, chunk, left < sizeof chunk ? left : sizeof chunk);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return gl_fail_errno(err, errno, _("cannot read %s"), entry->source);
        if (count == 0)
            return changed(entry->source, err);
        bool success = archive_write_data(archive, chunk, (size_t)count) == count;
        int result = check(archive, sink, success, entry->target, err);
        if (result == 0)
            result = gl_interrupt_check(err);
        if (result < 0)
            return result;
        left -= (uint64_t)count;
    }
    if (fstat(fd, &st) < 0 || !same_state(&st, &entry->st))
        return changed(entry->source, err);
    return 0;
}

static int pack_entry(struct archive *archive, const struct sink *sink,
                      const struct gl_layer_tree_entry *entry, int64_t created_unix_s,
                      struct gl_error *err)
{
    gl_cleanup(free_entry) struct archive_entry *header = archive_entry_new();
    bool is_file = S_ISREG(entry->st.st_mode);
    archive_entry_copy_pathname(header, entry->target);
    archive_entry_set_filetype(header, entry->st.st_mode & S_IFMT);
    archive_entry_set_perm(header, (__LA_MODE_T)entry->mode);
    archive_entry_set_size(header, is_file ? entry->st.st_size : 0);
    archive_entry_set_mtime(header, created_unix_s, 0);
    archive_entry_set_uid(header, 0);
    archive_entry_set_gid(header, 0);
    if (entry->link)
        archive_entry_copy_symlink(header, entry->link);
    bool success = archive_write_header(archive, header) == ARCHIVE_OK;
    int result = check(archive, sink, success, entry->target, err);
    return result == 0 && is_file ? pack_content(archive, sink, entry, err) : result;
}

/* No padding at the end: with it the length would depend on libarchive's block size. */
static int pack_tar(struct sink *sink, const struct gl_layer_tree *tree, int64_t created_unix_s,
                    struct gl_error *err)
{
    gl_autoutf8 struct gl_utf8 utf8 = gl_utf8_begin();
    (void)utf8;
    gl_cleanup(free_archive) struct archive *archive = archive_write_new();
    archive_write_set_format_pax_restricted(archive);
    archive_write_set_bytes_per_block(archive, 64 << 10);
    archive_write_set_bytes_in_last_block(archive, 1);
    bool opened = archive_write_open(archive, sink, NULL, on_tar, NULL) == ARCHIVE_OK;
    int result = check(archive, sink, opened, "", err);
    for (size_t i = 0; result == 0 && i < tree->count; i++)
        result = pack_entry(archive, sink, &tree->entries[i], created_unix_s, err);
    sink->failed = result < 0;
    bool closed = archive_write_close(archive) == ARCHIVE_OK;
    return result < 0 ? result : check(archive, sink, closed, "", err);
}

int gl_layer_pack(const struct gl_layout *layout, const struct gl_layer_tree *tree,
                  int64_t created_unix_s, unsigned workers, struct gl_layer *ret_layer,
                  struct gl_error *err)
{
    gl_cleanup(gl_blob_done) struct gl_blob blob = {0};
    gl_autoclose int fd = -1;
    int result = gl_layout_partial(layout, &fd, &blob.partial_path, err);
    if (result < 0)
        return result;
    gl_autoerr struct gl_error own = {0};
    gl_cleanup(free_gzip) struct gl_gzip *gzip = gl_gzip_new(fd, workers);
    struct sink sink = {.gzip = gzip, .err = &own};
    gl_hasher_init(&sink.tar);
    result = pack_tar(&sink, tree, created_unix_s, &own);
    char diff_id[GL_DIGEST_SIZE];
    gl_hasher_digest(&sink.tar, diff_id);
    gl_hasher_done(&sink.tar);
    if (result == 0)
        result = gl_gzip_finish(gzip, blob.descriptor.digest, &blob.descriptor.size_bytes, &own);
    if (result == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
        result = gl_fail_errno(&own, errno, _("cannot write %s"), blob.partial_path);
    if (result < 0) {
        gl_error_move(err, &own);
        return result;
    }
    ret_layer->blob = blob;
    memcpy(ret_layer->diff_id, diff_id, sizeof diff_id);
    blob.partial_path = NULL;
    return 0;
}
