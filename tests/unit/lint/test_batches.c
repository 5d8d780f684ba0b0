/* Files in batches: when the runner cuts a statement, and the safe forms that say so. */
#include "fixture.h"
#include "migrate/batch_text.h"
#include "migrate/header.h"

#define UPDATE "UPDATE t SET a = 1;"

/* The runner reads what is before the first statement, and nothing else. */
static void only_the_head_counts(void **state)
{
    (void)state;
    expect_not_found(NULL, "-- no-transaction\n-- golive: batch=100\n" UPDATE, "change-all-rows");
    expect_found(NULL, "SELECT 1;\n-- golive: batch=100\n" UPDATE, "change-all-rows");
    expect_found(NULL, UPDATE "\n-- golive: batch=100\n", "change-all-rows");
    expect_found(NULL, "-- golive: expands=1 batch=none\n" UPDATE, "change-all-rows");
}

/* From its first line to the end of its statement. */
static char *file_in(const char *safe)
{
    const char *begin = strstr(safe, "-- no-transaction\n-- golive: batch=");
    const char *end = begin ? strchr(begin, ';') : NULL;
    return end ? gl_strndup(begin, (size_t)(end - begin) + 1) : NULL;
}

static void safe_forms_run(void **state)
{
    (void)state;

    static const struct {
        const char *rule, *sql;
    } cases[] = {
        {"change-all-rows",             UPDATE                                                   },
        {"change-all-rows",             "DELETE FROM t"                                          },
        {"alter-column-type",           "ALTER TABLE t ALTER a TYPE bigint;"                     },
        {"add-column-auto-number",      "ALTER TABLE t ADD n serial;"                            },
        {"add-column-generated",        "ALTER TABLE t ADD n int GENERATED ALWAYS AS (1) STORED;"},
        {"add-column-not-null",         "ALTER TABLE t ADD n int NOT NULL;"                      },
        {"add-column-volatile-default", "ALTER TABLE t ADD n float DEFAULT random();"            },
        {"rename-column",               "ALTER TABLE t RENAME a TO n;"                           },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autolint struct gl_lint_result result = {0};
        gl_automigrationheader struct gl_migration_header header = {0};
        gl_autobatchtext struct gl_batch_text text = {0};
        lint(NULL, cases[i].sql, &result);
        const struct gl_lint_finding *finding = find(&result, cases[i].rule);
        assert_non_null(finding);
        gl_autofree char *file = file_in(finding->sql);
        if (!file)
            fail_msg("%s: no file in batches: %s", cases[i].rule, finding->sql);
        if (gl_migration_header_read(file, "x.sql", &header, &err) < 0 ||
            gl_batch_text_read(file, "x.sql", &text, &err) < 0)
            fail_msg("%s: %s: %s", cases[i].rule, err.message, file);
        assert_int_equal(header.batch, 10000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_head_counts),
        cmocka_unit_test(safe_forms_run),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
