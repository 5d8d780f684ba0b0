/* Room-internal: the frontend of one release as a list of files, and how it is written down.
 *
 * A file is either immutable (its name holds a hash of its content: it lies at its own place in the
 * bucket, beside those of all other releases) or mutable (a page, a picture: every release has its
 * own under the same name; it waits under its SHA-256 until its release is served). */
#ifndef GL_PLATFORM_AWS_SITE_MANIFEST_H
#define GL_PLATFORM_AWS_SITE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

/* What golive itself keeps in the bucket lies below this; no release has files there, and nobody
 * outside may read them (stacks/frontend.yaml). */
#define GL_SITE_OWN       "_golive/"
/* SvelteKit puts what has a hash in its name below this directory. */
#define GL_SITE_IMMUTABLE "_app/immutable/"

enum { GL_MD5_HEX_SIZE = 33 };

struct gl_site_file {
    char *path; /* below the site's root: its key in the bucket */
    char
        *source; /* file of the build with its content; NULL = that of the path. Not written down */
    char *type;  /* Content-Type */
    uint64_t size_bytes;
    char sha256[GL_SHA256_HEX_SIZE];
    char md5[GL_MD5_HEX_SIZE]; /* what S3 calls its ETag */
    bool immutable;
};

/* Zero-initialise. */
struct gl_site_manifest {
    int64_t release;
    struct gl_site_file *files; /* in the order of strcmp on the path */
    size_t count;
};

void gl_site_file_done(struct gl_site_file *file);
void gl_site_manifest_done(struct gl_site_manifest *manifest);
#define gl_autositemanifest gl_cleanup(gl_site_manifest_done)

/* Adds a file, whose strings it takes. */
void gl_site_manifest_add(struct gl_site_manifest *manifest, const struct gl_site_file *file);

/* The file of that path, NULL if there is none. */
const struct gl_site_file *gl_site_manifest_find(const struct gl_site_manifest *manifest,
                                                 const char *path);

/* True if a file of a site may be called so: relative, UTF-8 without control characters, at most
 * 1,024 bytes (S3's limit for keys), no "." or ".." part, not golive's own. */
bool gl_site_path_valid(const char *path);

/* The Cache-Control of a file. */
const char *gl_site_cache(const struct gl_site_file *file);

/* The Content-Type for a file name, by its ending; text says its charset. Static. */
const char *gl_site_type(const char *path);

/* Reads what gl_site_manifest_text() wrote. GL_E_CORRUPT for anything else, and for the manifest of
 * another release than `release`; `name` is what the error calls it. */
gl_nodiscard int gl_site_manifest_parse(const char *text, size_t len, const char *name,
                                        int64_t release, struct gl_site_manifest *ret_manifest,
                                        struct gl_error *err);

/* The manifest as JSON; the caller owns it. */
char *gl_site_manifest_text(const struct gl_site_manifest *manifest);

#endif
