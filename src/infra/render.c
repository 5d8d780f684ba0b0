/* Plans as text. */
#include "infra/render.h"

#include <math.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "infra/ejected.h"

/* ---- colour ------------------------------------------------------------------------------------
 */

static const char *const colours[] = {
    [GL_CHANGE_NONE] = "",           [GL_CHANGE_ADD] = "\033[32m",
    [GL_CHANGE_MODIFY] = "\033[33m", [GL_CHANGE_REPLACE] = "\033[1;31m",
    [GL_CHANGE_REMOVE] = "\033[31m", [GL_CHANGE_IMPORT] = "\033[36m",
};

static const char *begin(const struct gl_render *how, enum gl_change_action action)
{
    return how->colour ? colours[action] : "";
}

static const char *end(const struct gl_render *how, enum gl_change_action action)
{
    return how->colour && *colours[action] ? "\033[0m" : "";
}

/* Columns that a text takes; Japanese letters take two. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c & 0xC0) != 0x80)
            width += c >= 0xE2 ? 2 : 1;
    }
    return width;
}

static void pad(struct gl_buf *out, const char *text, int width)
{
    gl_buf_puts(out, text);
    for (int i = width_of(text); i < width; i++)
        gl_buf_putc(out, ' ');
}

/* ---- properties, resources ---------------------------------------------------------------------
 */

/* Long values would hide the others; --format json has them whole. */
enum { VALUE_COLUMNS = 100 };

void gl_render_value(const char *text, int columns, struct gl_buf *out)
{
    size_t left = strlen(text);
    for (int shown = 0; left && shown < columns; shown++) {
        uint32_t character = 0;
        size_t size = gl_utf8_next(text, left, &character);
        if (character == '\n')
            gl_buf_puts(out, "\\n");
        else if (!gl_utf8_is_deceptive(character))
            gl_buf_add(out, text, size);
        text += size;
        left -= size;
    }
    if (left)
        gl_buf_puts(out, "...");
}

static void add_value(struct gl_buf *out, const char *text)
{
    gl_render_value(text, VALUE_COLUMNS, out);
}

static const char *effect(const struct gl_property_change *property)
{
    switch (property->recreation) {
    case GL_RECREATE_ALWAYS:
        return _("replaces the resource");
    case GL_RECREATE_PERHAPS:
        return _("may replace the resource");
    default:
        return _("in place");
    }
}

static void render_property(const struct gl_render *how, const struct gl_resource_change *resource,
                            const struct gl_property_change *property, int indent,
                            struct gl_buf *out)
{
    bool red = property->recreation == GL_RECREATE_ALWAYS;
    gl_buf_printf(out, "%*s", indent, "");
    gl_buf_puts(out, red && how->colour ? colours[GL_CHANGE_REPLACE] : "");
    pad(out, property->path, 40);
    gl_buf_putc(out, ' ');
    if (resource->action != GL_CHANGE_ADD && !property->before && !property->after) {
        gl_buf_puts(out, _("changes"));
    } else if (resource->action != GL_CHANGE_ADD && property->before) {
        add_value(out, property->secret ? "***" : property->before);
        gl_buf_puts(out, " -> ");
    } else if (resource->action != GL_CHANGE_ADD) {
        gl_buf_printf(out, "%s -> ", _("(none)"));
    }
    if (property->after)
        add_value(out, property->secret ? "***" : property->after);
    else if (property->before)
        gl_buf_puts(out, _("(removed)"));
    if (resource->action == GL_CHANGE_MODIFY || resource->action == GL_CHANGE_REPLACE)
        gl_buf_printf(out, "   %s", effect(property));
    if (property->expected)
        gl_buf_printf(out, "   %s", _("expected: golive's releases change this"));
    if (property->reason)
        gl_buf_printf(out, "   (%s)", property->reason);
    gl_buf_printf(out, "%s\n", red && how->colour ? "\033[0m" : "");
}

