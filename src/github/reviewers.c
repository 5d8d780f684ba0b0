/* Who approves a deployment to a GitHub environment. */
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/json.h"
#include "github/setting.h"

/* ---- accounts ----------------------------------------------------------------------------------
 */

static int find_account(struct gl_github *github, json_t *reviewer, struct gl_error *err)
{
    const char *login = gl_json_str(reviewer, "login", "");
    gl_autofree char *name = gl_github_escape(login);
    gl_autofree char *path = gl_asprintf("/users/%s", name);
    gl_autojson json_t *user = NULL;
    int failed = gl_github_call(github, "GET", path, NULL, &user, err);
    if (failed < 0 && github->refusal == GL_GITHUB_MISSING) {
        gl_fail(err, GL_E_CONFIG, _("GitHub has no account %s"), login);
        github->refusal = GL_GITHUB_INVALID;
        return gl_error_hint(err, _("Correct people[].github in golive.yaml."));
    }
    if (failed == 0)
        gl_json_set_int(reviewer, "id", gl_json_int(user, "id", 0));
    return failed;
}

int gl_github_reviewers_find(struct gl_github *github, json_t *reviewers, struct gl_error *err)
{
    size_t index;
    json_t *item;
    json_array_foreach(reviewers, index, item)
    {
        int failed = json_object_get(item, "id") ? 0 : find_account(github, item, err);
        if (failed < 0)
            return failed;
    }
    return 0;
}

/* ---- comparing ---------------------------------------------------------------------------------
 */

static bool is_user(const json_t *reviewer, const char *login)
{
    return strcmp(gl_json_str(reviewer, "type", ""), "User") == 0 &&
           strcasecmp(gl_json_str(reviewer, "login", ""), login) == 0;
}

static bool reviews(const json_t *reviewers, const char *login)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)reviewers, index, item)
    {
        if (is_user(item, login))
            return true;
    }
    return false;
}

static void describe(const json_t *reviewers, struct gl_buf *is)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)reviewers, index, item)
    {
        bool team = strcmp(gl_json_str(item, "type", ""), "Team") == 0;
        gl_buf_printf(is, "%s%s%s", index ? ", " : "", gl_json_str(item, "login", "?"),
                      team ? _(" (team)") : "");
    }
    if (!json_array_size(reviewers))
        gl_buf_puts(is, _("nobody"));
}

bool gl_github_environment_has_reviewers(const struct gl_github_view *view, const json_t *have)
{
    (void)have;
    return view->desired->places[GL_GITHUB_PLACE_PRODUCTION].reviewers.count > 0;
}

GL_GITHUB_LOOK(gl_github_environment_look_reviewers)
{
    const struct gl_strv *wish = &gl_github_place_of(view->desired, setting->resource)->reviewers;
    const json_t *reviewers = json_object_get(have, "reviewers");
    gl_autofree char *all = gl_strv_join(wish, ", ");
    gl_buf_puts(wanted, all);
    if (gl_github_environment_is_missing(have, is))
        return 0;
    describe(reviewers, is);
    for (size_t i = 0; i < wish->count; i++) {
        if (!reviews(reviewers, wish->items[i]))
            return 0;
    }
    return 1;
}

GL_GITHUB_PUT(gl_github_environment_put_reviewers)
{
    const struct gl_strv *wish = &gl_github_place_of(view->desired, setting->resource)->reviewers;
    json_t *reviewers = json_object_get(want, "reviewers");
    for (size_t i = 0; i < wish->count; i++) {
        if (!reviews(reviewers, wish->items[i]))
            json_array_append_new(reviewers,
                                  json_pack("{s:s, s:s}", "type", "User", "login", wish->items[i]));
    }
}

/* One reviewer's word is enough: each further one makes the approval weaker. */
GL_GITHUB_LOOK(gl_github_environment_look_strangers)
{
    const struct gl_strv *wish = &gl_github_place_of(view->desired, setting->resource)->reviewers;
    const json_t *reviewers = json_object_get(have, "reviewers");
    size_t strangers = json_array_size(reviewers);
    gl_autofree char *all = gl_strv_join(wish, ", ");
    gl_buf_puts(wanted, all);
    describe(reviewers, is);
    for (size_t i = 0; i < wish->count; i++)
        strangers -= reviews(reviewers, wish->items[i]);
    return strangers == 0;
}

GL_GITHUB_LOOK(gl_github_environment_look_self)
{
    (void)view, (void)setting;
    bool prevented = gl_json_bool(have, "prevent_self_review", false);
    gl_buf_puts(wanted, _("forbidden"));
    if (gl_github_environment_is_missing(have, is))
        return 0;
    gl_buf_puts(is, prevented ? _("forbidden") : _("allowed"));
    return prevented;
}

GL_GITHUB_PUT(gl_github_environment_put_self)
{
    (void)view, (void)setting;
    gl_json_set_bool(want, "prevent_self_review", true);
}
