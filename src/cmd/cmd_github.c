/* golive github check|apply: the repository's settings that a release relies on. */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/ask.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/github_record.h"

static void work_done(struct gl_cmd_github *work)
{
    gl_config_free(&work->own);
    gl_github_done(&work->github);
    gl_github_desired_done(&work->desired);
    gl_github_survey_done(&work->survey);
    gl_strv_done(&work->written);
    gl_json_unref(&work->refused);
}

/* ---- what is to be looked at -------------------------------------------------------------------
 */

/* The environment of --env, else prod, else what holds for all. */
static int load_production(struct gl_cmd_github *work, const struct gl_config **ret_config,
                           struct gl_error *err)
{
    struct gl_context *context = work->context;
    const json_t *all = json_object_get(gl_config_tree(context->config), "environments");
    if (!gl_flag_str(context, "env") && json_object_get(all, "prod")) {
        int failed = gl_cmd_load_environment(context, "prod", &work->own, err);
        if (failed < 0)
            return failed;
    }
    *ret_config = work->own ? work->own : context->config;
    return 0;
}

static int want(struct gl_cmd_github *work, const struct gl_config *config, struct gl_error *err)
{
    gl_autojobs struct gl_jobs jobs = {0};
    int failed = gl_jobs_read(gl_config_dir(config),
                              gl_config_str(config, "ci.branches.production"), &jobs, err);
    if (failed == 0)
        failed = gl_github_want(config, &jobs, &work->desired, err);
    for (size_t i = 0; failed == 0 && i < jobs.notes.count; i++)
        gl_strv_add(&work->desired.notes, jobs.notes.items[i]);
    return failed;
}

static int look(struct gl_cmd_github *work, struct gl_error *err)
{
    gl_github_survey_done(&work->survey);
    return gl_github_survey_make(&work->github, &work->desired, &work->survey, err);
}

/* What golive.yaml wants. */
static int prepare(struct gl_cmd_github *work, const struct gl_config **ret_config,
                   struct gl_error *err)
{
    int failed = load_production(work, ret_config, err);
    return failed < 0 ? failed : want(work, *ret_config, err);
}

/* *ret_production: the configuration of the environment that is production. */
static int open_work(struct gl_cmd_github *work, const struct gl_config **ret_production,
                     struct gl_error *err)
{
    gl_autofree char *repo = NULL;
    int failed = prepare(work, ret_production, err);
    if (failed == 0)
        failed = gl_github_find_repo(*ret_production, &repo, err);
    if (failed == 0)
        failed = gl_github_open(repo, &work->github, err);
    return failed < 0 ? failed : look(work, err);
}

/* ---- the end -----------------------------------------------------------------------------------
 */

static size_t count_not_good(const struct gl_github_survey *survey)
{
    return survey->count - survey->states[GL_GITHUB_GOOD];
}

/* What differs still after it was written, something above the repository decides. */
static int hint_left(const struct gl_cmd_github *work, struct gl_error *err)
{
    const struct gl_github_survey *survey = &work->survey;
    if (survey->states[GL_GITHUB_DIFFERS] && work->written.count)
        return gl_error_hint(err, _("GitHub took the change but does not show it: look whether a "
                                    "policy of the organisation decides it."));
    if (survey->states[GL_GITHUB_DIFFERS])
        return gl_error_hint(err, _("golive github apply makes them so, after it asked."));
    if (survey->states[GL_GITHUB_WEAK])
        return gl_error_hint(err, _("golive does not take away what others allowed: look above "
                                    "where it is, or allow it in golive.yaml."));
    return gl_error_hint(err, _("What is above under \"Not read\" says why."));
}

/* 0 if all is as wanted. */
static int verdict(const struct gl_cmd_github *work, struct gl_error *err)
{
    const struct gl_github_survey *survey = &work->survey;
    size_t unknown = survey->states[GL_GITHUB_UNKNOWN] + survey->states[GL_GITHUB_UNAVAILABLE];
    size_t wrong = survey->states[GL_GITHUB_DIFFERS] + survey->states[GL_GITHUB_WEAK];
    if (!count_not_good(survey)) {
        if (!work->context->format_json)
            fprintf(work->context->out, _("All %zu settings are as golive.yaml wants them.\n"),
                    survey->count);
        return 0;
    }
    if (!unknown)
        gl_fail(err, GL_E_MISMATCH, _("%zu of %zu settings of %s are not as wanted"), wrong,
                survey->count, work->github.repo);
    else
        gl_fail(err, GL_E_MISMATCH,
                _("%zu of %zu settings of %s are not as wanted, %zu are not known"), wrong,
                survey->count, work->github.repo, unknown);
    return hint_left(work, err);
}

