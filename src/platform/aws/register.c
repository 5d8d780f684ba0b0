/* Registering the task definition of a release: that of the part below stacks/release, with the
 * image by its digest. */
#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"

/* ---- evaluating --------------------------------------------------------------------------------
 */

struct knowing {
    struct gl_cloud *cloud;
    const struct gl_artifact *artifact;
    char *image; /* "REPOSITORY@sha256:..." */
    struct gl_error *err;
    int failed;
};

static const char *release_word(const struct knowing *k, const char *word)
{
    if (strcmp(word, k->cloud->part->image) == 0)
        return k->image;
    return strcmp(word, "version") == 0 ? k->artifact->version : NULL;
}

/* The value of a parameter that no plan without network knows. */
static const char *known(const struct gl_plan_stack *stack,
                         const struct gl_stack_parameter *parameter, void *context)
{
    (void)stack;
    struct knowing *k = context;
    const char *value = NULL;
    if (parameter->kind == GL_SOURCE_RELEASE)
        return release_word(k, parameter->source);
    if (parameter->kind != GL_SOURCE_OUTPUT || k->failed < 0)
        return NULL;
    gl_autofree char *stack_key = gl_strdup(parameter->source);
    char *dot = strrchr(stack_key, '.');
    if (!dot)
        return NULL;
    *dot = '\0';
    k->failed = gl_cloud_output(k->cloud, stack_key, dot + 1, &value, k->err);
    return value;
}

static int evaluate(struct gl_cloud *cloud, const struct gl_artifact *a, json_t **ret_properties,
                    struct gl_error *err)
{
    const char *repository = NULL;
    struct gl_plan *plan = NULL;
    struct gl_plan_stack *stack = NULL;
    int failed = gl_cloud_plan(cloud, &plan, err);
    if (failed == 0)
        failed = gl_cloud_output(cloud, "registry", cloud->part->repository, &repository, err);
    if (failed == 0)
        failed = gl_plan_release(plan, cloud->part->task_definition, &stack, err);
    if (failed < 0)
        return failed;
    gl_autofree char *image = gl_asprintf("%s@%s", repository, a->image_digest);
    struct knowing k = {.cloud = cloud, .artifact = a, .image = image, .err = err};
    failed = gl_plan_know(plan, stack, known, &k, err);
    if (k.failed < 0)
        return k.failed;
    if (failed < 0)
        return failed;
    const struct gl_resource *resource = gl_evaluated_resource(&stack->result, "TaskDefinition");
    if (!resource || gl_value_has_unknown(resource->properties))
        return gl_fail(err, GL_E_CONFIG,
                       _("stacks/release/%s.yaml has a value that a release does not know"),
                       cloud->part->task_definition);
    *ret_properties = gl_value_json(resource->properties);
    return 0;
}

/* ---- what golive says itself -------------------------------------------------------------------
 */

static void set_pair(json_t *list, const char *key_name, const char *key, const char *value)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *name = gl_json_str(item, key_name, "");
        if (strcmp(name, key) == 0) {
            gl_json_set_str(item, "value", value);
            return;
        }
    }
    json_array_append_new(list, json_pack("{ssss}", key_name, key, "value", value));
}

static json_t *list_in(json_t *object, const char *name)
{
    json_t *list = json_object_get(object, name);
    if (json_is_array(list))
        return list;
    list = json_array();
    json_object_set_new(object, name, list);
    return list;
}

/* The tags of the environment's stacks, so that costs and controls find it; and golive's own. */
static void add_tags(struct gl_cloud *cloud, const struct gl_artifact *a, json_t *params)
{
    json_t *tags = list_in(params, "tags");
    gl_autofree char *number = gl_asprintf("%" PRId64, a->release);
    for (size_t i = 0; i < cloud->plan.tag_count; i++)
        set_pair(tags, "key", cloud->plan.tags[i].key, cloud->plan.tags[i].value);
    set_pair(tags, "key", GL_TAG_RELEASE, number);
    set_pair(tags, "key", GL_TAG_VERSION, a->version);
    set_pair(tags, "key", GL_TAG_DIGEST, a->image_digest);
}

