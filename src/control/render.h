/* Showing a check: for people, for programs, for CI. Texts are appended to a buffer; nothing is
 * printed here. */
#ifndef GL_CONTROL_RENDER_H
#define GL_CONTROL_RENDER_H

#include "base/buf.h"
#include "control/check.h"

/* What is shown and how; everything is borrowed. */
struct gl_check_view {
    const struct gl_check *check;
    const struct gl_problems *problems; /* files of controls that were left out */
    bool colour;
    bool verbose;    /* every control, every finding */
    bool each;       /* a line for every control: they were asked for by name */
    int64_t took_us; /* of the whole command */
};

/* Failures first, by sections; a bar for each phase; what to do next. */
void gl_check_text(const struct gl_check_view *view, struct gl_buf *out);

/* docs/check-output.md. The caller owns it. */
json_t *gl_check_json(const struct gl_check_view *view);

/* SARIF 2.1.0 (OASIS). The caller owns it. */
json_t *gl_check_sarif(const struct gl_check_view *view);

/* JUnit XML; a failure is what blocks. */
void gl_check_junit(const struct gl_check_view *view, struct gl_buf *out);

/* One page that needs no other file. */
void gl_check_html(const struct gl_check_view *view, struct gl_buf *out);

/* One control with all it asked and found; for --explain. */
void gl_explain_text(const struct gl_check_view *view, const struct gl_control_result *result,
                     struct gl_buf *out);
json_t *gl_explain_json(const struct gl_check_view *view, const struct gl_control_result *result);

/* ---- what renderers share ----------------------------------------------------------------------
 */

/* Closed controls of a phase (pass, waived, not applicable) and all of it. */
struct gl_phase_count {
    size_t closed;
    size_t total;
};
struct gl_phase_count gl_check_phase(const struct gl_check *check, int phase);

/* What people are shown for a status, the same everywhere, in the user's language; programs get
 * gl_status_words. */
const char *gl_status_label(enum gl_status status);

/* Adds a text for XML and HTML, also inside of quotes; NULL is "". Bytes and characters that XML
 * may not have become U+FFFD. */
void gl_render_escaped(const char *text, struct gl_buf *out);

/* "stacks/data.yaml:96", "stacks/data.yaml", or NULL where the finding has no place. The caller
 * owns it. */
char *gl_finding_place(const struct gl_finding *finding);

/* "Database: MultiAZ is false"; the caller owns it. */
char *gl_finding_text(const struct gl_finding *finding);

/* What to do about a control in this environment, NULL if it does not say. The caller owns it. */
char *gl_check_remedy(const struct gl_check *check, const struct gl_control *control);

/* True if a failure is to be shown as one: not waived, not known, not outside of what changed. */
bool gl_finding_is_open(const struct gl_finding *finding);

#endif
