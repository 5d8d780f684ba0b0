/* A run of migrations that is watched: shown, and kept in the ledger. */
#ifndef GL_CMD_MIGRATE_NOTED_H
#define GL_CMD_MIGRATE_NOTED_H

#include "cmd/command.h"
#include "migrate/migrate.h"

/* Set the first two. */
struct gl_migrate_noted {
    struct gl_context *context;
    bool reverting;          /* else they are applied */
    struct gl_error unnoted; /* why the ledger could not be written, the first time */
};

void gl_migrate_noted_done(struct gl_migrate_noted *noted);
#define gl_automigratenoted gl_cleanup(gl_migrate_noted_done)

/* Shows what happens and notes each migration when it is done, at once: what a killed run did is in
 * the ledger too. A gl_migrate_event_fn, `context` is the struct. */
void gl_migrate_noted_event(const struct gl_migrate_event *event, void *context);

/* Notes that a run begins (migrate.begin). */
gl_nodiscard int gl_migrate_note_begin(const struct gl_context *context, const json_t *data,
                                       struct gl_error *err);

/* Notes how it ended (migrate.done, migrate.failed). `failed` is the run's answer and `cause` what
 * was said about it, which is moved to `err`; a run that succeeded has failed all the same when the
 * ledger could not be written meanwhile. Returns what the command returns. */
gl_nodiscard int gl_migrate_note_end(struct gl_migrate_noted *noted,
                                     const struct gl_migrate_result *result, int failed,
                                     struct gl_error *cause, struct gl_error *err);

#endif
