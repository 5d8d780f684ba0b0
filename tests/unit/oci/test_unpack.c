/* Unpacking: the files come back, and nothing of a hostile image leaves its directory. */
#include "support.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>

#include "oci/layer.h"
#include "oci/layout.h"

/* One entry of a tar made for a test. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): rows read best in this order */
struct row {
    mode_t type; /* S_IF...; 0 ends a layer */
    const char *path;
    const char *text; /* content, or where a link leads; a file with a leading '>' is a hard link */
    unsigned mode;
};

static void add_row(struct archive *archive, const struct row *row)
{
    struct archive_entry *entry = archive_entry_new();
    bool hard = row->type == S_IFREG && row->text && row->text[0] == '>';
    size_t len = row->type == S_IFREG && row->text && !hard ? strlen(row->text) : 0;
    archive_entry_set_pathname_utf8(entry, row->path);
    archive_entry_set_filetype(entry, row->type);
    archive_entry_set_perm(entry, row->mode ? row->mode : 0644);
    archive_entry_set_size(entry, (la_int64_t)len);
    if (hard)
        archive_entry_set_hardlink_utf8(entry, row->text + 1);
    if (row->type == S_IFLNK)
        archive_entry_set_symlink_utf8(entry, row->text);
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    if (len)
        assert_int_equal(archive_write_data(archive, row->text, len), len);
    archive_entry_free(entry);
}

/* A layer of these rows, gzip or zstd. */
static struct gl_blob layer_of(const struct gl_layout *layout, const struct row *rows, bool zstd)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoutf8 struct gl_utf8 utf8 = gl_utf8_begin();
    struct gl_blob blob = {0};
    gl_autoclose int fd = -1;
    gl_assert_ok(gl_layout_partial(layout, &fd, &blob.partial_path, &err), &err);
    struct archive *archive = archive_write_new();
    archive_write_set_format_pax_restricted(archive);
    assert_true((zstd ? archive_write_add_filter_zstd(archive)
                      : archive_write_add_filter_gzip(archive)) == ARCHIVE_OK);
    assert_int_equal(archive_write_open_fd(archive, fd), ARCHIVE_OK);
    for (; rows->type; rows++)
        add_row(archive, rows);
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    blob.descriptor.size_bytes = (uint64_t)st.st_size;
    gl_assert_ok(gl_digest_file(blob.partial_path, blob.descriptor.digest, &err), &err);
    (void)utf8;
    return blob;
}

/* An image of one or two crafted layers; returns its manifest's digest. */
static void image_of(const char *layout_dir, const struct row *lower, const struct row *upper,
                     char digest[GL_DIGEST_SIZE])
{
    gl_autoerr struct gl_error err = {0};
    gl_autolayout struct gl_layout layout = {0};
    gl_assert_ok(gl_layout_open(layout_dir, GL_LAYOUT_BUILD, &layout, &err), &err);
    struct gl_blob layers[2] = {layer_of(&layout, lower, false)};
    struct gl_blob config = {0};
    struct gl_blob manifest = {0};
    if (upper)
        layers[1] = layer_of(&layout, upper, false);
    gl_assert_ok(gl_layout_put(&layout, "{\"rootfs\":{}}", &config, &err), &err);
    struct gl_descriptor descriptors[2] = {layers[0].descriptor, layers[1].descriptor};
    struct gl_manifest parts = {config.descriptor, descriptors, upper ? 2 : 1};
    gl_autofree char *text = gl_manifest_text(&parts);
    gl_assert_ok(gl_layout_put(&layout, text, &manifest, &err), &err);
    struct gl_blob *blobs[4] = {&layers[0], &config, &layers[1], &manifest};
    struct gl_image_spec spec = {.architecture = "amd64"};
    if (!upper)
        blobs[2] = &manifest;
    gl_assert_ok(gl_layout_commit(&layout, blobs, upper ? 4 : 3, &spec, &err), &err);
    memcpy(digest, manifest.descriptor.digest, GL_DIGEST_SIZE);
    for (size_t i = 0; i < (upper ? 4 : 3); i++)
        gl_blob_done(blobs[i]);
}

