/* Room-internal: the ECS service of one part (struct gl_cloud) as it is: task definitions of
 * releases, revisions, service deployments, target groups, tasks.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html */
#ifndef GL_PLATFORM_AWS_ECS_H
#define GL_PLATFORM_AWS_ECS_H

#include "platform/aws/aws.h"

/* ---- ecs.c: the service ------------------------------------------------------------------------
 */

/* The service as DescribeServices shows it; NULL if there is none yet (it comes with the first
 * release). The caller owns it. */
gl_nodiscard int gl_ecs_service(struct gl_cloud *cloud, json_t **ret_service, struct gl_error *err);

/* UpdateService; takes `changes`, to which cluster and service are added. */
gl_nodiscard int gl_ecs_update(struct gl_cloud *cloud, json_t *changes, struct gl_error *err);

/* The service's parts of struct gl_cloud_way: check.c, ecs.c. */
int gl_ecs_check(struct gl_cloud *cloud, const struct gl_artifact *a, struct gl_error *err);
int gl_ecs_serving(struct gl_cloud *cloud, char **ret_definition, struct gl_error *err);

/* True if the environment has two target groups (blue_green, canary), so that a version can run
 * without traffic. */
bool gl_ecs_two_groups(const struct gl_cloud *cloud);

/* ---- definition.c: task definitions and the releases they belong to ----------------------------
 */

#define GL_TAG_RELEASE "golive:release"
#define GL_TAG_VERSION "golive:version"
#define GL_TAG_DIGEST  "golive:digest"

/* {arn, release, version, digest, image} of a task definition, by ARN; release 0 = not golive's.
 * Task definitions never change: asked for once. Belongs to the platform. */
gl_nodiscard int gl_ecs_definition(struct gl_cloud *cloud, const char *arn,
                                   const json_t **ret_definition, struct gl_error *err);

/* ARN of the newest active task definition of a release, NULL if none is registered. Belongs to the
 * platform. */
gl_nodiscard int gl_ecs_definition_of(struct gl_cloud *cloud, int64_t release, const char **ret_arn,
                                      struct gl_error *err);

/* ARNs of all active task definitions of the part, newest first. */
gl_nodiscard int gl_ecs_definitions(struct gl_cloud *cloud, struct gl_strv *ret_arns,
                                    struct gl_error *err);

/* What the part's template below stacks/release becomes for a release: parameters of
 * RegisterTaskDefinition. The caller owns it. */
gl_nodiscard int gl_ecs_definition_make(struct gl_cloud *cloud, const struct gl_artifact *a,
                                        json_t **ret_params, struct gl_error *err);

/* Properties in CloudFormation's spelling as the ECS API takes them: names begin in lower case,
 * numbers and booleans are such. The caller owns it. */
json_t *gl_ecs_from_properties(const json_t *properties);

/* Registers the release's task definition, once: tags tell whether it was. */
gl_nodiscard int gl_ecs_register(struct gl_cloud *cloud, const struct gl_artifact *a,
                                 const char **ret_arn, struct gl_error *err);

/* ---- deployment.c: service deployments ---------------------------------------------------------
 */

enum gl_ecs_phase {
    GL_ECS_NONE,    /* there is none */
    GL_ECS_MOVING,  /* AWS is at work */
    GL_ECS_PAUSED,  /* waits for golive at a pause */
    GL_ECS_GOOD,    /* SUCCESSFUL: this revision, and no other, serves */
    GL_ECS_LEAVING, /* is being taken back */
    GL_ECS_BACK,    /* was taken back: the revision before it serves */
    GL_ECS_BROKEN,  /* ended otherwise: AWS does not say which revision serves */
};

/* True for phases that nothing follows. */
bool gl_ecs_is_over(enum gl_ecs_phase phase);

/* Each ServiceDeploymentStatus of the API and what it means; ends with a NULL name. */
struct gl_ecs_status {
    const char *name;
    enum gl_ecs_phase phase;
    const char *text; /* N_(): for a person */
};
extern const struct gl_ecs_status gl_ecs_statuses[];

/* By name; one that golive does not know is GL_ECS_MOVING: it is waited for, never taken for
 * success. Never NULL. */
const struct gl_ecs_status *gl_ecs_status_find(const char *name);

