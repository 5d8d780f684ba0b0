/* Writing a decision into golive.yaml: one line below `decisions`, the rest byte for byte as it
 * was. */
#ifndef GL_CONFIG_DECISION_H
#define GL_CONFIG_DECISION_H

#include "base/buf.h"
#include "config/config.h"

/* Everything is borrowed. */
struct gl_decision {
    const char *key;
    const char *reason;
    const char *by;                 /* people[].id */
    const char *decided;            /* YYYY-MM-DD */
    const char *review_by;          /* YYYY-MM-DD */
    const struct gl_strv *criteria; /* may be empty */
};

/* Text of a file with the decision in it: in place of one about the same key, else behind the
 * others, else with a new map `decisions` at the end. GL_E_REFUSED when `decisions` is written in a
 * way that has no lines of its own. */
gl_nodiscard int gl_decision_edit(const char *text, size_t len, const struct gl_decision *decision,
                                  struct gl_buf *ret_text, struct gl_error *err);

/* GL_E_CONFIG with the mistakes unless the edited text is a good golive.yaml that says exactly what
 * the old one says, and the decision. `request->path` is what messages call it. */
gl_nodiscard int gl_decision_verify(const struct gl_config_request *request,
                                    const struct gl_buf *old_text, const struct gl_buf *new_text,
                                    const struct gl_decision *decision,
                                    struct gl_diagnostics *ret_diagnostics, struct gl_error *err);

#endif
