/* Bringing a version by UpdateService: one operation of App Runner, followed to its end. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/apprunner.h"
#include "platform/aws/ecs.h"
#include "platform/aws/pace.h"

enum {
    /* App Runner takes about five minutes for an update, and twenty for one that it takes back. */
    MOVE_MS = 45 * 60 * 1000,
    LISTED_MS = 60000, /* an operation that was begun shows up within this */
};

struct following {
    struct gl_cloud *cloud;
    const char *arn;
    struct gl_pace pace;
    int64_t begun_ms;
};

static struct following follow_for(struct gl_cloud *cloud, const char *arn, int64_t most_ms)
{
    int64_t now = gl_mono_ms();
    return (struct following){
        .cloud = cloud, .arn = arn, .pace = {.end_ms = now + most_ms}, .begun_ms = now};
}

static int too_long(const struct following *f, struct gl_error *err)
{
    gl_fail(err, GL_E_TIMEOUT, _("App Runner's operation did not end in time"));
    return gl_error_hint(err,
                         _("It cannot be stopped and goes on: aws apprunner list-operations "
                           "--service-arn %s shows it."),
                         f->arn);
}

/* ---- one operation -----------------------------------------------------------------------------
 */

static int look(const struct following *f, const char *id, struct gl_apprunner_operation *operation,
                struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    int failed =
        gl_aws_ask(f->cloud->client, "apprunner", "ListOperations",
                   json_pack("{sssi}", "ServiceArn", f->arn, "MaxResults", 20), &answer, err);
    if (failed < 0)
        return failed;
    gl_apprunner_operation_read(answer, id, operation);
    if (*operation->id || gl_mono_ms() - f->begun_ms < LISTED_MS)
        return 0;
    return gl_fail(err, GL_E_UNHEALTHY, _("App Runner does not list the operation %s"), id);
}

static void tell(const struct following *f, const struct gl_apprunner_operation *operation)
{
    gl_platform_progress(&f->cloud->base, _("App Runner: %s, %s, %" PRId64 " s"),
                         *operation->id ? operation->type : "UPDATE_SERVICE",
                         *operation->id ? operation->status_name : "PENDING",
                         (gl_mono_ms() - f->begun_ms) / 1000);
}

/* Until the operation is over, whatever came of it. */
static int follow(struct following *f, const char *id, struct gl_apprunner_operation *ret_operation,
                  struct gl_error *err)
{
    f->begun_ms = gl_mono_ms();
    for (;;) {
        int failed = look(f, id, ret_operation, err);
        if (failed < 0 || gl_apprunner_is_over(ret_operation->status->phase))
            return failed;
        tell(f, ret_operation);
        failed = gl_pace_wait(&f->pace, err);
        if (failed == GL_E_TIMEOUT)
            return too_long(f, err);
        if (failed < 0)
            return failed;
    }
}

/* ---- until nothing is under way ----------------------------------------------------------------
 */

/* The service may say so a moment longer than its operation. */
static int await_state(struct following *f, struct gl_apprunner_view *view, struct gl_error *err)
{
    while (view->service && view->state->busy) {
        gl_platform_progress(&f->cloud->base, _("App Runner: %s"), _(view->state->text));
        int failed = gl_pace_wait(&f->pace, err);
        if (failed == GL_E_TIMEOUT)
            return too_long(f, err);
        if (failed == 0) {
            gl_apprunner_view_done(view);
            failed = gl_apprunner_view_read(f->cloud, view, err);
        }
        if (failed < 0)
            return failed;
    }
    return 0;
}

int gl_apprunner_await_idle(struct gl_cloud *cloud, struct gl_error *err)
{
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed < 0)
        return failed;
    struct following f = follow_for(cloud, view.arn, MOVE_MS);
    return await_state(&f, &view, err);
}

/* ---- beginning ---------------------------------------------------------------------------------
 */

static int describe_definition(struct gl_cloud *cloud, int64_t release, json_t **ret_definition,
                               struct gl_error *err)
{
    const char *arn = NULL;
    gl_autojson json_t *answer = NULL;
    int failed = gl_ecs_definition_of(cloud, release, &arn, err);
    if (failed < 0)
        return failed;
    if (!arn)
        return gl_fail(err, GL_E_NOT_FOUND,
                       _("release %" PRId64 " has no task definition in this account"), release);
    failed = gl_aws_ask(cloud->client, "ecs", "DescribeTaskDefinition",
                        json_pack("{ss}", "taskDefinition", arn), &answer, err);
    if (failed == 0)
        *ret_definition = json_incref(json_object_get(answer, "taskDefinition"));
    return failed;
}

