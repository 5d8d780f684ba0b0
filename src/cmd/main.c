/* Dispatch: finds the command, provides what it needs, runs it, shows its error. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strv.h"
#include "cmd/aws_context.h"
#include "cmd/command.h"
#include "data/sqlite.h"
#include "infra/account.h"

static void context_done(struct gl_context *context)
{
    for (size_t i = 0; i < context->value_count; i++)
        gl_strv_done(&context->values[i].list);
    free(context->values);
    gl_strv_done(&context->args);
    gl_ledger_free(&context->ledger);
    gl_account_free(&context->account);
    gl_config_free(&context->config);
    free(context->project_dir);
    free(context->state_dir);
}

static bool colour_wanted(FILE *stream)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (no_colour && *no_colour)
        return false;
    return isatty(fileno(stream)) && term && strcmp(term, "dumb") != 0;
}

static int check_format(const struct gl_context *context, const char *format, struct gl_error *err)
{
    static const char *const common[] = {"text", "json", NULL};
    const char *const *own = context->command->formats;
    for (const char *const *at = own ? own : common; *at; at++) {
        if (strcmp(*at, format) == 0)
            return 0;
    }
    gl_autofree char *words = gl_format_words(context->command);
    if (!words)
        return gl_fail(err, GL_E_USAGE, _("--format is text or json, not `%s`"), format);
    return gl_fail(err, GL_E_USAGE, _("--format is one of %s, not `%s`"), words, format);
}

static int apply_global_flags(struct gl_context *context, struct gl_error *err)
{
    const char *format = gl_flag_str(context, "format");
    int failed = check_format(context, format, err);
    if (failed < 0)
        return failed;
    context->format_json = strcmp(format, "json") == 0;
    context->colour = strcmp(format, "text") == 0 && colour_wanted(stdout);
    context->terminal = context->colour;
    if (gl_flag_bool(context, "verbose"))
        gl_log_setup(GL_LOG_DEBUG, context->format_json);
    return 0;
}

static int load_config(struct gl_context *context, struct gl_error *err)
{
    const char *env = gl_flag_str(context, "env");
    const char *fallback = context->command->default_env ? context->command->default_env : "local";
    struct gl_config_request request = {
        .path = gl_flag_str(context, "config"),
        .env = env ? env : fallback,
        .set = gl_flag_list(context, "set"),
    };
    gl_autodiag struct gl_diagnostics problems = {0};
    int failed = gl_config_load(&request, &context->config, &problems, err);
    if (failed == GL_E_CONFIG && problems.count && !context->format_json) {
        gl_diagnostics_print(&problems, stderr, colour_wanted(stderr));
        gl_error_done(err);
        err->code = GL_E_CONFIG; /* shown already */
        return GL_E_CONFIG;
    }
    return failed;
}

/* The project is where golive.yaml is; a command that needs only the ledger still works when the
 * file has a mistake. */
static int find_project(struct gl_context *context, struct gl_error *err)
{
    const char *config_path = gl_flag_str(context, "config");
    if (context->config)
        context->project_dir = gl_strdup(gl_config_dir(context->config));
    else if (config_path)
        context->project_dir = gl_path_dir(config_path);
    else
        context->project_dir = gl_find_upwards(".", "golive.yaml");
    if (!context->project_dir) {
        gl_fail(err, GL_E_NOT_FOUND, _("there is no golive.yaml here or in a directory above"));
        return gl_error_hint(err, _("golive init writes one."));
    }
    const char *state = gl_flag_str(context, "state");
    context->state_dir = state ? gl_strdup(state) : gl_path_join(context->project_dir, ".golive");
    return 0;
}

/* Where the ledger of an environment is, only its configuration says. */
static bool needs_config(const struct gl_context *context)
{
    const char *env = gl_flag_str(context, "env");
    return context->command->needs & GL_NEEDS_CONFIG ||
           (context->command->needs & GL_NEEDS_LEDGER && env && strcmp(env, "local") != 0);
}

static int provide_needs(struct gl_context *context, struct gl_error *err)
{
    unsigned needs = context->command->needs;
    int failed = 0;
    if (needs_config(context))
        failed = load_config(context, err);
    if (failed == 0 && needs)
        failed = find_project(context, err);
    if (failed == 0 && needs & GL_NEEDS_LEDGER)
        failed = gl_cmd_open_ledger(context, err);
    return failed;
}

static void show_help(const struct gl_context *context)
{
    if (context->format_json)
        gl_help_command_json(context->command, context->out);
    else
        gl_help_command(context->command, context->out);
}

