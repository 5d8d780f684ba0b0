/* What the tests of images share: a directory of their own, files, a simple image. */
#ifndef GL_TESTS_OCI_SUPPORT_H
#define GL_TESTS_OCI_SUPPORT_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "oci/image.h"

#define SUPPORT __attribute__((unused)) static

/* Ends the test with the error's words if a call failed. */
#define gl_assert_ok(call, err)                                                                    \
    do {                                                                                           \
        if ((call) != 0)                                                                           \
            fail_msg("%s: %s", #call, (err)->message ? (err)->message : "no message");             \
    } while (0)

/* A new directory whose path has a space and Japanese characters in it. */
SUPPORT int make_dir(void **state)
{
    const char *base = getenv("TMPDIR");
    char *dir = gl_asprintf("%s/golive oci 画像 XXXXXX", base ? base : "/tmp");
    *state = mkdtemp(dir);
    return *state ? 0 : -1;
}

SUPPORT int remove_dir(void **state)
{
    int result = gl_remove_tree(*state, NULL);
    free(*state);
    return result;
}

SUPPORT char *write_file(const char *dir, const char *name, const void *data, size_t len,
                         mode_t mode)
{
    gl_autoerr struct gl_error err = {0};
    char *path = gl_path_join(dir, name);
    gl_autofree char *parent = gl_path_dir(path);
    gl_assert_ok(gl_mkdir_p(parent, 0755, &err), &err);
    gl_assert_ok(gl_write_file(path, data, len, mode, &err), &err);
    return path;
}

SUPPORT void write_text(const char *dir, const char *name, const char *text, mode_t mode)
{
    free(write_file(dir, name, text, strlen(text), mode));
}

/* Bytes that compress badly and are the same in every run. */
SUPPORT char *noise(size_t len, uint64_t seed)
{
    char *data = gl_alloc(len + 1);
    for (size_t i = 0; i < len; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        data[i] = (char)(seed >> 56);
    }
    return data;
}

SUPPORT char *read_text(const char *dir, const char *name)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(dir, name);
    struct gl_buf data = {0};
    gl_assert_ok(gl_read_file(path, 0, &data, &err), &err);
    return gl_buf_steal(&data);
}

/* Files below `dir`, counted. */
SUPPORT int count_file(const char *relative, const char *full, void *context, struct gl_error *err)
{
    (void)relative;
    (void)full;
    (void)err;
    ++*(size_t *)context;
    return 0;
}

SUPPORT size_t count_files(const char *dir, const char *name)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(dir, name);
    size_t count = 0;
    gl_assert_ok(gl_walk_files(path, count_file, &count, &err), &err);
    return count;
}

static const char *const support_entrypoint[] = {"/app/bin/server", "--serve", NULL};
static const char *const support_env[] = {"RUST_LOG=info", "PORT=8080", NULL};
static const char *const support_labels[] = {"org.opencontainers.image.revision=a1b2c3d", NULL};

/* A spec with everything but its layers. */
SUPPORT struct gl_image_spec simple_spec(const char *layout, const struct gl_image_layer *layers,
                                         size_t count)
{
    return (struct gl_image_spec){
        .layout_dir = layout,
        .layers = layers,
        .layer_count = count,
        .entrypoint = support_entrypoint,
        .env = support_env,
        .labels = support_labels,
        .user = "65532:65532",
        .workdir = "/app",
        .port = 8080,
        .architecture = "amd64",
        .created_unix_s = 1795430467,
        .tag = "glanceflow:a1b2c3d",
    };
}

/* Ends the test, naming the Debian package to install, if a program is missing. */
SUPPORT void need_program(const char *program, const char *package)
{
    gl_autofree char *command = gl_asprintf("command -v %s >/dev/null", program);
    if (system(command) != 0) /* NOLINT(cert-env33-c): a fixed text of this test */
        fail_msg("%s is not installed: apt-get install %s", program, package);
}

#endif
