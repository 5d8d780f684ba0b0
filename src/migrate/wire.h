/* What migrations say that run elsewhere, beside a database that cannot be reached from here: one
 * JSON object a line, written there to standard output, read here out of a log.
 *
 *     {"golive":"begin","version":7}      also retry, blocked ("detail"), done ("elapsed_us",
 *                                         "rows"), progress (these, "looked", "estimate",
 * "rate_per_s")
 *                                         a file in batches has "pass", and "left" and "once" in
 * the end
 *     {"golive":"state","state":"pending","version":7}    of each migration; an edited or
 * unfinished one has "checksum", one in batches how far it came; then
 *     {"golive":"status","fresh":false,"missing":0,"newest":6}    also "running": who works on it
 *     {"golive":"result","applied":2,...}                 last; with "error" when it failed
 *
 * A line has less than 16 KiB, so that no log driver cuts it. The reader takes every line for
 * something a stranger may have written: what is not as above is not golive's. */
#ifndef GL_MIGRATE_WIRE_H
#define GL_MIGRATE_WIRE_H

#include "migrate/migrate.h"

/* ---- writing: each gives lines that end with a line break; the caller owns them ---------------
 */

char *gl_wire_event(const struct gl_migrate_event *event);
char *gl_wire_status(const struct gl_migrations *list, const struct gl_migrate_status *status);
/* `failure` NULL or without a code = it succeeded. `result` may be NULL: nothing was applied. */
char *gl_wire_result(const struct gl_migrate_result *result, const struct gl_error *failure);

/* ---- reading ----------------------------------------------------------------------------------
 */

/* What was read so far. Zero-initialise, set the first three. */
struct gl_wire {
    const struct gl_migrations *list; /* borrowed: the same files as there */
    gl_migrate_event_fn *on_event;    /* NULL = nobody wants to know */
    void *context;

    struct gl_migrate_status status;
    size_t states; /* of how many migrations a state came */
    bool status_came;
    struct gl_migrate_result result;
    struct gl_error failure;
    bool result_came; /* nothing counts after it */
};

void gl_wire_done(struct gl_wire *wire);
#define gl_autowire gl_cleanup(gl_wire_done)

/* Takes one line (no line break at its end); false if it is not golive's. */
bool gl_wire_read(struct gl_wire *wire, const char *line, size_t len);

/* What the database has. Moves it out. GL_E_CORRUPT unless a state came for each migration. */
gl_nodiscard int gl_wire_take_status(struct gl_wire *wire, struct gl_migrate_status *ret_status,
                                     struct gl_error *err);

/* How it ended: 0, or the failure as it was there, its file being that of the list here.
 * *ret_result (may be NULL) is set in both cases. GL_E_CORRUPT if the last line never came. */
gl_nodiscard int gl_wire_take_result(struct gl_wire *wire, struct gl_migrate_result *ret_result,
                                     struct gl_error *err);

#endif
