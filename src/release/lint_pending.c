/* What the linter says of the migrations that a release would run. */
#include "base/i18n.h"
#include "lint/lint.h"
#include "release/steps.h"

/* One file for each of the list, in its order. */
static void add_files(const struct gl_migrations *list, const struct gl_migrate_status *status,
                      struct gl_lint_files *files)
{
    gl_lint_files_of(list, files);
    for (size_t i = 0; i < files->count; i++) {
        files->items[i].applied = i < status->count && status->states[i] != GL_MIGRATION_PENDING;
        files->items[i].outside = files->items[i].applied;
    }
}

static int refuse(const struct gl_lint_finding *finding, size_t errors, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("%s [%s]; errors in pending migrations: %zu"), finding->message,
            finding->rule->id, errors);
    gl_error_at(err, finding->file, finding->line, finding->column);
    return gl_error_hint(err,
                         _("%s golive migrate lint shows all of them and their safe forms; a "
                           "comment allows one: -- golive-lint: allow=%s reason=\"...\""),
                         _(finding->rule->safe), finding->rule->id);
}

int gl_release_lint(const struct gl_migrations *list, const struct gl_migrate_status *status,
                    struct gl_error *err)
{
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolint struct gl_lint_result result = {0};
    const struct gl_lint_options options = {0};
    if (status->fresh) /* nobody waits for empty tables */
        return 0;
    add_files(list, status, &files);
    int failed = gl_lint_run(&files, &options, &result, err);
    if (failed < 0)
        return failed;
    size_t errors = gl_lint_count(&result, GL_LINT_ERROR);
    for (size_t i = 0; i < result.count; i++) {
        const struct gl_lint_finding *finding = &result.findings[i];
        if (finding->severity == GL_LINT_ERROR && gl_lint_is_open(finding))
            return refuse(finding, errors, err);
    }
    return 0;
}
