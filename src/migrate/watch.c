/* Sees who blocks a waiting statement, from a second connection. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "migrate/session.h"

/* The query's text is left out: it may hold personal data. */
#define DESCRIBE                                                                                   \
    "select pid, coalesce(nullif(application_name, ''), '?'), coalesce(usename, '?'), "            \
    "coalesce(state, ''), coalesce((extract(epoch from clock_timestamp() - query_start) "          \
    "* 1000)::bigint, -1) from pg_stat_activity where "

static void describe_row(const PGresult *result, int row, struct gl_buf *text)
{
    if (row > 0)
        gl_buf_puts(text, "; ");
    gl_buf_printf(text, _("process %s (%s, user %s"), gl_pq_text(result, row, 0),
                  gl_pq_text(result, row, 1), gl_pq_text(result, row, 2));
    if (*gl_pq_text(result, row, 3))
        gl_buf_printf(text, ", %s", gl_pq_text(result, row, 3));
    int64_t age_ms = gl_pq_int(result, row, 4);
    if (age_ms >= 0) {
        gl_autofree char *age = gl_format_duration((double)age_ms);
        gl_buf_printf(text, _(", last query started %s ago"), age);
    }
    gl_buf_putc(text, ')');
}

char *gl_watch_describe(PGconn *conn, const char *where, const char *value)
{
    gl_autobuf struct gl_buf text = {0};
    gl_autopqresult PGresult *result = NULL;
    gl_autofree char *sql = gl_asprintf(DESCRIBE "%s order by pid", where);
    gl_autoerr struct gl_error err = {0};
    if (gl_pq_query_always(conn, sql, 1, &value, &result, &err) < 0 || PQntuples(result) == 0)
        return NULL;
    for (int row = 0; row < PQntuples(result); row++)
        describe_row(result, row, &text);
    return gl_buf_steal(&text);
}

static bool open_watch(struct gl_session *session)
{
    gl_autoerr struct gl_error err = {0};
    if (session->watch || session->watch_failed)
        return session->watch != NULL;
    if (gl_pq_connect(session->conninfo, "golive migrate (watch)", &session->watch, &err) < 0)
        session->watch_failed = true;
    return session->watch != NULL;
}

/* Says it once per blocker, not at every look. */
static void look(void *context)
{
    struct gl_session *session = context;
    if (!open_watch(session))
        return;
    gl_autofree char *pid = gl_asprintf("%d", PQbackendPID(session->conn));
    char *blockers = gl_watch_describe(session->watch, "pid = any(pg_blocking_pids($1::int))", pid);
    if (!blockers)
        return;
    bool first = !session->blockers;
    free(session->blockers);
    session->blockers = blockers;
    if (first)
        gl_session_event(session, GL_MIGRATE_BLOCKED, blockers, 0);
}

struct gl_pq_wait gl_watch_wait(struct gl_session *session)
{
    int64_t tick_ms = session->lock_timeout_ms / 4;
    if (tick_ms > 250)
        tick_ms = 250;
    if (tick_ms < 10)
        tick_ms = 10;
    return (struct gl_pq_wait){.tick_ms = tick_ms, .tick = look, .context = session};
}
