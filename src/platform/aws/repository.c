/* Brings an image into an ECR repository: looks what is there, then pushes what is missing.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/ */
#include "platform/aws/repository.h"

#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/token.h"

const char *gl_cloud_repository_name(const char *uri)
{
    const char *slash = strchr(uri, '/');
    return slash ? slash + 1 : uri;
}

/* What ECR knows of an image by "imageDigest" or "imageTag"; NULL in *ret_details if it has none.
 */
static int describe(struct gl_cloud *cloud, const struct gl_cloud_image *image, const char *key,
                    const char *value, json_t **ret_details, struct gl_error *err)
{
    const char *name = gl_cloud_repository_name(image->repository_uri);
    gl_autojson json_t *answer = NULL;
    json_t *params = json_pack("{s:s, s:[{s:s}]}", "repositoryName", name, "imageIds", key, value);
    int failed = gl_aws_ask(cloud->client, "ecr", "DescribeImages", params, &answer, err);
    if (failed == GL_E_NOT_FOUND &&
        gl_aws_failure_is(gl_aws_last_failure(cloud->client), "ImageNotFoundException")) {
        gl_error_done(err);
        *ret_details = NULL;
        return 0;
    }
    if (failed < 0)
        return failed;
    *ret_details = json_incref(json_array_get(json_object_get(answer, "imageDetails"), 0));
    return 0;
}

static bool has_tag(const json_t *details, const char *tag)
{
    size_t index;
    json_t *have;
    json_array_foreach(json_object_get(details, "imageTags"), index, have)
    {
        if (json_is_string(have) && strcmp(json_string_value(have), tag) == 0)
            return true;
    }
    return false;
}

static int refuse_tag(const struct gl_cloud_image *image, const char *tag, const char *digest,
                      struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("the tag %s of %s is another image: %s instead of %s"), tag,
            image->repository_uri, digest, image->digest);
    return gl_error_hint(err, _("This commit was released before from other files: another machine "
                                "or compiler builds it otherwise. Tags never move; commit and "
                                "release again, or delete that tag if nothing runs it."));
}

/* The tags that the image must still get. */
static int find_missing(struct gl_cloud *cloud, const struct gl_cloud_image *image,
                        const json_t *present, struct gl_strv *missing, struct gl_error *err)
{
    for (const char *const *tag = image->tags; *tag; tag++) {
        gl_autojson json_t *other = NULL;
        if (has_tag(present, *tag))
            continue;
        int failed = describe(cloud, image, "imageTag", *tag, &other, err);
        if (failed < 0)
            return failed;
        const char *digest = gl_json_str(other, "imageDigest", image->digest);
        if (strcmp(digest, image->digest) != 0)
            return refuse_tag(image, *tag, digest, err);
        if (!other)
            gl_strv_add(missing, *tag);
    }
    for (const char *const *tag = image->moving_tags; *tag; tag++) {
        if (!has_tag(present, *tag))
            gl_strv_add(missing, *tag);
    }
    return 0;
}

static void on_progress(uint64_t sent_bytes, uint64_t total_bytes, void *context)
{
    struct gl_cloud *cloud = context;
    gl_autofree char *sent = gl_format_bytes(sent_bytes);
    gl_autofree char *total = gl_format_bytes(total_bytes);
    gl_platform_progress(&cloud->base, _("pushing the image: %s of %s"), sent, total);
}

static int push(struct gl_cloud *cloud, const struct gl_cloud_image *image,
                const struct gl_strv *tags, struct gl_error *err)
{
    gl_autoregistrytoken struct gl_registry_token token = {0};
    struct gl_push_result counts = {0};
    int failed = gl_registry_token_get(cloud, &token, err);
    if (failed < 0)
        return failed;
    struct gl_push_spec spec = {
        .layout_dir = image->layout_dir,
        .digest = image->digest,
        .registry = token.address,
        .repository = gl_cloud_repository_name(image->repository_uri),
        .tags = (const char *const *)tags->items,
        .user = token.user,
        .password = token.password,
        .on_progress = on_progress,
        .context = cloud,
    };
    failed = gl_image_push(&spec, &counts, err);
    if (failed < 0)
        return failed;
    gl_autofree char *sent = gl_format_bytes(counts.uploaded_bytes);
    gl_platform_progress(&cloud->base, _("image pushed: %s, %zu of %zu layers were there"), sent,
                         counts.existing, counts.existing + counts.uploaded);
    return 0;
}

int gl_cloud_image_send(struct gl_cloud *cloud, const struct gl_cloud_image *image,
                        struct gl_error *err)
{
    gl_autojson json_t *present = NULL;
    gl_autostrv struct gl_strv missing = {0};
    int failed = describe(cloud, image, "imageDigest", image->digest, &present, err);
    if (failed == 0)
        failed = find_missing(cloud, image, present, &missing, err);
    if (failed < 0)
        return failed;
    if (present && missing.count == 0) {
        gl_platform_progress(&cloud->base, _("the image is in %s already"), image->repository_uri);
        return 0;
    }
    return push(cloud, image, &missing, err);
}
