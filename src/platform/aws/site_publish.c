/* Publishing: what a release has and the bucket has not yet, then the manifest. */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/site.h"

struct publishing {
    const struct gl_site *site;
    const char *dir;
    const char *version; /* that the files were built of */
    struct gl_site_manifest manifest;
    char *env_module; /* what this environment has in its place; or NULL */
    json_t *there;    /* objects by key: those that were there, and those that were sent */
    bool immutable;   /* the kind of files that is being sent */
    size_t at;        /* the file that is looked at next */
    char *full;       /* path of the one that was prepared last */
};

static void publishing_done(struct publishing *publishing)
{
    gl_site_manifest_done(&publishing->manifest);
    free(publishing->env_module);
    json_decref(publishing->there);
    free(publishing->full);
}

/* Where a file lies until its release is served. The caller owns it. */
static char *place_of(const struct gl_site_file *file)
{
    return file->immutable ? gl_strdup(file->path) : gl_site_file_key(file);
}

/* S3 refuses what is not the content that was described: the build changed meanwhile. */
static void set_md5(json_t *params, const char *hex)
{
    unsigned char digest[GL_MD5_HEX_SIZE / 2];
    unsigned char text[4 * ((sizeof digest + 2) / 3) + 1];
    if (!OPENSSL_hexstr2buf_ex(digest, sizeof digest, NULL, hex, '\0'))
        abort();
    EVP_EncodeBlock(text, digest, sizeof digest);
    gl_json_set_str(params, "ContentMD5", (const char *)text);
}

/* What waits for its release has no type yet: it gets it with its place. */
static json_t *upload_params(const struct gl_site *site, const char *key,
                             const struct gl_site_file *file)
{
    json_t *params = gl_site_params(site, key);
    gl_json_set_str(params, "ContentType",
                    file->immutable ? file->type : "application/octet-stream");
    gl_json_set_str(params, "CacheControl", file->immutable ? gl_site_cache(file) : "no-store");
    set_md5(params, file->md5);
    return params;
}

static void set_content(struct publishing *publishing, const struct gl_site_file *file,
                        struct gl_aws_request *request)
{
    if (publishing->env_module && strcmp(file->path, GL_SITE_ENV_MODULE) == 0) {
        request->body = publishing->env_module;
        request->body_len = strlen(publishing->env_module);
        return;
    }
    free(publishing->full);
    publishing->full = gl_path_join(publishing->dir, file->source ? file->source : file->path);
    request->body_path = publishing->full;
    request->body_sha256 = file->sha256;
}

/* Two files of one content are sent once. */
static void note(struct publishing *publishing, const char *key, const struct gl_site_file *file)
{
    json_object_set_new(
        publishing->there, key,
        json_pack("{sssI}", "etag", file->md5, "size", (json_int_t)file->size_bytes));
}

static bool next_upload(void *context, struct gl_aws_request *ret_request)
{
    struct publishing *publishing = context;
    while (publishing->at < publishing->manifest.count) {
        const struct gl_site_file *file = &publishing->manifest.files[publishing->at++];
        if (file->immutable != publishing->immutable)
            continue;
        gl_autofree char *key = place_of(file);
        if (gl_site_has(publishing->there, key, file))
            continue;
        ret_request->service = "s3";
        ret_request->operation = "PutObject";
        ret_request->params = upload_params(publishing->site, key, file);
        set_content(publishing, file, ret_request);
        note(publishing, key, file);
        return true;
    }
    return false;
}

static size_t count_missing(const struct publishing *publishing, bool immutable)
{
    size_t count = 0;
    for (size_t i = 0; i < publishing->manifest.count; i++) {
        const struct gl_site_file *file = &publishing->manifest.files[i];
        gl_autofree char *key = place_of(file);
        count += file->immutable == immutable && !gl_site_has(publishing->there, key, file);
    }
    return count;
}

static int upload(struct publishing *publishing, bool immutable, const char *doing,
                  struct gl_error *err)
{
    struct gl_site_work work = {
        .next = next_upload,
        .context = publishing,
        .doing = doing,
        .total = count_missing(publishing, immutable),
    };
    publishing->immutable = immutable;
    publishing->at = 0;
    return gl_site_run(publishing->site, &work, err);
}

/* What lies in the bucket of the kinds that are sent. */
static int survey(struct publishing *publishing, struct gl_error *err)
{
    gl_autojson json_t *files = NULL;
    int failed = gl_site_list(publishing->site, GL_SITE_IMMUTABLE, NULL, &publishing->there, err);
    if (failed == 0)
        failed = gl_site_list(publishing->site, GL_SITE_FILES, NULL, &files, err);
    if (failed == 0)
        json_object_update(publishing->there, files);
    return failed;
}

