/* Properties and configuration in hash tables: a search in an index costs ten times as much. */
#include "facts/kept.h"

#include <stdlib.h>
#include <string.h>

#include "data/sqlite.h"
#include "infra/arena.h"

enum { BUCKETS = 8192 }; /* a power of two */

struct text {
    const char *at;
    size_t len;
};

/* Of a value of `config`, `outer` is empty. */
struct row {
    struct row *next; /* in its bucket, in the order of the table */
    struct text outer;
    struct text inner;
    struct gl_kept_property property;
};

struct table {
    struct row *first[BUCKETS];
    struct row *last[BUCKETS];
};

struct gl_facts_kept {
    struct gl_arena arena;
    struct table properties;
    struct table config;
};

/* ---- tables ------------------------------------------------------------------------------------
 */

static uint64_t mix(uint64_t hash, struct text text)
{
    uint64_t word;
    for (; text.len >= sizeof word; text.at += sizeof word, text.len -= sizeof word) {
        memcpy(&word, text.at, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    word = text.len;
    for (; text.len; text.at++, text.len--)
        word = word << 8 | (unsigned char)*text.at;
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static size_t bucket_of(struct text outer, struct text inner)
{
    return mix(mix(0, outer), inner) % BUCKETS;
}

static bool same(struct text a, struct text b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* The first row, as a search in the table would find it. */
static const struct row *find(const struct table *table, struct text outer, struct text inner)
{
    for (const struct row *at = table->first[bucket_of(outer, inner)]; at; at = at->next) {
        if (same(at->inner, inner) && same(at->outer, outer))
            return at;
    }
    return NULL;
}

static void append(struct table *table, struct row *row)
{
    size_t bucket = bucket_of(row->outer, row->inner);
    if (table->last[bucket])
        table->last[bucket]->next = row;
    else
        table->first[bucket] = row;
    table->last[bucket] = row;
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static struct text copy_column(struct gl_arena *arena, sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    size_t len = (size_t)sqlite3_column_bytes(stmt, column);
    return (struct text){text ? gl_arena_strndup(arena, text, len) : NULL, len};
}

/* Properties of a resource stand together: its name is copied once. */
static struct text copy_resource(struct gl_facts_kept *kept, sqlite3_stmt *stmt,
                                 const struct row *before)
{
    struct text text = {gl_sqlite_text(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0)};
    return before && same(before->outer, text) ? before->outer : copy_column(&kept->arena, stmt, 0);
}

static int read_properties(struct gl_facts_kept *kept, sqlite3 *db, struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    const struct row *before = NULL;
    int step = gl_sqlite_prepare(
        db, &stmt, err,
        "select resource, path, value, target, known, line from property order by rowid", "");
    while (step >= 0 && (step = gl_sqlite_step(stmt, err)) == 1) {
        struct row *row = gl_arena_alloc(&kept->arena, sizeof *row);
        row->outer = copy_resource(kept, stmt, before);
        row->inner = copy_column(&kept->arena, stmt, 1);
        row->property = (struct gl_kept_property){
            .value = copy_column(&kept->arena, stmt, 2).at,
            .target = copy_column(&kept->arena, stmt, 3).at,
            .known = sqlite3_column_int64(stmt, 4),
            .line = sqlite3_column_int64(stmt, 5),
        };
        append(&kept->properties, row);
        before = row;
    }
    return step;
}

static int read_config(struct gl_facts_kept *kept, sqlite3 *db, struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int step = gl_sqlite_prepare(db, &stmt, err,
                                 "select key, value from config "
                                 "where env = (select env from run) order by rowid",
                                 "");
    while (step >= 0 && (step = gl_sqlite_step(stmt, err)) == 1) {
        struct row *row = gl_arena_alloc(&kept->arena, sizeof *row);
        row->outer = (struct text){"", 0};
        row->inner = copy_column(&kept->arena, stmt, 0);
        row->property.value = copy_column(&kept->arena, stmt, 1).at;
        append(&kept->config, row);
    }
    return step;
}

int gl_facts_kept_read(sqlite3 *db, struct gl_facts_kept **ret_kept, struct gl_error *err)
{
    struct gl_facts_kept *kept = gl_alloc(sizeof *kept);
    int failed = read_properties(kept, db, err);
    if (failed == 0)
        failed = read_config(kept, db, err);
    if (failed == 0)
        *ret_kept = kept;
    else
        gl_facts_kept_free(kept);
    return failed;
}

void gl_facts_kept_free(struct gl_facts_kept *kept)
{
    if (kept)
        gl_arena_done(&kept->arena);
    free(kept);
}

/* ---- finding -----------------------------------------------------------------------------------
 */

/* A comparison with null, or of a column of texts with a blob, finds nothing. */
static bool text_of(sqlite3_value *value, struct text *ret_text)
{
    int type = sqlite3_value_type(value);
    if (type == SQLITE_NULL || type == SQLITE_BLOB)
        return false;
    ret_text->at = (const char *)sqlite3_value_text(value);
    ret_text->len = (size_t)sqlite3_value_bytes(value);
    return ret_text->at != NULL;
}

const struct gl_kept_property *gl_facts_kept_property(const struct gl_facts_kept *kept,
                                                      sqlite3_value *resource, sqlite3_value *path)
{
    struct text outer;
    struct text inner;
    if (!text_of(resource, &outer) || !text_of(path, &inner))
        return NULL;
    const struct row *row = find(&kept->properties, outer, inner);
    return row ? &row->property : NULL;
}

bool gl_facts_kept_config(const struct gl_facts_kept *kept, sqlite3_value *key,
                          const char **ret_value)
{
    struct text inner;
    if (!text_of(key, &inner))
        return false;
    const struct row *row = find(&kept->config, (struct text){"", 0}, inner);
    if (row)
        *ret_value = row->property.value;
    return row != NULL;
}
