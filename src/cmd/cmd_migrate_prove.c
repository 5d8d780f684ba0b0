/* golive migrate prove: old code with the new schema, new code with the old one. */
#include <stdlib.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/judged.h"
#include "migrate/conn.h"
#include "platform/private_server.h"
#include "prove/export.h"
#include "prove/prove.h"
#include "release/journal.h"

/* What the two versions are called in a sentence. */
struct job {
    struct gl_export export; /* of the old one */
    int64_t release;         /* 0 = a commit that was named */
    struct gl_migrations old_list;
    struct gl_migrations new_list;
    struct gl_queries old_queries;
    struct gl_queries new_queries;
    struct gl_proof proof;
};

static void job_done(struct job *job)
{
    gl_export_done(&job->export);
    gl_migrations_done(&job->old_list);
    gl_migrations_done(&job->new_list);
    gl_queries_done(&job->old_queries);
    gl_queries_done(&job->new_queries);
    gl_proof_done(&job->proof);
}

/* ---- the old version --------------------------------------------------------------------------
 */

static int no_release(const struct gl_context *context, struct gl_error *err)
{
    gl_fail(err, GL_E_NOT_FOUND, _("no release serves in %s that was made from a commit"),
            gl_config_env(context->config));
    return gl_error_hint(err, _("Say what the old version is: golive migrate prove --from main"));
}

/* The commit of the release that serves. The caller owns it. */
static int serving_commit(struct gl_context *context, int64_t *ret_release, char **ret_commit,
                          struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    int failed = gl_cmd_open_known_ledger(context, err);
    if (failed == 0 && context->ledger)
        failed = gl_journal_read(context->ledger, gl_config_env(context->config), &journal, err);
    if (failed < 0)
        return failed;
    const struct gl_operation_record *serving = gl_journal_serving(&journal);
    const struct gl_operation_record *deploy =
        serving ? gl_journal_deploy_of(&journal, serving->release) : NULL;
    const char *commit = deploy ? gl_json_str(deploy->about, "commit", NULL) : NULL;
    if (!commit)
        return no_release(context, err);
    *ret_release = deploy->release;
    *ret_commit = gl_strdup(commit);
    return 0;
}

static int export_old(struct gl_context *context, struct job *job, struct gl_error *err)
{
    const char *from = gl_flag_str(context, "from");
    gl_autofree char *commit = gl_strdup(from);
    gl_autostrv struct gl_strv paths = {0};
    gl_strv_add(&paths, gl_config_str(context->config, "backend.dir"));
    gl_strv_add(&paths, gl_config_str(context->config, "migrations.dir"));
    int failed = from ? 0 : serving_commit(context, &job->release, &commit, err);
    return failed < 0 ? failed
                      : gl_export_make(context->project_dir, commit, &paths, &job->export, err);
}

/* ---- queries ----------------------------------------------------------------------------------
 */

static int read_side(const struct gl_context *context, const char *top,
                     struct gl_migrations *ret_list, struct gl_queries *queries,
                     struct gl_error *err)
{
    gl_autofree char *backend = gl_path_join(top, gl_config_str(context->config, "backend.dir"));
    gl_autofree char *dir = gl_path_join(top, gl_config_str(context->config, "migrations.dir"));
    int failed = gl_migrations_scan_as(dir, gl_config_str(context->config, "migrations.tool"),
                                       ret_list, err);
    if (failed < 0 || !gl_is_dir(backend))
        return failed;
    return gl_queries_read(backend, queries, err);
}

/* What the running version was seen to send. */
static int ask_server(const struct gl_context *context, struct gl_queries *queries,
                      struct gl_error *err)
{
    gl_autopq PGconn *conn = NULL;
    const char *url = NULL;
    int failed = gl_cmd_url_of_env(context, "statements-url-env",
                                   _("Set it to the URL of a database with pg_stat_statements; a "
                                     "role that may read all statistics is enough."),
                                   &url, err);
    if (failed < 0 || !url)
        return failed;
    failed = gl_pq_connect(url, "golive migrate prove", &conn, err);
    return failed < 0 ? failed : gl_queries_ask(conn, queries, err);
}

