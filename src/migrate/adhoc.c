/* One statement of SQL that a person runs by hand. */
#include "migrate/adhoc.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "migrate/sqltext.h"

static bool is_literal(const struct gl_sql_token *token)
{
    return token->kind == GL_SQL_STRING || token->kind == GL_SQL_NUMBER ||
           token->kind == GL_SQL_UNTERMINATED;
}

char *gl_adhoc_mask(const char *sql)
{
    gl_autobuf struct gl_buf masked = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    struct gl_sql_token token;
    const char *end = NULL; /* of the token before */
    while ((token = gl_sql_next(&scanner)).kind != GL_SQL_END) {
        if (token.kind == GL_SQL_COMMENT)
            continue;
        if (end && end != token.text)
            gl_buf_putc(&masked, ' ');
        if (is_literal(&token))
            gl_buf_putc(&masked, '?');
        else
            gl_buf_add(&masked, token.text, token.len);
        end = token.text + token.len;
    }
    return gl_buf_steal(&masked);
}

static int refuse_byte(const char *text, size_t offset, const char *path, const char *what,
                       struct gl_error *err)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    gl_fail(err, GL_E_USAGE, _("the statement holds %s at byte %zu; nothing was run"), what,
            offset + 1);
    if (path)
        gl_error_at(err, path, line, 0);
    return gl_error_hint(err, _("Save it as UTF-8 without a byte order mark, and read it again: "
                                "what PostgreSQL sees is to be what you see."));
}

int gl_adhoc_check_bytes(const char *text, size_t len, const char *path, struct gl_error *err)
{
    const char *nul = len ? memchr(text, '\0', len) : NULL;
    size_t valid = gl_utf8_valid_prefix(text, len);
    if (nul)
        return refuse_byte(text, (size_t)(nul - text), path, _("a NUL byte"), err);
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        return refuse_byte(text, 0, path, _("a byte order mark"), err);
    return valid < len ? refuse_byte(text, valid, path, _("what is no UTF-8"), err) : 0;
}

int gl_adhoc_check(const char *sql, struct gl_error *err)
{
    static const char *const endings[] = {"BEGIN", "START", "COMMIT",   "END",
                                          "ABORT", "COPY",  "ROLLBACK", "PREPARE"};
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    if (!gl_sql_statement_next(&scanner, &statement)) {
        gl_fail(err, GL_E_USAGE, _("there is no statement"));
        return gl_error_hint(err, _("Give it in a file or with --command."));
    }
    for (size_t i = 0; i < GL_COUNT(endings); i++) {
        if (!gl_sql_is(&statement.tokens[0], endings[i]))
            continue;
        gl_fail(err, GL_E_USAGE, _("%s cannot be run by hand"), endings[i]);
        return gl_error_hint(err, _("The statement already has its transaction, and reads no "
                                    "files."));
    }
    if (!gl_sql_statement_next(&scanner, &statement))
        return 0;
    gl_fail(err, GL_E_USAGE, _("there is more than one statement"));
    return gl_error_hint(err, _("Run them one by one: each is approved and noted by itself."));
}

static int begin(PGconn *conn, const struct gl_adhoc *adhoc, struct gl_error *err)
{
    /* After the query the transaction cannot be made writable (SET TRANSACTION READ WRITE). */
    gl_autofree char *sql = gl_asprintf(
        "begin transaction read %s; set local lock_timeout = %" PRId64
        "; set local statement_timeout = %" PRId64 "; select from pg_class limit 1",
        adhoc->write ? "write" : "only", adhoc->lock_timeout_ms, adhoc->statement_timeout_ms);
    return gl_pq_exec(conn, sql, NULL, NULL, err);
}

static int explain(const struct gl_adhoc *adhoc, int failed, struct gl_error *err)
{
    if (failed == GL_E_DATABASE && !adhoc->write && err && err->message &&
        strstr(err->message, "25006"))
        gl_error_hint(err, _("It changes something: --write, and in an environment on AWS the "
                             "signature of a second person. Better still is a migration."));
    return failed;
}

int gl_adhoc_run(PGconn *conn, const struct gl_adhoc *adhoc, PGresult **ret_end,
                 struct gl_error *err)
{
    const struct gl_pq_wait wait = {.uninterruptible = true};
    gl_autopqresult PGresult *end = NULL;
    int failed = gl_adhoc_check(adhoc->sql, err);
    if (failed == 0)
        failed = begin(conn, adhoc, err);
    if (failed == 0)
        failed = gl_pq_stream(conn, adhoc->sql, adhoc->on_row, adhoc->context, &end, err);
    if (failed == 0)
        failed = gl_pq_exec(conn, adhoc->write ? "commit" : "rollback", &wait, NULL, err);
    if (failed < 0)
        return explain(adhoc, failed, err);
    *ret_end = gl_steal(&end);
    return 0;
}
