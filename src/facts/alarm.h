/* Alarms of the judged environment's stacks, out of the facts. */
#ifndef GL_FACTS_ALARM_H
#define GL_FACTS_ALARM_H

#include <sqlite3.h>

#include "generate/runbooks.h"

/* Those with a name and a description, in the order of the stacks. gl_runbook_alarms_done() frees
 * them. GL_E_CONFIG where the stacks could not be evaluated. */
gl_nodiscard int gl_facts_alarms(sqlite3 *db, struct gl_runbook_alarms *ret_alarms,
                                 struct gl_error *err);

#endif
