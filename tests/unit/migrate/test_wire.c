/* What migrations say that run elsewhere: what was written is read again; what strangers write is
 * not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/strv.h"
#include "migrate/wire.h"

static struct gl_migration items[] = {
    {.version = 7,  .path = "/here/7_users.sql"},
    {.version = 12, .path = "/here/12_drop.sql", .phase = GL_PHASE_CONTRACT},
    {.version = 300,             .path = "/here/300_index.sql"                          },
};
static const struct gl_migrations list = {items, GL_COUNT(items)};

/* What the callback saw, one line an event. */
static struct gl_buf seen;

static void on_event(const struct gl_migrate_event *event, void *context)
{
    (void)context;
    gl_buf_printf(&seen, "%d %lld %s %lld\n", (int)event->kind,
                  (long long)event->migration->version, event->detail ? event->detail : "-",
                  (long long)event->elapsed_us);
}

static int forget(void **state)
{
    (void)state;
    gl_buf_done(&seen);
    return 0;
}

/* Feeds lines; the number that was understood. */
static size_t feed(struct gl_wire *wire, const char *text)
{
    gl_autostrv struct gl_strv lines = {0};
    size_t understood = 0;
    gl_strv_split(&lines, text, "\n");
    for (size_t i = 0; i < lines.count; i++)
        understood += gl_wire_read(wire, lines.items[i], strlen(lines.items[i]));
    return understood;
}

static struct gl_wire new_wire(void)
{
    return (struct gl_wire){.list = &list, .on_event = on_event};
}

static void events_come_as_they_happened(void **state)
{
    (void)state;
    const struct gl_migrate_event events[] = {
        {&items[0], GL_MIGRATE_BEGIN,   NULL,                            0   },
        {&items[0], GL_MIGRATE_BLOCKED, "process 41 (\"psql\")\n移行", 0   },
        {&items[0], GL_MIGRATE_RETRY,   NULL,                            0   },
        {&items[2], GL_MIGRATE_DONE,    NULL,                            1234},
    };
    gl_autowire struct gl_wire wire = new_wire();
    for (size_t i = 0; i < GL_COUNT(events); i++) {
        gl_autofree char *line = gl_wire_event(&events[i]);
        assert_int_equal(feed(&wire, line), 1);
    }
    assert_string_equal(gl_buf_text(&seen), "0 7 - 0\n2 7 process 41 (\"psql\")\n移行 0\n3 7 - 0\n"
                                            "1 300 - 1234\n");
}

static void numbers_of_a_backfill_come_whole(void **state)
{
    (void)state;
    const struct gl_migrate_event event = {
        .migration = &items[0],
        .kind = GL_MIGRATE_PROGRESS,
        .elapsed_us = 5,
        .rows = 40,
        .looked = 70,
        .estimate = 1000,
        .rate_per_s = 14,
    };
    gl_autowire struct gl_wire wire = new_wire();
    gl_autofree char *line = gl_wire_event(&event);
    assert_string_equal(line,
                        "{\"elapsed_us\":5,\"estimate\":1000,\"golive\":\"progress\",\"looked\""
                        ":70,\"rate_per_s\":14,\"rows\":40,\"version\":7}\n");
    assert_int_equal(feed(&wire, line), 1);
    assert_string_equal(gl_buf_text(&seen), "4 7 - 5\n");
    assert_int_equal(feed(&wire, "{\"golive\":\"progress\",\"version\":7,\"elapsed_us\":5}"), 0);
    assert_int_equal(feed(&wire, "{\"golive\":\"done\",\"version\":7,\"elapsed_us\":5}"), 1);
    assert_int_equal(
        feed(&wire, "{\"golive\":\"done\",\"version\":7,\"elapsed_us\":5,\"rows\":-1}"), 0);
}

