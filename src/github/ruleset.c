/* The ruleset `golive` of the repository: whether it is in force, where, and for whom not.
 * https://docs.github.com/rest/repos/rules */
#include <fnmatch.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "github/setting.h"

static const char own_name[] = "golive";
static const char break_glass_team[] = "breakglass";

/* ---- reading -----------------------------------------------------------------------------------
 */

/* What may be missing or hidden without harm. */
static bool may_be_ignored(const struct gl_github *github)
{
    return github->refusal == GL_GITHUB_MISSING || github->refusal == GL_GITHUB_NO_RIGHT;
}

/* The id of what is at `path`, 0 if it is not to be seen. */
static int find_id(struct gl_github *github, const char *path, int64_t *ret_id,
                   struct gl_error *err)
{
    gl_autoerr struct gl_error problem = {0};
    gl_autojson json_t *body = NULL;
    int failed = gl_github_call(github, "GET", path, NULL, &body, &problem);
    if (failed < 0 && !may_be_ignored(github)) {
        gl_error_move(err, &problem);
        return failed;
    }
    *ret_id = gl_json_int(body, "id", 0);
    return 0;
}

/* Checks count only from GitHub Actions: else whoever may write could report them as passed. */
static int find_actions(struct gl_github_view *view, struct gl_error *err)
{
    if (view->actions_app)
        return 0;
    return find_id(view->github, "/apps/github-actions", &view->actions_app, err);
}

static int find_break_glass(struct gl_github_view *view, const json_t *ruleset,
                            struct gl_error *err)
{
    const char *repo = view->github->repo;
    gl_autofree char *path =
        gl_asprintf("/orgs/%.*s/teams/%s", (int)strcspn(repo, "/"), repo, break_glass_team);
    size_t index;
    json_t *actor;
    json_array_foreach(json_object_get(ruleset, "bypass_actors"), index, actor)
    {
        if (strcmp(gl_json_str(actor, "actor_type", ""), "Team") == 0)
            return find_id(view->github, path, &view->break_glass, err);
    }
    return 0;
}

static int64_t own_id(const json_t *rulesets)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)rulesets, index, item)
    {
        if (strcmp(gl_json_str(item, "name", ""), own_name) == 0 &&
            strcmp(gl_json_str(item, "source_type", "Repository"), "Repository") == 0)
            return gl_json_int(item, "id", 0);
    }
    return 0;
}

GL_GITHUB_READ(gl_github_ruleset_read)
{
    (void)id;
    gl_autojson json_t *all = NULL;
    gl_autojson json_t *ruleset = NULL;
    gl_autofree char *list =
        gl_asprintf("/repos/%s/rulesets?includes_parents=false&targets=branch", view->github->repo);
    int failed = gl_github_list(view->github, list, NULL, &all, err);
    if (failed == 0)
        failed = find_actions(view, err);
    if (failed < 0)
        return failed;
    gl_autofree char *path = gl_asprintf("/repos/%s/rulesets/%lld?includes_parents=false",
                                         view->github->repo, (long long)own_id(all));
    failed = own_id(all) ? gl_github_call(view->github, "GET", path, NULL, &ruleset, err)
                         : gl_github_classic_read(view, &ruleset, err);
    if (failed == 0)
        failed = find_break_glass(view, ruleset, err);
    if (failed == 0)
        *ret_have = gl_steal(&ruleset);
    return failed;
}

/* ---- writing -----------------------------------------------------------------------------------
 */

/* GitHub replaces a ruleset as a whole: what others put into it is sent back as it was. A new one
 * begins with what the classic protection has, which stays beside it. */
json_t *gl_github_ruleset_begin(const json_t *have)
{
    static const char *const keys[] = {"name",          "target",     "enforcement",
                                       "bypass_actors", "conditions", "rules"};
    json_t *want = json_pack("{s:s, s:s, s:s, s:[], s:{s:{s:[], s:[]}}, s:[]}", "name", own_name,
                             "target", "branch", "enforcement", "disabled", "bypass_actors",
                             "conditions", "ref_name", "include", "exclude", "rules");
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        const json_t *value = json_object_get(have, keys[i]);
        if (value && !json_is_null(value))
            json_object_set_new(want, keys[i], json_deep_copy(value));
    }
    return want;
}

GL_GITHUB_WRITE(gl_github_ruleset_write)
{
    (void)id;
    int64_t own = gl_json_int(have, "id", 0);
    gl_autofree char *path =
        own ? gl_asprintf("/repos/%s/rulesets/%lld", view->github->repo, (long long)own)
            : gl_asprintf("/repos/%s/rulesets", view->github->repo);
    return gl_github_call(view->github, own ? "PUT" : "POST", path, want, NULL, err);
}

/* ---- in force ----------------------------------------------------------------------------------
 */

bool gl_github_ruleset_is_missing(const json_t *have, struct gl_buf *is)
{
    if (!have)
        gl_buf_puts(is, _("there is no ruleset golive"));
    return !have;
}

