/* What PostgreSQL's refusals mean and what to do about them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/strv.h"
#include "migrate/conn.h"

/* By SQLSTATE (PostgreSQL manual, appendix A); a row of two characters stands for its class, so the
 * exact ones come first. */
static const struct {
    const char *sqlstate;
    const char *hint;
} hints[] = {
    {"28P01", N_("The password of the database URL is wrong for this user.")                               },
    {"28",    N_("The server does not let this user in from here: check the user's name and "
              "pg_hba.conf (or the IAM authentication).")                                        },
    {"3D000", N_("The database does not exist: check the name at the end of the URL, or make it "
                 "with createdb.")                                                            },
    {"3F000", N_("The schema does not exist; an earlier migration, or the search_path, should "
                 "provide it.")                                                               },
    {"53300", N_("All connections are taken: close some, or lower the pool size of the "
                 "application.")                                                              },
    {"53100", N_("The database server's disk is full: free or add space, then run it again.")              },
    {"53200", N_("The database server is out of memory: lower maintenance_work_mem or use a larger "
                 "machine.")                                                                  },
    {"57P03", N_("The server is starting or stopping: wait a moment and run it again.")                    },
    {"57P01", N_("The server ended the connection (restart or pg_terminate_backend): run it again, "
                 "nothing was half-applied.")                                                 },
    {"57P02", N_("The server crashed and restarts: see its log, then run it again.")                       },
    {"57014", N_("statement_timeout ended it. Make the migration smaller (batches, CONCURRENTLY), "
                 "or raise migrations.statement_timeout_ms.")                                 },
    {"42501", N_("The role of the database URL lacks a right: migrations need the role that owns "
                 "the schema (since PostgreSQL 15, CREATE on schema public must be granted).")},
    {"42601", N_("Correct the SQL at that line; nothing of the file stayed.")                              },
    {"42P07",
     N_("It exists already, perhaps made by hand: compare it, then drop it or write IF NOT "
        "EXISTS.")                                                                                         },
    {"42701",
     N_("It exists already, perhaps made by hand: compare it, then drop it or write IF NOT "
        "EXISTS.")                                                                                         },
    {"42710",
     N_("It exists already, perhaps made by hand: compare it, then drop it or write IF NOT "
        "EXISTS.")                                                                                         },
    {"25001",
     N_("This statement runs only outside a transaction: put it alone in a file whose very "
        "first bytes are `-- no-transaction`.")                                                            },
    {"25006", N_("This server is read-only (a replica): use the URL of the primary.")                      },
    {"55P04", N_("A new enum value can be used only after its transaction: move ALTER TYPE ... ADD "
                 "VALUE to a file of its own before this one.")                               },
    {"2BP01", N_("Something still depends on it: drop that first, in this file.")                          },
    {"23502", N_("Rows hold NULL there: fill them in a migration before this one.")                        },
    {"23503", N_("Rows point at rows that do not exist: clean them in a migration before this "
                 "one.")                                                                      },
    {"23505", N_("Rows hold the same value twice: clean them in a migration before this one.")             },
    {"23514", N_("Rows break the new rule: clean them in a migration before this one.")                    },
    {"40P01",
     N_("Deadlock with another session; it was tried again several times. Run it when there "
        "is less traffic, or lock fewer tables in one file.")                                              },
    {"58030", N_("The database server cannot read or write its disk: see its log.")                        },
};

static const char *hint_of(const char *sqlstate)
{
    for (size_t i = 0; i < GL_COUNT(hints); i++) {
        if (gl_starts_with(sqlstate, hints[i].sqlstate))
            return _(hints[i].hint);
    }
    return NULL;
}

/* The first line of libpq's message, secrets masked. The caller owns it. */
static char *first_line(const char *message)
{
    gl_autofree char *line = gl_strndup(message, strcspn(message, "\n"));
    return gl_redact(line);
}

static int fail_lost(const PGconn *conn, struct gl_error *err)
{
    gl_autofree char *line = first_line(PQerrorMessage(conn));
    gl_fail(err, GL_E_NET, _("the connection to the database was lost: %s"), line);
    return gl_error_hint(err, _("Run it again when the database answers: what was not finished is "
                                "rolled back or repaired then."));
}

int gl_pq_fail(const PGconn *conn, const PGresult *result, struct gl_error *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (!state && PQstatus(conn) == CONNECTION_BAD)
        return fail_lost(conn, err);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    gl_autofree char *line = first_line(primary ? primary : PQerrorMessage(conn));
    gl_autofree char *more = detail ? gl_redact(detail) : NULL;
    gl_fail(err, GL_E_DATABASE, "%s (SQLSTATE %s)%s%s", line, state ? state : "?", more ? ": " : "",
            more ? more : "");
    const char *hint = hint_of(state ? state : "");
    const char *theirs = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    if (theirs || hint)
        gl_error_hint(err, "%s", theirs ? theirs : hint);
    return GL_E_DATABASE;
}

/* ---- connecting ---- */

/* The SQLSTATE in "FATAL:  28P01: text" (PQERRORS_VERBOSE; the first word may be translated); the
 * text after it in *ret_text. NULL when the message is not from a server. */
static const char *find_state(const char *message, const char **ret_text)
{
    for (const char *at = strstr(message, ":  "); at; at = strstr(at + 1, ":  ")) {
        const char *state = at + 3;
        if (strspn(state, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 &&
            gl_starts_with(state + 5, ": ")) {
            *ret_text = state + 7;
            return state;
        }
    }
    return NULL;
}

/* libpq's own messages are translated, so only their untranslated parts are looked for. */
static const char *network_hint(const char *message)
{
    if (strstr(message, strerror(ECONNREFUSED)) || strstr(message, strerror(ENOENT)))
        return _("No PostgreSQL listens there: is it started, and are host and port right?");
    if (strcasestr(message, "ssl") || strcasestr(message, "certificate"))
        return _("TLS failed: check sslmode and sslrootcert of the URL, the server's certificate "
                 "and that the URL has the host name the certificate is for.");
    if (strstr(message, strerror(EHOSTUNREACH)) || strstr(message, strerror(ENETUNREACH)) ||
        strstr(message, strerror(ETIMEDOUT)))
        return _("The host cannot be reached: check the network, the security group and the host.");
    return _("Check the host and the port of the database URL.");
}

int gl_pq_fail_connect(const PGconn *conn, struct gl_error *err)
{
    const char *message = PQerrorMessage(conn);
    const char *text = NULL;
    const char *state = find_state(message, &text);
    if (!state) {
        gl_autofree char *line = first_line(message);
        gl_fail(err, GL_E_NET, _("the database cannot be reached: %s"), line);
        return gl_error_hint(err, "%s", network_hint(message));
    }
    gl_autofree char *line = first_line(text);
    gl_fail(err, GL_E_DATABASE, _("the database server refused the connection: %s (SQLSTATE %.5s)"),
            line, state);
    gl_autofree char *code = gl_strndup(state, 5);
    const char *hint = hint_of(code);
    if (hint)
        gl_error_hint(err, "%s", hint);
    return GL_E_DATABASE;
}
