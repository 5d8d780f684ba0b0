/* The plan of an environment: its stacks in order, each evaluated, and what would change.
 *
 * gl_plan_make() works without network: it plans a creation of everything. The live half fills the
 * same gl_stack_change (diff.h) of each stack from a change set, and gl_plan_text()/gl_plan_json()
 * show both. */
#ifndef GL_INFRA_PLAN_H
#define GL_INFRA_PLAN_H

#include "config/config.h"
#include "infra/diff.h"
#include "infra/eval.h"
#include "infra/stack.h"

/* One stack in one place. Belongs to the plan. */
struct gl_plan_stack {
    const struct gl_stack_def *def;
    enum gl_placement placement;
    const char *key;        /* "network", "certificate@global" */
    const char *stack_name; /* "glanceflow-prod-network" */
    const char *region;
    unsigned wave; /* stacks of one wave do not need each other: side by side */
    size_t *needs; /* indexes into gl_plan.stacks, all smaller than its own */
    size_t need_count;
    const struct gl_value *given; /* map: parameters that are passed, known or unknown; a parameter
                                     that is not here keeps the template's Default */
    struct gl_evaluated result;
    struct gl_stack_change change;
    const char *asked_change_set; /* name of the change set that AWS was asked to make, or NULL: set
                                     before it is known whether it did (changeset.h) */
};

struct gl_tag {
    const char *key;
    const char *value;
};

/* What the stack `service-apprunner` makes its service of, in place of what the service is found to
 * have: at the first release, and when that is undone. */
struct gl_plan_app_runner {
    const char *image; /* with its digest; "" = there is to be no service */
    const char *version;
    const char *release; /* its number */
};

struct gl_plan {
    struct gl_arena arena;
    const struct gl_config *config;   /* not owned */
    const struct gl_catalog *catalog; /* not owned */
    const char *env;
    const char *account_id; /* or NULL */
    const char *region;
    bool live;                    /* changes come from change sets, not from evaluation alone */
    struct gl_plan_stack *stacks; /* in an order in which they can be created */
    size_t count;
    struct gl_tag *tags; /* of stacks: tags.required; see gl_plan_tag_applies() */
    size_t tag_count;
    const char *first_task_definition; /* of the first release: what the stack that is updated makes
                                          its service with while there is none; NULL = none */
    const struct gl_plan_app_runner *app_runner; /* NULL = as it is found */
};

/* Chooses the stacks of the configuration's environment, orders and evaluates them. Configuration
 * and catalog must live as long as the plan. GL_E_CONFIG: a mistake in a stack (with its place), a
 * cycle between stacks; GL_E_REFUSED: the environment has no infrastructure of golive's (platform
 * local, infra.managed false). The caller calls gl_plan_done(). */
gl_nodiscard int gl_plan_make(const struct gl_config *config, const struct gl_catalog *catalog,
                              struct gl_plan *ret_plan, struct gl_error *err);

/* Evaluates one stack again, with `given` (same form as gl_plan_stack.given) instead of its own:
 * when outputs and live values have become known. */
gl_nodiscard int gl_plan_evaluate(struct gl_plan *plan, struct gl_plan_stack *stack,
                                  const struct gl_value *given, struct gl_error *err);

/* What a parameter that was unknown turned out to be: the text of an output, a live value, a word
 * of the release. NULL = still unknown. The text is copied. */
typedef const char *gl_known_fn(const struct gl_plan_stack *stack,
                                const struct gl_stack_parameter *parameter, void *context);

/* Asks `known` for every unknown parameter of the stack and evaluates it again with the answers:
 * the live half of a plan, stack by stack in order. stack->given then has what to send. */
gl_nodiscard int gl_plan_know(struct gl_plan *plan, struct gl_plan_stack *stack, gl_known_fn *known,
                              void *context, struct gl_error *err);

/* Evaluates what a release registers ("task-definition", "task-definition-ssr") as if it were a
 * stack of this plan: image and version of the release are unknown, or from `given` after another
 * gl_plan_evaluate(). Its only resource is the AWS::ECS::TaskDefinition. GL_E_NOT_FOUND: there is
 * none of that name, or its `when` does not hold. Belongs to the plan. */
gl_nodiscard int gl_plan_release(struct gl_plan *plan, const char *name,
                                 struct gl_plan_stack **ret_stack, struct gl_error *err);

/* The stack with this key ("network", "edge@global"), or the only one of that name; NULL if there
 * is none. */
struct gl_plan_stack *gl_plan_find(const struct gl_plan *plan, const char *key);

/* The tags that a stack gets, as CloudFormation takes them: [{"Key": ..., "Value": ...}, ...]. By
 * golive:app and golive:env golive knows its own stacks again. A stack that several environments
 * share has `all` for the environment: with theirs it would change with each that is planned. The
 * caller owns the list. */
json_t *gl_plan_stack_tags(const struct gl_plan *plan, const struct gl_plan_stack *stack);

/* False for the tag `env` of a stack that several environments share. */
bool gl_plan_tag_applies(const struct gl_plan_stack *stack, const struct gl_tag *tag);

void gl_plan_done(struct gl_plan *plan);
#define gl_autoplan gl_cleanup(gl_plan_done)

#endif
