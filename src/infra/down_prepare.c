/* `golive down`: what stands in the way of deleting a stack, and what must be there afterwards. */
#include <string.h>

#include "base/i18n.h"
#include "infra/down.h"
#include "infra/live_calls.h"

/* ---- protection --------------------------------------------------------------------------------
 */

static struct gl_live_call unprotect_call(const struct gl_down_stack *stack,
                                          const struct gl_down_resource *resource)
{
    struct gl_live_call call = {.region = stack->region};
    if (!resource->is_protected || resource->fate == GL_FATE_STAYS)
        return call;
    if (strcmp(resource->type, "AWS::RDS::DBInstance") == 0) {
        call.service = "rds";
        call.operation = "ModifyDBInstance";
        call.params = json_pack("{sssbsb}", "DBInstanceIdentifier", resource->physical_id,
                                "DeletionProtection", 0, "ApplyImmediately", 1);
    } else {
        call.service = "elbv2";
        call.operation = "ModifyLoadBalancerAttributes";
        call.params =
            json_pack("{sss[{ssss}]}", "LoadBalancerArn", resource->physical_id, "Attributes",
                      "Key", "deletion_protection.enabled", "Value", "false");
    }
    return call;
}

int gl_down_unprotect(struct gl_down *down, const struct gl_down_stack *stack, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(stack->resource_count + 1);
    for (size_t r = 0; r < stack->resource_count; r++)
        calls.items[r] = unprotect_call(stack, &stack->resources[r]);
    if (stack->is_protected)
        calls.items[stack->resource_count] =
            (struct gl_live_call){.service = "cloudformation",
                                  .operation = "UpdateTerminationProtection",
                                  .region = stack->region,
                                  .params = json_pack("{sbss}", "EnableTerminationProtection", 0,
                                                      "StackName", stack->stack_name)};
    int failed =
        gl_live_calls(gl_account_client(down->account), calls.items, calls.count, true, err);
    for (size_t i = 0; failed == 0 && i < calls.count; i++) {
        if (calls.items[i].code < 0 && calls.items[i].code != GL_E_NOT_FOUND)
            failed = gl_live_call_fail(&calls.items[i], gl_account_caller(down->account), err);
    }
    return failed;
}

/* ---- emptying ----------------------------------------------------------------------------------
 */

/* One bucket or repository: what is listed is removed, then listed anew until there is nothing. */
struct emptying {
    const struct gl_down_resource *resource;
    bool is_bucket;
    json_t *found; /* of the last listing */
    struct gl_aws_pending *pending;
    bool done;
};

struct emptyings {
    struct emptying *items;
    size_t count;
};

static void emptyings_done(struct emptyings *all)
{
    for (size_t i = 0; i < all->count; i++) {
        gl_aws_pending_free(&all->items[i].pending);
        json_decref(all->items[i].found);
    }
    gl_free_ptr(&all->items);
}

static struct emptyings choose(const struct gl_down_stack *stack)
{
    struct emptyings all = {gl_alloc((stack->resource_count + 1) * sizeof *all.items), 0};
    for (size_t r = 0; r < stack->resource_count; r++) {
        const struct gl_down_resource *resource = &stack->resources[r];
        bool is_bucket = strcmp(resource->type, "AWS::S3::Bucket") == 0;
        bool is_images = strcmp(resource->type, "AWS::ECR::Repository") == 0;
        if (resource->fate == GL_FATE_GONE && (is_bucket || is_images))
            all.items[all.count++] =
                (struct emptying){.resource = resource, .is_bucket = is_bucket};
    }
    return all;
}

static struct gl_aws_request list_request(const struct emptying *one, json_t *params)
{
    const char *id = one->resource->physical_id;
    if (one->is_bucket)
        gl_json_set_str(params, "Bucket", id);
    else
        gl_json_set_str(params, "repositoryName", id);
    return (struct gl_aws_request){
        .service = one->is_bucket ? "s3" : "ecr",
        .operation = one->is_bucket ? "ListObjectVersions" : "ListImages",
        .params = params,
    };
}

