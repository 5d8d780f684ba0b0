/* What a migration says about itself in its header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/header.h"

static struct gl_migration_header read_header(const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_migration_header header = {0};
    if (gl_migration_header_read(sql, "m.sql", &header, &err) < 0)
        fail_msg("%u: %s", err.line, err.message);
    return header;
}

/* It must be refused in this line with these texts; hint NULL = none. */
static void refused(const char *sql, unsigned line, const char *message, const char *hint)
{
    gl_autoerr struct gl_error err = {0};
    gl_automigrationheader struct gl_migration_header header = {0};
    assert_int_equal(gl_migration_header_read(sql, "m.sql", &header, &err), GL_E_CONFIG);
    assert_string_equal(err.file, "m.sql");
    assert_int_equal(err.line, line);
    assert_string_equal(err.message, message);
    if (hint)
        assert_string_equal(err.hint, hint);
    else
        assert_null(err.hint);
    assert_null(header.phase); /* nothing is given after a failure */
}

static void all_words(void **state)
{
    (void)state;
    gl_automigrationheader struct gl_migration_header header =
        read_header("-- An ordinary comment.\n"
                    "-- golive: phase=contract expands=20260908090000 rollback=forward\n"
                    "/* golive: not read here */\n"
                    "--GoLive: order=app_first rollback-note=\"write mood back, = all of it\"\n"
                    "alter table a drop column b;\n"
                    "-- golive: nonsense after the first statement is no header\n");
    assert_string_equal(header.phase, "contract");
    assert_string_equal(header.rollback, "forward");
    assert_string_equal(header.rollback_note, "write mood back, = all of it");
    assert_string_equal(header.order, "app_first");
    assert_int_equal(header.expands, INT64_C(20260908090000));
}

static void batches(void **state)
{
    (void)state;
    gl_automigrationheader struct gl_migration_header header =
        read_header("-- no-transaction\n-- golive: batch=10000 sleep=2s\nupdate a set b = 1;");
    assert_int_equal(header.batch, 10000);
    assert_int_equal(header.sleep_ms, 2000);
    static const char *const bad[] = {"batch=0",       "batch=-1",
                                      "batch=1e4",     "batch=10000001",
                                      "batch=",        "sleep=50",
                                      "sleep=-1ms",    "sleep=61s",
                                      "sleep=60001ms", "sleep=9999999999999999999s"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gl_autofree char *sql = gl_asprintf("-- golive: %s", bad[i]);
        gl_autofree char *message = gl_asprintf("`%s` is not understood", bad[i]);
        refused(sql, 1, message,
                bad[i][0] == 'b' ? "Write `-- golive: batch=10000`, rows."
                                 : "Write `-- golive: sleep=50ms`, at most 60s.");
    }
    refused("-- golive: batch=1\n-- golive: batch=2", 2, "`batch` is said twice", NULL);
}

static void nothing_said(void **state)
{
    (void)state;
    gl_automigrationheader struct gl_migration_header header =
        read_header("-- add a column\nselect 1;");
    assert_null(header.phase);
    assert_null(header.rollback);
    assert_null(header.order);
    assert_int_equal(header.expands, 0);
    read_header("");
}

static void every_choice(void **state)
{
    (void)state;
    static const char *const good[] = {"phase=expand",     "phase=contract",  "rollback=down",
                                       "rollback=restore", "order=app_first", "order=expand_first"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        gl_autofree char *sql = gl_asprintf("-- golive: %s\n", good[i]);
        gl_automigrationheader struct gl_migration_header header = read_header(sql);
        const char *value = strchr(good[i], '=') + 1;
        const char *found = header.phase      ? header.phase
                            : header.rollback ? header.rollback
                                              : header.order;
        assert_string_equal(found, value);
    }
}

static void unknown_words(void **state)
{
    (void)state;
    refused("\n-- golive: phas=expand\n", 2, "`phas` says nothing about a migration",
            "did you mean `phase`?");
    refused("-- golive: zzzzzzzzzz=1\n", 1, "`zzzzzzzzzz` says nothing about a migration",
            "Write `-- golive: phase=expand` or `-- golive: phase=contract`.");
    refused("-- golive: contract\n", 1, "`contract` says nothing about a migration",
            "Write `-- golive: phase=expand` or `-- golive: phase=contract`.");
    refused("-- golive:\n", 1, "the comment `golive:` says nothing", NULL);
}

static void said_twice(void **state)
{
    (void)state;
    refused("-- golive: phase=expand\n-- golive: phase=expand\n", 2, "`phase` is said twice", NULL);
    refused("-- golive: expands=1 expands=2\n", 1, "`expands` is said twice", NULL);
}

static void bad_values(void **state)
{
    (void)state;
    refused("-- golive: phase=shrink\n", 1, "`phase=shrink` is not understood",
            "Write `-- golive: phase=expand` or `-- golive: phase=contract`.");
    refused("-- golive: rollback=\n", 1, "`rollback=` is not understood",
            "Write `-- golive: rollback=forward`, `=down` or `=restore`.");
    refused("-- golive: rollback-note=\"\"\n", 1, "`rollback-note=` is not understood",
            "Write `-- golive: rollback-note=\"what is done instead\"`.");
    refused("-- golive: expands=soon\n", 1, "`expands=soon` is not understood",
            "Write `-- golive: expands=20260908090000`, a version.");
    refused("-- golive: expands=-5\n", 1, "`expands=-5` is not understood",
            "Write `-- golive: expands=20260908090000`, a version.");
    refused("-- golive: expands=99999999999999999999\n", 1,
            "`expands=99999999999999999999` is not understood",
            "Write `-- golive: expands=20260908090000`, a version.");
}

static void quotes(void **state)
{
    (void)state;
    gl_automigrationheader struct gl_migration_header header =
        read_header("-- golive: rollback-note=\"never closed\n");
    assert_string_equal(header.rollback_note, "never closed");
    gl_automigrationheader struct gl_migration_header bare =
        read_header("-- golive: rollback-note=word phase=\"expand\"\r\n");
    assert_string_equal(bare.rollback_note, "word");
    assert_string_equal(bare.phase, "expand");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_words),     cmocka_unit_test(batches),
        cmocka_unit_test(nothing_said),  cmocka_unit_test(every_choice),
        cmocka_unit_test(unknown_words), cmocka_unit_test(said_twice),
        cmocka_unit_test(bad_values),    cmocka_unit_test(quotes),
    };
    return cmocka_run_group_tests_name("migrate/header", tests, NULL, NULL);
}
