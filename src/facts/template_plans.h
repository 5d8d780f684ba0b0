/* Room-internal: the stacks of the judged environment and of its staging, evaluated in a thread of
 * their own, since that needs no database. */
#ifndef GL_FACTS_TEMPLATE_PLANS_H
#define GL_FACTS_TEMPLATE_PLANS_H

#include <pthread.h>

#include "facts/facts.h"
#include "infra/plan.h"

/* An environment. */
struct gl_template_plan {
    const struct gl_config *config;
    struct gl_plan plan;
    int failed; /* 0, or why there is no plan */
    struct gl_error err;
};

/* Zero-initialise. An item is to be read after gl_template_plans_wait(). */
struct gl_template_plans {
    struct gl_template_plan items[2]; /* judged, staging */
    size_t count;
    struct gl_catalog catalog;
    struct gl_config *staging; /* configuration, NULL if there is none */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t more;
    size_t ready; /* items that are evaluated; under the lock */
};

/* Begins to evaluate. `config` must live, and only be read, until gl_template_plans_done();
 * `staging` names an environment or is NULL. */
void gl_template_plans_begin(struct gl_template_plans *plans, const struct gl_config *config,
                             const char *staging);
/* Waits for one of them, which no one else touches from then on. */
struct gl_template_plan *gl_template_plans_wait(struct gl_template_plans *plans, size_t index);
/* Waits and frees. */
void gl_template_plans_done(struct gl_template_plans *plans);

#endif
