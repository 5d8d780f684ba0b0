/* golive check: every control that can be judged, and what blocks. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/judged.h"
#include "control/render.h"
#include "data/sqlite.h"
#include "facts/facts.h"

/* What one run needs; zero-initialise. */
struct checking {
    struct gl_context *context;
    struct gl_controls controls;
    struct gl_strv only;
    sqlite3 *db;
    struct gl_check check;
    int64_t begin_us;
};

static void checking_done(struct checking *checking)
{
    gl_check_done(&checking->check);
    gl_controls_done(&checking->controls);
    gl_strv_done(&checking->only);
    gl_facts_close(&checking->db);
}

/* ---- the command line --------------------------------------------------------------------------
 */

static int word_of_flag(const struct gl_context *context, const char *flag,
                        const char *const *words, int *ret_index, struct gl_error *err)
{
    const char *word = gl_flag_str(context, flag);
    int index = gl_word_index(words, word);
    if (index >= 0) {
        *ret_index = index;
        return 0;
    }
    gl_autobuf struct gl_buf all = {0};
    for (size_t i = 0; words[i]; i++)
        gl_buf_printf(&all, "%s%s", i ? ", " : "", words[i]);
    return gl_fail(err, GL_E_USAGE, _("--%s is one of %s, not `%s`"), flag, gl_buf_text(&all),
                   word);
}

/* Names of controls come as arguments, by --only and, for one, by --explain. */
static void choose_controls(struct checking *checking)
{
    struct gl_context *context = checking->context;
    const struct gl_strv *flags = gl_flag_list(context, "only");
    const char *explain = gl_flag_str(context, "explain");
    for (size_t i = 0; i < context->args.count; i++)
        gl_strv_add(&checking->only, context->args.items[i]);
    for (size_t i = 0; i < flags->count; i++)
        gl_strv_split(&checking->only, flags->items[i], ",");
    if (explain)
        gl_strv_add(&checking->only, explain);
}

/* An empty variable in somebody's script must not judge everything, nor write nowhere. */
static int refuse_empty(const struct gl_context *context, struct gl_error *err)
{
    static const char *const texts[] = {
        "since", "baseline", "write-baseline", "parameters", "database", "explain", "out"};
    for (size_t i = 0; i < GL_COUNT(texts); i++) {
        const char *text = gl_flag_str(context, texts[i]);
        if (text && !*text)
            return gl_fail(err, GL_E_USAGE, _("--%s is empty"), texts[i]);
    }
    const struct gl_strv *flags = gl_flag_list(context, "only");
    for (size_t i = 0; i < flags->count; i++) {
        gl_autostrv struct gl_strv ids = {0};
        gl_strv_split(&ids, flags->items[i], ",");
        if (ids.count == 0)
            return gl_fail(err, GL_E_USAGE, _("--only names no control: `%s`"), flags->items[i]);
    }
    for (size_t i = 0; i < context->args.count; i++) {
        if (!*context->args.items[i])
            return gl_fail(err, GL_E_USAGE, _("the id of a control is empty"));
    }
    return 0;
}

/* Rules of the account, endpoints and GitHub have no collectors yet. */
static int refuse_live(const struct gl_context *context, struct gl_error *err)
{
    if (!gl_flag_bool(context, "live"))
        return 0;
    gl_fail(err, GL_E_USAGE,
            _("--live is not there yet: nothing collects what the account, endpoints and GitHub "
              "show"));
    return gl_error_hint(err, _("Leave it out: everything else is judged offline. What is live is "
                                "shown by golive status, golive plan --drift and golive github "
                                "check."));
}

