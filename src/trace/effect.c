/* What a statement did: the difference of two moments, seen from before the file. */
#include <stdlib.h>
#include <string.h>

#include "trace/internal.h"

enum { MANY_ROWS = 5000 }; /* changed rows that are locked long enough to be felt */

static const char *const works[] = {
    [GL_WORK_REWRITE] = "rewrite",
    [GL_WORK_INDEX] = "index",
    [GL_WORK_SCAN] = "scan",
    [GL_WORK_ROWS] = "rows",
};

const char *gl_trace_work_word(enum gl_trace_work work)
{
    return works[work];
}

/* ---- locks ------------------------------------------------------------------------------------
 */

/* The relation as it was last seen: a dropped one is only in an earlier moment. */
static const struct gl_relation *find_ever(const struct gl_moments *moments, unsigned oid)
{
    const struct gl_relation *found = gl_moment_find(moments->after, oid);
    if (!found)
        found = gl_moment_find(moments->before, oid);
    return found ? found : gl_moment_find(moments->base, oid);
}

/* Nobody writes to views and materialised views, and nobody asks a composite type. */
static enum gl_lock_blocks blocks_of(enum gl_lock_mode mode, char kind)
{
    if (kind == 'c')
        return GL_BLOCKS_NOTHING;
    if (mode == GL_LOCK_ACCESS_EXCLUSIVE)
        return GL_BLOCKS_ALL;
    bool writable = kind != 'v' && kind != 'm';
    return mode >= GL_LOCK_SHARE && writable ? GL_BLOCKS_WRITES : GL_BLOCKS_NOTHING;
}

static bool has_lock(const struct gl_moment *snapshot, const struct gl_held_lock *lock)
{
    for (size_t i = 0; i < snapshot->lock_count; i++) {
        if (snapshot->locks[i].relation == lock->relation && snapshot->locks[i].mode == lock->mode)
            return true;
    }
    return false;
}

/* Of an index; the caller owns it. */
static char *table_of(const struct gl_moments *moments, const struct gl_relation *relation)
{
    const struct gl_relation *table = relation->table ? find_ever(moments, relation->table) : NULL;
    return table ? gl_strdup(table->name) : NULL;
}

static void add_lock(const struct gl_moments *moments, const struct gl_held_lock *lock,
                     struct gl_trace_statement *statement)
{
    const struct gl_relation *relation = find_ever(moments, lock->relation);
    if (!relation)
        return; /* made and dropped in this statement, or temporary */
    struct gl_trace_lock added = {
        .kind = relation->kind,
        .mode = lock->mode,
        .blocks = blocks_of(lock->mode, relation->kind),
        .existed = gl_moment_find(moments->base, lock->relation) != NULL,
        .held = has_lock(moments->before, lock),
    };
    if (added.held && (!added.existed || added.blocks == GL_BLOCKS_NOTHING))
        return; /* told once */
    added.relation = gl_strdup(relation->name);
    added.table = table_of(moments, relation);
    statement->locks =
        gl_realloc_array(statement->locks, statement->lock_count + 1, sizeof *statement->locks);
    statement->locks[statement->lock_count++] = added;
}

static int by_strength(const void *left, const void *right)
{
    const struct gl_trace_lock *a = left;
    const struct gl_trace_lock *b = right;
    if (a->mode != b->mode)
        return a->mode > b->mode ? -1 : 1;
    if (a->held != b->held)
        return a->held ? 1 : -1;
    if (a->existed != b->existed)
        return a->existed ? -1 : 1;
    return strcmp(a->relation, b->relation);
}

/* ---- work -------------------------------------------------------------------------------------
 */

static void add_effect(struct gl_trace_statement *statement, struct gl_trace_effect effect)
{
    statement->effects = gl_realloc_array(statement->effects, statement->effect_count + 1,
                                          sizeof *statement->effects);
    statement->effects[statement->effect_count++] = effect;
}

static bool filenode_was(const struct gl_moment *before, unsigned filenode)
{
    for (size_t i = 0; i < before->relation_count; i++) {
        if (before->relations[i].filenode == filenode)
            return true;
    }
    return false;
}

static bool holds_rows(char kind)
{
    return kind == 'r' || kind == 'm';
}

/* An index that keeps the file of the one it replaces was not built. */
static bool was_built(const struct gl_moment *before, const struct gl_relation *index)
{
    const struct gl_relation *old = gl_moment_find(before, index->oid);
    if (old)
        return old->filenode != index->filenode;
    return index->filenode && !filenode_was(before, index->filenode);
}

static bool was_rewritten(const struct gl_moment *before, const struct gl_relation *relation)
{
    const struct gl_relation *old = gl_moment_find(before, relation->oid);
    return old && holds_rows(relation->kind) && old->filenode != relation->filenode;
}

