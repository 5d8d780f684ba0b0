/* The App Runner service as it is, and its newest operation. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/apprunner.h"

enum { LAST_LINES = 10 };

void gl_apprunner_view_done(struct gl_apprunner_view *view)
{
    json_decref(view->service);
    *view = (struct gl_apprunner_view){0};
}

/* ---- operations --------------------------------------------------------------------------------
 */

/* The list is in reverse order of their begin: the first one was begun last. */
void gl_apprunner_operation_read(const json_t *answer, const char *id,
                                 struct gl_apprunner_operation *ret_operation)
{
    const json_t *list = json_object_get(answer, "OperationSummaryList");
    struct gl_apprunner_operation *o = ret_operation;
    size_t i;
    const json_t *item;
    *o = (struct gl_apprunner_operation){.status = gl_apprunner_status_find("")};
    json_array_foreach(list, i, item)
    {
        const char *own = gl_json_str(item, "Id", "");
        if (id && strcmp(own, id) != 0)
            continue;
        const char *status = gl_json_str(item, "Status", "");
        (void)snprintf(o->id, sizeof o->id, "%s", own);
        (void)snprintf(o->type, sizeof o->type, "%s", gl_json_str(item, "Type", "?"));
        (void)snprintf(o->status_name, sizeof o->status_name, "%s", status);
        o->status = gl_apprunner_status_find(status);
        o->started_unix_s = json_number_value(json_object_get(item, "StartedAt"));
        return;
    }
}

static int read_newest(struct gl_cloud *cloud, struct gl_apprunner_view *view, struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    int failed =
        gl_aws_ask(cloud->client, "apprunner", "ListOperations",
                   json_pack("{sssi}", "ServiceArn", view->arn, "MaxResults", 20), &answer, err);
    if (failed == 0)
        gl_apprunner_operation_read(answer, NULL, &view->newest);
    return failed;
}

/* ---- the service -------------------------------------------------------------------------------
 */

/* Before the first release the stack has no service, and no output that names it. */
static int find_arn(struct gl_cloud *cloud, const char **ret_arn, struct gl_error *err)
{
    const char *name = NULL;
    const char *arn = NULL;
    int failed = gl_cloud_output(cloud, GL_APPRUNNER_STACK, "ServiceName", &name, err);
    if (failed == 0 && gl_cloud_output(cloud, GL_APPRUNNER_STACK, "ServiceArn", &arn, NULL) == 0)
        *ret_arn = arn;
    return failed;
}

int gl_apprunner_view_read(struct gl_cloud *cloud, struct gl_apprunner_view *ret_view,
                           struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = find_arn(cloud, &view.arn, err);
    if (failed == 0 && view.arn)
        failed = gl_aws_ask(cloud->client, "apprunner", "DescribeService",
                            json_pack("{ss}", "ServiceArn", view.arn), &answer, err);
    if (failed < 0)
        return failed;
    if (view.arn) {
        view.service = json_incref(json_object_get(answer, "Service"));
        view.state = gl_apprunner_state_find(gl_json_str(view.service, "Status", ""));
        view.release = gl_apprunner_release_of(view.service);
        failed = read_newest(cloud, &view, err);
    }
    if (failed < 0)
        return failed;
    *ret_view = view;
    view = (struct gl_apprunner_view){0};
    return 0;
}

bool gl_apprunner_serves(const struct gl_apprunner_view *view, int64_t release, bool taken_back)
{
    enum gl_apprunner_phase phase =
        view->newest.status ? view->newest.status->phase : GL_APPRUNNER_MOVING;
    return view->service && view->state->updatable && view->release == release &&
           (phase == GL_APPRUNNER_GOOD || (taken_back && phase == GL_APPRUNNER_BACK));
}

int gl_apprunner_require_updatable(const struct gl_apprunner_view *view, struct gl_error *err)
{
    const struct gl_apprunner_state *state = view->state;
    if (state->updatable || state->busy)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("the App Runner service %s cannot be updated: %s (%s)"),
            gl_json_str(view->service, "ServiceName", "?"), _(state->text), state->name);
    return gl_error_hint(err, _("%s The service: %s"), _(state->way_out), view->arn);
}

/* ---- failures ----------------------------------------------------------------------------------
 */

int gl_apprunner_fail(struct gl_cloud *cloud, const struct gl_apprunner_operation *operation,
                      struct gl_error *err)
{
    gl_autofree char *log = NULL;
    const char *group = NULL;
    const char *text = _(operation->status->text);
    int64_t since_unix_ms = (int64_t)(operation->started_unix_s * 1000.0);
    if (gl_cloud_output(cloud, GL_APPRUNNER_STACK, "AppLogGroup", &group, NULL) < 0 ||
        gl_cloud_log_since(cloud, group, since_unix_ms, LAST_LINES, &log, NULL) < 0 || !*log)
        gl_fail(err, GL_E_UNHEALTHY, _("App Runner says of its operation: %s (%s)"), text,
                operation->status_name);
    else
        gl_fail(err, GL_E_UNHEALTHY,
                _("App Runner says of its operation: %s (%s). The service's log since then ends "
                  "with:\n%s"),
                text, operation->status_name, log);
    return gl_error_hint(err,
                         _("What App Runner did is in the log group /aws/apprunner/%s-%s-backend/"
                           "ID/service; what the program said: golive logs backend --env %s."),
                         cloud->app, cloud->env, cloud->env);
}
