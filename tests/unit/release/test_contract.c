/* When contract migrations are due, from a real ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "config/internal.h"
#include "release/contract.h"
#include "release/internal.h"

static const int64_t hour_ms = 3600 * 1000;

static struct gl_ledger *open_ledger(void)
{
    struct gl_ledger *ledger = NULL;
    assert_int_equal(gl_ledger_open_sqlite(":memory:", &ledger, NULL), 0);
    return ledger;
}

/* A deploy that left these versions (a JSON array) pending. */
static void deployed(struct gl_ledger *ledger, int64_t number, const char *held, const char *end)
{
    struct gl_release release = {
        .ledger = ledger, .env = "local", .operation = GL_DEPLOY, .number = number};
    gl_autojson json_t *begin = json_pack("{s:I}", "previous", (json_int_t)(number - 1));
    gl_autojson json_t *versions = NULL;
    assert_int_equal(gl_json_parse(held, strlen(held), "held", &versions, NULL), 0);
    gl_autojson json_t *done = json_pack("{s:{s:O}}", "facts", "held", versions);
    assert_int_equal(gl_journal_append(&release, "release.begin", NULL, begin, NULL), 0);
    assert_int_equal(gl_journal_append(&release, "step.done", "migrate", done, NULL), 0);
    assert_int_equal(gl_journal_append(&release, end, NULL, NULL, NULL), 0);
}

/* Due times of `version`, counted from the end of release `since`; 0 = it does not wait. */
static void expect_due(struct gl_ledger *ledger, int64_t version, int64_t since)
{
    static const char text[] = "golive: 1\napp: {name: sample}\n"
                               "migrations: {contract_min_age_hours: 24}\n";
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autoconfig struct gl_config *config = NULL;
    gl_autojournal struct gl_journal journal = {0};
    gl_autocontracts struct gl_contracts list = {0};
    struct gl_config_request request = {.env = "local"};
    assert_int_equal(gl_config_parse_text(&request, text, strlen(text), &config, &problems, &err),
                     0);
    assert_int_equal(gl_journal_read(ledger, "local", &journal, &err), 0);
    gl_contracts_read(&journal, config, &list);
    const struct gl_operation_record *made = gl_journal_deploy_of(&journal, since);
    assert_int_equal(gl_contract_due(&list, version),
                     since ? made->ended_unix_ms + 24 * hour_ms : 0);
}

static void the_time_counts_from_the_first_release_in_a_row(void **state)
{
    (void)state;
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    expect_due(ledger, 7, 0);
    deployed(ledger, 1, "[]", "release.done");
    expect_due(ledger, 7, 0);
    deployed(ledger, 2, "[7]", "release.done");
    expect_due(ledger, 7, 2);
    deployed(ledger, 3, "[7, 8]", "release.done"); /* a release in between begins no new time */
    expect_due(ledger, 7, 2);
    expect_due(ledger, 8, 3);
    deployed(ledger, 4, "[7, 8, 9]", "release.undone"); /* never served */
    expect_due(ledger, 9, 0);
    expect_due(ledger, 7, 2);
}

static void a_release_without_it_begins_the_time_anew(void **state)
{
    (void)state;
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    deployed(ledger, 1, "[7]", "release.done");
    deployed(ledger, 2, "[]", "release.done"); /* the file was not there: an older branch, say */
    expect_due(ledger, 7, 0);
    deployed(ledger, 3, "[7]", "release.done");
    expect_due(ledger, 7, 3);
}

static void times_are_told_to_the_full_minute_after(void **state)
{
    (void)state;
    const int64_t time = 1795773600000; /* 2026-11-27T10:00:00Z */
    setenv("TZ", "JST-9", 1);
    gl_autofree char *full = gl_contract_time(time);
    gl_autofree char *later = gl_contract_time(time + 1);
    gl_autofree char *waits = gl_contract_text(time, time - 1);
    gl_autofree char *due = gl_contract_text(time, time);
    assert_string_equal(full, "2026-11-27 19:00 JST");
    assert_string_equal(later, "2026-11-27 19:01 JST");
    assert_string_equal(waits, "due with the release after 2026-11-27 19:00 JST");
    assert_string_equal(due, "due with the next release");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_time_counts_from_the_first_release_in_a_row),
        cmocka_unit_test(a_release_without_it_begins_the_time_anew),
        cmocka_unit_test(times_are_told_to_the_full_minute_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
