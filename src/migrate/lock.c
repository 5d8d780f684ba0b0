/* sqlx's advisory lock: one run of migrations per database. */
#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "migrate/session.h"

#define POLL_MS 100

/* sqlx-postgres 0.8 migrate.rs, generate_lock_id(): at most 2^62, so nothing overflows. */
int64_t gl_lock_key(const char *database)
{
    uLong crc = crc32(0, (const Bytef *)database, (uInt)strlen(database));
    return INT64_C(0x3d32ad9e) * (int64_t)crc;
}

static int own_key(struct gl_session *session, char **ret_key, struct gl_error *err)
{
    gl_autopqresult PGresult *name = NULL;
    int failed = gl_pq_query_always(session->conn, "select current_database(), current_schema()", 0,
                                    NULL, &name, err);
    if (failed < 0)
        return failed;
    const struct gl_format *format = session->format;
    const char *database = gl_pq_text(name, 0, 0);
    *ret_key = gl_asprintf("%" PRId64, format->lock_key
                                           ? format->lock_key(database, gl_pq_text(name, 0, 1))
                                           : gl_lock_key(database));
    return 0;
}

static int try_lock(struct gl_session *session, const char *key, bool *ret_got,
                    struct gl_error *err)
{
    gl_autopqresult PGresult *result = NULL;
    int failed = gl_pq_query(session->conn, "select pg_try_advisory_lock($1::bigint)", 1, &key,
                             &result, err);
    if (failed == 0)
        *ret_got = gl_pq_bool(result, 0, 0);
    return failed;
}

static char *describe_holder(struct gl_session *session, const char *key)
{
    return gl_watch_describe(
        session->conn,
        "pid in (select l.pid from pg_locks l join pg_database d on d.oid = l.database "
        "where d.datname = current_database() and l.locktype = 'advisory' and l.granted "
        "and l.objsubid = 1 and (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint)",
        key);
}

char *gl_lock_holder(PGconn *conn, const struct gl_format *format)
{
    struct gl_session session = {.conn = conn, .format = format};
    gl_autofree char *key = NULL;
    gl_autoerr struct gl_error ignored = {0};
    return own_key(&session, &key, &ignored) < 0 ? NULL : describe_holder(&session, key);
}

static int fail_held(const char *holder, int64_t waited_ms, struct gl_error *err)
{
    gl_autofree char *waited = gl_format_duration((double)waited_ms);
    gl_fail(err, GL_E_BUSY, _("somebody else applies migrations to this database (waited %s): %s"),
            waited, holder ? holder : _("who it is cannot be seen"));
    return gl_error_hint(err, _("Wait until it has finished and run it again. If that session is "
                                "a leftover, end it: select pg_terminate_backend(PROCESS)."));
}

/* A client that was killed: its server process would go on with a long index build and keep the
 * lock; this lets it notice within a second (PostgreSQL 14 and later). */
static void notice_death(struct gl_session *session)
{
    if (PQserverVersion(session->conn) < 140000)
        return;
    gl_autoerr struct gl_error ignored = {0};
    if (gl_pq_exec(session->conn, "set client_connection_check_interval = '500ms'", NULL, NULL,
                   &ignored) < 0)
        return; /* not supported by the server's system: only slower */
}

int gl_lock_take(struct gl_session *session, struct gl_error *err)
{
    gl_autofree char *key = NULL;
    int failed = own_key(session, &key, err);
    if (failed < 0)
        return failed;
    notice_death(session);
    int64_t started_ms = gl_mono_ms();
    bool got = false;
    for (;;) {
        failed = try_lock(session, key, &got, err);
        if (failed < 0 || got)
            return failed;
        gl_autofree char *holder = describe_holder(session, key);
        int64_t waited_ms = gl_mono_ms() - started_ms;
        if (waited_ms >= session->lock_timeout_ms * session->attempts)
            return fail_held(holder, waited_ms, err);
        if (!session->blockers && holder) {
            gl_session_event(session, GL_MIGRATE_BLOCKED, holder, 0);
            session->blockers = gl_steal(&holder);
        }
        gl_sleep_ms(POLL_MS);
        failed = gl_interrupt_check(err);
        if (failed < 0)
            return failed;
    }
}

void gl_lock_release(struct gl_session *session)
{
    gl_autofree char *key = NULL;
    gl_autoerr struct gl_error ignored = {0};
    if (own_key(session, &key, &ignored) < 0 ||
        gl_pq_query_always(session->conn, "select pg_advisory_unlock($1::bigint)", 1,
                           (const char *const[]){key}, NULL, &ignored) < 0)
        return; /* the end of the connection releases it as well */
}
