/* What the stacks of an environment give out, read from CloudFormation. */
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/aws.h"

static json_t *as_object(const json_t *stack)
{
    json_t *outputs = json_object();
    size_t index;
    json_t *output;
    json_array_foreach(json_object_get(stack, "Outputs"), index, output)
    {
        gl_json_set_str(outputs, gl_json_str(output, "OutputKey", ""),
                        gl_json_str(output, "OutputValue", ""));
    }
    return outputs;
}

/* The outputs of a stack; an absent one has none. */
static int read_outputs(struct gl_cloud *cloud, const struct gl_plan_stack *stack,
                        json_t **ret_outputs, struct gl_error *err)
{
    gl_autojson json_t *params = json_pack("{ss}", "StackName", stack->stack_name);
    struct gl_aws_request request = {.service = "cloudformation",
                                     .operation = "DescribeStacks",
                                     .params = params,
                                     .region = stack->region};
    gl_autoanswer struct gl_aws_answer answer = {0};
    int failed = gl_aws_call(cloud->client, &request, &answer, err);
    if (failed == GL_E_NOT_FOUND) {
        gl_error_done(err);
        *ret_outputs = json_object();
        return 0;
    }
    if (failed < 0)
        return failed;
    *ret_outputs = as_object(json_array_get(json_object_get(answer.result, "Stacks"), 0));
    return 0;
}

int gl_cloud_output(struct gl_cloud *cloud, const char *stack, const char *name,
                    const char **ret_value, struct gl_error *err)
{
    struct gl_plan *plan = NULL;
    int failed = gl_cloud_plan(cloud, &plan, err);
    if (failed < 0)
        return failed;
    json_t *outputs = json_object_get(cloud->outputs, stack);
    const struct gl_plan_stack *planned = gl_plan_find(plan, stack);
    if (!outputs && planned) {
        failed = read_outputs(cloud, planned, &outputs, err);
        if (failed < 0)
            return failed;
        json_object_set_new(cloud->outputs, stack, outputs);
    }
    const char *value = gl_json_str(outputs, name, NULL);
    if (value) {
        *ret_value = value;
        return 0;
    }
    gl_fail(err, GL_E_REFUSED,
            _("the stack %s of environment %s does not stand, or is an older one"),
            planned ? planned->stack_name : stack, cloud->env);
    return gl_error_hint(err, _("golive up --env %s makes it."), cloud->env);
}

void gl_cloud_outputs_forget(struct gl_cloud *cloud)
{
    json_object_clear(cloud->outputs);
}
