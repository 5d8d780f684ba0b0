/* What golive github check and apply show. */
#ifndef GL_CMD_GITHUB_REPORT_H
#define GL_CMD_GITHUB_REPORT_H

#include "cmd/command.h"
#include "github/survey.h"

/* Everything that both commands look at. */
struct gl_cmd_github {
    struct gl_context *context;
    struct gl_config *own; /* NULL: the context's is of the right environment */
    struct gl_github github;
    struct gl_github_desired desired;
    struct gl_github_survey survey;
    struct gl_strv written;
    json_t *refused; /* resources that GitHub refused to change */
};

/* Writes to the command's output. What GitHub says is in it; it does not show the token, whatever
 * that is. */
void gl_cmd_github_show(const struct gl_cmd_github *work, const char *text);

/* The settings: all, or those that are not as wanted; what could not be read; notes. */
void gl_cmd_github_text(const struct gl_cmd_github *work, bool all);

/* The same, all of it, as one JSON object; after writing with what was written and refused. */
void gl_cmd_github_json(const struct gl_cmd_github *work);

#endif
