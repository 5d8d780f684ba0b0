/* Room-internal: the static frontend in S3 behind CloudFront; of one whose pages come from a
 * service (gl_platform_has_pages()) only the hashed assets.
 *
 * What lies in the bucket:
 *     _app/immutable/...         hashed assets of all kept releases, at their own places
 *     everything else            the mutable files of the release that is served, and no others:
 *                                what somebody put there by hand goes with the next release (the
 *                                bucket keeps old versions for some time)
 *     _golive/files/SHA256       the mutable files of all kept releases, by content
 *     _golive/manifests/N.json   what release N consists of; written last, so what it names is
 * there _golive/current.json       which release is served (site_record.h)
 *
 * To publish is to upload what is not there yet; to serve is to copy inside S3. So going back to an
 * earlier release uploads nothing. */
#ifndef GL_PLATFORM_AWS_SITE_H
#define GL_PLATFORM_AWS_SITE_H

#include "base/strv.h"
#include "platform/aws/aws.h"
#include "platform/aws/site_manifest.h"
#include "platform/aws/site_record.h"

#define GL_SITE_FILES     GL_SITE_OWN "files/"
#define GL_SITE_MANIFESTS GL_SITE_OWN "manifests/"
#define GL_SITE_CURRENT   GL_SITE_OWN "current.json"

struct gl_site {
    struct gl_cloud *cloud;
    const char *bucket;       /* belongs to the platform, as does */
    const char *distribution; /* CloudFront's id */
};

/* Where this environment's frontend lies. GL_E_REFUSED without its stack. */
gl_nodiscard int gl_site_open(struct gl_platform *p, struct gl_site *ret_site,
                              struct gl_error *err);

/* ---- site_call.c: one call, and many side by side ---------------------------------------------
 */

/* Parameters of an S3 operation on an object of the site; `key` NULL for one on the bucket. The
 * caller owns them. */
json_t *gl_site_params(const struct gl_site *site, const char *key);

/* gl_aws_call() with errors that name the permission that lacks, or the command that makes what is
 * not there. */
gl_nodiscard int gl_site_call(const struct gl_site *site, const struct gl_aws_request *request,
                              struct gl_aws_answer *answer, struct gl_error *err);

/* Many calls. `next` fills in the next one, whose params the engine releases; what else it points
 * to but the body may change with the call after it. False when there is none left. */
struct gl_site_work {
    bool (*next)(void *context, struct gl_aws_request *ret_request);
    void *context;
    const char *doing; /* for people: "uploading assets"; NULL = they are not told */
    size_t total;      /* calls there will be, for people too */
};

/* Makes all calls, some at a time: neither their number nor the sizes of their files count in
 * memory. The first failure ends it. */
gl_nodiscard int gl_site_run(const struct gl_site *site, const struct gl_site_work *work,
                             struct gl_error *err);

/* ---- site_store.c: what lies in the bucket -----------------------------------------------------
 */

/* An object's text and ETag (may be NULL). GL_E_NOT_FOUND. */
gl_nodiscard int gl_site_get(const struct gl_site *site, const char *key, struct gl_buf *ret_text,
                             char **ret_etag, struct gl_error *err);

/* What lies below `prefix` ("" = all): an object of {"etag", "size"} by key. What begins with one
 * of `skip` (a list ended by NULL; may be NULL) is left out, and not even asked for page by page.
 */
gl_nodiscard int gl_site_list(const struct gl_site *site, const char *prefix,
                              const char *const *skip, json_t **ret_objects, struct gl_error *err);

/* True if such a listing has that file's content under `key`. */
bool gl_site_has(const json_t *objects, const char *key, const struct gl_site_file *file);

/* Deletes objects; one that is not there is no error. */
gl_nodiscard int gl_site_delete(const struct gl_site *site, const struct gl_strv *keys,
                                struct gl_error *err);

/* Where the manifest of a release lies, and where a mutable file waits. The caller owns it. */
char *gl_site_manifest_key(int64_t release);
char *gl_site_file_key(const struct gl_site_file *file);

/* The manifest of a release. GL_E_NOT_FOUND when it was not published. */
gl_nodiscard int gl_site_manifest_get(const struct gl_site *site, int64_t release,
                                      struct gl_site_manifest *ret_manifest, struct gl_error *err);

/* ---- site_scan.c: the built frontend on disk ---------------------------------------------------
 */

/* Written by SvelteKit when the code reads $env/dynamic/public; each environment has its own. */
#define GL_SITE_ENV_MODULE "_app/env.js"

/* Where a built frontend has the files of its site: where pages come from a service, what browsers
 * load is in client/. The caller owns it. */
char *gl_site_build_dir(const struct gl_platform *p, const struct gl_artifact *artifact);

/* The manifest of what lies there; where pages come from a service, of the hashed assets alone, for
 * that service has the rest. Where it has an environment
 * module, *ret_env_module is the text that this environment's has (else NULL; the caller owns it).
 * GL_E_NOT_FOUND for a directory that is not there or has no files, GL_E_REFUSED for a name that
 * cannot be served. */
gl_nodiscard int gl_site_scan(struct gl_platform *p, const struct gl_artifact *artifact,
                              struct gl_site_manifest *ret_manifest, char **ret_env_module,
                              struct gl_error *err);

/* ---- site_record.c ------------------------------------------------------------------------------
 */

/* What is recorded now; an empty record when there is none. */
gl_nodiscard int gl_site_record_get(const struct gl_site *site, struct gl_site_record *ret_record,
                                    struct gl_error *err);

/* Replaces the record that was read (record->etag), and no other: GL_E_BUSY when somebody else
 * wrote meanwhile. Takes the new ETag. */
gl_nodiscard int gl_site_record_put(const struct gl_site *site, struct gl_site_record *record,
                                    struct gl_error *err);

/* ---- site_invalidate.c --------------------------------------------------------------------------
 */

/* Adds what CloudFront may hold of a file: its own path and the one without .html or index.html,
 * for which stacks/frontend.yaml looks it up. */
void gl_site_stale_add(struct gl_strv *paths, const char *file);

/* Each path once, in order; from many paths on a wildcard for all. */
void gl_site_stale_settle(struct gl_strv *paths);

/* Makes CloudFront forget the paths of the record, and waits until all of its places have. The same
 * record makes the same invalidation again, not another one. */
gl_nodiscard int gl_site_invalidate(const struct gl_site *site, const struct gl_site_record *record,
                                    struct gl_error *err);

/* What a status of an invalidation means: done or not yet. GL_E_MISMATCH for one that golive does
 * not know: it is never taken for done. Pure.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Invalidation.html */
gl_nodiscard int gl_site_invalidation_judge(const char *status, bool *ret_done,
                                            struct gl_error *err);

#endif
