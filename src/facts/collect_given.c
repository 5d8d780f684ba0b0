/* Facts of templates that were given instead of the project's stacks: any CloudFormation template,
 * or what `cdk synth` writes. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "facts/template_rows.h"

struct giving {
    const struct gl_collecting *c;
    struct gl_arena arena;
    const struct gl_value *parameters; /* of the file: map of names to values, or NULL */
    bool *used;                        /* which of them some template has */
    struct gl_template_rows rows;
    struct gl_error *err;
};

static void giving_done(struct giving *g)
{
    gl_arena_done(&g->arena);
}

/* ---- parameters --------------------------------------------------------------------------------
 */

/* [{ParameterKey: A, ParameterValue: b}] as {A: b}; what AWS's command line takes. */
static int read_pairs(struct giving *g, const struct gl_value *list)
{
    struct gl_value *map = gl_value_new(&g->arena, GL_VALUE_MAP, list);
    for (const struct gl_value *at = list->first; at; at = at->next) {
        const char *name = gl_value_str(at, "ParameterKey", NULL);
        const struct gl_value *value = gl_value_get(at, "ParameterValue");
        if (!name || !value) {
            gl_fail_at(g->err, at, _("a parameter has a ParameterKey and a ParameterValue"));
            return GL_E_CONFIG;
        }
        struct gl_value *copy = gl_value_copy(&g->arena, value);
        copy->name_place = at->place;
        gl_value_append(map, copy, name);
    }
    g->parameters = map;
    return 0;
}

static int take_parameters(struct giving *g, const struct gl_value *root)
{
    const struct gl_value *inside = gl_value_get(root, "Parameters");
    if (root->kind == GL_VALUE_LIST)
        return read_pairs(g, root);
    if (inside && inside->kind == GL_VALUE_LIST)
        return read_pairs(g, inside);
    if (root->kind != GL_VALUE_MAP)
        return gl_fail_at(g->err, root,
                          _("parameters are a map of names to values, or a list of "
                            "{ParameterKey, ParameterValue}"));
    g->parameters = inside && inside->kind == GL_VALUE_MAP ? inside : root;
    return 0;
}

static int read_parameters(struct giving *g)
{
    const char *file = g->c->request->parameters;
    gl_autobuf struct gl_buf text = {0};
    struct gl_value *root = NULL;
    if (!file)
        return 0;
    int failed = gl_read_file(file, gl_template_limits_given.bytes, &text, g->err);
    if (failed == 0)
        failed = gl_template_parse_within(&g->arena, &gl_template_limits_given, &text, file, &root,
                                          g->err);
    if (failed == 0)
        failed = take_parameters(g, root);
    if (failed == 0 && g->parameters)
        g->used = gl_arena_alloc(&g->arena, g->parameters->count + 1);
    return failed;
}

/* The value of the file; without one and without Default it is unknown, and named so. */
static const struct gl_value *value_of(struct giving *g, const struct gl_value *declared)
{
    size_t i = 0;
    for (const struct gl_value *at = g->parameters ? g->parameters->first : NULL; at;
         at = at->next, i++) {
        if (strcmp(at->name, declared->name) != 0)
            continue;
        g->used[i] = true;
        return at;
    }
    return gl_value_get(declared, "Default")
               ? NULL
               : gl_value_unknown(&g->arena, GL_UNKNOWN_LIVE, declared->name, declared);
}

static const struct gl_value *give(struct giving *g, const struct gl_template *template)
{
    struct gl_value *given = gl_value_new(&g->arena, GL_VALUE_MAP, NULL);
    const struct gl_value *at = template->parameters ? template->parameters->first : NULL;
    for (; at; at = at->next) {
        const struct gl_value *value = value_of(g, at);
        if (!value)
            continue;
        struct gl_value *copy = gl_value_copy(&g->arena, value);
        copy->name_place = value->name_place;
        gl_value_append(given, copy, at->name);
    }
    return given;
}

/* A name that no template has is a mistake in typing, but takes nothing from what was judged. */
static void note_strangers(const struct giving *g)
{
    size_t i = 0;
    for (const struct gl_value *at = g->parameters ? g->parameters->first : NULL; at;
         at = at->next, i++) {
        if (!g->used[i])
            gl_collecting_note(g->c, _("%s:%u: no template has the parameter %s"),
                               g->c->request->parameters, at->name_place.line, at->name);
    }
}

/* ---- a template --------------------------------------------------------------------------------
 */

/* "demo" of "out/demo.template.json": what its stack is called as long as nobody says. */
static const char *name_of(struct giving *g, const char *file)
{
    const char *base = gl_path_base(file);
    return gl_arena_strndup(&g->arena, base, strcspn(base, "."));
}

static int evaluate(struct giving *g, struct gl_stack_def *def, struct gl_plan_stack *stack)
{
    const struct gl_config *config = g->c->request->config;
    struct gl_eval_input input = {
        .template = &def->template,
        .parameters = give(g, &def->template),
        .account_id = gl_config_str(config, "account_id"),
        .region = gl_config_str(config, "region"),
        .stack_name = name_of(g, def->file),
    };
    *stack = (struct gl_plan_stack){
        .def = def, .key = def->file, .stack_name = input.stack_name, .region = input.region};
    return gl_eval_template(&g->arena, &input, &stack->result, g->err);
}

static int read_template(struct giving *g, const char *file)
{
    gl_autobuf struct gl_buf text = {0};
    struct gl_plan_stack stack;
    struct gl_stack_def def = {.name = file, .file = file};
    int failed = gl_read_file(file, gl_template_limits_given.bytes, &text, g->err);
    if (failed == 0)
        failed = gl_template_read_within(&g->arena, &gl_template_limits_given, &text, file,
                                         &def.template, g->err);
    if (failed == 0)
        failed = evaluate(g, &def, &stack);
    if (failed < 0)
        return failed;
    def.text = gl_buf_text(&text);
    def.len = text.len;
    if (def.template.serverless)
        gl_collecting_note(g->c,
                           _("%s: resources of AWS::Serverless are judged as they are written, "
                             "not as AWS expands them"),
                           file);
    gl_template_rows_stack(&g->rows, &stack);
    return 0;
}

/* Its resources would be there twice under the same name. */
static int refuse_twice(const struct gl_strv *files, struct gl_error *err)
{
    gl_autostrv struct gl_strv seen = {0};
    for (size_t i = 0; i < files->count; i++) {
        gl_autofree char *real = realpath(files->items[i], NULL);
        const char *path = real ? real : files->items[i];
        if (gl_strv_has(&seen, path))
            return gl_fail(err, GL_E_USAGE, _("the template %s is given twice"), files->items[i]);
        gl_strv_add(&seen, path);
    }
    return 0;
}

int gl_collect_given(const struct gl_collecting *c, struct gl_error *err)
{
    gl_cleanup(giving_done) struct giving g = {.c = c, .err = err};
    const struct gl_plan no_tags = {0};
    g.rows = (struct gl_template_rows){
        .c = c, .plan = &no_tags, .prefix = "given", .env = c->env, .origin = "given"};
    int failed = refuse_twice(c->request->templates, err);
    if (failed == 0)
        failed = read_parameters(&g);
    if (failed < 0)
        return failed;
    gl_template_rows_open(&g.rows, err);
    for (size_t i = 0; failed == 0 && i < c->request->templates->count; i++)
        failed = read_template(&g, c->request->templates->items[i]);
    int of_rows = gl_template_rows_done(&g.rows);
    if (failed == 0)
        note_strangers(&g);
    return failed < 0 ? failed : of_rows;
}
