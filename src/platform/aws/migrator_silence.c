/* A task of migrations that says nothing: a long statement, or one that will never end. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "platform/aws/migrator.h"

enum {
    TELL_MS = 60000,
    SILENT_MS = 3600000, /* beyond the time that one statement may take */
};

int gl_migrator_silence(struct gl_migrator_log *log, int64_t now_ms, int64_t statement_timeout_ms,
                        bool *ret_tell, struct gl_error *err)
{
    int64_t silent_ms = now_ms - log->word_ms;
    if (silent_ms >= SILENT_MS + statement_timeout_ms) {
        gl_autofree char *silent = gl_format_duration((double)silent_ms);
        gl_fail(err, GL_E_TIMEOUT, _("the task of migrations has said nothing for %s (log %s)"),
                silent, log->stream);
        return gl_error_hint(err,
                             _("It goes on in AWS: the same command follows it again; stop the "
                               "task in ECS if what it waits for will not come. A statement may "
                               "take migrations.statement_timeout_ms (%" PRId64 ")."),
                             statement_timeout_ms);
    }
    *ret_tell = now_ms - log->told_ms >= TELL_MS;
    if (*ret_tell)
        log->told_ms = now_ms;
    return 0;
}
