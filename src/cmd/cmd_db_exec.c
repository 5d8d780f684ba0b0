/* golive db exec: one statement by hand, read-only unless a second person signed it, and always in
 * the ledger. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "cmd/db_approval.h"
#include "cmd/db_rows.h"
#include "cmd/migrate_guard.h"
#include "migrate/adhoc.h"

#define SQL_MAX (1 << 20)

/* One run. */
struct exec {
    char *sql;
    char hash[GL_SHA256_HEX_SIZE];
    char *masked;
    bool write;
    const char *approver; /* people[].id, or NULL */
    char *approval;       /* hash of what was signed, or NULL */
    struct gl_db_rows rows;
    PGresult *end; /* columns and count; NULL = it did not succeed */
    int64_t elapsed_us;
};

static void exec_done(struct exec *exec)
{
    free(exec->sql);
    free(exec->masked);
    free(exec->approval);
    gl_db_rows_done(&exec->rows);
    gl_pq_clear(&exec->end);
}

/* ---- what is run ------------------------------------------------------------------------------
 */

static int read_sql(const struct gl_context *context, struct exec *exec, struct gl_error *err)
{
    const char *command = gl_flag_str(context, "command");
    gl_autobuf struct gl_buf text = {0};
    if ((command != NULL) == (context->args.count == 1)) {
        gl_fail(err, GL_E_USAGE, _("give the statement in a file, or with --command"));
        return gl_error_hint(err, _("For example: golive db exec -c \"select count(*) from t\""));
    }
    const char *path = command ? NULL : context->args.items[0];
    int failed = path ? gl_read_file(path, SQL_MAX, &text, err) : 0;
    if (command)
        gl_buf_puts(&text, command);
    if (failed == 0)
        failed = gl_adhoc_check_bytes(gl_buf_text(&text), text.len, path, err);
    if (failed < 0)
        return failed;
    exec->sql = gl_buf_steal(&text);
    exec->masked = gl_adhoc_mask(exec->sql);
    exec->write = gl_flag_bool(context, "write");
    gl_sha256_hex(exec->sql, strlen(exec->sql), exec->hash);
    return gl_adhoc_check(exec->sql, err);
}

static int approve(const struct gl_context *context, struct exec *exec, struct gl_error *err)
{
    const char *path = gl_flag_str(context, "approval");
    if (!exec->write || !gl_db_approval_is_wanted(context->config))
        return 0;
    if (path)
        return gl_db_approval_check(context, exec->sql, path, &exec->approver, &exec->approval,
                                    err);
    gl_fail(err, GL_E_REFUSED, _("nobody writes to %s alone: a second person must sign this"),
            gl_config_env(context->config));
    return gl_error_hint(
        err,
        _("Show what is to be signed with --write --statement > s.json; one of "
          "approval.approvers signs it (ssh-keygen -Y sign -n %s -f KEY s.json); then --write "
          "--approval s.json. Better still is a migration: golive migrate new NAME."),
        GL_DB_APPROVAL_NAMESPACE);
}

/* ---- the ledger -------------------------------------------------------------------------------
 */

static json_t *about(const struct exec *exec)
{
    json_t *data = json_object();
    gl_json_set_str(data, "sql_sha256", exec->hash);
    gl_json_set_str(data, "sql", exec->masked);
    gl_json_set_bool(data, "write", exec->write);
    gl_json_set_str(data, "approver", exec->approver);
    gl_json_set_str(data, "approval", exec->approval);
    return data;
}

static int note(const struct gl_context *context, const char *kind, const json_t *data,
                int64_t *ret_seq, struct gl_error *err)
{
    return gl_ledger_append(context->ledger, kind, gl_config_env(context->config), 0, data, ret_seq,
                            err);
}

/* Rows that the server counted; of a statement that failed those that were shown. */
static int64_t rows_of(const struct exec *exec)
{
    return exec->end ? strtoll(PQcmdTuples(exec->end), NULL, 10) : exec->rows.count;
}

static int note_end(const struct gl_context *context, const struct exec *exec,
                    const struct gl_error *cause, struct gl_error *err)
{
    gl_autojson json_t *data = about(exec);
    gl_json_set_int(data, "rows", rows_of(exec));
    gl_json_set_int(data, "elapsed_us", exec->elapsed_us);
    gl_json_set_str(data, "error", cause->code ? gl_code_word(cause->code) : NULL);
    return note(context, cause->code ? "db.exec.failed" : "db.exec.done", data, NULL, err);
}

/* ---- running ----------------------------------------------------------------------------------
 */

/* Said before AWS is asked for anything. */
static int need_reach(const struct gl_context *context, struct gl_error *err)
{
    const char *env = gl_config_env(context->config);
    if (!gl_platform_is_aws(context->config) || gl_flag_str(context, "database-url-env"))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("the database of %s cannot be reached from here"), env);
    return gl_error_hint(err,
                         _("It is inside the network on AWS. From a machine in there: golive "
                           "db exec --env %s --database-url-env NAME."),
                         env);
}

