/* What the tests of the room share: a configuration, a database of facts, and questions to it. */
#ifndef GL_TEST_FACTS_SUPPORT_H
#define GL_TEST_FACTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "config/config.h"
#include "data/sqlite.h"
#include "facts/internal.h"

struct world {
    char *dir; /* the project */
    struct gl_config *config;
    sqlite3 *db;
};

static inline void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s:%u %s (%s)", err->file ? err->file : "", err->line,
                 err->message ? err->message : "no message", err->hint ? err->hint : "no hint");
}

static inline void put(const struct world *world, const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(world->dir, name);
    gl_autofree char *dir = gl_path_dir(path);
    ok(gl_mkdir_p(dir, 0755, &err), &err);
    ok(gl_write_text(path, text, 0644, &err), &err);
}

static inline int world_up(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics list = {0};
    struct world *world = gl_alloc(sizeof *world);
    char path[] = "/tmp/golive facts XXXXXX";
    assert_non_null(mkdtemp(path));
    world->dir = gl_strdup(path);
    gl_autofree char *file = gl_path_join(world->dir, "golive.yaml");
    struct gl_config_request request = {.path = file, .env = "local"};
    put(world, "golive.yaml", "golive: 1\napp: {name: demo}\n");
    ok(gl_config_load(&request, &world->config, &list, &err), &err);
    ok(gl_facts_open(&world->db, &err), &err);
    *state = world;
    return 0;
}

static inline int world_down(void **state)
{
    struct world *world = *state;
    (void)!gl_remove_tree(world->dir, NULL);
    gl_facts_close(&world->db);
    gl_config_free(&world->config);
    free(world->dir);
    free(world);
    return 0;
}

/* The facts instead of those that the world had; after an error it has none. */
static inline int world_collect(struct world *world, const struct gl_facts_request *request,
                                struct gl_error *err)
{
    gl_autofacts sqlite3 *before = gl_steal(&world->db);
    return gl_facts_collect(request, &world->db, err);
}

/* The first field of a query, "(none)" without a row, "(null)" for null. The caller owns it. */
static inline char *fact(const struct world *world, const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    gl_autostmt sqlite3_stmt *stmt = NULL;
    ok(gl_sqlite_prepare(world->db, &stmt, &err, sql, ""), &err);
    int step = gl_sqlite_step(stmt, &err);
    ok(step, &err);
    if (step == 0)
        return gl_strdup("(none)");
    return gl_strdup(sqlite3_column_type(stmt, 0) == SQLITE_NULL ? "(null)"
                                                                 : gl_sqlite_text(stmt, 0));
}

static inline void expect_fact(const struct world *world, const char *sql, const char *expected)
{
    gl_autofree char *found = fact(world, sql);
    if (strcmp(found, expected) != 0)
        fail_msg("%s: `%s` instead of `%s`", sql, found, expected);
}

static inline void expect_says(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("`%s` does not say `%s`", text ? text : "(nothing)", part);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_up, world_down)

#endif
