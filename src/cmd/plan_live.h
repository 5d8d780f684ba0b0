/* golive plan against the account: change sets and drift. */
#ifndef GL_CMD_PLAN_LIVE_H
#define GL_CMD_PLAN_LIVE_H

#include "cmd/command.h"
#include "infra/plan.h"

gl_nodiscard int gl_cmd_plan_live(struct gl_context *context, struct gl_error *err);
gl_nodiscard int gl_cmd_plan_drift(struct gl_context *context, struct gl_error *err);

/* Shows one stack with everything (cmd_plan.c). GL_E_NOT_FOUND with the nearest name. */
gl_nodiscard int gl_cmd_show_stack(struct gl_context *context, struct gl_plan *plan,
                                   const char *name, struct gl_error *err);

#endif
