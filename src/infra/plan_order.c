/* The order of stacks: what gives an output comes before what takes it. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "infra/plan_internal.h"

struct gl_plan_stack *gl_plan_find(const struct gl_plan *plan, const char *key)
{
    struct gl_plan_stack *by_name = NULL;
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->stacks[i].key, key) == 0)
            return &plan->stacks[i];
        if (strcmp(plan->stacks[i].def->name, key) == 0)
            by_name = &plan->stacks[i];
    }
    return by_name;
}

struct gl_plan_stack *gl_plan_producer(const struct gl_plan *plan, const char *source,
                                       const char **ret_output)
{
    const char *dot = strchr(source, '.');
    if (!dot)
        return NULL;
    gl_autofree char *key = gl_strndup(source, (size_t)(dot - source));
    *ret_output = dot + 1;
    return gl_plan_find(plan, key);
}

/* An output that nobody can ever give is a mistake; one of a stack that this environment does not
 * have is none. */
static int check_source(const struct gl_plan *plan, const struct gl_stack_parameter *parameter,
                        struct gl_error *err)
{
    const char *dot = strchr(parameter->source, '.');
    if (!dot)
        return gl_fail_at(err, parameter->at, _("`%s` is no STACK.Output"), parameter->source);
    size_t len = strcspn(parameter->source, ".@");
    gl_autofree char *name = gl_strndup(parameter->source, len);
    const struct gl_stack_def *def = gl_catalog_find(plan->catalog, name);
    if (!def) {
        gl_catalog_no_stack(plan->catalog, name, err);
        err->code = GL_E_CONFIG;
        return gl_error_at(err, parameter->at->place.file, parameter->at->place.line,
                           parameter->at->place.column);
    }
    if (def->template.outputs && gl_value_get(def->template.outputs, dot + 1))
        return 0;
    if (def->template.loops)
        return 0; /* a loop may make it */
    return gl_fail_at(err, parameter->at, _("stack %s has no output %s"), name, dot + 1);
}

static int find_needs(struct gl_plan *plan, struct gl_plan_stack *stack, struct gl_error *err)
{
    const struct gl_stack_def *def = stack->def;
    stack->needs = gl_arena_alloc(&plan->arena, def->parameter_count * sizeof *stack->needs);
    for (size_t i = 0; i < def->parameter_count; i++) {
        const struct gl_stack_parameter *parameter = &def->parameters[i];
        if (parameter->kind != GL_SOURCE_OUTPUT)
            continue;
        int failed = check_source(plan, parameter, err);
        if (failed < 0)
            return failed;
        const char *output;
        const struct gl_plan_stack *from = gl_plan_producer(plan, parameter->source, &output);
        size_t index = from ? (size_t)(from - plan->stacks) : 0;
        bool known = !from;
        for (size_t k = 0; k < stack->need_count; k++)
            known = known || stack->needs[k] == index;
        if (!known)
            stack->needs[stack->need_count++] = index;
    }
    return 0;
}

/* The wave of a stack whose needs all have theirs; 0 = not yet. Waves count from 1. */
static unsigned wave_of(const struct gl_plan *plan, const struct gl_plan_stack *stack)
{
    unsigned wave = 1;
    for (size_t i = 0; i < stack->need_count; i++) {
        const struct gl_plan_stack *need = &plan->stacks[stack->needs[i]];
        if (need->wave == 0)
            return 0;
        if (need->wave >= wave)
            wave = need->wave + 1;
    }
    return wave;
}

/* Says which stacks need each other. */
static int refuse_cycle(const struct gl_plan *plan, struct gl_error *err)
{
    size_t at = 0;
    while (plan->stacks[at].wave)
        at++;
    /* From a stack without a wave every step to a need without one stays among such stacks, so
     * that after as many steps as there are stacks it stands in the cycle. */
    gl_autobuf struct gl_buf names = {0};
    size_t first = 0;
    for (size_t step = 0; step < 2 * plan->count; step++) {
        const struct gl_plan_stack *stack = &plan->stacks[at];
        if (step == plan->count)
            first = at;
        if (step >= plan->count)
            gl_buf_printf(&names, "%s -> ", stack->key);
        size_t k = 0;
        while (plan->stacks[stack->needs[k]].wave)
            k++;
        at = stack->needs[k];
        if (step >= plan->count && at == first)
            break;
    }
    gl_buf_puts(&names, plan->stacks[first].key);
    const struct gl_stack_def *def = plan->stacks[first].def;
    gl_fail(err, GL_E_CONFIG, _("stacks need each other: %s"), gl_buf_text(&names));
    gl_error_hint(err, _("An {output: ...} of one of them must go."));
    return gl_error_at(err, def->file, 1, 1);
}

static int assign_waves(struct gl_plan *plan, struct gl_error *err)
{
    size_t done = 0;
    while (done < plan->count) {
        size_t before = done;
        for (size_t i = 0; i < plan->count; i++) {
            struct gl_plan_stack *stack = &plan->stacks[i];
            if (stack->wave == 0 && (stack->wave = wave_of(plan, stack)) > 0)
                done++;
        }
        if (done == before)
            return refuse_cycle(plan, err);
    }
    return 0;
}

/* Sorts by wave, by key within one, and makes the indexes of needs those of the new order. */
static void sort_stacks(struct gl_plan *plan)
{
    size_t *place = gl_arena_alloc(&plan->arena, plan->count * sizeof *place);
    struct gl_plan_stack *sorted = gl_arena_alloc(&plan->arena, plan->count * sizeof *sorted);
    size_t filled = 0;
    for (unsigned wave = 1; filled < plan->count; wave++) {
        for (size_t i = 0; i < plan->count; i++) {
            if (plan->stacks[i].wave != wave)
                continue;
            place[i] = filled;
            sorted[filled++] = plan->stacks[i];
        }
    }
    for (size_t i = 0; i < plan->count; i++) {
        for (size_t k = 0; k < sorted[i].need_count; k++)
            sorted[i].needs[k] = place[sorted[i].needs[k]];
    }
    plan->stacks = sorted;
}

int gl_plan_sort(struct gl_plan *plan, struct gl_error *err)
{
    for (size_t i = 0; i < plan->count; i++) {
        int failed = find_needs(plan, &plan->stacks[i], err);
        if (failed < 0)
            return failed;
    }
    int failed = assign_waves(plan, err);
    if (failed == 0)
        sort_stacks(plan);
    return failed;
}
