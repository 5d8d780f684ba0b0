/* Command lines: the words that name a command, then flags by getopt_long() from the tables. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cmd/command.h"

/* getopt_long() returns this plus the index of the flag. */
enum { FIRST_OPTION_VALUE = 1000 };

static size_t count_words(const char *name)
{
    size_t words = 1;
    for (; *name; name++)
        words += *name == ' ';
    return words;
}

static bool words_match(const char *name, char **words, size_t count)
{
    gl_autostrv struct gl_strv parts = {0};
    gl_strv_split(&parts, name, " ");
    if (parts.count > count)
        return false;
    for (size_t i = 0; i < parts.count; i++) {
        if (strcmp(parts.items[i], words[i]) != 0)
            return false;
    }
    return true;
}

const struct gl_command *gl_command_find(char **words, size_t count, size_t *ret_words)
{
    const struct gl_command *best = NULL;
    size_t best_words = 0;
    for (const struct gl_command *const *at = gl_commands; *at; at++) {
        size_t its_words = count_words((*at)->name);
        if (its_words > best_words && words_match((*at)->name, words, count)) {
            best = *at;
            best_words = its_words;
        }
    }
    if (best)
        *ret_words = best_words;
    return best;
}

static void collect_flags(struct gl_context *context, const struct gl_flag *flags)
{
    for (; flags && flags->name; flags++) {
        context->values =
            gl_realloc_array(context->values, context->value_count + 1, sizeof *context->values);
        context->values[context->value_count++] = (struct gl_flag_value){.flag = flags};
    }
}

static struct option *make_options(const struct gl_context *context, struct gl_buf *letters)
{
    struct option *options = gl_alloc((context->value_count + 1) * sizeof *options);
    gl_buf_putc(letters, ':');
    for (size_t i = 0; i < context->value_count; i++) {
        const struct gl_flag *flag = context->values[i].flag;
        bool takes_value = flag->kind != GL_FLAG_BOOL;
        options[i] = (struct option){.name = flag->name,
                                     .has_arg = takes_value ? required_argument : no_argument,
                                     .val = FIRST_OPTION_VALUE + (int)i};
        if (flag->letter)
            gl_buf_printf(letters, "%c%s", flag->letter, takes_value ? ":" : "");
    }
    return options;
}

static int unknown_flag(const struct gl_context *context, const char *word, struct gl_error *err)
{
    gl_fail(err, GL_E_USAGE, _("unknown flag %s"), word);
    gl_autofree const char **names = gl_alloc(context->value_count * sizeof *names);
    for (size_t i = 0; i < context->value_count; i++)
        names[i] = context->values[i].flag->name;
    gl_autofree char *bare =
        gl_strndup(word + strspn(word, "-"), strcspn(word + strspn(word, "-"), "="));
    const char *nearest = gl_nearest(bare, names, context->value_count);
    if (nearest)
        return gl_error_hint(err, _("Did you mean --%s?"), nearest);
    return gl_error_hint(err, _("See: golive help %s"), context->command->name);
}

static struct gl_flag_value *value_for(struct gl_context *context, int option)
{
    for (size_t i = 0; i < context->value_count; i++) {
        if (option == FIRST_OPTION_VALUE + (int)i || option == context->values[i].flag->letter)
            return &context->values[i];
    }
    return NULL;
}

/* Which of two values is meant, nobody can tell; one that switches something on says the same
 * again.
 */
static int check_once(const struct gl_context *context, const struct gl_flag_value *value,
                      struct gl_error *err)
{
    const struct gl_flag *flag = value->flag;
    if (!value->text || flag->kind == GL_FLAG_BOOL || flag->kind == GL_FLAG_LIST)
        return 0;
    gl_fail(err, GL_E_USAGE, _("--%s is given twice, and takes one value"), flag->name);
    return gl_error_hint(err, _("See: golive help %s"), context->command->name);
}

static int take_value(struct gl_flag_value *value, const char *text, struct gl_error *err)
{
    value->text = text ? text : "true";
    if (value->flag->kind == GL_FLAG_LIST)
        gl_strv_add(&value->list, text);
    if (!text || value->flag->kind != GL_FLAG_INT)
        return 0;
    char *end;
    errno = 0;
    (void)strtoll(text, &end, 10);
    if (errno || end == text || *end)
        return gl_fail(err, GL_E_USAGE, _("--%s wants a whole number, not `%s`"), value->flag->name,
                       text);
    return 0;
}

static int parse_flags(struct gl_context *context, int argc, char **argv, struct gl_error *err)
{
    gl_autobuf struct gl_buf letters = {0};
    gl_autofree struct option *options = make_options(context, &letters);
    opterr = 0;
    optind = 0;
    for (;;) {
        int option = getopt_long(argc, argv, gl_buf_text(&letters), options, NULL);
        if (option == -1)
            break;
        const char *word = optind > 0 ? argv[optind - 1] : "";
        if (option == ':')
            return gl_fail(err, GL_E_USAGE, _("%s needs a value"), word);
        struct gl_flag_value *value = option == '?' ? NULL : value_for(context, option);
        if (!value)
            return unknown_flag(context, word, err);
        int failed = check_once(context, value, err);
        if (failed == 0)
            failed = take_value(value, optarg, err);
        if (failed < 0)
            return failed;
    }
    for (int i = optind; i < argc; i++)
        gl_strv_add(&context->args, argv[i]);
    return 0;
}

int gl_command_parse(struct gl_context *context, size_t count, char **words, struct gl_error *err)
{
    collect_flags(context, context->command->flags);
    collect_flags(context, gl_global_flags);
    gl_autofree char **argv = gl_alloc((count + 2) * sizeof *argv);
    argv[0] = (char *)context->command->name;
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = words[i];
    int failed = parse_flags(context, (int)count + 1, argv, err);
    if (failed < 0)
        return failed;
    int most = context->command->max_args;
    if (context->args.count > (size_t)most) {
        gl_fail(err, GL_E_USAGE, _("unexpected argument `%s`"), context->args.items[most]);
        return gl_error_hint(err, _("See: golive help %s"), context->command->name);
    }
    return 0;
}

static const struct gl_flag_value *find_value(const struct gl_context *context, const char *name)
{
    for (size_t i = 0; i < context->value_count; i++) {
        if (strcmp(context->values[i].flag->name, name) == 0)
            return &context->values[i];
    }
    abort(); /* a flag that the command does not declare: a mistake in the program */
}

const char *gl_flag_str(const struct gl_context *context, const char *name)
{
    const struct gl_flag_value *value = find_value(context, name);
    return value->text ? value->text : value->flag->fallback;
}

int64_t gl_flag_int(const struct gl_context *context, const char *name)
{
    const char *text = gl_flag_str(context, name);
    return text ? strtoll(text, NULL, 10) : 0;
}

bool gl_flag_bool(const struct gl_context *context, const char *name)
{
    return find_value(context, name)->text != NULL;
}

const struct gl_strv *gl_flag_list(const struct gl_context *context, const char *name)
{
    return &find_value(context, name)->list;
}
