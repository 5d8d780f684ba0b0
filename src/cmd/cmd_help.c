/* golive help: the overview, or one command. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "cmd/commands.h"

static const struct {
    int code;
    const char *text;
} statuses[] = {
    {GL_OK,            N_("done")                                                     },
    {GL_E_USAGE,       N_("wrong command line")                                       },
    {GL_E_CONFIG,      N_("wrong configuration or input file")                        },
    {GL_E_ROLLED_BACK, N_("rolled back: the old version serves")                      },
    {GL_E_BUSY,        N_("busy: somebody else holds the lease, the port or the lock")},
    {GL_E_INTERRUPTED, N_("interrupted by Ctrl-C or SIGTERM")                         },
    {GL_E_REFUSED,     N_("refused by a safety rule")                                 },
    {GL_E_NOT_FOUND,   N_("not found")                                                },
    {GL_E_TIMEOUT,     N_("timed out")                                                },
    {GL_E_IO,          N_("the file system failed")                                   },
    {GL_E_NET,         N_("the network failed")                                       },
    {GL_E_DATABASE,    N_("the database failed")                                      },
    {GL_E_PROCESS,     N_("a program failed")                                         },
    {GL_E_UNHEALTHY,   N_("not healthy")                                              },
    {GL_E_CORRUPT,     N_("stored data is corrupt")                                   },
    {GL_E_MISMATCH,    N_("a comparison found a difference")                          },
};

static void print_statuses(FILE *out)
{
    fputs(_("Exit status\n"), out);
    for (size_t i = 0; i < GL_COUNT(statuses); i++)
        fprintf(out, "  %2d  %s\n", gl_code_exit_status(statuses[i].code), _(statuses[i].text));
    fputs(_("A release that failed while nothing served has the status of its cause.\n"), out);
    fputs(_("One that failed before it began anything has 4 too while an older one serves.\n"),
          out);
    fputs(_("A promotion that waits for approvals has 7.\n"), out);
}

static void print_statuses_json(FILE *out)
{
    gl_autojson json_t *list = json_array();
    for (size_t i = 0; i < GL_COUNT(statuses); i++) {
        json_t *object = json_object();
        gl_json_set_int(object, "status", gl_code_exit_status(statuses[i].code));
        gl_json_set_str(object, "error", gl_code_word(statuses[i].code));
        gl_json_set_str(object, "text", _(statuses[i].text));
        json_array_append_new(list, object);
    }
    gl_autofree char *text = gl_json_pretty(list);
    fputs(text, out);
}

static void show_list(const struct gl_context *context, const char *group)
{
    if (context->format_json)
        gl_help_list_json(group, context->out);
    else if (group)
        gl_help_group(group, context->out);
    else
        gl_help_overview(context->out);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    struct gl_strv *words = &context->args;
    size_t used;
    const char *first = words->count ? words->items[0] : NULL;
    const struct gl_command *command = gl_command_find(words->items, words->count, &used);
    if (command && used == words->count && context->format_json)
        gl_help_command_json(command, context->out);
    else if (command && used == words->count)
        gl_help_command(command, context->out);
    else if (!first || (words->count == 1 && gl_command_is_group(first)))
        show_list(context, first);
    else if (strcmp(first, "exit-status") == 0)
        (context->format_json ? print_statuses_json : print_statuses)(context->out);
    else {
        gl_autofree char *name = gl_strv_join(words, " ");
        gl_fail(err, GL_E_USAGE, _("there is no command `%s`"), name);
        return gl_error_hint(err, _("See: golive help"));
    }
    return 0;
}

static const struct gl_example examples[] = {
    {"golive help",             N_("all commands")},
    {"golive help deploy",                         N_("one command")},
    {"golive help exit-status",N_("what the exit status means")},
    {0},
};

const struct gl_command gl_cmd_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .summary = N_("explain a command"),
    .examples = examples,
    .max_args = 3,
    .run = run,
};