/* ---- golive github check -----------------------------------------------------------------------
 */

static int print_ruleset(struct gl_cmd_github *work, struct gl_error *err)
{
    const struct gl_config *config = NULL;
    int failed = prepare(work, &config, err);
    if (failed < 0)
        return failed;
    gl_autofree char *text = gl_github_ruleset_text(&work->desired);
    fputs(text, work->context->out);
    return 0;
}

static int run_check(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(work_done) struct gl_cmd_github work = {.context = context};
    if (gl_flag_bool(context, "ruleset"))
        return print_ruleset(&work, err);
    const struct gl_config *production = NULL;
    int failed = open_work(&work, &production, err);
    if (failed < 0)
        return failed;
    if (context->format_json)
        gl_cmd_github_json(&work);
    else
        gl_cmd_github_text(&work, true);
    return verdict(&work, err);
}

/* ---- golive github apply -----------------------------------------------------------------------
 */

static int confirm(struct gl_cmd_github *work, struct gl_error *err)
{
    gl_autofree char *line = NULL;
    if (gl_flag_bool(work->context, "yes"))
        return 0;
    if (!gl_cmd_can_ask(work->context)) {
        gl_fail(err, GL_E_REFUSED, _("nothing was changed: there is nobody to ask"));
        return gl_error_hint(
            err, _("Look at golive github apply --dry-run, then: golive github apply --yes"));
    }
    gl_autofree char *prompt = gl_asprintf(_("Change %s so? Type yes: "), work->github.repo);
    int failed = gl_cmd_ask(work->context, prompt, &line, err);
    if (failed == 0 && strcmp(line, "yes") != 0)
        failed = gl_fail(err, GL_E_REFUSED, _("nothing was changed: not confirmed"));
    return failed;
}

static void on_written(const char *resource, const struct gl_error *problem, void *data)
{
    struct gl_cmd_github *work = data;
    gl_autobuf struct gl_buf text = {0};
    if (problem) {
        json_t *refused = json_object();
        gl_json_set_str(refused, "resource", resource);
        gl_json_set_str(refused, "message", problem->message);
        gl_json_set_str(refused, "hint", problem->hint);
        json_array_append_new(work->refused, refused);
        gl_buf_printf(&text, _("  !!  not changed: %s: %s\n"), resource, problem->message);
        if (problem->hint)
            gl_buf_printf(&text, "        %s\n", problem->hint);
    } else {
        gl_strv_add(&work->written, resource);
        gl_buf_printf(&text, _("  ok  changed: %s\n"), resource);
    }
    if (!work->context->format_json)
        gl_cmd_github_show(work, gl_buf_text(&text));
}

static int refused(const struct gl_cmd_github *work, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("GitHub refused %zu of %zu changes"),
            json_array_size(work->refused), json_array_size(work->refused) + work->written.count);
    return gl_error_hint(err, _("What is above says why, and the way out. Then run it again: what "
                                "is changed already stays."));
}

static void show_left(const struct gl_cmd_github *work)
{
    fputs(_("\nWhat is left:\n"), work->context->out);
    gl_cmd_github_text(work, false);
}

/* What GitHub has afterwards is looked at: its word "done" is not enough. */
static int write_and_look(struct gl_cmd_github *work, const struct gl_config *production,
                          struct gl_error *err)
{
    gl_autojson json_t *intended = gl_cmd_github_intended(&work->survey);
    int failed =
        gl_github_survey_write(&work->github, &work->desired, &work->survey, on_written, work, err);
    gl_cmd_github_record(work, production, intended); /* also what was changed before a failure */
    return failed < 0 ? failed : look(work, err);
}

