/* What the database holds before a migration, and which migrations are traced. */
#include "trace/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/format.h"
#include "migrate/session.h"

enum { STATEMENT_TIMEOUT_MS = 3600000 }; /* of earlier migrations: they were run long ago */

void gl_trace_work_list_done(struct gl_trace_work_list *work)
{
    gl_migrations_done(&work->list);
    free(work->wanted);
    *work = (struct gl_trace_work_list){0};
}

/* ---- files ------------------------------------------------------------------------------------
 */

static bool is_same_file(const char *left, const char *right)
{
    gl_autofree char *a = realpath(left, NULL);
    gl_autofree char *b = realpath(right, NULL);
    return a && b && strcmp(a, b) == 0;
}

/* A draft: not yet in the directory, or without a version in its name. It comes last, and is
 * written as the files of its directory's tool are. */
static int load_draft(const char *path, struct gl_migrations *list, struct gl_error *err)
{
    struct gl_migration draft = {0};
    if (access(path, R_OK) < 0) /* named by hand: one that is not there is no wrong one */
        return gl_fail(err, errno == ENOENT ? GL_E_NOT_FOUND : GL_E_IO, _("cannot read %s: %s"),
                       path, strerror(errno));
    int failed = gl_migration_load(path, &draft, err);
    if (failed == 0 && list->format->cut)
        failed = list->format->cut(&draft, err);
    if (failed < 0) {
        gl_migration_done(&draft);
        return failed;
    }
    draft.version = list->count ? list->items[list->count - 1].version + 1 : 1;
    draft.version_text = gl_asprintf("%" PRId64, draft.version);
    draft.description = gl_strdup(gl_path_base(path));
    list->items = gl_realloc_array(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = draft;
    return 0;
}

static void want(struct gl_trace_work_list *work, size_t index)
{
    work->wanted = gl_realloc_array(work->wanted, work->list.count, sizeof *work->wanted);
    for (size_t i = work->wanted_count; i < work->list.count; i++)
        work->wanted[i] = false;
    work->wanted_count = work->list.count;
    work->wanted[index] = true;
}

static int want_file(struct gl_trace_work_list *work, const char *path, struct gl_error *err)
{
    for (size_t i = 0; i < work->list.count; i++) {
        if (is_same_file(work->list.items[i].path, path)) {
            want(work, i);
            return 0;
        }
    }
    int failed = load_draft(path, &work->list, err);
    if (failed == 0)
        want(work, work->list.count - 1);
    return failed;
}

static int scan(const struct gl_trace_options *options, struct gl_trace_work_list *work,
                struct gl_error *err)
{
    int failed = gl_migrations_scan_as(options->dir, options->tool, &work->list, err);
    for (size_t i = 0; failed == 0 && i < options->files->count; i++)
        failed = want_file(work, options->files->items[i], err);
    if (failed < 0 || work->list.count)
        return failed;
    gl_fail(err, GL_E_NOT_FOUND, _("there are no migrations in %s"), options->dir);
    return gl_error_hint(err, _("golive migrate new NAME begins one; or name a file to trace."));
}

/* Without a name: what the database lacks, else the newest. */
static void want_pending(const struct gl_migrate_status *status, struct gl_trace_work_list *work)
{
    bool any = false;
    for (size_t i = 0; status && !status->fresh && i < status->count; i++) {
        if (status->states[i] == GL_MIGRATION_PENDING) {
            want(work, i);
            any = true;
        }
    }
    if (!any)
        want(work, work->list.count - 1);
}

/* From the first to the last that is wanted: what lies between them is run, too. */
static void bound(struct gl_trace_work_list *work)
{
    size_t last = 0;
    work->first = work->list.count;
    for (size_t i = 0; i < work->list.count && i < work->wanted_count; i++) {
        if (work->wanted[i] && i < work->first)
            work->first = i;
        last = work->wanted[i] ? i : last;
    }
    work->end = last + 1;
}

/* ---- the schema -------------------------------------------------------------------------------
 */

/* What golive does not apply for a tool on a database that stays, it may apply on one that goes. */
static const struct gl_format *runner_of(const struct gl_trace_work_list *work, bool given)
{
    const struct gl_format *format = work->list.format;
    return !given && format && format->no_up ? &gl_format_sqlx : format;
}

static int run_earlier(const struct gl_trace_work_list *work, const char *conninfo,
                       struct gl_error *err)
{
    const struct gl_migrations earlier = {
        .items = work->list.items, .count = work->first, .format = work->list.format};
    const struct gl_migrate_options options = {.statement_timeout_ms = STATEMENT_TIMEOUT_MS};
    struct gl_migrate_result result = {0};
    int failed = gl_migrate_run(conninfo, &earlier, &options, &result, err);
    return failed < 0 ? gl_error_wrap(err, _("the schema before it cannot be made")) : 0;
}

/* A dump without the rows of _sqlx_migrations does not say what was applied; then nothing is. */
static int run_what_lacks(struct gl_trace_work_list *work, const char *conninfo, bool given,
                          struct gl_error *err)
{
    gl_automigratestatus struct gl_migrate_status status = {0};
    int failed = given ? gl_migrate_status(conninfo, &work->list, &status, err) : 0;
    if (failed < 0)
        return failed;
    if (!work->wanted_count)
        want_pending(given ? &status : NULL, work);
    bound(work);
    work->recorded = !(given && status.fresh);
    work->list.format = runner_of(work, given);
    return given && status.fresh ? 0 : run_earlier(work, conninfo, err);
}

int gl_schema_make(const struct gl_trace_options *options, struct gl_place *place,
                   struct gl_trace_work_list *ret_work, struct gl_error *err)
{
    gl_autoworklist struct gl_trace_work_list work = {0};
    int failed = scan(options, &work, err);
    if (failed == 0 && options->schema_path)
        failed = gl_restore(place, options->schema_path, err);
    if (failed == 0)
        failed = run_what_lacks(&work, gl_place_conninfo(place),
                                options->schema_path || options->copy, err);
    if (failed < 0)
        return failed;
    *ret_work = work;
    work = (struct gl_trace_work_list){0};
    return 0;
}
