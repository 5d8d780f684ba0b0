/* Ejected stacks: the user's own copy of a shipped one, and how the two differ. */
#ifndef GL_INFRA_EJECTED_H
#define GL_INFRA_EJECTED_H

#include "infra/plan.h"

/* What an ejected stack makes otherwise than the shipped one would with the same configuration
 * (before = shipped, after = ejected). `stack->def->ejected` must hold. */
gl_nodiscard int gl_ejected_changes(struct gl_plan *plan, const struct gl_plan_stack *stack,
                                    struct gl_stack_change *ret_change, struct gl_error *err);

/* Writes the shipped stack to stacks/NAME.yaml of the project. GL_E_NOT_FOUND with the nearest
 * name; GL_E_REFUSED if the file exists. The caller owns *ret_path. */
gl_nodiscard int gl_eject(const char *project_dir, const char *name, char **ret_path,
                          struct gl_error *err);

#endif