static int unpack(const char *dir, const struct row *lower, const struct row *upper,
                  struct gl_error *err)
{
    char digest[GL_DIGEST_SIZE];
    gl_autofree char *layout = gl_path_join(dir, "layout");
    gl_autofree char *out = gl_path_join(dir, "deep/out");
    image_of(layout, lower, upper, digest);
    return gl_image_unpack(layout, digest, out, err);
}

static bool exists(const char *dir, const char *name)
{
    gl_autofree char *path = gl_path_join(dir, name);
    return gl_path_exists(path);
}

static void what_was_built_comes_back(void **state)
{
    gl_autoerr struct gl_error err = {0};
    write_text(*state, "src/bin/server", "#!/bin/sh\necho hello\n", 0755);
    write_text(*state, "src/static/日本語 ファイル.html", "<p>", 0600);
    gl_autofree char *link = gl_path_join(*state, "src/static/index.html");
    assert_int_equal(symlink("日本語 ファイル.html", link), 0);
    gl_autofree char *source = gl_path_join(*state, "src");
    gl_autofree char *layout = gl_path_join(*state, "layout");
    gl_autofree char *out = gl_path_join(*state, "out/release 1/");
    const struct gl_image_file file = {source, "/app", 0};
    const struct gl_image_layer layer = {"app", &file, 1};
    struct gl_image_spec spec = simple_spec(layout, &layer, 1);
    struct gl_image image = {0};
    gl_assert_ok(gl_image_build(&spec, &image, &err), &err);
    gl_assert_ok(gl_image_unpack(layout, image.digest, out, &err), &err);
    gl_autofree char *server = read_text(out, "app/bin/server");
    assert_string_equal(server, "#!/bin/sh\necho hello\n");
    gl_autofree char *page = read_text(out, "app/static/index.html"); /* through the link */
    assert_string_equal(page, "<p>");
    struct stat st;
    gl_autofree char *path = gl_path_join(out, "app/bin/server");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_int_equal(st.st_mtime, spec.created_unix_s);
    assert_int_equal(stat(out, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);

    /* Complete already: left alone, even though the layout is gone. */
    gl_assert_ok(gl_remove_tree(layout, &err), &err);
    gl_assert_ok(gl_image_unpack(layout, image.digest, out, &err), &err);
}

static void a_later_layer_replaces_and_hides(void **state)
{
    static const struct row lower[] = {
        {S_IFREG, "etc/keep",       "keep",      0},
        {S_IFREG, "etc/gone",       "gone",      0},
        {S_IFREG, "etc/changed",    "old",       0},
        {S_IFREG, "tree/a/b",       "old",       0},
        {S_IFLNK, "opaque/link",    "old",       0},
        {S_IFREG, "opaque/old",     "old",       0},
        {S_IFREG, "opaque/sub/old", "old",       0},
        {S_IFREG, "was-dir/file",   "old",       0},
        {S_IFREG, "was-file",       "old",       0},
        {S_IFLNK, "was-link",       "etc",       0},
        {S_IFREG, "hard/one",       "same",      0},
        {S_IFREG, "hard/two",       ">hard/one", 0},
        {0,       NULL,             NULL,        0},
    };
    static const struct row upper[] = {
        {S_IFREG, "etc/.wh.gone",        NULL,  0   },
        {S_IFREG, "etc/changed",         "new", 0   },
        {S_IFREG, ".wh.tree",            NULL,  0   },
        {S_IFREG, "opaque/new",          "new", 0   },
        {S_IFREG, "opaque/sub/new",      "new", 0   },
        {S_IFREG, "opaque/.wh..wh..opq", NULL,  0   },
        {S_IFREG, "was-dir",             "new", 0   },
        {S_IFREG, "was-file/inside",     "new", 0   },
        {S_IFDIR, "was-link",            NULL,  0755},
        {S_IFREG, "was-link/inside",     "new", 0   },
        {0,       NULL,                  NULL,  0   },
    };
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *out = gl_path_join(*state, "deep/out");
    assert_int_equal(unpack(*state, lower, upper, &err), GL_E_REFUSED); /* was-file/inside */
    assert_non_null(strstr(err.message, "was-file/inside"));

    struct row fixed[GL_COUNT(upper)];
    memcpy(fixed, upper, sizeof upper);
    fixed[7] = (struct row){S_IFDIR, "was-file", NULL, 0755};
    gl_assert_ok(unpack(*state, lower, fixed, &err), &err);
    static const char *const gone[] = {"etc/gone", "tree",           "opaque/old", "opaque/link",
                                       "was-dir/", "opaque/sub/old", NULL};
    for (size_t i = 0; gone[i]; i++) {
        if (exists(out, gone[i]))
            fail_msg("%s is still there", gone[i]);
    }
    static const char *const there[] = {"etc/keep", "opaque/new",      "opaque/sub/new",
                                        "was-dir",  "was-link/inside", NULL};
    for (size_t i = 0; there[i]; i++) {
        if (!exists(out, there[i]))
            fail_msg("%s is missing", there[i]);
    }
    assert_false(exists(out, "etc/inside"));
    gl_autofree char *changed = read_text(out, "etc/changed");
    assert_string_equal(changed, "new");
    gl_autofree char *two = read_text(out, "hard/two");
    assert_string_equal(two, "same");
    struct stat st;
    gl_autofree char *path = gl_path_join(out, "hard/one");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_nlink, 2);
}

