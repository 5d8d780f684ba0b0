/* GitHub environments: that they are there, and from which branch jobs may use them.
 * https://docs.github.com/rest/deployments/environments */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "github/setting.h"

const struct gl_github_place *gl_github_place_of(const struct gl_github_desired *desired,
                                                 enum gl_github_resource_id id)
{
    return &desired->places[id == GL_GITHUB_STAGING ? GL_GITHUB_PLACE_STAGING
                                                    : GL_GITHUB_PLACE_PRODUCTION];
}

static char *path_of(const struct gl_github_view *view, enum gl_github_resource_id id,
                     const char *rest)
{
    return gl_asprintf("/repos/%s/environments/%s%s", view->github->repo,
                       gl_github_place_of(view->desired, id)->name, rest);
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static json_t *reviewers_of(const json_t *rule)
{
    json_t *reviewers = json_array();
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(rule, "reviewers"), index, item)
    {
        const json_t *who = json_object_get(item, "reviewer");
        json_t *reviewer = json_object();
        gl_json_set_str(reviewer, "type", gl_json_str(item, "type", "User"));
        gl_json_set_int(reviewer, "id", gl_json_int(who, "id", 0));
        gl_json_set_str(reviewer, "login",
                        gl_json_str(who, "login", gl_json_str(who, "slug", "?")));
        json_array_append_new(reviewers, reviewer);
    }
    return reviewers;
}

/* GitHub tells protection as a list of rules, but takes it as the members of one object. */
static json_t *as_written(const json_t *environment)
{
    const json_t *rules = json_object_get(environment, "protection_rules");
    const json_t *review = gl_github_rule(rules, "required_reviewers");
    const json_t *policy = json_object_get(environment, "deployment_branch_policy");
    json_t *have = json_object();
    gl_json_set_int(have, "wait_timer",
                    gl_json_int(gl_github_rule(rules, "wait_timer"), "wait_timer", 0));
    gl_json_set_bool(have, "prevent_self_review",
                     gl_json_bool(review, "prevent_self_review", false));
    json_object_set_new(have, "reviewers", reviewers_of(review));
    gl_json_set_bool(have, "protected", gl_json_bool(policy, "protected_branches", false));
    gl_json_set_bool(have, "custom", gl_json_bool(policy, "custom_branch_policies", false));
    json_object_set_new(have, "policies", json_array());
    return have;
}

static int read_policies(struct gl_github_view *view, enum gl_github_resource_id id, json_t *have,
                         struct gl_error *err)
{
    gl_autofree char *path = path_of(view, id, "/deployment-branch-policies");
    json_t *policies = NULL;
    if (!gl_json_bool(have, "custom", false))
        return 0;
    int failed = gl_github_list(view->github, path, "branch_policies", &policies, err);
    if (failed == 0)
        json_object_set_new(have, "policies", policies);
    return failed;
}

GL_GITHUB_READ(gl_github_environment_read)
{
    gl_autoerr struct gl_error problem = {0};
    gl_autojson json_t *body = NULL;
    gl_autofree char *path = path_of(view, id, "");
    int failed = gl_github_call(view->github, "GET", path, NULL, &body, &problem);
    if (failed < 0 && view->github->refusal == GL_GITHUB_MISSING)
        return 0;
    if (failed < 0) {
        gl_error_move(err, &problem);
        return failed;
    }
    gl_autojson json_t *have = as_written(body);
    failed = read_policies(view, id, have, err);
    if (failed == 0)
        *ret_have = gl_steal(&have);
    return failed;
}

/* ---- writing -----------------------------------------------------------------------------------
 */

json_t *gl_github_environment_begin(const json_t *have)
{
    return have ? json_deep_copy(have) : as_written(NULL);
}

/* What is left out is taken away, so all that is there is sent. Protection that there is none of is
 * not named: a plan without it refuses even that. */
static json_t *body_of(const json_t *want)
{
    json_t *body = json_object();
    json_t *reviewers = json_array();
    bool custom = gl_json_bool(want, "custom", false);
    bool protected = gl_json_bool(want, "protected", false);
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(want, "reviewers"), index, item) json_array_append_new(
        reviewers, json_pack("{s:s, s:I}", "type", gl_json_str(item, "type", "User"), "id",
                             (json_int_t)gl_json_int(item, "id", 0)));
    if (json_array_size(reviewers))
        gl_json_set_bool(body, "prevent_self_review",
                         gl_json_bool(want, "prevent_self_review", false));
    if (json_array_size(reviewers))
        json_object_set(body, "reviewers", reviewers);
    json_decref(reviewers);
    if (gl_json_int(want, "wait_timer", 0))
        gl_json_set_int(body, "wait_timer", gl_json_int(want, "wait_timer", 0));
    if (custom || protected)
        json_object_set_new(body, "deployment_branch_policy",
                            json_pack("{s:b, s:b}", "protected_branches", protected && !custom,
                                      "custom_branch_policies", custom));
    return body;
}

/* Those without an id are new. */
static int add_policies(struct gl_github_view *view, enum gl_github_resource_id id,
                        const json_t *want, struct gl_error *err)
{
    gl_autofree char *path = path_of(view, id, "/deployment-branch-policies");
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(want, "policies"), index, item)
    {
        if (json_object_get(item, "id"))
            continue;
        int failed = gl_github_call(view->github, "POST", path, item, NULL, err);
        if (failed < 0)
            return failed;
    }
    return 0;
}