static void the_status_comes_whole(void **state)
{
    (void)state;

    enum gl_migration_state states[] = {GL_MIGRATION_APPLIED, GL_MIGRATION_PENDING,
                                        GL_MIGRATION_PENDING};
    const struct gl_migrate_status there = {
        .states = states, .count = 3, .missing = 2, .first_missing = -5, .fresh = false};
    gl_autoerr struct gl_error err = {0};
    gl_autowire struct gl_wire wire = new_wire();
    gl_automigratestatus struct gl_migrate_status here = {0};
    gl_autofree char *lines = gl_wire_status(&list, &there);
    assert_int_equal(feed(&wire, lines), 4);
    assert_int_equal(gl_wire_take_status(&wire, &here, &err), 0);
    assert_int_equal(here.count, 3);
    assert_memory_equal(here.states, states, sizeof states);
    assert_int_equal(here.pending_expand, 1);
    assert_int_equal(here.pending_contract, 1);
    assert_int_equal(here.missing, 2);
    assert_int_equal(here.first_missing, -5);
    assert_false(here.fresh);
}

/* A late file had no word, and how far batches came was not said. */
static void every_state_comes_whole(void **state)
{
    (void)state;

    enum gl_migration_state states[] = {GL_MIGRATION_DIRTY, GL_MIGRATION_LATE, GL_MIGRATION_EDITED};
    struct gl_migrate_found found[] = {
        {.checksum_ok = true,
         .checksum = {1, 0xab, 0xff},
         .known = true,
         .looked = 5,
         .changed = 4,
         .estimate = 9,
         .pass = 2,
         .at_unix_s = 1789000000},
        {0        },
        {.checksum_ok = true,           .checksum = {7}               },
    };
    const struct gl_migrate_status there = {
        .states = states, .found = found, .count = 3, .newest = 300, .running = "process 7"};
    gl_autoerr struct gl_error err = {0};
    gl_autowire struct gl_wire wire = new_wire();
    gl_automigratestatus struct gl_migrate_status here = {0};
    gl_autofree char *lines = gl_wire_status(&list, &there);
    assert_int_equal(feed(&wire, lines), 4);
    assert_int_equal(gl_wire_take_status(&wire, &here, &err), 0);
    assert_memory_equal(here.states, states, sizeof states);
    assert_memory_equal(here.found[0].checksum, found[0].checksum, GL_SHA384_SIZE);
    assert_memory_equal(here.found[2].checksum, found[2].checksum, GL_SHA384_SIZE);
    assert_true(here.found[0].checksum_ok && !here.found[1].checksum_ok && here.found[0].known &&
                !here.found[2].known);
    assert_int_equal(here.found[0].looked, 5);
    assert_int_equal(here.found[0].changed, 4);
    assert_int_equal(here.found[0].estimate, 9);
    assert_int_equal(here.found[0].pass, 2);
    assert_int_equal(here.found[0].at_unix_s, 1789000000);
    assert_int_equal(here.newest, 300);
    assert_string_equal(here.running, "process 7");
    assert_int_equal(here.pending_expand + here.pending_contract, 1);
    /* A checksum that is none, and a number below zero, are a stranger's. */
    assert_int_equal(feed(&wire, "{\"golive\":\"state\",\"state\":\"dirty\",\"version\":7,"
                                 "\"checksum\":\"0g\"}"),
                     0);
    assert_int_equal(feed(&wire, "{\"golive\":\"state\",\"state\":\"dirty\",\"version\":7,"
                                 "\"looked\":-1}"),
                     0);
    assert_int_equal(feed(&wire, "{\"golive\":\"state\",\"state\":\"missing\",\"version\":7}"), 0);
}

static void passes_come_whole(void **state)
{
    (void)state;
    const struct gl_migrate_event event = {
        .migration = &items[0], .kind = GL_MIGRATE_DONE, .pass = 5, .left = 3, .once = true};
    gl_autowire struct gl_wire wire = new_wire();
    gl_autofree char *line = gl_wire_event(&event);
    assert_string_equal(line, "{\"elapsed_us\":0,\"golive\":\"done\",\"left\":3,\"once\":true,"
                              "\"pass\":5,\"rows\":0,\"version\":7}\n");
    assert_int_equal(feed(&wire, line), 1);
    assert_int_equal(
        feed(&wire, "{\"golive\":\"done\",\"version\":7,\"elapsed_us\":5,\"left\":-1}"), 0);
}

