/* golive migrate lint: what migrations would do to a database that is serving. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/commands.h"
#include "lint/database.h"
#include "lint/fix.h"
#include "lint/render.h"

/* What one run needs; zero-initialise. */
struct linting {
    struct gl_context *context;
    struct gl_lint_files files;
    struct gl_lint_sizes sizes;
    struct gl_lint_database database;
    struct gl_lint_options options;
    struct gl_lint_result result;
    struct gl_strv notes;       /* about what was given, for the result */
    struct gl_lint_fixes fixes; /* that --fix wrote */
    int64_t begin_us;
};

/* What was read, so that it can be read again. */
static void forget(struct linting *linting)
{
    gl_lint_files_done(&linting->files);
    gl_lint_sizes_done(&linting->sizes);
    gl_lint_database_done(&linting->database);
    gl_lint_result_done(&linting->result);
    gl_strv_done(&linting->notes);
}

static void linting_done(struct linting *linting)
{
    forget(linting);
    gl_lint_fixes_done(&linting->fixes);
}

/* ---- input -------------------------------------------------------------------------------------
 */

/* Without a path: what golive.yaml says, or "migrations" where there is none. */
static int default_dir(struct gl_context *context, char **ret_dir, const char **ret_tool,
                       struct gl_error *err)
{
    gl_autofree char *project = gl_find_upwards(".", "golive.yaml");
    if (!project && !gl_flag_str(context, "config")) {
        *ret_dir = gl_strdup("migrations");
        return 0;
    }
    struct gl_config_request request = {
        .path = gl_flag_str(context, "config"),
        .env = "local",
        .set = gl_flag_list(context, "set"),
    };
    gl_autodiag struct gl_diagnostics problems = {0};
    int failed = gl_config_load(&request, &context->config, &problems, err);
    if (failed < 0)
        return failed;
    *ret_dir = gl_path_join(gl_config_dir(context->config),
                            gl_config_str(context->config, "migrations.dir"));
    *ret_tool = gl_config_str(context->config, "migrations.tool");
    return 0;
}

/* A project may begin without migrations; a path that somebody names for nothing is a mistake. */
static void note_empty(struct linting *linting, const char *dir)
{
    if (linting->files.count)
        return;
    gl_strv_addf(&linting->notes,
                 _("there are no migrations in %s yet; golive migrate new NAME begins one"), dir);
}

static int add_default(struct linting *linting, struct gl_error *err)
{
    gl_autofree char *dir = NULL;
    int failed = default_dir(linting->context, &dir, &linting->files.tool, err);
    if (failed < 0)
        return failed;
    if (!gl_is_dir(dir)) {
        gl_fail(err, GL_E_NOT_FOUND, _("there are no migrations: %s is no directory"), dir);
        return gl_error_hint(err, _("Name files or a directory: golive migrate lint migrations"));
    }
    failed = gl_lint_files_add(&linting->files, dir, err);
    if (failed == 0)
        note_empty(linting, dir);
    return failed;
}

/* Without a file to judge, silence would look like praise. */
static int refuse_empty(const struct gl_lint_files *files, const char *dir, struct gl_error *err)
{
    gl_fail(err, GL_E_USAGE, _("there are no migrations in %s"), dir);
    if (files->passed_over.count)
        return gl_error_hint(err,
                             _("No tool runs %s: its name has no version. Rename it to "
                               "<version>_<description>.sql, or name the file itself."),
                             files->passed_over.items[files->passed_over.count - 1]);
    return gl_error_hint(err, _("Name the directory that holds <version>_<description>.sql files "
                                "(or another tool's), or the files themselves."));
}

static int add_named(struct linting *linting, const char *path, struct gl_error *err)
{
    size_t before = linting->files.count;
    int failed = gl_lint_files_add(&linting->files, path, err);
    if (failed == 0 && linting->files.count == before)
        failed = refuse_empty(&linting->files, path, err);
    return failed;
}

/* A file that was named stands for the parts that --fix made of it, too. */
static int add_parts(struct linting *linting, const char *path, struct gl_error *err)
{
    const struct gl_lint_fixes *fixes = &linting->fixes;
    bool own = false;
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < fixes->count; i++) {
        const struct gl_lint_write *write = &fixes->items[i];
        own = write->before ? strcmp(write->path, path) == 0 : own;
        if (own && !write->before && !gl_ends_with(write->path, ".down.sql"))
            failed = gl_lint_files_add(&linting->files, write->path, err);
    }
    return failed;
}

