/* Settings of the repository as a whole: Actions, alerts, scanning for secrets. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "github/setting.h"

static char *path_of(const struct gl_github_view *view, const char *rest)
{
    return gl_asprintf("/repos/%s%s", view->github->repo, rest);
}

/* ---- GitHub Actions: https://docs.github.com/rest/actions/permissions --------------------------
 */

GL_GITHUB_READ(gl_github_actions_read)
{
    (void)id;
    gl_autofree char *path = path_of(view, "/actions/permissions/workflow");
    return gl_github_call(view->github, "GET", path, NULL, ret_have, err);
}

GL_GITHUB_WRITE(gl_github_actions_write)
{
    (void)id, (void)have;
    gl_autofree char *path = path_of(view, "/actions/permissions/workflow");
    return gl_github_call(view->github, "PUT", path, want, NULL, err);
}

json_t *gl_github_actions_begin(const json_t *have)
{
    return have ? json_deep_copy(have) : json_object();
}

GL_GITHUB_LOOK(gl_github_actions_look_rights)
{
    (void)view, (void)setting;
    const char *rights = gl_json_str(have, "default_workflow_permissions", NULL);
    gl_buf_puts(wanted, "read");
    gl_buf_puts(is, rights ? rights : "?");
    return rights ? strcmp(rights, "read") == 0 : -1;
}

GL_GITHUB_PUT(gl_github_actions_put_rights)
{
    (void)view, (void)setting;
    gl_json_set_str(want, "default_workflow_permissions", "read");
}

GL_GITHUB_LOOK(gl_github_actions_look_approve)
{
    (void)view, (void)setting;
    const json_t *may = json_object_get(have, "can_approve_pull_request_reviews");
    gl_buf_puts(wanted, _("forbidden"));
    gl_buf_puts(is, json_is_false(may) ? _("forbidden") : _("allowed"));
    return json_is_boolean(may) ? json_is_false(may) : -1;
}

GL_GITHUB_PUT(gl_github_actions_put_approve)
{
    (void)view, (void)setting;
    gl_json_set_bool(want, "can_approve_pull_request_reviews", false);
}

/* ---- Dependabot's alerts: https://docs.github.com/rest/repos/repos -----------------------------
 */

/* 204 means on, 404 off. */
GL_GITHUB_READ(gl_github_alerts_read)
{
    (void)id;
    gl_autoerr struct gl_error problem = {0};
    gl_autofree char *path = path_of(view, "/vulnerability-alerts");
    int failed = gl_github_call(view->github, "GET", path, NULL, NULL, &problem);
    if (failed < 0 && view->github->refusal != GL_GITHUB_MISSING) {
        gl_error_move(err, &problem);
        return failed;
    }
    *ret_have = json_pack("{s:b}", "enabled", failed == 0);
    return 0;
}

GL_GITHUB_WRITE(gl_github_alerts_write)
{
    (void)id, (void)have, (void)want;
    gl_autofree char *path = path_of(view, "/vulnerability-alerts");
    return gl_github_call(view->github, "PUT", path, NULL, NULL, err);
}

GL_GITHUB_LOOK(gl_github_alerts_look)
{
    (void)view, (void)setting;
    bool enabled = gl_json_bool(have, "enabled", false);
    gl_buf_puts(wanted, _("on"));
    gl_buf_puts(is, enabled ? _("on") : _("off"));
    return enabled;
}

GL_GITHUB_PUT(gl_github_alerts_put)
{
    (void)view, (void)setting;
    gl_json_set_bool(want, "enabled", true);
}

/* ---- secrets -----------------------------------------------------------------------------------
 */

GL_GITHUB_READ(gl_github_repository_read)
{
    (void)id;
    gl_autofree char *path = path_of(view, "");
    return gl_github_call(view->github, "GET", path, NULL, ret_have, err);
}

GL_GITHUB_WRITE(gl_github_repository_write)
{
    (void)id, (void)have;
    gl_autofree char *path = path_of(view, "");
    return gl_github_call(view->github, "PATCH", path, want, NULL, err);
}

static const char *status_of(const json_t *have, const char *feature)
{
    const json_t *all = json_object_get(have, "security_and_analysis");
    return gl_json_str(json_object_get(all, feature), "status", NULL);
}

static bool is_enabled(const json_t *have, const char *feature)
{
    const char *status = status_of(have, feature);
    return status && strcmp(status, "enabled") == 0;
}

/* A private repository has it only with a licence of its own. Without, the job scan of ci.yml looks
 * for secrets. */
bool gl_github_repository_can_scan(const struct gl_github_view *view, const json_t *have)
{
    (void)view;
    return !gl_json_bool(have, "private", false) || is_enabled(have, "advanced_security") ||
           is_enabled(have, "secret_scanning");
}

/* The setting has the name of the feature. */
GL_GITHUB_LOOK(gl_github_repository_look_scan)
{
    (void)view;
    const char *status = status_of(have, setting->name);
    gl_buf_puts(wanted, _("on"));
    if (!status)
        return -1; /* shown only to administrators */
    gl_buf_puts(is, is_enabled(have, setting->name) ? _("on") : _("off"));
    return is_enabled(have, setting->name);
}

GL_GITHUB_PUT(gl_github_repository_put_scan)
{
    (void)view;
    json_t *all = json_object_get(want, "security_and_analysis");
    if (!all) {
        all = json_object();
        json_object_set_new(want, "security_and_analysis", all);
    }
    json_object_set_new(all, setting->name, json_pack("{s:s}", "status", "enabled"));
}
