/* How much is in buckets and image repositories, as far as one page tells. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "infra/down.h"

static struct gl_aws_pending *start(struct gl_down *down, const struct gl_down_stack *stack,
                                    const struct gl_down_resource *resource)
{
    bool bucket = strcmp(resource->type, "AWS::S3::Bucket") == 0;
    if (!bucket && strcmp(resource->type, "AWS::ECR::Repository") != 0)
        return NULL;
    gl_autojson json_t *params =
        json_pack("{ss}", bucket ? "Bucket" : "repositoryName", resource->physical_id);
    struct gl_aws_request request = {
        .service = bucket ? "s3" : "ecr",
        .operation = bucket ? "ListObjectVersions" : "DescribeImages",
        .region = stack->region,
        .params = params,
    };
    return gl_aws_start(gl_account_client(down->account), &request);
}

static uint64_t sum(const json_t *list, const char *member)
{
    uint64_t total = 0;
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item) total += (uint64_t)gl_json_int(item, member, 0);
    return total;
}

static const char *of_bucket(struct gl_arena *arena, const json_t *answer)
{
    const json_t *list = json_object_get(answer, "Versions");
    size_t count = json_array_size(list);
    gl_autofree char *bytes = gl_format_bytes(sum(list, "Size"));
    if (gl_json_bool(answer, "IsTruncated", false))
        return gl_arena_printf(arena, _("more than %zu objects, %s"), count, bytes);
    return count ? gl_arena_printf(arena, _("%zu objects, %s"), count, bytes) : _("empty");
}

static const char *of_repository(struct gl_arena *arena, const json_t *answer)
{
    const json_t *list = json_object_get(answer, "imageDetails");
    size_t count = json_array_size(list);
    gl_autofree char *bytes = gl_format_bytes(sum(list, "imageSizeInBytes"));
    if (gl_json_str(answer, "nextToken", NULL))
        return gl_arena_printf(arena, _("more than %zu images, %s"), count, bytes);
    return count ? gl_arena_printf(arena, _("%zu images, %s"), count, bytes) : _("empty");
}

/* What may not be read, or is gone, has no size: that keeps nobody from removing it. */
static int take(struct gl_down *down, struct gl_down_resource *resource,
                struct gl_aws_pending **pending, struct gl_error *err)
{
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_autoerr struct gl_error own = {0};
    int failed = gl_aws_finish(pending, &answer, &own);
    if (failed == GL_E_INTERRUPTED) {
        gl_error_move(err, &own);
        return failed;
    }
    if (failed == 0)
        resource->size = strcmp(resource->type, "AWS::S3::Bucket") == 0
                             ? of_bucket(&down->plan->arena, answer.result)
                             : of_repository(&down->plan->arena, answer.result);
    return 0;
}

static void stop(struct gl_aws_pending **pending, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gl_aws_pending_free(&pending[i]);
}

int gl_down_measure(struct gl_down *down, struct gl_error *err)
{
    size_t room = 0;
    for (size_t i = 0; i < down->count; i++)
        room += down->stacks[i].resource_count;
    gl_autofree struct gl_aws_pending **pending =
        gl_alloc((room + 1) * sizeof(struct gl_aws_pending *));
    size_t at = 0;
    for (size_t i = 0; i < down->count; i++) {
        for (size_t r = 0; r < down->stacks[i].resource_count; r++)
            pending[at++] = start(down, &down->stacks[i], &down->stacks[i].resources[r]);
    }
    int failed = 0;
    at = 0;
    for (size_t i = 0; failed == 0 && i < down->count; i++) {
        for (size_t r = 0; failed == 0 && r < down->stacks[i].resource_count; r++, at++) {
            if (pending[at])
                failed = take(down, &down->stacks[i].resources[r], &pending[at], err);
        }
    }
    stop(pending, room);
    return failed;
}
