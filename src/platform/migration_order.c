/* What a migration task is told, as text and back. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "migrate/format.h"
#include "platform/migration_task.h"

static const char *const mode_words[] = {
    [GL_MIGRATION_STATUS] = "status",
    [GL_MIGRATION_RUN] = "run",
};

/* The task has the files, but no golive.yaml. */
static const char *tool_of(const struct gl_migration_job *job)
{
    return job->list && job->list->format_given ? job->list->format->name : NULL;
}

char *gl_migration_order_text(const struct gl_migration_job *job, enum gl_migration_mode mode)
{
    gl_autojson json_t *order = json_object();
    gl_json_set_str(order, "mode", mode_words[mode]);
    gl_json_set_str(order, "tool", tool_of(job));
    if (mode == GL_MIGRATION_RUN) {
        gl_json_set_bool(order, "expand_only", job->expand_only);
        gl_json_set_int(order, "lock_timeout_ms", job->lock_timeout_ms);
        gl_json_set_int(order, "statement_timeout_ms", job->statement_timeout_ms);
        json_object_set_new(order, "due", job->due ? json_deep_copy(job->due) : json_array());
    }
    return gl_json_canonical(order);
}

void gl_migration_order_done(struct gl_migration_order *order)
{
    json_decref(order->due);
    free(order->tool);
    *order = (struct gl_migration_order){0};
}

static bool is_versions(const json_t *due)
{
    size_t index;
    json_t *version;
    json_array_foreach(due, index, version)
    {
        if (!json_is_integer(version))
            return false;
    }
    return json_is_array(due);
}

/* A member that is missing must not become the more dangerous one of two meanings. */
static bool read_run(const json_t *json, struct gl_migration_order *order)
{
    const json_t *expand_only = json_object_get(json, "expand_only");
    json_t *due = json_object_get(json, "due");
    order->job.lock_timeout_ms = gl_json_int(json, "lock_timeout_ms", -1);
    order->job.statement_timeout_ms = gl_json_int(json, "statement_timeout_ms", -1);
    if (!json_is_boolean(expand_only) || !is_versions(due) || order->job.lock_timeout_ms < 0 ||
        order->job.statement_timeout_ms < 0)
        return false;
    order->job.expand_only = json_is_true(expand_only);
    order->due = json_incref(due);
    order->job.due = order->due;
    return true;
}

int gl_migration_order_parse(const char *text, struct gl_migration_order *ret_order,
                             struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    gl_automigrationorder struct gl_migration_order order = {0};
    int failed = gl_json_parse(text, strlen(text), GL_MIGRATION_ORDER_VARIABLE, &json, NULL);
    const char *mode = gl_json_str(json, "mode", "");
    bool status = strcmp(mode, mode_words[GL_MIGRATION_STATUS]) == 0;
    bool run = strcmp(mode, mode_words[GL_MIGRATION_RUN]) == 0;
    order.mode = run ? GL_MIGRATION_RUN : GL_MIGRATION_STATUS;
    if (failed < 0 || (!status && !run) || (run && !read_run(json, &order))) {
        gl_fail(err, GL_E_USAGE, _("%s holds no order for migrations"),
                GL_MIGRATION_ORDER_VARIABLE);
        return gl_error_hint(err, _("golive starts this task by itself: golive migrate up."));
    }
    order.tool = gl_strdup(gl_json_str(json, "tool", "auto"));
    *ret_order = order;
    order = (struct gl_migration_order){0};
    return 0;
}
