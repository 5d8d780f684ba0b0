/* msg() in the SQL of a rule: a text that names a value which is not there would show `{2}` to the
 * person who reads it, perhaps long after it was written. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "control/control.h"

/* ---- tokens of SQL -----------------------------------------------------------------------------
 */

/* Behind the quoted text that begins at `at`; a doubled quote is one of it. */
static const char *skip_quoted(const char *at)
{
    char quote = *at++;
    for (; *at; at++) {
        if (*at == quote && *++at != quote)
            return at;
    }
    return at;
}

/* Behind the quoted text or the comment that begins at `at`; NULL where none does. */
static const char *skip_opaque(const char *at)
{
    if (*at == '\'' || *at == '"' || *at == '`')
        return skip_quoted(at);
    if (at[0] == '-' && at[1] == '-')
        return at + strcspn(at, "\n");
    if (at[0] != '/' || at[1] != '*')
        return NULL;
    const char *end = strstr(at + 2, "*/");
    return end ? end + 2 : at + strlen(at);
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

static bool in_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* Behind the parenthesis of a call of msg() whose name begins at `at`; NULL where none does. */
static const char *open_call(const char *sql, const char *at)
{
    static const char name[] = "msg";
    if (strncasecmp(at, name, strlen(name)) != 0 || (at > sql && in_name(at[-1])))
        return NULL;
    at = skip_blanks(at + strlen(name));
    return *at == '(' ? skip_blanks(at + 1) : NULL;
}

/* Values from `at`, which is behind the text, to the end of the call. */
static long count_values(const char *at)
{
    long count = 0;
    int depth = 1;
    while (*at && depth > 0) {
        const char *behind = skip_opaque(at);
        if (!behind) {
            depth += (*at == '(') - (*at == ')');
            count += depth == 1 && *at == ',';
        }
        at = behind ? behind : at + 1;
    }
    return count;
}

/* ---- a text ------------------------------------------------------------------------------------
 */

/* N of the first {N} between two places that is more than `count`; 0 where none is. */
static long first_without(const char *at, const char *end, long count)
{
    while ((at = memchr(at, '{', (size_t)(end - at)))) {
        long n = 0;
        for (at++; isdigit((unsigned char)*at) && n < 1000; at++)
            n = 10 * n + (*at - '0');
        if (*at == '}' && n > count)
            return n;
    }
    return 0;
}

static void report(const struct gl_control *control, const struct gl_rule *rule, const char *at,
                   struct gl_problems *problems, long mark, long count)
{
    unsigned line = rule->sql_line;
    const char *begin = rule->sql;
    for (const char *c = rule->sql; c < at; c++) {
        if (*c == '\n') {
            line++;
            begin = c + 1;
        }
    }
    struct gl_error *problem = gl_problem_add(problems, NULL, 0, 0);
    gl_fail(problem, GL_E_CONFIG, _("this text of msg() names the value {%ld}, which is not given"),
            mark);
    gl_error_hint(problem,
                  ngettext("behind the text stands %ld value; add what is missing, as in msg('{1} "
                           "is {2}', name, value)",
                           "behind the text stand %ld values; add what is missing, as in msg('{1} "
                           "is {2}', name, value)",
                           (unsigned long)count),
                  count);
    gl_error_at(problem, control->file, line, (unsigned)(at - begin) + 1);
}

static void check_rule(const struct gl_control *control, const struct gl_rule *rule,
                       struct gl_problems *problems)
{
    static const char begins[] = "mM'\"`-/"; /* a call, a quoted text, a comment */
    const char *at = rule->sql;
    while (*(at += strcspn(at, begins))) {
        const char *text = open_call(rule->sql, at);
        const char *behind = text ? text : skip_opaque(at);
        at = behind ? behind : at + 1;
        if (!text || *text != '\'')
            continue; /* what is put together is only known when it runs */
        const char *end = skip_quoted(text);
        const char *next = skip_blanks(end);
        if (*next != ',' && *next != ')')
            continue;
        long count = count_values(next);
        long mark = first_without(text, end, count);
        if (mark)
            report(control, rule, text, problems, mark, count);
    }
}

bool gl_control_check_texts(const struct gl_control *control, struct gl_problems *problems)
{
    size_t before = problems->count;
    for (size_t i = 0; i < control->rule_count; i++) {
        if (control->rules[i].sql)
            check_rule(control, &control->rules[i], problems);
    }
    return problems->count == before;
}