static void render_warnings(const struct gl_resource_change *change, struct gl_buf *out)
{
    bool lost = change->action == GL_CHANGE_REPLACE || change->action == GL_CHANGE_REMOVE ||
                gl_change_may_replace(change);
    if (change->action == GL_CHANGE_REPLACE)
        gl_buf_printf(out, "   %s", _("REPLACED"));
    if (change->reason)
        gl_buf_printf(out, "%s%s", change->action == GL_CHANGE_REPLACE ? ": " : "   ",
                      change->reason);
    if (change->interruption)
        gl_buf_printf(out, "   %s", change->interruption);
    if (lost && change->data)
        gl_buf_printf(out, "   %s", _("HOLDS DATA: asks for a typed confirmation"));
    if (lost && change->kept)
        gl_buf_printf(out, "   %s", _("(the old one or a snapshot of it stays)"));
    if (change->exists == GL_TRUTH_UNKNOWN)
        gl_buf_printf(out, _("   only if %s, which the account decides"),
                      change->condition ? change->condition : "?");
}

void gl_render_resource(const struct gl_render *how, const struct gl_resource_change *change,
                        int indent, struct gl_buf *out)
{
    gl_buf_printf(out, "%*s%s%s ", indent, "", begin(how, change->action),
                  gl_change_sign(change->action));
    pad(out, change->id, 26);
    gl_buf_printf(out, " %s", change->type);
    render_warnings(change, out);
    gl_buf_puts(out, end(how, change->action));
    if (how->full && change->place.file)
        gl_buf_printf(out, "   %s:%u", change->place.file, change->place.line);
    gl_buf_putc(out, '\n');
    bool list =
        how->full || change->action == GL_CHANGE_MODIFY || change->action == GL_CHANGE_REPLACE;
    for (size_t i = 0; list && i < change->property_count; i++)
        render_property(how, change, &change->properties[i], indent + 4, out);
}

/* ---- stacks ------------------------------------------------------------------------------------
 */

static int key_width(const struct gl_plan *plan)
{
    int width = 14;
    for (size_t i = 0; i < plan->count; i++) {
        int own = width_of(plan->stacks[i].key);
        width = own > width ? own : width;
    }
    return width;
}

/* What is watched stands in --format json; what cannot be is worth a line. */
static void render_alarms(const struct gl_stack_change *change, int width, struct gl_buf *out)
{
    if (change->action != GL_CHANGE_NONE && change->ringing)
        gl_buf_printf(out, _("%*s not watched, because it rings already: %s\n"), width + 3, "",
                      change->ringing);
}

static void render_line(const struct gl_render *how, const struct gl_plan_stack *stack, int width,
                        struct gl_buf *out)
{
    const struct gl_stack_change *change = &stack->change;
    struct gl_change_counts counts = gl_change_count(change);
    gl_buf_printf(out, "%s%s ", begin(how, change->action), gl_change_sign(change->action));
    pad(out, stack->key, width);
    gl_buf_puts(out, end(how, change->action));
    if (change->action == GL_CHANGE_ADD) {
        gl_autofree char *count = gl_asprintf(_("%3zu resources"), counts.added - counts.perhaps);
        gl_autofree char *more =
            counts.perhaps ? gl_asprintf(_(" + %zu perhaps"), counts.perhaps) : gl_strdup("");
        gl_buf_printf(out, "  %s", count);
        pad(out, more, 13);
        gl_buf_putc(out, ' ');
        gl_highlights(&stack->result, out);
    } else if (change->action != GL_CHANGE_NONE && !(change->note && !change->resource_count)) {
        gl_buf_printf(out, _("  %zu added, %zu changed, %zu replaced, %zu removed"), counts.added,
                      counts.modified, counts.replaced, counts.removed);
    } else if (!change->note) {
        gl_buf_printf(out, "  %s", _("unchanged"));
    }
    if (change->note)
        gl_buf_printf(out, "   (%s)", change->note);
    gl_buf_putc(out, '\n');
    render_alarms(change, width, out);
}

