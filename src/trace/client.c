/* A client asks one query after the other and notes how long each answer took. */
#include "trace/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/thread.h"
#include "migrate/conn.h"
#include "migrate/sqltext.h"

enum {
    DRAIN_MS = 2000, /* how long a last answer is waited for */
    CANCEL_MS = 500, /* from one request to cancel it to the next: the first may come too early */
};

/* ---- the queries ------------------------------------------------------------------------------
 */

static bool begins(const struct gl_sql_statement *statement)
{
    return gl_sql_match(statement, 0, "BEGIN") || gl_sql_match(statement, 0, "START TRANSACTION");
}

static bool ends(const struct gl_sql_statement *statement)
{
    return gl_sql_match(statement, 0, "COMMIT") || gl_sql_match(statement, 0, "END") ||
           gl_sql_match(statement, 0, "ROLLBACK");
}

static void add_statement(const struct gl_sql_statement *statement, struct gl_buf *unit)
{
    const struct gl_sql_token *last = &statement->tokens[statement->count - 1];
    const char *start = statement->tokens[0].text;
    gl_buf_puts(unit, unit->len ? "; " : "");
    gl_buf_add(unit, start, (size_t)(last->text + last->len - start));
}

void gl_traffic_split(const char *text, size_t len, struct gl_strv *units)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    gl_autobuf struct gl_buf unit = {0};
    struct gl_sql_scanner scanner = {text, len, 0};
    bool open = false;
    while (gl_sql_statement_next(&scanner, &statement)) {
        add_statement(&statement, &unit);
        open = (open || begins(&statement)) && !ends(&statement);
        if (open)
            continue;
        gl_strv_take(units, gl_buf_steal(&unit));
    }
    if (unit.len)
        gl_strv_take(units, gl_buf_steal(&unit));
}

int gl_traffic_read(const char *path, struct gl_strv *ret_units, struct gl_error *err)
{
    gl_autobuf struct gl_buf data = {0};
    int failed = gl_read_file(path, 0, &data, err);
    if (failed < 0)
        return failed;
    gl_traffic_split(gl_buf_text(&data), strlen(gl_buf_text(&data)), ret_units);
    if (ret_units->count)
        return 0;
    gl_fail(err, GL_E_CONFIG, _("there is no query in it"));
    gl_error_hint(err, _("Write the application's usual queries, each ended by `;`."));
    return gl_error_at(err, path, 1, 1);
}

/* ---- asking -----------------------------------------------------------------------------------
 */

static void note_error(struct gl_traffic_client *client, const PGresult *result)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *message = primary ? primary : PQerrorMessage(client->conn);
    if (!client->first_error)
        client->first_error = gl_strndup(message, strcspn(message, "\n"));
    atomic_fetch_add(&client->errors, 1);
}

static bool is_error(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

/* A transaction that an error left open must not hold the next query. */
static void leave_transaction(struct gl_traffic_client *client)
{
    if (PQtransactionStatus(client->conn) != PQTRANS_IDLE)
        PQclear(PQexec(client->conn, "rollback"));
}

static void note_longest(_Atomic int64_t *longest_us, int64_t took_us)
{
    int64_t known_us = atomic_load(longest_us);
    while (took_us > known_us && !atomic_compare_exchange_weak(longest_us, &known_us, took_us)) {
    }
}

/* An answer counts for the migrations when they ran at any time between question and answer. */
static void note_time(struct gl_traffic_client *client, int asked_in, int64_t took_us, size_t unit,
                      bool refused)
{
    int answered_in = atomic_load(&client->plan->phase);
    if (answered_in == GL_TRAFFIC_BEFORE) {
        gl_histogram_record(&client->before, took_us);
        note_longest(&client->plan->before_us[unit], took_us);
    } else if (asked_in != GL_TRAFFIC_AFTER) {
        gl_histogram_record(&client->during, took_us);
        client->refused += refused;
        note_longest(&client->plan->during_us[unit], took_us);
    }
}

static void ask(struct gl_traffic_client *client, size_t unit)
{
    int phase = atomic_load(&client->plan->phase);
    int64_t begun_us = gl_mono_us();
    PGresult *result = PQexec(client->conn, client->plan->units.items[unit]);
    int64_t took_us = gl_mono_us() - begun_us;
    bool refused =
        is_error(result) && phase != GL_TRAFFIC_AFTER && !atomic_load(&client->cancelled);
    note_time(client, phase, took_us, unit, refused);
    if (refused)
        note_error(client, result);
    atomic_fetch_add(&client->answers, 1);
    PQclear(result);
    leave_transaction(client);
}

static void *work(void *argument)
{
    struct gl_traffic_client *client = argument;
    size_t count = client->plan->units.count;
    for (size_t unit = client->number % count;
         atomic_load(&client->plan->phase) != GL_TRAFFIC_AFTER &&
         PQstatus(client->conn) == CONNECTION_OK;
         unit = (unit + 1) % count)
        ask(client, unit);
    atomic_store(&client->ended, true);
    return NULL;
}

int gl_traffic_client_start(struct gl_traffic_client *client, struct gl_error *err)
{
    int failed = gl_pq_connect(client->plan->conninfo, "golive-traffic", &client->conn, err);
    if (failed < 0)
        return failed;
    int problem = gl_thread_start(&client->thread, NULL, work, client);
    if (problem)
        return gl_fail_errno(err, problem, _("cannot start a thread"));
    client->running = true;
    return 0;
}

static void cancel(PGconn *conn)
{
    char ignored[256];
    PGcancel *handle = PQgetCancel(conn);
    if (handle)
        (void)PQcancel(handle, ignored, sizeof ignored);
    PQfreeCancel(handle);
}

void gl_traffic_client_stop(struct gl_traffic_client *client)
{
    int64_t deadline = gl_mono_ms() + DRAIN_MS;
    while (client->running && !atomic_load(&client->ended)) {
        if (gl_mono_ms() >= deadline) {
            atomic_store(&client->cancelled, true);
            cancel(client->conn);
            deadline = gl_mono_ms() + CANCEL_MS;
        }
        gl_sleep_ms(1);
    }
    if (client->running)
        pthread_join(client->thread, NULL);
    client->running = false;
    gl_pq_close(&client->conn);
}
