/* Showing what the linter found: for people, for programs, for code scanning, for GitHub. Texts are
 * appended to a buffer; nothing is printed here. */
#ifndef GL_LINT_RENDER_H
#define GL_LINT_RENDER_H

#include "base/json.h"
#include "lint/lint.h"

/* What is shown and how; borrowed. */
struct gl_lint_view {
    const struct gl_lint_result *result;
    bool colour;
    bool verbose;    /* also what is allowed, known or outside of the change */
    int64_t took_us; /* of the run */
};

/* Each finding with its line, a caret, what happens, the lock and the safe form; a summary. */
void gl_lint_render_text(const struct gl_lint_view *view, struct gl_buf *out);

/* docs/lint.md. The caller owns it. */
json_t *gl_lint_json(const struct gl_lint_view *view);

/* SARIF 2.1.0 (OASIS). The caller owns it. */
json_t *gl_lint_sarif(const struct gl_lint_view *view);

/* Workflow commands of GitHub, one annotation a line:
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
void gl_lint_render_github(const struct gl_lint_view *view, struct gl_buf *out);

/* A rule with all that it says; and all rules, one a line. */
void gl_lint_explain_text(const struct gl_lint_about *rule, struct gl_buf *out);
json_t *gl_lint_explain_json(const struct gl_lint_about *rule);
void gl_lint_rules_text(struct gl_buf *out);
json_t *gl_lint_rules_json(void);

#endif
