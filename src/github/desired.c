/* golive.yaml as settings of GitHub. */
#include "github/desired.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "github/remote.h"
#include "proc/proc.h"

enum {
    REVIEWERS_MAX = 6, /* https://docs.github.com/rest/deployments/environments */
    GIT_TIMEOUT_MS = 10000,
};

void gl_github_desired_done(struct gl_github_desired *desired)
{
    for (size_t i = 0; i < GL_GITHUB_PLACES; i++) {
        free(desired->places[i].branch);
        gl_strv_done(&desired->places[i].reviewers);
    }
    free(desired->branch);
    gl_strv_done(&desired->checks);
    gl_strv_done(&desired->notes);
    *desired = (struct gl_github_desired){0};
}

/* ---- checks ------------------------------------------------------------------------------------
 */

static bool makes_check(const struct gl_job *job, const char *check)
{
    size_t len = strlen(job->name);
    if (!job->prefix)
        return strcmp(job->name, check) == 0;
    return strncmp(job->name, check, len) == 0 &&
           (gl_starts_with(check + len, " (") || gl_starts_with(check + len, " / "));
}

static bool any_makes_check(const struct gl_jobs *jobs, const char *check)
{
    for (size_t i = 0; i < jobs->count; i++) {
        if (makes_check(&jobs->items[i], check))
            return true;
    }
    return false;
}

static int no_job(const struct gl_config *config, const char *check, size_t job_count,
                  struct gl_error *err)
{
    struct gl_origin origin = gl_config_origin(config, "ci.required_checks");
    if (!job_count) {
        gl_fail(err, GL_E_CONFIG,
                _("no workflow here runs for pull requests to %s: requiring its checks would block "
                  "every merge"),
                gl_config_str(config, "ci.branches.production"));
        return gl_error_hint(err, _("golive generate workflows writes them. Commit them first."));
    }
    gl_fail(err, GL_E_CONFIG,
            _("ci.required_checks has %s, but no job of a workflow that runs for pull requests is "
              "called so: no pull request could ever be merged"),
            check);
    if (origin.kind == GL_ORIGIN_FILE)
        (void)gl_error_at(err, gl_config_path(config), origin.line, origin.column);
    return gl_error_hint(err, _("Name the job of .github/workflows so, or change "
                                "ci.required_checks to the jobs that there are."));
}

/* What is only golive's own default is left out where the project has no such job (no frontend). */
static int want_checks(const struct gl_config *config, const struct gl_jobs *jobs,
                       struct gl_github_desired *desired, struct gl_error *err)
{
    bool own = gl_config_origin(config, "ci.required_checks").kind == GL_ORIGIN_DEFAULT;
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)gl_config_node(config, "ci.required_checks"), index, item)
    {
        const char *check = json_string_value(item);
        if (any_makes_check(jobs, check))
            gl_strv_add(&desired->checks, check);
        else if (own && jobs->count)
            gl_strv_addf(&desired->notes, _("no job %s runs here, so it is not required"), check);
        else
            return no_job(config, check, jobs->count, err);
    }
    return 0;
}

/* ---- environments ------------------------------------------------------------------------------
 */

static const char *account_of(const struct gl_config *config, const char *id)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)gl_config_node(config, "people"), index, item)
    {
        if (strcmp(gl_json_str(item, "id", ""), id) == 0)
            return gl_json_str(item, "github", NULL);
    }
    return NULL;
}

static int add_reviewer(const struct gl_config *config, const char *id, struct gl_strv *reviewers,
                        struct gl_error *err)
{
    const char *account = account_of(config, id);
    if (!account) {
        gl_fail(err, GL_E_CONFIG,
                _("%s is to approve releases on GitHub, but has no account there"), id);
        return gl_error_hint(err, _("Set `github` of this person in people."));
    }
    gl_strv_add(reviewers, account);
    return 0;
}

static int too_many(size_t count, struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG,
            _("approval.approvers names %zu people; a GitHub environment has at "
              "most %d reviewers"),
            count, REVIEWERS_MAX);
    return gl_error_hint(err, _("Name fewer, or approve with golive's own signatures: "
                                "release.approval.mode: golive_signature."));
}

