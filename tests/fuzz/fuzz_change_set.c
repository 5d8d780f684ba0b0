/* What CloudFormation answers about change sets and drift, from bytes: never a crash, every list
 * as long as it says, and no value of a secret property in what is shown. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "infra/changeset_internal.h"
#include "infra/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char template[] =
    "Parameters:\n  Size: {Type: Number, Default: 1}\n"
    "Resources:\n"
    "  Database:\n    Type: AWS::RDS::DBInstance\n"
    "    Properties: {AllocatedStorage: !Ref Size, Tags: [{Key: a, Value: b}], Vpc: !Ref Bucket}\n"
    "  Bucket: {Type: \"AWS::S3::Bucket\"}\n";

static void check(const struct gl_resource_change *change)
{
    gl_autobuf struct gl_buf text = {0};
    struct gl_render how = {.full = true};
    gl_render_resource(&how, change, 2, &text);
    if (!change->id || !change->type || !text.len)
        abort();
    for (size_t i = 0; i < change->property_count; i++) {
        const struct gl_property_change *property = &change->properties[i];
        if (!property->path)
            abort();
        if (property->secret && ((property->before && strcmp(property->before, "***") != 0) ||
                                 (property->after && strcmp(property->after, "***") != 0)))
            abort();
    }
}

static void make_stack(struct gl_arena *arena, struct gl_stack_def *def,
                       struct gl_plan_stack *stack)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_eval_input input = {
        .template = &def->template, .region = "eu-central-1", .stack_name = "fuzz"};
    if (gl_template_read(arena, template, sizeof template - 1, "t.yaml", &def->template, &err) <
            0 ||
        gl_eval_template(arena, &input, &stack->result, &err) < 0)
        abort();
    stack->def = def;
    stack->key = def->name;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autoarena struct gl_arena arena = {0};
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *json = NULL;
    struct gl_stack_def def = {.name = "fuzz", .file = "t.yaml"};
    struct gl_plan_stack stack = {0};
    struct gl_resource_change change;
    if (gl_json_parse((const char *)data, size, "fuzz", &json, &err) < 0)
        return 0;
    make_stack(&arena, &def, &stack);
    gl_changeset_read_resource(&arena, &stack, json_object_get(json, "Changes"), json, &change);
    check(&change);
    gl_drift_read_resource(&arena, &stack, json, &change);
    check(&change);
    gl_autofree char *reason = gl_changeset_reason_of_events(json, "none");
    if (!reason)
        abort();
    return 0;
}