/* Of the service nothing else is named, and so nothing else changes: size, scaling, health check
 * and network are its stack's. `*ret_id` is "" if another operation came in between. */
static int begin(struct gl_cloud *cloud, const struct gl_apprunner_view *view, int64_t release,
                 char **ret_id, struct gl_error *err)
{
    gl_autojson json_t *definition = NULL;
    gl_autojson json_t *answer = NULL;
    int failed = describe_definition(cloud, release, &definition, err);
    if (failed < 0)
        return failed;
    json_t *source = gl_apprunner_source(definition, release, view->service);
    failed = gl_aws_ask(cloud->client, "apprunner", "UpdateService",
                        json_pack("{ssso}", "ServiceArn", view->arn, "SourceConfiguration", source),
                        &answer, err);
    if (failed < 0 &&
        gl_aws_failure_is(gl_aws_last_failure(cloud->client), "InvalidStateException")) {
        gl_error_done(err);
        *ret_id = gl_strdup("");
        return 0;
    }
    if (failed == 0)
        *ret_id = gl_strdup(gl_json_str(answer, "OperationId", "?"));
    return failed;
}

/* ---- bringing ----------------------------------------------------------------------------------
 */

/* An operation that is under way is waited for. One that was to bring this very release, from
 * before a crash, must be good; on the way back anything may come of it. */
static int join(struct following *f, struct gl_apprunner_view *view, int64_t release,
                bool taken_back, struct gl_error *err)
{
    struct gl_apprunner_operation last = view->newest;
    bool own = view->release == release && !taken_back;
    if (!view->state->busy)
        return 0;
    if (!own)
        gl_platform_progress(&f->cloud->base,
                             _("another operation on the service is waited for: %s"), last.type);
    int failed = *last.id ? follow(f, view->newest.id, &last, err) : 0;
    if (failed == 0)
        failed = await_state(f, view, err);
    if (failed < 0 || !own || !*last.id || last.status->phase == GL_APPRUNNER_GOOD)
        return failed;
    return gl_apprunner_fail(f->cloud, &last, err);
}

/* App Runner's word is not enough: the service itself must say that it has this release. */
static int verify(struct following *f, int64_t release, struct gl_error *err)
{
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_apprunner_view_read(f->cloud, &view, err);
    if (failed == 0)
        failed = await_state(f, &view, err);
    if (failed < 0 || gl_apprunner_serves(&view, release, false))
        return failed;
    gl_fail(
        err, GL_E_UNHEALTHY,
        _("App Runner has ended its operation, but the service has release %" PRId64 " (%s, %s)"),
        view.release, view.state ? view.state->name : "", view.newest.status_name);
    return gl_error_hint(err, _("Somebody else may be changing it: golive status --env %s."),
                         f->cloud->env);
}

static int update(struct following *f, const struct gl_apprunner_view *view, int64_t release,
                  bool *ret_begun, struct gl_error *err)
{
    struct gl_apprunner_operation end = {0};
    gl_autofree char *id = NULL;
    int failed = begin(f->cloud, view, release, &id, err);
    *ret_begun = failed == 0 && id && *id;
    if (!*ret_begun)
        return failed;
    failed = follow(f, id, &end, err);
    if (failed < 0)
        return failed;
    return end.status->phase == GL_APPRUNNER_GOOD ? verify(f, release, err)
                                                  : gl_apprunner_fail(f->cloud, &end, err);
}

/* One try; *ret_done unless somebody else's operation came in between. */
static int try_once(struct following *f, int64_t release, bool taken_back, bool *ret_done,
                    struct gl_error *err)
{
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_apprunner_view_read(f->cloud, &view, err);
    if (failed < 0)
        return failed;
    if (!view.service)
        return gl_fail(err, GL_E_UNHEALTHY, _("there is no App Runner service"));
    f->arn = view.arn;
    failed = join(f, &view, release, taken_back, err);
    if (failed == 0)
        failed = gl_apprunner_require_updatable(&view, err);
    if (failed < 0)
        return failed;
    *ret_done = gl_apprunner_serves(&view, release, taken_back);
    return *ret_done ? 0 : update(f, &view, release, ret_done, err);
}

int gl_apprunner_bring(struct gl_cloud *cloud, int64_t release, bool taken_back, int64_t timeout_ms,
                       struct gl_error *err)
{
    struct following f = follow_for(cloud, "", timeout_ms + MOVE_MS);
    for (;;) {
        bool done = false;
        int failed = try_once(&f, release, taken_back, &done, err);
        if (failed < 0 || done)
            return failed;
        failed = gl_pace_wait(&f.pace, err);
        if (failed == GL_E_TIMEOUT)
            return too_long(&f, err);
        if (failed < 0)
            return failed;
    }
}
