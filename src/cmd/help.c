/* Help screens, made from the command table. */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "cmd/command.h"

enum { FLAG_COLUMNS = 26 };

char *gl_format_words(const struct gl_command *command)
{
    gl_autobuf struct gl_buf all = {0};
    for (const char *const *at = command->formats; at && *at; at++)
        gl_buf_printf(&all, "%s%s", all.len ? ", " : "", *at);
    return all.len ? gl_buf_steal(&all) : NULL;
}

char *gl_flag_text(const struct gl_command *command, const struct gl_flag *flag)
{
    gl_autofree char *words =
        command && strcmp(flag->name, "format") == 0 ? gl_format_words(command) : NULL;
    return words ? gl_asprintf(_("one of %s"), words) : gl_strdup(_(flag->text));
}

static void print_flags(const struct gl_command *command, const struct gl_flag *flags, FILE *out)
{
    for (; flags && flags->name; flags++) {
        gl_autobuf struct gl_buf left = {0};
        if (flags->letter)
            gl_buf_printf(&left, "-%c, ", flags->letter);
        gl_buf_printf(&left, "--%s", flags->name);
        if (flags->value)
            gl_buf_printf(&left, " %s", _(flags->value));
        gl_autofree char *shown = gl_utf8_pad(gl_buf_text(&left), FLAG_COLUMNS);
        gl_autofree char *text = gl_flag_text(command, flags);
        fprintf(out, "  %s %s", shown, text);
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

bool gl_command_in_group(const struct gl_command *command, const char *group)
{
    size_t len = strlen(group);
    return !command->hidden && gl_starts_with(command->name, group) && command->name[len] == ' ';
}

bool gl_command_is_group(const char *word)
{
    bool any = false;
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if (strcmp((*at)->name, word) == 0)
            return false;
        any = any || gl_command_in_group(*at, word);
    }
    return any;
}

void gl_help_group(const char *group, FILE *out)
{
    fprintf(out, _("Usage: golive %s COMMAND [FLAGS]\n\nCommands:\n"), group);
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if (gl_command_in_group(*at, group))
            fprintf(out, "  %-18s %s\n", (*at)->name, _((*at)->summary));
    }
    fprintf(out, _("\nMore: golive help %s COMMAND\n"), group);
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
        print_flags(command, command->flags, out);
    }
    fputs(_("\nFlags of every command:\n"), out);
    print_flags(command, gl_global_flags, out);
    fputs(
        _("\nExit status: 0 done, 2 wrong command line, 3 wrong configuration, 4 rolled back, 5 busy,\n"
          "6 interrupted, 7 refused by a safety rule; others: see golive help exit-status\n"),
        out);
}
