/* A plan as plain files, so that nobody needs golive to make the same infrastructure. */
#ifndef GL_INFRA_EXPORT_H
#define GL_INFRA_EXPORT_H

#include "infra/plan.h"

/* Writes into `dir` (made if needed; files of the same names are replaced):
 *     NN-STACK.yaml             the template
 *     NN-STACK.parameters.json  for `aws cloudformation deploy --parameter-overrides file://`;
 *                               what is known only later is written @stack.Output@ or @live.NAME@
 *     deploy.sh                 fills those in and deploys all stacks in order
 *     README.md                 what is what
 *     golive-plan.json          whose files these are: application, environment, names
 * What an earlier plan of the same environment left and this one does not have is removed.
 * GL_E_REFUSED: the directory has another environment's files. Files hold no secrets: neither does
 * golive.yaml. */
gl_nodiscard int gl_export(struct gl_plan *plan, const char *dir, struct gl_error *err);

#endif
