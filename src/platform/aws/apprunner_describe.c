/* App Runner for `golive status` and `golive logs`, and for probes. */
#include <inttypes.h>
#include <string.h>

#include "aws/codec.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/apprunner.h"
#include "platform/aws/ecs.h"

/* ---- status ------------------------------------------------------------------------------------
 */

static json_t *service_json(const struct gl_apprunner_view *view)
{
    json_t *object = json_object();
    gl_json_set_str(object, "name", gl_json_str(view->service, "ServiceName", NULL));
    gl_json_set_bool(object, "up", view->state->updatable || view->state->busy);
    gl_json_set_str(object, "status", gl_json_str(view->service, "Status", NULL));
    gl_json_set_str(object, "image", gl_apprunner_image(view->service));
    gl_json_set_str(object, "url", gl_json_str(view->service, "ServiceUrl", NULL));
    return object;
}

static json_t *version_json(const struct gl_cloud *cloud, const struct gl_apprunner_view *view)
{
    json_t *object = json_object();
    gl_json_set_str(object, "part", cloud->part->name);
    gl_json_set_int(object, "release", view->release);
    gl_json_set_str(object, "image", gl_apprunner_image(view->service));
    gl_json_set_int(object, "weight_pct", 100);
    gl_json_set_bool(object, "healthy", gl_apprunner_serves(view, view->release, true));
    return object;
}

/* In the words that a deployment of ECS has there. */
static json_t *operation_json(const struct gl_cloud *cloud, const struct gl_apprunner_view *view)
{
    const struct gl_apprunner_operation *newest = &view->newest;
    if (!*newest->id || gl_apprunner_is_over(newest->status->phase))
        return json_null();
    json_t *object = json_object();
    gl_json_set_str(object, "by", "App Runner");
    gl_json_set_str(object, "part", cloud->part->name);
    gl_json_set_str(object, "id", newest->id);
    gl_json_set_str(object, "status", newest->status_name);
    gl_json_set_str(object, "stage", newest->type);
    gl_json_set_bool(object, "waits_for_golive", false);
    return object;
}

int gl_apprunner_describe(struct gl_platform *p, json_t **ret_status, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed < 0)
        return failed;
    json_t *status = gl_cloud_describe_frame(cloud);
    if (view.service) {
        json_array_append_new(json_object_get(status, "services"), service_json(&view));
        json_array_append_new(json_object_get(status, "versions"), version_json(cloud, &view));
    }
    json_object_set_new(status, "deployment",
                        view.service ? operation_json(cloud, &view) : json_null());
    *ret_status = status;
    return 0;
}

int gl_apprunner_logs(struct gl_platform *p, const char *service, int64_t release, int lines,
                      char **ret_text, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    gl_autorunner struct gl_apprunner_view view = {0};
    if (strcmp(service, "backend") != 0)
        return gl_cloud_logs(p, service, release, lines, ret_text, err);
    int failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed < 0)
        return failed;
    if (!view.service)
        return gl_fail(err, GL_E_NOT_FOUND, _("there is no App Runner service yet, and no log"));
    if (release == 0)
        return gl_cloud_logs(p, service, 0, lines, ret_text, err);
    /* Streams are called instance/ID, and no operation of its API says what an instance runs. */
    gl_fail(err, GL_E_REFUSED,
            _("App Runner's log does not say which release wrote a line: it names its instances, "
              "but not what they run"));
    return gl_error_hint(err,
                         _("golive logs backend --env %s shows the lines of all with their times; "
                           "golive log --env %s --release %" PRId64
                           " says when that one began to serve. Lines into which the application "
                           "writes its variable RELEASE_VERSION can be told apart."),
                         cloud->env, cloud->env, release);
}

/* ---- probes ------------------------------------------------------------------------------------
 */

/* App Runner answers under a name of the user's own only once that is associated with the service,
 * and its certificate is there. */
static int is_associated(struct gl_cloud *cloud, const struct gl_apprunner_view *view,
                         const char *host, bool *ret_is, struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    int failed = gl_aws_ask(cloud->client, "apprunner", "DescribeCustomDomains",
                            json_pack("{ss}", "ServiceArn", view->arn), &answer, err);
    size_t i;
    const json_t *domain;
    json_array_foreach(json_object_get(answer, "CustomDomains"), i, domain)
    {
        if (strcmp(gl_json_str(domain, "DomainName", ""), host) == 0)
            *ret_is = strcmp(gl_json_str(domain, "Status", ""), "active") == 0;
    }
    return failed;
}

/* The name that the API is asked under: its own where App Runner knows it, else the service's. */
static int api_host(struct gl_cloud *cloud, enum gl_endpoint which, int64_t release,
                    const char **ret_host, struct gl_error *err)
{
    const char *host = gl_config_str(cloud->base.config, "domain.api");
    bool associated = false;
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed < 0)
        return failed;
    if (!view.service || (which == GL_ENDPOINT_VERSION && view.release != release))
        return gl_fail(err, GL_E_NOT_FOUND, _("release %" PRId64 " does not run"), release);
    if (which == GL_ENDPOINT_API)
        failed = is_associated(cloud, &view, host, &associated, err);
    if (failed < 0)
        return failed;
    if (associated) {
        *ret_host = host;
        return 0;
    }
    if (which == GL_ENDPOINT_API)
        gl_platform_progress(&cloud->base,
                             _("%s is not associated with the App Runner service (aws apprunner "
                               "associate-custom-domain): the service's own name is asked"),
                             host);
    return gl_cloud_output(cloud, GL_APPRUNNER_STACK, "ServiceDomain", ret_host, err);
}

int gl_apprunner_endpoint(struct gl_platform *p, enum gl_endpoint which, int64_t release,
                          struct gl_target *ret_target, struct gl_error *err)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    gl_autotarget struct gl_target target = {0};
    const char *host = gl_config_str(p->config, "domain.app");
    const char *stack = "frontend";
    const char *output = "DistributionDomain";
    int failed = 0;
    if (which != GL_ENDPOINT_APP) {
        stack = GL_APPRUNNER_STACK;
        output = "ServiceDomain";
        failed = api_host(cloud, which, release, &host, err);
    }
    if (failed == 0)
        failed = gl_cloud_reach(cloud, host, stack, output, &target, err);
    if (failed < 0)
        return failed;
    *ret_target = target;
    target = (struct gl_target){0};
    return 0;
}
