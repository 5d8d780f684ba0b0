/* Taking migrations back, newest first. */
#include "migrate/revert.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "migrate/header.h"
#include "migrate/phase.h"
#include "migrate/session.h"

void gl_reverts_done(struct gl_reverts *reverts)
{
    for (size_t i = 0; i < reverts->count; i++)
        gl_migration_done(&reverts->downs[i]);
    free(reverts->downs);
    *reverts = (struct gl_reverts){0};
}

/* ---- what may be taken back ---- */

/* Its author said that another way is right. */
static int check_header(const struct gl_migration *up, struct gl_error *err)
{
    gl_automigrationheader struct gl_migration_header header = {0};
    int failed = gl_migration_header_read(up->sql, up->path, &header, err);
    if (failed < 0 || !header.rollback || strcmp(header.rollback, "down") == 0)
        return failed;
    bool forward = strcmp(header.rollback, "forward") == 0;
    gl_fail(err, GL_E_REFUSED, _("%s says rollback=%s: %s"), gl_path_base(up->path),
            header.rollback,
            header.rollback_note ? header.rollback_note
            : forward            ? _("what it did is mended by a new migration")
                                 : _("what it did is only in a backup"));
    gl_error_hint(err, "%s",
                  forward ? _("Write a new migration: golive migrate new NAME.")
                          : _("Restore the backup that was made before it (golive log --kind "
                              "step.done)."));
    gl_error_at(err, up->path, 1, 1);
    return GL_E_REFUSED;
}

static int fail_no_down(const struct gl_migration *up, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("%s has no .down.sql that takes it back"), gl_path_base(up->path));
    gl_error_hint(err, _("A reversible migration is a pair: VERSION_NAME.up.sql and "
                         "VERSION_NAME.down.sql. Without one, mend it by a new migration."));
    gl_error_at(err, up->path, 0, 0);
    return GL_E_REFUSED;
}

static char *down_path(const char *up)
{
    size_t len = strlen(up);
    if (!gl_ends_with(up, ".up.sql"))
        return NULL;
    gl_autofree char *stem = gl_strndup(up, len - strlen(".up.sql"));
    char *path = gl_asprintf("%s.down.sql", stem);
    if (!gl_is_file(path))
        free(gl_steal(&path));
    return path;
}

/* Outside a transaction its row cannot go with it: only what may run twice can be gone on with. */
static int check_down(const struct gl_migration *down, struct gl_error *err)
{
    int failed = gl_phase_check(down, err);
    if (failed < 0 || !down->no_transaction || gl_phase_repeatable(down->sql))
        return failed;
    gl_fail(err, GL_E_REFUSED,
            _("a no-transaction down file must hold one statement that can be run again"));
    gl_error_hint(err, _("For example DROP INDEX CONCURRENTLY IF EXISTS NAME."));
    gl_error_at(err, down->path, 1, 1);
    return GL_E_REFUSED;
}

static int load_down(const struct gl_migration *up, struct gl_migration *down, struct gl_error *err)
{
    gl_autofree char *path = down_path(up->path);
    if (!path)
        return fail_no_down(up, err);
    int failed = gl_migration_load(path, down, err);
    if (failed < 0)
        return failed;
    down->version = up->version;
    down->description = gl_strdup(up->description);
    memcpy(down->checksum, up->checksum, sizeof down->checksum);
    return check_down(down, err);
}

static const struct gl_migration *find_file(const struct gl_migrations *list, int64_t version)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].version == version)
            return &list->items[i];
    }
    return NULL;
}

static int add_down(const struct gl_migrations *list, const struct gl_applied *applied,
                    struct gl_reverts *reverts, struct gl_error *err)
{
    const struct gl_migration *up = find_file(list, applied->version);
    int failed = gl_check_applied(up, applied, err);
    if (failed == 0 && up)
        failed = check_header(up, err);
    if (failed < 0 || !up)
        return failed;
    reverts->downs = gl_realloc_array(reverts->downs, reverts->count + 1, sizeof *reverts->downs);
    struct gl_migration *down = &reverts->downs[reverts->count++];
    *down = (struct gl_migration){0};
    return load_down(up, down, err);
}

