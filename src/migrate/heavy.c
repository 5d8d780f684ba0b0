/* Which statements hold a strong lock for long. */
#include "migrate/heavy.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "migrate/sqltext.h"

/* `with`: words that make it heavy; `without`: words that make it harmless. NULL = none. */
static const struct {
    const char *begin, *with, *without, *reason;
} heavy[] = {
    {"CREATE INDEX",              NULL,               "CONCURRENTLY", N_("builds an index while writers wait") },
    {"CREATE UNIQUE INDEX",       NULL,               "CONCURRENTLY", N_("builds an index while writers wait") },
    {"REINDEX",                   NULL,               "CONCURRENTLY", N_("builds an index while writers wait") },
    {"ALTER TABLE",               "ADD PRIMARY KEY",  "USING INDEX",  N_("builds an index while all wait")     },
    {"ALTER TABLE",               "PRIMARY KEY",      "USING INDEX",  N_("builds an index while all wait")     },
    {"ALTER TABLE",               "UNIQUE",           "USING INDEX",  N_("builds an index while all wait")     },
    {"ALTER TABLE",               "EXCLUDE",          NULL,           N_("builds an index while all wait")     },
    {"ALTER TABLE",               "CHECK",            "NOT VALID",    N_("reads all rows while all wait")      },
    {"ALTER TABLE",               "FOREIGN KEY",      "NOT VALID",    N_("reads all rows while writers wait")  },
    {"ALTER TABLE",               "SET NOT NULL",     NULL,           N_("reads all rows while all wait")      },
    {"ALTER TABLE",               "ATTACH PARTITION", NULL,           N_("reads all rows of the partition")    },
    {"ALTER TABLE",               "TYPE",             NULL,           N_("may rewrite the table")              },
    {"ALTER TABLE",               "SERIAL",           NULL,           N_("rewrites the table")                 },
    {"ALTER TABLE",               "BIGSERIAL",        NULL,           N_("rewrites the table")                 },
    {"ALTER TABLE",               "GENERATED",        NULL,           N_("rewrites the table")                 },
    {"ALTER TABLE",               "SET TABLESPACE",   NULL,           N_("copies the table")                   },
    {"ALTER TABLE",               "SET LOGGED",       NULL,           N_("rewrites the table")                 },
    {"ALTER TABLE",               "SET UNLOGGED",     NULL,           N_("rewrites the table")                 },
    {"CLUSTER",                   NULL,               NULL,           N_("rewrites the table")                 },
    {"VACUUM FULL",               NULL,               NULL,           N_("rewrites the table")                 },
    {"REFRESH MATERIALIZED VIEW", NULL,               NULL,           N_("computes the view while others wait")},
    {"LOCK",                      NULL,               NULL,           N_("locks the table")                    },
    {"UPDATE",                    NULL,               "WHERE",        N_("locks all rows in one transaction")  },
    {"DELETE FROM",               NULL,               "WHERE",        N_("locks all rows in one transaction")  },
};

/* Where the table stands: after these words and what may come between. */
static const struct {
    const char *begin;
    const char *after; /* words anywhere in the statement; NULL = directly behind `begin` */
} tables[] = {
    {"CREATE INDEX",              "ON"},
    {"CREATE UNIQUE INDEX",       "ON"},
    {"CREATE TRIGGER",            "ON"},
    {"DROP TRIGGER",              "ON"},
    {"CREATE POLICY",             "ON"},
    {"ALTER TABLE",               NULL},
    {"DROP TABLE",                NULL},
    {"TRUNCATE TABLE",            NULL},
    {"TRUNCATE",                  NULL},
    {"LOCK TABLE",                NULL},
    {"LOCK",                      NULL},
    {"INSERT INTO",               NULL},
    {"UPDATE",                    NULL},
    {"DELETE FROM",               NULL},
    {"REINDEX TABLE",             NULL},
    {"CLUSTER",                   NULL},
    {"VACUUM FULL",               NULL},
    {"REFRESH MATERIALIZED VIEW", NULL},
};

void gl_heavy_list_done(struct gl_heavy_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].table);
    free(list->items);
    *list = (struct gl_heavy_list){0};
}

/* ---- tables ---- */

