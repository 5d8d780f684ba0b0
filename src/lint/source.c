/* Texts that rules put together from what the user wrote. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "lint/rule.h"
#include "migrate/sqltext.h"

/* ---- names -------------------------------------------------------------------------------------
 */

static bool is_plain(const char *name)
{
    if (!islower((unsigned char)*name) && *name != '_')
        return false;
    for (; *name; name++) {
        if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) && *name != '_')
            return false;
    }
    return true;
}

/* Words that no column may have as its name without quotes: pg_get_keywords() where catcode is R or
 * T, of PostgreSQL 14 to 18. */
static bool is_reserved(const char *name)
{
    static const char words[] =
        " all analyse analyze and any array as asc asymmetric authorization binary both "
        "case cast check collate collation column concurrently constraint create cross "
        "current_catalog current_date current_role current_schema current_time "
        "current_timestamp current_user default deferrable desc distinct do else end "
        "except false fetch for foreign freeze from full grant group having ilike in "
        "initially inner intersect into is isnull join lateral leading left like limit "
        "localtime localtimestamp natural not notnull null offset on only or order outer "
        "overlaps placing primary references returning right select session_user similar "
        "some symmetric system_user table tablesample then to trailing true union unique "
        "user using variadic verbose when where window with ";
    gl_autofree char *word = gl_asprintf(" %s ", name);
    return strstr(words, word) != NULL;
}

char *gl_lint_quote(const char *name)
{
    if (is_plain(name) && !is_reserved(name))
        return gl_strdup(name);
    gl_autobuf struct gl_buf text = {0};
    gl_buf_putc(&text, '"');
    for (; *name; name++) {
        if (*name == '"')
            gl_buf_putc(&text, '"');
        gl_buf_putc(&text, *name);
    }
    gl_buf_putc(&text, '"');
    return gl_buf_steal(&text);
}

char *gl_lint_relation(const PgQuery__RangeVar *relation)
{
    gl_autofree char *name = gl_lint_quote(relation->relname);
    if (!*relation->schemaname)
        return gl_steal(&name);
    gl_autofree char *schema = gl_lint_quote(relation->schemaname);
    return gl_asprintf("%s.%s", schema, name);
}

char *gl_lint_list(PgQuery__Node *const *names, size_t count)
{
    gl_autobuf struct gl_buf text = {0};
    for (size_t i = 0; i < count; i++) {
        bool element = names[i]->node_case == PG_QUERY__NODE__NODE_INDEX_ELEM;
        gl_autofree char *name =
            gl_lint_quote(element ? names[i]->index_elem->name : gl_lint_string(names[i]));
        gl_buf_printf(&text, "%s%s", i ? ", " : "", name);
    }
    return gl_buf_steal(&text);
}

/* ---- statements --------------------------------------------------------------------------------
 */

/* Behind the last token: a comment that follows it is not the statement's, and what is put behind
 * it would be a part of the comment. */
static size_t last_end(const struct gl_lint_pass *pass)
{
    struct gl_sql_scanner scanner = {pass->text, pass->end, pass->begin};
    size_t end = pass->begin;
    for (;;) {
        struct gl_sql_token token = gl_sql_next(&scanner);
        if (token.kind == GL_SQL_END)
            return end;
        if (token.kind != GL_SQL_COMMENT)
            end = scanner.pos;
    }
}

char *gl_lint_source(const struct gl_lint_pass *pass)
{
    return gl_strndup(pass->text + pass->begin, last_end(pass) - pass->begin);
}

/* Behind the table's name. */
static size_t name_end(const struct gl_lint_pass *pass)
{
    struct gl_sql_scanner scanner = {pass->text, pass->end,
                                     gl_lint_at(pass, pass->relation->location)};
    for (;;) {
        struct gl_sql_token name = gl_sql_next(&scanner);
        if (name.kind == GL_SQL_END)
            return pass->end;
        size_t end = scanner.pos;
        struct gl_sql_token next = gl_sql_next(&scanner);
        while (next.kind == GL_SQL_COMMENT || (next.kind == GL_SQL_SYMBOL && *next.text == '*'))
            next = gl_sql_next(&scanner);
        if (next.kind != GL_SQL_SYMBOL || *next.text != '.')
            return end;
    }
}

/* The bytes of the command: between commas that are in no parentheses. */
static void command_range(const struct gl_lint_pass *pass, size_t *ret_begin, size_t *ret_end)
{
    struct gl_sql_scanner scanner = {pass->text, pass->end, name_end(pass)};
    size_t index = 0;
    size_t depth = 0;
    size_t begin = 0;
    size_t end = 0;
    for (;;) {
        struct gl_sql_token token = gl_sql_next(&scanner);
        if (token.kind == GL_SQL_END || index > pass->command_index)
            break;
        if (token.kind == GL_SQL_COMMENT)
            continue;
        int c = token.kind == GL_SQL_SYMBOL ? *token.text : 'a';
        depth += c == '(';
        depth -= c == ')' && depth > 0;
        if (c == ',' && depth == 0) {
            index++;
        } else if (index == pass->command_index) {
            begin = begin ? begin : (size_t)(token.text - pass->text);
            end = scanner.pos;
        }
    }
    *ret_begin = begin ? begin : pass->begin;
    *ret_end = begin ? end : pass->end;
}

char *gl_lint_command_source(const struct gl_lint_pass *pass)
{
    size_t begin;
    size_t end;
    command_range(pass, &begin, &end);
    return gl_strndup(pass->text + begin, end - begin);
}

char *gl_lint_source_around(const struct gl_lint_pass *pass, const char *command)
{
    size_t begin;
    size_t end;
    command_range(pass, &begin, &end);
    size_t behind = last_end(pass);
    return gl_asprintf("%.*s%s%.*s", (int)(begin - pass->begin), pass->text + pass->begin, command,
                       (int)(behind > end ? behind - end : 0), pass->text + end);
}

size_t gl_lint_command_at(const struct gl_lint_pass *pass)
{
    size_t begin;
    size_t end;
    if (!pass->command || !pass->relation)
        return pass->begin;
    command_range(pass, &begin, &end);
    return begin;
}

char *gl_lint_source_with(const struct gl_lint_pass *pass, const char *after, const char *word)
{
    struct gl_sql_scanner scanner = {pass->text, pass->end, pass->begin};
    for (;;) {
        struct gl_sql_token token = gl_sql_next(&scanner);
        if (token.kind == GL_SQL_END)
            return gl_lint_source(pass);
        if (gl_sql_is(&token, after))
            return gl_asprintf("%.*s %s%.*s", (int)(scanner.pos - pass->begin),
                               pass->text + pass->begin, word, (int)(last_end(pass) - scanner.pos),
                               pass->text + scanner.pos);
    }
}
