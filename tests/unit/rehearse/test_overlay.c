/* The migrations that a rehearsal adds, in folders of every tool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "migrate/format.h"
#include "rehearse/internal.h"

static const char added_sql[] = "-- golive: phase=expand\n"
                                "create table added (id bigint primary key);\n";

struct row {
    const char *tool; /* migrations.tool, or NULL */
    const char *file; /* what the folder has, or NULL */
    const char *text;
    const char *format;   /* whose folder it then is */
    const char *added[2]; /* the two files that are added, one after the other */
};

static const struct row rows[] = {
    {.format = "sqlx",                                                                              .added = {"1_golive_rehearsal.sql", "2_golive_rehearsal.sql"}},
    { .file = "20260102030405_first.sql",
     .text = "select 1;\n",
     .format = "sqlx",
     .added = {"20260102030406_golive_rehearsal.sql", "20260102030407_golive_rehearsal.sql"}},
    {                                                                      .file = "000009_first.up.sql",
     .text = "select 1;\n",
     .format = "golang-migrate",
     .added = {"000010_golive_rehearsal.up.sql", "000011_golive_rehearsal.up.sql"}},
 /* Only golive.yaml says that it is none of golang-migrate. */
    {                                                                                .tool = "sqlx",
     .file = "000009_first.up.sql",
     .text = "select 1;\n",
     .format = "sqlx",
     .added = {"000010_golive_rehearsal.sql", "000011_golive_rehearsal.sql"}},
    {                                                                                        .tool = "golang-migrate",
     .format = "golang-migrate",
     .added = {"000001_golive_rehearsal.up.sql", "000002_golive_rehearsal.up.sql"}},
    {                                                                                .file = "20260102030405_first.sql",
     .text = "-- migrate:up\nselect 1;\n-- migrate:down\nselect 2;\n",
     .format = "dbmate",
     .added = {"20260102030406_golive_rehearsal.sql", "20260102030407_golive_rehearsal.sql"}},
    {                                                                      .file = "007_first.sql",
     .text = "-- migrate:up\nselect 1;\n",
     .format = "dbmate",
     .added = {"008_golive_rehearsal.sql", "009_golive_rehearsal.sql"}},
    {                                                                                            .tool = "dbmate",
     .format = "dbmate",
     .added = {"1_golive_rehearsal.sql", "2_golive_rehearsal.sql"}},
    {                                                       .file = "2026-01-02-030405_first/up.sql",
     .text = "select 1;\n",
     .format = "diesel",
     .added = {"20260102030406_golive_rehearsal/up.sql", "20260102030407_golive_rehearsal/up.sql"}},
    {                                        .file = "V3__first.sql",
     .text = "select 1;\n",
     .format = "refinery",
     .added = {"V4__golive_rehearsal.sql", "V5__golive_rehearsal.sql"}},
};

struct fixture {
    char top[64];
    struct gl_config *config;
    struct gl_rehearsal_request request;
    struct gl_rehearsal rehearsal;
};

static void write_file(const char *dir, const char *name, const char *text)
{
    gl_autofree char *path = gl_path_join(dir, name);
    gl_autofree char *parent = gl_path_dir(path);
    gl_autoerr struct gl_error err = {0};
    if (gl_mkdir_p(parent, 0755, &err) < 0 || gl_write_text(path, text, 0644, &err) < 0)
        fail_msg("%s", err.message);
}

static void begin(struct fixture *fixture, const struct row *row)
{
    *fixture = (struct fixture){.top = "/tmp/golive overlay 重ね-XXXXXX"};
    assert_non_null(mkdtemp(fixture->top));
    gl_autofree char *settings =
        gl_asprintf("golive: 1\napp: {name: sample}\nenvironments: {local: {}}\n"
                    "migrations: {dir: m%s%s}\n",
                    row->tool ? ", tool: " : "", row->tool ? row->tool : "");
    write_file(fixture->top, "golive.yaml", settings);
    gl_autofree char *own = gl_path_join(fixture->top, "m");
    if (row->file)
        write_file(own, row->file, row->text);
    gl_autofree char *path = gl_path_join(fixture->top, "golive.yaml");
    struct gl_config_request request = {.path = path, .env = "local"};
    gl_autodiag struct gl_diagnostics diagnostics = {0};
    gl_autoerr struct gl_error err = {0};
    if (gl_config_load(&request, &fixture->config, &diagnostics, &err) < 0)
        fail_msg("%s", err.message);
    fixture->request.config = fixture->config;
    fixture->rehearsal.request = &fixture->request;
    fixture->rehearsal.dir = gl_path_join(fixture->top, "rehearsal");
}

static void end(struct fixture *fixture)
{
    gl_config_free(&fixture->config);
    free(fixture->rehearsal.dir);
    free(fixture->rehearsal.overlay);
    assert_int_equal(gl_remove_tree(fixture->top, NULL), 0);
}

static char *add(struct fixture *fixture)
{
    char *path = NULL;
    gl_autoerr struct gl_error err = {0};
    if (gl_overlay_add(&fixture->rehearsal, added_sql, &path, &err) < 0)
        fail_msg("%s", err.message);
    return path;
}

/* The overlay is still a folder of the same tool, and the last that it applies is what was added.
 */
static void assert_applied_last(const struct fixture *fixture, const struct row *row, size_t count)
{
    gl_automigrations struct gl_migrations list = {0};
    gl_autoerr struct gl_error err = {0};
    if (gl_migrations_scan_as(fixture->rehearsal.overlay, row->tool, &list, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(list.format->name, row->format);
    assert_int_equal(list.count, count);
    assert_non_null(strstr(list.items[count - 1].sql, "create table added"));
    assert_int_equal(list.items[count - 1].phase, GL_PHASE_EXPAND);
    assert_true(list.items[count - 1].phase_declared);
}

static void what_is_added_is_a_migration_of_the_folders_tool(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        struct fixture fixture;
        size_t own = rows[i].file != NULL;
        begin(&fixture, &rows[i]);
        for (size_t n = 0; n < GL_COUNT(rows[i].added); n++) {
            gl_autofree char *path = add(&fixture);
            assert_string_equal(path + strlen(fixture.rehearsal.overlay) + 1, rows[i].added[n]);
            assert_applied_last(&fixture, &rows[i], own + n + 1);
        }
        end(&fixture);
    }
}

/* A case takes its migration away again; the project's own folder was never touched. */
static void what_was_taken_away_is_no_migration_any_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        struct fixture fixture;
        begin(&fixture, &rows[i]);
        gl_autofree char *kept = add(&fixture);
        gl_autofree char *taken = add(&fixture);
        assert_int_equal(remove(taken), 0);
        assert_applied_last(&fixture, &rows[i], 1 + (rows[i].file != NULL));
        gl_autofree char *again = add(&fixture);
        assert_string_equal(again, taken);
        gl_autofree char *own = gl_path_join(fixture.top, "m");
        gl_automigrations struct gl_migrations list = {0};
        assert_int_equal(gl_migrations_scan_as(own, rows[i].tool, &list, NULL), 0);
        assert_int_equal(list.count, rows[i].file != NULL);
        end(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_is_a_migration_of_the_folders_tool),
        cmocka_unit_test(what_was_taken_away_is_no_migration_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
