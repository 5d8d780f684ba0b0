/* Evaluates stacks beside what else is collected. */
#include "facts/template_plans.h"

#include "base/thread.h"

static void evaluate_one(struct gl_template_plan *at, const struct gl_catalog *catalog)
{
    if (at->failed == 0)
        at->failed = gl_plan_make(at->config, catalog, &at->plan, &at->err);
}

static void tell_ready(struct gl_template_plans *plans)
{
    pthread_mutex_lock(&plans->lock);
    plans->ready++;
    pthread_cond_signal(&plans->more);
    pthread_mutex_unlock(&plans->lock);
}

static void evaluate(struct gl_template_plans *plans)
{
    struct gl_template_plan *first = &plans->items[0];
    first->failed =
        gl_catalog_open(NULL, gl_config_dir(first->config), &plans->catalog, &first->err);
    bool opened = first->failed == 0;
    for (size_t i = 0; i < plans->count; i++) {
        if (opened)
            evaluate_one(&plans->items[i], &plans->catalog);
        tell_ready(plans);
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
    pthread_mutex_init(&plans->lock, NULL);
    pthread_cond_init(&plans->more, NULL);
    plans->items[plans->count++].config = config;
    if (staging) {
        struct gl_template_plan *second = &plans->items[plans->count++];
        second->failed = gl_config_other(config, staging, &plans->staging, &second->err);
        second->config = plans->staging;
    }
    plans->running = gl_thread_start(&plans->thread, NULL, evaluate_aside, plans) == 0;
    if (!plans->running)
        evaluate(plans);
}

struct gl_template_plan *gl_template_plans_wait(struct gl_template_plans *plans, size_t index)
{
    pthread_mutex_lock(&plans->lock);
    while (plans->ready <= index)
        pthread_cond_wait(&plans->more, &plans->lock);
    pthread_mutex_unlock(&plans->lock);
    return &plans->items[index];
}

void gl_template_plans_done(struct gl_template_plans *plans)
{
    if (!plans->count) /* not begun */
        return;
    if (plans->running)
        pthread_join(plans->thread, NULL);
    for (size_t i = 0; i < plans->count; i++) {
        gl_plan_done(&plans->items[i].plan);
        gl_error_done(&plans->items[i].err);
    }
    gl_catalog_done(&plans->catalog);
    gl_config_free(&plans->staging);
    pthread_cond_destroy(&plans->more);
    pthread_mutex_destroy(&plans->lock);
}