static int check_usage(const struct gl_context *context, struct gl_error *err)
{
    int failed = refuse_live(context, err);
    if (failed == 0)
        failed = refuse_empty(context, err);
    if (failed < 0)
        return failed;
    if (gl_flag_str(context, "parameters") && !gl_flag_list(context, "template")->count)
        return gl_fail(err, GL_E_USAGE, _("--parameters belongs to --template"));
    if (gl_flag_str(context, "baseline") && gl_flag_str(context, "write-baseline"))
        return gl_fail(err, GL_E_USAGE,
                       _("--write-baseline writes every failure: leave out --baseline"));
    if (gl_flag_str(context, "explain") && context->args.count)
        return gl_fail(err, GL_E_USAGE, _("--explain takes one control"));
    const char *format = gl_flag_str(context, "format");
    if (gl_flag_str(context, "explain") && strcmp(format, "text") != 0 && !context->format_json)
        return gl_fail(err, GL_E_USAGE, _("--explain speaks text and json, not %s"), format);
    return 0;
}

/* ---- facts -------------------------------------------------------------------------------------
 */

/* What was left out of the given templates, or of their parameters. */
static int show_notes(sqlite3 *db, struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int step = gl_sqlite_prepare(db, &stmt, err,
                                 "select reason from source where name = 'template' "
                                 "and state = 'collected' and reason is not null",
                                 "");
    if (step == 0)
        step = gl_sqlite_step(stmt, err);
    if (step == 1)
        fprintf(stderr, _("note: %s\n"), gl_sqlite_text(stmt, 0));
    return step < 0 ? step : 0;
}

static struct gl_facts_request facts_wanted(const struct gl_context *context)
{
    const struct gl_strv *templates = gl_flag_list(context, "template");
    return (struct gl_facts_request){
        .config = context->config,
        .templates = templates->count ? templates : NULL,
        .parameters = gl_flag_str(context, "parameters"),
        .database = gl_flag_str(context, "database"),
    };
}

static int collect(struct checking *checking, struct gl_facts_request *request,
                   struct gl_error *err)
{
    struct gl_context *context = checking->context;
    int failed = gl_cmd_open_known_ledger(context, err); /* a check makes no ledger */
    if (failed < 0)
        return failed;
    request->ledger = context->ledger;
    failed = gl_facts_collect(request, &checking->db, err);
    return failed == 0 && request->templates ? show_notes(checking->db, err) : failed;
}

/* ---- judging -----------------------------------------------------------------------------------
 */

static int judge(struct checking *checking, struct gl_error *err)
{
    const struct gl_context *context = checking->context;
    int severity = 0;
    int stage = 0;
    int failed = word_of_flag(context, "severity", gl_severity_words, &severity, err);
    if (failed == 0)
        failed = word_of_flag(context, "stage", gl_stage_words, &stage, err);
    if (failed < 0)
        return failed;
    struct gl_facts_request wanted = facts_wanted(context);
    gl_autobeside struct gl_facts_beside *beside = gl_facts_begin(&wanted);
    wanted.beside = beside;
    failed = gl_controls_load(context->project_dir, &checking->controls, err);
    if (failed == 0)
        failed = collect(checking, &wanted, err);
    if (failed < 0)
        return failed;
    struct gl_check_request request = {
        .controls = &checking->controls,
        .only = &checking->only,
        .severity = (enum gl_severity)severity,
        .stage = (enum gl_stage)stage,
    };
    return gl_check_run(checking->db, &request, &checking->check, err);
}

static int compare(struct checking *checking, struct gl_error *err)
{
    const struct gl_context *context = checking->context;
    const char *baseline = gl_flag_str(context, "baseline");
    const char *since = gl_flag_str(context, "since");
    int failed = 0;
    if (since)
        failed = gl_check_since(context->project_dir, since, &checking->check, err);
    if (failed == 0 && baseline)
        failed = gl_check_baseline_read(baseline, &checking->check, err);
    return failed;
}

/* ---- results -----------------------------------------------------------------------------------
 */

typedef void render_fn(const struct gl_check_view *view, struct gl_buf *out);

static void add_json(json_t *json, struct gl_buf *out)
{
    gl_autojson json_t *owned = json;
    gl_autofree char *text = gl_json_pretty(owned);
    gl_buf_puts(out, text);
}