struct gl_ecs_deployment {
    enum gl_ecs_phase phase;
    char *arn;             /* NULL = there is none */
    char *revision;        /* ARN of the service revision it brings */
    char *task_definition; /* of that revision */
    char *target_group;    /* of that revision; NULL where AWS has not said yet */
    char *status;          /* AWS's word */
    char *stage;           /* lifecycle stage, or NULL */
    char *hook_id;         /* GL_ECS_PAUSED: of the pause */
    char *reason;          /* why it was or is taken back, AWS's words with alarm names; or NULL */
    double created_unix_s; /* by AWS's clock */
    double weight_pct;     /* production traffic that AWS means the revision to have */
    bool first;            /* there is no revision to go back to */
};

void gl_ecs_deployment_done(struct gl_ecs_deployment *deployment);
#define gl_autodeployment gl_cleanup(gl_ecs_deployment_done)

/* Reads one answer's service deployment; the revision's parts stay NULL. Pure. */
void gl_ecs_deployment_read(const json_t *described, struct gl_ecs_deployment *ret_deployment);

/* The newest service deployment that brings this task definition; phase GL_ECS_NONE if there is
 * none. */
gl_nodiscard int gl_ecs_deployment_of(struct gl_cloud *cloud, const char *task_definition,
                                      struct gl_ecs_deployment *ret_deployment,
                                      struct gl_error *err);
/* The one that is under way; GL_ECS_NONE if none is. */
gl_nodiscard int gl_ecs_deployment_open(struct gl_cloud *cloud,
                                        struct gl_ecs_deployment *ret_deployment,
                                        struct gl_error *err);
/* One by its ARN; replaces what *ret_deployment had. */
gl_nodiscard int gl_ecs_deployment_describe(struct gl_cloud *cloud, const char *arn,
                                            struct gl_ecs_deployment *ret_deployment,
                                            struct gl_error *err);
/* Reads it again. */
gl_nodiscard int gl_ecs_deployment_refresh(struct gl_cloud *cloud,
                                           struct gl_ecs_deployment *deployment,
                                           struct gl_error *err);
/* Ends its pause; a pause that is over already is no failure. */
gl_nodiscard int gl_ecs_deployment_continue(struct gl_cloud *cloud,
                                            const struct gl_ecs_deployment *deployment,
                                            struct gl_error *err);
/* Asks AWS to take it back; one that is over, or being taken back already, is no failure. */
gl_nodiscard int gl_ecs_deployment_stop(struct gl_cloud *cloud,
                                        const struct gl_ecs_deployment *deployment,
                                        struct gl_error *err);

/* Task definition and, once AWS says it, target group of a revision: {task_definition,
 * target_group}. Belongs to the platform. */
gl_nodiscard int gl_ecs_revision(struct gl_cloud *cloud, const char *arn,
                                 const json_t **ret_revision, struct gl_error *err);

/* ---- deployment_configuration.c ----------------------------------------------------------------
 */

/* The service's deploymentConfiguration for a release: with pauses, so that nothing moves and
 * nothing ends by itself, and without AWS's own bake, which golive makes at the last pause. The
 * caller owns it. */
json_t *gl_ecs_release_configuration(const struct gl_cloud *cloud, const json_t *service);
/* The same as the service stack has it: without pauses. The caller owns it. */
json_t *gl_ecs_stack_configuration(const struct gl_cloud *cloud, const json_t *service);
/* True if the service still has the pauses of a release. */
bool gl_ecs_has_pauses(const json_t *service);

/* ---- balance.c: listener rules and target groups -----------------------------------------------
 */

/* Share of production requests that a target group gets by the production rule, percent. */
gl_nodiscard int gl_alb_weight(struct gl_cloud *cloud, const char *target_group, int *ret_pct,
                               struct gl_error *err);
/* Share of a group in a rule (elbv2 DescribeRules), percent of all weights. Pure. */
int gl_alb_share(const json_t *rule, const char *target_group);

struct gl_alb_health {
    int healthy;
    int unhealthy; /* failed the health check; neither new nor leaving */
    int all;
    char reason[160]; /* of an unhealthy target, AWS's words; "" if none */
};

gl_nodiscard int gl_alb_health(struct gl_cloud *cloud, const char *target_group,
                               struct gl_alb_health *ret_health, struct gl_error *err);