static int collect(struct linting *linting, struct gl_error *err)
{
    const struct gl_strv *paths = &linting->context->args;
    int failed = paths->count ? 0 : add_default(linting, err);
    for (size_t i = 0; failed == 0 && i < paths->count; i++) {
        failed = add_named(linting, paths->items[i], err);
        if (failed == 0)
            failed = add_parts(linting, paths->items[i], err);
    }
    return failed;
}

enum { OLDEST_SERVER = 14, NEWEST_SERVER = 18 };

static int check_fix(const struct gl_context *context, struct gl_error *err)
{
    bool fix = gl_flag_bool(context, "fix");
    if (gl_flag_bool(context, "dry-run") && !fix)
        return gl_fail(err, GL_E_USAGE, _("--dry-run belongs to --fix"));
    if (fix && (gl_flag_str(context, "out") || gl_flag_str(context, "write-baseline") ||
                strcmp(gl_flag_str(context, "format"), "text") != 0))
        return gl_fail(err, GL_E_USAGE,
                       _("--fix changes files and says so in words: give --out, --write-baseline "
                         "and --format in a run of their own behind it"));
    return 0;
}

static int check_usage(const struct gl_context *context, struct gl_error *err)
{
    bool asks = gl_flag_str(context, "database") || gl_flag_str(context, "database-url-env");
    int64_t version = gl_flag_int(context, "server-version");
    if (version && (version < OLDEST_SERVER || version > NEWEST_SERVER))
        return gl_fail(err, GL_E_USAGE, _("--server-version is 14 to 18"));
    if (gl_flag_str(context, "write-stats") && !asks)
        return gl_fail(err, GL_E_USAGE, _("--write-stats needs --database"));
    if (gl_flag_str(context, "stats") && asks)
        return gl_fail(err, GL_E_USAGE, _("--stats and --database both tell sizes: give one"));
    if (gl_flag_str(context, "baseline") && gl_flag_str(context, "write-baseline"))
        return gl_fail(err, GL_E_USAGE,
                       _("--write-baseline writes every finding: leave out --baseline"));
    const char *zone = gl_flag_str(context, "time-zone");
    int failed = zone ? gl_lint_zone_check(zone, err) : 0;
    return failed < 0 ? failed : check_fix(context, err);
}

static int ask_database(struct linting *linting, const char *url, struct gl_error *err)
{
    const char *path = gl_flag_str(linting->context, "write-stats");
    int failed = gl_lint_database_read(url, &linting->files, &linting->database, err);
    if (failed < 0)
        return failed;
    linting->options.sizes = &linting->database.sizes;
    if (!linting->options.server_version)
        linting->options.server_version = linting->database.server_version;
    gl_autofree char *text = path ? gl_lint_sizes_make(&linting->database.sizes) : NULL;
    return path ? gl_write_text(path, text, 0644, err) : 0;
}

static int read_options(struct linting *linting, struct gl_error *err)
{
    struct gl_context *context = linting->context;
    const char *stats = gl_flag_str(context, "stats");
    const char *url = NULL;
    const char *since = gl_flag_str(context, "since");
    linting->options = (struct gl_lint_options){
        .server_version = (int)gl_flag_int(context, "server-version"),
        .time_zone = gl_flag_str(context, "time-zone"),
    };
    int failed = gl_cmd_given_url(context,
                                  _("Set it to the URL of the database that the files are for; a "
                                    "role that may only read is enough."),
                                  &url, err);
    if (failed == 0 && stats)
        failed = gl_lint_sizes_read(stats, &linting->sizes, err);
    if (stats && failed == 0)
        linting->options.sizes = &linting->sizes;
    if (failed == 0 && url)
        failed = ask_database(linting, url, err);
    if (failed == 0 && since)
        failed = gl_lint_since(since, &linting->files, err);
    return failed;
}

/* ---- output ------------------------------------------------------------------------------------
 */

static void add_json(json_t *json, struct gl_buf *out)
{
    gl_autojson json_t *owned = json;
    gl_autofree char *text = gl_json_pretty(owned);
    gl_buf_puts(out, text);
}

static void render_json(const struct gl_lint_view *view, struct gl_buf *out)
{
    add_json(gl_lint_json(view), out);
}

static void render_sarif(const struct gl_lint_view *view, struct gl_buf *out)
{
    add_json(gl_lint_sarif(view), out);
}

static const struct {
    const char *format;
    void (*render)(const struct gl_lint_view *view, struct gl_buf *out);
} renderers[] = {
    {"text",   gl_lint_render_text  },
    {"json",   render_json          },
    {"sarif",  render_sarif         },
    {"github", gl_lint_render_github},
};

