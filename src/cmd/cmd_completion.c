/* golive completion SHELL: a completion script made from the command table. */
#include <string.h>

#include "base/i18n.h"
#include "cmd/commands.h"

static void print_flag_words(const struct gl_flag *flags, FILE *out)
{
    for (; flags && flags->name; flags++)
        fprintf(out, " --%s", flags->name);
}

/* Words that may follow a prefix of command words: the next word of each command, then flags. */
static void print_bash(FILE *out)
{
    fputs("_golive() {\n"
          "    local line=\" ${COMP_WORDS[*]:1:COMP_CWORD-1} \" words=\"\"\n"
          "    case \"$line\" in\n",
          out);
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if ((*at)->hidden || !strchr((*at)->name, ' '))
            continue;
        fprintf(out, "    \" %s \"*) words=\"", (*at)->name);
        print_flag_words((*at)->flags, out);
        print_flag_words(gl_global_flags, out);
        fputs("\" ;;\n", out);
    }
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if ((*at)->hidden || strchr((*at)->name, ' '))
            continue;
        fprintf(out, "    \" %s \"*) words=\"", (*at)->name);
        print_flag_words((*at)->flags, out);
        print_flag_words(gl_global_flags, out);
        fputs("\" ;;\n", out);
    }
    fputs("    *) words=\"", out);
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if (!(*at)->hidden)
            fprintf(out, "%s ", (*at)->name);
    }
    fputs("\" ;;\n    esac\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
          "}\n"
          "complete -F _golive golive\n",
          out);
}

static void print_zsh(FILE *out)
{
    fputs("autoload -U +X bashcompinit && bashcompinit\n", out);
    print_bash(out);
}

static void print_fish(FILE *out)
{
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if (!(*at)->hidden)
            fprintf(out, "complete -c golive -n __fish_use_subcommand -f -a '%s' -d '%s'\n",
                    (*at)->name, (*at)->summary);
    }
}

static const struct {
    const char *name;
    void (*print)(FILE *out);
} shells[] = {
    {"bash", print_bash},
    {"zsh",  print_zsh },
    {"fish", print_fish},
};

static int run(struct gl_context *context, struct gl_error *err)
{
    const char *shell = context->args.count ? context->args.items[0] : "bash";
    for (size_t i = 0; i < GL_COUNT(shells); i++) {
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].print(context->out);
            return 0;
        }
    }
    return gl_fail(err, GL_E_USAGE, _("no completion for `%s`; there is bash, zsh and fish"),
                   shell);
}

static const struct gl_example examples[] = {
    {"golive completion bash > /etc/bash_completion.d/golive", N_("for all users of this machine")},
    {0                                                       },
};

const struct gl_command gl_cmd_completion = {
    .name = "completion",
    .arguments = "[bash|zsh|fish]",
    .summary = N_("print a shell completion script"),
    .examples = examples,
    .max_args = 1,
    .run = run,
};