/* Its being there says that all it names is there. */
static int put_manifest(const struct publishing *publishing, struct gl_error *err)
{
    gl_autofree char *key = gl_site_manifest_key(publishing->manifest.release);
    gl_autofree char *text = gl_site_manifest_text(&publishing->manifest);
    gl_autojson json_t *params = gl_site_params(publishing->site, key);
    gl_autoanswer struct gl_aws_answer answer = {0};
    struct gl_aws_request request = {.service = "s3",
                                     .operation = "PutObject",
                                     .params = params,
                                     .body = text,
                                     .body_len = strlen(text)};
    gl_json_set_str(params, "ContentType", "application/json");
    gl_json_set_str(params, "CacheControl", "no-store");
    if (publishing->version)
        json_object_set_new(params, "Metadata", json_pack("{ss}", "version", publishing->version));
    return gl_site_call(publishing->site, &request, &answer, err);
}

/* ---- a release that is there already -----------------------------------------------------------
 */

static bool has_same_files(const struct gl_site_manifest *one, const struct gl_site_manifest *other)
{
    bool same = one->count == other->count;
    for (size_t i = 0; same && i < one->count; i++)
        same = strcmp(one->files[i].path, other->files[i].path) == 0 &&
               strcmp(one->files[i].sha256, other->files[i].sha256) == 0;
    return same;
}

/* What the manifest there was made of; NULL where an older golive did not say. The caller owns it.
 */
static int version_of(const struct publishing *publishing, char **ret_version, struct gl_error *err)
{
    gl_autofree char *key = gl_site_manifest_key(publishing->manifest.release);
    gl_autojson json_t *params = gl_site_params(publishing->site, key);
    gl_autoanswer struct gl_aws_answer answer = {0};
    const struct gl_aws_request request = {
        .service = "s3", .operation = "GetObject", .params = params};
    int failed = gl_site_call(publishing->site, &request, &answer, err);
    if (failed < 0)
        return failed;
    *ret_version = gl_strdup(gl_json_str(gl_aws_at(answer.result, "Metadata"), "version", NULL));
    return 0;
}

/* Whether nobody has ever seen it: neither it nor a later one was switched to. */
static int is_unseen(const struct publishing *publishing, bool *ret_is, struct gl_error *err)
{
    gl_autositerecord struct gl_site_record record = {0};
    int64_t release = publishing->manifest.release;
    int failed = gl_site_record_get(publishing->site, &record, err);
    if (failed == 0)
        *ret_is = record.release < release && record.next < release;
    return failed;
}

static int refuse_other(const struct publishing *publishing, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("the bucket %s has a release %" PRId64 " with other files"),
            publishing->site->bucket, publishing->manifest.release);
    return gl_error_hint(err,
                         _("Somebody whose ledger is not this one releases to %s, too: share "
                           "one."),
                         publishing->site->cloud->env);
}

/* Builds need not be reproducible: a release that was killed here and goes on elsewhere is built
 * anew, of the same version. Then what is recorded is used: all that it names is there, and some of
 * it may be served already. Where it does not say of what it is, it is written over if nobody has
 * seen it. */
static int settle_other(const struct publishing *publishing, bool *ret_published,
                        struct gl_error *err)
{
    bool unseen = false;
    gl_autofree char *version = NULL;
    int failed = version_of(publishing, &version, err);
    if (failed == 0 && !version)
        failed = is_unseen(publishing, &unseen, err);
    if (failed < 0)
        return failed;
    bool own = version && publishing->version && strcmp(version, publishing->version) == 0;
    *ret_published = own;
    return own || unseen ? 0 : refuse_other(publishing, err);
}

/* A manifest was written after all it names: there is nothing left to do. Unless it is another
 * release of the same number, made by who does not share our ledger. */
static int recognize(const struct publishing *publishing, bool *ret_published, struct gl_error *err)
{
    int64_t release = publishing->manifest.release;
    gl_autositemanifest struct gl_site_manifest there = {0};
    int failed = gl_site_manifest_get(publishing->site, release, &there, err);
    if (failed == GL_E_NOT_FOUND) {
        gl_error_done(err);
        return 0;
    }
    if (failed < 0)
        return failed;
    if (!has_same_files(&there, &publishing->manifest))
        return settle_other(publishing, ret_published, err);
    *ret_published = true;
    return 0;
}

static int publish(struct gl_platform *p, const struct gl_site *site,
                   const struct gl_artifact *artifact, struct gl_error *err)
{
    gl_autofree char *dir = gl_site_build_dir(p, artifact);
    gl_cleanup(publishing_done) struct publishing publishing = {
        .site = site, .dir = dir, .version = artifact->version};
    bool published = false;
    int failed = gl_site_scan(p, artifact, &publishing.manifest, &publishing.env_module, err);
    if (failed == 0)
        failed = recognize(&publishing, &published, err);
    if (failed < 0 || published)
        return failed;
    failed = survey(&publishing, err);
    if (failed == 0)
        failed = upload(&publishing, true, _("uploading assets"), err);
    if (failed == 0)
        failed = upload(&publishing, false, _("uploading pages"), err);
    return failed < 0 ? failed : put_manifest(&publishing, err);
}

int gl_cloud_publish(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    struct gl_site site = {0};
    if (!a->frontend_dir)
        return 0;
    int failed = gl_site_open(p, &site, err);
    if (failed == 0)
        failed = publish(p, &site, a, err);
    return failed < 0 ? gl_error_wrap(err, _("cannot publish the frontend")) : 0;
}
