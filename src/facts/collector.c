/* Runs one collector. */
#include "facts/collector.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/strv.h"
#include "data/sqlite.h"

void gl_collecting_note(const struct gl_collecting *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *text = gl_vasprintf(fmt, args);
    va_end(args);
    gl_buf_printf(c->notes, "%s%s", c->notes->len ? "; " : "", text);
}

void gl_collected_done(struct gl_collected *collected)
{
    free(collected->reason);
    *collected = (struct gl_collected){0};
}

/* "FILE:LINE: message". The caller owns it. */
static char *placed(const struct gl_error *why)
{
    return why->file ? gl_asprintf("%s:%u: %s", why->file, why->line, why->message)
                     : gl_strdup(why->message);
}

/* A file that was named on the command line and cannot be read is a mistake of whoever named it;
 * what the project has is judged as far as it can be read. */
static bool ends_collecting(const struct gl_collecting *c, gl_collect_fn *collect, int outcome)
{
    const struct gl_strv *given = c->request->templates;
    return outcome == GL_E_INTERRUPTED ||
           (outcome < 0 && collect == gl_collect_template && given && given->count);
}

static struct gl_collected collected_as(int outcome, const struct gl_error *why,
                                        const struct gl_buf *notes)
{
    if (outcome < 0)
        return (struct gl_collected){outcome == GL_E_NOT_FOUND ? "absent" : "failed", placed(why)};
    return (struct gl_collected){"collected", notes->len ? gl_strdup(gl_buf_text(notes)) : NULL};
}

int gl_collector_run(const struct gl_collecting *c, gl_collect_fn *collect,
                     struct gl_collected *ret_collected, struct gl_error *err)
{
    gl_autoerr struct gl_error why = {0};
    int failed = gl_sqlite_exec(c->db, "savepoint collector", err);
    if (failed < 0)
        return failed;
    gl_autobuf struct gl_buf notes = {0};
    struct gl_collecting noting = *c;
    bool keeps = false;
    noting.notes = &notes;
    noting.keeps = &keeps;
    int outcome = collect(&noting, &why);
    if (ends_collecting(c, collect, outcome)) {
        gl_error_move(err, &why);
        return outcome;
    }
    failed = gl_sqlite_exec(c->db,
                            outcome < 0 && !keeps ? "rollback to collector; release collector"
                                                  : "release collector",
                            err);
    if (failed == 0)
        *ret_collected = collected_as(outcome, &why, &notes);
    return failed;
}
