/* Why the task of migrations ended, and what to do about it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
#include <inttypes.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"
#include "platform/aws/migrator.h"

enum { KILLED = 137 }; /* 128 + SIGKILL */

/* AWS's own words: of the container if it says any, else of the task. */
static const char *words_of(const json_t *task, const json_t *container)
{
    const char *own = gl_json_str(container, "reason", "");
    return *own ? own : gl_json_str(task, "stoppedReason", "");
}

static int fail_known(const struct gl_config *config, const json_t *task, const json_t *container,
                      struct gl_error *err)
{
    const char *const texts[] = {gl_json_str(container, "reason", NULL),
                                 gl_json_str(task, "stoppedReason", NULL),
                                 gl_json_str(task, "stopCode", NULL)};
    const struct gl_stop_reason *row = gl_stop_reason_of_migration(texts, GL_COUNT(texts));
    if (!row)
        return 0;
    gl_fail(err, GL_E_PROCESS, _("the task of migrations ended: %s (%s)"), _(row->means),
            words_of(task, container));
    gl_autofree char *way_out =
        gl_stop_reason_text(config, row->migration_way_out ? row->migration_way_out : row->way_out);
    return gl_error_hint(err, "%s", way_out);
}

int gl_migrator_stopped(const struct gl_config *config, const json_t *task, struct gl_error *err)
{
    const json_t *container = json_array_get(json_object_get(task, "containers"), 0);
    const json_t *exit_code = json_object_get(container, "exitCode");
    if (json_is_integer(exit_code) && json_integer_value(exit_code) == 0)
        return 0;
    int failed = fail_known(config, task, container, err);
    if (failed < 0)
        return failed;
    const char *words = words_of(task, container);
    if (!json_is_integer(exit_code)) {
        gl_fail(err, GL_E_PROCESS, _("the task of migrations was not started: %s"), words);
        return gl_error_hint(err,
                             _("AWS's words say why; golive up --env %s makes roles, log groups "
                               "and network again."),
                             gl_config_env(config));
    }
    int64_t code = json_integer_value(exit_code);
    gl_fail(err, GL_E_PROCESS,
            code == KILLED ? _("the task of migrations was killed (exit code %" PRId64 ", %s)")
                           : _("the task of migrations ended with exit code %" PRId64 " (%s)"),
            code, words);
    return gl_error_hint(err, _("Run it again: what was applied is kept, what ran was rolled "
                                "back."));
}
