/* Whether App Runner can take a release, before anything is changed. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "platform/aws/apprunner.h"
#include "platform/aws/ecs.h"

/* ---- the service -------------------------------------------------------------------------------
 */

/* https://docs.aws.amazon.com/apprunner/latest/dg/architecture.html: x86-64 only. */
static int check_processor(const struct gl_cloud *cloud, struct gl_error *err)
{
    const char *arch = gl_config_str(cloud->base.config, "backend.arch");
    if (strcmp(arch, "X86_64") == 0)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("App Runner runs programs for X86_64 only, not for %s"), arch);
    return gl_error_hint(err, _("Set backend.arch of environment %s to X86_64."), cloud->env);
}

static int check_repository(struct gl_cloud *cloud, const struct gl_apprunner_view *view,
                            struct gl_error *err)
{
    const char *image = gl_apprunner_image(view->service);
    const char *uri = NULL;
    int failed = gl_cloud_output(cloud, "registry", "BackendRepositoryUri", &uri, err);
    if (failed < 0)
        return failed;
    size_t length = image ? gl_apprunner_repository_length(image) : 0;
    if (image && length == strlen(uri) && strncmp(image, uri, length) == 0)
        return 0;
    gl_fail(err, GL_E_REFUSED, _("the App Runner service %s runs what golive did not build: %s"),
            gl_json_str(view->service, "ServiceName", "?"),
            image ? image : _("source code of a repository"));
    return gl_error_hint(err,
                         _("golive releases images of %s only. Delete the service, or give it "
                           "an image from there."),
                         uri);
}

static int check_operation(struct gl_cloud *cloud, const struct gl_apprunner_view *view,
                           int64_t release, struct gl_error *err)
{
    bool own = release > 0 && view->release == release;
    if (!view->state->busy || own)
        return 0;
    gl_fail(err, GL_E_BUSY,
            _("App Runner is in the middle of another operation on the service: %s, %s"),
            *view->newest.id ? view->newest.type : "?",
            *view->newest.id ? view->newest.status_name : "?");
    return gl_error_hint(err,
                         _("It cannot be stopped. Wait until it is over (golive status --env %s "
                           "shows it), then run the release again."),
                         cloud->env);
}

static void warn_of_strategy(const struct gl_cloud *cloud)
{
    const char *strategy = gl_config_str(cloud->base.config, "release.strategy");
    if (strcmp(strategy, "rolling") != 0)
        gl_log(GL_LOG_WARN,
               _("release.strategy is %s, but App Runner knows only one way: a new version gets "
                 "all requests as soon as it is healthy"),
               strategy);
}

/* ---- alarms ------------------------------------------------------------------------------------
 */

/* Which of release.rollback.when App Runner has a metric for. What golive judges by itself (smoke
 * tests, a start that fails) needs no alarm. */
static const struct {
    const char *metric;
    const char *output; /* of the stack: the alarm's name */
} alarms[] = {
    {"5xx_rate", "RollbackErrorAlarm"  },
    {"p95",      "RollbackLatencyAlarm"},
};

int gl_apprunner_alarm_names(struct gl_cloud *cloud, json_t **ret_names, struct gl_error *err)
{
    gl_autojson json_t *names = json_array();
    for (size_t i = 0; i < GL_COUNT(alarms); i++) {
        const char *name = NULL;
        gl_autoerr struct gl_error problem = {0};
        int failed = gl_cloud_output(cloud, GL_APPRUNNER_STACK, alarms[i].output, &name, &problem);
        if (failed == 0)
            json_array_append_new(names, json_string(name));
        else if (failed != GL_E_REFUSED) { /* refused: the stack has no such alarm */
            gl_error_move(err, &problem);
            return failed;
        }
    }
    *ret_names = gl_steal(&names);
    return 0;
}

static void warn_of_rule(struct gl_cloud *cloud, const char *metric)
{
    const char *name = NULL;
    if (strcmp(metric, "unhealthy_targets") == 0)
        gl_log(GL_LOG_WARN, _("release.rollback.when: App Runner counts no unhealthy instances, it "
                              "replaces them by itself; that rule undoes nothing"));
    for (size_t i = 0; i < GL_COUNT(alarms); i++) {
        if (strcmp(metric, alarms[i].metric) == 0 &&
            gl_cloud_output(cloud, GL_APPRUNNER_STACK, alarms[i].output, &name, NULL) < 0)
            gl_log(GL_LOG_WARN,
                   _("release.rollback.when: the stack %s has no alarm for %s, so that rule undoes "
                     "nothing; golive up --env %s makes it"),
                   GL_APPRUNNER_STACK, metric, cloud->env);
    }
}

static void warn_of_rules(struct gl_cloud *cloud)
{
    size_t i;
    const json_t *rule;
    json_array_foreach(gl_config_node(cloud->base.config, "release.rollback.when"), i, rule)
        warn_of_rule(cloud, gl_json_str(rule, "metric", ""));
}

static int check_alarms(struct gl_cloud *cloud, int64_t release, struct gl_error *err)
{
    gl_autojson json_t *names = NULL;
    int failed = gl_apprunner_alarm_names(cloud, &names, err);
    return failed < 0 ? failed : gl_cloud_check_alarms(cloud, names, release, err);
}

/* ---- the operation -----------------------------------------------------------------------------
 */

int gl_apprunner_check(struct gl_cloud *cloud, const struct gl_artifact *a, struct gl_error *err)
{
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = check_processor(cloud, err);
    if (failed == 0)
        failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed < 0)
        return failed;
    warn_of_strategy(cloud);
    if (!view.service)
        return 0;
    warn_of_rules(cloud);
    failed = gl_apprunner_require_updatable(&view, err);
    if (failed == 0)
        failed = check_repository(cloud, &view, err);
    if (failed == 0)
        failed = check_operation(cloud, &view, a->release, err);
    return failed < 0 ? failed : check_alarms(cloud, a->release, err);
}
