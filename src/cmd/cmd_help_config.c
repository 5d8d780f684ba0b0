/* golive help config: what a key of golive.yaml means, from the schema. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cmd/commands.h"
#include "config/schema.h"

static const char *text_of(const struct gl_schema_node *node)
{
    return node->row && node->row->text ? _(node->row->text) : "";
}

/* Defaults of lists stand on several lines. */
static void print_default(const char *fallback, FILE *out)
{
    gl_autostrv struct gl_strv lines = {0};
    gl_strv_split(&lines, fallback, "\n");
    for (size_t i = 0; i < lines.count; i++) {
        gl_autofree char *label = gl_utf8_pad(i ? "" : _("default"), 9);
        fprintf(out, "  %s %s\n", label, lines.items[i]);
    }
}

static void print_limits(const struct gl_schema_node *node, FILE *out)
{
    gl_autobuf struct gl_buf wanted = {0};
    gl_schema_describe(node, &wanted);
    fprintf(out, _("  value     %s\n"), gl_buf_text(&wanted));
    if (node->row && node->row->fallback)
        print_default(node->row->fallback, out);
    if (node->flags & GL_KEY_REQUIRED)
        fputs(_("  required\n"), out);
    const char *effect = gl_effect_text(gl_key_effect(node->path));
    if (effect)
        fprintf(out, "  %s\n", effect);
    if (node->flags & GL_KEY_GLOBAL)
        fputs(_("  the same in every environment\n"), out);
    else
        fprintf(out, _("  may differ: environments.ENV.%s\n"), node->path);
}

/* The nodes directly below, whatever kind of level it is. */
static void print_children(const struct gl_schema_node *node, FILE *out)
{
    const struct gl_schema_node *level = node->item ? node->item : node;
    level = level->any && !level->first ? level->any : level;
    if (level != node && !level->first)
        fprintf(out, "  %-34s %s\n", level->path, text_of(level));
    for (const struct gl_schema_node *child = level->first; child; child = child->next)
        fprintf(out, "  %-34s %s\n", child->path, text_of(child));
}

static void print_node(const struct gl_schema_node *node, FILE *out)
{
    if (!node->parent) {
        fputs(_("Keys of golive.yaml (golive help config KEY tells more):\n"), out);
        print_children(node, out);
        return;
    }
    fprintf(out, "%s\n  %s\n", node->path, text_of(node));
    print_limits(node, out);
    if (node->first || node->item || node->any) {
        fputs(_("Keys below:\n"), out);
        print_children(node, out);
    }
}

static void print_json(const struct gl_schema_node *node, FILE *out)
{
    gl_autojson json_t *object = json_object();
    gl_autobuf struct gl_buf wanted = {0};
    gl_schema_describe(node, &wanted);
    gl_json_set_str(object, "key", node->path);
    gl_json_set_str(object, "text", text_of(node));
    gl_json_set_str(object, "value", gl_buf_text(&wanted));
    gl_json_set_str(object, "default", node->row ? node->row->fallback : NULL);
    gl_json_set_str(object, "unit", node->row ? node->row->unit : NULL);
    gl_json_set_bool(object, "required", node->flags & GL_KEY_REQUIRED);
    gl_json_set_bool(object, "same_in_every_environment", node->flags & GL_KEY_GLOBAL);
    gl_json_set_str(object, "effect", gl_effect_word(gl_key_effect(node->path)));
    json_t *below = json_array();
    const struct gl_schema_node *level = node->item ? node->item : node;
    for (const struct gl_schema_node *child = level->first; child; child = child->next)
        json_array_append_new(below, json_string(child->path));
    json_object_set_new(object, "below", below);
    gl_autofree char *text = gl_json_pretty(object);
    fputs(text, out);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    const char *key = context->args.count ? context->args.items[0] : "";
    const struct gl_schema_node *node = gl_schema_find(key);
    if (!node) {
        const char *nearest = gl_schema_nearest(key);
        gl_fail(err, GL_E_NOT_FOUND, _("there is no key `%s` in golive.yaml"), key);
        return nearest ? gl_error_hint(err, _("Did you mean `%s`?"), nearest)
                       : gl_error_hint(err, _("golive help config lists them."));
    }
    if (context->format_json)
        print_json(node, context->out);
    else
        print_node(node, context->out);
    return 0;
}

static const struct gl_example examples[] = {
    {"golive help config", N_("the sections of golive.yaml")},
    {"golive help config frontend.mode",                    N_("one key")},
    {0},
};

const struct gl_command gl_cmd_help_config = {
    .name = "help config",
    .arguments = "[KEY]",
    .summary = N_("explain a key of golive.yaml"),
    .examples = examples,
    .max_args = 1,
    .run = run,
};
