/* Facts of migrations: files, what their headers say, and their statements. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "facts/internal.h"
#include "lint/lint.h"
#include "migrate/header.h"
#include "migrate/sqltext.h"

enum { TEXT_SHOWN = 200 }; /* bytes of a statement that are kept */

struct writing {
    struct gl_rows files;
    struct gl_rows statements;
    struct gl_rows findings;
    const char *dir;  /* of the files, relative to the project */
    const char *root; /* the same, as paths of files begin */
};

/* Some tools have a directory for each migration. The caller owns it. */
static char *shown_path(const struct writing *w, const char *path)
{
    const char *inside = gl_starts_with(path, w->root) ? path + strlen(w->root) : path;
    return gl_path_join(w->dir, inside + strspn(inside, "/"));
}

/* The statement's text from its first to its last token. The caller owns it. */
static char *statement_text(const struct gl_sql_statement *statement)
{
    const struct gl_sql_token *last = &statement->tokens[statement->count - 1];
    size_t len = (size_t)(last->text + last->len - statement->tokens[0].text);
    return gl_strndup(statement->tokens[0].text, len);
}

static size_t write_statements(struct writing *w, const struct gl_migration *migration,
                               const char *file)
{
    size_t count = 0;
    struct gl_sql_scanner scanner = {.text = migration->sql, .len = strlen(migration->sql)};
    gl_autostatement struct gl_sql_statement statement = {0};
    while (gl_sql_statement_next(&scanner, &statement)) {
        gl_autofree char *text = statement_text(&statement);
        gl_autofree char *shown = gl_strndup(text, strnlen(text, TEXT_SHOWN));
        size_t offset = (size_t)(statement.tokens[0].text - migration->sql);
        gl_rows_text(&w->statements, file);
        gl_rows_int(&w->statements, migration->version);
        gl_rows_int(&w->statements, (int64_t)count++);
        gl_rows_int(&w->statements, gl_sql_line(migration->sql, offset));
        gl_rows_text(&w->statements, shown);
        gl_rows_add(&w->statements);
    }
    return count;
}

static const char *direction_of(const char *path)
{
    return gl_ends_with(path, ".up.sql") ? "up" : "simple";
}

static void write_file(struct writing *w, const struct gl_migration *migration)
{
    gl_autofree char *file = shown_path(w, migration->path);
    gl_automigrationheader struct gl_migration_header header = {0};
    char sha384[2 * GL_SHA384_SIZE + 1];
    gl_hex(migration->checksum, GL_SHA384_SIZE, sha384);
    int failed = gl_migration_header_read(migration->sql, file, &header, w->files.err);
    if (failed < 0)
        w->files.failed = failed;
    size_t statements = write_statements(w, migration, file);
    gl_rows_int(&w->files, migration->version);
    gl_rows_text(&w->files, direction_of(migration->path));
    gl_rows_text(&w->files, file);
    gl_rows_text(&w->files, migration->description);
    gl_rows_text(&w->files, migration->phase == GL_PHASE_EXPAND ? "expand" : "contract");
    gl_rows_int(&w->files, migration->phase_declared);
    gl_rows_int(&w->files, migration->no_transaction);
    gl_rows_int(&w->files, (int64_t)statements);
    gl_rows_text(&w->files, sha384);
    gl_rows_text(&w->files, header.rollback);
    gl_rows_text(&w->files, header.rollback_note);
    gl_rows_text(&w->files, header.order);
    if (header.expands)
        gl_rows_int(&w->files, header.expands);
    else
        gl_rows_null(&w->files);
    gl_rows_add(&w->files);
}

static void write_finding(struct writing *w, const struct gl_migrations *list,
                          const struct gl_lint_finding *finding)
{
    gl_autofree char *file = shown_path(w, finding->file);
    int64_t version = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].path, finding->file) == 0)
            version = list->items[i].version;
    }
    gl_rows_text(&w->findings, file);
    gl_rows_int(&w->findings, version);
    gl_rows_int(&w->findings, finding->line);
    gl_rows_text(&w->findings, finding->rule->id);
    gl_rows_text(&w->findings, gl_lint_severity_words[finding->severity]);
    gl_rows_int(&w->findings, finding->rule->breaks);
    gl_rows_text(&w->findings, finding->rule->lock ? _(finding->rule->lock) : NULL);
    gl_rows_text(&w->findings, finding->relation);
    gl_rows_text(&w->findings, finding->column_name);
    gl_rows_text(&w->findings, finding->message);
    gl_rows_text(&w->findings, finding->allowed ? finding->reason : NULL);
    gl_rows_add(&w->findings);
}

static int write_findings(struct writing *w, const struct gl_migrations *list, struct gl_error *err)
{
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolint struct gl_lint_result result = {0};
    const struct gl_lint_options options = {0};
    gl_lint_files_of(list, &files);
    int failed = gl_lint_run(&files, &options, &result, err);
    for (size_t i = 0; failed == 0 && i < result.count; i++)
        write_finding(w, list, &result.findings[i]);
    return failed;
}

/* The first that failed. */
static int rows_done(struct writing *w)
{
    int of_files = gl_rows_done(&w->files);
    int of_statements = gl_rows_done(&w->statements);
    int of_findings = gl_rows_done(&w->findings);
    return of_files < 0 ? of_files : of_statements < 0 ? of_statements : of_findings;
}

int gl_collect_migrations(const struct gl_collecting *c, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    const char *relative = gl_config_str(c->request->config, "migrations.dir");
    gl_autofree char *dir = gl_path_join(gl_config_dir(c->request->config), relative);
    if (!gl_is_dir(dir))
        return gl_fail(err, GL_E_NOT_FOUND, _("there is no directory %s (migrations.dir)"),
                       relative);
    int failed = gl_migrations_scan_as(dir, gl_config_str(c->request->config, "migrations.tool"),
                                       &list, err);
    if (failed < 0)
        return failed;
    struct writing writing = {.dir = relative, .root = dir};
    gl_rows_open(c->db, "migration", &writing.files, err);
    gl_rows_open(c->db, "migration_statement", &writing.statements, err);
    gl_rows_open(c->db, "migration_finding", &writing.findings, err);
    for (size_t i = 0; i < list.count; i++)
        write_file(&writing, &list.items[i]);
    failed = write_findings(&writing, &list, err);
    int of_rows = rows_done(&writing);
    return failed < 0 ? failed : of_rows;
}