/* ---- the proof --------------------------------------------------------------------------------
 */

static int make_database(const struct gl_private_server *server, const char *name,
                         char **ret_conninfo, struct gl_error *err)
{
    gl_autofree char *first = gl_private_server_conninfo(server, "template1");
    gl_autofree char *sql = gl_asprintf("CREATE DATABASE %s", name);
    gl_autopq PGconn *conn = NULL;
    int failed = gl_pq_connect(first, "golive migrate prove", &conn, err);
    if (failed == 0)
        failed = gl_pq_exec(conn, sql, NULL, NULL, err);
    if (failed == 0)
        *ret_conninfo = gl_private_server_conninfo(server, name);
    return failed;
}

static int prove(const struct gl_context *context, struct job *job, struct gl_error *err)
{
    gl_autoprivateserver struct gl_private_server *server = NULL;
    gl_autofree char *before = NULL;
    gl_autofree char *after = NULL;
    const struct gl_prove_side old_side = {&job->old_list, &job->old_queries};
    const struct gl_prove_side new_side = {&job->new_list, &job->new_queries};
    int failed = gl_private_server_start(gl_flag_str(context, "server-bin"), &server, err);
    if (failed == 0)
        failed = make_database(server, "before", &before, err);
    if (failed == 0)
        failed = make_database(server, "after", &after, err);
    return failed < 0 ? failed : gl_prove(before, after, &old_side, &new_side, &job->proof, err);
}

/* ---- what is shown ----------------------------------------------------------------------------
 */

static const struct {
    const char *word; /* at the beginning of the line */
    const char *text;
} kind_texts[] = {
    [GL_PROVE_OLD_BREAKS] = {N_("FAIL"),  N_("the old version breaks")                      },
    [GL_PROVE_OLD_WAITS] = {N_("waits"),
                             N_("the old version would break: it runs one release later")   },
    [GL_PROVE_NEW_BREAKS] = {N_("FAIL"),  N_("the new version does not suit its own schema")},
    [GL_PROVE_NEW_NEEDS] = {N_("needs"), N_("the new version needs the migrations first")  },
};

static json_t *finding_json(const struct gl_prove_finding *finding)
{
    const struct gl_migration *migration = finding->migration;
    json_t *row = json_object();
    gl_json_set_str(row, "kind", gl_prove_kind_word(finding->kind));
    gl_json_set_bool(row, "bad", gl_prove_kind_is_bad(finding->kind));
    gl_json_set_str(row, "message", finding->what);
    gl_json_set_str(row, "sqlstate", *finding->sqlstate ? finding->sqlstate : NULL);
    gl_json_set_str(row, "file", finding->query->file);
    gl_json_set_int(row, "line", finding->query->line);
    gl_json_set_str(row, "query", finding->query->sql);
    gl_json_set_str(row, "migration", migration ? gl_path_base(migration->path) : NULL);
    return row;
}

static json_t *texts_json(const struct gl_strv *texts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < texts->count; i++)
        json_array_append_new(list, json_string(texts->items[i]));
    return list;
}

static json_t *to_json(const struct job *job)
{
    const struct gl_proof *proof = &job->proof;
    json_t *root = json_object();
    json_t *findings = json_array();
    for (size_t i = 0; i < proof->count; i++)
        json_array_append_new(findings, finding_json(&proof->items[i]));
    gl_json_set_str(root, "from", job->export.commit);
    if (job->release)
        gl_json_set_int(root, "release", job->release);
    gl_json_set_int(root, "expand_migrations", (int64_t)proof->expands);
    gl_json_set_int(root, "contract_migrations", (int64_t)proof->contracts);
    gl_json_set_int(root, "old_queries", (int64_t)job->old_queries.count);
    gl_json_set_int(root, "old_proven", (int64_t)proof->old_proven);
    gl_json_set_int(root, "new_queries", (int64_t)job->new_queries.count);
    gl_json_set_int(root, "new_proven", (int64_t)proof->new_proven);
    json_object_set_new(root, "findings", findings);
    json_object_set_new(root, "not_judged", texts_json(&proof->unjudged));
    json_object_set_new(root, "not_read", texts_json(&job->new_queries.unread));
    return root;
}