static int64_t rows_of(const struct gl_relation *relation)
{
    return relation->rows < 0 ? -1 : (int64_t)relation->rows;
}

/* Most of the rows, or unknown how many there are. */
static bool is_most(int64_t count, const struct gl_relation *table)
{
    return table->rows < 0 || 2.0 * (double)count >= table->rows;
}

static void read_rewrites(const struct gl_moments *moments, struct gl_trace_statement *statement)
{
    for (size_t i = 0; i < moments->after->relation_count; i++) {
        const struct gl_relation *relation = &moments->after->relations[i];
        const struct gl_relation *old = gl_moment_find(moments->before, relation->oid);
        if (old && was_rewritten(moments->before, relation))
            add_effect(statement, (struct gl_trace_effect){
                                      .work = GL_WORK_REWRITE,
                                      .relation = gl_strdup(relation->name),
                                      .existed = gl_moment_find(moments->base, relation->oid),
                                      .rows = rows_of(old),
                                  });
    }
}

/* The indexes of a rewritten table are part of its rewrite. */
static void read_builds(const struct gl_moments *moments, struct gl_trace_statement *statement)
{
    for (size_t i = 0; i < moments->after->relation_count; i++) {
        const struct gl_relation *index = &moments->after->relations[i];
        const struct gl_relation *table =
            index->kind == 'i' ? gl_moment_find(moments->after, index->table) : NULL;
        if (!table || !was_built(moments->before, index) || was_rewritten(moments->before, table))
            continue;
        add_effect(statement, (struct gl_trace_effect){
                                  .work = GL_WORK_INDEX,
                                  .relation = gl_strdup(index->name),
                                  .table = gl_strdup(table->name),
                                  .existed = gl_moment_find(moments->base, table->oid),
                                  .rows = rows_of(table),
                              });
    }
}

/* Rows of a table that were read in order of an index. */
static int64_t read_by_index(const struct gl_moments *moments, unsigned table)
{
    int64_t most = 0;
    for (size_t i = 0; i < moments->after->relation_count; i++) {
        const struct gl_relation *index = &moments->after->relations[i];
        const struct gl_relation *old = gl_moment_find(moments->before, index->oid);
        int64_t read = index->table == table ? index->read - (old ? old->read : 0) : 0;
        most = read > most ? read : most;
    }
    return most;
}

static void read_scan(const struct gl_moments *moments, const struct gl_relation *table,
                      struct gl_trace_statement *statement)
{
    const struct gl_relation *old = gl_moment_find(moments->before, table->oid);
    const struct gl_relation *base = gl_moment_find(moments->base, table->oid);
    const struct gl_relation *known = base ? base : table;
    int64_t scans = table->scans - (old ? old->scans : 0);
    int64_t read = table->read - (old ? old->read : 0);
    int64_t indexed = read_by_index(moments, table->oid);
    bool full = (scans > 0 && is_most(read, known)) ||
                (indexed > 0 && known->rows > 0 && is_most(indexed, known));
    if (full)
        add_effect(statement, (struct gl_trace_effect){
                                  .work = GL_WORK_SCAN,
                                  .relation = gl_strdup(table->name),
                                  .existed = base != NULL,
                                  .rows = read > indexed ? read : indexed,
                              });
}

static void read_changes(const struct gl_moments *moments, const struct gl_relation *table,
                         struct gl_trace_statement *statement)
{
    const struct gl_relation *old = gl_moment_find(moments->before, table->oid);
    const struct gl_relation *base = gl_moment_find(moments->base, table->oid);
    int64_t changed = table->changed - (old ? old->changed : 0);
    if (base && changed > 1 &&
        (changed >= MANY_ROWS || (base->rows >= 0 && is_most(changed, base))))
        add_effect(statement, (struct gl_trace_effect){
                                  .work = GL_WORK_ROWS,
                                  .relation = gl_strdup(table->name),
                                  .existed = true,
                                  .rows = changed,
                              });
}

void gl_effects_read(const struct gl_moments *moments, struct gl_trace_statement *statement)
{
    for (size_t i = 0; i < moments->after->lock_count; i++)
        add_lock(moments, &moments->after->locks[i], statement);
    read_rewrites(moments, statement);
    read_builds(moments, statement);
    for (size_t i = 0; i < moments->after->relation_count; i++) {
        const struct gl_relation *table = &moments->after->relations[i];
        if (!holds_rows(table->kind))
            continue;
        read_scan(moments, table, statement);
        read_changes(moments, table, statement);
    }
    if (statement->lock_count)
        qsort(statement->locks, statement->lock_count, sizeof *statement->locks, by_strength);
}