/* A line that CloudWatch lost must not make a pending migration an applied one. */
static void a_lost_line_is_noticed(void **state)
{
    (void)state;

    enum gl_migration_state states[] = {GL_MIGRATION_APPLIED, GL_MIGRATION_PENDING,
                                        GL_MIGRATION_EDITED};
    const struct gl_migrate_status there = {.states = states, .count = 3};
    gl_autofree char *text = gl_wire_status(&list, &there);
    gl_autostrv struct gl_strv lines = {0};
    gl_strv_split(&lines, text, "\n");
    assert_int_equal(lines.count, 4);
    for (size_t lost = 0; lost < lines.count; lost++) {
        gl_autoerr struct gl_error err = {0};
        gl_autowire struct gl_wire wire = new_wire();
        gl_automigratestatus struct gl_migrate_status here = {0};
        for (size_t i = 0; i < lines.count; i++) {
            if (i != lost)
                assert_true(gl_wire_read(&wire, lines.items[i], strlen(lines.items[i])));
        }
        assert_int_equal(gl_wire_take_status(&wire, &here, &err), GL_E_CORRUPT);
    }
}

static void a_success_has_its_numbers(void **state)
{
    (void)state;
    const struct gl_migrate_result there = {3, 1, 2500, 4};
    gl_autoerr struct gl_error err = {0};
    gl_autowire struct gl_wire wire = new_wire();
    gl_autofree char *line = gl_wire_result(&there, NULL);
    struct gl_migrate_result here = {0};
    assert_int_equal(feed(&wire, line), 1);
    assert_int_equal(gl_wire_take_result(&wire, &here, &err), 0);
    assert_int_equal(here.applied, 3);
    assert_int_equal(here.held, 1);
    assert_int_equal(here.longest_lock_us, 2500);
    assert_int_equal(here.lock_retries, 4);
}

static void a_failure_keeps_place_and_hint(void **state)
{
    (void)state;
    const struct gl_migrate_result there = {.applied = 1};
    gl_autoerr struct gl_error cause = {0};
    gl_fail(&cause, GL_E_DATABASE, "type \"imt\" does not exist (SQLSTATE 42704)");
    gl_error_hint(&cause, "Correct it.");
    gl_error_at(&cause, "/app/migrations/300_index.sql", 5, 11);
    gl_autowire struct gl_wire wire = new_wire();
    gl_autofree char *line = gl_wire_result(&there, &cause);
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result here = {0};
    assert_int_equal(feed(&wire, line), 1);
    assert_int_equal(gl_wire_take_result(&wire, &here, &err), GL_E_DATABASE);
    assert_string_equal(err.message, "type \"imt\" does not exist (SQLSTATE 42704)");
    assert_string_equal(err.hint, "Correct it.");
    assert_string_equal(err.file, "/here/300_index.sql");
    assert_int_equal(err.line, 5);
    assert_int_equal(err.column, 11);
    assert_int_equal(here.applied, 1);
}

static void every_code_comes_back(void **state)
{
    (void)state;
    static const int all[] = {
#define row(name, status, word) name,
        GL_ERROR_TABLE(row)
#undef row
    };
    for (size_t i = 0; i < GL_COUNT(all); i++) {
        gl_autoerr struct gl_error cause = {0};
        gl_autoerr struct gl_error err = {0};
        gl_fail(&cause, all[i], "no");
        gl_autowire struct gl_wire wire = new_wire();
        gl_autofree char *line = gl_wire_result(NULL, &cause);
        feed(&wire, line);
        assert_int_equal(gl_wire_take_result(&wire, NULL, &err), all[i]);
    }
}

static void no_line_is_cut_by_a_log_driver(void **state)
{
    (void)state;
    gl_autofree char *worst = gl_alloc(100001);
    memset(worst, '\x01', 100000); /* six bytes each in JSON */
    gl_autoerr struct gl_error cause = {0};
    gl_fail(&cause, GL_E_DATABASE, "%s", worst);
    gl_error_hint(&cause, "%s", worst);
    gl_error_at(&cause, worst, 1, 1);
    gl_autofree char *line = gl_wire_result(NULL, &cause);
    assert_true(strlen(line) < 16384);
    gl_autowire struct gl_wire wire = new_wire();
    assert_int_equal(feed(&wire, line), 1);
}