static void render_json(const struct gl_check_view *view, struct gl_buf *out)
{
    add_json(gl_check_json(view), out);
}

static void render_sarif(const struct gl_check_view *view, struct gl_buf *out)
{
    add_json(gl_check_sarif(view), out);
}

static const struct {
    const char *format;
    render_fn *render;
} renderers[] = {
    {"text",  gl_check_text },
    {"json",  render_json   },
    {"sarif", render_sarif  },
    {"junit", gl_check_junit},
    {"html",  gl_check_html },
};

static void render(const struct gl_check_view *view, const char *format, struct gl_buf *out)
{
    for (size_t i = 0; i < GL_COUNT(renderers); i++) {
        if (strcmp(renderers[i].format, format) == 0)
            renderers[i].render(view, out);
    }
}

static int explain(const struct checking *checking, const struct gl_check_view *view,
                   struct gl_buf *out, struct gl_error *err)
{
    const char *id = gl_flag_str(checking->context, "explain");
    for (size_t i = 0; i < checking->check.count; i++) {
        const struct gl_control_result *result = &checking->check.items[i];
        if (strcmp(result->control->id, id) != 0)
            continue;
        if (checking->context->format_json)
            add_json(gl_explain_json(view, result), out);
        else
            gl_explain_text(view, result, out);
        return 0;
    }
    if (checking->check.count == 0)
        return gl_controls_not_found(&checking->controls, id, err);
    gl_fail(err, GL_E_USAGE, _("--explain takes one control, and `%s` has several"), id);
    return gl_error_hint(err, _("golive check %s shows them; then for example --explain %s"), id,
                         checking->check.items[0].control->id);
}

static int write_baseline(const struct checking *checking, const char *path, struct gl_error *err)
{
    gl_autojson json_t *baseline = gl_check_baseline_make(&checking->check);
    gl_autofree char *text = gl_json_pretty(baseline);
    int failed = gl_write_text(path, text, 0644, err);
    if (failed < 0)
        return failed;
    size_t count = json_array_size(json_object_get(baseline, "failures"));
    fprintf(stderr,
            ngettext("Wrote %zu failure to %s. Next: golive check --baseline %s\n",
                     "Wrote %zu failures to %s. Next: golive check --baseline %s\n", count),
            count, path, path);
    return 0;
}

static int show(const struct checking *checking, struct gl_error *err)
{
    struct gl_context *context = checking->context;
    const char *path = gl_flag_str(context, "out");
    struct gl_check_view view = {
        .check = &checking->check,
        .problems = &checking->controls.problems,
        .colour = context->colour && !path,
        .verbose = gl_flag_bool(context, "verbose"),
        .each = checking->only.count > 0,
        .took_us = gl_mono_us() - checking->begin_us,
    };
    gl_autobuf struct gl_buf out = {0};
    int failed = 0;
    if (gl_flag_str(context, "explain"))
        failed = explain(checking, &view, &out, err);
    else
        render(&view, gl_flag_str(context, "format"), &out);
    if (failed == 0 && path)
        failed = gl_write_text(path, gl_buf_text(&out), 0644, err);
    else if (failed == 0)
        fputs(gl_buf_text(&out), context->out);
    return failed;
}

/* Said by the result already; only the status is missing. */
static int outcome(const struct checking *checking, struct gl_error *err)
{
    if (checking->check.counts.blocking == 0 && checking->check.errors == 0)
        return 0;
    err->code = GL_E_MISMATCH;
    return GL_E_MISMATCH;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(checking_done) struct checking checking = {.context = context,
                                                          .begin_us = gl_mono_us()};
    const char *new_baseline = gl_flag_str(context, "write-baseline");
    int failed = check_usage(context, err);
    if (failed < 0)
        return failed;
    choose_controls(&checking);
    failed = gl_cmd_choose_judged(context, err);
    if (failed == 0)
        failed = judge(&checking, err);
    if (failed == 0)
        failed = compare(&checking, err);
    if (failed == 0)
        failed = show(&checking, err);
    if (failed < 0)
        return failed;
    if (new_baseline)
        return write_baseline(&checking, new_baseline, err);
    return gl_flag_str(context, "explain") ? 0 : outcome(&checking, err);
}

