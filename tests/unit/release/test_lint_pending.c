/* Which migrations keep a release from going on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "release/steps.h"

static char *dir;

static int dir_up(void **state)
{
    (void)state;
    char path[] = "/tmp/golive lint XXXXXX";
    dir = gl_strdup(mkdtemp(path));
    return dir ? 0 : -1;
}

static int dir_down(void **state)
{
    (void)state;
    int failed = gl_remove_tree(dir, NULL);
    free(dir);
    return failed;
}

static void put(const char *name, const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(dir, name);
    gl_autofree char *parent = gl_path_dir(path);
    assert_int_equal(gl_mkdir_p(parent, 0755, &err), 0);
    assert_int_equal(gl_write_text(path, sql, 0644, &err), 0);
}

/* The first `applied` files are there already. */
static int lint(size_t applied, bool fresh, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    gl_automigratestatus struct gl_migrate_status status = {.fresh = fresh};
    assert_int_equal(gl_migrations_scan(dir, &list, err), 0);
    status.count = list.count;
    status.states = gl_alloc((list.count + 1) * sizeof *status.states);
    for (size_t i = 0; i < list.count; i++)
        status.states[i] = i < applied ? GL_MIGRATION_APPLIED : GL_MIGRATION_PENDING;
    return gl_release_lint(&list, &status, err);
}

static const char users[] = "CREATE TABLE users (id bigint PRIMARY KEY, nick text);";
static const char blocking[] = "-- golive: phase=expand\nCREATE INDEX nicks ON users (nick);";

static void a_pending_error_is_refused_with_its_place(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    put("1_users.sql", users);
    put("2_index.sql", blocking);
    assert_int_equal(lint(1, false, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.message, "[create-index]"));
    assert_non_null(strstr(err.file, "2_index.sql"));
    assert_int_equal(err.line, 2);
    assert_non_null(strstr(err.hint, "allow=create-index"));
}

static void what_is_applied_or_new_or_allowed_passes(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    put("1_users.sql", users);
    put("2_index.sql", blocking);
    assert_int_equal(lint(2, false, &err), 0);
    assert_int_equal(lint(0, true, &err), 0);
    put("2_index.sql", "-- golive: phase=expand\n"
                       "-- golive-lint: allow=create-index reason=\"it has ten rows\"\n"
                       "CREATE INDEX nicks ON users (nick);");
    assert_int_equal(lint(1, false, &err), 0);
    put("2_index.sql", "-- golive: phase=expand\nALTER TABLE users ADD mood text;");
    assert_int_equal(lint(1, false, &err), 0);
}

/* Other tools name and cut their files by their own ways; what reverts is not judged. */
static void directories_of_other_tools(void **state)
{
    (void)state;

    static const struct {
        const char *first, *second, *sql;
        int code;
    } cases[] = {
        {"V1__users.sql",    "V2__index.sql",    "CREATE INDEX nicks ON users (nick);",         GL_E_REFUSED},
        {"V1__users.sql",    "V2__mood.sql",     "ALTER TABLE users ADD mood text;",            0           },
        {"001_users/up.sql", "002_index/up.sql", "CREATE INDEX nicks ON users (nick);",
         GL_E_REFUSED                                                                                       },
        {"001_users.sql",    "002_index.sql",
         "-- migrate:up\nALTER TABLE users ADD mood text;\n-- migrate:down\nDROP TABLE users;", 0           },
        {"001_users.sql",    "002_index.sql",
         "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY nicks ON users (nick);",   0           },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autofree char *first = gl_asprintf("-- migrate:up\n%s", users);
        void *inner = NULL;
        assert_int_equal(dir_up(&inner), 0);
        put(cases[i].first, first);
        put(cases[i].second, cases[i].sql);
        if (lint(1, false, &err) != cases[i].code)
            fail_msg("%s: %s", cases[i].second, err.message ? err.message : "passes");
        assert_true(!cases[i].code || gl_ends_with(err.file, cases[i].second));
        assert_int_equal(dir_down(&inner), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pending_error_is_refused_with_its_place, dir_up,
                                        dir_down),
        cmocka_unit_test(directories_of_other_tools),
        cmocka_unit_test_setup_teardown(what_is_applied_or_new_or_allowed_passes, dir_up, dir_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
