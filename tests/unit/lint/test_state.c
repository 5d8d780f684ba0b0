/* What is known across statements and files. */
#include "fixture.h"

/* The safe way to NOT NULL, file by file. */
static void not_null_by_check(void **state)
{
    (void)state;
    const char *way = "CREATE TABLE t (a int);\n----\n"
                      "ALTER TABLE t ADD CONSTRAINT k CHECK (a IS NOT NULL) NOT VALID;\n----\n"
                      "ALTER TABLE t VALIDATE CONSTRAINT k;";
    expect_quiet(way, "ALTER TABLE t ALTER a SET NOT NULL; ALTER TABLE t DROP CONSTRAINT k;");
    gl_autofree char *dropped = gl_asprintf("%s\n----\nALTER TABLE t DROP CONSTRAINT k;", way);
    expect_found(dropped, "ALTER TABLE t ALTER a SET NOT NULL;", "set-not-null");
}

static void renames_are_followed(void **state)
{
    (void)state;
    const char *before = "CREATE TABLE t (a varchar(10));\n----\n"
                         "ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME a TO b;";
    expect_quiet(before, "ALTER TABLE u ALTER b TYPE varchar(20);");
    expect_found(before, "ALTER TABLE u ALTER b TYPE varchar(5);", "alter-column-type");
    expect_found(before, "ALTER TABLE t ALTER a TYPE varchar(20);", "alter-column-type");
}

static void schemas_are_told_apart(void **state)
{
    (void)state;
    expect_found("CREATE TABLE x (a int);", "CREATE TABLE s.x (a int); CREATE INDEX i ON x (a);",
                 "create-index");
    expect_not_found(NULL, "CREATE TABLE s.x (a int); CREATE INDEX i ON s.x (a);", "create-index");
    expect_not_found(NULL,
                     "SET search_path = s; CREATE TABLE x (a int); CREATE INDEX i ON s.x (a);",
                     "create-index");
    expect_not_found(NULL, "CREATE TABLE public.x (a int); CREATE INDEX i ON x (a);",
                     "create-index");
}

static void a_dropped_table_is_forgotten(void **state)
{
    (void)state;
    expect_found("CREATE TABLE t (a varchar(10)); DROP TABLE t;",
                 "ALTER TABLE t ALTER a TYPE varchar(20);", "alter-column-type");
    expect_not_found("CREATE TABLE t (a int);",
                     "DROP TABLE t; CREATE TABLE t (a int); "
                     "CREATE INDEX i ON t (a);",
                     "create-index");
}

/* IF NOT EXISTS of a table that is there makes none. */
static void if_not_exists_makes_nothing(void **state)
{
    (void)state;
    expect_found("CREATE TABLE t (a int);",
                 "CREATE TABLE IF NOT EXISTS t (a int); CREATE INDEX i ON t (a);", "create-index");
}

static void settings_end_with_their_file(void **state)
{
    (void)state;
    expect_not_found("CREATE TABLE t (a timestamp);\n----\nSET TIME ZONE 'Asia/Tokyo';",
                     "ALTER TABLE t ALTER a TYPE timestamptz;", "alter-column-type");
    expect_found("CREATE TABLE t (a timestamp);",
                 "SET TIME ZONE 'Asia/Tokyo'; ALTER TABLE t ALTER a TYPE timestamptz;",
                 "alter-column-type");
    expect_found("CREATE TABLE t (a timestamp);",
                 "SET LOCAL timezone = '+9'; ALTER TABLE t ALTER a TYPE timestamptz;",
                 "alter-column-type");
}

/* golive and sqlx run migrations in UTC; another runner may not. */
static void time_zones(void **state)
{
    (void)state;
    const struct gl_lint_options tokyo = {.time_zone = "Asia/Tokyo"};
    gl_autolint struct gl_lint_result result = {0};
    lint_with("CREATE TABLE t (a timestamp);", "ALTER TABLE t ALTER a TYPE timestamptz;", &tokyo,
              &result);
    assert_non_null(find(&result, "alter-column-type"));
    expect_not_found("CREATE TABLE t (a timestamp);", "ALTER TABLE t ALTER a TYPE timestamptz;",
                     "alter-column-type");
}

/* An index of the column is built anew, which the catalogue alone does not do. */
static void indexes_of_other_operators(void **state)
{
    (void)state;
    const struct gl_lint_options utc = {.time_zone = "UTC"};
    gl_autolint struct gl_lint_result result = {0};
    lint_with("CREATE TABLE t (a timestamp); CREATE INDEX i ON t (a);",
              "ALTER TABLE t ALTER a TYPE timestamptz;", &utc, &result);
    assert_non_null(find(&result, "alter-column-type"));
}

