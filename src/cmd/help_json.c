/* Help for programs: the command table as JSON. */
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/command.h"

static const char *const kinds[] = {
    [GL_FLAG_BOOL] = "bool",
    [GL_FLAG_TEXT] = "text",
    [GL_FLAG_INT] = "int",
    [GL_FLAG_LIST] = "list",
};

static void print(json_t *object, FILE *out)
{
    gl_autofree char *text = gl_json_pretty(object);
    fputs(text, out);
    json_decref(object);
}

/* `command` NULL = as they are for most. */
static json_t *flags_json(const struct gl_command *command, const struct gl_flag *flags)
{
    json_t *list = json_array();
    for (; flags && flags->name; flags++) {
        json_t *object = json_object();
        gl_autofree char *text = gl_flag_text(command, flags);
        char letter[] = {flags->letter, '\0'};
        gl_json_set_str(object, "name", flags->name);
        gl_json_set_str(object, "letter", flags->letter ? letter : NULL);
        gl_json_set_str(object, "kind", kinds[flags->kind]);
        gl_json_set_str(object, "default", flags->fallback);
        gl_json_set_str(object, "text", text);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *examples_json(const struct gl_example *examples)
{
    json_t *list = json_array();
    for (; examples && examples->command; examples++) {
        json_t *object = json_object();
        gl_json_set_str(object, "command", examples->command);
        gl_json_set_str(object, "text", _(examples->text));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *summary_json(const struct gl_command *command)
{
    json_t *object = json_object();
    gl_json_set_str(object, "name", command->name);
    gl_json_set_str(object, "arguments", command->arguments);
    gl_json_set_str(object, "summary", _(command->summary));
    return object;
}

void gl_help_list_json(const char *group, FILE *out)
{
    json_t *object = json_object();
    json_t *list = json_array();
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if (!(*at)->hidden && (!group || gl_command_in_group(*at, group)))
            json_array_append_new(list, summary_json(*at));
    }
    json_object_set_new(object, "commands", list);
    json_object_set_new(object, "flags", flags_json(NULL, gl_global_flags));
    print(object, out);
}

void gl_help_command_json(const struct gl_command *command, FILE *out)
{
    json_t *object = summary_json(command);
    gl_json_set_str(object, "text", command->text ? _(command->text) : NULL);
    json_object_set_new(object, "flags", flags_json(command, command->flags));
    json_object_set_new(object, "global_flags", flags_json(command, gl_global_flags));
    json_object_set_new(object, "examples", examples_json(command->examples));
    print(object, out);
}
