/* The rules in golive's ruleset, and those that GitHub enforces on the branch.
 * https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
 */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "github/setting.h"

static const char pull_request[] = "pull_request";
static const char status_checks[] = "required_status_checks";

/* ---- finding and adding rules ------------------------------------------------------------------
 */

json_t *gl_github_rule(const json_t *rules, const char *type)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)rules, index, item)
    {
        if (strcmp(gl_json_str(item, "type", ""), type) == 0)
            return item;
    }
    return NULL;
}

static json_t *parameters(const json_t *ruleset, const char *type)
{
    return json_object_get(gl_github_rule(json_object_get(ruleset, "rules"), type), "parameters");
}

/* A rule begins as weak as it can be; each setting then adds its own. */
static json_t *weakest(const char *type)
{
    if (strcmp(type, pull_request) == 0)
        return json_pack("{s:i, s:b, s:b, s:b, s:b}", "required_approving_review_count", 0,
                         "dismiss_stale_reviews_on_push", 0, "require_code_owner_review", 0,
                         "require_last_push_approval", 0, "required_review_thread_resolution", 0);
    if (strcmp(type, status_checks) == 0)
        return json_pack("{s:[], s:b}", status_checks, "strict_required_status_checks_policy", 0);
    return NULL;
}

/* The parameters of a rule, which is added if there is none; NULL for one that has none. */
static json_t *need(json_t *want, const char *type)
{
    json_t *rules = json_object_get(want, "rules");
    if (!gl_github_rule(rules, type)) {
        json_t *rule = json_pack("{s:s}", "type", type);
        json_t *begin = weakest(type);
        if (begin)
            json_object_set_new(rule, "parameters", begin);
        json_array_append_new(rules, rule);
    }
    return parameters(want, type);
}

/* ---- reviews -----------------------------------------------------------------------------------
 */

GL_GITHUB_LOOK(gl_github_ruleset_look_reviews)
{
    (void)setting;
    const json_t *rule = parameters(have, pull_request);
    int64_t count = gl_json_int(rule, "required_approving_review_count", 0);
    gl_buf_printf(wanted, _("%d by others"), (int)view->desired->reviews);
    if (gl_github_ruleset_is_missing(have, is))
        return 0;
    if (rule)
        gl_buf_printf(is, "%d", (int)count);
    else
        gl_buf_puts(is, _("no pull request needed"));
    return rule && count >= view->desired->reviews;
}

GL_GITHUB_PUT(gl_github_ruleset_put_reviews)
{
    (void)setting;
    gl_json_set_int(need(want, pull_request), "required_approving_review_count",
                    view->desired->reviews);
}

/* ---- yes or no ---------------------------------------------------------------------------------
 */

static int look_flag(const json_t *have, const char *type, const char *flag, struct gl_buf *is,
                     struct gl_buf *wanted)
{
    bool holds = gl_json_bool(parameters(have, type), flag, false);
    gl_buf_puts(wanted, _("yes"));
    if (gl_github_ruleset_is_missing(have, is))
        return 0;
    gl_buf_puts(is, holds ? _("yes") : _("no"));
    return holds;
}

static int look_rule(const json_t *have, const char *type, struct gl_buf *is, struct gl_buf *wanted)
{
    bool holds = gl_github_rule(json_object_get(have, "rules"), type) != NULL;
    gl_buf_puts(wanted, _("forbidden"));
    if (gl_github_ruleset_is_missing(have, is))
        return 0;
    gl_buf_puts(is, holds ? _("forbidden") : _("allowed"));
    return holds;
}

GL_GITHUB_LOOK(gl_github_ruleset_look_stale)
{
    (void)view, (void)setting;
    return look_flag(have, pull_request, "dismiss_stale_reviews_on_push", is, wanted);
}

GL_GITHUB_PUT(gl_github_ruleset_put_stale)
{
    (void)view, (void)setting;
    gl_json_set_bool(need(want, pull_request), "dismiss_stale_reviews_on_push", true);
}

GL_GITHUB_LOOK(gl_github_ruleset_look_strict)
{
    (void)view, (void)setting;
    return look_flag(have, status_checks, "strict_required_status_checks_policy", is, wanted);
}

GL_GITHUB_PUT(gl_github_ruleset_put_strict)
{
    (void)view, (void)setting;
    gl_json_set_bool(need(want, status_checks), "strict_required_status_checks_policy", true);
}

GL_GITHUB_LOOK(gl_github_ruleset_look_force)
{
    (void)view, (void)setting;
    return look_rule(have, "non_fast_forward", is, wanted);
}

