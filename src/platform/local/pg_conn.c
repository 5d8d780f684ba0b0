/* Connections to PostgreSQL that notice Ctrl-C and leave nothing behind. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "platform/local/pg.h"

void gl_pg_close(PGconn **conn)
{
    PQfinish(gl_steal(conn));
}

void gl_pg_clear(PGresult **result)
{
    PQclear(gl_steal(result));
}

struct gl_pg_place gl_pg_live(const struct gl_local *local)
{
    return (struct gl_pg_place){local->run_dir, local->ports[GL_PORT_POSTGRES]};
}

/* A library does not print; notices are of no use to anybody here. */
static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static char *trimmed(const char *message)
{
    gl_autofree char *shown = gl_redact(message ? message : "");
    size_t len = strlen(shown);
    while (len && (shown[len - 1] == '\n' || shown[len - 1] == ' '))
        shown[--len] = '\0';
    return gl_steal(&shown);
}

static int take_connection(PGconn *conn, PGconn **ret_conn, struct gl_error *err)
{
    if (PQstatus(conn) != CONNECTION_OK) {
        gl_autofree char *reason = trimmed(PQerrorMessage(conn));
        PQfinish(conn);
        gl_fail(err, GL_E_DATABASE, _("cannot connect to the database: %s"), reason);
        return gl_error_hint(err, _("See its state and log: golive local status, golive local logs "
                                    "database"));
    }
    PQsetNoticeProcessor(conn, ignore_notice, NULL);
    *ret_conn = conn;
    return 0;
}

int gl_pg_connect(const struct gl_pg_place *place, const char *database, PGconn **ret_conn,
                  struct gl_error *err)
{
    char port[8];
    (void)snprintf(port, sizeof port, "%u", place->port);
    /* Everything is said here, so that no PG* variable of the environment takes part. The settings
     * fix how values look as text: two clusters must render alike. */
    const char *const keys[] = {"host",
                                "port",
                                "dbname",
                                "user",
                                "options",
                                "sslmode",
                                "connect_timeout",
                                "application_name",
                                "password",
                                "passfile",
                                NULL};
    const char *const values[] = {place->socket_dir,
                                  port,
                                  database,
                                  GL_PG_SUPERUSER,
                                  "-c DateStyle=ISO,YMD -c IntervalStyle=postgres -c TimeZone=UTC "
                                  "-c extra_float_digits=1 -c bytea_output=hex -c search_path= "
                                  "-c statement_timeout=0 -c lc_monetary=C -c lc_numeric=C",
                                  "disable",
                                  "10",
                                  "golive",
                                  "-",
                                  "/dev/null",
                                  NULL};
    return take_connection(PQconnectdbParams(keys, values, 0), ret_conn, err);
}

int gl_pg_connect_url(const char *url, PGconn **ret_conn, struct gl_error *err)
{
    /* A client certificate or revocation list in the user's home is meant for other servers. */
    static const char nowhere[] = "/dev/null/none";
    const char *const keys[] = {"dbname", "sslcert", "sslkey", "sslcrl", NULL};
    const char *const values[] = {url, nowhere, nowhere, nowhere, NULL};
    return take_connection(PQconnectdbParams(keys, values, 1), ret_conn, err);
}

static int statement_error(const PGresult *result, PGconn *conn, struct gl_error *err)
{
    const char *primary = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *detail = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL) : NULL;
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    gl_autofree char *message = trimmed(primary ? primary : PQerrorMessage(conn));
    gl_fail(err, GL_E_DATABASE, _("PostgreSQL says: %s%s%s%s%s"), message, detail ? " (" : "",
            detail ? detail : "", detail ? ")" : "", primary ? "" : _(" (connection lost)"));
    if (state && strcmp(state, "53100") == 0)
        gl_error_hint(err, _("The disk is full: free some space, then run the command again."));
    return GL_E_DATABASE;
}

int gl_pg_send(PGconn *conn, const char *sql, struct gl_error *err)
{
    return PQsendQuery(conn, sql) ? 0 : statement_error(NULL, conn, err);
}

static void cancel(PGconn *conn)
{
    char ignored[256];
    PGcancel *handle = PQgetCancel(conn);
    if (handle)
        (void)PQcancel(handle, ignored, sizeof ignored);
    PQfreeCancel(handle);
}

static int wait_for_result(PGconn *conn, struct gl_error *err)
{
    enum { LOOK_UP_MS = 100 }; /* how often Ctrl-C is looked for */

    while (PQisBusy(conn)) {
        struct pollfd socket = {.fd = PQsocket(conn), .events = POLLIN};
        (void)poll(&socket, 1, LOOK_UP_MS);
        int stop = gl_interrupt_check(err);
        if (stop < 0) {
            cancel(conn);
            return stop;
        }
        if (socket.revents && !PQconsumeInput(conn))
            return statement_error(NULL, conn, err);
    }
    return 0;
}

int gl_pg_next(PGconn *conn, PGresult **ret_result, struct gl_error *err)
{
    int failed = wait_for_result(conn, err);
    if (failed < 0)
        return failed;
    gl_autopgresult PGresult *result = PQgetResult(conn);
    if (!result)
        return 0;
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY)
        return statement_error(result, conn, err);
    *ret_result = gl_steal(&result);
    return 1;
}

int gl_pg_run(PGconn *conn, const char *sql, PGresult **ret_result, struct gl_error *err)
{
    gl_autopgresult PGresult *last = NULL;
    gl_autoerr struct gl_error first = {0};
    int failed = gl_pg_send(conn, sql, err);
    if (failed < 0)
        return failed;
    for (;;) {
        PGresult *next = NULL;
        int got = gl_pg_next(conn, &next, first.code ? NULL : &first);
        if (got > 0) {
            gl_pg_clear(&last);
            last = next;
        } else if (got == 0 || got == GL_E_INTERRUPTED || PQstatus(conn) != CONNECTION_OK) {
            break; /* after an error the rest is still fetched: the connection stays usable */
        }
    }
    if (first.code) {
        failed = first.code;
        if (err)
            gl_error_move(err, &first);
        return failed;
    }
    if (ret_result)
        *ret_result = gl_steal(&last);
    return 0;
}

/* Doubles the quote; with standard_conforming_strings nothing else is special. */
static void add_quoted(struct gl_buf *sql, const char *text, char quote)
{
    gl_buf_putc(sql, quote);
    for (; *text; text++) {
        if (*text == quote)
            gl_buf_putc(sql, quote);
        gl_buf_putc(sql, *text);
    }
    gl_buf_putc(sql, quote);
}

void gl_pg_add_name(struct gl_buf *sql, const char *name)
{
    add_quoted(sql, name, '"');
}

void gl_pg_add_text(struct gl_buf *sql, const char *text)
{
    add_quoted(sql, text, '\'');
}
