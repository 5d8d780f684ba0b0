/* What the commands share that judge by all controls: which environment, its facts, its check. */
#ifndef GL_CMD_JUDGED_H
#define GL_CMD_JUDGED_H

#include <sqlite3.h>

#include "cmd/command.h"
#include "control/check.h"

/* --env, else prod, else the only environment, else this machine where golive.yaml has none: the
 * context's configuration is that environment's from now on. */
gl_nodiscard int gl_cmd_choose_judged(struct gl_context *context, struct gl_error *err);

/* The ledger that is kept here: the context's if it has one, else the copy of the team's, else the
 * project's own file; nothing is made, and the context keeps none where there is none. */
gl_nodiscard int gl_cmd_open_known_ledger(struct gl_context *context, struct gl_error *err);

/* The ledger to be written to, the team's in the account or the project's own. Where it cannot be
 * opened the error begins with what therefore was not done ("nothing was signed"); `other` is what
 * can be done without it, NULL = nothing. */
gl_nodiscard int gl_cmd_open_judged_ledger(struct gl_context *context, const char *undone,
                                           const char *other, struct gl_error *err);

/* Everything that was judged; zero-initialise, and end with gl_judged_done(). */
struct gl_judged {
    struct gl_controls controls;
    sqlite3 *db; /* the facts */
    struct gl_check check;
};

/* Frees all of it; nothing to do where it is still zero. */
void gl_judged_done(struct gl_judged *judged);
#define gl_autojudged gl_cleanup(gl_judged_done)

/* Collects the facts of the chosen environment and judges all controls at a stage. What was judged
 * belongs to the caller, who ends it with gl_judged_done(); it stays untouched on failure. */
gl_nodiscard int gl_cmd_judge(struct gl_context *context, enum gl_stage stage, int64_t now_unix_s,
                              struct gl_judged *ret_judged, struct gl_error *err);

#endif
