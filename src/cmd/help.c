/* Help screens, made from the command table. */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cmd/command.h"

static void print_flags(const struct gl_flag *flags, FILE *out)
{
    for (; flags && flags->name; flags++) {
        gl_autobuf struct gl_buf left = {0};
        if (flags->letter)
            gl_buf_printf(&left, "-%c, ", flags->letter);
        gl_buf_printf(&left, "--%s", flags->name);
        if (flags->value)
            gl_buf_printf(&left, " %s", flags->value);
        fprintf(out, "  %-26s %s", gl_buf_text(&left), _(flags->text));
        if (flags->fallback)
            fprintf(out, " (%s: %s)", _("default"), flags->fallback);
        fputc('\n', out);
    }
}

void gl_help_overview(FILE *out)
{
    fputs(_("golive takes a web application to production and keeps it there.\n\n"), out);
    fputs(_("Usage: golive COMMAND [FLAGS]\n\nCommands:\n"), out);
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if (!(*at)->hidden)
            fprintf(out, "  %-18s %s\n", (*at)->name, _((*at)->summary));
    }
    fputs(_("\nBegin with: golive init, then golive rehearse.\n"
            "More: golive help COMMAND, golive help config KEY\n"),
          out);
}

void gl_help_command(const struct gl_command *command, FILE *out)
{
    fprintf(out, _("Usage: golive %s%s%s [FLAGS]\n\n%s\n"), command->name,
            command->arguments ? " " : "", command->arguments ? command->arguments : "",
            _(command->summary));
    if (command->text)
        fprintf(out, "\n%s\n", _(command->text));
    if (command->examples) {
        fputs(_("\nExamples:\n"), out);
        for (const struct gl_example *at = command->examples; at->command; at++)
            fprintf(out, "  %-44s %s\n", at->command, _(at->text));
    }
    if (command->flags) {
        fputs(_("\nFlags:\n"), out);
        print_flags(command->flags, out);
    }
    fputs(_("\nFlags of every command:\n"), out);
    print_flags(gl_global_flags, out);
    fputs(
        _("\nExit status: 0 done, 2 wrong command line, 3 wrong configuration, 4 rolled back, 5 busy,\n"
          "6 interrupted, 7 refused by a safety rule; others: see golive help exit-status\n"),
        out);
}
