/* The header of a control: keys as a table. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "control/parse_internal.h"

/* What a key's value becomes. `row` is the key's place in the table. */
typedef void set_fn(struct gl_parser *parser, size_t row);

static set_fn set_id, set_text, set_severity, set_phase, set_judged, set_attest, set_list;

enum need { OPTIONAL, REQUIRED };

/* clang-format off */
static const struct header_key {
    const char *name;
    enum need need;
    set_fn *set;
    size_t offset; /* of the text or list in struct gl_control */
} keys[] = {
    {"id",          REQUIRED, set_id,       0},
    {"title",       REQUIRED, set_text,     offsetof(struct gl_control, title)},
    {"title.ja",    OPTIONAL, set_text,     offsetof(struct gl_control, title_ja)},
    {"severity",    REQUIRED, set_severity, 0},
    {"judged",      REQUIRED, set_judged,   0},
    {"phase",       OPTIONAL, set_phase,    0},
    {"remedy",      OPTIONAL, set_text,     offsetof(struct gl_control, remedy)},
    {"remedy.ja",   OPTIONAL, set_text,     offsetof(struct gl_control, remedy_ja)},
    {"attest",      OPTIONAL, set_attest,   0},
    {"question",    OPTIONAL, set_text,     offsetof(struct gl_control, question)},
    {"question.ja", OPTIONAL, set_text,     offsetof(struct gl_control, question_ja)},
    {"aliases",     OPTIONAL, set_list,     offsetof(struct gl_control, aliases)},
    {"references",  OPTIONAL, set_list,     offsetof(struct gl_control, references)},
    {"depends",     OPTIONAL, set_list,     offsetof(struct gl_control, depends)},
};

/* clang-format on */
_Static_assert(GL_COUNT(keys) <= GL_HEADER_KEYS, "room for every key");

/* ---- lines -------------------------------------------------------------------------------------
 */

static const char *nearest_key(const char *word)
{
    const char *names[GL_COUNT(keys)];
    for (size_t i = 0; i < GL_COUNT(keys); i++)
        names[i] = keys[i].name;
    return gl_nearest(word, names, GL_COUNT(names));
}

static void unknown_key(struct gl_parser *parser, const char *word, unsigned line, unsigned column)
{
    struct gl_error *problem = gl_parser_problem(
        parser, line, column, _("unknown key `%s` in the header of a control"), word);
    const char *nearest = nearest_key(word);
    if (nearest)
        gl_error_hint(problem, _("did you mean `%s`?"), nearest);
    else
        gl_error_hint(problem, _("a long value goes on in lines that begin with -- and at least "
                                 "three spaces"));
}

static int find_key(const char *word)
{
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        if (strcmp(keys[i].name, word) == 0)
            return (int)i;
    }
    return -1;
}

static char *trimmed(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        len--;
    return gl_strndup(text, len);
}

static void continue_value(struct gl_parser *parser, const char *text, unsigned line)
{
    if (parser->last_key < 0) {
        struct gl_error *problem =
            gl_parser_problem(parser, line, 1, _("this line goes on with no value"));
        gl_error_hint(problem, _("a header begins with `-- id: ID`"));
        return;
    }
    struct gl_header_value *value = &parser->values[parser->last_key];
    gl_autofree char *more = trimmed(text);
    gl_autofree char *before = value->text;
    value->text = *before ? gl_asprintf("%s %s", before, more) : gl_steal(&more);
}

static void begin_value(struct gl_parser *parser, const char *text, unsigned line, unsigned column)
{
    const char *colon = strchr(text, ':');
    gl_autofree char *word = gl_strndup(text, colon ? (size_t)(colon - text) : strcspn(text, " "));
    int key = colon ? find_key(word) : -1;
    parser->last_key = key;
    if (key < 0) {
        unknown_key(parser, word, line, column);
        return;
    }
    struct gl_header_value *value = &parser->values[key];
    if (value->text) {
        struct gl_error *problem = gl_parser_problem(
            parser, line, column, _("`%s` stands here and in line %u"), word, value->line);
        gl_error_hint(problem, _("leave one of them"));
        return;
    }
    const char *begin = colon + 1 + strspn(colon + 1, " \t");
    *value = (struct gl_header_value){
        .text = trimmed(begin),
        .line = line,
        .column = column + (unsigned)(begin - text),
    };
}

void gl_parser_header_line(struct gl_parser *parser, const char *text, unsigned line)
{
    const char *content = text + 2;
    size_t spaces = strspn(content, " ");
    if (content[spaces] == '\0')
        return;
    if (spaces >= 3)
        continue_value(parser, content, line);
    else
        begin_value(parser, content + spaces, line, (unsigned)(3 + spaces));
}

/* ---- values ------------------------------------------------------------------------------------
 */

static void set_text(struct gl_parser *parser, size_t row)
{
    char **field = (char **)(void *)((char *)&parser->control + keys[row].offset);
    *field = gl_strdup(parser->values[row].text);
}

