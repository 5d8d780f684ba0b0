/* What a migration file must not contain, and the one statement that is understood more deeply:
 * CREATE INDEX CONCURRENTLY. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "migrate/batch_text.h"
#include "migrate/phase.h"
#include "migrate/sqltext.h"

void gl_index_build_done(struct gl_index_build *build)
{
    free(build->name);
    free(build->table);
    *build = (struct gl_index_build){0};
}

static bool read_build(const struct gl_sql_statement *statement, struct gl_index_build *build)
{
    size_t at = gl_sql_match(statement, 0, "CREATE UNIQUE") ? 2 : 1;
    if (!gl_sql_match(statement, 0, "CREATE") || !gl_sql_match(statement, at, "INDEX CONCURRENTLY"))
        return false;
    at += 2;
    if (gl_sql_match(statement, at, "IF NOT EXISTS")) {
        build->if_not_exists = true;
        at += 3;
    }
    if (gl_sql_match(statement, at, "_ ON")) {
        const struct gl_sql_token *name = &statement->tokens[at++];
        /* U&"..." is not decoded: as good as no name. */
        if (name->kind != GL_SQL_QUOTED || name->text[0] == '"')
            build->name = gl_sql_identifier(name);
    }
    at += gl_sql_match(statement, at, "ON ONLY") ? 2 : 1;
    build->table = gl_sql_table_text(statement, at);
    return true;
}

bool gl_index_build_read(const char *sql, struct gl_index_build *ret_build)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    gl_autoindexbuild struct gl_index_build build = {0};
    if (!gl_sql_statement_next(&scanner, &statement) || !read_build(&statement, &build) ||
        gl_sql_statement_next(&scanner, &statement))
        return false;
    *ret_build = build;
    build = (struct gl_index_build){0};
    return true;
}

static const char *const repeatable[] = {
    "DROP INDEX CONCURRENTLY IF EXISTS",    "VACUUM", "ANALYZE", "REFRESH MATERIALIZED VIEW",
    "ALTER TYPE _ ADD VALUE IF NOT EXISTS",
};

bool gl_phase_repeatable(const char *sql)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    bool found = false;
    if (!gl_sql_statement_next(&scanner, &statement))
        return false;
    for (size_t i = 0; i < GL_COUNT(repeatable) && !found; i++)
        found = gl_sql_match(&statement, 0, repeatable[i]);
    return found && !gl_sql_statement_next(&scanner, &statement);
}

bool gl_phase_is_empty(const char *sql)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    return !gl_sql_statement_next(&scanner, &statement);
}

/* Each would end or nest the transaction that makes file and bookkeeping one. */
static const char *const transaction_words[] = {
    "BEGIN", "START TRANSACTION", "COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE TRANSACTION",
};

static const char *transaction_word(const struct gl_sql_statement *statement)
{
    for (size_t i = 0; i < GL_COUNT(transaction_words); i++) {
        if (gl_sql_match(statement, 0, transaction_words[i]))
            return transaction_words[i];
    }
    return NULL;
}

static int check_transaction_words(const struct gl_migration *migration,
                                   const struct gl_sql_statement *statement, struct gl_error *err)
{
    const char *word = transaction_word(statement);
    /* Savepoints stay inside the transaction. */
    if (!word || gl_sql_match(statement, 0, "ROLLBACK TO"))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("the migration controls its transaction itself (%s)"), word);
    gl_error_hint(err, _("Take it out: each file already runs in one transaction together with "
                         "its row in _sqlx_migrations."));
    gl_error_at(err, migration->path,
                gl_sql_line(migration->sql, (size_t)(statement->tokens[0].text - migration->sql)),
                1);
    return GL_E_REFUSED;
}

/* A file in batches is many transactions, and so none together with its row. */
static int check_batch(const struct gl_migration *migration, struct gl_error *err)
{
    gl_autobatchtext struct gl_batch_text text = {0};
    if (migration->no_transaction)
        return gl_batch_text_read(migration->sql, migration->path, &text, err);
    gl_fail(err, GL_E_REFUSED, _("a migration in batches cannot be one transaction"));
    gl_error_hint(err, _("Begin the file with the line `-- no-transaction`."));
    gl_error_at(err, migration->path, 1, 1);
    return GL_E_REFUSED;
}

static int check_single(const struct gl_migration *migration, size_t statements,
                        struct gl_error *err)
{
    gl_autoindexbuild struct gl_index_build build = {0};
    if (statements != 1) {
        gl_fail(err, GL_E_REFUSED,
                _("a no-transaction migration must hold exactly one statement, this one has %zu"),
                statements);
        gl_error_hint(err, _("Give each statement its own file: if the second failed, the first "
                             "could not be undone."));
        gl_error_at(err, migration->path, 1, 1);
        return GL_E_REFUSED;
    }
    if (migration->batch)
        return check_batch(migration, err);
    if (gl_index_build_read(migration->sql, &build) && (!build.name || !build.table)) {
        gl_fail(err, GL_E_REFUSED, _("CREATE INDEX CONCURRENTLY without a name for the index"));
        gl_error_hint(err, _("Name the index: an interrupted build leaves an invalid index behind, "
                             "which can only be found by its name."));
        gl_error_at(err, migration->path, 1, 1);
        return GL_E_REFUSED;
    }
    return 0;
}

int gl_phase_check(const struct gl_migration *migration, struct gl_error *err)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {migration->sql, strlen(migration->sql), 0};
    size_t statements = 0;
    while (gl_sql_statement_next(&scanner, &statement)) {
        statements++;
        int failed = check_transaction_words(migration, &statement, err);
        if (failed < 0)
            return failed;
    }
    if (migration->no_transaction)
        return check_single(migration, statements, err);
    return migration->batch ? check_batch(migration, err) : 0;
}