static json_t *version_of(const json_t *item)
{
    json_t *object = json_object();
    gl_json_set_str(object, "Key", gl_json_str(item, "Key", ""));
    gl_json_set_str(object, "VersionId", gl_json_str(item, "VersionId", NULL));
    return object;
}

/* Versions and delete markers, or images, in one list. */
static json_t *found_in(const struct emptying *one, const json_t *answer)
{
    json_t *all = json_array();
    static const char *const lists[] = {"Versions", "DeleteMarkers"};
    size_t i;
    const json_t *item;
    for (size_t at = 0; one->is_bucket && at < GL_COUNT(lists); at++) {
        json_array_foreach(json_object_get(answer, lists[at]), i, item)
            json_array_append_new(all, version_of(item));
    }
    if (!one->is_bucket)
        json_array_extend(all, json_object_get(answer, "imageIds"));
    return all;
}

static void start_listing(struct gl_down *down, const struct gl_down_stack *stack,
                          struct emptying *one)
{
    gl_autojson json_t *params = json_object();
    struct gl_aws_request request = list_request(one, params);
    request.region = stack->region;
    one->pending = gl_aws_start(gl_account_client(down->account), &request);
}

static int take_listing(struct emptying *one, struct gl_error *err)
{
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_autoerr struct gl_error own = {0};
    int failed = gl_aws_finish(&one->pending, &answer, &own);
    if (failed < 0 && failed != GL_E_NOT_FOUND) {
        gl_error_move(err, &own);
        return failed;
    }
    json_decref(one->found);
    one->found = failed < 0 ? json_array() : found_in(one, answer.result);
    one->done = json_array_size(one->found) == 0;
    return 0;
}

/* Only the first page of each: it is removed before the next listing. */
static int list_all(struct gl_down *down, const struct gl_down_stack *stack, struct emptyings *all,
                    struct gl_error *err)
{
    int failed = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (!all->items[i].done)
            start_listing(down, stack, &all->items[i]);
    }
    for (size_t i = 0; failed == 0 && i < all->count; i++) {
        if (all->items[i].pending)
            failed = take_listing(&all->items[i], err);
    }
    return failed;
}

enum { OBJECTS_AT_ONCE = 1000, IMAGES_AT_ONCE = 100 }; /* AWS's limits of one request */

static json_t *slice(const json_t *list, size_t from, size_t most)
{
    json_t *part = json_array();
    for (size_t i = from; i < json_array_size(list) && i < from + most; i++)
        json_array_append(part, json_array_get(list, i));
    return part;
}

static struct gl_live_call delete_call(const struct gl_down_stack *stack,
                                       const struct emptying *one, size_t from)
{
    const char *id = one->resource->physical_id;
    struct gl_live_call call = {.region = stack->region};
    if (one->is_bucket) {
        call.service = "s3";
        call.operation = "DeleteObjects";
        call.params = json_pack("{sss{sosb}}", "Bucket", id, "Delete", "Objects",
                                slice(one->found, from, OBJECTS_AT_ONCE), "Quiet", 1);
    } else {
        call.service = "ecr";
        call.operation = "BatchDeleteImage";
        call.params = json_pack("{ssso}", "repositoryName", id, "imageIds",
                                slice(one->found, from, IMAGES_AT_ONCE));
    }
    return call;
}

static int judge_deletion(struct gl_down *down, struct gl_live_call *call, struct gl_error *err)
{
    if (call->code == GL_E_NOT_FOUND)
        return 0;
    if (call->code < 0)
        return gl_live_call_fail(call, gl_account_caller(down->account), err);
    const json_t *first = json_array_get(json_object_get(call->result, "Errors"), 0);
    if (!first)
        return 0;
    return gl_fail(err, GL_E_REFUSED, _("%s of bucket %s cannot be removed: %s (%s)"),
                   gl_json_str(first, "Key", "?"), gl_json_str(call->params, "Bucket", "?"),
                   gl_json_str(first, "Message", "?"), gl_json_str(first, "Code", "?"));
}

