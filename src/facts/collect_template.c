/* Facts of templates: the stacks of the judged environment and of its staging, evaluated. */
#include <string.h>

#include "base/i18n.h"
#include "facts/template_plans.h"
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

static int write_environment(const struct gl_collecting *c, struct gl_template_plan *planned,
                             struct gl_error *err)
{
    struct gl_plan *plan = &planned->plan;
    if (planned->failed < 0) {
        gl_error_move(err, &planned->err);
        return planned->failed;
    }
    struct gl_template_rows writing = {.c = c, .plan = plan, .prefix = plan->env, .env = plan->env};
    gl_template_rows_open(&writing, err);
    for (size_t i = 0; i < plan->count; i++)
        gl_template_rows_stack(&writing, &plan->stacks[i]);
    int failed = write_releases(&writing, plan, err);
    int of_rows = gl_template_rows_done(&writing);
    return failed < 0 ? failed : of_rows;
}

int gl_collect_template(const struct gl_collecting *c, struct gl_error *err)
{
    struct gl_template_plans *plans = c->plans;
    if (c->request->templates && c->request->templates->count)
        return gl_collect_given(c, err);
    int failed = write_environment(c, gl_template_plans_wait(plans, 0), err);
    if (failed == GL_E_REFUSED)
        return GL_E_NOT_FOUND; /* the environment has no stacks; err says why */
    if (failed == 0 && plans->count > 1)
        failed = write_environment(c, gl_template_plans_wait(plans, 1), err);
    return failed == GL_E_REFUSED ? 0 : failed; /* staging is no environment of stacks */
}
