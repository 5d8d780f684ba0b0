/* Reads a control: the header, then rules, line by line. */
#include <ctype.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"
#include "control/parse_internal.h"

const char *const gl_source_words[] = {
    "config",      "template", "repo",     "migrations", "database", "ledger",
    "attestation", "aws",      "endpoint", "github",     NULL,
};

enum { FILE_BYTES_MAX = 256 * 1024, PROBLEMS_MAX = 20 };

static const char rule_mark[] = "-- rule:";

struct gl_error *gl_parser_problem(struct gl_parser *parser, unsigned line, unsigned column,
                                   const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *message = gl_vasprintf(fmt, args);
    va_end(args);
    struct gl_error *problem = gl_problem_add(&parser->problems, NULL, 0, 0);
    gl_fail(problem, GL_E_CONFIG, "%s", message);
    gl_error_at(problem, parser->file, line, column);
    return problem;
}

bool gl_parser_is_name(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len > 0 && len <= 64 && text[len] == '\0' && text[0] != '-';
}

/* ---- the line that begins a rule ---------------------------------------------------------------
 */

static void unknown_source(struct gl_parser *parser, const char *word, unsigned line,
                           unsigned column)
{
    size_t count = 0;
    gl_autobuf struct gl_buf all = {0};
    for (; gl_source_words[count]; count++)
        gl_buf_printf(&all, "%s%s", count ? ", " : "", gl_source_words[count]);
    const char *nearest = gl_nearest(word, gl_source_words, count);
    struct gl_error *problem =
        gl_parser_problem(parser, line, column, _("unknown source `%s` of a rule"), word);
    if (nearest)
        gl_error_hint(problem, _("did you mean `%s`?"), nearest);
    else
        gl_error_hint(problem, _("a rule begins with `-- rule: SOURCE NAME`; sources: %s"),
                      gl_buf_text(&all));
}

static void read_sources(struct gl_parser *parser, struct gl_rule *rule, const char *words,
                         unsigned column)
{
    const char *at = words;
    while (*at) {
        size_t len = strcspn(at, ",");
        gl_autofree char *word = gl_strndup(at, len);
        unsigned place = column + (unsigned)(at - words);
        if (gl_word_index(gl_source_words, word) < 0)
            unknown_source(parser, word, rule->line, place);
        else if (!gl_strv_has(&rule->sources, word))
            gl_strv_add(&rule->sources, word);
        at += len + (at[len] == ',');
    }
}

static bool same_sources(const struct gl_strv *left, const struct gl_strv *right)
{
    for (size_t i = 0; i < left->count; i++) {
        if (!gl_strv_has(right, left->items[i]))
            return false;
    }
    return left->count == right->count;
}

/* The same question to a template and to the account may have the same name. */
static bool name_taken(const struct gl_control *control, const struct gl_rule *rule,
                       const char *name)
{
    for (size_t i = 0; i < control->rule_count; i++) {
        if (strcmp(control->rules[i].name, name) == 0 &&
            same_sources(&control->rules[i].sources, &rule->sources))
            return true;
    }
    return false;
}

static void read_name(struct gl_parser *parser, struct gl_rule *rule, const char *name,
                      unsigned column)
{
    bool attestation = gl_strv_has(&rule->sources, "attestation");
    const char *given = *name || !attestation ? name : "attestation";
    if (!gl_parser_is_name(given)) {
        struct gl_error *problem =
            gl_parser_problem(parser, rule->line, column, _("`%s` is no name of a rule"), given);
        gl_error_hint(problem, _("a rule begins with `-- rule: SOURCE NAME`; a name has small "
                                 "letters, digits and `-`"));
    } else if (name_taken(&parser->control, rule, given)) {
        struct gl_error *problem = gl_parser_problem(
            parser, rule->line, column, _("two rules of these sources are called `%s`"), given);
        gl_error_hint(problem, _("give each a name of its own"));
    }
    rule->name = gl_strdup(given);
}

