/* Evaluates stacks beside what else is collected. */
#include "facts/template_plans.h"

static void evaluate(struct gl_template_plans *plans)
{
    struct gl_template_plan *first = &plans->items[0];
    first->failed =
        gl_catalog_open(NULL, gl_config_dir(first->config), &plans->catalog, &first->err);
    for (size_t i = 0; first->failed == 0 && i < plans->count; i++) {
        struct gl_template_plan *at = &plans->items[i];
        if (at->failed == 0)
            at->failed = gl_plan_make(at->config, &plans->catalog, &at->plan, &at->err);
    }
}

static void *evaluate_aside(void *plans)
{
    evaluate(plans);
    return NULL;
}

/* Configurations are counted without a lock, so that none is made in the thread. Without a thread
 * the plans are there at once. */
void gl_template_plans_begin(struct gl_template_plans *plans, const struct gl_config *config,
                             const char *staging)
{
    plans->items[plans->count++].config = config;
    if (staging) {
        struct gl_template_plan *second = &plans->items[plans->count++];
        second->failed = gl_config_other(config, staging, &plans->staging, &second->err);
        second->config = plans->staging;
    }
    plans->running = pthread_create(&plans->thread, NULL, evaluate_aside, plans) == 0;
    if (!plans->running)
        evaluate(plans);
}

void gl_template_plans_wait(struct gl_template_plans *plans)
{
    if (plans->running)
        pthread_join(plans->thread, NULL);
    plans->running = false;
}

void gl_template_plans_done(struct gl_template_plans *plans)
{
    gl_template_plans_wait(plans);
    for (size_t i = 0; i < plans->count; i++) {
        gl_plan_done(&plans->items[i].plan);
        gl_error_done(&plans->items[i].err);
    }
    gl_catalog_done(&plans->catalog);
    gl_config_free(&plans->staging);
}
