/* A CloudFormation template from bytes: never a crash, and either a result or an error with its
 * place; what was evaluated can be shown and compared with itself. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "infra/diff.h"
#include "infra/eval.h"
#include "infra/stack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_result(struct gl_arena *arena, const struct gl_evaluated *result)
{
    struct gl_stack_change change;
    gl_diff_stacks(arena, result, result, &change);
    if (change.action != GL_CHANGE_NONE)
        abort();
    gl_diff_stacks(arena, NULL, result, &change);
    if (change.resource_count != result->resource_count)
        abort();
    for (size_t i = 0; i < result->resource_count; i++) {
        gl_autojson json_t *json = gl_value_json(result->resources[i].properties);
        gl_autofree char *shown = gl_value_show(result->resources[i].properties);
        if (!json || !shown)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autoarena struct gl_arena arena = {0};
    gl_autoerr struct gl_error err = {0};
    struct gl_stack_def def = {.name = "fuzz", .file = "fuzz.yaml"};
    int failed =
        gl_template_read(&arena, (const char *)data, size, "fuzz.yaml", &def.template, &err);
    if (failed == 0)
        failed = gl_stack_def_read(&arena, &def, &err);
    struct gl_eval_input input = {
        .template = &def.template, .region = "eu-central-1", .stack_name = "fuzz"};
    struct gl_evaluated result;
    if (failed == 0)
        failed = gl_eval_template(&arena, &input, &result, &err);
    if (failed == 0)
        check_result(&arena, &result);
    else if (failed != GL_E_CONFIG || !err.message)
        abort();
    return 0;
}