static int find_database(struct gl_context *context, char **ret_conninfo, struct gl_error *err)
{
    gl_autocmdmigrations struct gl_cmd_migrations found = {0};
    int failed = gl_cmd_database_open(context, &found, err);
    return failed < 0 ? failed : gl_cmd_migrations_conninfo(&found, ret_conninfo, err);
}

/* Of two runs with one approval that both came so far, the first goes on. */
static int claim(const struct gl_context *context, const struct exec *exec, int64_t seq,
                 struct gl_error *err)
{
    return exec->approval ? gl_db_approval_claim(context, exec->approval, seq, err) : 0;
}

/* Intent before the effect, result after it; but not before there is a connection: a wrong URL must
 * not use up an approval. */
static int execute(struct gl_context *context, const char *conninfo, struct exec *exec,
                   struct gl_error *err)
{
    gl_autoerr struct gl_error cause = {0};
    gl_autojson json_t *intent = about(exec);
    gl_autopq PGconn *conn = NULL;
    int64_t seq = 0;
    const struct gl_adhoc adhoc = {
        .sql = exec->sql,
        .write = exec->write,
        .lock_timeout_ms = gl_config_int(context->config, "migrations.lock_timeout_ms"),
        .statement_timeout_ms = gl_config_int(context->config, "migrations.statement_timeout_ms"),
        .on_row = gl_db_rows_show,
        .context = &exec->rows,
    };
    int failed = gl_pq_connect(conninfo, "golive db exec", &conn, err);
    if (failed == 0)
        failed = note(context, "db.exec.begin", intent, &seq, err);
    if (failed < 0)
        return failed;
    int64_t started_us = gl_mono_us();
    failed = claim(context, exec, seq, &cause);
    if (failed == 0)
        failed = gl_adhoc_run(conn, &adhoc, &exec->end, &cause);
    exec->elapsed_us = gl_mono_us() - started_us;
    gl_db_rows_end(&exec->rows, exec->end, exec->hash, rows_of(exec));
    int unnoted = note_end(context, exec, &cause, failed < 0 ? NULL : err);
    if (failed < 0)
        gl_error_move(err, &cause);
    return failed < 0 ? failed : unnoted;
}

static int show_statement(struct gl_context *context, const struct exec *exec, struct gl_error *err)
{
    gl_autofree char *text = NULL;
    int failed = gl_db_approval_text(context, exec->sql, &text, err);
    if (failed == 0)
        fputs(text, context->out);
    return failed;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(exec_done) struct exec exec = {
        .rows = {.out = context->out, .json = context->format_json}
    };
    gl_autofree char *conninfo = NULL;
    bool statement = gl_flag_bool(context, "statement");
    int failed = read_sql(context, &exec, err);
    if (failed == 0 && !statement)
        failed = need_reach(context, err);
    if (failed == 0)
        failed = gl_cmd_open_ledger(context, err);
    if (failed == 0 && statement)
        return show_statement(context, &exec, err);
    if (failed == 0)
        failed = approve(context, &exec, err);
    if (failed == 0)
        failed = find_database(context, &conninfo, err);
    if (failed == 0)
        failed = execute(context, conninfo, &exec, err);
    if (failed == 0 && exec.write && !context->format_json)
        fprintf(context->out, _("%" PRId64 " rows.\n"), rows_of(&exec));
    return failed;
}

static const struct gl_flag flags[] = {
    {"command",     'c', GL_FLAG_TEXT, N_("SQL"), NULL, N_("the statement, instead of a file")},
    {"write", 0, GL_FLAG_BOOL, NULL, NULL, N_("it may change something; else it cannot")},
    {"statement",         0, GL_FLAG_BOOL, NULL, NULL, N_("show what a second person is to sign, and end")},
    {"approval",             0, GL_FLAG_TEXT, N_("FILE"), NULL,
     N_("what was signed; the signature is in FILE.sig")},
    {"database-url-env",            0, GL_FLAG_TEXT, N_("NAME"), NULL,
     N_("environment variable that has the database's URL; else the environment's own")},
    GL_PROFILE_FLAG,
    {0        },
};

static const struct gl_example examples[] = {
    {"golive db exec -c \"select count(*) from users\"", N_("ask the local database")},
    {"golive db exec fix.sql --env prod --write --statement > s.json",
     N_("what a second person is to sign")},
    {0             }
};

const struct gl_command gl_cmd_db_exec = {
    .name = "db exec",
    .arguments = "[FILE]",
    .summary = N_("run one statement by hand, read-only and noted in the ledger"),
    .text =
        N_("The statement runs in a transaction that cannot write, under the limits of "
           "migrations. With --write it may, and where others share the environment somebody "
           "of approval.approvers must have signed it. The ledger gets who, when, its hash, its "
           "text without literals, and how many rows; never the rows. Rows are shown as they "
           "come, whatever their number: exit status 0 says that they are all."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 1,
    .run = run,
};
