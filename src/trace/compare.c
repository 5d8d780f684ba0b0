/* Linter and trace, statement by statement. */
#include "trace/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "lint/lint.h"
#include "trace/internal.h"

void gl_trace_comparison_done(struct gl_trace_comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++) {
        free(comparison->items[i].file);
        free(comparison->items[i].rule);
        free(comparison->items[i].message);
        free(comparison->items[i].measured);
    }
    free(comparison->items);
    *comparison = (struct gl_trace_comparison){0};
}

/* ---- the linter -------------------------------------------------------------------------------
 */

static int add(struct gl_lint_files *files, const char *path, bool outside, struct gl_error *err)
{
    int failed = gl_lint_files_add(files, path, err);
    if (failed == 0)
        files->items[files->count - 1].outside = outside;
    return failed;
}

/* What was run of a file is what is judged: its tool may have further parts in it. */
static void lend(const struct gl_migration *migration, struct gl_lint_file *file)
{
    file->sql = migration->sql;
    file->alone = migration->no_transaction;
}

/* Reads all that the database was made of; judges what was traced. */
static int lint(const struct gl_trace_options *options, const struct gl_trace_work_list *work,
                int server_version, struct gl_lint_result *ret_result, struct gl_error *err)
{
    gl_autolintfiles struct gl_lint_files files = {0};
    const struct gl_lint_options how = {.server_version = server_version / 10000,
                                        .time_zone = "UTC"};
    int failed = options->schema_path ? add(&files, options->schema_path, true, err) : 0;
    for (size_t i = 0; failed == 0 && i < work->end; i++) {
        bool wanted = i < work->wanted_count && work->wanted[i];
        failed = add(&files, work->list.items[i].path, !wanted, err);
        if (failed == 0)
            lend(&work->list.items[i], &files.items[files.count - 1]);
    }
    return failed < 0 ? failed : gl_lint_run(&files, &how, ret_result, err);
}

/* ---- comparing --------------------------------------------------------------------------------
 */

static unsigned last_line(const struct gl_trace_statement *statement)
{
    unsigned line = statement->line;
    for (const char *c = statement->text; *c; c++)
        line += *c == '\n';
    return line;
}

/* The first warning about a statement, NULL if there is none. A statement that shares its line with
 * another is told from that by its column. */
static const struct gl_lint_finding *warning_about(const struct gl_lint_result *result,
                                                   const struct gl_trace_file *file, size_t index)
{
    const struct gl_trace_statement *statement = &file->statements[index];
    const struct gl_trace_statement *next =
        index + 1 < file->count ? &file->statements[index + 1] : NULL;
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_lint_finding *finding = &result->findings[i];
        bool before = finding->line < statement->line ||
                      (finding->line == statement->line && finding->column < statement->column);
        bool behind = finding->line > last_line(statement) ||
                      (next && finding->line == next->line && finding->column >= next->column);
        if (!before && !behind && finding->severity >= GL_LINT_WARNING &&
            gl_lint_is_open(finding) && strcmp(finding->file, file->path) == 0)
            return finding;
    }
    return NULL;
}

static void differ(struct gl_trace_comparison *comparison, const struct gl_trace_file *file,
                   const struct gl_trace_statement *statement,
                   const struct gl_lint_finding *finding)
{
    comparison->items =
        gl_realloc_array(comparison->items, comparison->count + 1, sizeof *comparison->items);
    comparison->items[comparison->count++] = (struct gl_trace_difference){
        .file = gl_strdup(file->path),
        .line = statement->line,
        .rule = finding ? gl_strdup(finding->rule->id) : NULL,
        .message = finding ? gl_strdup(finding->message) : NULL,
        .measured = gl_strdup(gl_trace_verdict_word(statement->verdict)),
    };
}

/* What breaks the previous version, or is wrong without a lock, cannot be measured: the linter may
 * say so without being contradicted. */
static bool is_measurable(const struct gl_lint_finding *finding)
{
    return finding->rule->lock && !finding->rule->breaks;
}

static void compare(const struct gl_lint_result *result, const struct gl_trace_file *file,
                    size_t index, struct gl_trace_comparison *comparison)
{
    const struct gl_trace_statement *statement = &file->statements[index];
    const struct gl_lint_finding *finding = warning_about(result, file, index);
    bool hurts = statement->verdict == GL_TRACE_DANGEROUS || statement->verdict == GL_TRACE_FAILED;
    if (statement->verdict == GL_TRACE_NOT_RUN)
        return;
    if (hurts ? !finding : finding && is_measurable(finding))
        differ(comparison, file, statement, finding);
    else
        comparison->agreed++;
}

int gl_compare(const struct gl_trace_options *options, const struct gl_trace_work_list *work,
               const struct gl_trace *trace, struct gl_trace_comparison *ret_comparison,
               struct gl_error *err)
{
    gl_autolint struct gl_lint_result result = {0};
    int failed = lint(options, work, trace->server_version, &result, err);
    if (failed < 0)
        return gl_error_wrap(err, _("the linter cannot be asked"));
    ret_comparison->made = true;
    for (size_t i = 0; i < trace->count; i++) {
        for (size_t j = 0; j < trace->files[i].count; j++)
            compare(&result, &trace->files[i], j, ret_comparison);
    }
    return 0;
}
