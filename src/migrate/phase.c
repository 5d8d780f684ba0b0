/* Expand or contract: declared in a comment, or inferred from a table of statements. */
#include "migrate/phase.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "migrate/header.h"
#include "migrate/sqltext.h"

/* Statements after which the version that is serving may fail. `action` is looked for anywhere in
 * the statement outside parentheses; NULL = the beginning is enough. Not here, because the old
 * version goes on working: DROP INDEX, DROP CONSTRAINT and DROP NOT NULL loosen; ADD VALUE adds. */
static const struct {
    const char *begin;
    const char *action;
    const char *reason;
} contracts[] = {
    {"DROP TABLE",             NULL,                  N_("drops a table")                                },
    {"DROP FOREIGN TABLE",     NULL,                  N_("drops a table")                                },
    {"DROP SCHEMA",            NULL,                  N_("drops a schema")                               },
    {"DROP DATABASE",          NULL,                  N_("drops a database")                             },
    {"DROP VIEW",              NULL,                  N_("drops a view")                                 },
    {"DROP MATERIALIZED VIEW", NULL,                  N_("drops a view")                                 },
    {"DROP TYPE",              NULL,                  N_("drops a type")                                 },
    {"DROP DOMAIN",            NULL,                  N_("drops a type")                                 },
    {"DROP SEQUENCE",          NULL,                  N_("drops a sequence")                             },
    {"DROP FUNCTION",          NULL,                  N_("drops a function")                             },
    {"DROP PROCEDURE",         NULL,                  N_("drops a function")                             },
    {"DROP ROUTINE",           NULL,                  N_("drops a function")                             },
    {"DROP AGGREGATE",         NULL,                  N_("drops a function")                             },
    {"DROP TRIGGER",           NULL,                  N_("drops a trigger")                              },
    {"DROP POLICY",            NULL,                  N_("drops a row policy")                           },
    {"DROP EXTENSION",         NULL,                  N_("drops an extension")                           },
    {"DROP ROLE",              NULL,                  N_("drops a role")                                 },
    {"DROP USER",              NULL,                  N_("drops a role")                                 },
    {"DROP OWNED",             NULL,                  N_("drops what a role owns")                       },
    {"TRUNCATE",               NULL,                  N_("deletes the rows of a table")                  },
    {"REVOKE",                 NULL,                  N_("takes a right away")                           },
    {"ALTER TABLE",            "DROP COLUMN",         N_("drops a column")                               },
    {"ALTER TABLE",            "DROP IF",             N_("drops a column")                               },
    {"ALTER TABLE",            "DROP _",              N_("drops a column")                               },
    {"ALTER TABLE",            "RENAME TO",           N_("renames a table")                              },
    {"ALTER TABLE",            "RENAME COLUMN",       N_("renames a column")                             },
    {"ALTER TABLE",            "RENAME _ TO",         N_("renames a column")                             },
    {"ALTER TABLE",            "SET SCHEMA",          N_("moves a table to another schema")              },
    {"ALTER TABLE",            "ALTER COLUMN _ TYPE", N_("changes a column's type")                      },
    {"ALTER TABLE",            "ALTER _ TYPE",        N_("changes a column's type")                      },
    {"ALTER TABLE",            "SET DATA TYPE",       N_("changes a column's type")                      },
    {"ALTER TABLE",            "SET NOT NULL",        N_("forbids NULL, which the old version may write")},
    {"ALTER TABLE",            "DROP DEFAULT",        N_("takes away a default the old version may need")},
    {"ALTER TABLE",            "DROP IDENTITY",       N_("takes away a default the old version may need")},
    {"ALTER TABLE",            "DROP EXPRESSION",     N_("no longer computes a column")                  },
    {"ALTER TABLE",            "DETACH PARTITION",    N_("takes rows out of a table")                    },
    {"ALTER TABLE",            "DISABLE TRIGGER",     N_("switches a trigger off")                       },
    {"ALTER TABLE",            "ENABLE ROW LEVEL",    N_("hides rows that no policy shows")              },
    {"ALTER VIEW",             "RENAME",              N_("renames a view or its column")                 },
    {"ALTER SCHEMA",           "RENAME TO",           N_("renames a schema")                             },
    {"ALTER SEQUENCE",         "RENAME TO",           N_("renames a sequence")                           },
    {"ALTER FUNCTION",         "RENAME TO",           N_("renames a function")                           },
    {"ALTER TYPE",             "RENAME",              N_("renames a type, an attribute or an enum value")},
    {"ALTER TYPE",             "DROP ATTRIBUTE",      N_("drops an attribute of a type")                 },
    {"ALTER TYPE",             "ALTER ATTRIBUTE",     N_("changes an attribute of a type")               },
    {"ALTER DOMAIN",           "RENAME TO",           N_("renames a type")                               },
    {"ALTER DOMAIN",           "SET NOT NULL",        N_("forbids NULL, which the old version may write")},
};

