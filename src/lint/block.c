/* PL/pgSQL without its grammar: SQL statements begin with one of a few words in few places. */
#include "lint/block.h"

#include <string.h>

#include "migrate/sqltext.h"

static const char *const beginnings[] = {"ALTER",   "CREATE",  "DROP",    "TRUNCATE",
                                         "UPDATE",  "DELETE",  "INSERT",  "LOCK",
                                         "REINDEX", "CLUSTER", "REFRESH", "REVOKE"};

static const char *const openings[] = {"BEGIN", "THEN", "ELSE", "LOOP"};

static bool is_any(const struct gl_sql_token *token, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (gl_sql_is(token, words[i]))
            return true;
    }
    return false;
}

/* The closing tag is the token's end. */
static void set_body(const char *text, const struct gl_sql_token *token,
                     struct gl_lint_block_scan *ret_scan)
{
    const char *behind = memchr(token->text + 1, '$', token->len - 1);
    size_t tag = behind ? (size_t)(behind - token->text) + 1 : 0;
    size_t begin = (size_t)(token->text - text) + tag;
    size_t end = (size_t)(token->text - text) + token->len - tag;
    *ret_scan = (struct gl_lint_block_scan){text, begin, end > begin ? end : begin};
}

bool gl_lint_block_begin(const char *text, size_t begin, size_t end,
                         struct gl_lint_block_scan *ret_scan)
{
    struct gl_sql_scanner scanner = {text, end, begin};
    for (;;) {
        struct gl_sql_token token = gl_sql_next(&scanner);
        if (token.kind == GL_SQL_END)
            return false;
        if (token.kind == GL_SQL_STRING && token.text[0] == '$') {
            set_body(text, &token, ret_scan);
            return true;
        }
    }
}

/* Index of the token that begins SQL; statement->count if none does. */
static size_t sql_in(const struct gl_sql_statement *statement)
{
    for (size_t i = 0; i < statement->count; i++) {
        bool front = i == 0 || is_any(&statement->tokens[i - 1], openings,
                                      sizeof openings / sizeof *openings);
        if (front &&
            is_any(&statement->tokens[i], beginnings, sizeof beginnings / sizeof *beginnings))
            return i;
    }
    return statement->count;
}

bool gl_lint_block_next(struct gl_lint_block_scan *scan, size_t *ret_begin, size_t *ret_end)
{
    struct gl_sql_scanner scanner = {scan->text, scan->end, scan->at};
    gl_autostatement struct gl_sql_statement statement = {0};
    while (gl_sql_statement_next(&scanner, &statement)) {
        size_t index = sql_in(&statement);
        scan->at = scanner.pos;
        if (index == statement.count)
            continue;
        const struct gl_sql_token *last = &statement.tokens[statement.count - 1];
        *ret_begin = (size_t)(statement.tokens[index].text - scan->text);
        *ret_end = (size_t)(last->text - scan->text) + last->len;
        return true;
    }
    return false;
}
