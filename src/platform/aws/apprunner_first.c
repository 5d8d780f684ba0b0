/* The first release on App Runner: there is no service yet. The stack `service-apprunner` makes it
 * of the release's image, and takes it away again when that release is undone. Only this stack is
 * touched.
 *
 * CloudFormation says of a creation truthfully whether it came about; of later updates it does not
 * (aws/apprunner-roadmap#209), which are App Runner's own operations here (apprunner_bring.c). */
#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "platform/aws/apprunner.h"
#include "platform/aws/own_stack.h"

enum {
    MAKE_MS = 45 * 60 * 1000, /* a creation of App Runner takes five to twenty minutes */
};

/* ---- the stack ---------------------------------------------------------------------------------
 */

/* `wanted` is what its service is to be made of. */
static int update(struct gl_own_stack *own, const struct gl_plan_app_runner *wanted,
                  struct gl_error *err)
{
    own->plan->app_runner = wanted;
    int failed = gl_own_stack_update(own, err);
    own->plan->app_runner = NULL;
    return failed;
}

static int taken_back(const struct gl_own_stack *own, const struct gl_live_stack *live,
                      struct gl_error *err)
{
    gl_fail(err, GL_E_UNHEALTHY, _("CloudFormation took the stack %s back: %s"),
            own->stack->stack_name, live->reason ? live->reason : live->status);
    return gl_error_hint(err,
                         _("What App Runner and the program said is in the log groups "
                           "/aws/apprunner/%s-%s-backend/."),
                         own->cloud->app, own->cloud->env);
}

/* ---- making ------------------------------------------------------------------------------------
 */

static int wanted_of(struct gl_own_stack *own, const struct gl_artifact *a,
                     struct gl_plan_app_runner **ret_wanted, struct gl_error *err)
{
    struct gl_arena *arena = &own->plan->arena;
    const char *uri = NULL;
    int failed = gl_cloud_output(own->cloud, "registry", "BackendRepositoryUri", &uri, err);
    if (failed < 0)
        return failed;
    struct gl_plan_app_runner *wanted = gl_arena_alloc(arena, sizeof *wanted);
    *wanted = (struct gl_plan_app_runner){
        .image = gl_arena_printf(arena, "%s@%s", uri, a->image_digest),
        .version = gl_arena_strdup(arena, a->version),
        .release = gl_arena_printf(arena, "%" PRId64, a->release),
    };
    *ret_wanted = wanted;
    return 0;
}

static int require_service(struct gl_cloud *cloud, int64_t release, struct gl_error *err)
{
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed < 0 || gl_apprunner_serves(&view, release, false))
        return failed;
    return gl_fail(err, GL_E_UNHEALTHY,
                   _("CloudFormation made the service, but App Runner says of it: %s"),
                   view.state ? _(view.state->text) : _("there is none"));
}

static int begin(struct gl_own_stack *own, const struct gl_artifact *a, struct gl_error *err)
{
    struct gl_live_stack live = {0};
    struct gl_plan_app_runner *wanted = NULL;
    bool waits = false;
    int failed = gl_own_stack_read(own, &live, err);
    if (failed == 0)
        failed = gl_own_stack_may_update(own, &live, &waits, err);
    if (failed < 0 || waits)
        return failed;
    failed = wanted_of(own, a, &wanted, err);
    return failed < 0 ? failed : update(own, wanted, err);
}

int gl_apprunner_bring_first(struct gl_cloud *cloud, const struct gl_artifact *a,
                             int64_t timeout_ms, struct gl_error *err)
{
    struct gl_own_stack own = {0};
    struct gl_live_stack live = {0};
    int failed = gl_own_stack_open(cloud, &own, err);
    if (failed == 0)
        failed = begin(&own, a, err);
    if (failed == 0)
        failed = gl_own_stack_await_over(&own, timeout_ms + MAKE_MS, &live, err);
    if (failed < 0)
        return failed;
    gl_cloud_outputs_forget(cloud);
    if (gl_own_stack_outcome(&live) != GL_OUTCOME_GOOD)
        return taken_back(&own, &live, err);
    return require_service(cloud, a->release, err);
}

int gl_apprunner_await_stack(struct gl_cloud *cloud, struct gl_error *err)
{
    return gl_own_stack_settle(cloud, MAKE_MS, err);
}

/* ---- taking away -------------------------------------------------------------------------------
 */

static int remove_service(struct gl_own_stack *own, struct gl_error *err)
{
    static const struct gl_plan_app_runner nothing = {.image = "", .version = "", .release = ""};
    struct gl_live_stack live = {0};
    int failed = update(own, &nothing, err);
    if (failed == 0)
        failed = gl_own_stack_await_over(own, MAKE_MS, &live, err);
    gl_cloud_outputs_forget(own->cloud);
    if (failed < 0 || gl_own_stack_outcome(&live) == GL_OUTCOME_GOOD)
        return failed;
    return taken_back(own, &live, err);
}

int gl_apprunner_take_away(struct gl_cloud *cloud, int64_t release, struct gl_error *err)
{
    struct gl_own_stack own = {0};
    struct gl_live_stack live = {0};
    gl_autorunner struct gl_apprunner_view view = {0};
    int failed = gl_own_stack_open(cloud, &own, err);
    if (failed == 0)
        failed = gl_own_stack_read(&own, &live, err);
    if (failed == 0 && gl_own_stack_outcome(&live) == GL_OUTCOME_RUNNING)
        failed = gl_own_stack_cancel(&own, err);
    if (failed == 0)
        failed = gl_own_stack_await_over(&own, MAKE_MS, &live, err);
    gl_cloud_outputs_forget(cloud);
    if (failed == 0)
        failed = gl_apprunner_await_idle(cloud, err);
    if (failed == 0)
        failed = gl_apprunner_view_read(cloud, &view, err);
    if (failed < 0 || !view.service || view.release != release)
        return failed;
    gl_platform_progress(&cloud->base, "%s", _("the service of the first release is taken away"));
    return remove_service(&own, err);
}
