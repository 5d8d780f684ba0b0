/* Metadata.golive: what a stack says about itself. */
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/pattern.h"
#include "infra/stack.h"

static const char *const placement_words[] = {"app", "global"};

const char *gl_placement_word(enum gl_placement placement)
{
    return placement_words[placement];
}

static const char *const keys[] = {"summary", "placements", "scope",     "when",
                                   "data",    "alarms",     "parameters"};

/* In the order of enum gl_source_kind. */
static const char *const source_words[] = {"config", "output",   "instance",
                                           "live",   "computed", "release"};

static int no_such_word(const struct gl_value *at, const char *word, const char *const *words,
                        size_t count, struct gl_error *err)
{
    const char *nearest = gl_nearest(word, words, count);
    gl_fail(err, GL_E_CONFIG, _("Metadata.golive knows no `%s` here"), word);
    if (nearest)
        gl_error_hint(err, _("did you mean `%s`?"), nearest);
    return gl_error_at(err, at->place.file, at->name_place.line, at->name_place.column);
}

static int check_keys(const struct gl_value *golive, struct gl_error *err)
{
    for (const struct gl_value *at = golive->first; at; at = at->next) {
        bool known = false;
        for (size_t i = 0; i < GL_COUNT(keys); i++)
            known = known || strcmp(keys[i], at->name) == 0;
        if (!known)
            return no_such_word(at, at->name, keys, GL_COUNT(keys), err);
    }
    return 0;
}

static int check_texts(const struct gl_value *list, struct gl_error *err)
{
    if (list && list->kind != GL_VALUE_LIST)
        return gl_fail_at(err, list, _("%s must be a list"), list->name);
    for (const struct gl_value *at = list ? list->first : NULL; at; at = at->next) {
        if (!gl_value_is_scalar(at))
            return gl_fail_at(err, at, _("a text must stand here"));
    }
    return 0;
}

static int read_placements(struct gl_stack_def *def, const struct gl_value *list,
                           struct gl_error *err)
{
    def->placed[GL_PLACEMENT_APP] = !list;
    int failed = check_texts(list, err);
    for (const struct gl_value *at = list && failed == 0 ? list->first : NULL; at; at = at->next) {
        bool known = false;
        for (size_t i = 0; i < GL_COUNT(placement_words); i++) {
            if (gl_value_is_word(at, placement_words[i]))
                def->placed[i] = known = true;
        }
        if (!known)
            return no_such_word(at, at->text, placement_words, GL_COUNT(placement_words), err);
    }
    return failed;
}

static int read_scope(struct gl_stack_def *def, const struct gl_value *scope, struct gl_error *err)
{
    static const char *const words[] = {"env", "account"};
    def->per_account = gl_value_is_word(scope, "account");
    if (!scope || def->per_account || gl_value_is_word(scope, "env"))
        return 0;
    return no_such_word(scope, scope->text ? scope->text : "", words, GL_COUNT(words), err);
}

static int read_parameter(const struct gl_stack_def *def, const struct gl_value *at,
                          struct gl_stack_parameter *ret_parameter, struct gl_error *err)
{
    if (!gl_value_get(def->template.parameters, at->name)) {
        gl_fail(err, GL_E_CONFIG, _("the template has no parameter %s"), at->name);
        return gl_error_at(err, at->place.file, at->name_place.line, at->name_place.column);
    }
    const struct gl_value *source = at->kind == GL_VALUE_MAP ? at->first : NULL;
    if (!source || at->count != 1 || !gl_value_is_scalar(source))
        return gl_fail_at(err, at, _("%s needs one source, such as {config: app.name}"), at->name);
    for (size_t i = 0; i < GL_COUNT(source_words); i++) {
        if (strcmp(source_words[i], source->name) == 0) {
            *ret_parameter = (struct gl_stack_parameter){.name = at->name,
                                                         .kind = (enum gl_source_kind)i,
                                                         .source = source->text,
                                                         .at = source};
            return 0;
        }
    }
    return no_such_word(source, source->name, source_words, GL_COUNT(source_words), err);
}

