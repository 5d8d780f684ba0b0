/* What lies in the site's bucket: reading, listing, deleting, and golive's own objects. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/site.h"

enum { DELETE_BATCH = 1000 }; /* API reference, DeleteObjects */

/* ---- what lies there ---------------------------------------------------------------------------
 */

int gl_site_get(const struct gl_site *site, const char *key, struct gl_buf *ret_text,
                char **ret_etag, struct gl_error *err)
{
    gl_autojson json_t *params = gl_site_params(site, key);
    gl_autoanswer struct gl_aws_answer answer = {0};
    struct gl_aws_request request = {.service = "s3", .operation = "GetObject", .params = params};
    int failed = gl_site_call(site, &request, &answer, err);
    if (failed < 0)
        return failed;
    *ret_text = answer.body;
    answer.body = (struct gl_buf){0};
    if (ret_etag)
        *ret_etag = gl_strdup(gl_json_str(answer.result, "ETag", NULL));
    return 0;
}

/* The prefix of `skip` that the key lies below, or NULL. */
static const char *skipped(const char *const *skip, const char *key)
{
    for (; skip && *skip; skip++) {
        if (gl_starts_with(key, *skip))
            return *skip;
    }
    return NULL;
}

/* "\"0123\"" -> "0123"; the caller owns it. */
static char *bare_etag(const json_t *object)
{
    const char *etag = gl_json_str(object, "ETag", "");
    etag += *etag == '"';
    return gl_strndup(etag, strcspn(etag, "\""));
}

/* Adds a page's objects; the caller owns the key after which the next page begins, NULL at the end.
 */
static char *add_page(const json_t *page, const char *const *skip, json_t *objects)
{
    const char *last = NULL;
    size_t i;
    json_t *object;
    json_array_foreach(json_object_get(page, "Contents"), i, object)
    {
        last = gl_json_str(object, "Key", "");
        if (skipped(skip, last))
            continue;
        gl_autofree char *etag = bare_etag(object);
        json_object_set_new(
            objects, last,
            json_pack("{sssI}", "etag", etag, "size", (json_int_t)gl_json_int(object, "Size", -1)));
    }
    if (!last || !gl_json_bool(page, "IsTruncated", false))
        return NULL;
    const char *below = skipped(skip, last);
    /* U+10FFFF: after all that begins so */
    return below ? gl_asprintf("%s\xf4\x8f\xbf\xbf", below) : gl_strdup(last);
}

int gl_site_list(const struct gl_site *site, const char *prefix, const char *const *skip,
                 json_t **ret_objects, struct gl_error *err)
{
    gl_autojson json_t *objects = json_object();
    gl_autojson json_t *params = gl_site_params(site, NULL);
    gl_autofree char *after = gl_strdup("");
    gl_json_set_str(params, "Prefix", *prefix ? prefix : NULL);
    while (after) {
        gl_autoanswer struct gl_aws_answer answer = {0};
        struct gl_aws_request request = {
            .service = "s3", .operation = "ListObjectsV2", .params = params};
        gl_json_set_str(params, "StartAfter", *after ? after : NULL);
        int failed = gl_site_call(site, &request, &answer, err);
        if (failed < 0)
            return failed;
        free(after);
        after = add_page(answer.result, skip, objects);
    }
    *ret_objects = gl_steal(&objects);
    return 0;
}

bool gl_site_has(const json_t *objects, const char *key, const struct gl_site_file *file)
{
    const json_t *object = json_object_get(objects, key);
    return gl_json_int(object, "size", -1) == (int64_t)file->size_bytes &&
           strcmp(gl_json_str(object, "etag", ""), file->md5) == 0;
}

/* ---- deleting ----------------------------------------------------------------------------------
 */

/* S3 answers for each key apart, with success as a whole. */
static int deletion_error(const struct gl_site *site, const json_t *result, struct gl_error *err)
{
    const json_t *first = json_array_get(json_object_get(result, "Errors"), 0);
    if (!first)
        return 0;
    const char *code = gl_json_str(first, "Code", "");
    gl_fail(err, GL_E_REFUSED, _("cannot delete %s from the bucket %s: %s: %s"),
            gl_json_str(first, "Key", ""), site->bucket, code, gl_json_str(first, "Message", ""));
    if (strcmp(code, "AccessDenied") == 0)
        return gl_error_hint(err,
                             _("The identity golive runs as needs %s on %s; the role of the "
                               "stack ci-deploy has it."),
                             "s3:DeleteObject", site->bucket);
    return GL_E_REFUSED;
}

static int delete_batch(const struct gl_site *site, char *const *keys, size_t count,
                        struct gl_error *err)
{
    json_t *objects = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(objects, json_pack("{ss}", "Key", keys[i]));
    gl_autojson json_t *params = gl_site_params(site, NULL);
    json_object_set_new(params, "Delete", json_pack("{sosb}", "Objects", objects, "Quiet", 1));
    gl_autoanswer struct gl_aws_answer answer = {0};
    struct gl_aws_request request = {
        .service = "s3", .operation = "DeleteObjects", .params = params};
    int failed = gl_site_call(site, &request, &answer, err);
    return failed < 0 ? failed : deletion_error(site, answer.result, err);
}

int gl_site_delete(const struct gl_site *site, const struct gl_strv *keys, struct gl_error *err)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < keys->count; i += DELETE_BATCH) {
        size_t left = keys->count - i;
        failed =
            delete_batch(site, keys->items + i, left < DELETE_BATCH ? left : DELETE_BATCH, err);
    }
    return failed;
}

/* ---- golive's own ------------------------------------------------------------------------------
 */

char *gl_site_manifest_key(int64_t release)
{
    return gl_asprintf(GL_SITE_MANIFESTS "%" PRId64 ".json", release);
}

char *gl_site_file_key(const struct gl_site_file *file)
{
    return gl_asprintf(GL_SITE_FILES "%s", file->sha256);
}

int gl_site_manifest_get(const struct gl_site *site, int64_t release,
                         struct gl_site_manifest *ret_manifest, struct gl_error *err)
{
    gl_autofree char *key = gl_site_manifest_key(release);
    gl_autobuf struct gl_buf text = {0};
    int failed = gl_site_get(site, key, &text, NULL, err);
    if (failed == GL_E_NOT_FOUND)
        return gl_fail(err, GL_E_NOT_FOUND,
                       _("the frontend of release %" PRId64 " was not published"), release);
    return failed < 0 ? failed
                      : gl_site_manifest_parse(gl_buf_text(&text), text.len, key, release,
                                               ret_manifest, err);
}
