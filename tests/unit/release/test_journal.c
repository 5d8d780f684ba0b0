/* What the journal says about releases, read back from a real ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "release/internal.h"

/* One operation written to the ledger as the engine does. */
static struct gl_release begin(struct gl_ledger *ledger, enum gl_operation operation,
                               int64_t number, int64_t previous)
{
    struct gl_release release = {.ledger = ledger,
                                 .env = "local",
                                 .operation = operation,
                                 .number = number,
                                 .previous = previous};
    gl_autojson json_t *data = json_object();
    gl_json_set_int(data, "previous", previous);
    gl_json_set_str(data, "version", "abc1234");
    gl_json_set_str(data, "source", "hash");
    assert_int_equal(gl_journal_append(&release, "release.begin", NULL, data, NULL), 0);
    return release;
}

static void event(struct gl_release *release, const char *kind, const char *step)
{
    assert_int_equal(gl_journal_append(release, kind, step, NULL, NULL), 0);
}

static void step(struct gl_release *release, const char *name, const char *fact)
{
    event(release, "step.begin", name);
    gl_autojson json_t *data = json_pack("{s:{s:s}}", "facts", "digest", fact);
    assert_int_equal(gl_journal_append(release, "step.done", name, data, NULL), 0);
}

static void whole(struct gl_ledger *ledger, enum gl_operation operation, int64_t number,
                  int64_t previous)
{
    struct gl_release release = begin(ledger, operation, number, previous);
    step(&release, "image", "sha256:1");
    event(&release, "release.done", NULL);
}

static struct gl_ledger *open_ledger(void)
{
    struct gl_ledger *ledger = NULL;
    assert_int_equal(gl_ledger_open_sqlite(":memory:", &ledger, NULL), 0);
    return ledger;
}

static struct gl_journal read_journal(struct gl_ledger *ledger)
{
    struct gl_journal journal = {0};
    assert_int_equal(gl_journal_read(ledger, "local", &journal, NULL), 0);
    return journal;
}

static void an_empty_ledger_has_no_release(void **state)
{
    (void)state;
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    gl_autojournal struct gl_journal journal = read_journal(ledger);
    assert_null(gl_journal_serving(&journal));
    assert_null(gl_journal_unfinished(&journal));
    assert_int_equal(gl_journal_next_release(&journal), 1);
    assert_int_equal(gl_journal_rollback_target(&journal), 0);
}

static void an_operation_without_an_end_is_unfinished_and_keeps_its_facts(void **state)
{
    (void)state;
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    whole(ledger, GL_DEPLOY, 1, 0);
    struct gl_release release = begin(ledger, GL_DEPLOY, 2, 1);
    step(&release, "image", "sha256:2");
    event(&release, "step.begin", "start");
    gl_autojournal struct gl_journal journal = read_journal(ledger);
    const struct gl_operation_record *record = gl_journal_unfinished(&journal);
    assert_non_null(record);
    assert_int_equal(record->release, 2);
    assert_int_equal(record->previous, 1);
    assert_int_equal(json_array_size(record->begun), 2);
    assert_string_equal(gl_json_str(json_object_get(record->facts, "image"), "digest", ""),
                        "sha256:2");
    assert_null(json_object_get(record->facts, "start"));
    assert_int_equal(gl_journal_serving(&journal)->release, 1);
}

static void an_undone_release_does_not_serve_and_its_number_is_not_used_again(void **state)
{
    (void)state;
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    whole(ledger, GL_DEPLOY, 1, 0);
    struct gl_release release = begin(ledger, GL_DEPLOY, 2, 1);
    event(&release, "undo.begin", NULL);
    event(&release, "release.undone", NULL);
    gl_autojournal struct gl_journal journal = read_journal(ledger);
    assert_null(gl_journal_unfinished(&journal));
    assert_int_equal(gl_journal_serving(&journal)->release, 1);
    assert_int_equal(gl_journal_next_release(&journal), 3);
}

static void a_rollback_serves_and_knows_where_it_came_from(void **state)
{
    (void)state;
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    whole(ledger, GL_DEPLOY, 1, 0);
    whole(ledger, GL_DEPLOY, 2, 1);
    whole(ledger, GL_ROLLBACK, 1, 2);
    gl_autojournal struct gl_journal journal = read_journal(ledger);
    assert_int_equal(gl_journal_serving(&journal)->release, 1);
    assert_int_equal(gl_journal_serving(&journal)->operation, GL_ROLLBACK);
    assert_int_equal(gl_journal_deploy_of(&journal, 1)->operation, GL_DEPLOY);
    int64_t good[4];
    assert_int_equal(gl_journal_good_releases(&journal, good, 4), 2);
    assert_int_equal(good[0], 1);
    assert_int_equal(good[1], 2);
}