/* App and Env are filled from the instance where a template has them and says nothing. */
static void add_instance_parameter(struct gl_stack_def *def, const char *name, const char *source)
{
    const struct gl_value *at = gl_value_get(def->template.parameters, name);
    if (!at || gl_stack_source(def, name))
        return;
    def->parameters[def->parameter_count++] = (struct gl_stack_parameter){
        .name = name, .kind = GL_SOURCE_INSTANCE, .source = source, .at = at};
}

static int read_parameters(struct gl_arena *arena, struct gl_stack_def *def,
                           const struct gl_value *map, struct gl_error *err)
{
    if (map && map->kind != GL_VALUE_MAP)
        return gl_fail_at(err, map, _("%s must be a map"), map->name);
    size_t most = (map ? map->count : 0) + 2;
    def->parameters = gl_arena_alloc(arena, most * sizeof *def->parameters);
    for (const struct gl_value *at = map ? map->first : NULL; at; at = at->next) {
        int failed = read_parameter(def, at, &def->parameters[def->parameter_count], err);
        if (failed < 0)
            return failed;
        def->parameter_count++;
    }
    add_instance_parameter(def, "App", "app");
    add_instance_parameter(def, "Env", "env");
    return 0;
}

/* The summary in the language of messages, else in English. */
static const char *choose_summary(const struct gl_value *summary)
{
    /* The translation of this word says which language gettext chose. */
    const char *language = _("en");
    const char *english = gl_value_str(summary, "en", "");
    return gl_value_str(summary, language, english);
}

static int check_data(const struct gl_stack_def *def, struct gl_error *err)
{
    int failed = check_texts(def->data, err);
    const struct gl_value *at = def->data && failed == 0 ? def->data->first : NULL;
    for (; at; at = at->next) {
        if (!strchr(at->text, '*') && !def->template.loops &&
            !gl_value_get(def->template.resources, at->text))
            return gl_fail_at(err, at, _("the template has no resource %s"), at->text);
    }
    return failed;
}

int gl_stack_def_read(struct gl_arena *arena, struct gl_stack_def *def, struct gl_error *err)
{
    const struct gl_value *golive = def->template.golive;
    if (golive && golive->kind != GL_VALUE_MAP)
        return gl_fail_at(err, golive, _("%s must be a map"), golive->name);
    int failed = golive ? check_keys(golive, err) : 0;
    if (failed == 0)
        failed = read_placements(def, gl_value_get(golive, "placements"), err);
    if (failed == 0)
        failed = read_scope(def, gl_value_get(golive, "scope"), err);
    if (failed < 0)
        return failed;
    def->summary = choose_summary(gl_value_get(golive, "summary"));
    def->when = gl_value_get(golive, "when");
    def->data = gl_value_get(golive, "data");
    def->alarms = gl_value_get(golive, "alarms");
    failed = check_texts(def->when, err);
    if (failed == 0)
        failed = check_texts(def->alarms, err);
    if (failed == 0)
        failed = check_data(def, err);
    if (failed == 0)
        failed = read_parameters(arena, def, gl_value_get(golive, "parameters"), err);
    return failed;
}

const struct gl_stack_parameter *gl_stack_source(const struct gl_stack_def *def, const char *name)
{
    for (size_t i = 0; i < def->parameter_count; i++) {
        if (strcmp(def->parameters[i].name, name) == 0)
            return &def->parameters[i];
    }
    return NULL;
}

bool gl_stack_holds_data(const struct gl_stack_def *def, const char *id)
{
    for (const struct gl_value *at = def->data ? def->data->first : NULL; at; at = at->next) {
        if (gl_pattern_names(at->text, id))
            return true;
    }
    return false;
}
