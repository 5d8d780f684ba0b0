/* Dispatch: finds the command, provides what it needs, runs it, shows its error. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "cmd/command.h"

static void context_done(struct gl_context *context)
{
    for (size_t i = 0; i < context->value_count; i++)
        gl_strv_done(&context->values[i].list);
    free(context->values);
    gl_strv_done(&context->args);
    gl_ledger_free(&context->ledger);
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

static int apply_global_flags(struct gl_context *context, struct gl_error *err)
{
    const char *format = gl_flag_str(context, "format");
    if (strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
        return gl_fail(err, GL_E_USAGE, _("--format is text or json, not `%s`"), format);
    context->format_json = strcmp(format, "json") == 0;
    context->colour = !context->format_json && colour_wanted(stdout);
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

static int open_ledger(struct gl_context *context, struct gl_error *err)
{
    int failed = gl_mkdir_ignored(context->state_dir, err);
    if (failed < 0)
        return failed;
    gl_autofree char *path = gl_path_join(context->state_dir, "ledger.db");
    return gl_ledger_open_sqlite(path, &context->ledger, err);
}

static int provide_needs(struct gl_context *context, struct gl_error *err)
{
    unsigned needs = context->command->needs;
    int failed = 0;
    if (needs & GL_NEEDS_CONFIG)
        failed = load_config(context, err);
    if (failed == 0 && needs)
        failed = find_project(context, err);
    if (failed == 0 && needs & GL_NEEDS_LEDGER)
        failed = open_ledger(context, err);
    return failed;
}

static int run_command(struct gl_context *context, size_t count, char **words, struct gl_error *err)
{
    int failed = gl_command_parse(context, count, words, err);
    if (failed < 0)
        return failed;
    if (gl_flag_bool(context, "help")) {
        gl_help_command(context->command, context->out);
        return 0;
    }
    failed = apply_global_flags(context, err);
    if (failed == 0)
        failed = provide_needs(context, err);
    if (failed == 0)
        failed = context->command->run(context, err);
    return failed;
}

static int unknown_command(const char *word, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        if (!(*at)->hidden)
            gl_strv_add(&names, (*at)->name);
    }
    gl_fail(err, GL_E_USAGE, _("there is no command `%s`"), word);
    const char *nearest = gl_nearest(word, (const char *const *)names.items, names.count);
    if (nearest)
        return gl_error_hint(err, _("Did you mean `golive %s`?"), nearest);
    return gl_error_hint(err, _("golive help shows all commands."));
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
    gl_autoerr struct gl_error err = {0};
    gl_cleanup(context_done) struct gl_context context = {.program = argv[0], .out = stdout};
    char *first = (char *)as_command_word(argc > 1 ? argv[1] : NULL);
    size_t count = argc > 1 ? (size_t)argc - 1 : 1;
    gl_autofree char **words = gl_alloc((count + 1) * sizeof *words);
    words[0] = first;
    for (size_t i = 1; i < count; i++)
        words[i] = argv[i + 1];
    size_t used = 0;
    context.command = gl_command_find(words, count, &used);
    int code = context.command ? run_command(&context, count - used, words + used, &err)
                               : unknown_command(first, &err);
    if (fflush(stdout) != 0 && code == 0)
        code = gl_fail(&err, GL_E_IO, _("standard output cannot be written"));
    if (err.message)
        gl_error_print(&err, stderr, context.format_json, colour_wanted(stderr));
    gl_secret_forget_all();
    return gl_code_exit_status(code);
}
