/* The classic protection of a branch, from before there were rulesets, said as a ruleset: the same
 * settings are then looked at, whichever of the two a repository has.
 * https://docs.github.com/rest/branches/branch-protection */
#include "base/json.h"
#include "github/setting.h"

enum { ADMIN_ROLE = 5 }; /* https://docs.github.com/rest/repos/rules: actor_id of RepositoryRole */

static bool is_on(const json_t *protection, const char *name)
{
    return gl_json_bool(json_object_get(protection, name), "enabled", false);
}

/* Only what GitHub says is off is off. */
static bool is_off(const json_t *protection, const char *name)
{
    return !gl_json_bool(json_object_get(protection, name), "enabled", true);
}

/* ---- rules -------------------------------------------------------------------------------------
 */

static void add_rule(json_t *rules, const char *type, json_t *parameters)
{
    json_t *rule = json_pack("{s:s}", "type", type);
    if (parameters)
        json_object_set_new(rule, "parameters", parameters);
    json_array_append_new(rules, rule);
}

static json_t *review_parameters(const json_t *protection, const json_t *reviews)
{
    json_t *made = json_object();
    gl_json_set_int(made, "required_approving_review_count",
                    gl_json_int(reviews, "required_approving_review_count", 0));
    gl_json_set_bool(made, "dismiss_stale_reviews_on_push",
                     gl_json_bool(reviews, "dismiss_stale_reviews", false));
    gl_json_set_bool(made, "require_code_owner_review",
                     gl_json_bool(reviews, "require_code_owner_reviews", false));
    gl_json_set_bool(made, "require_last_push_approval",
                     gl_json_bool(reviews, "require_last_push_approval", false));
    gl_json_set_bool(made, "required_review_thread_resolution",
                     is_on(protection, "required_conversation_resolution"));
    return made;
}

/* `contexts` has the same names, but not from which app one must come. */
static json_t *check_parameters(const json_t *required)
{
    json_t *list = json_array();
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(required, "checks"), i, item)
    {
        json_t *check = json_pack("{s:s}", "context", gl_json_str(item, "context", ""));
        int64_t app = gl_json_int(item, "app_id", 0);
        if (app > 0)
            gl_json_set_int(check, "integration_id", app);
        json_array_append_new(list, check);
    }
    return json_pack("{s:o, s:b}", "required_status_checks", list,
                     "strict_required_status_checks_policy",
                     gl_json_bool(required, "strict", false));
}

static json_t *rules_of(const json_t *protection)
{
    const json_t *reviews = json_object_get(protection, "required_pull_request_reviews");
    const json_t *checks = json_object_get(protection, "required_status_checks");
    json_t *rules = json_array();
    if (json_is_object(reviews))
        add_rule(rules, "pull_request", review_parameters(protection, reviews));
    if (json_is_object(checks))
        add_rule(rules, "required_status_checks", check_parameters(checks));
    if (is_off(protection, "allow_force_pushes"))
        add_rule(rules, "non_fast_forward", NULL);
    if (is_off(protection, "allow_deletions"))
        add_rule(rules, "deletion", NULL);
    return rules;
}

/* ---- for whom not ------------------------------------------------------------------------------
 */

static json_t *bypass_of(const json_t *protection)
{
    static const char *const kinds[][2] = {
        {"users", "User"       },
        {"teams", "Team"       },
        {"apps",  "Integration"},
    };
    const json_t *allowed =
        json_object_get(json_object_get(protection, "required_pull_request_reviews"),
                        "bypass_pull_request_allowances");
    json_t *actors = json_array();
    if (!is_on(protection, "enforce_admins"))
        json_array_append_new(actors,
                              json_pack("{s:i, s:s, s:s}", "actor_id", ADMIN_ROLE, "actor_type",
                                        "RepositoryRole", "bypass_mode", "always"));
    for (size_t k = 0; k < GL_COUNT(kinds); k++) {
        size_t i;
        const json_t *item;
        json_array_foreach(json_object_get(allowed, kinds[k][0]), i, item) json_array_append_new(
            actors, json_pack("{s:I, s:s, s:s}", "actor_id", (json_int_t)gl_json_int(item, "id", 0),
                              "actor_type", kinds[k][1], "bypass_mode", "pull_request"));
    }
    return actors;
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

json_t *gl_github_classic_ruleset(const json_t *protection, const char *branch)
{
    gl_autofree char *ref = gl_asprintf("refs/heads/%s", branch);
    return json_pack("{s:s, s:b, s:o, s:{s:{s:[s], s:[]}}, s:o}", "enforcement", "active",
                     GL_GITHUB_CLASSIC, 1, "bypass_actors", bypass_of(protection), "conditions",
                     "ref_name", "include", ref, "exclude", "rules", rules_of(protection));
}

/* GitHub answers 404 for a branch without it. */
int gl_github_classic_read(struct gl_github_view *view, json_t **ret_ruleset, struct gl_error *err)
{
    gl_autoerr struct gl_error problem = {0};
    gl_autojson json_t *protection = NULL;
    gl_autofree char *branch = gl_github_escape(view->desired->branch);
    gl_autofree char *path =
        gl_asprintf("/repos/%s/branches/%s/protection", view->github->repo, branch);
    int failed = gl_github_call(view->github, "GET", path, NULL, &protection, &problem);
    if (failed < 0 && view->github->refusal != GL_GITHUB_MISSING) {
        gl_error_move(err, &problem);
        return failed;
    }
    *ret_ruleset = failed < 0 ? NULL : gl_github_classic_ruleset(protection, view->desired->branch);
    return 0;
}
