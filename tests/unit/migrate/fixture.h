/* What the migration tests share: one PostgreSQL per program, one database and one directory of
 * files per test. */
#ifndef GL_TESTS_MIGRATE_FIXTURE_H
#define GL_TESTS_MIGRATE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "migrate/migrate.h"
#include "support/pgtest.h"

struct world {
    char *dir;      /* of the migrations */
    char *database; /* its name; NULL without a server */
    char *conninfo;
};

static struct gl_pgtest server;
static unsigned databases;

static inline void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s (%s)", err->message ? err->message : "no message",
                 err->hint ? err->hint : "no hint");
}

static inline int server_up(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    ok(gl_pgtest_start(&server, &err), &err);
    return 0;
}

static inline int server_down(void **state)
{
    (void)state;
    gl_pgtest_stop(&server);
    return 0;
}

static inline void sql_in(const struct world *world, const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_pgtest_sql(&server, world->database, sql, &err), &err);
}

/* The first field of a query must be this. */
static inline void expect_sql(const struct world *world, const char *sql, const char *expected)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *value = gl_pgtest_value(&server, world->database, sql, &err);
    if (!value || !expected || strcmp(value, expected) != 0)
        fail_msg("%s: %s instead of %s", sql, value ? value : err.message, expected);
}

static inline int world_up(void **state)
{
    gl_autoerr struct gl_error err = {0};
    struct world *world = gl_alloc(sizeof *world);
    char path[] = "/tmp/golive migrations \xe7\xa7\xbb\xe8\xa1\x8c XXXXXX";
    assert_non_null(mkdtemp(path));
    world->dir = gl_strdup(path);
    if (server.dir) {
        world->database = gl_asprintf("test_%u", ++databases);
        world->conninfo = gl_pgtest_conninfo(&server, NULL, world->database);
        gl_autofree char *sql = gl_asprintf("create database %s", world->database);
        ok(gl_pgtest_sql(&server, "postgres", sql, &err), &err);
    }
    *state = world;
    return 0;
}

static inline int world_down(void **state)
{
    struct world *world = *state;
    (void)!gl_remove_tree(world->dir, NULL);
    free(world->dir);
    free(world->database);
    free(world->conninfo);
    free(world);
    return 0;
}

static inline void put_bytes(const struct world *world, const char *name, const void *data,
                             size_t len)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(world->dir, name);
    ok(gl_write_file(path, data, len, 0644, &err), &err);
}

static inline void put(const struct world *world, const char *name, const char *text)
{
    put_bytes(world, name, text, strlen(text));
}

/* Scans the directory and runs it. The error stays in `err`. */
static inline int migrate(const struct world *world, const struct gl_migrate_options *options,
                          struct gl_migrate_result *result, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    int failed = gl_migrations_scan(world->dir, &list, err);
    if (failed < 0)
        return failed;
    return gl_migrate_run(world->conninfo, &list, options, result, err);
}

/* The same, and it must succeed. */
static inline struct gl_migrate_result migrated(const struct world *world)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    ok(migrate(world, &options, &result, &err), &err);
    return result;
}

static inline void expect_says(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("`%s` does not say `%s`", text ? text : "(nothing)", part);
}

/* Running the directory must fail like this, and the error must say `part` and have a hint. */
static inline void expect_failure(const struct world *world, int code, const char *part)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.lock_timeout_ms = 100, .retries = 1};
    assert_int_equal(migrate(world, &options, &result, &err), code);
    expect_says(err.message, part);
    assert_non_null(err.hint);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_up, world_down)

#endif
