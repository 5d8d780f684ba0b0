/* What ties the statements of a file together, so that none can move into a file of its own. */
#include <string.h>

#include "base/i18n.h"
#include "lint/fix.h"
#include "migrate/sqltext.h"

/* The first row that matches a statement gives the reason. */
static const struct {
    const char *begins; /* keywords at the front, "_" for a name */
    const char *has;    /* and these somewhere; NULL = nothing further */
    const char *reason;
} ties[] = {
    {"SET",              NULL,              N_("a SET holds for the statements behind it")      },
    {"RESET",            NULL,              N_("a SET holds for the statements behind it")      },
    {"SELECT",           "SET_CONFIG",      N_("a SET holds for the statements behind it")      },
    {"LOCK",             NULL,              N_("a lock holds for the statements behind it")     },
    {"BEGIN",            NULL,              N_("it begins or ends transactions itself")         },
    {"START",            NULL,              N_("it begins or ends transactions itself")         },
    {"COMMIT",           NULL,              N_("it begins or ends transactions itself")         },
    {"ROLLBACK",         NULL,              N_("it begins or ends transactions itself")         },
    {"SAVEPOINT",        NULL,              N_("it begins or ends transactions itself")         },
    {"CREATE TEMP",      NULL,              N_("a temporary table ends with the file")          },
    {"CREATE TEMPORARY", NULL,              N_("a temporary table ends with the file")          },
    {"CREATE LOCAL",     NULL,              N_("a temporary table ends with the file")          },
    {"ALTER",            "DISABLE TRIGGER", N_("triggers are off for a part of it")             },
    {"ALTER",            "RENAME",          N_("it renames what statements behind it may name") },
    {"ALTER",            "SET SCHEMA",      N_("it renames what statements behind it may name") },
    {"ALTER",            "DROP CONSTRAINT", N_("it drops constraints, perhaps one that it made")},
};

static bool has(const struct gl_sql_statement *statement, const char *keywords)
{
    for (size_t i = 0; i < statement->count; i++) {
        if (gl_sql_match(statement, i, keywords))
            return true;
    }
    return false;
}

const char *gl_lint_fix_tie(const char *sql)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {.text = sql, .len = strlen(sql)};
    if (strstr(sql, "allow-file="))
        return _("a comment allows something in the whole file");
    while (gl_sql_statement_next(&scanner, &statement)) {
        for (size_t i = 0; i < GL_COUNT(ties); i++) {
            if (gl_sql_match(&statement, 0, ties[i].begins) &&
                (!ties[i].has || has(&statement, ties[i].has)))
                return _(ties[i].reason);
        }
    }
    return NULL;
}
