/* What the database has against what the directory has. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "migrate/batch_progress.h"
#include "migrate/phase.h"
#include "migrate/session.h"

void gl_migrate_status_done(struct gl_migrate_status *status)
{
    for (size_t i = 0; status->found && i < status->count; i++)
        free(status->found[i].text);
    free(status->found);
    free(status->states);
    free(status->running);
    *status = (struct gl_migrate_status){0};
}

enum gl_migration_state gl_migration_state_of(const struct gl_migration *migration,
                                              const struct gl_applied *applied)
{
    if (!applied)
        return GL_MIGRATION_PENDING;
    if (!applied->success)
        return GL_MIGRATION_DIRTY;
    bool same =
        applied->checksum_ok && memcmp(applied->checksum, migration->checksum, GL_SHA384_SIZE) == 0;
    return same ? GL_MIGRATION_APPLIED : GL_MIGRATION_EDITED;
}

/* A contract migration may be late: it waited while others went ahead. */
static enum gl_migration_state state_in_order(const struct gl_migration *migration,
                                              const struct gl_applied_list *applied, int64_t newest)
{
    enum gl_migration_state state =
        gl_migration_state_of(migration, gl_table_find(applied, migration->version));
    bool late = migration->version < newest && migration->phase == GL_PHASE_EXPAND;
    return state == GL_MIGRATION_PENDING && late ? GL_MIGRATION_LATE : state;
}

static bool has_version(const struct gl_migrations *list, int64_t version)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].version == version)
            return true;
    }
    return false;
}

static void count_pending(const struct gl_migrations *list, struct gl_migrate_status *status)
{
    for (size_t i = 0; i < list->count; i++) {
        bool pending =
            status->states[i] == GL_MIGRATION_PENDING || status->states[i] == GL_MIGRATION_LATE;
        bool contract = list->items[i].phase == GL_PHASE_CONTRACT;
        status->pending_expand += pending && !contract;
        status->pending_contract += pending && contract;
    }
}

/* ---- what was begun ---- */

static int find_progress(PGconn *conn, int64_t version, struct gl_migrate_found *found,
                         struct gl_error *err)
{
    gl_autobatchprogress struct gl_batch_progress progress = {0};
    int failed = gl_batch_progress_read(conn, version, &progress, &found->known, err);
    if (failed < 0 || !found->known)
        return failed;
    found->looked = progress.looked;
    found->changed = progress.rows;
    found->estimate = progress.estimate;
    found->pass = progress.pass;
    found->at_unix_s = progress.at_unix_s;
    found->text = gl_steal(&progress.text);
    return 0;
}

static int look_closer(PGconn *conn, const struct gl_migrations *list,
                       const struct gl_applied_list *applied, struct gl_migrate_status *status,
                       struct gl_error *err)
{
    bool unfinished = false;
    int failed = 0;
    status->found = gl_alloc((list->count + 1) * sizeof *status->found);
    for (size_t i = 0; failed == 0 && i < list->count; i++) {
        const struct gl_applied *row = gl_table_find(applied, list->items[i].version);
        struct gl_migrate_found *found = &status->found[i];
        if (!row)
            continue;
        found->checksum_ok = row->checksum_ok;
        memcpy(found->checksum, row->checksum, sizeof found->checksum);
        if (status->states[i] != GL_MIGRATION_DIRTY)
            continue;
        unfinished = true;
        failed = find_progress(conn, row->version, found, err);
    }
    if (failed == 0 && unfinished)
        status->running = gl_lock_holder(conn, list->format ? list->format : &gl_format_sqlx);
    return failed;
}

/* ---- all of it ---- */

static void count_missing(const struct gl_migrations *list, const struct gl_applied_list *applied,
                          struct gl_migrate_status *status)
{
    for (size_t i = 0; i < applied->count; i++) {
        if (has_version(list, applied->items[i].version))
            continue;
        if (status->missing++ == 0)
            status->first_missing = applied->items[i].version;
    }
}

