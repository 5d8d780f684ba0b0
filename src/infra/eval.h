/* Evaluating a template with real parameters: what CloudFormation would make of it, without asking
 * CloudFormation. What only `golive up` can know stays an unknown value with its source.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
#ifndef GL_INFRA_EVAL_H
#define GL_INFRA_EVAL_H

#include "base/error.h"
#include "infra/template.h"

/* Unknown: the condition depends on a value that is read from the account. */
enum gl_truth {
    GL_FALSE,
    GL_TRUE,
    GL_TRUTH_UNKNOWN,
};

struct gl_eval_input {
    const struct gl_template *template;
    const struct gl_value *parameters; /* map of name to text, number, list or unknown; names the
                                          template does not have are refused; absent = Default */
    const char *account_id;            /* 12 digits, or NULL: unknown */
    const char *region;
    const char *stack_name;
};

/* One resource that exists (its condition is not false). Belongs to the arena. */
struct gl_resource {
    const char *id;              /* logical id, loops expanded */
    const char *type;            /* "AWS::EC2::VPC" */
    enum gl_truth exists;        /* GL_TRUE or GL_TRUTH_UNKNOWN */
    const char *condition;       /* its name, or NULL */
    const char *deletion_policy; /* "Delete", "Retain", "Snapshot", ...; the template's, or NULL */
    const char *update_replace_policy; /* the same */
    const struct gl_value *properties; /* map, evaluated; never NULL */
    const struct gl_value *metadata;   /* as written, or NULL */
    const struct gl_value *depends_on; /* as written, or NULL */
    struct gl_place place;             /* of its key in the template */
};

struct gl_output {
    const char *name;
    const struct gl_value *value;
    struct gl_place place;
};

struct gl_evaluated {
    const struct gl_value *parameters; /* map of all parameters, typed */
    struct gl_resource *resources;
    size_t resource_count;
    struct gl_output *outputs;
    size_t output_count;
};

/* Evaluates the whole template into `arena`, which also holds everything in *ret_result; the
 * template must live as long. GL_E_CONFIG with the place in the template: a parameter that has no
 * value or breaks its constraints, a name that does not exist, a cycle, a wrong argument. */
gl_nodiscard int gl_eval_template(struct gl_arena *arena, const struct gl_eval_input *input,
                                  struct gl_evaluated *ret_result, struct gl_error *err);

/* By logical id or name; NULL if there is none. */
const struct gl_resource *gl_evaluated_resource(const struct gl_evaluated *stack, const char *id);
const struct gl_output *gl_evaluated_output(const struct gl_evaluated *stack, const char *name);

#endif
