/* golive man: the manual page, made from the command table. */
#include <string.h>

#include "base/i18n.h"
#include "cmd/commands.h"

/* roff treats leading dots and quotes, and backslashes and hyphens, specially. */
static void print_roff(const char *text, FILE *out)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        line_start = *text == '\n';
    }
}

static void print_flag(const struct gl_command *command, const struct gl_flag *flag, FILE *out)
{
    gl_autofree char *text = gl_flag_text(command, flag);
    fputs(".TP\n\\fB", out);
    if (flag->letter)
        fprintf(out, "\\-%c\\fR, \\fB", flag->letter);
    fputs("\\-\\-", out);
    print_roff(flag->name, out);
    fprintf(out, "\\fR %s\n", flag->value ? flag->value : "");
    print_roff(text, out);
    fputc('\n', out);
}

static void print_flags(const struct gl_command *command, const struct gl_flag *flags, FILE *out)
{
    for (; flags && flags->name; flags++)
        print_flag(command, flags, out);
}

/* Of the flags that every command has, the one whose words are the command's own. */
static void print_format(const struct gl_command *command, FILE *out)
{
    for (const struct gl_flag *flag = gl_global_flags; command->formats && flag->name; flag++) {
        if (strcmp(flag->name, "format") == 0)
            print_flag(command, flag, out);
    }
}

static void print_command(const struct gl_command *command, FILE *out)
{
    fprintf(out, ".SS golive %s %s\n", command->name, command->arguments ? command->arguments : "");
    print_roff(_(command->summary), out);
    fputs(".\n", out);
    if (command->text) {
        fputs(".PP\n", out);
        print_roff(_(command->text), out);
        fputc('\n', out);
    }
    print_flags(command, command->flags, out);
    print_format(command, out);
    for (const struct gl_example *at = command->examples; at && at->command; at++) {
        fputs(".PP\n.nf\n", out);
        print_roff(at->command, out);
        fputs("\n.fi\n", out);
        print_roff(_(at->text), out);
        fputc('\n', out);
    }
}

static int run(struct gl_context *context, struct gl_error *err)
{
    (void)err;
    FILE *out = context->out;
    fprintf(out, ".TH GOLIVE 1 \"\" \"golive %s\" \"User Commands\"\n", GL_VERSION);
    fputs(".SH NAME\ngolive \\- ", out);
    print_roff(_("take a web application to production and keep it there"), out);
    fputs("\n.SH SYNOPSIS\n.B golive\n.I COMMAND\n[FLAGS]\n.SH COMMANDS\n", out);
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if (!(*at)->hidden)
            print_command(*at, out);
    }
    fputs(".SH FLAGS OF EVERY COMMAND\n", out);
    print_flags(NULL, gl_global_flags, out);
    return 0;
}

const struct gl_command gl_cmd_man = {
    .name = "man",
    .summary = N_("print the manual page"),
    .run = run,
};
