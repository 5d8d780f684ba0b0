/* Texts that are no migration, or a strange one. */
#include "fixture.h"

static void lint_bytes(const char *sql, size_t len, struct gl_lint_result *ret_result)
{
    gl_autoerr struct gl_error err = {0};
    const struct gl_lint_options options = {0};
    if (gl_lint_text("m.sql", sql, len, &options, ret_result, &err) < 0)
        fail_msg("%s", err.message);
}

static void place_of(const char *sql, const char *rule, unsigned line, unsigned column)
{
    gl_autolint struct gl_lint_result result = {0};
    lint_bytes(sql, strlen(sql), &result);
    const struct gl_lint_finding *finding = find(&result, rule);
    if (!finding || finding->line != line || finding->column != column)
        fail_msg("%s: %s at %u:%u, expected %u:%u", sql, rule, finding ? finding->line : 0,
                 finding ? finding->column : 0, line, column);
}

static void places(void **state)
{
    (void)state;
    place_of("SELECT 1;\n\n  -- c\n  SELEC 2;", "syntax-error", 4, 3);
    place_of("SELECT 1;\nSELECT 'あいう' FRM x y;\n", "syntax-error", 2, 18);
    place_of("-- あ\n/* あ */ CREATE INDEX i ON t (a);", "create-index", 2, 9);
    place_of("ALTER TABLE t ADD a int,\n  /* , */ ADD CHECK (a IN (1, 2)),\n DROP COLUMN b;",
             "add-check", 2, 11);
    place_of("ALTER TABLE t ADD a int,\n  /* , */ ADD CHECK (a IN (1, 2)),\n DROP COLUMN b;",
             "drop-column", 3, 2);
    place_of("ALTER TABLE \"s.x\" . \"t,\" ADD CHECK (a > 1)", "add-check", 1, 26);
    /* In front of a statement that does not parse, each is parsed alone. */
    place_of("SELECT 1;\nSELEC 1;\nALTER TABLE t\n ADD CHECK (a > 1);", "add-check", 4, 2);
    place_of("SELEC 1;\nCREATE TABLE c (a int,\n b json);", "style-json", 3, 2);
}

/* One statement that cannot be parsed hides no other. */
static void the_rest_is_judged(void **state)
{
    (void)state;
    gl_autolint struct gl_lint_result result = {0};
    const char *sql = "CREATE INDEX i ON t (a);\nSELEC 1;\nDROP TABLE t;";
    lint_bytes(sql, strlen(sql), &result);
    assert_int_equal(result.statements, 3);
    assert_non_null(find(&result, "create-index"));
    assert_non_null(find(&result, "drop-table"));
}

static void nul_byte(void **state)
{
    (void)state;
    gl_autolint struct gl_lint_result result = {0};
    lint_bytes("SELECT 1;\n\0DROP TABLE t;", 24, &result);
    assert_int_equal(result.count, 1);
    assert_string_equal(result.findings[0].rule->id, "unreadable-file");
    assert_int_equal(result.findings[0].line, 2);
}

static char *repeat(const char *front, const char *part, size_t times, const char *back)
{
    gl_autobuf struct gl_buf text = {0};
    gl_buf_puts(&text, front);
    for (size_t i = 0; i < times; i++)
        gl_buf_puts(&text, part);
    gl_buf_puts(&text, back);
    return gl_buf_steal(&text);
}

/* Neither PostgreSQL's parser nor what reads its tree ends on the stack. */
static void deep_nesting(void **state)
{
    (void)state;

    static const struct {
        const char *front, *part, *back;
    } shapes[] = {
        {"SELECT ",   "(",                 ""     },
        {"SELECT 1",  " + 1",              ";"    },
        {"SELECT ",   "NOT ",              "true;"},
        {"SELECT ",   "- ",                "1;"   },
        {"SELECT a",  "[1]",               ";"    },
        {"SELECT 1",  " UNION SELECT 1",   ";"    },
        {"",          "SELECT * FROM (",   ""     },
        {"SELECT ",   "CASE WHEN a THEN ", ""     },
        {"SELECT a",  "::int",             ";"    },
        {"SELECT a",  " COLLATE \"C\"",    ";"    },
        {"SELECT ",   "f(",                ""     },
        {"SELECT a ", "IS NULL ",          ";"    },
    };

    static const size_t times[] = {1000, 9000, 39000, 300000};
    for (size_t i = 0; i < GL_COUNT(shapes); i++) {
        for (size_t k = 0; k < GL_COUNT(times); k++) {
            gl_autolint struct gl_lint_result result = {0};
            gl_autofree char *sql =
                repeat(shapes[i].front, shapes[i].part, times[k], shapes[i].back);
            lint_bytes(sql, strlen(sql), &result);
        }
    }
}