static void what_is_written_after_the_end_does_not_count(void **state)
{
    (void)state;
    static const char *const kinds[] = {"step.failed", "undo.begin", "release.undone",
                                        "step.begin"};
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    struct gl_release release = begin(ledger, GL_DEPLOY, 1, 0);
    event(&release, "release.done", NULL);
    for (size_t i = 0; i < GL_COUNT(kinds); i++)
        event(&release, kinds[i], "late");
    gl_autojournal struct gl_journal journal = read_journal(ledger);
    assert_null(gl_journal_unfinished(&journal));
    assert_int_equal(gl_journal_serving(&journal)->release, 1);
    assert_int_equal(json_array_size(journal.items[0].begun), 0);
    struct gl_release undone = begin(ledger, GL_DEPLOY, 2, 1);
    event(&undone, "release.undone", NULL);
    event(&undone, "release.done", NULL);
    gl_autojournal struct gl_journal after = read_journal(ledger);
    assert_int_equal(gl_journal_serving(&after)->release, 1);
}

static void rollback_goes_to_the_newest_older_release_that_was_good(void **state)
{
    (void)state;

    static const struct {
        enum gl_operation operation;
        int64_t release, previous;
        int64_t target; /* afterwards */
    } story[] = {
        {GL_DEPLOY,   1, 0, 0},
        {GL_DEPLOY,   2, 1, 1},
        {GL_DEPLOY,   3, 2, 2},
        {GL_ROLLBACK, 2, 3, 1}, /* 3 is bad */
        {GL_ROLLBACK, 1, 2, 0}, /* so is 2 */
        {GL_DEPLOY,   4, 1, 1}, /* neither 3 nor 2 */
        {GL_ROLLBACK, 1, 4, 0},
        {GL_ROLLBACK, 3, 1, 1}, /* forward again: 3 is good, and 1 was not
  rolled back from */
        {GL_DEPLOY,   5, 3, 3},
    };
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    for (size_t i = 0; i < GL_COUNT(story); i++) {
        whole(ledger, story[i].operation, story[i].release, story[i].previous);
        gl_autojournal struct gl_journal journal = read_journal(ledger);
        assert_int_equal(gl_journal_rollback_target(&journal), story[i].target);
    }
}

static void found_new(struct gl_release *release, bool new_database)
{
    gl_autojson json_t *data = json_pack("{s:{s:b}}", "facts", "new_database", new_database);
    assert_int_equal(gl_journal_append(release, "step.done", "preflight", data, NULL), 0);
}

static bool was_new(struct gl_ledger *ledger)
{
    gl_autojournal struct gl_journal journal = read_journal(ledger);
    return gl_journal_database_was_new(&journal);
}

static void a_database_is_new_until_something_served(void **state)
{
    (void)state;
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    assert_false(was_new(ledger));
    struct gl_release first = begin(ledger, GL_DEPLOY, 1, 0);
    found_new(&first, true);
    assert_true(was_new(ledger));
    event(&first, "release.undone", NULL);
    struct gl_release second = begin(ledger, GL_DEPLOY, 2, 0);
    found_new(&second, false); /* the first left files behind */
    assert_true(was_new(ledger));
    event(&second, "release.done", NULL);
    assert_false(was_new(ledger));
    struct gl_release third = begin(ledger, GL_DEPLOY, 3, 2);
    found_new(&third, false);
    assert_false(was_new(ledger));
}

static void another_environment_is_another_story(void **state)
{
    (void)state;
    gl_autoledger struct gl_ledger *ledger = open_ledger();
    whole(ledger, GL_DEPLOY, 1, 0);
    struct gl_journal journal = {0};
    assert_int_equal(gl_journal_read(ledger, "prod", &journal, NULL), 0);
    assert_int_equal(journal.count, 0);
    gl_journal_done(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_ledger_has_no_release),
        cmocka_unit_test(an_operation_without_an_end_is_unfinished_and_keeps_its_facts),
        cmocka_unit_test(an_undone_release_does_not_serve_and_its_number_is_not_used_again),
        cmocka_unit_test(a_rollback_serves_and_knows_where_it_came_from),
        cmocka_unit_test(what_is_written_after_the_end_does_not_count),
        cmocka_unit_test(rollback_goes_to_the_newest_older_release_that_was_good),
        cmocka_unit_test(a_database_is_new_until_something_served),
        cmocka_unit_test(another_environment_is_another_story),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
