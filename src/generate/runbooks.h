/* The runbooks of production, and the documents of objectives and contacts: what golive.yaml and
 * the alarms of the stacks say, with the commands to type, in English and Japanese. Templates:
 * templates/docs/. */
#ifndef GL_GENERATE_RUNBOOKS_H
#define GL_GENERATE_RUNBOOKS_H

#include "config/config.h"
#include "generate/document.h"

/* An alarm of the stacks as its resource says; everything belongs to the list. */
struct gl_runbook_alarm {
    char *name;        /* as CloudWatch shows it */
    char *description; /* ends with "Runbook: PATH" */
    char *limit;       /* "> 2 %", with its unit; NULL for one that is made of others */
};

struct gl_runbook_alarms {
    struct gl_runbook_alarm *items;
    size_t count;
};

void gl_runbook_alarms_done(struct gl_runbook_alarms *alarms);
#define gl_autoalarms gl_cleanup(gl_runbook_alarms_done)

/* Adds one; copies the texts. */
void gl_runbook_alarms_add(struct gl_runbook_alarms *alarms, const char *name,
                           const char *description, const char *limit);

/* Makes them in memory, beside golive.yaml, from the configuration of production. With `force`
 * conflicts and foreign files are replaced. A runbook of observability.alarms that is none of
 * golive's is a note. */
gl_nodiscard int gl_runbooks_make(const struct gl_config *production,
                                  const struct gl_runbook_alarms *alarms, bool force,
                                  struct gl_documents *ret_runbooks, struct gl_error *err);

#endif
