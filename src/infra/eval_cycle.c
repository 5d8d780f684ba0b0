/* Resources that need each other: CloudFormation refuses them, after it was asked. */
#include <string.h>

#include "base/i18n.h"
#include "infra/eval_internal.h"

struct graph {
    const struct gl_evaluated *stack;
    bool *done;
};

/* The resource whose id begins `source` ("Vpc", "Vpc.Arn"); NULL if it is not in the stack. */
static const struct gl_resource *resource_of(const struct gl_evaluated *stack, const char *source)
{
    size_t len = strcspn(source, ".");
    for (size_t i = 0; i < stack->resource_count; i++) {
        const char *id = stack->resources[i].id;
        if (strncmp(id, source, len) == 0 && id[len] == '\0')
            return &stack->resources[i];
    }
    return NULL;
}

static bool is_open(const struct graph *graph, const struct gl_resource *resource)
{
    return resource && !graph->done[resource - graph->stack->resources];
}

/* A need of the resource that is not done yet, NULL if there is none. */
static const struct gl_resource *open_need(const struct graph *graph,
                                           const struct gl_resource *resource)
{
    const struct gl_value *root = resource->properties;
    for (const struct gl_value *at = root; at; at = gl_value_next(root, at)) {
        if (at->unknown != GL_UNKNOWN_RESOURCE)
            continue;
        const struct gl_resource *need = resource_of(graph->stack, at->source);
        if (is_open(graph, need))
            return need;
    }
    const struct gl_value *depends = resource->depends_on;
    if (gl_value_is_scalar(depends)) {
        const struct gl_resource *need = resource_of(graph->stack, depends->text);
        return is_open(graph, need) ? need : NULL;
    }
    for (const struct gl_value *at = depends ? depends->first : NULL; at; at = at->next) {
        const struct gl_resource *need =
            gl_value_is_scalar(at) ? resource_of(graph->stack, at->text) : NULL;
        if (is_open(graph, need))
            return need;
    }
    return NULL;
}

/* Every open resource has an open need, so that walking as many steps as there are resources ends
 * inside a cycle. */
static int name_cycle(const struct graph *graph, const struct gl_resource *at, struct gl_error *err)
{
    for (size_t i = 0; i < graph->stack->resource_count; i++)
        at = open_need(graph, at);
    const struct gl_resource *first = at;
    gl_autobuf struct gl_buf names = {0};
    do {
        gl_buf_printf(&names, "%s -> ", at->id);
        at = open_need(graph, at);
    } while (at != first);
    gl_fail(err, GL_E_CONFIG, _("resources need each other: %s%s"), gl_buf_text(&names), first->id);
    return gl_error_at(err, first->place.file, first->place.line, first->place.column);
}

int gl_eval_check_cycles(struct gl_arena *arena, const struct gl_evaluated *stack,
                         struct gl_error *err)
{
    struct graph graph = {.stack = stack, .done = gl_arena_alloc(arena, stack->resource_count + 1)};
    const struct gl_resource *open = NULL;
    bool moved = true;
    while (moved) {
        moved = false;
        open = NULL;
        for (size_t i = 0; i < stack->resource_count; i++) {
            const struct gl_resource *at = &stack->resources[i];
            if (graph.done[i])
                continue;
            if (open_need(&graph, at)) {
                open = at;
                continue;
            }
            graph.done[i] = moved = true;
        }
    }
    return open ? name_cycle(&graph, open, err) : 0;
}