struct attack {
    const char *name;
    struct row rows[4];
};

static const struct attack attacks[] = {
    {"path with dots",         {{S_IFREG, "../escaped", "x", 0}}                              },
    {"dots inside",            {{S_IFREG, "a/../../escaped", "x", 0}}                         },
    {"absolute path",          {{S_IFREG, "/escaped", "x", 0}}                                },
    {"absolute link",          {{S_IFLNK, "a", "/etc/passwd", 0}}                             },
    {"climbing link",          {{S_IFLNK, "a/b", "../../escaped", 0}}                         },
    {"link above the root",    {{S_IFLNK, "a", "..", 0}}                                      },
    {"file behind a link",
     {{S_IFDIR, "real", NULL, 0755}, {S_IFLNK, "a", "real", 0}, {S_IFREG, "a/file", "x", 0}}  },
    {"hard link by dots",      {{S_IFREG, "a", ">../outside", 0}}                             },
    {"absolute hard link",     {{S_IFREG, "a", ">/etc/passwd", 0}}                            },
    {"hard link to nothing",   {{S_IFREG, "a", ">b", 0}}                                      },
    {"hard link to a link",
     {{S_IFREG, "f", "x", 0}, {S_IFLNK, "b", "f", 0}, {S_IFREG, "a", ">b", 0}}                },
    {"character device",       {{S_IFCHR, "null", NULL, 0}}                                   },
    {"block device",           {{S_IFBLK, "disk", NULL, 0}}                                   },
    {"pipe",                   {{S_IFIFO, "pipe", NULL, 0}}                                   },
    {"whiteout of the parent", {{S_IFREG, "a/.wh...", NULL, 0}}                               },
    {"whiteout of itself",     {{S_IFREG, "a/.wh..", NULL, 0}}                                },
    {"nameless whiteout",      {{S_IFREG, ".wh.", NULL, 0}}                                   },
    {"whiteout by dots",       {{S_IFREG, "../.wh.outside", NULL, 0}}                         },
    {"whiteout behind a link",
     {{S_IFDIR, "real", NULL, 0755}, {S_IFLNK, "a", "real", 0}, {S_IFREG, "a/.wh.f", NULL, 0}}},
};

static void nothing_leaves_the_directory(void **state)
{
    gl_autofree char *deep = gl_path_join(*state, "deep");
    for (size_t i = 0; i < GL_COUNT(attacks); i++) {
        gl_autoerr struct gl_error err = {0};
        write_text(*state, "deep/outside", "untouched", 0600);
        int result = unpack(*state, attacks[i].rows, NULL, &err);
        if (result != GL_E_REFUSED)
            fail_msg("%s: %d %s", attacks[i].name, result, err.message ? err.message : "accepted");
        assert_non_null(err.hint);
        /* Only the file made above: no escaped file, no half-made directory. */
        assert_int_equal(count_files(*state, "deep"), 1);
        gl_autofree char *outside = read_text(deep, "outside");
        assert_string_equal(outside, "untouched");
        assert_false(exists(deep, "out"));
    }
    assert_false(gl_path_exists("/escaped"));
}

