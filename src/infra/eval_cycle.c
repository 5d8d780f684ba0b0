/* Resources that need each other: CloudFormation refuses them, after it was asked. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "infra/eval_internal.h"

struct graph {
    const struct gl_evaluated *stack;
    const struct gl_resource **by_id; /* sorted */
    bool *done;
};

static int compare_ids(const void *a, const void *b)
{
    const struct gl_resource *const *first = a;
    const struct gl_resource *const *second = b;
    return strcmp((*first)->id, (*second)->id);
}

static struct graph make_graph(struct gl_arena *arena, const struct gl_evaluated *stack)
{
    size_t count = stack->resource_count;
    struct graph graph = {.stack = stack, .done = gl_arena_alloc(arena, count + 1)};
    graph.by_id = gl_arena_alloc(arena, (count + 1) * sizeof(void *));
    for (size_t i = 0; i < count; i++)
        graph.by_id[i] = &stack->resources[i];
    qsort(graph.by_id, count, sizeof(void *), compare_ids);
    return graph;
}

/* "Vpc.Arn" with "Vpc". */
static int compare_source(const void *source, const void *resource)
{
    const char *id = (*(const struct gl_resource *const *)resource)->id;
    size_t len = strcspn(source, ".");
    int order = strncmp(source, id, len);
    return order ? order : -(id[len] != '\0');
}

/* The resource whose id begins `source` ("Vpc", "Vpc.Arn"); NULL if it is not in the stack. */
static const struct gl_resource *resource_of(const struct graph *graph, const char *source)
{
    const struct gl_resource **found =
        bsearch(source, graph->by_id, graph->stack->resource_count, sizeof(void *), compare_source);
    return found ? *found : NULL;
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
        const struct gl_resource *need = resource_of(graph, at->source);
        if (is_open(graph, need))
            return need;
    }
    const struct gl_value *depends = resource->depends_on;
    if (gl_value_is_scalar(depends)) {
        const struct gl_resource *need = resource_of(graph, depends->text);
        return is_open(graph, need) ? need : NULL;
    }
    for (const struct gl_value *at = depends ? depends->first : NULL; at; at = at->next) {
        const struct gl_resource *need =
            gl_value_is_scalar(at) ? resource_of(graph, at->text) : NULL;
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

/* Forward and back in turn: most templates are written in one of the two orders. */
int gl_eval_check_cycles(struct gl_arena *arena, const struct gl_evaluated *stack,
                         struct gl_error *err)
{
    struct graph graph = make_graph(arena, stack);
    const struct gl_resource *open = NULL;
    size_t count = stack->resource_count;
    bool moved = true;
    for (bool back = false; moved; back = !back) {
        moved = false;
        open = NULL;
        for (size_t i = 0; i < count; i++) {
            size_t index = back ? count - 1 - i : i;
            if (graph.done[index])
                continue;
            if (open_need(&graph, &stack->resources[index]))
                open = &stack->resources[index];
            else
                graph.done[index] = moved = true;
        }
    }
    return open ? name_cycle(&graph, open, err) : 0;
}
