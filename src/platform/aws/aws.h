/* Room-internal: what every operation of the AWS platform starts from. */
#ifndef GL_PLATFORM_AWS_AWS_H
#define GL_PLATFORM_AWS_AWS_H

#include "infra/plan.h"
#include "platform/aws/ops.h"

struct gl_cloud_look;
struct gl_cloud_way;

/* A part of the application that runs as a service of its own (part.c). */
struct gl_part {
    /* "backend": the service is APP-ENV-NAME, and so is the family of its task definitions; the
     * container and the prefix of its log streams have the name too. */
    const char *name;
    const struct gl_cloud_way *way; /* how it is released */
    const char *stack;              /* that has the service and what belongs to it */
    const char *log_group;          /* output of that stack */
    const char *task_definition;    /* what a release registers, below stacks/release */
    const char *image;              /* the word that stands for its image there */
    const char *repository;         /* output of the stack registry */
};

extern const struct gl_part gl_part_backend;   /* on ECS */
extern const struct gl_part gl_part_apprunner; /* the backend on App Runner */
extern const struct gl_part gl_part_pages;     /* frontend.mode ssr; on ECS */

/* The part that the configuration's backend is, by backend.platform. Never NULL. */
const struct gl_part *gl_part_of_backend(const struct gl_config *config);

/* The platform, and at the same time the service of one part: what is said of service, task
 * definition, deployment or tasks (ecs.h, apprunner.h, service.h) is said of `part`. */
struct gl_cloud {
    struct gl_platform base;
    const struct gl_part *part;
    struct gl_cloud *pages;     /* the same for the Node service; NULL = not asked for yet */
    struct gl_account *account; /* borrowed */
    struct gl_aws_client *client;
    const char *app, *env, *region;
    char *state_dir;
    struct gl_catalog catalog; /* opened with the first gl_cloud_plan() */
    struct gl_plan plan;       /* the environment's stacks, offline */
    bool planned;
    json_t *outputs;            /* stack key -> its outputs, as far as they were asked for */
    json_t *definitions;        /* ARN of a task definition -> what it is (ecs.h) */
    json_t *revisions;          /* ARN of a service revision -> what it is (ecs.h) */
    struct gl_cloud_look *look; /* what observe.c saw last; NULL = nothing */
};

/* The platform that an operation of gl_cloud_ops was called for. */
static inline struct gl_cloud *gl_cloud_cast(struct gl_platform *p)
{
    return (struct gl_cloud *)p;
}

/* The part that makes pages; NULL where pages are files. Belongs to the platform. */
struct gl_cloud *gl_cloud_pages(struct gl_cloud *cloud);

/* The environment's plan, made once. Belongs to the platform. */
gl_nodiscard int gl_cloud_plan(struct gl_cloud *cloud, struct gl_plan **ret_plan,
                               struct gl_error *err);

/* For gl_platform_ops.free. */
void gl_cloud_free(struct gl_platform *p);

/* ---- way.c: how a part is released: one for each word of backend.platform */

struct gl_cloud_way {
    const struct gl_platform_ops *ops; /* where the backend goes this way */
    /* Of the preflight: whether the service is one that a release can begin with. */
    int (*check)(struct gl_cloud *cloud, const struct gl_artifact *a, struct gl_error *err);
    /* ARN of the task definition that the service has, NULL if there is none. The caller owns it.
     */
    int (*serving)(struct gl_cloud *cloud, char **ret_definition, struct gl_error *err);
    /* Each looks at one side of look->release (look.h). */
    int (*look_at_state)(struct gl_cloud *cloud, struct gl_cloud_look *look, struct gl_error *err);
    int (*look_at_deaths)(struct gl_cloud *cloud, struct gl_cloud_look *look, struct gl_error *err);
    int (*look_at_metrics)(struct gl_cloud *cloud, struct gl_cloud_look *look, int64_t since_unix_s,
                           struct gl_error *err);
};

extern const struct gl_cloud_way gl_cloud_way_ecs;
extern const struct gl_cloud_way gl_cloud_way_apprunner;

/* ---- describe.c */

/* What a status begins with: account, region, addresses; services and versions are empty yet. The
 * caller owns it. */
json_t *gl_cloud_describe_frame(const struct gl_cloud *cloud);

/* ---- logs.c */

/* The last lines that a log group got since a moment (AWS's clock); "" if none. The caller owns
 * them. */
gl_nodiscard int gl_cloud_log_since(struct gl_cloud *cloud, const char *group,
                                    int64_t since_unix_ms, int lines, char **ret_text,
                                    struct gl_error *err);

/* ---- outputs.c */

/* An output of a stack ("service", "ClusterName"), read once. Belongs to the platform. GL_E_REFUSED
 * with the command that makes the stack when it does not stand or has no such output. */
gl_nodiscard int gl_cloud_output(struct gl_cloud *cloud, const char *stack, const char *name,
                                 const char **ret_value, struct gl_error *err);
/* Outputs are read anew: a stack was updated. */
void gl_cloud_outputs_forget(struct gl_cloud *cloud);

#endif