/* ---- alarm.c -----------------------------------------------------------------------------------
 */

/* Names of the alarms that undo a deployment of the service (DescribeServices); NULL if it has
 * none. Pure. */
const json_t *gl_ecs_alarm_names(const json_t *service);

/* The first of these alarms that is in state ALARM, with AWS's reason; NULL if none is.
 * platform.despite_alarm is left out. ret_name (may be NULL): what it is called. The caller owns
 * both. */
gl_nodiscard int gl_cloud_alarm(struct gl_cloud *cloud, const json_t *names, char **ret_alarm,
                                char **ret_name, struct gl_error *err);

/* Alarms that fire would undo a new version at once: GL_E_REFUSED. Going back to one that served is
 * what they are there for; it is known by its task definition. Where the new version is what mends
 * it, the alarm is named (platform.despite_alarm). */
gl_nodiscard int gl_cloud_check_alarms(struct gl_cloud *cloud, const json_t *names, int64_t release,
                                       struct gl_error *err);

/* ---- tasks.c, stop_reason.c: tasks that ended --------------------------------------------------
 */

/* What ended tasks of a task definition say. */
struct gl_ecs_ended {
    int64_t deaths; /* tasks that ended by themselves or failed to start */
    char *fatal;    /* why this version cannot run, in a person's words; NULL = nothing fatal */
    char *hint;     /* the way out, or NULL */
    char *task;     /* id of the task that says so */
};

void gl_ecs_ended_done(struct gl_ecs_ended *ended);
#define gl_autoended gl_cleanup(gl_ecs_ended_done)

/* Looks at the stopped tasks that AWS still shows (an hour), created after `since_unix_s`. */
gl_nodiscard int gl_ecs_ended(struct gl_cloud *cloud, const char *task_definition,
                              double since_unix_s, struct gl_ecs_ended *ret_ended,
                              struct gl_error *err);

/* ECS says in the service's events when it finds no place for a task; `ended` becomes fatal then.
 */
gl_nodiscard int gl_ecs_no_place(struct gl_cloud *cloud, double since_unix_s,
                                 struct gl_ecs_ended *ended, struct gl_error *err);

enum gl_stop_kind {
    GL_STOP_OUTSIDE, /* says nothing against the version: scaling, a deployment, a person */
    GL_STOP_DEATH,   /* the version itself failed: no other place or time would help */
    GL_STOP_PLAIN,   /* the same, in words that tell no more than that */
};

/* A row of what AWS writes into stoppedReason, or a container's reason, and what it means. */
struct gl_stop_reason {
    const char *pattern;           /* words that occur in it */
    const char *means;             /* N_(); NULL = nothing that a person is told */
    const char *way_out;           /* N_(): of the backend; {env} is the environment */
    const char *migration_way_out; /* N_(): of a task of migrations; NULL = the same */
    enum gl_stop_kind kind;
};
extern const struct gl_stop_reason gl_stop_reasons[];

/* A way out in the user's language, with the environment's name; the caller owns it. */
char *gl_stop_reason_text(const struct gl_config *config, const char *text);

/* The row for a reason; NULL for one that says nothing against the version (scaling, a deployment).
 */
const struct gl_stop_reason *gl_stop_reason_find(const char *stop_code, const char *reason);

/* The row for a task of the service that makes pages, by that for any task. */
const struct gl_stop_reason *gl_stop_reason_of_pages(const struct gl_stop_reason *row);

/* The row for the end of a task of migrations: what a person or AWS stopped counts there, too. Of
 * the texts (members may be NULL) the first that says something; NULL where the exit code says
 * more. */
const struct gl_stop_reason *gl_stop_reason_of_migration(const char *const *texts, size_t count);

/* The stream that a task of the part writes to. The caller owns it. */
char *gl_ecs_log_stream(const struct gl_cloud *cloud, const char *task_id);
/* The last lines of one task's log; "" if it wrote none. The caller owns it. */
char *gl_ecs_task_log(struct gl_cloud *cloud, const char *task_id, int lines);

/* Fails with GL_E_UNHEALTHY: what the release's version died of, its log behind it. `why` is used
 * where no task says anything. */
int gl_ecs_explain(struct gl_cloud *cloud, const char *task_definition, double since_unix_s,
                   const char *why, struct gl_error *err);

