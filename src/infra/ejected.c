/* Writing a shipped stack into the project, and comparing it later. */
#include "infra/ejected.h"

#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "infra/plan_internal.h"

int gl_ejected_changes(struct gl_plan *plan, const struct gl_plan_stack *stack,
                       struct gl_stack_change *ret_change, struct gl_error *err)
{
    struct gl_arena *arena = &plan->arena;
    struct gl_stack_def *def = gl_arena_alloc(arena, sizeof *def);
    const struct gl_shipped *source = stack->def->shipped;
    *def = (struct gl_stack_def){.name = stack->def->name, .text = source->text, .shipped = source};
    def->file = gl_arena_printf(arena, "(shipped) %s", stack->def->file);
    def->len = strlen(def->text);
    int failed = gl_shipped_read(arena, def->shipped, def->file, &def->template, err);
    if (failed == 0)
        failed = gl_stack_def_read(arena, def, err);
    if (failed < 0)
        return failed;
    struct gl_plan_stack shipped = *stack;
    const struct gl_value *given = NULL;
    shipped.def = def;
    failed = gl_plan_give(plan, &shipped, &given, err);
    if (failed == 0)
        failed = gl_plan_evaluate(plan, &shipped, given, err);
    if (failed == 0)
        gl_diff_stacks(arena, &shipped.result, &stack->result, ret_change);
    return failed;
}

static int no_such_stack(const char *name, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    for (const struct gl_shipped *at = gl_shipped_stacks; at->name; at++)
        gl_strv_add(&names, at->name);
    const char *nearest = gl_nearest(name, (const char *const *)names.items, names.count);
    gl_autofree char *all = gl_strv_join(&names, ", ");
    gl_fail(err, GL_E_NOT_FOUND, _("golive ships no stack `%s`"), name);
    return nearest ? gl_error_hint(err, _("did you mean `%s`?"), nearest)
                   : gl_error_hint(err, _("The stacks are: %s."), all);
}

int gl_eject(const char *project_dir, const char *name, char **ret_path, struct gl_error *err)
{
    const struct gl_shipped *shipped = gl_shipped_find(name);
    if (!shipped)
        return no_such_stack(name, err);
    gl_autofree char *path = gl_asprintf("%s/stacks/%s.yaml", project_dir, name);
    gl_autofree char *dir = gl_path_dir(path);
    if (gl_path_exists(path)) {
        gl_fail(err, GL_E_REFUSED, _("stacks/%s.yaml exists already and stays as it is"), name);
        return gl_error_hint(err, _("It takes precedence over the shipped stack; golive plan says "
                                    "how the two differ."));
    }
    int failed = gl_mkdir_p(dir, 0755, err);
    if (failed == 0)
        failed = gl_write_text(path, shipped->text, 0644, err);
    if (failed == 0)
        *ret_path = gl_steal(&path);
    return failed;
}
