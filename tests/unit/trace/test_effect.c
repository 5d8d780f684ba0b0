/* Locks and work as the difference of two moments. */
#include "fixture.h"

static void test_modes(void **state)
{
    (void)state;
    assert_int_equal(gl_lock_mode_read("AccessExclusiveLock"), GL_LOCK_ACCESS_EXCLUSIVE);
    assert_int_equal(gl_lock_mode_read("ShareLock"), GL_LOCK_SHARE);
    assert_int_equal(gl_lock_mode_read("ShareRowExclusiveLock"), GL_LOCK_SHARE_ROW_EXCLUSIVE);
    assert_int_equal(gl_lock_mode_read("SIReadLock"), GL_LOCK_NONE);
    assert_int_equal(gl_lock_mode_read("AccessExclusive"), GL_LOCK_NONE);
}

enum { TABLE = 20000, INDEX, NEW_INDEX, VIEW };

static struct gl_relation before_relations[] = {
    {.oid = TABLE, .filenode = 1,  .kind = 'r',   .name = "orders",       .rows = 100         },
    {.oid = INDEX, .table = TABLE, .filenode = 2, .kind = 'i',            .name = "orders_idx", .rows = 100},
    {.oid = VIEW,            .filenode = 3,                .kind = 'm',     .name = "totals", .rows = 10},
};

/* After it, as the test makes it. */
static struct gl_relation after_relations[GL_COUNT(before_relations) + 1];
static struct gl_held_lock after_locks[8];

static struct gl_moment before_moment(void)
{
    return (struct gl_moment){.relations = before_relations,
                              .relation_count = GL_COUNT(before_relations)};
}

static struct gl_moment after_moment(void)
{
    memcpy(after_relations, before_relations, sizeof before_relations);
    return (struct gl_moment){.relations = after_relations,
                              .relation_count = GL_COUNT(before_relations),
                              .locks = after_locks};
}

/* The caller ends it. */
static struct gl_trace_file judge(const struct gl_moment *after)
{
    struct gl_moment before = before_moment();
    struct gl_trace_file file = {.statements = gl_alloc(sizeof *file.statements), .count = 1};
    gl_effects_read(&(struct gl_moments){&before, &before, after}, &file.statements[0]);
    file.statements[0].verdict = gl_verdict(&file.statements[0]);
    return file;
}

static void expect(const struct gl_moment *after, enum gl_trace_verdict verdict, size_t effects)
{
    gl_cleanup(gl_trace_file_done) struct gl_trace_file file = judge(after);
    assert_int_equal(file.statements[0].verdict, verdict);
    assert_int_equal(file.statements[0].effect_count, effects);
}

static void test_lock_without_work_is_brief(void **state)
{
    (void)state;
    struct gl_moment after = after_moment();
    after_locks[after.lock_count++] = (struct gl_held_lock){TABLE, GL_LOCK_ACCESS_EXCLUSIVE};
    expect(&after, GL_TRACE_BRIEF, 0);
}

static void test_weak_lock_with_work_is_harmless(void **state)
{
    (void)state;
    struct gl_moment after = after_moment();
    after_locks[after.lock_count++] = (struct gl_held_lock){TABLE, GL_LOCK_SHARE_UPDATE_EXCLUSIVE};
    after_relations[0].scans = 1;
    after_relations[0].read = 100;
    expect(&after, GL_TRACE_HARMLESS, 1);
}

/* Reading some rows is no full scan; where nothing is known of the size, any scan may be one. */
static void test_what_a_full_scan_is(void **state)
{
    (void)state;
    struct gl_moment after = after_moment();
    after_relations[0].scans = 1;
    after_relations[0].read = 49;
    expect(&after, GL_TRACE_HARMLESS, 0);
    after_relations[0].read = 50;
    expect(&after, GL_TRACE_HARMLESS, 1);
    before_relations[0].rows = -1;
    after_relations[0].read = 0;
    expect(&after, GL_TRACE_HARMLESS, 1);
    before_relations[0].rows = 100;
}

static void test_rewrite_counts_once(void **state)
{
    (void)state;
    struct gl_moment after = after_moment();
    after_locks[after.lock_count++] = (struct gl_held_lock){TABLE, GL_LOCK_ACCESS_EXCLUSIVE};
    after_relations[0].filenode = 11;
    after_relations[1].filenode = 12; /* rebuilt with its table */
    expect(&after, GL_TRACE_DANGEROUS, 1);
}

/* ALTER TYPE without a rewrite makes the index anew and keeps its file. */
static void test_index_that_keeps_its_file(void **state)
{
    (void)state;
    struct gl_moment after = after_moment();
    after_locks[after.lock_count++] = (struct gl_held_lock){TABLE, GL_LOCK_ACCESS_EXCLUSIVE};
    after_relations[3] = (struct gl_relation){
        .oid = VIEW + 1, .table = TABLE, .filenode = 2, .kind = 'i', .name = "orders_idx"};
    after.relation_count = 4;
    expect(&after, GL_TRACE_BRIEF, 0);
    after_relations[3].filenode = 13;
    expect(&after, GL_TRACE_DANGEROUS, 1);
}

static void test_nobody_writes_to_a_materialised_view(void **state)
{
    (void)state;
    struct gl_moment after = after_moment();
    after_locks[after.lock_count++] = (struct gl_held_lock){VIEW, GL_LOCK_EXCLUSIVE};
    after_relations[2].scans = 1;
    after_relations[2].read = 10;
    expect(&after, GL_TRACE_HARMLESS, 1);
}

static void test_changed_rows_are_locked(void **state)
{
    (void)state;
    struct gl_moment after = after_moment();
    after_locks[after.lock_count++] = (struct gl_held_lock){TABLE, GL_LOCK_ROW_EXCLUSIVE};
    after_relations[0].changed = 49;
    expect(&after, GL_TRACE_HARMLESS, 0);
    after_relations[0].changed = 50;
    expect(&after, GL_TRACE_DANGEROUS, 1);
}

static void test_strongest_lock_comes_first(void **state)
{
    (void)state;
    struct gl_moment after = after_moment();
    after_locks[after.lock_count++] = (struct gl_held_lock){TABLE, GL_LOCK_SHARE};
    after_locks[after.lock_count++] = (struct gl_held_lock){INDEX, GL_LOCK_ACCESS_EXCLUSIVE};
    after_locks[after.lock_count++] = (struct gl_held_lock){99999, GL_LOCK_SHARE}; /* unknown */
    gl_cleanup(gl_trace_file_done) struct gl_trace_file file = judge(&after);
    assert_int_equal(file.statements[0].lock_count, 2);
    assert_string_equal(file.statements[0].locks[0].relation, "orders_idx");
    assert_string_equal(file.statements[0].locks[0].table, "orders");
    assert_null(file.statements[0].locks[1].table);
    assert_int_equal(file.statements[0].locks[0].blocks, GL_BLOCKS_ALL);
    assert_int_equal(file.statements[0].locks[1].blocks, GL_BLOCKS_WRITES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_lock_without_work_is_brief),
        cmocka_unit_test(test_weak_lock_with_work_is_harmless),
        cmocka_unit_test(test_what_a_full_scan_is),
        cmocka_unit_test(test_rewrite_counts_once),
        cmocka_unit_test(test_index_that_keeps_its_file),
        cmocka_unit_test(test_nobody_writes_to_a_materialised_view),
        cmocka_unit_test(test_changed_rows_are_locked),
        cmocka_unit_test(test_strongest_lock_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