/* ---- secrets_check.c ---------------------------------------------------------------------------
 */

/* GL_E_REFUSED names all secrets of the part in Secrets Manager that have no value, each with the
 * command that gives it one. */
gl_nodiscard int gl_cloud_check_secrets(struct gl_cloud *cloud, struct gl_error *err);

/* ---- bring.c: making a release's version run; shift.c: moving traffic --------------------------
 */

/* Makes the release's version run: goes on with a deployment of it that is open, else begins one.
 * Waits until it is ready and paused before production traffic (with `pauses`), or has all of it.
 */
gl_nodiscard int gl_ecs_bring(struct gl_cloud *cloud, const char *task_definition, bool pauses,
                              int64_t timeout_ms, struct gl_error *err);

/* ---- first.c: the first release: the part's stack makes the service */

/* Updates the stack and waits until the version has all traffic; CloudFormation may not be done by
 * then, for ECS bakes on. */
gl_nodiscard int gl_ecs_bring_first(struct gl_cloud *cloud, const char *task_definition,
                                    int64_t timeout_ms, struct gl_error *err);
/* Waits until CloudFormation is done with the stack. GL_E_UNHEALTHY if it took it back. */
gl_nodiscard int gl_ecs_await_stack(struct gl_cloud *cloud, struct gl_error *err);
/* Has CloudFormation take the update back, if one is under way, and the service with it. */
gl_nodiscard int gl_ecs_cancel_stack(struct gl_cloud *cloud, bool *ret_cancelled,
                                     struct gl_error *err);

/* ---- */

/* Gives all requests to a release whose deployment another one is open against: has ECS take that
 * back, and waits until the load balancer says so. */
gl_nodiscard int gl_ecs_back(struct gl_cloud *cloud, int64_t release, const char *definition,
                             struct gl_ecs_deployment *open, struct gl_error *err);
/* The same where nothing is open: a deployment without pauses, for nobody would end them. */
gl_nodiscard int gl_ecs_deploy_again(struct gl_cloud *cloud, int64_t release,
                                     const char *definition, struct gl_error *err);
/* GL_E_TIMEOUT: the share was not given in time. */
int gl_ecs_too_long(int64_t release, int pct, struct gl_error *err);
/* Takes all requests from the only version there is (shift.c): its tasks go, and its service too
 * while CloudFormation is still making that. */
gl_nodiscard int gl_ecs_take_all(struct gl_cloud *cloud, struct gl_ecs_deployment *open,
                                 struct gl_error *err);

/* Takes back an open deployment and waits until AWS has done so. */
gl_nodiscard int gl_ecs_take_back(struct gl_cloud *cloud, struct gl_ecs_deployment *deployment,
                                  struct gl_error *err);

/* Begins a deployment of the task definition: with a release's pauses, or without, so that it goes
 * all the way by itself. */
gl_nodiscard int gl_ecs_begin(struct gl_cloud *cloud, const json_t *service,
                              const char *task_definition, bool pauses, struct gl_error *err);

/* Gives the service its stack's deployment configuration again, if a release's is still there. */
gl_nodiscard int gl_ecs_restore_configuration(struct gl_cloud *cloud, struct gl_error *err);

/* Fails with GL_E_UNHEALTHY, saying where a deployment stands that should have been good. */
int gl_ecs_fail_deployment(const struct gl_ecs_deployment *deployment, struct gl_error *err);

/* ---- view.c: everything at once ----------------------------------------------------------------
 */

struct gl_ecs_version {
    int64_t release;
    char digest[GL_DIGEST_SIZE];
    char *task_definition;
    char *target_group; /* NULL = not said */
    int64_t running;    /* tasks */
    int weight_pct;
    struct gl_alb_health health;
};

struct gl_ecs_view {
    json_t *service; /* NULL = there is none */
    struct gl_ecs_deployment open;
    struct gl_ecs_version versions[4];
    size_t count;
};

void gl_ecs_view_done(struct gl_ecs_view *view);
#define gl_autoview gl_cleanup(gl_ecs_view_done)

gl_nodiscard int gl_ecs_view_read(struct gl_cloud *cloud, struct gl_ecs_view *ret_view,
                                  struct gl_error *err);
const struct gl_ecs_version *gl_ecs_view_find(const struct gl_ecs_view *view, int64_t release);

#endif