static void set_list(struct gl_parser *parser, size_t row)
{
    struct gl_strv *field = (struct gl_strv *)(void *)((char *)&parser->control + keys[row].offset);
    gl_strv_split(field, parser->values[row].text, " ,\t");
}

static void set_id(struct gl_parser *parser, size_t row)
{
    enum { LONGEST = 64 };

    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    const char *text = parser->values[row].text;
    size_t len = strlen(text);
    if (strspn(text, letters) == len && len <= LONGEST && isalnum((unsigned char)text[0]) &&
        isalnum((unsigned char)text[len - 1])) {
        parser->control.id = gl_strdup(text);
        return;
    }
    struct gl_error *problem =
        gl_parser_problem(parser, parser->values[row].line, parser->values[row].column,
                          _("`%s` is no id of a control"), text);
    gl_error_hint(problem, _("an id has letters, digits, `.`, `-` and `_`, like acme.1"));
}

/* The place of the value in `words`; reports what is none and returns -1. */
static int set_word(struct gl_parser *parser, size_t row, const char *const *words)
{
    const char *text = parser->values[row].text;
    int index = gl_word_index(words, text);
    if (index >= 0)
        return index;
    size_t count = 0;
    gl_autobuf struct gl_buf all = {0};
    for (; words[count]; count++)
        gl_buf_printf(&all, "%s%s", count ? ", " : "", words[count]);
    const char *nearest = gl_nearest(text, words, count);
    struct gl_error *problem =
        gl_parser_problem(parser, parser->values[row].line, parser->values[row].column,
                          _("unknown value `%s` for %s"), text, keys[row].name);
    if (nearest)
        gl_error_hint(problem, _("did you mean `%s`?"), nearest);
    else
        gl_error_hint(problem, _("one of: %s"), gl_buf_text(&all));
    return -1;
}

static void set_severity(struct gl_parser *parser, size_t row)
{
    int index = set_word(parser, row, gl_severity_words);
    if (index >= 0)
        parser->control.severity = (enum gl_severity)index;
}

/* Without a phase, a control is of the one in which it must hold. */
static void set_judged(struct gl_parser *parser, size_t row)
{
    static const int phases[GL_STAGE_COUNT] = {0, 1, 2, 4, 4};
    int index = set_word(parser, row, gl_stage_words);
    if (index < 0)
        return;
    parser->control.judged = (enum gl_stage)index;
    parser->control.phase = phases[index];
}

static void set_phase(struct gl_parser *parser, size_t row)
{
    static const char *const phases[] = {"0", "1", "2", "3", "4", NULL};
    int index = set_word(parser, row, phases);
    if (index >= 0)
        parser->control.phase = index;
}

/* ---- attest: role=security valid_days=90 binds=config -----------------------------------------
 */

static void bad_attest(struct gl_parser *parser, size_t row, const char *word)
{
    struct gl_error *problem =
        gl_parser_problem(parser, parser->values[row].line, parser->values[row].column,
                          _("`%s` is not understood in attest"), word);
    gl_error_hint(problem, _("like: role=security valid_days=90 binds=config (or release, none)"));
}

static bool attest_word(struct gl_attest *attest, const char *word)
{
    static const char *const binds[] = {"config", "release", "none", NULL};

    enum { LONGEST_DAYS = 3660 };

    const char *value = strchr(word, '=');
    if (!value || !value[1])
        return false;
    value++;
    if (gl_starts_with(word, "role=") && !attest->role) {
        attest->role = gl_strdup(value);
        return true;
    }
    if (gl_starts_with(word, "binds=") && !attest->binds && gl_word_index(binds, value) >= 0) {
        attest->binds = gl_strdup(value);
        return true;
    }
    if (!gl_starts_with(word, "valid_days=") || strspn(value, "0123456789") != strlen(value))
        return false;
    attest->valid_days = strtol(value, NULL, 10);
    return attest->valid_days > 0 && attest->valid_days <= LONGEST_DAYS;
}

static void set_attest(struct gl_parser *parser, size_t row)
{
    struct gl_attest *attest = &parser->control.attest;
    gl_autostrv struct gl_strv words = {0};
    gl_strv_split(&words, parser->values[row].text, " \t");
    for (size_t i = 0; i < words.count; i++) {
        if (!attest_word(attest, words.items[i])) {
            bad_attest(parser, row, words.items[i]);
            return;
        }
    }
    if (!attest->role || !attest->binds || !attest->valid_days)
        bad_attest(parser, row, parser->values[row].text);
}

/* ---- the end -----------------------------------------------------------------------------------
 */

void gl_parser_header_end(struct gl_parser *parser)
{
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        const struct gl_header_value *value = &parser->values[i];
        if (value->text && *value->text) {
            keys[i].set(parser, i);
        } else if (value->text || keys[i].need == REQUIRED) {
            unsigned line = value->text ? value->line : 1;
            struct gl_error *problem =
                gl_parser_problem(parser, line, 1, _("the header has no %s"), keys[i].name);
            gl_error_hint(problem, _("write it as `-- %s: ...`"), keys[i].name);
        }
    }
}
