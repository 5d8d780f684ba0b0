/* The built frontend on disk as a manifest. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/site.h"

enum { CHUNK_BYTES = 65536 };

struct digests {
    EVP_MD_CTX *sha256, *md5;
};

static void digests_done(struct digests *digests)
{
    EVP_MD_CTX_free(digests->sha256);
    EVP_MD_CTX_free(digests->md5);
}

static void digests_begin(struct digests *digests)
{
    digests->sha256 = EVP_MD_CTX_new();
    digests->md5 = EVP_MD_CTX_new();
    if (!digests->sha256 || !digests->md5 ||
        !EVP_DigestInit_ex(digests->sha256, EVP_sha256(), NULL) ||
        !EVP_DigestInit_ex(digests->md5, EVP_md5(), NULL))
        abort();
}

static void digests_add(struct digests *digests, struct gl_site_file *file, const void *data,
                        size_t len)
{
    if (!EVP_DigestUpdate(digests->sha256, data, len) || !EVP_DigestUpdate(digests->md5, data, len))
        abort();
    file->size_bytes += len;
}

static void digests_end(struct digests *digests, struct gl_site_file *file)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (!EVP_DigestFinal_ex(digests->sha256, digest, &size))
        abort();
    gl_hex(digest, size, file->sha256);
    if (!EVP_DigestFinal_ex(digests->md5, digest, &size))
        abort();
    gl_hex(digest, size, file->md5);
}

static void describe_text(const char *text, struct gl_site_file *file)
{
    gl_cleanup(digests_done) struct digests digests = {0};
    digests_begin(&digests);
    digests_add(&digests, file, text, strlen(text));
    digests_end(&digests, file);
}

/* Reads the file once for all that is told about it. */
static int describe_file(const char *path, struct gl_site_file *file, struct gl_error *err)
{
    gl_cleanup(digests_done) struct digests digests = {0};
    gl_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return gl_fail_errno(err, errno, _("cannot read %s"), path);
    digests_begin(&digests);
    char chunk[CHUNK_BYTES];
    ssize_t count;
    while ((count = read(fd, chunk, sizeof chunk)) != 0) {
        if (count > 0)
            digests_add(&digests, file, chunk, (size_t)count);
        else if (errno != EINTR)
            return gl_fail_errno(err, errno, _("cannot read %s"), path);
    }
    digests_end(&digests, file);
    return 0;
}

struct scan {
    struct gl_platform *platform;
    struct gl_site_manifest manifest;
    char *env_module;
    bool hashed_only; /* a service has the rest */
};

static int make_env_module(struct scan *scan, struct gl_error *err)
{
    gl_autojson json_t *variables = NULL;
    int failed = gl_cloud_frontend_variables(scan->platform, &variables, err);
    if (failed < 0)
        return failed;
    gl_autofree char *object = gl_json_canonical(variables);
    scan->env_module = gl_asprintf("export const env=%s", object);
    return 0;
}

static int scan_one(const char *relative, const char *full, void *context, struct gl_error *err)
{
    struct scan *scan = context;
    struct gl_site_file file = {.immutable = gl_starts_with(relative, GL_SITE_IMMUTABLE)};
    bool is_env_module = strcmp(relative, GL_SITE_ENV_MODULE) == 0;
    if (scan->hashed_only && !file.immutable)
        return 0;
    if (!gl_site_path_valid(relative)) {
        gl_fail(err, GL_E_REFUSED, _("%s cannot be a file of the site"), full);
        return gl_error_hint(err,
                             _("Names are UTF-8 without control characters, at most 1,024 "
                               "bytes; %s is golive's own."),
                             GL_SITE_OWN);
    }
    int failed = is_env_module ? make_env_module(scan, err) : describe_file(full, &file, err);
    if (failed < 0)
        return failed;
    if (is_env_module)
        describe_text(scan->env_module, &file);
    file.path = gl_strdup(relative);
    file.type = gl_strdup(gl_site_type(relative));
    gl_site_manifest_add(&scan->manifest, &file);
    return 0;
}

static int by_path(const void *a, const void *b)
{
    const struct gl_site_file *one = a;
    const struct gl_site_file *other = b;
    return strcmp(one->path, other->path);
}

/* Who asks for /about is given about.html (the function of stacks/frontend.yaml). A build that
 * makes about/index.html of the page gets that name, too: the local platform serves it as well. */
static void add_short_names(struct gl_site_manifest *manifest)
{
    static const char ending[] = "/index.html";

    size_t count = manifest->count;
    for (size_t i = 0; i < count; i++) {
        const struct gl_site_manifest scanned = {.files = manifest->files, .count = count};
        struct gl_site_file file = manifest->files[i];
        if (file.immutable || !gl_ends_with(file.path, ending))
            continue;
        size_t len = strlen(file.path) - (sizeof ending - 1);
        gl_autofree char *name = gl_asprintf("%.*s.html", (int)len, file.path);
        if (gl_site_manifest_find(&scanned, name))
            continue;
        file.source = gl_strdup(file.path);
        file.type = gl_strdup(file.type);
        file.path = gl_steal(&name);
        gl_site_manifest_add(manifest, &file);
    }
    qsort(manifest->files, manifest->count, sizeof *manifest->files, by_path);
}

static void scan_done(struct scan *scan)
{
    gl_site_manifest_done(&scan->manifest);
    free(scan->env_module);
}

char *gl_site_build_dir(const struct gl_platform *p, const struct gl_artifact *artifact)
{
    return gl_platform_has_pages(p->config) ? gl_path_join(artifact->frontend_dir, "client")
                                            : gl_strdup(artifact->frontend_dir);
}

int gl_site_scan(struct gl_platform *p, const struct gl_artifact *artifact,
                 struct gl_site_manifest *ret_manifest, char **ret_env_module, struct gl_error *err)
{
    gl_cleanup(scan_done) struct scan scan = {.platform = p,
                                              .manifest = {.release = artifact->release}};
    gl_autofree char *dir = gl_site_build_dir(p, artifact);
    scan.hashed_only = gl_platform_has_pages(p->config);
    if (!gl_is_dir(dir))
        return gl_fail(err, GL_E_NOT_FOUND, _("the built frontend %s does not exist"), dir);
    int failed = gl_walk_files(dir, scan_one, &scan, err);
    if (failed < 0)
        return failed;
    if (scan.manifest.count == 0)
        return gl_fail(err, GL_E_NOT_FOUND, _("the built frontend %s has no files"), dir);
    add_short_names(&scan.manifest);
    *ret_manifest = scan.manifest;
    scan.manifest = (struct gl_site_manifest){0};
    *ret_env_module = gl_steal(&scan.env_module);
    return 0;
}