static size_t count_words(const char *text)
{
    size_t count = 1;
    for (; *text; text++)
        count += *text == ' ';
    return count;
}

static size_t find_word(const struct gl_sql_statement *statement, const char *word)
{
    size_t at = 0;
    while (at < statement->count && !gl_sql_is(&statement->tokens[at], word))
        at++;
    return at;
}

static size_t skip_fillers(const struct gl_sql_statement *statement, size_t at)
{
    static const char *const fillers[] = {"IF", "NOT", "EXISTS", "ONLY", "CONCURRENTLY"};
    for (size_t i = 0; i < GL_COUNT(fillers); i++)
        at += at < statement->count && gl_sql_is(&statement->tokens[at], fillers[i]);
    return at;
}

static char *table_of(const struct gl_sql_statement *statement)
{
    for (size_t i = 0; i < GL_COUNT(tables); i++) {
        if (!gl_sql_match(statement, 0, tables[i].begin))
            continue;
        size_t at = tables[i].after ? find_word(statement, tables[i].after) + 1
                                    : count_words(tables[i].begin);
        return gl_sql_table_text(statement, skip_fillers(statement, at));
    }
    return NULL;
}

void gl_heavy_tables(const struct gl_migration *migration, struct gl_strv *found)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {migration->sql, strlen(migration->sql), 0};
    while (gl_sql_statement_next(&scanner, &statement)) {
        gl_autofree char *table = table_of(&statement);
        if (table && !gl_strv_has(found, table))
            gl_strv_add(found, table);
    }
}

/* ---- heavy statements ---- */

/* ADD COLUMN ... DEFAULT function(): computed for every row, unless it is the same for all. */
static bool has_volatile_default(const struct gl_sql_statement *statement)
{
    static const char *const stable[] = {"now", "statement_timestamp", "transaction_timestamp"};
    for (size_t i = 0; i + 2 < statement->count; i++) {
        if (!gl_sql_match(statement, i, "DEFAULT _") || statement->tokens[i + 2].text[0] != '(')
            continue;
        bool same = false;
        for (size_t j = 0; j < GL_COUNT(stable); j++)
            same |= gl_sql_is(&statement->tokens[i + 1], stable[j]);
        if (!same)
            return true;
    }
    return false;
}

static const char *reason_of(const struct gl_sql_statement *statement)
{
    for (size_t i = 0; i < GL_COUNT(heavy); i++) {
        if (gl_sql_match(statement, 0, heavy[i].begin) &&
            (!heavy[i].with || gl_sql_has(statement, heavy[i].with)) &&
            (!heavy[i].without || !gl_sql_has(statement, heavy[i].without)))
            return heavy[i].reason;
    }
    bool adds = gl_sql_match(statement, 0, "ALTER TABLE") && gl_sql_has(statement, "ADD");
    return adds && has_volatile_default(statement) ? N_("rewrites the table") : NULL;
}

static bool is_created(const struct gl_strv *created, const char *table)
{
    return table && gl_strv_has(created, table);
}

static void note_created(const struct gl_sql_statement *statement, struct gl_strv *created)
{
    size_t at = find_word(statement, "TABLE");
    if (!gl_sql_match(statement, 0, "CREATE") || at > 3)
        return;
    gl_autofree char *table = gl_sql_table_text(statement, skip_fillers(statement, at + 1));
    if (table)
        gl_strv_add(created, table);
}

void gl_heavy_read(const struct gl_migration *migration, struct gl_heavy_list *ret_list)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    gl_autostrv struct gl_strv created = {0};
    struct gl_sql_scanner scanner = {migration->sql, strlen(migration->sql), 0};
    struct gl_heavy_list list = {0};
    while (!migration->batch && gl_sql_statement_next(&scanner, &statement)) {
        note_created(&statement, &created);
        const char *reason = reason_of(&statement);
        gl_autofree char *table = table_of(&statement);
        if (!reason || is_created(&created, table))
            continue;
        size_t offset = (size_t)(statement.tokens[0].text - migration->sql);
        list.items = gl_realloc_array(list.items, list.count + 1, sizeof *list.items);
        list.items[list.count++] =
            (struct gl_heavy){gl_steal(&table), reason, gl_sql_line(migration->sql, offset)};
    }
    *ret_list = list;
}
