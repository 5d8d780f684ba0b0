/* The task definition of migrations.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html */
#include <string.h>

#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"
#include "platform/aws/migrator.h"

/* Of the parameters it was registered with: tells whether the newest one is this one. */
#define CONTENT_TAG "golive:content"

/* What the template leaves open. */
struct open_values {
    struct gl_cloud *cloud;
    const char *image;
    struct gl_error err; /* of the first output that is not there */
};

static const char *known(const struct gl_plan_stack *stack,
                         const struct gl_stack_parameter *parameter, void *context)
{
    struct open_values *open = context;
    (void)stack;
    if (parameter->kind == GL_SOURCE_RELEASE)
        return strcmp(parameter->source, "image") == 0 ? open->image : gl_migrator_processor();
    const char *dot = strchr(parameter->source, '.');
    if (parameter->kind != GL_SOURCE_OUTPUT || !dot || open->err.code)
        return NULL;
    gl_autofree char *other = gl_strndup(parameter->source, (size_t)(dot - parameter->source));
    const char *value = NULL;
    return gl_cloud_output(open->cloud, other, dot + 1, &value, &open->err) < 0 ? NULL : value;
}

static int evaluate(struct gl_cloud *cloud, const char *image, json_t **ret_properties,
                    struct gl_error *err)
{
    struct gl_plan *plan = NULL;
    struct gl_plan_stack *stack = NULL;
    struct open_values open = {.cloud = cloud, .image = image};
    int failed = gl_cloud_plan(cloud, &plan, err);
    if (failed == 0)
        failed = gl_plan_release(plan, "migration-task", &stack, err);
    if (failed == 0)
        failed = gl_plan_know(plan, stack, known, &open, err);
    if (open.err.code) {
        failed = open.err.code;
        gl_error_move(err, &open.err);
    }
    if (failed < 0)
        return failed;
    const struct gl_resource *resource =
        stack ? gl_evaluated_resource(&stack->result, "TaskDefinition") : NULL;
    if (!resource || gl_value_has_unknown(resource->properties))
        return gl_fail(err, GL_E_CORRUPT, _("%s makes no complete task definition"),
                       "stacks/release/migration-task.yaml");
    *ret_properties = gl_value_json(resource->properties);
    return 0;
}

/* ---- registering -------------------------------------------------------------------------------
 */

static bool has_content(const json_t *answer, const char *content)
{
    size_t index;
    json_t *tag;
    json_array_foreach(json_object_get(answer, "tags"), index, tag)
    {
        if (strcmp(gl_json_str(tag, "key", ""), CONTENT_TAG) == 0)
            return strcmp(gl_json_str(tag, "value", ""), content) == 0;
    }
    return false;
}

static const char *arn_of(const json_t *answer)
{
    return gl_json_str(json_object_get(answer, "taskDefinition"), "taskDefinitionArn", "");
}

/* The newest of the family, if it has this content; else NULL. A family that is not there yet has
 * AWS say that it cannot describe it (ClientException). */
static int find_same(struct gl_cloud *cloud, const char *family, const char *content,
                     char **ret_arn, struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    json_t *params = json_pack("{s:s, s:[s]}", "taskDefinition", family, "include", "TAGS");
    int failed = gl_aws_ask(cloud->client, "ecs", "DescribeTaskDefinition", params, &answer, err);
    if (failed < 0 && gl_aws_failure_is(gl_aws_last_failure(cloud->client), "ClientException")) {
        gl_error_done(err);
        failed = 0;
    }
    if (failed == 0 && has_content(answer, content))
        *ret_arn = gl_strdup(arn_of(answer));
    return failed;
}

static json_t *tags_of(const struct gl_cloud *cloud, const char *content)
{
    return json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]", "key", "golive:app", "value",
                     cloud->app, "key", "golive:env", "value", cloud->env, "key", CONTENT_TAG,
                     "value", content);
}

int gl_migrator_define(struct gl_cloud *cloud, const char *image, char **ret_arn,
                       struct gl_error *err)
{
    gl_autojson json_t *properties = NULL;
    int failed = evaluate(cloud, image, &properties, err);
    if (failed < 0)
        return failed;
    gl_autojson json_t *params = gl_ecs_from_properties(properties);
    gl_autofree char *text = gl_json_canonical(params);
    char content[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(text, strlen(text), content);
    gl_autofree char *same = NULL;
    failed = find_same(cloud, gl_json_str(params, "family", ""), content, &same, err);
    if (failed < 0 || same) {
        *ret_arn = gl_steal(&same);
        return failed;
    }
    gl_autojson json_t *answer = NULL;
    json_object_set_new(params, "tags", tags_of(cloud, content));
    failed = gl_aws_ask(cloud->client, "ecs", "RegisterTaskDefinition", json_incref(params),
                        &answer, err);
    /* Where the answer was lost, to send it again would make a second one. */
    if (failed < 0 && gl_aws_last_failure(cloud->client)->uncertain &&
        find_same(cloud, gl_json_str(params, "family", ""), content, &same, NULL) == 0 && same) {
        gl_error_done(err);
        *ret_arn = gl_steal(&same);
        return 0;
    }
    if (failed == 0)
        *ret_arn = gl_strdup(arn_of(answer));
    return failed;
}