static void set_id_bits_and_locked_directories_do_not_survive(void **state)
{
    static const struct row rows[] = {
        {S_IFDIR, "locked",      NULL,   01   },
        {S_IFREG, "locked/file", "text", 06755},
        {0,       NULL,          NULL,   0    },
    };
    gl_autoerr struct gl_error err = {0};
    gl_assert_ok(unpack(*state, rows, NULL, &err), &err);
    struct stat st;
    gl_autofree char *file = gl_path_join(*state, "deep/out/locked/file");
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
}

static void a_damaged_layer_leaves_nothing_behind(void **state)
{
    static const struct row rows[] = {
        {S_IFREG, "file", "text", 0},
        {0,       NULL,   NULL,   0},
    };
    char digest[GL_DIGEST_SIZE];
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *layout = gl_path_join(*state, "layout");
    gl_autofree char *out = gl_path_join(*state, "out");
    image_of(layout, rows, NULL, digest);
    gl_autolayout struct gl_layout opened = {0};
    gl_automanifest struct gl_manifest manifest = {0};
    gl_assert_ok(gl_layout_open(layout, GL_LAYOUT_READ, &opened, &err), &err);
    gl_assert_ok(gl_layout_manifest(&opened, digest, &manifest, NULL, &err), &err);
    gl_autofree char *blob = gl_layout_blob_path(&opened, manifest.layers[0].digest);
    gl_autoclose int fd = open(blob, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "damage", 6, 12), 6);
    assert_int_equal(gl_image_unpack(layout, digest, out, &err), GL_E_CORRUPT);
    assert_non_null(strstr(err.message, blob));
    assert_false(gl_path_exists(out));
    assert_int_equal(count_files(*state, "."), count_files(*state, "layout"));
}

static void zstd_layers_are_read_too(void **state)
{
    static const struct row rows[] = {
        {S_IFREG, "ファイル", "text", 0},
        {0,       NULL,           NULL,   0},
    };
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *layout_dir = gl_path_join(*state, "layout");
    gl_autofree char *out = gl_path_join(*state, "out");
    gl_autolayout struct gl_layout layout = {0};
    gl_assert_ok(gl_layout_open(layout_dir, GL_LAYOUT_BUILD, &layout, &err), &err);
    struct gl_blob layer = layer_of(&layout, rows, true);
    struct gl_blob config = {0};
    struct gl_blob manifest = {0};
    gl_assert_ok(gl_layout_put(&layout, "{\"rootfs\":{}}", &config, &err), &err);
    struct gl_manifest parts = {config.descriptor, &layer.descriptor, 1};
    gl_autofree char *text = gl_manifest_text(&parts);
    gl_assert_ok(gl_layout_put(&layout, text, &manifest, &err), &err);
    struct gl_blob *blobs[3] = {&layer, &config, &manifest};
    struct gl_image_spec spec = {.architecture = "amd64"};
    gl_assert_ok(gl_layout_commit(&layout, blobs, 3, &spec, &err), &err);
    gl_assert_ok(gl_image_unpack(layout_dir, manifest.descriptor.digest, out, &err), &err);
    gl_autofree char *content = read_text(out, "ファイル");
    assert_string_equal(content, "text");
}

#define gl_with_dir(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gl_with_dir(what_was_built_comes_back),
        gl_with_dir(a_later_layer_replaces_and_hides),
        gl_with_dir(nothing_leaves_the_directory),
        gl_with_dir(set_id_bits_and_locked_directories_do_not_survive),
        gl_with_dir(a_damaged_layer_leaves_nothing_behind),
        gl_with_dir(zstd_layers_are_read_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
