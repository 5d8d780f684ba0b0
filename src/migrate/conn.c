/* PostgreSQL by libpq: connecting and running statements without losing Ctrl-C. */
#include "migrate/conn.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strv.h"

#define CONNECT_TIMEOUT_MS 10000

/* Without a connection libpq is not even loaded. */
void gl_pq_close(PGconn **conn)
{
    if (*conn)
        PQfinish(*conn);
    *conn = NULL;
}

void gl_pq_clear(PGresult **result)
{
    PQclear(*result);
    *result = NULL;
}

/* ---- connecting ---- */

static void free_options(PQconninfoOption **options)
{
    PQconninfoFree(*options);
    *options = NULL;
}

/* libpq's own message could repeat the string with its password: only its name of an unknown
 * parameter is shown. */
static int fail_string(const char *message, struct gl_error *err)
{
    const char *named = message ? strchr(message, '"') : NULL;
    bool parameter = message && strstr(message, "URI query parameter") && named;
    if (parameter) {
        gl_autofree char *name = gl_strndup(named, strcspn(named + 1, "\"") + 2);
        gl_fail(err, GL_E_CONFIG, _("the database URL has a parameter libpq does not know: %s"),
                name);
        gl_error_hint(err, _("Leave it out of the URL that golive is given."));
        return GL_E_CONFIG;
    }
    gl_fail(err, GL_E_CONFIG, _("the database URL cannot be read"));
    gl_error_hint(err, _("It looks like postgresql://USER:PASSWORD@HOST:5432/NAME; in USER and "
                         "PASSWORD write `/`, `@`, `:`, `%%` and `#` as %%2F, %%40, %%3A, %%25 and "
                         "%%23."));
    return GL_E_CONFIG;
}

/* Remembers the password as a secret; *ret_timeout_ms from connect_timeout. */
static int read_string(const char *conninfo, int64_t *ret_timeout_ms, struct gl_error *err)
{
    char *message = NULL;
    gl_cleanup(free_options) PQconninfoOption *options = PQconninfoParse(conninfo, &message);
    if (!options) {
        int failed = fail_string(message, err);
        PQfreemem(message);
        return failed;
    }
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (strcmp(option->keyword, "password") == 0 && option->val)
            gl_secret_add(option->val);
        if (strcmp(option->keyword, "connect_timeout") == 0 && option->val &&
            strtol(option->val, NULL, 10) > 0)
            *ret_timeout_ms = strtol(option->val, NULL, 10) * 1000;
    }
    return 0;
}

static int fail_waiting(const PGconn *conn, int64_t timeout_ms, struct gl_error *err)
{
    if (gl_interrupted())
        return gl_interrupt_check(err);
    gl_autofree char *limit = gl_format_duration((double)timeout_ms);
    gl_fail(err, GL_E_TIMEOUT, _("the database server %s does not answer (waited %s)"),
            PQhost(conn), limit);
    return gl_error_hint(err, _("Is the host right, and does a firewall or security group let this "
                                "machine in?"));
}

/* Waits for the descriptor; false when time is over or a signal came. */
static bool wait_fd(int fd, short events, int64_t deadline_ms)
{
    struct pollfd fds[] = {
        {fd,                events, 0},
        {gl_interrupt_fd(), POLLIN, 0}
    };
    for (;;) {
        int64_t left = deadline_ms - gl_mono_ms();
        if (left <= 0 || gl_interrupted())
            return false;
        if (poll(fds, 2, (int)left) > 0 && fds[0].revents)
            return true;
    }
}

static int finish_connect(PGconn *conn, int64_t timeout_ms, struct gl_error *err)
{
    int64_t deadline = gl_mono_ms() + timeout_ms;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
        if (status == PGRES_POLLING_FAILED)
            return gl_pq_fail_connect(conn, err);
        short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!wait_fd(PQsocket(conn), events, deadline))
            return fail_waiting(conn, timeout_ms, err);
        status = PQconnectPoll(conn);
    }
    return 0;
}

static void on_notice(void *context, const char *message)
{
    (void)context;
    gl_log(GL_LOG_DEBUG, "PostgreSQL: %.*s", (int)strcspn(message, "\n"), message);
}

int gl_pq_connect(const char *conninfo, const char *application, PGconn **ret_conn,
                  struct gl_error *err)
{
    int64_t timeout_ms = CONNECT_TIMEOUT_MS;
    int failed = read_string(conninfo, &timeout_ms, err);
    if (failed < 0)
        return failed;
    /* Later ones win; the string's own keepalives win over these. */
    const char *const keywords[] = {"keepalives_idle",  "keepalives_interval", "dbname",
                                    "application_name", "client_encoding",     NULL};
    const char *const values[] = {"30", "10", conninfo, application, "UTF8", NULL};
    gl_autopq PGconn *conn = PQconnectStartParams(keywords, values, 1);
    if (!conn)
        return gl_fail(err, GL_E_IO, _("libpq is out of memory"));
    if (PQstatus(conn) == CONNECTION_BAD)
        return gl_pq_fail_connect(conn, err);
    PQsetNoticeProcessor(conn, on_notice, NULL);
    /* So that a refusal says its SQLSTATE: libpq keeps none for connections. */
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    failed = finish_connect(conn, timeout_ms, err);
    if (failed == 0)
        failed =
            gl_pq_exec(conn, "set timezone = 'UTC'; set datestyle = 'ISO, MDY'", NULL, NULL, err);
    if (failed < 0)
        return failed;
    PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
    *ret_conn = gl_steal(&conn);
    return 0;
}