static int show(const struct linting *linting, struct gl_error *err)
{
    const struct gl_context *context = linting->context;
    const char *format = gl_flag_str(context, "format");
    const char *path = gl_flag_str(context, "out");
    struct gl_lint_view view = {
        .result = &linting->result,
        .colour = context->colour && !path,
        .verbose = gl_flag_bool(context, "verbose"),
        .took_us = gl_mono_us() - linting->begin_us,
    };
    gl_autobuf struct gl_buf out = {0};
    for (size_t i = 0; i < GL_COUNT(renderers); i++) {
        if (strcmp(renderers[i].format, format) == 0)
            renderers[i].render(&view, &out);
    }
    if (path)
        return gl_write_text(path, gl_buf_text(&out), 0644, err);
    fputs(gl_buf_text(&out), context->out);
    return 0;
}

/* ---- baseline and --fix ------------------------------------------------------------------------
 */

static int write_baseline(const struct linting *linting, const char *path, struct gl_error *err)
{
    gl_autofree char *text = gl_lint_baseline_make(&linting->result);
    int failed = gl_write_text(path, text, 0644, err);
    if (failed == 0)
        fprintf(stderr, _("Wrote %s. Next: golive migrate lint --baseline %s\n"), path, path);
    return failed;
}

static void show_fixes(const struct linting *linting, const struct gl_lint_fixes *fixes, bool dry)
{
    FILE *out = linting->context->out;
    gl_autobuf struct gl_buf diff = {0};
    if (dry) {
        gl_lint_fix_diff(fixes, &diff);
        fputs(gl_buf_text(&diff), out);
    }
    for (size_t i = 0; !dry && i < fixes->count; i++)
        fprintf(out, fixes->items[i].before ? _("changed %s\n") : _("wrote   %s\n"),
                fixes->items[i].path);
    if (!fixes->count)
        fputs(_("nothing here can be mended mechanically\n"), stderr);
}

static void show_left(const struct gl_lint_fixes *fixes)
{
    for (size_t i = 0; i < fixes->left.count; i++)
        fprintf(stderr, "%s\n", fixes->left.items[i]);
}

/* Of what is there now, why --fix leaves it. */
static int explain_left(const struct linting *linting, struct gl_error *err)
{
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    int failed = gl_lint_fix_plan(&linting->files, &linting->result, &fixes, err);
    if (failed < 0)
        return failed;
    show_left(&fixes);
    if (fixes.count)
        fprintf(stderr, _("%s can be mended further: run golive migrate lint --fix again\n"),
                fixes.items[0].path);
    return 0;
}

static int mend(struct linting *linting, struct gl_error *err)
{
    bool dry = gl_flag_bool(linting->context, "dry-run");
    struct gl_lint_fixes *fixes = &linting->fixes;
    int failed = gl_lint_fix_plan(&linting->files, &linting->result, fixes, err);
    if (failed == 0 && !dry)
        failed = gl_lint_fix_write(fixes, err);
    if (failed == 0)
        show_fixes(linting, fixes, dry);
    if (failed == 0 && dry)
        show_left(fixes);
    return failed;
}

/* ---- rules -------------------------------------------------------------------------------------
 */

static int show_rules(struct gl_context *context, struct gl_error *err)
{
    const char *id = gl_flag_str(context, "explain");
    const struct gl_lint_about *rule = id ? gl_lint_rule_find(id) : NULL;
    gl_autobuf struct gl_buf out = {0};
    if (id && !rule)
        return gl_lint_rule_not_found(id, err);
    if (context->format_json)
        add_json(id ? gl_lint_explain_json(rule) : gl_lint_rules_json(), &out);
    else if (id)
        gl_lint_explain_text(rule, &out);
    else
        gl_lint_rules_text(&out);
    fputs(gl_buf_text(&out), context->out);
    return 0;
}

/* ---- the command -------------------------------------------------------------------------------
 */

/* Said by the result already; only the status is missing. */
static int outcome(const struct linting *linting, struct gl_error *err)
{
    if (gl_lint_count(&linting->result, GL_LINT_ERROR) == 0)
        return 0;
    err->code = GL_E_MISMATCH;
    return GL_E_MISMATCH;
}

static int judge(struct linting *linting, struct gl_error *err)
{
    const char *baseline = gl_flag_str(linting->context, "baseline");
    int failed = collect(linting, err);
    if (failed == 0)
        failed = read_options(linting, err);
    if (failed == 0)
        failed = gl_lint_run(&linting->files, &linting->options, &linting->result, err);
    for (size_t i = 0; failed == 0 && i < linting->notes.count; i++)
        gl_strv_add(&linting->result.notes, linting->notes.items[i]);
    if (failed == 0 && baseline)
        failed = gl_lint_baseline_read(baseline, &linting->result, err);
    return failed;
}