static void render_ejected(const struct gl_render *how, struct gl_plan *plan, struct gl_buf *out)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct gl_plan_stack *stack = &plan->stacks[i];
        if (!stack->def->ejected || stack->placement != GL_PLACEMENT_APP)
            continue;
        struct gl_stack_change change = {0};
        gl_autoerr struct gl_error err = {0};
        gl_buf_printf(out, _("Ejected: %s takes the place of the shipped stack"), stack->def->file);
        if (gl_ejected_changes(plan, stack, &change, &err) < 0)
            gl_buf_printf(out, _(", which cannot be compared: %s\n"), err.message);
        else if (change.action == GL_CHANGE_NONE)
            gl_buf_puts(out, _(" and makes the same.\n"));
        else
            gl_buf_puts(out, _("; against that one it makes:\n"));
        for (size_t k = 0; k < change.resource_count; k++)
            gl_render_resource(how, &change.resources[k], 4, out);
    }
}

/* A resource of which nothing but the stack's own tags changes: AWS says no values of them. */
static bool is_tags_only(const struct gl_resource_change *change)
{
    const struct gl_property_change *only = change->properties;
    return change->action == GL_CHANGE_MODIFY && change->property_count == 1 && !only->before &&
           !only->after && gl_ends_with(only->path, "Tags");
}

/* A new tag changes nearly every resource: one line for all that have nothing else. */
static void render_changes(const struct gl_render *how, const struct gl_stack_change *change,
                           struct gl_buf *out)
{
    size_t tagged = 0;
    for (size_t i = 0; i < change->resource_count; i++) {
        if (!how->full && is_tags_only(&change->resources[i]))
            tagged++;
        else
            gl_render_resource(how, &change->resources[i], 4, out);
    }
    if (tagged)
        gl_buf_printf(out, _("    ~ %zu resources get other tags\n"), tagged);
}

void gl_render_plan(const struct gl_render *how, struct gl_plan *plan, struct gl_buf *out)
{
    int width = key_width(plan);
    for (size_t i = 0; i < plan->count; i++) {
        const struct gl_plan_stack *stack = &plan->stacks[i];
        render_line(how, stack, width, out);
        bool changed = stack->change.action == GL_CHANGE_MODIFY ||
                       stack->change.action == GL_CHANGE_REMOVE ||
                       stack->change.action == GL_CHANGE_IMPORT;
        if (changed)
            render_changes(how, &stack->change, out);
    }
    render_ejected(how, plan, out);
}

/* ---- one stack ---------------------------------------------------------------------------------
 */

static void render_values(const struct gl_value *map, const struct gl_value *given,
                          struct gl_buf *out)
{
    for (const struct gl_value *at = map ? map->first : NULL; at; at = at->next) {
        gl_autofree char *text = gl_value_show(at);
        gl_buf_puts(out, "    ");
        pad(out, at->name, 40);
        gl_buf_putc(out, ' ');
        add_value(out, text);
        if (!gl_value_get(given, at->name))
            gl_buf_printf(out, "   %s", _("(default of the template)"));
        gl_buf_putc(out, '\n');
    }
}

void gl_render_stack(const struct gl_render *how, struct gl_plan *plan,
                     const struct gl_plan_stack *stack, struct gl_buf *out)
{
    struct gl_render whole = *how;
    whole.full = true;
    gl_buf_printf(out, "%s  %s  %s\n", stack->stack_name, stack->region, stack->def->file);
    if (*stack->def->summary)
        gl_buf_printf(out, "  %s\n", stack->def->summary);
    for (size_t i = 0; i < stack->need_count; i++)
        gl_buf_printf(out, "%s%s", i ? ", " : _("  after: "), plan->stacks[stack->needs[i]].key);
    gl_buf_puts(out, stack->need_count ? "\n" : "");
    gl_buf_printf(out, "%s\n", _("Parameters"));
    render_values(stack->result.parameters, stack->given, out);
    gl_buf_printf(out, "%s\n", _("Resources"));
    for (size_t i = 0; i < stack->change.resource_count; i++)
        gl_render_resource(&whole, &stack->change.resources[i], 2, out);
    if (stack->result.output_count)
        gl_buf_printf(out, "%s\n", _("Outputs"));
    for (size_t i = 0; i < stack->result.output_count; i++) {
        gl_autofree char *text = gl_value_show(stack->result.outputs[i].value);
        gl_buf_puts(out, "    ");
        pad(out, stack->result.outputs[i].name, 40);
        gl_buf_putc(out, ' ');
        add_value(out, text);
        gl_buf_putc(out, '\n');
    }
}
