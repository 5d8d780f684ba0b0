/* What golive github apply changed, for the ledger of the environment that is production. */
#ifndef GL_CMD_GITHUB_RECORD_H
#define GL_CMD_GITHUB_RECORD_H

#include "cmd/github_report.h"

/* {setting, resource, was} of every setting that is about to be changed. The caller owns it. */
json_t *gl_cmd_github_intended(const struct gl_github_survey *survey);

/* Appends the event `github.apply`: repository, branch, who, the intended changes of the resources
 * that GitHub wrote, and what it refused. It goes to the team's ledger or, where that cannot be
 * opened (no bucket yet, no credentials: GitHub needs none of AWS), to the project's own. What is
 * changed is changed: that it could not be noted is a warning. Nothing written = no event. */
void gl_cmd_github_record(struct gl_cmd_github *work, const struct gl_config *production,
                          const json_t *intended);

#endif
