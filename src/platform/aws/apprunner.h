/* Room-internal: the backend as a service of App Runner, for accounts that used it before it was
 * closed to new customers.
 *
 * App Runner replaces its instances by itself: a version runs only with requests, and gets all of
 * them at once. There are no weights, no pause, and an operation that is under way cannot be
 * stopped, only waited for. It names no version either: a release is what the variable
 * GOLIVE_RELEASE of the service says, and what it runs is kept as a task definition (definition.c)
 * that is never run.
 *
 * https://docs.aws.amazon.com/apprunner/latest/dg/manage-deploy.html */
#ifndef GL_PLATFORM_AWS_APPRUNNER_H
#define GL_PLATFORM_AWS_APPRUNNER_H

#include "platform/aws/aws.h"

struct gl_cloud_look;

#define GL_APPRUNNER_STACK   "service-apprunner"
#define GL_APPRUNNER_RELEASE "GOLIVE_RELEASE" /* in stacks/service-apprunner.yaml too */

/* ---- apprunner_status.c: what AWS's words mean -------------------------------------------------
 */

enum gl_apprunner_phase {
    GL_APPRUNNER_MOVING,  /* under way */
    GL_APPRUNNER_LEAVING, /* failed, and is being taken back */
    GL_APPRUNNER_GOOD,    /* did what was asked */
    GL_APPRUNNER_BACK,    /* failed; what served before serves */
    GL_APPRUNNER_BROKEN,  /* failed, and AWS does not say what serves */
};

/* True for phases that nothing follows. */
bool gl_apprunner_is_over(enum gl_apprunner_phase phase);

/* Each OperationStatus of the API; ends with a NULL name. */
struct gl_apprunner_status {
    const char *name;
    enum gl_apprunner_phase phase;
    const char *text; /* N_(): for a person */
};
extern const struct gl_apprunner_status gl_apprunner_statuses[];

/* By name; one that golive does not know is MOVING: it is waited for, never taken for success.
 * Never NULL. */
const struct gl_apprunner_status *gl_apprunner_status_find(const char *name);

/* Each ServiceStatus of the API; ends with a NULL name. */
struct gl_apprunner_state {
    const char *name;
    bool updatable;      /* UpdateService may be called */
    bool busy;           /* an operation is under way */
    const char *text;    /* N_(): for a person */
    const char *way_out; /* N_(); NULL where none is needed */
};
extern const struct gl_apprunner_state gl_apprunner_states[];

/* By name; an unknown one is busy. Never NULL. */
const struct gl_apprunner_state *gl_apprunner_state_find(const char *name);

/* ---- apprunner_view.c: the service as it is ----------------------------------------------------
 */

struct gl_apprunner_operation {
    char id[64];   /* "" = there is none */
    char type[32]; /* "UPDATE_SERVICE" */
    const struct gl_apprunner_status *status;
    char status_name[32];
    double started_unix_s; /* by AWS's clock */
};

/* The operation with this id among those of an answer of ListOperations, or the newest (id NULL);
 * `id` is "" in *ret_operation if there is none. Pure. */
void gl_apprunner_operation_read(const json_t *answer, const char *id,
                                 struct gl_apprunner_operation *ret_operation);

struct gl_apprunner_view {
    json_t *service; /* as DescribeService shows it; NULL = there is none yet */
    const char *arn; /* of it */
    const struct gl_apprunner_state *state;
    int64_t release; /* that its configuration names; 0 = golive did not make it */
    struct gl_apprunner_operation newest;
};

void gl_apprunner_view_done(struct gl_apprunner_view *view);
#define gl_autorunner gl_cleanup(gl_apprunner_view_done)

/* Reads service and newest operation. The service is there from the first release on. */
gl_nodiscard int gl_apprunner_view_read(struct gl_cloud *cloud, struct gl_apprunner_view *ret_view,
                                        struct gl_error *err);

/* True if the release serves, and nothing else: nothing is under way, and the newest operation
 * brought it or, with `taken_back`, gave it back the service. */
bool gl_apprunner_serves(const struct gl_apprunner_view *view, int64_t release, bool taken_back);

/* GL_E_REFUSED says why a service cannot be updated at all, and the way out. */
gl_nodiscard int gl_apprunner_require_updatable(const struct gl_apprunner_view *view,
                                                struct gl_error *err);

/* GL_E_UNHEALTHY: what became of an operation that should have been good; with the last lines of
 * the application's log since it began. */
int gl_apprunner_fail(struct gl_cloud *cloud, const struct gl_apprunner_operation *operation,
                      struct gl_error *err);

