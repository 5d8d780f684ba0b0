/* Room-internal: what a deploy and a rollback have in common. */
#ifndef GL_RELEASE_OPERATION_H
#define GL_RELEASE_OPERATION_H

#include "release/internal.h"

/* A release without a number; gl_release_done() also gives its lease back. */
struct gl_release gl_release_new(const struct gl_release_request *request,
                                 enum gl_operation operation);
void gl_release_done(struct gl_release *release);

/* Takes the environment's lease. A holder that was killed is recognised at once. */
gl_nodiscard int gl_release_take_lease(struct gl_release *release, struct gl_error *err);

/* Takes over number, version and source of a record; the facts of the deploy that made the release;
 * all of an unfinished operation. */
void gl_release_take_identity(struct gl_release *release, const struct gl_operation_record *record);
void gl_release_take_origin(struct gl_release *release, const struct gl_journal *journal);
void gl_release_adopt(struct gl_release *release, const struct gl_journal *journal,
                      const struct gl_operation_record *record);

/* The release that serves by the journal, 0 if none. */
int64_t gl_release_serving(const struct gl_journal *journal);

/* Tells the reporter what begins; writes its release.begin. */
void gl_release_announce(const struct gl_release *release);
gl_nodiscard int gl_release_journal_begin(struct gl_release *release, struct gl_error *err);

/* Ends the unfinished operation that a killed process left: a rollback goes on to its end, because
 * what it was leaving was not wanted; a deploy is undone, and with `undo` a rollback too. The lease
 * stays with `release`. The outcome says what became of it; 0 also when it was undone. */
gl_nodiscard int gl_release_settle(struct gl_release *release,
                                   const struct gl_release_request *request,
                                   const struct gl_journal *journal, bool undo,
                                   struct gl_release_outcome *outcome, struct gl_error *err);

/* Fills the outcome from what the engine did with the release and returned (with the error `why`,
 * NULL = it is not kept), and tells the channels that want to know (notify.h). */
void gl_release_conclude(struct gl_release *release, int result, const struct gl_error *why,
                         struct gl_release_outcome *outcome);

/* Where nothing was begun (it was refused, say): what serves, by the journal and the platform. */
void gl_release_look(struct gl_release *release, struct gl_release_outcome *outcome);

/* Who ships it and what the working tree is. */
gl_nodiscard int gl_release_identify(struct gl_release *release, struct gl_error *err);
/* Shows what a new release would do; and what one that was adopted would still do. */
void gl_release_plan(struct gl_release *release, const struct gl_journal *journal,
                     struct gl_release_outcome *outcome);
void gl_release_plan_rest(struct gl_release *release, struct gl_release_outcome *outcome);

/* Walks the steps of a release that was begun; begins a new one and does so; undoes or finishes
 * what is unfinished and is another release, then begins a new one. */
gl_nodiscard int gl_release_ship(struct gl_release *release, bool resumed,
                                 struct gl_release_outcome *outcome, struct gl_error *err);
gl_nodiscard int gl_release_ship_new(struct gl_release *release, const struct gl_journal *journal,
                                     struct gl_release_outcome *outcome, struct gl_error *err);
gl_nodiscard int gl_release_settle_and_ship(struct gl_release *release,
                                            const struct gl_release_request *request,
                                            const struct gl_journal *journal,
                                            struct gl_release_outcome *outcome,
                                            struct gl_error *err);

/* `result`, or for an operation that was undone: GL_E_ROLLED_BACK if the old version serves, else
 * the code of the cause (GL_E_INTERRUPTED after Ctrl-C), with the cause. */
gl_nodiscard int gl_release_verdict(struct gl_release_outcome *outcome, int result,
                                    struct gl_error *err);

#endif
