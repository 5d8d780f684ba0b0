/* Facts of templates: the stacks of the judged environment and of its staging, evaluated. */
#include <string.h>

#include "base/i18n.h"
#include "facts/template_rows.h"

/* What a release registers is no stack, but is judged like one: "release/task-definition". */
static int write_releases(struct gl_template_rows *w, struct gl_plan *plan, struct gl_error *err)
{
    for (size_t i = 0; i < plan->catalog->release_count; i++) {
        gl_autoerr struct gl_error none = {0};
        struct gl_plan_stack *stack;
        const char *name = strchr(plan->catalog->releases[i].name, '/') + 1;
        int failed = gl_plan_release(plan, name, &stack, &none);
        if (failed == 0)
            gl_template_rows_stack(w, stack);
        else if (failed != GL_E_NOT_FOUND) {
            gl_error_move(err, &none);
            return failed;
        }
    }
    return 0;
}

/* ---- environments ------------------------------------------------------------------------------
 */

static int write_plan(const struct gl_collecting *c, struct gl_plan *plan, struct gl_error *err)
{
    struct gl_template_rows writing = {.c = c, .plan = plan, .prefix = plan->env, .env = plan->env};
    gl_template_rows_open(&writing, err);
    for (size_t i = 0; i < plan->count; i++)
        gl_template_rows_stack(&writing, &plan->stacks[i]);
    int failed = write_releases(&writing, plan, err);
    int of_rows = gl_template_rows_done(&writing);
    return failed < 0 ? failed : of_rows;
}

static int write_environment(const struct gl_collecting *c, const struct gl_config *config,
                             const struct gl_catalog *catalog, struct gl_error *err)
{
    gl_autoplan struct gl_plan plan = {0};
    int failed = gl_plan_make(config, catalog, &plan, err);
    return failed < 0 ? failed : write_plan(c, &plan, err);
}

static int write_staging(const struct gl_collecting *c, const struct gl_catalog *catalog,
                         struct gl_error *err)
{
    struct gl_staging *staging = c->staging;
    int failed = staging->failed;
    if (failed < 0)
        gl_error_move(err, &staging->err);
    else if (staging->config)
        failed = write_environment(c, staging->config, catalog, err);
    return failed == GL_E_REFUSED ? 0 : failed; /* it is no environment of stacks */
}

int gl_collect_template(const struct gl_collecting *c, struct gl_error *err)
{
    const struct gl_config *config = c->request->config;
    gl_autocatalog struct gl_catalog catalog = {0};
    if (c->request->templates && c->request->templates->count)
        return gl_collect_given(c, err);
    int failed = gl_catalog_open(NULL, gl_config_dir(config), &catalog, err);
    if (failed == 0)
        failed = write_environment(c, config, &catalog, err);
    if (failed == GL_E_REFUSED)
        return GL_E_NOT_FOUND; /* the environment has no stacks; err says why */
    return failed < 0 ? failed : write_staging(c, &catalog, err);
}