/* Only with release.approval.mode: github_environment; else golive itself asks for signatures. */
static int want_reviewers(const struct gl_config *config, struct gl_github_desired *desired,
                          struct gl_error *err)
{
    struct gl_strv *reviewers = &desired->places[GL_GITHUB_PLACE_PRODUCTION].reviewers;
    const json_t *approvers = gl_config_node(config, "approval.approvers");
    size_t index;
    json_t *item;
    if (strcmp(gl_config_str(config, "release.approval.mode"), "github_environment") != 0)
        return 0;
    json_array_foreach((json_t *)approvers, index, item)
    {
        int failed = add_reviewer(config, json_string_value(item), reviewers, err);
        if (failed < 0)
            return failed;
    }
    if (!reviewers->count) {
        gl_fail(err, GL_E_CONFIG,
                _("release.approval.mode is github_environment, but environments.%s.approval."
                  "approvers names nobody"),
                gl_config_env(config));
        return gl_error_hint(err, _("Name the people who may approve a release there."));
    }
    if (gl_config_int(config, "approval.min") > 1)
        gl_strv_addf(&desired->notes,
                     _("approval.min is %d, but GitHub lets a release go when one reviewer agrees"),
                     (int)gl_config_int(config, "approval.min"));
    return reviewers->count > REVIEWERS_MAX ? too_many(reviewers->count, err) : 0;
}

static void want_branches(const struct gl_config *config, struct gl_github_desired *desired)
{
    const char *branch = gl_config_str(config, "ci.branches.production");
    const char *integration = gl_config_str(config, "ci.branches.integration");
    struct gl_github_place *places = desired->places;
    bool trunk = strcmp(integration, "none") == 0;
    desired->branch = gl_strdup(branch);
    places[GL_GITHUB_PLACE_PRODUCTION].name = "production";
    places[GL_GITHUB_PLACE_PRODUCTION].branch = gl_strdup(branch);
    places[GL_GITHUB_PLACE_STAGING].name = "staging";
    places[GL_GITHUB_PLACE_STAGING].branch = gl_strdup(trunk ? branch : integration);
}

int gl_github_want(const struct gl_config *production, const struct gl_jobs *jobs,
                   struct gl_github_desired *ret_desired, struct gl_error *err)
{
    gl_autodesired struct gl_github_desired desired = {0};
    if (strcmp(gl_config_str(production, "ci.provider"), "github_actions") != 0) {
        gl_fail(err, GL_E_CONFIG, _("ci.provider is %s: no settings of GitHub are wanted"),
                gl_config_str(production, "ci.provider"));
        return gl_error_hint(err, _("Set ci.provider: github_actions in golive.yaml."));
    }
    want_branches(production, &desired);
    desired.reviews = gl_config_int(production, "ci.required_reviews");
    int failed = want_checks(production, jobs, &desired, err);
    if (failed == 0)
        failed = want_reviewers(production, &desired, err);
    if (failed < 0)
        return failed;
    *ret_desired = desired;
    desired = (struct gl_github_desired){0};
    return 0;
}

/* ---- the repository ----------------------------------------------------------------------------
 */

static bool is_own_host(const char *host)
{
    const char *api = getenv("GITHUB_API_URL");
    const char *at = api ? strstr(api, "://") : NULL;
    if (strcmp(host, "github.com") == 0)
        return true;
    return at && strncmp(at + 3, host, strlen(host)) == 0 && strchr(":/", at[3 + strlen(host)]);
}

static int no_repo(struct gl_error *err)
{
    return gl_error_hint(err, _("Set app.repo: owner/name in golive.yaml."));
}

int gl_github_find_repo(const struct gl_config *config, char **ret_repo, struct gl_error *err)
{
    const char *given = gl_config_str(config, "app.repo");
    const char *argv[] = {"git", "remote", "get-url", "origin", NULL};
    struct gl_proc_spec spec = {
        .argv = argv, .cwd = gl_config_dir(config), .timeout_ms = GIT_TIMEOUT_MS};
    gl_autoproc struct gl_proc_result result = {0};
    gl_autofree char *host = NULL;
    gl_autofree char *repo = NULL;
    if (given) {
        *ret_repo = gl_strdup(given);
        return 0;
    }
    int failed = gl_proc_run(&spec, &result, err);
    if (failed < 0)
        return failed;
    gl_autofree char *url = gl_buf_steal(&result.out);
    url[strcspn(url, "\r\n")] = '\0';
    if (result.exit_code != 0) {
        gl_fail(err, GL_E_CONFIG, _("golive.yaml has no app.repo, and git no remote origin"));
        return no_repo(err);
    }
    if (!gl_github_remote_parse(url, &host, &repo) || !is_own_host(host)) {
        gl_fail(err, GL_E_CONFIG, _("git's remote origin is not a repository on github.com (%s)"),
                host ? host : _("no host"));
        return no_repo(err);
    }
    *ret_repo = gl_steal(&repo);
    return 0;
}