/* A character of several bytes at the end of what is kept stays whole, or JSON would refuse it. */
static void a_long_text_ends_between_characters(void **state)
{
    (void)state;
    for (size_t lead = 0; lead < 4; lead++) {
        gl_autobuf struct gl_buf text = {0};
        for (size_t i = 0; i < lead; i++)
            gl_buf_putc(&text, 'x');
        while (text.len < 2000)
            gl_buf_puts(&text, "移");
        gl_autoerr struct gl_error cause = {0};
        gl_fail(&cause, GL_E_DATABASE, "%s", gl_buf_text(&text));
        gl_autofree char *line = gl_wire_result(NULL, &cause);
        gl_autowire struct gl_wire wire = new_wire();
        assert_int_equal(feed(&wire, line), 1);
        assert_true(strlen(wire.failure.message) > 700);
        assert_true(gl_ends_with(wire.failure.message, "..."));
    }
}

static void strangers_are_not_believed(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "golive: error: no",
        "{}",
        "[]",
        "{\"golive\":1}",
        "{\"golive\":\"begin\"}",
        "{\"golive\":\"begin\",\"version\":8}",
        "{\"golive\":\"begin\",\"version\":\"7\"}",
        "{\"golive\":\"done\",\"version\":7}",
        "{\"golive\":\"done\",\"version\":7,\"elapsed_us\":-1}",
        "{\"golive\":\"done\",\"version\":7,\"elapsed_us\":1e3}",
        "{\"golive\":\"state\",\"version\":7,\"state\":\"missing\"}",
        "{\"golive\":\"state\",\"version\":8,\"state\":\"applied\"}",
        "{\"golive\":\"status\",\"fresh\":0,\"missing\":0,\"first_missing\":0}",
        "{\"golive\":\"status\",\"fresh\":true,\"missing\":-1,\"first_missing\":0}",
        "{\"golive\":\"result\"}",
        "{\"golive\":\"result\",\"applied\":1,\"held\":0,\"longest_lock_us\":0}",
        "{\"golive\":\"result\",\"applied\":1,\"held\":0,\"longest_lock_us\":0,\"lock_retries\":-1}",
        "{\"golive\":\"result\",\"applied\":1,\"held\":0,\"longest_lock_us\":0,\"lock_retries\":0,"
        "\"error\":{\"code\":\"fine\"}}",
        "{\"golive\":\"result\",\"applied\":1,\"held\":0,\"longest_lock_us\":0,\"lock_retries\":0,"
        "\"error\":null}",
    };
    gl_autowire struct gl_wire wire = new_wire();
    gl_autoerr struct gl_error err = {0};
    for (size_t i = 0; i < GL_COUNT(lines); i++) {
        if (gl_wire_read(&wire, lines[i], strlen(lines[i])))
            fail_msg("understood: %s", lines[i]);
    }
    assert_int_equal(seen.len, 0);
    assert_int_equal(gl_wire_take_result(&wire, NULL, &err), GL_E_CORRUPT);
    assert_non_null(strstr(err.message, "incomplete"));
}

static void nothing_counts_after_the_result(void **state)
{
    (void)state;
    gl_autowire struct gl_wire wire = new_wire();
    gl_autoerr struct gl_error err = {0};
    gl_autoerr struct gl_error cause = {0};
    gl_fail(&cause, GL_E_DATABASE, "no");
    gl_autofree char *bad = gl_wire_result(NULL, &cause);
    gl_autofree char *good = gl_wire_result(NULL, NULL);
    assert_int_equal(feed(&wire, bad), 1);
    assert_int_equal(feed(&wire, good), 0);
    assert_int_equal(gl_wire_take_result(&wire, NULL, &err), GL_E_DATABASE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(events_come_as_they_happened, forget),
        cmocka_unit_test_teardown(numbers_of_a_backfill_come_whole, forget),
        cmocka_unit_test_teardown(the_status_comes_whole, forget),
        cmocka_unit_test_teardown(every_state_comes_whole, forget),
        cmocka_unit_test_teardown(passes_come_whole, forget),
        cmocka_unit_test_teardown(a_lost_line_is_noticed, forget),
        cmocka_unit_test_teardown(a_success_has_its_numbers, forget),
        cmocka_unit_test_teardown(a_failure_keeps_place_and_hint, forget),
        cmocka_unit_test_teardown(every_code_comes_back, forget),
        cmocka_unit_test_teardown(no_line_is_cut_by_a_log_driver, forget),
        cmocka_unit_test_teardown(a_long_text_ends_between_characters, forget),
        cmocka_unit_test_teardown(strangers_are_not_believed, forget),
        cmocka_unit_test_teardown(nothing_counts_after_the_result, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