static void sizes_weigh(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_asprintf("%s/stats.json", scratch);
    const char *text = "{\"relations\": ["
                       "{\"relation\": \"public.small\", \"rows\": 120, \"bytes\": 16384},"
                       "{\"relation\": \"public.large\", \"rows\": 90000000, \"bytes\": 9999999}]}";
    assert_int_equal(gl_write_text(path, text, 0600, &err), 0);
    gl_autolintsizes struct gl_lint_sizes sizes = {0};
    assert_int_equal(gl_lint_sizes_read(path, &sizes, &err), 0);
    assert_int_equal(unlink(path), 0);
    const struct gl_lint_options options = {.sizes = &sizes};
    gl_autolint struct gl_lint_result result = {0};
    lint_with(NULL, "CREATE INDEX i ON small (a); CREATE INDEX j ON large (a);", &options, &result);
    assert_int_equal(result.count, 2);
    assert_int_equal(result.findings[0].severity, GL_LINT_INFO);
    assert_int_equal(result.findings[1].severity, GL_LINT_ERROR);
    assert_non_null(strstr(result.findings[1].message, "90000000"));
}

static void sizes_that_are_none(void **state)
{
    (void)state;
    static const char negative[] =
        "{\"relations\": [{\"relation\": \"x\", \"rows\": -1, \"bytes\": 1}]}";
    static const char *const bad[] = {"{}", "[]", "{\"relations\": [{\"relation\": \"x\"}]}",
                                      negative, "not json"};
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autolintsizes struct gl_lint_sizes sizes = {0};
        gl_autofree char *path = gl_asprintf("%s/stats.json", scratch);
        assert_int_equal(gl_write_text(path, bad[i], 0600, &err), 0);
        assert_int_equal(gl_lint_sizes_read(path, &sizes, &err), GL_E_CORRUPT);
        assert_int_equal(unlink(path), 0);
    }
}

static void phases(void **state)
{
    (void)state;

    static const struct {
        const char *sql;
        enum gl_phase phase;
    } cases[] = {
        {"ALTER TABLE t ADD a int;",                                               GL_PHASE_EXPAND  },
        {"ALTER TABLE t ADD a int NOT NULL;",                                      GL_PHASE_CONTRACT},
        {"ALTER TABLE t DROP CONSTRAINT k;",                                       GL_PHASE_EXPAND  },
        {"DELETE FROM t;",                                                         GL_PHASE_CONTRACT},
        {"DELETE FROM t WHERE a = 1;",                                             GL_PHASE_EXPAND  },
        {"DROP VIEW v; CREATE VIEW v AS SELECT 1;",                                GL_PHASE_EXPAND  },
        {"CREATE TABLE t (a int); ALTER TABLE t DROP a;",                          GL_PHASE_EXPAND  },
        {"SELECT 'drop table t';",                                                 GL_PHASE_EXPAND  },
        {"-- golive: phase=expand\nDROP TABLE t;",                                 GL_PHASE_CONTRACT},
        {"CREATE TABLE t (a varchar(2)); ALTER TABLE t ALTER a TYPE int USING 1;", GL_PHASE_EXPAND  },
        {"not sql",                                                                GL_PHASE_EXPAND  },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *reason = NULL;
        if (gl_lint_phase(cases[i].sql, &reason) != cases[i].phase)
            fail_msg("%s: %s", cases[i].sql, reason ? reason : "expands");
        assert_int_equal(reason != NULL, cases[i].phase == GL_PHASE_CONTRACT);
    }
}

static void an_undeclared_phase_is_explained(void **state)
{
    (void)state;
    gl_autolint struct gl_lint_result result = {0};
    lint(NULL, "SELECT 1;\nDROP TABLE t;", &result);
    assert_int_equal(result.notes.count, 1);
    assert_non_null(strstr(result.notes.items[0], "_last.sql:2:"));
    assert_non_null(strstr(result.notes.items[0], "phase=contract"));
    assert_int_equal(find(&result, "drop-table")->severity, GL_LINT_WARNING);
}

static void declared_phases_decide(void **state)
{
    (void)state;
    gl_autolint struct gl_lint_result expand = {0};
    gl_autolint struct gl_lint_result contract = {0};
    lint(NULL, "-- golive: phase=expand\nDROP TABLE t;", &expand);
    lint(NULL, "-- golive: phase=contract\nDROP TABLE t;", &contract);
    assert_int_equal(find(&expand, "drop-table")->severity, GL_LINT_ERROR);
    assert_int_equal(gl_lint_count(&contract, GL_LINT_ERROR), 0);
    assert_int_equal(gl_lint_count(&contract, GL_LINT_WARNING), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(not_null_by_check),
        cmocka_unit_test(renames_are_followed),
        cmocka_unit_test(schemas_are_told_apart),
        cmocka_unit_test(a_dropped_table_is_forgotten),
        cmocka_unit_test(if_not_exists_makes_nothing),
        cmocka_unit_test(settings_end_with_their_file),
        cmocka_unit_test(time_zones),
        cmocka_unit_test(indexes_of_other_operators),
        cmocka_unit_test(sizes_weigh),
        cmocka_unit_test(sizes_that_are_none),
        cmocka_unit_test(phases),
        cmocka_unit_test(an_undeclared_phase_is_explained),
        cmocka_unit_test(declared_phases_decide),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