static int run_command(struct gl_context *context, size_t count, char **words, struct gl_error *err)
{
    int failed = gl_command_parse(context, count, words, err);
    if (failed < 0)
        return failed;
    if (gl_flag_bool(context, "help")) {
        show_help(context);
        return 0;
    }
    failed = apply_global_flags(context, err);
    if (failed == 0)
        failed = provide_needs(context, err);
    if (failed == 0)
        failed = context->command->run(context, err);
    return failed;
}

static void add_names(struct gl_strv *names, const char *group)
{
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if (!(*at)->hidden && (!group || gl_command_in_group(*at, group)))
            gl_strv_add(names, (*at)->name);
    }
}

static int unknown_command(const char *word, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    add_names(&names, NULL);
    gl_fail(err, GL_E_USAGE, _("there is no command `%s`"), word);
    const char *nearest = gl_nearest(word, (const char *const *)names.items, names.count);
    if (nearest)
        return gl_error_hint(err, _("Did you mean `golive %s`?"), nearest);
    return gl_error_hint(err, _("golive help shows all commands."));
}

/* `golive local` and `golive local frob`: half a command is a mistake in a script, and a question
 * of a person, who gets the answer. */
static int half_command(const char *group, const char *next, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    add_names(&names, group);
    gl_autofree char *all = gl_strv_join(&names, ", golive ");
    if (!next || *next == '-') {
        gl_fail(err, GL_E_USAGE, _("`golive %s` needs a further word"), group);
        return gl_error_hint(err, _("There are: golive %s"), all);
    }
    gl_autofree char *whole = gl_asprintf("%s %s", group, next);
    gl_fail(err, GL_E_USAGE, _("there is no command `%s`"), whole);
    const char *nearest = gl_nearest(whole, (const char *const *)names.items, names.count);
    if (nearest)
        return gl_error_hint(err, _("Did you mean `golive %s`?"), nearest);
    return gl_error_hint(err, _("There are: golive %s"), all);
}

static bool asks_for_help(char **words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    }
    return false;
}

static int run_none(struct gl_context *context, char **words, size_t count, struct gl_error *err)
{
    if (!gl_command_is_group(words[0]))
        return unknown_command(words[0], err);
    if (!asks_for_help(words + 1, count - 1))
        return half_command(words[0], count > 1 ? words[1] : NULL, err);
    if (context->format_json)
        gl_help_list_json(words[0], context->out);
    else
        gl_help_group(words[0], context->out);
    return 0;
}

/* Before anything is parsed: a mistake on the command line is to be told as JSON too. `words` ends
 * with NULL. */
static bool wants_json(char **words)
{
    bool json = false;
    for (char **at = words; *at && strcmp(*at, "--") != 0; at++) {
        const char *value = NULL;
        if (strcmp(*at, "--format") == 0 || strcmp(*at, "-f") == 0)
            value = at[1] ? at[1] : "";
        else if (gl_starts_with(*at, "--format="))
            value = *at + strlen("--format=");
        else if (gl_starts_with(*at, "-f"))
            value = *at + strlen("-f");
        if (value)
            json = strcmp(value, "json") == 0;
    }
    return json;
}

/* `golive`, `golive --help` and `golive --version` read as commands too. */
static const char *as_command_word(const char *word)
{
    if (!word || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return "help";
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        return "version";
    return word;
}

int gl_main(int argc, char **argv)
{
    gl_i18n_init();
    gl_interrupt_init();
    gl_sqlite_init();
    gl_autoerr struct gl_error err = {0};
    gl_cleanup(context_done) struct gl_context context = {.program = argv[0], .out = stdout};
    char *first = (char *)as_command_word(argc > 1 ? argv[1] : NULL);
    size_t count = argc > 1 ? (size_t)argc - 1 : 1;
    gl_autofree char **words = gl_alloc((count + 1) * sizeof *words);
    words[0] = first;
    for (size_t i = 1; i < count; i++)
        words[i] = argv[i + 1];
    size_t used = 0;
    context.format_json = wants_json(words);
    context.command = gl_command_find(words, count, &used);
    int code = context.command ? run_command(&context, count - used, words + used, &err)
                               : run_none(&context, words, count, &err);
    if (code == 0)
        code = gl_reader_end(stdout, &err);
    if (err.message)
        gl_error_print(&err, stderr, context.format_json, colour_wanted(stderr));
    gl_secret_forget_all();
    return gl_code_exit_status(code);
}
