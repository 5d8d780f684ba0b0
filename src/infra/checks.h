/* What can be known to fail before AWS is asked, shown at its place in golive.yaml. */
#ifndef GL_INFRA_CHECKS_H
#define GL_INFRA_CHECKS_H

#include "config/config.h"
#include "infra/plan.h"

/* Checks the environment of the configuration: address ranges (overlap, outside the network, too
 * small, too few), availability zones of the region, values that do not go together, a network from
 * which tasks cannot reach AWS. Mistakes are appended to the list, which also gets the file's text.
 */
void gl_check_environment(const struct gl_config *config, struct gl_diagnostics *list);

/* Checks the names that the plan gives to stacks and resources against the limits of AWS. */
void gl_check_names(const struct gl_plan *plan, struct gl_diagnostics *list);

/* Fills `err` with a summary; GL_E_CONFIG, or 0 when the list is empty. */
gl_nodiscard int gl_check_summary(const struct gl_diagnostics *list, struct gl_error *err);

#endif