/* ---- running ---- */

static void cancel(PGconn *conn)
{
    char message[256];
    PGcancel *handle = PQgetCancel(conn);
    if (handle && !PQcancel(handle, message, sizeof message))
        gl_log(GL_LOG_WARN, "the running statement could not be cancelled: %s", message);
    PQfreeCancel(handle);
}

struct driver {
    PGconn *conn;
    struct gl_pq_wait wait;
    int64_t next_tick_ms;
    bool cancelled;
    gl_pq_row_fn *on_row; /* NULL = the rows are wanted together */
    void *row_context;
};

/* Waits once for the server, a tick or a signal. */
static void wait_server(struct driver *driver)
{
    bool listen = !driver->wait.uninterruptible && !driver->cancelled;
    struct pollfd fds[] = {
        {PQsocket(driver->conn),          POLLIN, 0},
        {listen ? gl_interrupt_fd() : -1, POLLIN, 0}
    };
    int64_t left = driver->next_tick_ms - gl_mono_ms();
    int limit = driver->wait.tick ? (int)(left > 0 ? left : 0) : 1000;
    (void)poll(fds, 2, limit);
    if (listen && gl_interrupted()) {
        driver->cancelled = true;
        cancel(driver->conn);
    }
    if (driver->wait.tick && gl_mono_ms() >= driver->next_tick_ms && !fds[0].revents) {
        driver->wait.tick(driver->wait.context);
        driver->next_tick_ms = gl_mono_ms() + driver->wait.tick_ms;
    }
}

/* A migration may hold COPY: there is no data for it, and none is wanted from it. */
static void end_copy(PGconn *conn, ExecStatusType status)
{
    if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH)
        PQputCopyEnd(conn, "golive has no data for COPY ... FROM STDIN");
    char *row = NULL;
    while (status == PGRES_COPY_OUT && PQgetCopyData(conn, &row, 0) > 0)
        PQfreemem(row);
}

static void note_name(const PGresult *result, int field, char *name, size_t size)
{
    const char *value = PQresultErrorField(result, field);
    (void)snprintf(name, size, "%s", value ? value : "");
}

static void note_outcome(const PGresult *result, struct gl_pq_outcome *outcome)
{
    note_name(result, PG_DIAG_SCHEMA_NAME, outcome->schema, sizeof outcome->schema);
    note_name(result, PG_DIAG_TABLE_NAME, outcome->table, sizeof outcome->table);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    for (size_t i = 0; state && state[i] && i + 1 < sizeof outcome->sqlstate; i++)
        outcome->sqlstate[i] = state[i];
    outcome->position = position ? strtoul(position, NULL, 10) : 0;
}

/* 0 unless the statement changed rows: SELECT counts too, by the same field. */
static int64_t changed_rows(PGresult *result)
{
    static const char *const changing[] = {"INSERT ", "UPDATE ", "DELETE ", "MERGE ", "COPY "};
    const char *tag = PQcmdStatus(result);
    for (size_t i = 0; i < GL_COUNT(changing); i++) {
        if (gl_starts_with(tag, changing[i]))
            return strtoll(PQcmdTuples(result), NULL, 10);
    }
    return 0;
}

static PGresult *next_result(struct driver *driver)
{
    while (PQisBusy(driver->conn)) {
        wait_server(driver);
        /* A lost connection becomes a result with the error. */
        if (!PQconsumeInput(driver->conn))
            break;
    }
    return PQgetResult(driver->conn);
}

/* While rows come fast nothing waits, and a Ctrl-C would not be seen: it is looked for here. What
 * still comes after it is thrown away. */
static void hand_over(struct driver *driver, const PGresult *row)
{
    if (gl_interrupted() && !driver->cancelled) {
        driver->cancelled = true;
        cancel(driver->conn);
    }
    if (!driver->cancelled && driver->on_row)
        driver->on_row(row, driver->row_context);
}