/* Writes the safe forms, and judges what is there then: what --fix left counts. */
static int mend_and_judge(struct linting *linting, struct gl_error *err)
{
    int failed = mend(linting, err);
    if (failed < 0 || !linting->fixes.count)
        return failed;
    forget(linting);
    return judge(linting, err);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(linting_done) struct linting linting = {.context = context,
                                                       .begin_us = gl_mono_us()};
    const char *new_baseline = gl_flag_str(context, "write-baseline");
    if (gl_flag_bool(context, "rules") || gl_flag_str(context, "explain"))
        return show_rules(context, err);
    int failed = check_usage(context, err);
    if (failed == 0)
        failed = judge(&linting, err);
    if (failed == 0 && gl_flag_bool(context, "dry-run"))
        return mend(&linting, err);
    if (failed == 0 && gl_flag_bool(context, "fix"))
        failed = mend_and_judge(&linting, err);
    if (failed == 0)
        failed = show(&linting, err);
    if (failed == 0 && gl_flag_bool(context, "fix"))
        failed = explain_left(&linting, err);
    if (failed == 0 && new_baseline)
        return write_baseline(&linting, new_baseline, err);
    return failed < 0 ? failed : outcome(&linting, err);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"fix",            0, GL_FLAG_BOOL, NULL,       NULL, N_("write the safe form where that is mechanical: statements alone in no-transaction files, constraints NOT VALID and validated later")},
    {"dry-run",        0, GL_FLAG_BOOL, NULL,       NULL, N_("with --fix: only show what would be written, as a diff")},
    {"since",          0, GL_FLAG_TEXT, N_("REF"),  NULL, N_("only findings in files that changed since a commit count; all are read")},
    {"baseline",       0, GL_FLAG_TEXT, N_("FILE"), NULL, N_("findings that stand in this file do not count")},
    {"write-baseline", 0, GL_FLAG_TEXT, N_("FILE"), NULL, N_("write the findings of now to a file for --baseline")},
    {"stats",          0, GL_FLAG_TEXT, N_("FILE"), NULL, N_("sizes of tables: what is harmless on a small one is information only")},
    {"database",       0, GL_FLAG_TEXT, N_("URL"),  NULL, N_("ask this database for sizes, its version and what is applied")},
    {"database-url-env", 0, GL_FLAG_TEXT, N_("NAME"), NULL, N_("environment variable that has this URL, which then nobody else sees")},
    {"write-stats",    0, GL_FLAG_TEXT, N_("FILE"), NULL, N_("with --database: write its sizes to a file for --stats")},
    {"server-version", 0, GL_FLAG_INT,  N_("N"),    NULL, N_("PostgreSQL's version, 14 to 18")},
    {"time-zone",      0, GL_FLAG_TEXT, N_("ZONE"), NULL, N_("of the session that runs the files; UTC, as golive and sqlx set, if not given")},
    {"out",            0, GL_FLAG_TEXT, N_("FILE"), NULL, N_("write the result to a file")},
    {"rules",          0, GL_FLAG_BOOL, NULL,       NULL, N_("show all rules")},
    {"explain",        0, GL_FLAG_TEXT, N_("RULE"), NULL, N_("show what a rule looks for, what happens and the safe way")},
    {0},
};

static const struct gl_example examples[] = {
    {"golive migrate lint",                         N_("all migrations of the project")},
    {"golive migrate lint --since main --format github", N_("what a pull request changes, as annotations")},
    {"golive migrate lint --write-baseline lint.json", N_("begin with migrations that have findings: only new ones count from then on")},
    {"golive migrate lint --fix --dry-run",         N_("the safe form, as a diff")},
    {"golive migrate lint --explain create-index",  N_("what one rule is about")},
    {0},
};
/* clang-format on */

static const char *const formats[] = {"text", "json", "sarif", "github", NULL};

const struct gl_command gl_cmd_migrate_lint = {
    .name = "migrate lint",
    .arguments = "[FILE|DIR]...",
    .summary = N_("show what migrations would lock, rewrite or break, and the safe way"),
    .text = N_(
        "Reads migrations in their order with PostgreSQL's own parser and keeps what they make: a "
        "table that is made in the same file is empty, so its index blocks nobody. Statements "
        "that change only the catalogue are not reported.\n\n"
        "Exit status 16 when there are errors. A finding is allowed by a comment in front of its "
        "statement: -- golive-lint: allow=RULE reason=\"...\""),
    .flags = flags,
    .examples = examples,
    .max_args = 100000,
    .formats = formats,
    .run = run,
};