/* What may follow ALTER TABLE ... DROP other than a column's name. */
static const char *const not_columns[] = {"COLUMN",     "CONSTRAINT", "IF",      "NOT",
                                          "EXPRESSION", "DEFAULT",    "IDENTITY"};

static bool drops_plain_column(const struct gl_sql_statement *statement, size_t index)
{
    for (size_t i = 0; i < GL_COUNT(not_columns); i++) {
        if (gl_sql_is(&statement->tokens[index + 1], not_columns[i]))
            return false;
    }
    return true;
}

static bool has_action(const struct gl_sql_statement *statement, const char *action)
{
    bool plain_drop = strcmp(action, "DROP _") == 0;
    for (size_t i = 0; i < statement->count; i++) {
        if (statement->depths[i] == 0 && gl_sql_match(statement, i, action) &&
            (!plain_drop || drops_plain_column(statement, i)))
            return true;
    }
    return false;
}

static size_t count_words(const char *text)
{
    size_t count = 1;
    for (; *text; text++)
        count += *text == ' ';
    return count;
}

/* The index after [IF [NOT] EXISTS] at `index`. */
static size_t after_if_exists(const struct gl_sql_statement *statement, size_t index)
{
    if (gl_sql_match(statement, index, "IF EXISTS"))
        return index + 2;
    return gl_sql_match(statement, index, "IF NOT EXISTS") ? index + 3 : index;
}

static bool same_token(const struct gl_sql_token *a, const struct gl_sql_token *b)
{
    return a->kind == b->kind && a->len == b->len && strncasecmp(a->text, b->text, a->len) == 0;
}

/* True if `create` is CREATE [OR REPLACE] of the object that `drop` (DROP <kind> ...) drops. */
static bool creates_again(const struct gl_sql_statement *create,
                          const struct gl_sql_statement *drop, const char *kind)
{
    if (!gl_sql_match(create, 0, "CREATE"))
        return false;
    size_t at = gl_sql_match(create, 1, "OR REPLACE") ? 3 : 1;
    if (!gl_sql_match(create, at, kind))
        return false;
    at = after_if_exists(create, at + count_words(kind));
    size_t from = after_if_exists(drop, 1 + count_words(kind));
    /* The whole dotted name: tokens up to something that is neither a name nor a dot. */
    while (from < drop->count && at < create->count) {
        if (!same_token(&drop->tokens[from], &create->tokens[at]))
            return false;
        from++;
        at++;
        if (from >= drop->count || drop->tokens[from].text[0] != '.')
            return at >= create->count || create->tokens[at].text[0] != '.';
        from++;
        at++;
    }
    return false;
}

/* DROP VIEW v; CREATE VIEW v ... in one transaction replaces v: nobody sees it missing. A table
 * made anew has lost its rows. */
static bool is_replaced(const struct gl_sql_statement *drop, const char *begin,
                        const struct gl_sql_scanner *rest)
{
    if (!gl_starts_with(begin, "DROP ") || strcmp(begin, "DROP TABLE") == 0 ||
        strcmp(begin, "DROP SCHEMA") == 0)
        return false;
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = *rest;
    while (gl_sql_statement_next(&scanner, &statement)) {
        if (creates_again(&statement, drop, begin + strlen("DROP ")))
            return true;
    }
    return false;
}

static const char *statement_reason(const struct gl_sql_statement *statement,
                                    const struct gl_sql_scanner *rest)
{
    for (size_t i = 0; i < GL_COUNT(contracts); i++) {
        if (!gl_sql_match(statement, 0, contracts[i].begin))
            continue;
        if (contracts[i].action ? has_action(statement, contracts[i].action)
                                : !is_replaced(statement, contracts[i].begin, rest))
            return contracts[i].reason;
    }
    return NULL;
}

const char *gl_phase_reason(const char *sql, unsigned *ret_line)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    while (gl_sql_statement_next(&scanner, &statement)) {
        const char *reason = statement_reason(&statement, &scanner);
        if (!reason)
            continue;
        if (ret_line)
            *ret_line = gl_sql_line(sql, (size_t)(statement.tokens[0].text - sql));
        return reason;
    }
    return NULL;
}

/* ---- the comment ---- */

int gl_phase_read(const char *sql, const char *path, enum gl_phase *ret_phase, bool *ret_declared,
                  struct gl_error *err)
{
    gl_automigrationheader struct gl_migration_header header = {0};
    int failed = gl_migration_header_read(sql, path, &header, err);
    if (failed < 0)
        return failed;
    bool contract =
        header.phase ? strcmp(header.phase, "contract") == 0 : gl_phase_reason(sql, NULL) != NULL;
    *ret_declared = header.phase != NULL;
    *ret_phase = contract ? GL_PHASE_CONTRACT : GL_PHASE_EXPAND;
    return 0;
}
