/* The ledger as its users see it: append, read, refuse, survive. */
#include "base/log.h"
#include "fixture.h"

struct seen {
    struct gl_ledger *append_to; /* NULL, or where the visitor appends */
    int64_t last_seq;
    int count;
    int stop_after; /* 0 = never */
};

static int see(const struct gl_event *event, void *context, struct gl_error *err)
{
    struct seen *seen = context;
    seen->last_seq = event->seq;
    seen->count++;
    if (seen->append_to)
        return gl_ledger_append(seen->append_to, "seen", "", 0, NULL, NULL, err);
    return seen->count == seen->stop_after ? 42 : 0;
}

static int keep_copy(const struct gl_event *event, void *context, struct gl_error *err)
{
    struct gl_event *copy = context;
    (void)err;
    gl_event_done(copy);
    *copy = *event;
    copy->actor = gl_strdup(event->actor);
    copy->kind = gl_strdup(event->kind);
    copy->env = gl_strdup(event->env);
    copy->prev = gl_strdup(event->prev);
    copy->hash = gl_strdup(event->hash);
    copy->data = json_incref(event->data);
    return 0;
}

static void what_was_appended_is_read_back(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *data = json_pack("{s:s, s:f}", "名", "値 \"x\"", "real", 1.5);
    int64_t seq = 0;
    {
        gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
        must(gl_ledger_append(ledger, "release.begin", "prod", 7, data, &seq, &err), &err);
        assert_int_equal(seq, 1);
        must(gl_ledger_append(ledger, "step.done", NULL, 0, NULL, &seq, &err), &err);
        assert_int_equal(seq, 2);
    }
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoevent struct gl_event event = {0};
    must(gl_ledger_read(ledger, 1, keep_copy, &event, &err), &err);
    gl_autofree char *first_hash = gl_strdup(event.prev);
    assert_int_equal(event.seq, 2);
    assert_string_equal(event.env, "");
    struct seen seen = {.stop_after = 1};
    assert_int_equal(gl_ledger_read(ledger, 0, see, &seen, &err), 42);
    gl_event_done(&event);
    assert_int_equal(verified_count(ledger), 2);
    struct gl_event events[2] = {{0}};
    size_t count = 0;
    must(ledger->ops->read(ledger->backend, 1, 1, events, &count, &err), &err);
    assert_int_equal(count, 1);
    assert_string_equal(events[0].kind, "release.begin");
    assert_string_equal(events[0].env, "prod");
    assert_string_equal(events[0].prev, "");
    assert_string_equal(events[0].hash, first_hash);
    assert_int_equal(events[0].release, 7);
    assert_true(json_equal(events[0].data, data));
    assert_non_null(strchr(events[0].actor, '@'));
    gl_event_done(&events[0]);
}

static void read_starts_behind_after_and_covers_every_batch(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    append_numbered(ledger, 512);
    static const int64_t afters[] = {-1, 0, 1, 255, 256, 257, 510, 511, 512, 600, INT64_MAX};
    for (size_t i = 0; i < GL_COUNT(afters); i++) {
        struct seen seen = {0};
        must(gl_ledger_read(ledger, afters[i], see, &seen, &err), &err);
        int64_t expected = afters[i] < 0 ? 512 : afters[i] > 512 ? 0 : 512 - afters[i];
        assert_int_equal(seen.count, expected);
        assert_int_equal(seen.last_seq, expected ? 512 : 0);
    }
}

static void a_visitor_may_append_and_sees_only_what_was_there(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    append_numbered(ledger, 300);
    struct seen seen = {.append_to = ledger};
    must(gl_ledger_read(ledger, 0, see, &seen, &err), &err);
    assert_int_equal(seen.count, 300);
    assert_int_equal(verified_count(ledger), 600);
}