int gl_ecs_definition_make(struct gl_cloud *cloud, const struct gl_artifact *a, json_t **ret_params,
                           struct gl_error *err)
{
    gl_autojson json_t *properties = NULL;
    int failed = evaluate(cloud, a, &properties, err);
    if (failed < 0)
        return gl_error_wrap(err, _("the task definition of release %" PRId64), a->release);
    json_t *params = gl_ecs_from_properties(properties);
    json_t *container = json_array_get(json_object_get(params, "containerDefinitions"), 0);
    if (container)
        set_pair(list_in(container, "environment"), "name", "RELEASE_VERSION", a->version);
    add_tags(cloud, a, params);
    *ret_params = params;
    return 0;
}

/* ---- registering -------------------------------------------------------------------------------
 */

static int is_same(struct gl_cloud *cloud, const char *arn, const struct gl_artifact *a,
                   struct gl_error *err)
{
    const json_t *known_one = NULL;
    int failed = gl_ecs_definition(cloud, arn, &known_one, err);
    if (failed < 0)
        return failed;
    const char *digest = gl_json_str(known_one, "digest", "");
    if (strcmp(digest, a->image_digest) == 0)
        return 0;
    gl_fail(err, GL_E_MISMATCH,
            _("release %" PRId64 " is registered in this account with another image: %s"),
            a->release, digest);
    return gl_error_hint(err,
                         _("Was it deployed from another ledger? golive status --env %s shows what "
                           "serves; the task definition is %s."),
                         cloud->env, arn);
}

/* *ret_arn is NULL if the release has none yet. */
static int find_same(struct gl_cloud *cloud, const struct gl_artifact *a, const char **ret_arn,
                     struct gl_error *err)
{
    const char *arn = NULL;
    int failed = gl_ecs_definition_of(cloud, a->release, &arn, err);
    if (failed == 0 && arn)
        failed = is_same(cloud, arn, a, err);
    if (failed == 0)
        *ret_arn = arn;
    return failed;
}

static int send(struct gl_cloud *cloud, const json_t *params, const struct gl_artifact *a,
                const char **ret_arn, struct gl_error *err)
{
    gl_autoanswer struct gl_aws_answer answer = {0};
    gl_autoerr struct gl_error problem = {0};
    const json_t *known_one = NULL;
    const struct gl_aws_request request = {
        .service = "ecs", .operation = "RegisterTaskDefinition", .params = params};
    int failed = gl_aws_call(cloud->client, &request, &answer, &problem);
    if (failed == 0) {
        const char *arn =
            gl_json_str(gl_aws_at(answer.result, "taskDefinition"), "taskDefinitionArn", "");
        failed = gl_ecs_definition(cloud, arn, &known_one, err);
        if (failed == 0)
            *ret_arn = gl_json_str(known_one, "arn", "");
        return failed;
    }
    /* The answer was lost: to send it again would make a second one. */
    if (answer.failure.uncertain && find_same(cloud, a, ret_arn, NULL) == 0 && *ret_arn)
        return 0;
    gl_error_move(err, &problem);
    return failed;
}

int gl_ecs_register(struct gl_cloud *cloud, const struct gl_artifact *a, const char **ret_arn,
                    struct gl_error *err)
{
    gl_autojson json_t *params = NULL;
    const char *arn = NULL;
    int failed = find_same(cloud, a, &arn, err);
    if (failed == 0 && !arn)
        failed = gl_ecs_definition_make(cloud, a, &params, err);
    if (failed == 0 && !arn)
        failed = send(cloud, params, a, &arn, err);
    if (failed == 0)
        *ret_arn = arn;
    return failed;
}
