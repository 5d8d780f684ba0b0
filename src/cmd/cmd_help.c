/* golive help: the overview, or one command. */
#include <string.h>

#include "base/i18n.h"
#include "cmd/commands.h"

static const char exit_status_text[] =
    N_("Exit status\n"
       "   0  done\n"
       "   2  wrong command line\n"
       "   3  wrong configuration or input file\n"
       "   4  rolled back: the old version serves\n"
       "   5  busy: somebody else holds the lease, the port or the lock\n"
       "   6  interrupted by Ctrl-C or SIGTERM\n"
       "   7  refused by a safety rule\n"
       "   8  not found\n"
       "   9  timed out\n"
       "  10  file system    11  network    12  database    13  a program failed\n"
       "  14  not healthy    15  stored data is corrupt    16  a comparison found a difference\n");

static int run(struct gl_context *context, struct gl_error *err)
{
    struct gl_strv *words = &context->args;
    if (words->count == 0) {
        gl_help_overview(context->out);
        return 0;
    }
    if (strcmp(words->items[0], "exit-status") == 0) {
        fputs(_(exit_status_text), context->out);
        return 0;
    }
    size_t used;
    const struct gl_command *command = gl_command_find(words->items, words->count, &used);
    if (!command || used != words->count) {
        gl_autofree char *name = gl_strv_join(words, " ");
        gl_fail(err, GL_E_USAGE, _("there is no command `%s`"), name);
        return gl_error_hint(err, _("See: golive help"));
    }
    gl_help_command(command, context->out);
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
