/* Comments that allow a finding. */
#include "fixture.h"

#define ALLOW "-- golive-lint: allow=create-index reason=\"ten rows\"\n"

static bool allowed(const char *sql, const char *rule)
{
    gl_autolint struct gl_lint_result result = {0};
    lint(NULL, sql, &result);
    const struct gl_lint_finding *finding = find(&result, rule);
    if (!finding)
        fail_msg("%s finds nothing: %s", rule, sql);
    return finding->allowed;
}

static void of_the_statement_behind(void **state)
{
    (void)state;
    assert_true(allowed(ALLOW "CREATE INDEX i ON t (a);", "create-index"));
    assert_true(allowed(ALLOW "-- why\n\nCREATE INDEX i ON t (a);", "create-index"));
    assert_true(allowed("SELECT 1;\n" ALLOW "CREATE INDEX i ON t (a);", "create-index"));
    assert_true(allowed("CREATE INDEX i\n" ALLOW "ON t (a);", "create-index"));
    assert_false(allowed(ALLOW "SELECT 1;\nCREATE INDEX i ON t (a);", "create-index"));
    assert_true(allowed(ALLOW "DO $$ BEGIN CREATE INDEX i ON t (a); END $$;", "create-index"));
    assert_false(allowed("CREATE INDEX i ON t (a);\n" ALLOW, "create-index"));
    assert_false(allowed(ALLOW "CREATE INDEX i ON t (a); DROP TABLE t;", "drop-table"));
}

static void of_the_whole_file(void **state)
{
    (void)state;
    gl_autolint struct gl_lint_result result = {0};
    lint(NULL,
         "-- golive-lint: allow-file=create-index,drop-table reason=\"night\"\n"
         "SELECT 1; CREATE INDEX i ON t (a); CREATE INDEX j ON t (a); DROP TABLE t;",
         &result);
    for (size_t i = 0; i < result.count; i++) {
        assert_true(result.findings[i].allowed);
        assert_string_equal(result.findings[i].reason, "night");
    }
    assert_int_equal(result.count, 3);
    assert_int_equal(gl_lint_count(&result, GL_LINT_ERROR), 0);
}

static void without_a_reason(void **state)
{
    (void)state;
    assert_false(
        allowed("-- golive-lint: allow=create-index\nCREATE INDEX i ON t (a);", "create-index"));
    assert_false(allowed("-- golive-lint: allow=create-index reason=\"\"\nCREATE INDEX i ON t (a);",
                         "create-index"));
    expect_found(NULL, "-- golive-lint: allow=create-index reason=\nCREATE INDEX i ON t (a);",
                 "allow-comment");
}

/* One of two rules in a comment may be needed no more. */
static void unused_ones_are_found(void **state)
{
    (void)state;
    expect_found(NULL,
                 "-- golive-lint: allow=create-index,drop-table reason=\"x\"\n"
                 "CREATE INDEX i ON t (a);",
                 "unused-allow");
    expect_found(NULL, ALLOW "SELECT 1;", "unused-allow");
    expect_not_found(NULL, ALLOW "CREATE INDEX i ON t (a);", "unused-allow");
}

/* An UPDATE of so many columns that its tree does not share a block of memory with others. */
static void add_update(struct gl_buf *sql)
{
    gl_buf_puts(sql, "UPDATE t SET a = 1");
    for (int i = 0; i < 100; i++)
        gl_buf_printf(sql, ", a%d = %d", i, i);
    gl_buf_puts(sql, ";\n");
}

/* What is said of the file behind a block is not said of the block's last relation. */
static void unused_before_a_block(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf sql = {0};
    gl_autolint struct gl_lint_result result = {0};
    gl_buf_puts(&sql, "-- golive-lint: allow=drop-table reason=\"x\"\nDO $$ BEGIN\n");
    add_update(&sql);
    add_update(&sql);
    gl_buf_puts(&sql, "END $$;");
    lint(NULL, gl_buf_text(&sql), &result);
    const struct gl_lint_finding *unused = find(&result, "unused-allow");
    assert_non_null(unused);
    assert_null(unused->relation);
    assert_non_null(find(&result, "change-all-rows"));
}

/* A string or a block comment is no comment to the linter. */
static void only_line_comments(void **state)
{
    (void)state;
    assert_false(allowed("/* golive-lint: allow=create-index reason=\"x\" */ CREATE INDEX i ON t "
                         "(a);",
                         "create-index"));
    assert_false(allowed("SELECT '\n" ALLOW "'; CREATE INDEX i ON t (a);", "create-index"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_statement_behind), cmocka_unit_test(of_the_whole_file),
        cmocka_unit_test(without_a_reason),        cmocka_unit_test(unused_ones_are_found),
        cmocka_unit_test(unused_before_a_block),   cmocka_unit_test(only_line_comments),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