static int delete_found(struct gl_down *down, const struct gl_down_stack *stack,
                        const struct emptyings *all, size_t *ret_count, struct gl_error *err)
{
    size_t room = 0;
    for (size_t i = 0; i < all->count; i++)
        room += all->items[i].done ? 0 : json_array_size(all->items[i].found) / IMAGES_AT_ONCE + 1;
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(room);
    size_t used = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct emptying *one = &all->items[i];
        size_t most = one->is_bucket ? OBJECTS_AT_ONCE : IMAGES_AT_ONCE;
        for (size_t from = 0; !one->done && from < json_array_size(one->found); from += most)
            calls.items[used++] = delete_call(stack, one, from);
        *ret_count += one->done ? 0 : json_array_size(one->found);
    }
    int failed = gl_live_calls(gl_account_client(down->account), calls.items, used, true, err);
    for (size_t i = 0; failed == 0 && i < used; i++)
        failed = judge_deletion(down, &calls.items[i], err);
    return failed;
}

static bool all_done(const struct emptyings *all)
{
    for (size_t i = 0; i < all->count; i++) {
        if (!all->items[i].done)
            return false;
    }
    return true;
}

int gl_down_empty(struct gl_down *down, const struct gl_down_stack *stack, size_t *ret_count,
                  struct gl_error *err)
{
    gl_cleanup(emptyings_done) struct emptyings all = choose(stack);
    *ret_count = 0;
    while (!all_done(&all)) {
        int failed = list_all(down, stack, &all, err);
        if (failed == 0)
            failed = delete_found(down, stack, &all, ret_count, err);
        if (failed < 0)
            return failed;
    }
    return 0;
}

/* ---- the last snapshot -------------------------------------------------------------------------
 */

/* The newest one of the database that CloudFormation could have made. */
static const char *newest(const json_t *list)
{
    const char *best = NULL;
    const char *best_time = "";
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *time = gl_json_str(item, "SnapshotCreateTime", "");
        const char *status = gl_json_str(item, "Status", "");
        bool good = strcmp(status, "available") == 0 || strcmp(status, "creating") == 0;
        if (good && (!best || strcmp(time, best_time) >= 0)) {
            best = gl_json_str(item, "DBSnapshotIdentifier", NULL);
            best_time = time;
        }
    }
    return best;
}

static int find_one(struct gl_down *down, struct gl_down_stack *stack,
                    const struct gl_down_resource *resource, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(1);
    calls.items[0] = (struct gl_live_call){
        .service = "rds",
        .operation = "DescribeDBSnapshots",
        .region = stack->region,
        .params = json_pack("{ssss}", "DBInstanceIdentifier", resource->physical_id, "SnapshotType",
                            "manual"),
    };
    int failed = gl_live_calls(gl_account_client(down->account), calls.items, 1, false, err);
    if (failed == 0 && calls.items->code < 0 && calls.items->code != GL_E_NOT_FOUND)
        failed = gl_live_call_fail(calls.items, gl_account_caller(down->account), err);
    if (failed < 0)
        return failed;
    const char *found = newest(json_object_get(calls.items->result, "DBSnapshots"));
    if (!found)
        return gl_fail(err, GL_E_MISMATCH,
                       _("%s (%s) is gone, and there is no last snapshot of it"), resource->id,
                       resource->physical_id);
    stack->snapshot = gl_arena_strdup(&down->plan->arena, found);
    return 0;
}

int gl_down_find_snapshot(struct gl_down *down, struct gl_down_stack *stack, struct gl_error *err)
{
    int failed = 0;
    for (size_t r = 0; failed == 0 && r < stack->resource_count; r++) {
        const struct gl_down_resource *resource = &stack->resources[r];
        if (resource->fate == GL_FATE_SNAPSHOT &&
            strcmp(resource->type, "AWS::RDS::DBInstance") == 0)
            failed = find_one(down, stack, resource, err);
    }
    return failed;
}