static int send(struct gl_github_view *view, enum gl_github_resource_id id, const json_t *want,
                struct gl_error *err)
{
    gl_autofree char *path = path_of(view, id, "");
    gl_autojson json_t *body = body_of(want);
    int failed = gl_github_call(view->github, "PUT", path, body, NULL, err);
    return failed < 0 ? failed : add_policies(view, id, want, err);
}

/* A plan may have branches but no reviewers: what it has is set, and what it refused stays an
 * error.
 */
static void send_without_new_reviewers(struct gl_github_view *view, enum gl_github_resource_id id,
                                       const json_t *have, const json_t *want)
{
    static const char *const keys[] = {"reviewers", "prevent_self_review"};
    gl_autoerr struct gl_error second = {0}; /* the first one is told */
    gl_autojson json_t *rest = json_deep_copy(want);
    gl_autojson json_t *begin = gl_github_environment_begin(have);
    for (size_t i = 0; i < GL_COUNT(keys); i++)
        json_object_set(rest, keys[i], json_object_get(begin, keys[i]));
    if (!json_equal(rest, want))
        (void)send(view, id, rest, &second);
    view->github->refusal = GL_GITHUB_NO_PLAN;
}

GL_GITHUB_WRITE(gl_github_environment_write)
{
    gl_autojson json_t *full = json_deep_copy(want);
    int failed = gl_github_reviewers_find(view->github, json_object_get(full, "reviewers"), err);
    if (failed < 0)
        return failed;
    failed = send(view, id, full, err);
    if (failed < 0 && view->github->refusal == GL_GITHUB_NO_PLAN)
        send_without_new_reviewers(view, id, have, full);
    return failed;
}

/* ---- there -------------------------------------------------------------------------------------
 */

bool gl_github_environment_is_missing(const json_t *have, struct gl_buf *is)
{
    if (!have)
        gl_buf_puts(is, _("there is no such environment"));
    return !have;
}

GL_GITHUB_LOOK(gl_github_environment_look_there)
{
    (void)view, (void)setting;
    gl_buf_puts(wanted, _("there"));
    if (gl_github_environment_is_missing(have, is))
        return 0;
    gl_buf_puts(is, _("there"));
    return 1;
}

GL_GITHUB_PUT(gl_github_environment_put_there)
{
    (void)view, (void)setting, (void)want; /* sending anything makes it */
}

/* ---- branches ----------------------------------------------------------------------------------
 */

static bool is_policy(const json_t *policy, const char *branch)
{
    return strcmp(gl_json_str(policy, "name", ""), branch) == 0 &&
           strcmp(gl_json_str(policy, "type", "branch"), "branch") == 0;
}

/* Describes them and counts those that are for another branch. */
static size_t describe_policies(const json_t *policies, const char *branch, struct gl_buf *text)
{
    size_t others = 0;
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)policies, index, item)
    {
        bool tag = strcmp(gl_json_str(item, "type", "branch"), "tag") == 0;
        gl_buf_printf(text, "%s%s%s", index ? ", " : "", gl_json_str(item, "name", "?"),
                      tag ? _(" (tags)") : "");
        others += !is_policy(item, branch);
    }
    if (!json_array_size(policies))
        gl_buf_puts(text, _("none"));
    return others;
}

/* "Protected branches" are those with branch protection of the old kind: rulesets do not count, and
 * where no branch has it, all may deploy. So that is not enough. */
GL_GITHUB_LOOK(gl_github_environment_look_branch)
{
    const char *branch = gl_github_place_of(view->desired, setting->resource)->branch;
    const json_t *policies = json_object_get(have, "policies");
    bool custom = gl_json_bool(have, "custom", false);
    gl_buf_puts(wanted, branch);
    if (gl_github_environment_is_missing(have, is))
        return 0;
    if (!custom) {
        gl_buf_puts(is, gl_json_bool(have, "protected", false)
                            ? _("protected branches, or any if none is")
                            : _("any branch"));
        return 0;
    }
    size_t others = describe_policies(policies, branch, is);
    return json_array_size(policies) > others;
}

GL_GITHUB_PUT(gl_github_environment_put_branch)
{
    const char *branch = gl_github_place_of(view->desired, setting->resource)->branch;
    json_t *policies = json_object_get(want, "policies");
    size_t index;
    json_t *item;
    gl_json_set_bool(want, "custom", true);
    gl_json_set_bool(want, "protected", false);
    json_array_foreach(policies, index, item)
    {
        if (is_policy(item, branch))
            return;
    }
    json_array_append_new(policies, json_pack("{s:s, s:s}", "name", branch, "type", "branch"));
}

GL_GITHUB_LOOK(gl_github_environment_look_others)
{
    const char *branch = gl_github_place_of(view->desired, setting->resource)->branch;
    const json_t *policies = json_object_get(have, "policies");
    gl_buf_puts(wanted, branch);
    if (!have || !json_array_size(policies)) { /* the setting before this one says it */
        gl_buf_puts(is, _("none"));
        return 1;
    }
    return describe_policies(policies, branch, is) == 0;
}
