/* The ledger as its users see it: append, read, refuse, survive. */
#include <sched.h>
#include <sys/mount.h>

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
    must(run_sql(((struct fixture *)*state)->path, "select 1"), &err);
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

static void secrets_never_reach_the_file(void **state)
{
    const struct fixture *fixture = *state;
    gl_secret_add("correct-horse");
    {
        gl_autoledger struct gl_ledger *ledger = open_ledger(fixture);
        gl_autoerr struct gl_error err = {0};
        gl_autojson json_t *data = json_pack("{s:[s]}", "argv", "--password=correct-horse");
        must(gl_ledger_append(ledger, "run", "", 0, data, NULL, &err), &err);
        assert_int_equal(verified_count(ledger), 1);
    }
    gl_secret_forget_all();
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf file = {0};
    must(gl_read_file(fixture->path, 0, &file, &err), &err);
    assert_non_null(memmem(file.data, file.len, "--password=***", 14));
    assert_null(memmem(file.data, file.len, "correct-horse", 13));
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

/* ---- files that are not what they should be -------------------------------------------------- */

static void refuse_file(const struct fixture *fixture, int code, const char *part)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_ledger *ledger = NULL;
    assert_int_equal(gl_ledger_open_sqlite(fixture->path, &ledger, &err), code);
    assert_null(ledger);
    assert_contains(err.message, part);
    assert_contains(err.message, "ledger.db");
}

static void a_newer_version_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    struct gl_ledger *ledger = open_ledger(fixture);
    gl_ledger_free(&ledger);
    assert_int_equal(run_sql(fixture->path, "pragma user_version = 99"), SQLITE_OK);
    refuse_file(fixture, GL_E_CONFIG, "version 99");
}

static void another_database_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = gl_path_dir(fixture->path);
    must(gl_mkdir_p(dir, 0755, &err), &err);
    assert_int_equal(run_sql(fixture->path, "create table bookmarks (url)"), SQLITE_OK);
    refuse_file(fixture, GL_E_CORRUPT, "not a ledger");
    assert_int_equal(run_sql(fixture->path, "pragma user_version = 1"), SQLITE_OK);
    refuse_file(fixture, GL_E_CORRUPT, "not a ledger");
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = gl_path_dir(fixture->path);
    must(gl_mkdir_p(dir, 0755, &err), &err);
    gl_autobuf struct gl_buf text = {0};
    for (int i = 0; i < 200; i++)
        gl_buf_puts(&text, "This is a note about groceries.\n");
    must(gl_write_text(fixture->path, gl_buf_text(&text), 0644, &err), &err);
    refuse_file(fixture, GL_E_CORRUPT, "not a database");
}

static void hands_with_sqlite3_cannot_change_events(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const statements[] = {
        "update events set actor = 'eve'",
        "update events set hash = hash where seq = 2",
        "delete from events where seq = 3",
        "delete from events",
        "insert or replace into events select * from events where seq = 2",
        "insert into events select 9, 1, 'a', 'k', '', 0, '{}', hash, hash from events "
        "where seq = 3",
        "insert into events select 4, 1, 'a', 'k', '', 0, '{}', hash, hash from events "
        "where seq = 2",
        "insert into events select 4, 1, 'a', 'k', '', 0, 'no', hash, hash from events "
        "where seq = 3",
        "insert into events select 4, 1, 'a', 'k', '', 0, '[]', hash, hash from events "
        "where seq = 3",
        "insert into events select 4, 'x', 'a', 'k', '', 0, '{}', hash, hash from events "
        "where seq = 3",
    };
    gl_autoledger struct gl_ledger *ledger = open_ledger(fixture);
    append_numbered(ledger, 3);
    for (size_t i = 0; i < GL_COUNT(statements); i++)
        assert_true(run_sql(fixture->path, statements[i]) != SQLITE_OK);
    assert_int_equal(verified_count(ledger), 3);
}

/* ---- a full disk ----------------------------------------------------------------------------- */

static int limit_pages(sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
    (void)message;
    (void)api;
    return sqlite3_exec(db, "pragma max_page_count = 24", NULL, NULL, NULL);
}

/* Appends until it fails; returns how many events were recorded. */
static int64_t append_until_full(struct gl_ledger *ledger, struct gl_error *err)
{
    gl_autofree char *padding = gl_alloc(2001);
    memset(padding, 'x', 2000);
    gl_autojson json_t *data = json_pack("{s:s}", "padding", padding);
    int64_t seq = 0;
    int result = 0;
    for (int i = 0; i < 2000 && result == 0; i++)
        result = gl_ledger_append(ledger, "step.done", "prod", 1, data, &seq, err);
    assert_int_equal(result, GL_E_IO);
    return seq;
}

static void full_means_a_clear_error_and_an_intact_chain(const struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_ledger *ledger = open_ledger(fixture);
    int64_t seq = append_until_full(ledger, &err);
    assert_true(seq > 3);
    assert_contains(err.message, "cannot record step.done");
    assert_contains(err.message, "full");
    assert_contains(err.hint, "free some space");
    assert_int_equal(verified_count(ledger), seq);
    gl_ledger_free(&ledger);
    ledger = open_ledger(fixture);
    assert_int_equal(verified_count(ledger), seq);
    gl_ledger_free(&ledger);
}

static void a_full_database_keeps_its_chain(void **state)
{
    assert_int_equal(sqlite3_auto_extension((void (*)(void))limit_pages), SQLITE_OK);
    full_means_a_clear_error_and_an_intact_chain(*state);
    sqlite3_reset_auto_extension();
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    int64_t before = verified_count(ledger);
    append_numbered(ledger, 1);
    assert_int_equal(verified_count(ledger), before + 1);
}

static void a_full_disk_keeps_its_chain(void **state)
{
    const struct fixture *fixture = *state;
    /* In a mount namespace of our own: it goes away with this process, whatever happens. */
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", fixture->dir, "tmpfs", 0, "size=400k") < 0)
        skip(); /* only root may mount; the test above covers the same code */
    full_means_a_clear_error_and_an_intact_chain(fixture);
}

static int drop_mounted_fixture(void **state)
{
    const struct fixture *fixture = *state;
    umount2(fixture->dir, MNT_DETACH);
    return drop_fixture(state);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make_fixture, drop_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILE(what_was_appended_is_read_back),
        WITH_FILE(read_starts_behind_after_and_covers_every_batch),
        WITH_FILE(a_visitor_may_append_and_sees_only_what_was_there),
        WITH_FILE(secrets_never_reach_the_file),
        WITH_FILE(unusable_words_are_refused),
        WITH_FILE(a_child_of_fork_cannot_use_or_harm_it),
        WITH_FILE(a_newer_version_is_refused),
        WITH_FILE(another_database_is_refused),
        WITH_FILE(a_file_that_is_no_database_is_refused),
        WITH_FILE(hands_with_sqlite3_cannot_change_events),
        WITH_FILE(a_full_database_keeps_its_chain),
        cmocka_unit_test_setup_teardown(a_full_disk_keeps_its_chain, make_fixture,
                                        drop_mounted_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
