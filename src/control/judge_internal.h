/* What the files of judging share. */
#ifndef GL_CONTROL_JUDGE_INTERNAL_H
#define GL_CONTROL_JUDGE_INTERNAL_H

#include "control/judge.h"
#include "facts/facts.h"

/* A new row at the end of a rule's. */
struct gl_finding *gl_finding_add(struct gl_rule_result *result, enum gl_status status);

/* The rule is unknown, for this reason alone: what it found before is dropped. */
void gl_rule_unknown(struct gl_rule_result *result, char *reason);

/* The same of a rule that cannot be run, or not as it stands: with its line in the control's file.
 */
void gl_rule_broken(const struct gl_control *control, struct gl_rule_result *result, char *reason);

/* ---- judge_all.c -------------------------------------------------------------------------------
 */

/* Judges the control of each item, many of them by two threads. After Ctrl-C some stay as they are.
 */
void gl_judge_all(const struct gl_facts_settled *settled, sqlite3 *db, bool live,
                  struct gl_control_result *items, size_t count);

/* ---- guard.c -----------------------------------------------------------------------------------
 */

/* From now on the connection only reads; tables that are read are noted in judge->reads. */
void gl_guard_set(struct gl_judge *judge);
void gl_guard_clear(struct gl_judge *judge);

/* Processor time of this thread, microseconds: a busy machine makes no rule slower than it is. */
int64_t gl_guard_clock_us(void);

/* ---- rows.c ------------------------------------------------------------------------------------
 */

/* Runs a prepared statement and keeps its rows, sorted by file, line and resource. */
void gl_rule_rows(struct gl_judge *judge, const struct gl_control *control, sqlite3_stmt *stmt,
                  struct gl_rule_result *result);

/* The same with why a statement could not be prepared or run, at the line of the mistake. */
void gl_rule_failed(struct gl_judge *judge, const struct gl_control *control,
                    struct gl_rule_result *result);

/* ---- attested.c --------------------------------------------------------------------------------
 */

/* A rule without SQL of the source `attestation`: is there a valid signature. */
void gl_rule_attested(struct gl_judge *judge, const struct gl_control *control,
                      struct gl_rule_result *result);

#endif