/* A version with a digit too few is older than all of them. */
static int check_to(const struct gl_applied_list *applied, int64_t to, struct gl_error *err)
{
    if (!to || gl_table_find(applied, to))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("version %" PRId64 " is not applied here"), to);
    return gl_error_hint(err, _("--to names the one that stays the newest, as golive migrate "
                                "status shows it; 0 takes all back."));
}

int gl_migrate_revert_plan(const char *conninfo, const struct gl_migrations *list, bool all,
                           int64_t to, struct gl_reverts *ret_reverts, struct gl_error *err)
{
    gl_autopq PGconn *conn = NULL;
    gl_autoapplied struct gl_applied_list applied = {0};
    gl_autoreverts struct gl_reverts reverts = {0};
    if (list->format && list->format != &gl_format_sqlx) {
        gl_fail(err, GL_E_REFUSED,
                _("golive takes back sqlx's migrations only, this folder is of "
                  "%s"),
                list->format->name);
        return gl_error_hint(err, _("Take it back by %s itself."), list->format->name);
    }
    int failed = gl_pq_connect(conninfo, "golive migrate", &conn, err);
    if (failed == 0)
        failed = gl_table_read(conn, &applied, err);
    if (failed == 0 && all)
        failed = check_to(&applied, to, err);
    for (size_t i = applied.count; failed == 0 && i > 0; i--) {
        bool wanted = all ? applied.items[i - 1].version > to : i == applied.count;
        if (wanted)
            failed = add_down(list, &applied.items[i - 1], &reverts, err);
    }
    if (failed < 0)
        return failed;
    *ret_reverts = reverts;
    reverts = (struct gl_reverts){0};
    return 0;
}

/* ---- doing it ---- */

int gl_attempt_down_alone(struct gl_session *session, const struct gl_migration *down,
                          struct gl_pq_outcome *ret_outcome, struct gl_error *err)
{
    gl_autofree char *limits = gl_asprintf(
        "set lock_timeout = %" PRId64 "; set statement_timeout = 0", session->lock_timeout_ms);
    struct gl_pq_wait wait = gl_watch_wait(session);
    int failed = gl_pq_exec(session->conn, limits, NULL, NULL, err);
    if (failed == 0)
        failed = gl_pq_exec(session->conn, down->sql, &wait, ret_outcome, err);
    if (failed == GL_E_DATABASE)
        gl_attempt_place(down, ret_outcome, err);
    return failed < 0 ? failed : gl_table_delete(session->conn, down->version, err);
}

/* With the lock held: the newest one must still be the one that was looked at. */
static int check_newest(struct gl_session *session, const struct gl_migration *down,
                        struct gl_error *err)
{
    gl_autoapplied struct gl_applied_list applied = {0};
    int failed = gl_table_read(session->conn, &applied, err);
    if (failed < 0)
        return failed;
    const struct gl_applied *newest = applied.count ? &applied.items[applied.count - 1] : NULL;
    if (newest && newest->version == down->version)
        return gl_check_applied(down, newest, err);
    gl_fail(err, GL_E_REFUSED, _("version %" PRId64 " is no longer the newest one that is applied"),
            down->version);
    return gl_error_hint(err, _("Somebody else works on this database: look again with golive "
                                "migrate status."));
}

static int revert_all(struct gl_session *session, const struct gl_reverts *reverts,
                      struct gl_error *err)
{
    int failed = 0;
    session->reverting = true;
    for (size_t i = 0; failed == 0 && i < reverts->count; i++) {
        failed = check_newest(session, &reverts->downs[i], err);
        if (failed == 0)
            failed = gl_session_apply(session, &reverts->downs[i], err);
    }
    return failed;
}

int gl_migrate_revert(const char *conninfo, const struct gl_reverts *reverts,
                      const struct gl_migrate_options *options,
                      struct gl_migrate_result *ret_result, struct gl_error *err)
{
    *ret_result = (struct gl_migrate_result){0};
    gl_autosession struct gl_session session = {.options = options};
    gl_session_init(&session, conninfo, NULL, ret_result);
    if (!reverts->count)
        return 0;
    session.current = &reverts->downs[0];
    int failed = gl_pq_connect(conninfo, "golive migrate", &session.conn, err);
    if (failed == 0)
        failed = gl_lock_take(&session, err);
    if (failed < 0)
        return failed;
    failed = revert_all(&session, reverts, err);
    gl_lock_release(&session);
    return failed;
}