/* ---- the command -------------------------------------------------------------------------------
 */

/* clang-format off */
static const struct gl_flag flags[] = {
    {"only",           0, GL_FLAG_LIST, N_("ID"),    NULL,   N_("judge only these controls and those below them (2.1 is all of section 2.1)")},
    {"severity",       0, GL_FLAG_TEXT, N_("LEVEL"), "low",  N_("judge only controls of this severity and above: low, medium, high, critical")},
    {"stage",          0, GL_FLAG_TEXT, N_("STAGE"), "plan", N_("how far the project is: plan, infra, release, go, after; what is judged later may be unknown")},
    {"since",          0, GL_FLAG_TEXT, N_("REF"),   NULL,   N_("only failures in files that changed since a commit count")},
    {"baseline",       0, GL_FLAG_TEXT, N_("FILE"),  NULL,   N_("failures that stand in this file do not block")},
    {"write-baseline", 0, GL_FLAG_TEXT, N_("FILE"),  NULL,   N_("write the failures of now to a file for --baseline")},
    {"template",       0, GL_FLAG_LIST, N_("FILE"),  NULL,   N_("judge these CloudFormation templates instead of the project's stacks")},
    {"parameters",     0, GL_FLAG_TEXT, N_("FILE"),  NULL,   N_("their parameters")},
    {"database",       0, GL_FLAG_TEXT, N_("URL"),   NULL,   N_("judge this database, too")},
    {"live",           0, GL_FLAG_BOOL, NULL,        NULL,   N_("judge what the account, endpoints and GitHub show, too: still to come")},
    {"explain",        0, GL_FLAG_TEXT, N_("ID"),    NULL,   N_("show what a control asks, which facts it reads and what it found")},
    {"out",            0, GL_FLAG_TEXT, N_("FILE"),  NULL,   N_("write the result to a file")},
    {0},
};

static const struct gl_example examples[] = {
    {"golive check",                                  N_("everything that can be judged offline, for prod")},
    {"golive check 2.1 --env stg",                    N_("one section, for another environment")},
    {"golive check --explain 1.1.3",                  N_("why: the question, the facts it reads, its rows")},
    {"golive check --since main",                     N_("only what this branch changed")},
    {"golive check --format sarif --out golive.sarif", N_("for code scanning; junit for CI servers, html for people")},
    {"golive check --write-baseline baseline.json",   N_("begin with an application that has failures: only new ones block from then on")},
    {0},
};
/* clang-format on */

static const char *const formats[] = {"text", "json", "sarif", "junit", "html", NULL};

const struct gl_command gl_cmd_check = {
    .name = "check",
    .arguments = "[ID...]",
    .summary = N_("judge the application by every control of the checklist"),
    .text = N_(
        "Judges what golive.yaml, the stacks, the repository and the ledger show, without "
        "network. Without --env it is prod, or the only environment, or this machine where "
        "golive.yaml has none. Rules that need the account, an endpoint or GitHub are "
        "counted by themselves.\n\n"
        "A control fails, is unknown, passes, is waived or not applicable. The exit status "
        "is 0 when nothing blocks and 16 when something does: a failure of medium severity "
        "or above that no waiver and no baseline covers, or a high or critical control that "
        "is unknown although it is judged at --stage or before. A control of your own, a stack or "
        "a ledger that cannot be read blocks, too, and so does a rule that cannot be run.\n\n"
        "Formats are text, json, sarif, junit and html. Controls of your own are SQL files below "
        "controls/ beside golive.yaml."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 64,
    .formats = formats,
    .run = run,
};