static void begin_rule(struct gl_parser *parser, const char *text, unsigned line)
{
    const char *words = text + strlen(rule_mark);
    words += strspn(words, " \t");
    size_t len = strcspn(words, " \t");
    gl_autofree char *sources = gl_strndup(words, len);
    const char *name = words + len + strspn(words + len, " \t");
    size_t name_len = strlen(name);
    while (name_len > 0 && isspace((unsigned char)name[name_len - 1]))
        name_len--;
    gl_autofree char *own_name = gl_strndup(name, name_len);
    struct gl_rule rule = {.line = line, .about = gl_strdup("")};
    if (len == 0)
        unknown_source(parser, "", line, (unsigned)(words - text) + 1);
    read_sources(parser, &rule, sources, (unsigned)(words - text) + 1);
    read_name(parser, &rule, own_name, (unsigned)(name - text) + 1);
    struct gl_control *control = &parser->control;
    control->rules =
        gl_realloc_array(control->rules, control->rule_count + 1, sizeof *control->rules);
    control->rules[control->rule_count++] = rule;
}

/* ---- what is below it --------------------------------------------------------------------------
 */

static void add_about(struct gl_rule *rule, const char *text)
{
    const char *words = text + 2 + strspn(text + 2, " ");
    gl_autofree char *before = rule->about;
    rule->about = *before ? gl_asprintf("%s %s", before, words) : gl_strdup(words);
}

static void add_sql(struct gl_rule *rule, const char *text, unsigned line)
{
    if (!rule->sql) {
        if (text[strspn(text, " \t")] == '\0')
            return;
        rule->sql = gl_asprintf("%s\n", text);
        rule->sql_line = line;
        return;
    }
    size_t before = strlen(rule->sql);
    size_t len = strlen(text);
    rule->sql = gl_realloc_array(rule->sql, before + len + 2, 1);
    memcpy(rule->sql + before, text, len);
    memcpy(rule->sql + before + len, "\n", 2);
}

static bool may_lack_sql(const struct gl_rule *rule)
{
    static const char *const words[] = {"aws", "endpoint", "github", "database", "attestation"};
    for (size_t i = 0; i < GL_COUNT(words); i++) {
        if (gl_strv_has(&rule->sources, words[i]))
            return true;
    }
    return false;
}

static void end_rule(struct gl_parser *parser)
{
    struct gl_control *control = &parser->control;
    const struct gl_rule *rule =
        control->rule_count ? &control->rules[control->rule_count - 1] : NULL;
    if (!rule)
        return;
    if (!rule->sql && !may_lack_sql(rule)) {
        struct gl_error *problem =
            gl_parser_problem(parser, rule->line, 1, _("rule `%s` has no SELECT"), rule->name);
        gl_error_hint(problem, _("only rules of aws, endpoint, github, database and attestation "
                                 "may be without"));
    } else if (rule->sql && !sqlite3_complete(rule->sql)) {
        struct gl_error *problem = gl_parser_problem(
            parser, rule->sql_line, 1, _("the SELECT of rule `%s` has no end"), rule->name);
        gl_error_hint(problem, _("end it by a semicolon"));
    }
}

static void rule_line(struct gl_parser *parser, const char *text, unsigned line)
{
    struct gl_rule *rule = &parser->control.rules[parser->control.rule_count - 1];
    if (!rule->sql && gl_starts_with(text, "--"))
        add_about(rule, text);
    else
        add_sql(rule, text, line);
}

/* ---- a file ------------------------------------------------------------------------------------
 */

static void read_line(struct gl_parser *parser, const char *text, unsigned line)
{
    if (gl_starts_with(text, rule_mark)) {
        end_rule(parser);
        begin_rule(parser, text, line);
    } else if (parser->control.rule_count) {
        rule_line(parser, text, line);
    } else if (gl_starts_with(text, "--")) {
        gl_parser_header_line(parser, text, line);
    } else if (text[strspn(text, " \t\r")] != '\0') {
        struct gl_error *problem =
            gl_parser_problem(parser, line, 1, _("SQL stands before the first rule"));
        gl_error_hint(problem, _("a rule begins with `-- rule: SOURCE NAME`"));
    }
}