GL_GITHUB_LOOK(gl_github_ruleset_look_active)
{
    (void)view, (void)setting;
    const char *enforcement = gl_json_str(have, "enforcement", "?");
    gl_buf_puts(wanted, "active");
    if (gl_github_ruleset_is_missing(have, is))
        return 0;
    gl_buf_puts(is, gl_json_bool(have, GL_GITHUB_CLASSIC, false)
                        ? _("classic protection of the branch")
                        : enforcement);
    return strcmp(enforcement, "active") == 0;
}

GL_GITHUB_PUT(gl_github_ruleset_put_active)
{
    (void)view, (void)setting;
    gl_json_set_str(want, "enforcement", "active");
}

/* ---- where -------------------------------------------------------------------------------------
 */

static const char *text_of(const json_t *item)
{
    return json_is_string(item) ? json_string_value(item) : "?";
}

static bool matches(const json_t *item, const char *ref)
{
    const char *pattern = text_of(item);
    return strcmp(pattern, "~ALL") == 0 || fnmatch(pattern, ref, FNM_PATHNAME) == 0;
}

/* Which branch is the default one golive does not ask: a pattern for it in `exclude` counts. */
static bool excludes(const json_t *item, const char *ref)
{
    return strcmp(text_of(item), "~DEFAULT_BRANCH") == 0 || matches(item, ref);
}

static void describe_list(const json_t *patterns, const char *separator, struct gl_buf *text)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)patterns, index, item)
        gl_buf_printf(text, "%s%s", index ? separator : "", text_of(item));
}

GL_GITHUB_LOOK(gl_github_ruleset_look_branch)
{
    (void)setting;
    const json_t *names = json_object_get(json_object_get(have, "conditions"), "ref_name");
    gl_autofree char *ref = gl_asprintf("refs/heads/%s", view->desired->branch);
    const json_t *exclude = json_object_get(names, "exclude");
    bool included = false;
    bool excluded = false;
    size_t index;
    json_t *item;
    gl_buf_puts(wanted, ref);
    if (gl_github_ruleset_is_missing(have, is))
        return 0;
    json_array_foreach(json_object_get(names, "include"), index, item) included =
        included || matches(item, ref);
    json_array_foreach((json_t *)exclude, index, item) excluded = excluded || excludes(item, ref);
    describe_list(json_object_get(names, "include"), ", ", is);
    if (json_array_size(exclude)) {
        gl_buf_puts(is, _(", but not "));
        describe_list(exclude, ", ", is);
    }
    return included && !excluded;
}

GL_GITHUB_PUT(gl_github_ruleset_put_branch)
{
    (void)setting;
    gl_autofree char *ref = gl_asprintf("refs/heads/%s", view->desired->branch);
    json_t *conditions = json_object_get(want, "conditions");
    json_t *names = json_object_get(conditions, "ref_name");
    json_t *include = json_array();
    json_t *exclude = json_array();
    bool included = false;
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(names, "include"), index, item)
    {
        included = included || matches(item, ref);
        json_array_append(include, item);
    }
    json_array_foreach(json_object_get(names, "exclude"), index, item)
    {
        if (!excludes(item, ref))
            json_array_append(exclude, item);
    }
    if (!included)
        json_array_append_new(include, json_string(ref));
    json_object_set_new(conditions, "ref_name",
                        json_pack("{s:o, s:o}", "include", include, "exclude", exclude));
}

/* ---- for whom not ------------------------------------------------------------------------------
 */

static bool is_break_glass(const struct gl_github_view *view, const json_t *actor)
{
    return view->break_glass && strcmp(gl_json_str(actor, "actor_type", ""), "Team") == 0 &&
           gl_json_int(actor, "actor_id", 0) == view->break_glass;
}

static void describe_actor(const json_t *actor, size_t index, struct gl_buf *is)
{
    int64_t id = gl_json_int(actor, "actor_id", 0);
    gl_buf_printf(is, "%s%s", index ? ", " : "", gl_json_str(actor, "actor_type", "?"));
    if (id)
        gl_buf_printf(is, " %lld", (long long)id);
}

GL_GITHUB_LOOK(gl_github_ruleset_look_bypass)
{
    (void)setting;
    const json_t *actors = json_object_get(have, "bypass_actors");
    size_t strangers = 0;
    size_t index;
    json_t *item;
    gl_buf_puts(wanted, _("nobody, or the team breakglass"));
    if (gl_github_ruleset_is_missing(have, is))
        return 0;
    if (!actors)
        return -1; /* shown only to who may write the ruleset */
    json_array_foreach((json_t *)actors, index, item)
    {
        describe_actor(item, index, is);
        strangers += !is_break_glass(view, item);
    }
    if (!json_array_size(actors))
        gl_buf_puts(is, _("nobody"));
    return strangers == 0;
}

GL_GITHUB_PUT(gl_github_ruleset_put_bypass)
{
    (void)setting;
    json_t *kept = json_array();
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(want, "bypass_actors"), index, item)
    {
        if (is_break_glass(view, item))
            json_array_append(kept, item);
    }
    json_object_set_new(want, "bypass_actors", kept);
}
