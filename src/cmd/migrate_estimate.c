/* What a trace says about pending migrations. Its tables are small: the time of work that grows
 * with a table is multiplied by how much larger the real one is, which is an estimate. */
#include "cmd/migrate_estimate.h"

#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/commands.h"

static void show_stage(const char *text, void *context)
{
    (void)context;
    gl_log(GL_LOG_INFO, "%s", text);
}

int gl_migrate_estimate(const struct gl_context *context, const struct gl_strv *files,
                        struct gl_trace *ret_trace, struct gl_error *err)
{
    gl_autofree char *dir = gl_cmd_migrations_dir(context);
    const struct gl_trace_options options = {
        .dir = dir,
        .tool = gl_config_str(context->config, "migrations.tool"),
        .files = files,
        .rows = GL_TRACE_ROWS,
        .lock_timeout_ms = gl_config_int(context->config, "migrations.lock_timeout_ms"),
        .statement_timeout_ms = gl_config_int(context->config, "migrations.statement_timeout_ms"),
        .on_stage = show_stage,
    };
    if (!files->count)
        return 0;
    int failed = gl_trace_run(&options, ret_trace, err);
    return failed < 0 ? gl_error_wrap(err, _("the pending migrations cannot be traced")) : 0;
}

const struct gl_trace_file *gl_migrate_estimate_of(const struct gl_trace *trace,
                                                   const struct gl_migration *migration)
{
    for (size_t i = 0; i < trace->count; i++) {
        if (strcmp(trace->files[i].path, migration->path) == 0)
            return &trace->files[i];
    }
    return NULL;
}

/* ---- what it says ---- */

/* The strongest lock on what was there before; NULL = nobody waits. */
static const struct gl_trace_lock *strongest(const struct gl_trace_file *file)
{
    const struct gl_trace_lock *found = NULL;
    for (size_t i = 0; i < file->count; i++) {
        const struct gl_trace_statement *statement = &file->statements[i];
        for (size_t k = 0; k < statement->lock_count; k++) {
            const struct gl_trace_lock *lock = &statement->locks[k];
            if (lock->existed && lock->blocks > (found ? found->blocks : GL_BLOCKS_NOTHING))
                found = lock;
        }
    }
    return found;
}

/* Rows that the work which grows with a table went through; 0 = there is no such work. */
static int64_t rows_worked(const struct gl_trace_file *file)
{
    int64_t most = 0;
    for (size_t i = 0; i < file->count; i++) {
        const struct gl_trace_statement *statement = &file->statements[i];
        for (size_t k = 0; k < statement->effect_count; k++) {
            const struct gl_trace_effect *effect = &statement->effects[k];
            most = effect->existed && effect->rows > most ? effect->rows : most;
        }
    }
    return most;
}

/* 0 = nothing grows, or the table is no larger than the trace's. */
static int64_t reckoned_us(const struct gl_trace_file *file, int64_t rows)
{
    int64_t worked = rows_worked(file);
    double factor = worked > 0 ? (double)rows / (double)worked : 0;
    return factor > 1 ? (int64_t)((double)file->time_us * factor) : 0;
}

/* What went wrong first, or NULL. */
static const char *problem_of(const struct gl_trace_file *file)
{
    if (file->problem.code)
        return file->problem.message;
    for (size_t i = 0; i < file->count; i++) {
        if (file->statements[i].problem.code)
            return file->statements[i].problem.message;
    }
    return NULL;
}

void gl_migrate_estimate_print(const struct gl_trace_file *file, int64_t rows, FILE *out)
{
    const struct gl_trace_lock *lock = strongest(file);
    const char *problem = problem_of(file);
    gl_autofree char *took = gl_format_duration((double)file->time_us / 1000);
    gl_autofree char *blocked = gl_format_duration((double)file->blocked_us / 1000);
    int64_t us = reckoned_us(file, rows);
    fprintf(out, _("       traced: %s"), took);
    if (lock && lock->blocks == GL_BLOCKS_ALL)
        fprintf(out, _(", keeps others from reading and writing %s for %s"), lock->relation,
                blocked);
    else if (lock)
        fprintf(out, _(", keeps others from writing %s for %s"), lock->relation, blocked);
    else
        fputs(_(", keeps nobody waiting"), out);
    if (us) {
        gl_autofree char *reckoned = gl_format_duration((double)us / 1000);
        gl_autofree char *count = gl_format_count((uint64_t)rows);
        fprintf(out, _("; grows with the table: about %s for %s rows"), reckoned, count);
    }
    if (problem)
        fputs(_("; it fails: "), out);
    fprintf(out, "%s\n", problem ? problem : "");
}

json_t *gl_migrate_estimate_json(const struct gl_trace_file *file, int64_t rows)
{
    const struct gl_trace_lock *lock = strongest(file);
    const char *problem = problem_of(file);
    int64_t us = reckoned_us(file, rows);
    json_t *json = json_object();
    gl_json_set_int(json, "time_us", file->time_us);
    gl_json_set_int(json, "blocked_us", lock ? file->blocked_us : 0);
    gl_json_set_str(json, "lock", lock ? gl_lock_mode_word(lock->mode) : NULL);
    gl_json_set_str(json, "relation", lock ? lock->relation : NULL);
    gl_json_set_bool(json, "blocks_reads", lock && lock->blocks == GL_BLOCKS_ALL);
    if (us)
        gl_json_set_int(json, "reckoned_us", us);
    gl_json_set_str(json, "problem", problem);
    return json;
}
