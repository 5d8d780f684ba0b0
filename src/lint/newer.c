/* Syntax of PostgreSQL 16 to 18 that the parser of PostgreSQL 15 takes for an error. A statement is
 * searched for these words; only what did not parse is. */
#include <string.h>

#include "base/i18n.h"
#include "lint/engine.h"
#include "migrate/sqltext.h"

/* ---- words that are also names of columns ------------------------------------------------------
 */

static bool is_sign(const struct gl_sql_statement *statement, size_t index, char sign)
{
    const struct gl_sql_token *token = &statement->tokens[index];
    return index < statement->count && token->kind == GL_SQL_SYMBOL && *token->text == sign;
}

static bool is_word(const struct gl_sql_statement *statement, size_t index, const char *word)
{
    return index < statement->count && gl_sql_is(&statement->tokens[index], word);
}

static bool begins_item(const struct gl_sql_statement *statement, size_t index)
{
    return index == 0 || is_sign(statement, index - 1, ',') || is_sign(statement, index - 1, '(');
}

/* An option of a column has its type before it. */
static bool is_option(const struct gl_sql_statement *statement, size_t index)
{
    return !begins_item(statement, index);
}

/* FOREIGN KEY (a, PERIOD b) REFERENCES [schema.]t (a, PERIOD b) */
static bool is_of_key(const struct gl_sql_statement *statement, size_t index)
{
    size_t open = index;
    while (open > 0 && statement->depths[open] >= statement->depths[index])
        open--;
    bool key = open > 1 && gl_sql_match(statement, open - 2, "FOREIGN KEY");
    bool references = open > 1 && is_word(statement, open - 2, "REFERENCES");
    bool in_schema =
        open > 3 && is_word(statement, open - 4, "REFERENCES") && is_sign(statement, open - 2, '.');
    return begins_item(statement, index) && (key || references || in_schema);
}

/* GENERATED ALWAYS AS (...) VIRTUAL */
static bool is_of_generated(const struct gl_sql_statement *statement, size_t index)
{
    size_t at = index;
    if (index == 0 || !is_sign(statement, index - 1, ')'))
        return false;
    for (at--; at > 0 && statement->depths[at - 1] > statement->depths[index];)
        at--;
    return at > 3 && gl_sql_match(statement, at - 4, "GENERATED ALWAYS AS");
}

/* ---- the words ---------------------------------------------------------------------------------
 */

