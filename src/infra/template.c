/* The shape of a template: its sections, and what CloudFormation would refuse at once. */
#include "infra/template.h"

#include <ctype.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"

const struct gl_template_limits gl_template_limits_aws = {
    .bytes = GL_TEMPLATE_BYTES_MAX,
    .eval_bytes = (size_t)16 << 20,
    .children = GL_TEMPLATE_CHILDREN_MAX,
    .resources = GL_TEMPLATE_RESOURCES_MAX,
    .parameters = GL_TEMPLATE_PARAMETERS_MAX,
};

const struct gl_template_limits gl_template_limits_given = {
    .bytes = (size_t)5 << 20,
    .eval_bytes = (size_t)256 << 20,
    .children = 10000,
    .resources = 10000,
    .parameters = 1000,
};

static const char *const sections[] = {
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Resources",
    "Outputs",
};

/* Without Rules: golive evaluates parameters itself, and no shipped stack has them. */

static int check_sections(const struct gl_value *root, bool serverless, struct gl_error *err)
{
    if (root->kind != GL_VALUE_MAP)
        return gl_fail_at(err, root, _("a template is a map with a section Resources"));
    for (const struct gl_value *at = root->first; at; at = at->next) {
        bool known = serverless && strcmp(at->name, "Globals") == 0;
        for (size_t i = 0; i < GL_COUNT(sections); i++)
            known = known || strcmp(sections[i], at->name) == 0;
        if (known)
            continue;
        const char *nearest = gl_nearest(at->name, sections, GL_COUNT(sections));
        gl_fail(err, GL_E_CONFIG, _("a template has no section `%s`"), at->name);
        if (nearest)
            gl_error_hint(err, _("did you mean `%s`?"), nearest);
        return gl_error_at(err, at->name_place.file, at->name_place.line, at->name_place.column);
    }
    return 0;
}

static int take_section(const struct gl_value *root, const char *name, unsigned limit,
                        const struct gl_value **ret_section, struct gl_error *err)
{
    const struct gl_value *section = gl_value_get(root, name);
    if (!section)
        return 0;
    if (section->kind != GL_VALUE_MAP)
        return gl_fail_at(err, section, _("%s must be a map"), name);
    if (limit && section->count > limit)
        return gl_fail_at(err, section, _("%s has %u entries; CloudFormation allows %u"), name,
                          section->count, limit);
    *ret_section = section;
    return 0;
}

static bool is_alphanumeric(const char *name)
{
    for (; *name; name++) {
        if (!isalnum((unsigned char)*name))
            return false;
    }
    return true;
}

static int check_resources(const struct gl_value *resources, struct gl_error *err)
{
    for (const struct gl_value *at = resources->first; at; at = at->next) {
        if (gl_starts_with(at->name, "Fn::"))
            continue; /* checked when it is expanded */
        if (!is_alphanumeric(at->name))
            return gl_fail_at(err, at, _("`%s` cannot be a logical id: only letters and digits"),
                              at->name);
        const struct gl_value *type = gl_value_get(at, "Type");
        if (!type || type->kind != GL_VALUE_TEXT)
            return gl_fail_at(err, at, _("resource %s has no Type"), at->name);
    }
    return 0;
}

static bool has_transform(const struct gl_value *root, const char *name)
{
    const struct gl_value *transform = gl_value_get(root, "Transform");
    if (!transform || transform->kind != GL_VALUE_LIST)
        return gl_value_is_word(transform, name);
    for (const struct gl_value *at = transform->first; at; at = at->next) {
        if (gl_value_is_word(at, name))
            return true;
    }
    return false;
}

static const struct gl_value *find_loop(const struct gl_value *root)
{
    for (const struct gl_value *at = root; at; at = gl_value_next(root, at)) {
        if (at->name && gl_starts_with(at->name, "Fn::ForEach"))
            return at;
    }
    return NULL;
}

static int check_loops(struct gl_template *template, struct gl_error *err)
{
    const struct gl_value *loop = find_loop(template->root);
    template->loops = loop != NULL;
    if (!loop || template->language_extensions)
        return 0;
    gl_fail_at(err, loop, _("Fn::ForEach needs `Transform: AWS::LanguageExtensions`"));
    return gl_error_hint(err, _("Add that line at the top of the template."));
}

int gl_template_take(struct gl_arena *arena, const struct gl_template_limits *limits,
                     const struct gl_value *root, const char *file,
                     struct gl_template *ret_template, struct gl_error *err)
{
    struct gl_template template = {.file = gl_arena_strdup(arena, file), .limits = limits};
    template.serverless = has_transform(root, "AWS::Serverless-2016-10-31");
    int failed = check_sections(root, template.serverless, err);
    if (failed < 0)
        return failed;

    const struct {
        const char *name;
        unsigned limit;
        const struct gl_value **section;
    } wanted[] = {
        {"Parameters", limits->parameters, &template.parameters},
        {"Mappings",   limits->parameters, &template.mappings  },
        {"Conditions", 0,                  &template.conditions},
        {"Resources",  limits->resources,  &template.resources },
        {"Outputs",    limits->parameters, &template.outputs   },
    };

    for (size_t i = 0; failed == 0 && i < GL_COUNT(wanted); i++)
        failed = take_section(root, wanted[i].name, wanted[i].limit, wanted[i].section, err);
    if (failed == 0 && (!template.resources || !template.resources->first))
        failed = gl_fail_at(err, root, _("the template has no Resources"));
    if (failed == 0)
        failed = check_resources(template.resources, err);
    template.root = root;
    template.golive = gl_value_find(root, "Metadata.golive");
    template.language_extensions = has_transform(root, "AWS::LanguageExtensions");
    if (failed == 0)
        failed = check_loops(&template, err);
    if (failed == 0)
        *ret_template = template;
    return failed;
}

int gl_template_read_within(struct gl_arena *arena, const struct gl_template_limits *limits,
                            const struct gl_buf *text, const char *file,
                            struct gl_template *ret_template, struct gl_error *err)
{
    struct gl_value *root = NULL;
    int failed = gl_template_parse_within(arena, limits, text, file, &root, err);
    return failed < 0 ? failed : gl_template_take(arena, limits, root, file, ret_template, err);
}

int gl_template_read(struct gl_arena *arena, const char *text, size_t len, const char *file,
                     struct gl_template *ret_template, struct gl_error *err)
{
    const struct gl_buf borrowed = {.data = (char *)text, .len = len};
    return gl_template_read_within(arena, &gl_template_limits_aws, &borrowed, file, ret_template,
                                   err);
}
