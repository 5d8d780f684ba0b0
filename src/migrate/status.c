/* What the database has against what the directory has. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/phase.h"
#include "migrate/session.h"

void gl_migrate_status_done(struct gl_migrate_status *status)
{
    free(status->states);
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
    struct gl_migrate_status status = {.count = list->count, .fresh = applied.count == 0};
    status.newest = applied.count ? applied.items[applied.count - 1].version : INT64_MIN;
    status.states = gl_alloc((list->count + 1) * sizeof *status.states);
    for (size_t i = 0; i < list->count; i++)
        status.states[i] = state_in_order(&list->items[i], &applied,
                                          format->any_order ? INT64_MIN : status.newest);
    count_pending(list, &status);
    for (size_t i = 0; i < applied.count; i++) {
        if (has_version(list, applied.items[i].version))
            continue;
        if (status.missing++ == 0)
            status.first_missing = applied.items[i].version;
    }
    *ret_status = status;
    return 0;
}

static int refuse_edited(const struct gl_migration *migration, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("migration %s was edited after it was applied"),
            gl_path_base(migration->path));
    gl_error_at(err, migration->path, 1, 1);
    return gl_error_hint(err, _("Restore the file as it was applied (git log -- FILE) and put the "
                                "change into a new migration."));
}

/* A contract migration waits, so its turn to be looked at comes later. */
static int refuse_one(const struct gl_format *format, const struct gl_migration *migration,
                      enum gl_migration_state state, const struct gl_migrate_status *status,
                      struct gl_error *err)
{
    bool turn = migration->phase == GL_PHASE_EXPAND || status->fresh;
    if (state == GL_MIGRATION_EDITED)
        return refuse_edited(migration, err);
    if (state == GL_MIGRATION_LATE)
        return gl_check_refuse_late(migration, status->newest, err);
    if (state != GL_MIGRATION_PENDING || !turn)
        return 0;
    int failed = gl_check_format(format, migration, err);
    return failed < 0 ? failed : gl_phase_check(migration, err);
}

int gl_migrate_refuse(const struct gl_migrations *list, const struct gl_migrate_status *status,
                      struct gl_error *err)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < status->count; i++)
        failed = refuse_one(list->format, &list->items[i], status->states[i], status, err);
    if (failed < 0 || !status->missing)
        return failed;
    gl_fail(err, GL_E_REFUSED, _("the database has migration %lld, but there is no such file"),
            (long long)status->first_missing);
    return gl_error_hint(err, _("Was it deleted, or is this an older checkout?"));
}
