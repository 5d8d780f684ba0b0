/* How a template reaches CloudFormation: in the request, or through S3. */
#include <string.h>

#include "base/hash.h"
#include "base/i18n.h"
#include "infra/changeset_internal.h"
#include "infra/region.h"

static bool is_large(const struct gl_plan_stack *stack)
{
    return stack->def->len > GL_TEMPLATE_INLINE_BYTES_MAX;
}

/* The content decides the name: what is there already is the same. */
static char *key_of(const struct gl_plan_stack *stack)
{
    char digest[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(stack->def->text, stack->def->len, digest);
    return gl_asprintf("templates/%s.yaml", digest);
}

static int no_bucket(const struct gl_plan_stack *stack, struct gl_error *err)
{
    gl_fail(err, GL_E_NOT_FOUND, _("%s has %zu bytes, which CloudFormation takes only from S3"),
            stack->def->file, stack->def->len);
    return gl_error_hint(err, _("Stack bootstrap makes the bucket for it: it comes first."));
}

static int find_bucket(struct gl_plan *plan, const struct gl_plan_stack *large,
                       struct gl_account *account, const char **ret_bucket, struct gl_error *err)
{
    const struct gl_plan_stack *bootstrap = gl_plan_find(plan, "bootstrap");
    if (!bootstrap)
        return no_bucket(large, err);
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(1);
    struct gl_live_stack live = {0};
    gl_live_stack_ask(bootstrap, calls.items);
    int failed = gl_live_calls(gl_account_client(account), calls.items, 1, false, err);
    if (failed == 0)
        failed =
            gl_live_stack_take(&plan->arena, calls.items, gl_account_caller(account), &live, err);
    if (failed < 0)
        return failed;
    const char *bucket = gl_value_str(live.outputs, "ArtifactBucket", NULL);
    if (!bucket)
        return no_bucket(large, err);
    *ret_bucket = bucket;
    return 0;
}

static int upload(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                  struct gl_account *account, const char *bucket, struct gl_error *err)
{
    gl_autofree char *key = key_of(stack);
    gl_autojson json_t *params = json_pack("{ssssssss}", "Bucket", bucket, "Key", key,
                                           "IfNoneMatch", "*", "ContentType", "application/yaml");
    gl_autoanswer struct gl_aws_answer answer = {0};
    struct gl_aws_request request = {
        .service = "s3",
        .operation = "PutObject",
        .region = plan->region,
        .params = params,
        .body = stack->def->text,
        .body_len = stack->def->len,
    };
    int failed = gl_aws_call(gl_account_client(account), &request, &answer, err);
    if (failed < 0 && gl_aws_failure_is(&answer.failure, "PreconditionFailed")) {
        gl_error_done(err);
        return 0; /* it is there */
    }
    if (failed < 0)
        gl_error_wrap(err, _("%s cannot be put into s3://%s"), stack->def->file, bucket);
    return failed;
}

int gl_changeset_upload(struct gl_plan *plan, struct gl_plan_stack *const *stacks, size_t count,
                        struct gl_account *account, const char **ret_bucket, struct gl_error *err)
{
    const char *bucket = NULL;
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < count; i++) {
        if (!is_large(stacks[i]))
            continue;
        if (!bucket)
            failed = find_bucket(plan, stacks[i], account, &bucket, err);
        if (failed == 0)
            failed = upload(plan, stacks[i], account, bucket, err);
    }
    if (failed == 0)
        *ret_bucket = bucket;
    return failed;
}

void gl_changeset_set_template(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                               const char *bucket, json_t *params)
{
    if (!is_large(stack)) {
        json_object_set_new(params, "TemplateBody",
                            json_stringn(stack->def->text, stack->def->len));
        return;
    }
    gl_autofree char *key = key_of(stack);
    gl_autofree char *url = gl_asprintf("https://%s.s3.%s.%s/%s", bucket, plan->region,
                                        gl_region_url_suffix(plan->region), key);
    gl_json_set_str(params, "TemplateURL", url);
}