static void large_statements_are_not_judged(void **state)
{
    (void)state;
    gl_autofree char *sql = repeat("INSERT INTO t VALUES (0)", ", (1234567890)", 100000, ";");
    gl_autolint struct gl_lint_result result = {0};
    lint_bytes(sql, strlen(sql), &result);
    assert_int_equal(result.count, 1);
    assert_string_equal(result.findings[0].rule->id, "not-judged");
}

/* Neither do files that hold data fill the memory. */
static void large_files_are_not_read(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    const struct gl_lint_options options = {0};
    gl_autolint struct gl_lint_result result = {0};
    write_files(NULL, "SELECT 1;", 9, &files);
    assert_int_equal(truncate(files.items[0].path, 17 << 20), 0);
    assert_int_equal(gl_lint_run(&files, &options, &result, &err), 0);
    assert_string_equal(result.findings[0].rule->id, "not-judged");
    gl_autolint struct gl_lint_result again = {0};
    assert_int_equal(truncate(files.items[0].path, 100 << 20), 0);
    assert_int_equal(gl_lint_run(&files, &options, &again, &err), 0);
    assert_string_equal(again.findings[0].rule->id, "unreadable-file");
}

static void large_files_are(void **state)
{
    (void)state;
    gl_autofree char *sql =
        repeat("", "INSERT INTO t (a) VALUES (1);\n", 50000, "CREATE INDEX i ON t (a);");
    gl_autolint struct gl_lint_result result = {0};
    lint_bytes(sql, strlen(sql), &result);
    assert_int_equal(result.statements, 50001);
    assert_int_equal(result.count, 1);
    assert_int_equal(result.findings[0].line, 50001);
}

static void newer_syntax_is_said(void **state)
{
    (void)state;
    static const char sql[] = "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID;";
    const struct gl_lint_options old = {.server_version = 15};
    gl_autolint struct gl_lint_result unknown = {0};
    gl_autolint struct gl_lint_result fifteen = {0};
    lint(NULL, sql, &unknown);
    lint_with(NULL, sql, &old, &fifteen);
    assert_non_null(strstr(find(&unknown, "newer-syntax")->message, "PostgreSQL 18"));
    assert_non_null(strstr(find(&unknown, "newer-syntax")->message, "golive migrate trace"));
    assert_null(find(&fifteen, "newer-syntax"));
    assert_non_null(find(&fifteen, "syntax-error"));
}

static void meta_commands_do_not_hide(void **state)
{
    (void)state;
    gl_autolint struct gl_lint_result result = {0};
    const char *sql = "\\set ON_ERROR_STOP on\nCOPY t FROM stdin;\n'\t;\n\\.\nDROP TABLE t;";
    lint_bytes(sql, strlen(sql), &result);
    assert_int_equal(find(&result, "psql-command")->line, 1);
    assert_int_equal(find(&result, "drop-table")->line, 5);
    assert_null(find(&result, "syntax-error"));
}

static void directories(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autofree char *dir = gl_asprintf("%s/m", scratch);
    static const char *const names[] = {"10_b.sql", "9_a.sql", "10_b.down.sql", "README.md"};
    assert_int_equal(gl_mkdir_p(dir, 0700, &err), 0);
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        gl_autofree char *path = gl_path_join(dir, names[i]);
        assert_int_equal(gl_write_text(path, "SELECT 1;", 0600, &err), 0);
    }
    assert_int_equal(gl_lint_files_add(&files, dir, &err), 0);
    assert_int_equal(files.count, 2);
    assert_true(gl_ends_with(files.items[0].path, "/9_a.sql"));
    assert_true(gl_ends_with(files.items[1].path, "/10_b.sql"));
    gl_autofree char *again = gl_path_join(dir, "0010_c.sql");
    assert_int_equal(gl_write_text(again, "SELECT 1;", 0600, &err), 0);
    gl_autolintfiles struct gl_lint_files twice = {0};
    assert_int_equal(gl_lint_files_add(&twice, dir, &err), GL_E_CONFIG);
    assert_int_equal(gl_lint_files_add(&twice, "/nowhere", &err), GL_E_NOT_FOUND);
    assert_int_equal(gl_remove_tree(dir, &err), 0);
}

static void a_missing_file_is_a_finding(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    struct gl_lint_file gone = {.path = (char *)"/nowhere/1_a.sql"};
    const struct gl_lint_files files = {&gone, 1};
    const struct gl_lint_options options = {0};
    gl_autolint struct gl_lint_result result = {0};
    assert_int_equal(gl_lint_run(&files, &options, &result, &err), 0);
    assert_non_null(find(&result, "unreadable-file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places),
        cmocka_unit_test(the_rest_is_judged),
        cmocka_unit_test(nul_byte),
        cmocka_unit_test(deep_nesting),
        cmocka_unit_test(large_statements_are_not_judged),
        cmocka_unit_test(large_files_are_not_read),
        cmocka_unit_test(large_files_are),
        cmocka_unit_test(newer_syntax_is_said),
        cmocka_unit_test(meta_commands_do_not_hide),
        cmocka_unit_test(directories),
        cmocka_unit_test(a_missing_file_is_a_finding),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
