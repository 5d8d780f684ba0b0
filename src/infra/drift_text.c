/* Drift as text and JSON. */
#include <string.h>

#include "base/i18n.h"
#include "infra/drift.h"

static void add_value(const char *text, struct gl_buf *out)
{
    gl_buf_puts(out, text ? text : _("(none)"));
}

static void show_property(const struct gl_property_change *p, struct gl_buf *out)
{
    gl_buf_printf(out, "        %-40s %s ", p->path, _("made"));
    add_value(p->before, out);
    gl_buf_printf(out, ", %s ", _("is"));
    add_value(p->after, out);
    gl_buf_putc(out, '\n');
}

static void show_resource(const struct gl_render *how, const struct gl_drift_stack *stack,
                          const struct gl_resource_change *change, bool expected,
                          struct gl_buf *out)
{
    const char *colour = how->colour && !expected ? "\033[33m" : "";
    if (how->colour && change->action == GL_CHANGE_REMOVE)
        colour = "\033[1;31m";
    gl_buf_printf(out, "  %s%s %-14s %-26s %s", colour, gl_change_sign(change->action),
                  stack->stack->key, change->id, change->type);
    if (change->physical_id)
        gl_buf_printf(out, " %s", change->physical_id);
    if (change->action == GL_CHANGE_REMOVE)
        gl_buf_printf(out, "   %s", _("DELETED by hand"));
    gl_buf_printf(out, "%s\n", *colour ? "\033[0m" : "");
    for (size_t i = 0; i < change->property_count; i++)
        show_property(&change->properties[i], out);
}

static void show_all(const struct gl_render *how, const struct gl_drift *drift, bool expected,
                     struct gl_buf *out)
{
    for (size_t i = 0; i < drift->count; i++) {
        const struct gl_drift_stack *stack = &drift->stacks[i];
        for (size_t k = 0; k < stack->change.resource_count; k++) {
            const struct gl_resource_change *change = &stack->change.resources[k];
            if (gl_drift_is_expected(change) == expected)
                show_resource(how, stack, change, expected, out);
        }
    }
}

void gl_drift_text(const struct gl_render *how, const struct gl_drift *drift, struct gl_buf *out)
{
    show_all(how, drift, false, out);
    if (drift->expected)
        gl_buf_printf(out, "%s\n", _("Changed by golive's own releases, as it should be:"));
    show_all(how, drift, true, out);
    for (size_t i = 0; i < drift->count; i++) {
        const struct gl_drift_stack *stack = &drift->stacks[i];
        if (stack->not_checked)
            gl_buf_printf(out, _("  not checked: %s, %s\n"), stack->stack->key, stack->not_checked);
    }
}

json_t *gl_drift_json(const struct gl_drift *drift)
{
    json_t *json = json_object();
    json_t *stacks = json_array();
    gl_json_set_int(json, "checked", (int64_t)drift->checked);
    gl_json_set_int(json, "found", (int64_t)drift->found);
    gl_json_set_int(json, "expected", (int64_t)drift->expected);
    for (size_t i = 0; i < drift->count; i++) {
        const struct gl_drift_stack *stack = &drift->stacks[i];
        json_t *item = json_object();
        gl_json_set_str(item, "stack", stack->stack->key);
        gl_json_set_str(item, "stack_name", stack->stack->stack_name);
        gl_json_set_str(item, "not_checked", stack->not_checked);
        json_object_set_new(item, "change", gl_render_change_json(&stack->change));
        json_array_append_new(stacks, item);
    }
    json_object_set_new(json, "stacks", stacks);
    return json;
}
