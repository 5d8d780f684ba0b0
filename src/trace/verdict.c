/* What a statement means for those who use the database meanwhile. */
#include <stdlib.h>

#include "trace/internal.h"

static const char *const words[] = {
    [GL_TRACE_HARMLESS] = "harmless",   [GL_TRACE_BRIEF] = "brief",
    [GL_TRACE_DANGEROUS] = "dangerous", [GL_TRACE_FAILED] = "failed",
    [GL_TRACE_NOT_RUN] = "not_run",
};

const char *gl_trace_verdict_word(enum gl_trace_verdict verdict)
{
    return words[verdict];
}

/* What runs outside of a transaction locks an index for itself only when nobody uses it any more
 * (REINDEX CONCURRENTLY has then replaced it); what keeps others waiting is on the table. */
static bool is_felt(const struct gl_trace_statement *statement, const struct gl_trace_lock *lock)
{
    bool spent = statement->outside && (lock->kind == 'i' || lock->kind == 'I');
    return lock->existed && lock->blocks != GL_BLOCKS_NOTHING && !spent;
}

/* Of all locks, or only of those that this statement took itself. */
static bool blocks_somebody(const struct gl_trace_statement *statement, bool only_own)
{
    for (size_t i = 0; i < statement->lock_count; i++) {
        const struct gl_trace_lock *lock = &statement->locks[i];
        if (is_felt(statement, lock) && !(only_own && lock->held))
            return true;
    }
    return false;
}

static bool has_work(const struct gl_trace_statement *statement, enum gl_trace_work least)
{
    for (size_t i = 0; i < statement->effect_count; i++) {
        if (statement->effects[i].existed && statement->effects[i].work >= least)
            return true;
    }
    return false;
}

/* Changed rows are locked one by one: whoever writes one of them waits, whatever the table's own
 * lock is. */
enum gl_trace_verdict gl_verdict(const struct gl_trace_statement *statement)
{
    bool blocks = blocks_somebody(statement, false);
    if ((blocks && has_work(statement, GL_WORK_REWRITE)) || has_work(statement, GL_WORK_ROWS))
        return GL_TRACE_DANGEROUS;
    return blocks_somebody(statement, true) ? GL_TRACE_BRIEF : GL_TRACE_HARMLESS;
}

size_t gl_trace_count(const struct gl_trace *trace, enum gl_trace_verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < trace->count; i++) {
        for (size_t j = 0; j < trace->files[i].count; j++)
            count += trace->files[i].statements[j].verdict == verdict;
    }
    return count;
}

static void statement_done(struct gl_trace_statement *statement)
{
    for (size_t i = 0; i < statement->lock_count; i++) {
        free(statement->locks[i].relation);
        free(statement->locks[i].table);
    }
    for (size_t i = 0; i < statement->effect_count; i++) {
        free(statement->effects[i].relation);
        free(statement->effects[i].table);
    }
    free(statement->locks);
    free(statement->effects);
    free(statement->text);
    free(statement->broken_table);
    gl_error_done(&statement->problem);
}

void gl_trace_file_done(struct gl_trace_file *file)
{
    for (size_t i = 0; i < file->count; i++)
        statement_done(&file->statements[i]);
    free(file->statements);
    free(file->path);
    gl_strv_done(&file->left_out);
    gl_error_done(&file->problem);
    *file = (struct gl_trace_file){0};
}

void gl_trace_done(struct gl_trace *trace)
{
    for (size_t i = 0; i < trace->count; i++)
        gl_trace_file_done(&trace->files[i]);
    free(trace->files);
    gl_strv_done(&trace->notes);
    gl_trace_traffic_done(&trace->traffic);
    gl_trace_comparison_done(&trace->comparison);
    *trace = (struct gl_trace){0};
}
