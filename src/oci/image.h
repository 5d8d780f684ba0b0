/* OCI images without a daemon: a layout directory whose digest depends on content alone.
 * https://github.com/opencontainers/image-spec */
#ifndef GL_OCI_IMAGE_H
#define GL_OCI_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strv.h"

#define GL_DIGEST_SIZE 72 /* "sha256:" + 64 digits + NUL */

/* One file or directory of a layer. */
struct gl_image_file {
    const char *source; /* file or directory on this machine */
    const char *target; /* absolute path in the image; directories are copied with their content */
    unsigned mode;      /* permission bits for files; 0 = 0755 for executable sources, else 0644 */
};

struct gl_image_layer {
    const char *name; /* for progress and history: "runtime", "app" */
    const struct gl_image_file *files;
    size_t count;
    bool
        timeless; /* its files have the time 0: the same files are the same blob in every release */
};

struct gl_image_spec {
    const char *layout_dir; /* OCI image layout; made if needed, shared by many images */
    const struct gl_image_layer *layers;
    size_t layer_count;
    const char *const *entrypoint; /* NULL-terminated */
    const char *const *env;        /* "NAME=value", no secrets */
    const char *user;              /* "65532:65532"; root is refused */
    const char *workdir;
    uint16_t port;             /* 0 = none exposed */
    const char *architecture;  /* "amd64", "arm64" */
    const char *const *labels; /* "key=value"; org.opencontainers.image.revision, .version, ... */
    int64_t created_unix_s;    /* the commit's time: also the mtime of files */
    const char *tag;           /* name in index.json, e.g. "glanceflow:a1b2c3d"; NULL = none */
};

struct gl_image {
    char digest[GL_DIGEST_SIZE]; /* of the manifest: what is deployed */
    char config_digest[GL_DIGEST_SIZE];
    uint64_t size_bytes; /* compressed layers + config + manifest */
    size_t layers;
    size_t layers_reused; /* blobs that were already in the layout */
    int64_t elapsed_ms;
};

/* Packs the layers side by side into the layout. The same files give the same digest on every run.
 * A full disk leaves the layout as it was. */
gl_nodiscard int gl_image_build(const struct gl_image_spec *spec, struct gl_image *ret_image,
                                struct gl_error *err);

/* The shared libraries a dynamic program needs (resolved paths, loader included, sorted), so that
 * it runs in an image without a base. Static programs give an empty list. */
gl_nodiscard int gl_image_libraries(const char *program, struct gl_strv *ret_paths,
                                    struct gl_error *err);

/* The processor that a program is built for, as images call it: "amd64", "arm64". GL_E_CONFIG for
 * what is no program of one of these. */
gl_nodiscard int gl_image_processor(const char *program, const char **ret_processor,
                                    struct gl_error *err);

/* Extracts an image of the layout into `dir` (whiteouts honoured, nothing may leave it). The result
 * is complete or absent: it is made beside and renamed. An existing complete `dir` is left alone.
 */
gl_nodiscard int gl_image_unpack(const char *layout_dir, const char *digest, const char *dir,
                                 struct gl_error *err);

/* The image's config: entrypoint, environment and working directory for whoever runs it. */
struct gl_image_run {
    struct gl_strv entrypoint;
    struct gl_strv env;
    char *workdir;
    char *user;
    char *architecture; /* "amd64", "arm64"; NULL if the config does not say it */
};

void gl_image_run_done(struct gl_image_run *run);
gl_nodiscard int gl_image_read_run(const char *layout_dir, const char *digest,
                                   struct gl_image_run *ret_run, struct gl_error *err);

/* Removes blobs that none of the manifests in `keep` needs. */
gl_nodiscard int gl_image_prune(const char *layout_dir, const struct gl_strv *keep,
                                uint64_t *ret_freed_bytes, struct gl_error *err);

/* Recomputes every blob's digest reachable from the manifest; GL_E_CORRUPT names the first bad one.
 */
gl_nodiscard int gl_image_verify(const char *layout_dir, const char *digest, struct gl_error *err);

/* How far a push is: bytes that need not be sent any more, of all. */
typedef void gl_push_progress_fn(uint64_t sent_bytes, uint64_t total_bytes, void *context);

struct gl_push_spec {
    const char *layout_dir;
    const char *digest;
    const char *registry;    /* "https://registry.example.com:5000" */
    const char *repository;  /* "team/glanceflow" */
    const char *const *tags; /* NULL-terminated; the manifest is always pushed by digest too */
    const char *user;        /* NULL = anonymous */
    const char *password;    /* never logged */
    const char *ca_file;     /* NULL = system */
    gl_push_progress_fn *on_progress; /* before the first blob and after each; NULL = silent */
    void *context;
};

struct gl_push_result {
    size_t uploaded;
    size_t existing;
    uint64_t uploaded_bytes;
};

/* Pushes by the OCI distribution API: blobs that exist are skipped, an interrupted upload is begun
 * anew, 429 and 5xx are retried with back-off, Basic and Bearer (token) authentication. The digest
 * the registry answers must be ours. */
gl_nodiscard int gl_image_push(const struct gl_push_spec *spec, struct gl_push_result *ret_result,
                               struct gl_error *err);

/* Brings an image from a registry into the layout as it is: manifest by digest, then the blobs that
 * are missing. All digests are checked, and nothing is entered before everything is there. `tags`
 * of the spec do not count; the counts are of what was fetched. */
struct gl_pull_result {
    size_t fetched;
    size_t existing;
    uint64_t fetched_bytes;
};

gl_nodiscard int gl_image_pull(const struct gl_push_spec *spec, struct gl_pull_result *ret_result,
                               struct gl_error *err);

#endif