static const struct {
    int version;
    const char *words; /* as gl_sql_match() has them */
    const char *begin; /* of the statement; NULL = any */
    const char *what;
    bool (*is)(const struct gl_sql_statement *statement, size_t index); /* NULL = everywhere */
} news[] = {
    {18, "NOT ENFORCED",                  NULL,           "NOT ENFORCED",                        NULL           },
    {18, "VIRTUAL",                       NULL,           "VIRTUAL",                             is_of_generated},
    {18, "ADD CONSTRAINT _ NOT NULL",     "ALTER",        "ADD CONSTRAINT ... NOT NULL",         NULL           },
    {18, "ADD NOT NULL",                  "ALTER",        "ADD NOT NULL",                        NULL           },
    {18, "WITHOUT OVERLAPS",              NULL,           "WITHOUT OVERLAPS",                    NULL           },
    {18, "PERIOD _",                      NULL,           "PERIOD",                              is_of_key      },
    {18, "RETURNING WITH",                NULL,           "RETURNING WITH",                      NULL           },
    {18, "ALTER CONSTRAINT _ INHERIT",    "ALTER",        "ALTER CONSTRAINT ... INHERIT",        NULL           },
    {18, "ALTER CONSTRAINT _ NO INHERIT", "ALTER",        "ALTER CONSTRAINT ... NO INHERIT",     NULL           },
    {18, "ALTER CONSTRAINT _ ENFORCED",   "ALTER",        "ALTER CONSTRAINT ... ENFORCED",       NULL           },
    {17, "SET EXPRESSION AS",             "ALTER",        "SET EXPRESSION",                      NULL           },
    {17, "SET ACCESS METHOD DEFAULT",     "ALTER",        "SET ACCESS METHOD DEFAULT",           NULL           },
    {17, "SET STATISTICS DEFAULT",        "ALTER",        "SET STATISTICS DEFAULT",              NULL           },
    {17, "NOT MATCHED BY",                "MERGE",        "WHEN NOT MATCHED BY",                 NULL           },
    {17, "NOT MATCHED BY",                "WITH",         "WHEN NOT MATCHED BY",                 NULL           },
    {17, "RETURNING",                     "MERGE",        "MERGE ... RETURNING",                 NULL           },
    {17, "JSON_TABLE",                    NULL,           "JSON_TABLE",                          NULL           },
    {17, "JSON_SCALAR",                   NULL,           "JSON_SCALAR",                         NULL           },
    {17, "JSON_SERIALIZE",                NULL,           "JSON_SERIALIZE",                      NULL           },
    {17, "JSON_QUERY",                    NULL,           "JSON_QUERY",                          NULL           },
    {17, "JSON_VALUE",                    NULL,           "JSON_VALUE",                          NULL           },
    {17, "JSON_EXISTS",                   NULL,           "JSON_EXISTS",                         NULL           },
    {16, "IS JSON",                       NULL,           "IS JSON",                             NULL           },
    {16, "IS NOT JSON",                   NULL,           "IS NOT JSON",                         NULL           },
    {16, "JSON_ARRAY",                    NULL,           "JSON_ARRAY",                          NULL           },
    {16, "JSON_OBJECT",                   NULL,           "JSON_OBJECT",                         NULL           },
    {16, "JSON_ARRAYAGG",                 NULL,           "JSON_ARRAYAGG",                       NULL           },
    {16, "JSON_OBJECTAGG",                NULL,           "JSON_OBJECTAGG",                      NULL           },
    {16, "STORAGE PLAIN",                 "CREATE TABLE", N_("STORAGE of a column"),             is_option      },
    {16, "STORAGE EXTERNAL",              "CREATE TABLE", N_("STORAGE of a column"),             is_option      },
    {16, "STORAGE EXTENDED",              "CREATE TABLE", N_("STORAGE of a column"),             is_option      },
    {16, "STORAGE MAIN",                  "CREATE TABLE", N_("STORAGE of a column"),             is_option      },
    {16, "STORAGE DEFAULT",               "CREATE TABLE", N_("STORAGE of a column"),             is_option      },
    {16, "SET STORAGE DEFAULT",           "ALTER",        "SET STORAGE DEFAULT",                 NULL           },
    {16, "WITH INHERIT",                  "GRANT",        "GRANT ... WITH INHERIT",              NULL           },
    {16, "WITH SET",                      "GRANT",        "GRANT ... WITH SET",                  NULL           },
    {16, "REINDEX DATABASE",              "REINDEX",      N_("REINDEX DATABASE without a name"), NULL           },
    {16, "REINDEX SYSTEM",                "REINDEX",      N_("REINDEX SYSTEM without a name"),   NULL           },
};

/* 1_000, 0xFF, 0o17, 0b1: PostgreSQL 15 says "trailing junk". */
static bool has_new_number(const struct gl_sql_statement *statement)
{
    for (size_t i = 0; i + 1 < statement->count; i++) {
        const struct gl_sql_token *number = &statement->tokens[i];
        const struct gl_sql_token *behind = &statement->tokens[i + 1];
        bool touches = number->text + number->len == behind->text;
        if (number->kind == GL_SQL_NUMBER && touches && behind->kind == GL_SQL_WORD &&
            strchr("_xXoObB", *behind->text))
            return true;
    }
    return false;
}

/* GENERATED ALWAYS AS (...) without STORED: virtual since 18. */
static bool has_bare_generated(const struct gl_sql_statement *statement)
{
    for (size_t i = 0; i < statement->count; i++) {
        if (!gl_sql_match(statement, i, "GENERATED ALWAYS AS"))
            continue;
        size_t at = i + 3;
        unsigned depth = at < statement->count ? statement->depths[at] : 0;
        for (at++; at < statement->count && statement->depths[at] > depth;)
            at++;
        at++;
        if (at >= statement->count || !gl_sql_is(&statement->tokens[at], "STORED"))
            return true;
    }
    return false;
}

int gl_lint_newer_syntax(const char *sql, size_t len, const char **ret_what)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {sql, len, 0};
    if (!gl_sql_statement_next(&scanner, &statement))
        return 0;
    for (size_t i = 0; i < GL_COUNT(news); i++) {
        if (news[i].begin && !gl_sql_match(&statement, 0, news[i].begin))
            continue;
        for (size_t at = 0; at < statement.count; at++) {
            if (gl_sql_match(&statement, at, news[i].words) &&
                (!news[i].is || news[i].is(&statement, at))) {
                *ret_what = _(news[i].what);
                return news[i].version;
            }
        }
    }
    if (has_bare_generated(&statement)) {
        *ret_what = _("GENERATED ALWAYS AS without STORED");
        return 18;
    }
    if (has_new_number(&statement)) {
        *ret_what = _("a number with _ or a base");
        return 16;
    }
    return 0;
}