static void print_finding(const struct gl_prove_finding *finding, FILE *out)
{
    const struct gl_query *query = finding->query;
    gl_autofree char *place =
        query->line ? gl_asprintf("%s:%u", query->file, query->line) : gl_strdup(query->file);
    fprintf(out, "  %s  %s  %s\n        %s", _(kind_texts[finding->kind].word),
            place ? place : "pg_stat_statements", finding->what ? finding->what : "",
            _(kind_texts[finding->kind].text));
    gl_autofree char *after =
        finding->migration ? gl_asprintf(_(" after %s"), gl_path_base(finding->migration->path))
                           : NULL;
    fprintf(out, "%s\n", after ? after : "");
}

static void print_job(const struct job *job, FILE *out)
{
    const struct gl_proof *proof = &job->proof;
    for (size_t i = 0; i < proof->count; i++)
        print_finding(&proof->items[i], out);
    for (size_t i = 0; i < proof->unjudged.count; i++)
        fprintf(out, _("  not judged  %s\n"), proof->unjudged.items[i]);
    for (size_t i = 0; i < job->new_queries.unread.count; i++)
        fprintf(out, _("  not read  %s: the text is made at run time\n"),
                job->new_queries.unread.items[i]);
    fprintf(out, _("Old version (%.7s): %zu of %zu queries hold after %zu expand migrations.\n"),
            job->export.commit, proof->old_proven, job->old_queries.count, proof->expands);
    fprintf(out, _("New version: %zu of %zu queries hold after %zu contract migrations more.\n"),
            proof->new_proven, job->new_queries.count, proof->contracts);
}

/* Shown already; the exit status is for pipelines. */
static int outcome(const struct gl_proof *proof, struct gl_error *err)
{
    for (size_t i = 0; i < proof->count; i++) {
        if (gl_prove_kind_is_bad(proof->items[i].kind))
            err->code = GL_E_MISMATCH;
    }
    return err->code;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(job_done) struct job job = {0};
    int failed = export_old(context, &job, err);
    if (failed == 0)
        failed = read_side(context, job.export.dir, &job.old_list, &job.old_queries, err);
    if (failed == 0)
        failed = read_side(context, context->project_dir, &job.new_list, &job.new_queries, err);
    if (failed == 0)
        failed = ask_server(context, &job.old_queries, err);
    if (failed == 0)
        failed = prove(context, &job, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        gl_autojson json_t *root = to_json(&job);
        gl_cmd_print_json(context, root);
    } else {
        print_job(&job, context->out);
    }
    return outcome(&job.proof, err);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"from",               0, GL_FLAG_TEXT, N_("COMMIT"), NULL, N_("the old version: a commit, branch or tag; else what serves in the environment")},
    {"statements-url-env", 0, GL_FLAG_TEXT, N_("NAME"),   NULL, N_("environment variable with the URL of a database whose pg_stat_statements knows more queries of the old version")},
    {"server-bin",         0, GL_FLAG_TEXT, N_("DIR"),    NULL, N_("programs of the PostgreSQL to run (/usr/lib/postgresql/16/bin); else the newest installed")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example examples[] = {
    {"golive migrate prove --from main", N_("the working tree against the branch main")},
    {"golive migrate prove --env prod",  N_("the working tree against what serves in prod")},
    {0},
};
/* clang-format on */

const struct gl_command gl_cmd_migrate_prove = {
    .name = "migrate prove",
    .summary = N_("prepare the queries of the old version on the new schema, and the new ones on "
                  "the old"),
    .text = N_("Blue/green lets two versions work on one schema. The queries of both are read from "
               "sqlx's calls in the sources, from .sqlx/ and, on request, from pg_stat_statements; "
               "a private PostgreSQL gets the old version's migrations, then the new ones one by "
               "one, and every query is prepared there with the types that its program sends. A "
               "column that is gone, another type, a new NOT NULL that an INSERT does not give: "
               "what breaks is named with its query, source and migration. Nothing is run, so "
               "what only rows show (a CHECK, a unique index) is not seen. The exit status is 16 "
               "when something breaks."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .run = run,
};