/* ---- apprunner_source.c ------------------------------------------------------------------------
 */

/* What UpdateService is given: the image by its digest, port, variables and secrets of a task
 * definition (as DescribeTaskDefinition shows it), and how the service (as DescribeService shows
 * it) pulls. Pure; the caller owns it. */
json_t *gl_apprunner_source(const json_t *definition, int64_t release, const json_t *service);

/* The image that a service runs ("REPOSITORY@sha256:..."); NULL where it is made of source code.
 * Belongs to `service`. Pure. */
const char *gl_apprunner_image(const json_t *service);

/* Release number in the variables of a service's configuration; 0 = none. Pure. */
int64_t gl_apprunner_release_of(const json_t *service);

/* "REPOSITORY" of an image identifier "REPOSITORY@sha256:..." or "REPOSITORY:tag"; its length.
 * Pure. */
size_t gl_apprunner_repository_length(const char *image);

/* ---- apprunner_check.c -------------------------------------------------------------------------
 */

/* Names of the alarms of release.rollback.when that the stack has, from the first release on. What
 * the stack has but cannot be asked for is an error. The caller owns the list. */
gl_nodiscard int gl_apprunner_alarm_names(struct gl_cloud *cloud, json_t **ret_names,
                                          struct gl_error *err);

/* ---- apprunner_bring.c -------------------------------------------------------------------------
 */

/* Makes the release's version serve: waits for an operation that is under way (its own from before
 * a crash is gone on with), else begins one, and follows it to its end. `taken_back`: a service
 * that came back to this release because another one failed is good enough. */
gl_nodiscard int gl_apprunner_bring(struct gl_cloud *cloud, int64_t release, bool taken_back,
                                    int64_t timeout_ms, struct gl_error *err);

/* Waits until no operation is under way any more, whatever became of it. */
gl_nodiscard int gl_apprunner_await_idle(struct gl_cloud *cloud, struct gl_error *err);

/* ---- apprunner_first.c: the stack makes the service, and takes it away again -------------------
 */

/* The first release: the stack makes the service of this artifact. */
gl_nodiscard int gl_apprunner_bring_first(struct gl_cloud *cloud, const struct gl_artifact *a,
                                          int64_t timeout_ms, struct gl_error *err);
/* The first release is undone: an update of the stack that makes the service is cancelled, or one
 * takes the service away. */
gl_nodiscard int gl_apprunner_take_away(struct gl_cloud *cloud, int64_t release,
                                        struct gl_error *err);
/* Waits until CloudFormation is done with the stack. GL_E_UNHEALTHY if it took it back. */
gl_nodiscard int gl_apprunner_await_stack(struct gl_cloud *cloud, struct gl_error *err);

/* ---- parts of gl_apprunner_ops and of struct gl_cloud_way --------------------------------------
 */

int gl_apprunner_check(struct gl_cloud *cloud, const struct gl_artifact *a, struct gl_error *err);
int gl_apprunner_serving(struct gl_cloud *cloud, char **ret_definition, struct gl_error *err);
int gl_apprunner_look_at_state(struct gl_cloud *cloud, struct gl_cloud_look *look,
                               struct gl_error *err);
int gl_apprunner_look_at_deaths(struct gl_cloud *cloud, struct gl_cloud_look *look,
                                struct gl_error *err);
int gl_apprunner_look_at_metrics(struct gl_cloud *cloud, struct gl_cloud_look *look,
                                 int64_t since_unix_s, struct gl_error *err);

int gl_apprunner_describe(struct gl_platform *p, json_t **ret_status, struct gl_error *err);
int gl_apprunner_logs(struct gl_platform *p, const char *service, int64_t release, int lines,
                      char **ret_text, struct gl_error *err);
int gl_apprunner_traffic(struct gl_platform *p, struct gl_traffic *ret_traffic,
                         struct gl_error *err);
int gl_apprunner_start(struct gl_platform *p, const struct gl_artifact *a, int64_t timeout_ms,
                       struct gl_error *err);
int gl_apprunner_endpoint(struct gl_platform *p, enum gl_endpoint which, int64_t release,
                          struct gl_target *ret_target, struct gl_error *err);
int gl_apprunner_next_share_pct(struct gl_platform *p, int pct);
int gl_apprunner_shift(struct gl_platform *p, int64_t release, int pct, struct gl_error *err);
int gl_apprunner_move_sessions(struct gl_platform *p, int64_t release, struct gl_error *err);
int gl_apprunner_conclude(struct gl_platform *p, int64_t release, struct gl_error *err);
int gl_apprunner_stop(struct gl_platform *p, int64_t release, struct gl_error *err);

#endif
