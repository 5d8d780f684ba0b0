/* golive migrate trace: what migrations do to a real PostgreSQL. */
#include <stdlib.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "trace/render.h"

/* "--rows 5000 --rows orders=100000": the number for all, and the rest by table. */
static void read_rows(const struct gl_context *context, int64_t *ret_all, struct gl_strv *tables)
{
    const struct gl_strv *given = gl_flag_list(context, "rows");
    for (size_t i = 0; i < given->count; i++) {
        char *end = NULL;
        const char *text = given->items[i];
        long long rows = strtoll(text, &end, 10);
        if (end != text && !*end && rows >= 0)
            *ret_all = rows;
        else
            gl_strv_add(tables, text);
    }
}

static int check_flags(const struct gl_context *context, const char *conninfo, struct gl_error *err)
{
    if (gl_flag_bool(context, "copy") && !conninfo)
        return gl_fail(err, GL_E_USAGE, _("--copy needs --database: what to copy"));
    if (gl_flag_str(context, "server-bin") && conninfo)
        return gl_fail(err, GL_E_USAGE,
                       _("--server-bin is for a private server, --database for another"));
    if (gl_flag_bool(context, "copy") && gl_flag_str(context, "schema"))
        return gl_fail(err, GL_E_USAGE, _("--copy and --schema both say what the schema is"));
    int64_t clients = gl_flag_int(context, "clients");
    if (clients < 1 || clients > GL_TRAFFIC_CLIENTS_MAX)
        return gl_fail(err, GL_E_USAGE, _("--clients is 1 to %d"), GL_TRAFFIC_CLIENTS_MAX);
    return 0;
}

static void show_stage(const char *text, void *context)
{
    (void)context;
    gl_log(GL_LOG_INFO, "%s", text);
}

static int trace(struct gl_context *context, struct gl_trace *ret_trace, struct gl_error *err)
{
    gl_autofree char *dir = gl_cmd_migrations_dir(context);
    gl_autostrv struct gl_strv tables = {0};
    struct gl_trace_options options = {
        .dir = dir,
        .tool = gl_config_str(context->config, "migrations.tool"),
        .files = &context->args,
        .server_bin = gl_flag_str(context, "server-bin"),
        .copy = gl_flag_bool(context, "copy"),
        .schema_path = gl_flag_str(context, "schema"),
        .rows = GL_TRACE_ROWS,
        .table_rows = &tables,
        .lock_timeout_ms = gl_config_int(context->config, "migrations.lock_timeout_ms"),
        .statement_timeout_ms = gl_config_int(context->config, "migrations.statement_timeout_ms"),
        .traffic_path = gl_flag_str(context, "against-traffic"),
        .traffic_clients = (int)gl_flag_int(context, "clients"),
        .compare = gl_flag_bool(context, "compare"),
        .on_stage = show_stage,
    };
    int failed = gl_cmd_given_url(context,
                                  _("Set it to the URL of a shadow: a server that nobody depends "
                                    "on, where the role may create databases."),
                                  &options.conninfo, err);
    if (failed == 0)
        failed = check_flags(context, options.conninfo, err);
    read_rows(context, &options.rows, &tables);
    return failed < 0 ? failed : gl_trace_run(&options, ret_trace, err);
}

static void show(struct gl_context *context, const struct gl_trace *trace)
{
    if (context->format_json) {
        gl_autojson json_t *root = gl_trace_json(trace);
        gl_cmd_print_json(context, root);
        return;
    }
    gl_autobuf struct gl_buf text = {0};
    gl_trace_text(trace, context->colour, &text);
    gl_autofree char *masked = gl_redact(gl_buf_text(&text));
    fputs(masked, context->out);
}

/* Shown already; the exit status is for pipelines. */
static int outcome(const struct gl_trace *trace, struct gl_error *err)
{
    bool failed = gl_trace_count(trace, GL_TRACE_FAILED) > 0 || trace->traffic.problem.code ||
                  gl_trace_traffic_is_broken(&trace->traffic);
    for (size_t i = 0; i < trace->count; i++)
        failed = failed || trace->files[i].problem.code;
    int code = failed                                          ? GL_E_DATABASE
               : gl_trace_count(trace, GL_TRACE_DANGEROUS) > 0 ? GL_E_MISMATCH
                                                               : 0;
    err->code = code;
    return code;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autotrace struct gl_trace result = {0};
    int failed = trace(context, &result, err);
    if (failed < 0)
        return failed;
    show(context, &result);
    return outcome(&result, err);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"schema",           0, GL_FLAG_TEXT, N_("DUMP"), NULL, N_("plain dump (pg_dump --schema-only) that the migrations find; else the earlier ones are run")},
    {"rows",             0, GL_FLAG_LIST, N_("N"),    NULL, N_("rows that every empty table gets (1000), or TABLE=N for one; 0 for none")},
    {"server-bin",       0, GL_FLAG_TEXT, N_("DIR"),  NULL, N_("programs of the PostgreSQL to run (/usr/lib/postgresql/16/bin); else the newest installed")},
    {"database",         0, GL_FLAG_TEXT, N_("URL"),  NULL, N_("shadow server to use instead; a database of its own is made there and dropped")},
    {"database-url-env", 0, GL_FLAG_TEXT, N_("NAME"), NULL, N_("environment variable that has this URL, which then nobody else sees")},
    {"copy",             0, GL_FLAG_BOOL, NULL,       NULL, N_("work in a copy of the database that the URL names, with its data")},
    {"against-traffic",  0, GL_FLAG_TEXT, N_("FILE"), NULL, N_("replay these queries meanwhile, and say how long one of them waited")},
    {"clients",          0, GL_FLAG_INT,  N_("N"),    "8",  N_("how many clients replay them (1 to 32)")},
    {"compare",          0, GL_FLAG_BOOL, NULL,       NULL, N_("show where golive migrate lint says something else; what was measured counts")},
    {0},
};

static const struct gl_example examples[] = {
    {"golive migrate trace",                                      N_("the newest migration, on a private PostgreSQL")},
    {"golive migrate trace backend/migrations/0007_mood.sql",     N_("this one, after all before it")},
    {"golive migrate trace --rows 100000",                        N_("with enough rows to see what a rewrite costs")},
    {"golive migrate trace --schema prod-schema.sql",             N_("on the schema that production has")},
    {"golive migrate trace --against-traffic queries.sql",        N_("what clients feel meanwhile")},
    {0},
};
/* clang-format on */

const struct gl_command gl_cmd_migrate_trace = {
    .name = "migrate trace",
    .arguments = "[FILE...]",
    .summary =
        N_("run migrations on a private PostgreSQL and see what they lock, rewrite and read"),
    .text =
        N_("Every statement is run as golive migrate up would run it, and what it did is looked "
           "up from inside its transaction: locks by relation and mode, tables that were "
           "rewritten, indexes that were built, full scans, changed rows, time and WAL. What a "
           "DO block or a function does is seen, too. Without files the pending migrations are "
           "traced, where the schema says which those are, else the newest. A statement is "
           "dangerous when it keeps others from reading or writing a table that was there "
           "before, while it does work that grows with a table; it is brief when it takes "
           "such a lock only for a moment. Nothing that was made for it stays. The exit status "
           "is 16 when something is dangerous, 12 when a statement fails."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 1000,
    .run = run,
};