static int run_apply(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(work_done) struct gl_cmd_github work = {.context = context};
    bool dry = gl_flag_bool(context, "dry-run");
    const struct gl_config *production = NULL;
    work.refused = json_array();
    int failed = open_work(&work, &production, err);
    if (failed < 0)
        return failed;
    bool writes = work.survey.states[GL_GITHUB_DIFFERS] > 0 && !dry;
    if (!context->format_json)
        gl_cmd_github_text(&work, false);
    if (writes)
        failed = confirm(&work, err);
    if (failed == 0 && writes)
        failed = write_and_look(&work, production, err);
    if (failed < 0)
        return failed;
    if (context->format_json)
        gl_cmd_github_json(&work);
    else if (writes && count_not_good(&work.survey))
        show_left(&work);
    if (dry && !context->format_json)
        fputs(_("Nothing was changed.\n"), context->out);
    if (dry)
        return 0;
    return json_array_size(work.refused) ? refused(&work, err) : verdict(&work, err);
}

/* ---- the commands ------------------------------------------------------------------------------
 */

/* clang-format off */
static const struct gl_flag check_flags[] = {
    {"ruleset", 0, GL_FLAG_BOOL, NULL, NULL, N_("ask GitHub nothing; print the ruleset as a file that GitHub imports")},
    {0},
};

static const struct gl_flag apply_flags[] = {
    {"dry-run", 'n', GL_FLAG_BOOL, NULL, NULL, N_("change nothing; show what would be changed")},
    {"yes", 'y', GL_FLAG_BOOL, NULL, NULL, N_("do not ask")},
    GL_PROFILE_FLAG,
    {0},
};

static const struct gl_example check_examples[] = {
    {"golive github check", N_("every setting, as it is and as it should be")},
    {"golive github check --format json", N_("the same for a pipeline; exit status 16 if something is not as wanted")},
    {"golive github check --ruleset > .github/rulesets/main.json", N_("the rules of the branch beside the code, to be reviewed like it")},
    {0},
};

static const struct gl_example apply_examples[] = {
    {"golive github apply --dry-run", N_("what would be changed")},
    {"golive github apply", N_("show it, ask, change it, look again")},
    {"golive github apply --yes --format json", N_("for a pipeline")},
    {0},
};

const struct gl_command gl_cmd_github_check = {
    .name = "github check",
    .summary = N_("compare the settings of the GitHub repository with what a release relies on"),
    .text = N_(
        "Looks at the branch of production (pull requests, reviews, checks, no force push, no deletion, nobody "
        "bypasses it), the environments production and staging (which branch deploys, who approves), rights of "
        "workflows, alerts and scanning for secrets. Wanted is what golive.yaml says (ci, approval, people) and what "
        "the workflows run. Changes nothing.\n\n"
        "The repository is app.repo, else git's remote origin. The token is GH_TOKEN, GITHUB_TOKEN or that of gh "
        "auth token; it needs the rights Administration and Actions (read). For GitHub Enterprise Server set "
        "GITHUB_API_URL.\n\n"
        "Exit status: 0 all is as wanted, 16 something is not or is not known, 7 the token is missing or may not, "
        "8 there is no such repository (or the token does not see it), 11 no network, 5 GitHub's limit of requests is "
        "reached."),
    .flags = check_flags,
    .examples = check_examples,
    .needs = GL_NEEDS_CONFIG,
    .run = run_check,
};

const struct gl_command gl_cmd_github_apply = {
    .name = "github apply",
    .summary = N_("make the settings of the GitHub repository what a release relies on"),
    .text = N_(
        "Shows what differs, asks, changes it and looks again. Rules of the branch go into a ruleset of golive's own, "
        "called golive; it never removes rules that others made, and what is stronger than wanted stays. What others "
        "allowed beyond it (another branch that deploys to production) is reported and left to you. Running it again "
        "changes nothing.\n\n"
        "What was changed stands in the ledger of the environment (golive log --kind github): the team's, or the "
        "project's own where AWS cannot be reached.\n\n"
        "The token needs the right Administration (write) and whoever it belongs to the role Admin. Rulesets, "
        "environments and reviewers of private repositories depend on GitHub's plan: docs/github.md.\n\n"
        "Exit status as of golive github check; 7 too when GitHub refused a change or nobody could be asked."),
    .flags = apply_flags,
    .examples = apply_examples,
    .needs = GL_NEEDS_CONFIG,
    .run = run_apply,
};
/* clang-format on */
