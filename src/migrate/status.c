/* What the database has against what the directory has. */
#include <stdlib.h>
#include <string.h>

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
        bool pending = status->states[i] == GL_MIGRATION_PENDING;
        bool contract = list->items[i].phase == GL_PHASE_CONTRACT;
        status->pending_expand += pending && !contract;
        status->pending_contract += pending && contract;
    }
}

int gl_migrate_status(const char *conninfo, const struct gl_migrations *list,
                      struct gl_migrate_status *ret_status, struct gl_error *err)
{
    gl_autopq PGconn *conn = NULL;
    gl_autoapplied struct gl_applied_list applied = {0};
    int failed = gl_pq_connect(conninfo, "golive migrate", &conn, err);
    if (failed == 0)
        failed = gl_table_read(conn, &applied, err);
    if (failed < 0)
        return failed;
    struct gl_migrate_status status = {.count = list->count, .fresh = applied.count == 0};
    status.states = gl_alloc((list->count + 1) * sizeof *status.states);
    for (size_t i = 0; i < list->count; i++)
        status.states[i] =
            gl_migration_state_of(&list->items[i], gl_table_find(&applied, list->items[i].version));
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