static void read_lines(struct gl_parser *parser, const char *text)
{
    unsigned line = 1;
    for (const char *at = text; *at && parser->problems.count < PROBLEMS_MAX; line++) {
        size_t len = strcspn(at, "\n");
        size_t shown = len > 0 && at[len - 1] == '\r' ? len - 1 : len;
        gl_autofree char *one = gl_strndup(at, shown);
        read_line(parser, one, line);
        at += len + (at[len] == '\n');
    }
    end_rule(parser);
    gl_parser_header_end(parser);
    if (!parser->control.rule_count) {
        struct gl_error *problem =
            gl_parser_problem(parser, line > 1 ? line - 1 : 1, 1, _("this control has no rule"));
        gl_error_hint(problem, _("a rule begins with `-- rule: SOURCE NAME`"));
    }
}

/* Signatures need to know whose. */
static void check_attestation(struct gl_parser *parser)
{
    for (size_t i = 0; i < parser->control.rule_count; i++) {
        const struct gl_rule *rule = &parser->control.rules[i];
        if (rule->sql || !gl_strv_has(&rule->sources, "attestation") || parser->control.attest.role)
            continue;
        struct gl_error *problem = gl_parser_problem(
            parser, rule->line, 1, _("the header does not say who attests this control"));
        gl_error_hint(problem, _("like: -- attest: role=security valid_days=90 binds=config"));
    }
}

static void parser_done(struct gl_parser *parser)
{
    for (size_t i = 0; i < GL_HEADER_KEYS; i++)
        free(parser->values[i].text);
    gl_control_done(&parser->control);
    gl_problems_done(&parser->problems);
}

static bool readable(struct gl_parser *parser, const char *text, size_t len)
{
    unsigned line = 0;
    unsigned column = 0;
    if (len > FILE_BYTES_MAX) {
        struct gl_error *problem =
            gl_parser_problem(parser, 0, 0, _("a control has at most 256 KiB"));
        gl_error_hint(problem, _("split it into several"));
    } else if (!gl_utf8_valid(text, len, &line, &column)) {
        struct gl_error *problem =
            gl_parser_problem(parser, line, column, _("this is no text in UTF-8"));
        gl_error_hint(problem, _("save the file as UTF-8"));
    }
    return parser->problems.count == 0;
}

bool gl_control_parse(const char *text, size_t len, const char *file,
                      struct gl_control *ret_control, struct gl_problems *problems)
{
    gl_cleanup(parser_done) struct gl_parser parser = {.file = file, .last_key = -1};
    gl_autofree char *own = gl_strndup(text, len);
    if (readable(&parser, text, len)) {
        read_lines(&parser, own);
        check_attestation(&parser);
    }
    for (size_t i = 0; i < parser.problems.count; i++)
        gl_error_move(gl_problem_add(problems, NULL, 0, 0), &parser.problems.items[i]);
    if (parser.problems.count)
        return false;
    parser.control.file = gl_strdup(file);
    *ret_control = parser.control;
    parser.control = (struct gl_control){0};
    return true;
}

/* ---- ownership ---------------------------------------------------------------------------------
 */

static void rule_done(struct gl_rule *rule)
{
    free(rule->name);
    gl_strv_done(&rule->sources);
    free(rule->about);
    free(rule->sql);
}

void gl_control_done(struct gl_control *control)
{
    char **texts[] = {
        &control->id,          &control->title,       &control->title_ja,     &control->remedy,
        &control->remedy_ja,   &control->attest.role, &control->attest.binds, &control->question,
        &control->question_ja, &control->file,
    };

    for (size_t i = 0; i < GL_COUNT(texts); i++)
        free(*texts[i]);
    gl_strv_done(&control->aliases);
    gl_strv_done(&control->references);
    gl_strv_done(&control->depends);
    for (size_t i = 0; i < control->rule_count; i++)
        rule_done(&control->rules[i]);
    free(control->rules);
    *control = (struct gl_control){0};
}
