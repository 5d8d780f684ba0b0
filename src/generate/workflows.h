/* The workflows of GitHub Actions that golive.yaml asks for, and what the repository has of them.
 * Templates: templates/workflows/; actions by commit: data/actions.yaml. */
#ifndef GL_GENERATE_WORKFLOWS_H
#define GL_GENERATE_WORKFLOWS_H

#include "config/config.h"
#include "generate/document.h"

enum { GL_WORKFLOW_COUNT = 4 };

/* Makes them in memory from the configurations of the two environments. With `force` conflicts and
 * foreign files are replaced. GL_E_CONFIG names what golive.yaml lacks. */
gl_nodiscard int gl_workflows_make(const struct gl_config *staging,
                                   const struct gl_config *production, bool force,
                                   struct gl_documents *ret_workflows, struct gl_error *err);

#endif
