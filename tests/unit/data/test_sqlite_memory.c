/* SQLite's memory: blocks keep what is in them, are used again, and outlive the thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <sqlite3.h>

#include "base/error.h"
#include "data/sqlite.h"
#include "data/sqlite_memory.h"

enum { SIZE_GREATEST = 5000, THREADS = 4 };

static int begin(void **state)
{
    (void)state;
    gl_sqlite_memory();
    return 0;
}

static void assert_filled(const unsigned char *data, int count, unsigned char with)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(data[i], with);
}

static void blocks_of_every_size_are_apart_and_aligned(void **state)
{
    (void)state;
    static unsigned char *blocks[SIZE_GREATEST];
    for (int size = 1; size < SIZE_GREATEST; size++) {
        blocks[size] = sqlite3_malloc(size);
        assert_non_null(blocks[size]);
        assert_int_equal((uintptr_t)blocks[size] % 16, 0);
        assert_true(sqlite3_msize(blocks[size]) >= (sqlite3_uint64)size);
        memset(blocks[size], size % 251, (size_t)size);
    }
    for (int size = 1; size < SIZE_GREATEST; size++) {
        assert_filled(blocks[size], size, (unsigned char)(size % 251));
        sqlite3_free(blocks[size]);
    }
}

static void a_block_that_grows_or_shrinks_keeps_what_is_in_it(void **state)
{
    (void)state;
    static const int sizes[] = {1, 16, 17, 1000, 1024, 1025, 4000, 40000, 3000, 1025, 1000, 8};
    unsigned char *data = sqlite3_malloc(1);
    int had = 1;
    *data = 7;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        data = sqlite3_realloc(data, sizes[i]);
        assert_non_null(data);
        assert_filled(data, had < sizes[i] ? had : sizes[i], 7);
        memset(data, 7, (size_t)sizes[i]);
        had = sizes[i];
    }
    sqlite3_free(data);
}

static void a_block_is_used_again(void **state)
{
    (void)state;
    void *first = sqlite3_malloc(200);
    sqlite3_free(first);
    void *second = sqlite3_malloc(197);
    assert_ptr_equal(first, second);
    sqlite3_free(second);
}

/* Gives one of the caller's blocks back, and leaves another to the caller. */
static void *exchange(void *block)
{
    sqlite3_free(block);
    unsigned char *own = sqlite3_malloc(300);
    memset(own, 9, 300);
    return own;
}

static void blocks_pass_between_threads(void **state)
{
    (void)state;
    pthread_t thread;
    void *own = NULL;
    void *given = sqlite3_malloc(300);
    assert_int_equal(pthread_create(&thread, NULL, exchange, given), 0);
    assert_int_equal(pthread_join(thread, &own), 0);
    assert_filled(own, 300, 9);
    sqlite3_free(own);
}

static void *make_and_free(void *unused)
{
    void *block = sqlite3_malloc(500);
    sqlite3_free(block);
    return unused ? unused : block;
}

static void what_a_thread_leaves_is_taken_by_the_next(void **state)
{
    (void)state;
    pthread_t thread;
    void *first;
    void *second;
    assert_int_equal(pthread_create(&thread, NULL, make_and_free, NULL), 0);
    assert_int_equal(pthread_join(thread, &first), 0);
    assert_int_equal(pthread_create(&thread, NULL, make_and_free, NULL), 0);
    assert_int_equal(pthread_join(thread, &second), 0);
    assert_ptr_equal(first, second);
}

static void *work(void *ret_failed)
{
    static const char sql[] =
        "create table t (a text, b integer); with recursive n(i) as (select 1 union all "
        "select i + 1 from n where i < 500) insert into t select printf('%0*d', i, i), i from n;"
        "create index t_a on t (a); delete from t where b % 3 = 0; update t set a = a || a;";
    gl_autoerr struct gl_error err = {0};
    gl_autosqlite sqlite3 *db = NULL;
    int *failed = ret_failed;
    *failed = gl_sqlite_open(":memory:", &db, &err);
    for (int i = 0; *failed == 0 && i < 3; i++) {
        *failed = gl_sqlite_exec(db, sql, &err);
        if (*failed == 0)
            *failed = gl_sqlite_exec(db, "drop table t", &err);
    }
    return NULL;
}

static void databases_are_used_side_by_side(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    int failed[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &failed[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(failed[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_every_size_are_apart_and_aligned),
        cmocka_unit_test(a_block_that_grows_or_shrinks_keeps_what_is_in_it),
        cmocka_unit_test(a_block_is_used_again),
        cmocka_unit_test(blocks_pass_between_threads),
        cmocka_unit_test(what_a_thread_leaves_is_taken_by_the_next),
        cmocka_unit_test(databases_are_used_side_by_side),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
