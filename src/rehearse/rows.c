/* Asks the database how many acknowledged writes it has. */
#include <libpq-fe.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/log.h"
#include "rehearse/internal.h"

static void finish_connection(PGconn **connection)
{
    PQfinish(*connection);
}

static void clear_result(PGresult **result)
{
    PQclear(*result);
}

int gl_rows_count(struct gl_rehearsal *rehearsal, int64_t *ret_rows, struct gl_error *err)
{
    const char *sql = gl_config_str(rehearsal->request->config, "load.verify_sql");
    if (!sql) {
        *ret_rows = -1;
        return 0;
    }
    gl_autofree char *conninfo = NULL;
    int failed = rehearsal->platform->ops->database_url(rehearsal->platform, &conninfo, err);
    if (failed < 0)
        return failed;
    gl_secret_add(conninfo);
    gl_cleanup(finish_connection) PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK)
        return gl_fail(err, GL_E_DATABASE, "%s", PQerrorMessage(connection));
    gl_cleanup(clear_result) PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1) {
        gl_fail(err, GL_E_CONFIG, _("load.verify_sql: %s"), PQerrorMessage(connection));
        return gl_error_hint(err, _("It must return one row with one number."));
    }
    *ret_rows = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    return 0;
}