static bool is_copy(ExecStatusType status)
{
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

/* Reads all results; keeps the last in *ret_result. Returns the first failure. */
static int collect(struct driver *driver, PGresult **ret_result, struct gl_pq_outcome *outcome,
                   struct gl_error *err)
{
    int failed = 0;
    for (;;) {
        gl_autopqresult PGresult *result = next_result(driver);
        if (!result)
            break;
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_SINGLE_TUPLE) {
            hand_over(driver, result);
        } else if (is_copy(status)) {
            end_copy(driver->conn, status);
        } else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            if (failed == 0) {
                note_outcome(result, outcome);
                failed = gl_pq_fail(driver->conn, result, err);
            }
            if (PQstatus(driver->conn) == CONNECTION_BAD)
                break;
        } else {
            outcome->completed += failed == 0;
            outcome->rows += failed == 0 ? changed_rows(result) : 0;
            gl_pq_clear(ret_result);
            *ret_result = gl_steal(&result);
        }
    }
    return driver->cancelled && gl_interrupted() ? gl_interrupt_check(err) : failed;
}

static int start(struct driver *driver, const struct gl_pq_wait *wait, struct gl_error *err)
{
    if (wait)
        driver->wait = *wait;
    driver->next_tick_ms = gl_mono_ms() + driver->wait.tick_ms;
    return driver->wait.uninterruptible ? 0 : gl_interrupt_check(err);
}

int gl_pq_exec_told(PGconn *conn, const char *sql, const struct gl_pq_wait *wait,
                    struct gl_pq_outcome *ret_outcome, PGresult **ret_result, struct gl_error *err)
{
    struct driver driver = {.conn = conn};
    struct gl_pq_outcome outcome = {0};
    gl_autopqresult PGresult *result = NULL;
    int failed = start(&driver, wait, err);
    if (failed == 0)
        failed = PQsendQuery(conn, sql) ? collect(&driver, &result, &outcome, err)
                                        : gl_pq_fail(conn, NULL, err);
    if (ret_outcome)
        *ret_outcome = outcome;
    if (failed == 0 && ret_result)
        *ret_result = gl_steal(&result);
    return failed;
}

int gl_pq_exec(PGconn *conn, const char *sql, const struct gl_pq_wait *wait,
               struct gl_pq_outcome *ret_outcome, struct gl_error *err)
{
    return gl_pq_exec_told(conn, sql, wait, ret_outcome, NULL, err);
}

struct parameters {
    int count;
    const char *const *values;
    struct gl_pq_outcome *outcome; /* or NULL */
};

static int query(PGconn *conn, const char *sql, const struct parameters *parameters,
                 const struct gl_pq_wait *wait, PGresult **ret_result, struct gl_error *err)
{
    struct driver driver = {.conn = conn};
    struct gl_pq_outcome outcome = {0};
    gl_autopqresult PGresult *result = NULL;
    int failed = start(&driver, wait, err);
    if (failed < 0)
        return failed;
    failed =
        PQsendQueryParams(conn, sql, parameters->count, NULL, parameters->values, NULL, NULL, 0)
            ? collect(&driver, &result, &outcome, err)
            : gl_pq_fail(conn, NULL, err);
    if (parameters->outcome)
        *parameters->outcome = outcome;
    if (failed == 0 && ret_result)
        *ret_result = gl_steal(&result);
    return failed;
}

int gl_pq_query(PGconn *conn, const char *sql, int count, const char *const *values,
                PGresult **ret_result, struct gl_error *err)
{
    return query(conn, sql, &(struct parameters){count, values, NULL}, NULL, ret_result, err);
}

int gl_pq_stream(PGconn *conn, const char *sql, gl_pq_row_fn *on_row, void *context,
                 PGresult **ret_end, struct gl_error *err)
{
    struct driver driver = {.conn = conn, .on_row = on_row, .row_context = context};
    struct gl_pq_outcome outcome = {0};
    gl_autopqresult PGresult *end = NULL;
    int failed = start(&driver, NULL, err);
    if (failed < 0)
        return failed;
    bool sent = PQsendQueryParams(conn, sql, 0, NULL, NULL, NULL, NULL, 0) == 1 &&
                PQsetSingleRowMode(conn) == 1;
    failed = sent ? collect(&driver, &end, &outcome, err) : gl_pq_fail(conn, NULL, err);
    if (failed == 0)
        *ret_end = gl_steal(&end);
    return failed;
}

int gl_pq_query_told(PGconn *conn, const char *sql, struct gl_pq_outcome *ret_outcome,
                     PGresult **ret_result, struct gl_error *err)
{
    *ret_outcome = (struct gl_pq_outcome){0};
    return query(conn, sql, &(struct parameters){0, NULL, ret_outcome}, NULL, ret_result, err);
}

int gl_pq_query_always(PGconn *conn, const char *sql, int count, const char *const *values,
                       PGresult **ret_result, struct gl_error *err)
{
    const struct gl_pq_wait wait = {.uninterruptible = true};
    return query(conn, sql, &(struct parameters){count, values, NULL}, &wait, ret_result, err);
}

const char *gl_pq_text(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column);
}

int64_t gl_pq_int(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

bool gl_pq_bool(const PGresult *result, int row, int column)
{
    return strcmp(PQgetvalue(result, row, column), "t") == 0;
}