static void unusable_words_are_refused(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *list = json_array();
    assert_int_equal(gl_ledger_append(ledger, "", "", 0, NULL, NULL, &err), GL_E_USAGE);
    assert_int_equal(gl_ledger_append(ledger, "\xff", "", 0, NULL, NULL, &err), GL_E_USAGE);
    assert_int_equal(gl_ledger_append(ledger, "x", "\xc3", 0, NULL, NULL, &err), GL_E_USAGE);
    assert_int_equal(gl_ledger_append(ledger, "x", "", -1, NULL, NULL, &err), GL_E_USAGE);
    assert_int_equal(gl_ledger_append(ledger, "x", "", 0, list, NULL, &err), GL_E_USAGE);
    assert_contains(err.message, "cannot record x");
    assert_int_equal(verified_count(ledger), 0);
}

static void a_child_of_fork_cannot_use_or_harm_it(void **state)
{
    struct gl_ledger *ledger = open_ledger(*state);
    append_numbered(ledger, 1);
    pid_t child = fork();
    if (child == 0) {
        int64_t count;
        bool refused = gl_ledger_append(ledger, "x", "", 0, NULL, NULL, NULL) == GL_E_REFUSED &&
                       gl_ledger_verify(ledger, &count, NULL, NULL) == GL_E_REFUSED;
        gl_ledger_free(&ledger);
        gl_autoledger struct gl_ledger *own = open_ledger(*state);
        bool works = gl_ledger_append(own, "child", "", 0, NULL, NULL, NULL) == 0;
        _exit(refused && works && !ledger ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    append_numbered(ledger, 1);
    assert_int_equal(verified_count(ledger), 3);
    gl_ledger_free(&ledger);
}

static int64_t moved_unix_ms;

static int64_t read_moved_clock(void)
{
    return moved_unix_ms;
}

static void a_clock_moved_back_is_only_noted(void **state)
{
    static const struct gl_clock_fns moved = {
        .unix_ms = read_moved_clock,
        .boot_ms = gl_boot_ms,
        .boot_id = gl_boot_id,
    };
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_ledger_set_clock(ledger, &moved);
    static const int64_t times[] = {1000, 2000, 1500, 1500, -5, 3000};
    for (size_t i = 0; i < GL_COUNT(times); i++) {
        moved_unix_ms = times[i];
        append_numbered(ledger, 1);
    }
    gl_autoerr struct gl_error err = {0};
    gl_autoledgerreport struct gl_ledger_report report = {0};
    must(gl_ledger_verify_report(ledger, NULL, &report, &err), &err);
    assert_int_equal(report.count, 6);
    assert_int_equal(report.back_count, 2);
    assert_int_equal(report.back_seq, 3);
}

static void an_empty_ledger_is_right(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *head = NULL;
    int64_t count = -1;
    must(gl_ledger_verify(ledger, &count, &head, &err), &err);
    assert_int_equal(count, 0);
    assert_string_equal(head, "");
}

static void secrets_are_masked_before_anything_is_stored(void **state)
{
    gl_secret_add("correct-horse");
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *data = json_pack("{s:[s]}", "argv", "--password=correct-horse");
    must(gl_ledger_append(ledger, "run", "", 0, data, NULL, &err), &err);
    gl_secret_forget_all();
    gl_autoevent struct gl_event event = {0};
    must(gl_ledger_read(ledger, 0, keep_copy, &event, &err), &err);
    gl_autofree char *text = gl_json_canonical(event.data);
    assert_string_equal(text, "{\"argv\":[\"--password=***\"]}");
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, make_fixture, drop_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(what_was_appended_is_read_back),
        WITH_STORE(read_starts_behind_after_and_covers_every_batch),
        WITH_STORE(a_visitor_may_append_and_sees_only_what_was_there),
        WITH_STORE(unusable_words_are_refused),
        WITH_STORE(a_clock_moved_back_is_only_noted),
        WITH_STORE(an_empty_ledger_is_right),
        WITH_STORE(secrets_are_masked_before_anything_is_stored),
        WITH_STORE(a_child_of_fork_cannot_use_or_harm_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
