/* Rows of runbooks: fields filled in, what is missing left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "generate/runbook_values.h"
#include "support/json_text.h"

static void expect_row(const char *pattern, const char *key, const char *item, const char *wanted)
{
    gl_autofree char *text = gl_asprintf("[%s]", item);
    gl_autojson json_t *list = json_of(text);
    gl_autofree char *row = gl_runbook_row(pattern, key, json_array_get(list, 0));
    assert_string_equal(row, wanted);
}

static void fields_are_filled_in(void **state)
{
    (void)state;
    expect_row("- {id}: {n} {r} {b}", NULL, "{\"id\": \"a\", \"n\": 3, \"r\": 0.5, \"b\": true}",
               "- a: 3 0.5 true");
    expect_row("1. {}", NULL, "\"sato\"", "1. sato");
    expect_row("| {key} | {who} |", "dns", "{\"who\": [\"a\", \"b\"]}", "| dns | a, b |");
    expect_row("{rotation.days}", NULL, "{\"rotation\": {\"days\": 90}}", "90");
}

static void what_is_missing_is_left_out(void **state)
{
    (void)state;
    expect_row("{m}[ {op} {t}[ {unit}]][, {w} min]", NULL,
               "{\"m\": \"p95\", \"op\": \">\", \"t\": 750}", "p95 > 750");
    expect_row("{m}[ {op} {t}[ {unit}]][, {w} min]", NULL, "{\"m\": \"smoke_failed\", \"w\": 5}",
               "smoke_failed, 5 min");
    expect_row("| {a} | [{b}] |", NULL, "{\"a\": \"x\"}", "| x |  |");
    expect_row("{a}", NULL, "{}", "?"); /* a row says that something should stand there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_filled_in),
        cmocka_unit_test(what_is_missing_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