GL_GITHUB_PUT(gl_github_ruleset_put_force)
{
    (void)view, (void)setting;
    (void)need(want, "non_fast_forward");
}

GL_GITHUB_LOOK(gl_github_ruleset_look_deletion)
{
    (void)view, (void)setting;
    return look_rule(have, "deletion", is, wanted);
}

GL_GITHUB_PUT(gl_github_ruleset_put_deletion)
{
    (void)view, (void)setting;
    (void)need(want, "deletion");
}

/* ---- checks ------------------------------------------------------------------------------------
 */

/* The check of that name that GitHub Actions reports; else one that anybody may, else NULL. */
static json_t *find_check(const struct gl_github_view *view, const json_t *list, const char *name)
{
    json_t *anybodys = NULL;
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)list, index, item)
    {
        int64_t app = gl_json_int(item, "integration_id", 0);
        if (strcmp(gl_json_str(item, "context", ""), name) != 0)
            continue;
        if (app == view->actions_app || !view->actions_app)
            return item;
        anybodys = app ? anybodys : item;
    }
    return anybodys;
}

static bool is_from_actions(const struct gl_github_view *view, const json_t *check)
{
    return !view->actions_app || gl_json_int(check, "integration_id", 0) == view->actions_app;
}

static void describe_checks(const json_t *list, struct gl_buf *is)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)list, index, item)
        gl_buf_printf(is, "%s%s%s", index ? ", " : "", gl_json_str(item, "context", "?"),
                      gl_json_int(item, "integration_id", 0) ? "" : _(" (by anybody)"));
    if (!json_array_size(list))
        gl_buf_puts(is, _("none"));
}

GL_GITHUB_LOOK(gl_github_ruleset_look_checks)
{
    (void)setting;
    const struct gl_strv *checks = &view->desired->checks;
    const json_t *list = json_object_get(parameters(have, status_checks), status_checks);
    gl_autofree char *names = gl_strv_join(checks, ", ");
    bool good = true;
    gl_buf_printf(wanted, view->actions_app ? _("%s (by GitHub Actions)") : "%s", names);
    if (gl_github_ruleset_is_missing(have, is))
        return 0;
    describe_checks(list, is);
    for (size_t i = 0; i < checks->count; i++) {
        const json_t *check = find_check(view, list, checks->items[i]);
        good = good && check && is_from_actions(view, check);
    }
    return good;
}

GL_GITHUB_PUT(gl_github_ruleset_put_checks)
{
    (void)setting;
    const struct gl_strv *checks = &view->desired->checks;
    json_t *list = json_object_get(need(want, status_checks), status_checks);
    for (size_t i = 0; i < checks->count; i++) {
        json_t *check = find_check(view, list, checks->items[i]);
        if (!check) {
            check = json_pack("{s:s}", "context", checks->items[i]);
            json_array_append_new(list, check);
        }
        if (!is_from_actions(view, check))
            gl_json_set_int(check, "integration_id", view->actions_app);
    }
}

/* ---- what is enforced --------------------------------------------------------------------------
 */

static const char *const enforced[] = {pull_request, status_checks, "non_fast_forward", "deletion"};

static bool lacks_any(const json_t *rules)
{
    for (size_t i = 0; i < GL_COUNT(enforced); i++) {
        if (!gl_github_rule(rules, enforced[i]))
            return true;
    }
    return false;
}

/* The list has only what rulesets enforce. */
GL_GITHUB_READ(gl_github_branch_read)
{
    (void)id;
    gl_autofree char *branch = gl_github_escape(view->desired->branch);
    gl_autofree char *path = gl_asprintf("/repos/%s/rules/branches/%s", view->github->repo, branch);
    gl_autojson json_t *rules = NULL;
    gl_autojson json_t *classic = NULL;
    int failed = gl_github_list(view->github, path, NULL, &rules, err);
    if (failed == 0 && lacks_any(rules))
        failed = gl_github_classic_read(view, &classic, err);
    if (failed < 0)
        return failed;
    json_array_extend(rules, json_object_get(classic, "rules"));
    *ret_have = gl_steal(&rules);
    return 0;
}

GL_GITHUB_LOOK(gl_github_branch_look)
{
    (void)view, (void)setting;
    size_t found = 0;
    for (size_t i = 0; i < GL_COUNT(enforced); i++) {
        bool holds = gl_github_rule(have, enforced[i]) != NULL;
        gl_buf_printf(wanted, "%s%s", i ? ", " : "", enforced[i]);
        if (holds)
            gl_buf_printf(is, "%s%s", found ? ", " : "", enforced[i]);
        found += holds;
    }
    if (!found)
        gl_buf_puts(is, _("none"));
    return found == GL_COUNT(enforced);
}
