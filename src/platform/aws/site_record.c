/* _golive/current.json: text, and the conditional write. */
#include "platform/aws/site_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/site.h"

enum { FORMAT = 1 };

void gl_site_record_done(struct gl_site_record *record)
{
    gl_strv_done(&record->stale);
    free(record->reference);
    free(record->etag);
    *record = (struct gl_site_record){0};
}

static int parse_stale(const json_t *stale, const char *name, struct gl_strv *paths,
                       struct gl_error *err)
{
    size_t i;
    const json_t *path;
    json_array_foreach(stale, i, path)
    {
        const char *text = json_string_value(path);
        if (!text || *text != '/')
            return gl_fail(err, GL_E_CORRUPT, _("%s: `stale` has what is no path"), name);
        gl_strv_add(paths, text);
    }
    return 0;
}

int gl_site_record_parse(const char *text, size_t len, const char *name,
                         struct gl_site_record *ret_record, struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    gl_autositerecord struct gl_site_record record = {0};
    int failed = gl_json_parse(text, len, name, &json, err);
    if (failed < 0)
        return failed;
    record.release = gl_json_int(json, "release", -1);
    record.switching = json_object_get(json, "next") != NULL;
    record.next = gl_json_int(json, "next", record.switching ? -1 : 0);
    record.reference = gl_strdup(gl_json_str(json, "reference", NULL));
    if (gl_json_int(json, "golive", 0) != FORMAT || record.release < 0 || record.next < 0)
        return gl_fail(err, GL_E_CORRUPT, _("%s is no record that this golive reads"), name);
    failed = parse_stale(json_object_get(json, "stale"), name, &record.stale, err);
    if (failed < 0)
        return failed;
    if (record.stale.count && !record.reference)
        return gl_fail(err, GL_E_CORRUPT, _("%s: `stale` has no `reference`"), name);
    *ret_record = record;
    record = (struct gl_site_record){0};
    return 0;
}

char *gl_site_record_text(const struct gl_site_record *record)
{
    gl_autojson json_t *json = json_object();
    json_t *stale = json_array();
    gl_json_set_int(json, "golive", FORMAT);
    gl_json_set_int(json, "release", record->release);
    if (record->switching)
        gl_json_set_int(json, "next", record->next);
    gl_json_set_str(json, "reference", record->reference);
    for (size_t i = 0; i < record->stale.count; i++)
        json_array_append_new(stale, json_string(record->stale.items[i]));
    json_object_set_new(json, "stale", stale);
    return gl_json_canonical(json);
}

/* ---- in the bucket -----------------------------------------------------------------------------
 */

int gl_site_record_get(const struct gl_site *site, struct gl_site_record *ret_record,
                       struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    gl_autofree char *etag = NULL;
    int failed = gl_site_get(site, GL_SITE_CURRENT, &text, &etag, err);
    if (failed == GL_E_NOT_FOUND) {
        gl_error_done(err);
        *ret_record = (struct gl_site_record){0};
        return 0;
    }
    if (failed == 0)
        failed =
            gl_site_record_parse(gl_buf_text(&text), text.len, GL_SITE_CURRENT, ret_record, err);
    if (failed == 0)
        ret_record->etag = gl_steal(&etag);
    return failed;
}

/* A refused write may have been refused because its own first attempt was carried out. */
static int recognize(const struct gl_site *site, const char *text, char **ret_etag,
                     struct gl_error *err)
{
    gl_autobuf struct gl_buf there = {0};
    gl_error_done(err);
    int failed = gl_site_get(site, GL_SITE_CURRENT, &there, ret_etag, err);
    if (failed == 0 && strcmp(gl_buf_text(&there), text) == 0)
        return 0;
    if (failed < 0 && failed != GL_E_NOT_FOUND)
        return failed;
    gl_fail(err, GL_E_BUSY, _("somebody else switches the frontend of %s at the same time"),
            site->cloud->env);
    return gl_error_hint(err, _("golive status --env %s shows what is served."), site->cloud->env);
}

int gl_site_record_put(const struct gl_site *site, struct gl_site_record *record,
                       struct gl_error *err)
{
    gl_autofree char *text = gl_site_record_text(record);
    gl_autofree char *etag = NULL;
    gl_autojson json_t *params = gl_site_params(site, GL_SITE_CURRENT);
    gl_autoanswer struct gl_aws_answer answer = {0};
    struct gl_aws_request request = {.service = "s3",
                                     .operation = "PutObject",
                                     .params = params,
                                     .body = text,
                                     .body_len = strlen(text)};
    gl_json_set_str(params, "ContentType", "application/json");
    gl_json_set_str(params, "CacheControl", "no-store");
    gl_json_set_str(params, record->etag ? "IfMatch" : "IfNoneMatch",
                    record->etag ? record->etag : "*");
    int failed = gl_site_call(site, &request, &answer, err);
    if (failed == GL_E_BUSY || failed == GL_E_NOT_FOUND)
        failed = recognize(site, text, &etag, err);
    else if (failed == 0)
        etag = gl_strdup(gl_json_str(answer.result, "ETag", NULL));
    if (failed < 0)
        return failed;
    free(record->etag);
    record->etag = gl_steal(&etag);
    return 0;
}