int gl_migrate_status(const char *conninfo, const struct gl_migrations *list,
                      struct gl_migrate_status *ret_status, struct gl_error *err)
{
    const struct gl_format *format = list->format ? list->format : &gl_format_sqlx;
    gl_autopq PGconn *conn = NULL;
    gl_autoapplied struct gl_applied_list applied = {0};
    int failed = gl_pq_connect(conninfo, "golive migrate", &conn, err);
    if (failed == 0)
        failed = gl_format_read_applied(conn, list, &applied, err);
    if (failed < 0)
        return failed;
    gl_automigratestatus struct gl_migrate_status status = {.count = list->count,
                                                            .fresh = applied.count == 0};
    status.newest = applied.count ? applied.items[applied.count - 1].version : INT64_MIN;
    status.states = gl_alloc((list->count + 1) * sizeof *status.states);
    for (size_t i = 0; i < list->count; i++)
        status.states[i] = state_in_order(&list->items[i], &applied,
                                          format->any_order ? INT64_MIN : status.newest);
    failed = look_closer(conn, list, &applied, &status, err);
    if (failed < 0)
        return failed;
    count_pending(list, &status);
    count_missing(list, &applied, &status);
    *ret_status = status;
    status = (struct gl_migrate_status){0};
    return 0;
}

/* ---- refusals ---- */

/* The row as it was read, of what is not pending. */
static struct gl_applied row_of(const struct gl_migrations *list,
                                const struct gl_migrate_status *status, size_t i)
{
    struct gl_applied row = {.version = list->items[i].version,
                             .success = status->states[i] != GL_MIGRATION_DIRTY};
    if (status->found) {
        row.checksum_ok = status->found[i].checksum_ok;
        memcpy(row.checksum, status->found[i].checksum, sizeof row.checksum);
    }
    return row;
}

static int refuse_unfinished(const struct gl_migrations *list,
                             const struct gl_migrate_status *status, size_t i, struct gl_error *err)
{
    const struct gl_migrate_found *found = status->found ? &status->found[i] : NULL;
    const struct gl_applied row = row_of(list, status, i);
    const struct gl_migration *migration = &list->items[i];
    int failed = gl_check_unfinished(list->format ? list->format : &gl_format_sqlx, migration, &row,
                                     found ? found->text : NULL, err);
    if (failed < 0 || !migration->batch || (found && found->known))
        return failed;
    return gl_check_refuse_unknown(migration, err);
}

bool gl_migrate_goes_on(const struct gl_migrations *list, const struct gl_migrate_status *status,
                        size_t index)
{
    gl_autoerr struct gl_error ignored = {0};
    return status->states[index] == GL_MIGRATION_DIRTY &&
           refuse_unfinished(list, status, index, &ignored) == 0;
}

/* A contract migration waits, so its turn to be looked at comes later. */
static int refuse_one(const struct gl_migrations *list, const struct gl_migrate_status *status,
                      size_t i, struct gl_error *err)
{
    const struct gl_migration *migration = &list->items[i];
    const struct gl_applied row = row_of(list, status, i);
    enum gl_migration_state state = status->states[i];
    bool turn = migration->phase == GL_PHASE_EXPAND || status->fresh;
    if (state == GL_MIGRATION_EDITED)
        return gl_check_refuse_edited(migration, &row, NULL, err);
    if (state == GL_MIGRATION_DIRTY)
        return refuse_unfinished(list, status, i, err);
    if (state == GL_MIGRATION_LATE)
        return gl_check_refuse_late(migration, status->newest, err);
    if (state != GL_MIGRATION_PENDING || !turn)
        return 0;
    int failed = gl_check_format(list->format, migration, err);
    return failed < 0 ? failed : gl_phase_check(migration, err);
}

int gl_migrate_refuse(const struct gl_migrations *list, const struct gl_migrate_status *status,
                      struct gl_error *err)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < status->count; i++)
        failed = refuse_one(list, status, i, err);
    if (failed < 0 || !status->missing)
        return failed;
    gl_fail(err, GL_E_REFUSED, _("the database has migration %lld, but there is no such file"),
            (long long)status->first_missing);
    return gl_error_hint(err, _("Was it deleted, or is this an older checkout?"));
}
