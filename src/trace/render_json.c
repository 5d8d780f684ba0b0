/* A trace as JSON: keys are added, never renamed. */
#include "base/json.h"
#include "trace/render.h"

static const char *const blocks_words[] = {
    [GL_BLOCKS_NOTHING] = "nothing",
    [GL_BLOCKS_WRITES] = "writes",
    [GL_BLOCKS_ALL] = "reads and writes",
};

static json_t *lock_json(const struct gl_trace_lock *lock)
{
    json_t *object = json_object();
    gl_json_set_str(object, "relation", lock->relation);
    gl_json_set_str(object, "table", lock->table);
    gl_json_set_str(object, "mode", gl_lock_mode_word(lock->mode));
    gl_json_set_str(object, "blocks", blocks_words[lock->blocks]);
    gl_json_set_bool(object, "existed", lock->existed);
    gl_json_set_bool(object, "held", lock->held);
    return object;
}

static json_t *effect_json(const struct gl_trace_effect *effect)
{
    json_t *object = json_object();
    gl_json_set_str(object, "work", gl_trace_work_word(effect->work));
    gl_json_set_str(object, "relation", effect->relation);
    gl_json_set_str(object, "table", effect->table);
    gl_json_set_bool(object, "existed", effect->existed);
    if (effect->rows >= 0)
        gl_json_set_int(object, "rows", effect->rows);
    return object;
}

static json_t *problem_json(const struct gl_error *problem)
{
    json_t *object = json_object();
    gl_json_set_str(object, "message", problem->message);
    gl_json_set_str(object, "hint", problem->hint);
    gl_json_set_str(object, "file", problem->file);
    if (problem->line)
        gl_json_set_int(object, "line", problem->line);
    if (problem->column)
        gl_json_set_int(object, "column", problem->column);
    return object;
}

static json_t *statement_json(const struct gl_trace_statement *statement)
{
    json_t *object = json_object();
    json_t *locks = json_array();
    json_t *effects = json_array();
    gl_json_set_int(object, "line", statement->line);
    gl_json_set_int(object, "column", statement->column);
    gl_json_set_str(object, "statement", statement->text);
    gl_json_set_str(object, "verdict", gl_trace_verdict_word(statement->verdict));
    gl_json_set_int(object, "time_us", statement->time_us);
    gl_json_set_int(object, "wal_bytes", statement->wal_bytes);
    gl_json_set_bool(object, "sampled", statement->outside);
    for (size_t i = 0; i < statement->lock_count; i++)
        json_array_append_new(locks, lock_json(&statement->locks[i]));
    for (size_t i = 0; i < statement->effect_count; i++)
        json_array_append_new(effects, effect_json(&statement->effects[i]));
    json_object_set_new(object, "locks", locks);
    json_object_set_new(object, "work", effects);
    if (statement->problem.code)
        json_object_set_new(object, "problem", problem_json(&statement->problem));
    return object;
}

static json_t *texts_json(const struct gl_strv *texts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < texts->count; i++)
        json_array_append_new(array, json_string(texts->items[i]));
    return array;
}

static json_t *file_json(const struct gl_trace_file *file)
{
    json_t *object = json_object();
    json_t *statements = json_array();
    gl_json_set_str(object, "file", file->path);
    gl_json_set_bool(object, "no_transaction", file->no_transaction);
    if (file->batch)
        gl_json_set_int(object, "batch", file->batch);
    gl_json_set_int(object, "time_us", file->time_us);
    gl_json_set_int(object, "blocked_us", file->blocked_us);
    for (size_t i = 0; i < file->count; i++)
        json_array_append_new(statements, statement_json(&file->statements[i]));
    json_object_set_new(object, "statements", statements);
    json_object_set_new(object, "left_out", texts_json(&file->left_out));
    if (file->problem.code)
        json_object_set_new(object, "problem", problem_json(&file->problem));
    return object;
}

static json_t *traffic_json(const struct gl_trace_traffic *traffic)
{
    json_t *object = json_object();
    gl_json_set_int(object, "clients", (int64_t)traffic->clients);
    gl_json_set_int(object, "queries", (int64_t)traffic->queries);
    gl_json_set_int(object, "errors", (int64_t)traffic->errors);
    gl_json_set_int(object, "errors_during", (int64_t)traffic->refused);
    gl_json_set_str(object, "first_error", traffic->first_error);
    gl_json_set_int(object, "longest_before_us", traffic->before_us);
    gl_json_set_int(object, "p99_before_us", traffic->before_p99_us);
    gl_json_set_int(object, "longest_us", traffic->longest_us);
    gl_json_set_int(object, "longest_stall_us", traffic->stall_us);
    gl_json_set_str(object, "stalled_query", traffic->stalled_query);
    gl_json_set_int(object, "migrations_us", traffic->migration_us);
    gl_json_set_int(object, "lock_retries", (int64_t)traffic->lock_retries);
    if (traffic->problem.code)
        json_object_set_new(object, "problem", problem_json(&traffic->problem));
    return object;
}

static json_t *difference_json(const struct gl_trace_difference *difference)
{
    json_t *object = json_object();
    gl_json_set_str(object, "file", difference->file);
    gl_json_set_int(object, "line", difference->line);
    gl_json_set_str(object, "measured", difference->measured);
    gl_json_set_str(object, "rule", difference->rule);
    gl_json_set_str(object, "message", difference->message);
    return object;
}

static json_t *comparison_json(const struct gl_trace_comparison *comparison)
{
    json_t *object = json_object();
    json_t *differences = json_array();
    gl_json_set_int(object, "agreed", (int64_t)comparison->agreed);
    for (size_t i = 0; i < comparison->count; i++)
        json_array_append_new(differences, difference_json(&comparison->items[i]));
    json_object_set_new(object, "differences", differences);
    return object;
}

json_t *gl_trace_json(const struct gl_trace *trace)
{
    json_t *object = json_object();
    json_t *counts = json_object();
    json_t *files = json_array();
    gl_json_set_int(object, "version", 1);
    gl_json_set_int(object, "server_version", trace->server_version);
    gl_json_set_bool(object, "private_server", trace->private_server);
    for (int verdict = GL_TRACE_HARMLESS; verdict <= GL_TRACE_NOT_RUN; verdict++)
        gl_json_set_int(counts, gl_trace_verdict_word((enum gl_trace_verdict)verdict),
                        (int64_t)gl_trace_count(trace, (enum gl_trace_verdict)verdict));
    json_object_set_new(object, "counts", counts);
    for (size_t i = 0; i < trace->count; i++)
        json_array_append_new(files, file_json(&trace->files[i]));
    json_object_set_new(object, "files", files);
    json_object_set_new(object, "notes", texts_json(&trace->notes));
    if (trace->traffic.measured)
        json_object_set_new(object, "traffic", traffic_json(&trace->traffic));
    if (trace->comparison.made)
        json_object_set_new(object, "lint", comparison_json(&trace->comparison));
    return object;
}
