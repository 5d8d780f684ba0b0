/* What verify finds, what it only notes, and how long it takes. */
#include "fixture.h"

enum { EVENTS = 5 };

/* The tools of somebody who wants to change history: no triggers, no checks. */
static const char disarm[] = "pragma ignore_check_constraints = on;"
                             "drop trigger events_no_update; drop trigger events_no_delete;"
                             "drop trigger events_in_order;";

static void tamper(const struct fixture *fixture, const char *sql)
{
    gl_autofree char *all = gl_asprintf("%s%s", disarm, sql);
    assert_int_equal(run_sql(fixture->path, all), SQLITE_OK);
}

struct tampering {
    const char *sql;
    const char *finding;
};

static const struct tampering tamperings[] = {
    {"update events set actor = 'eve@x' where seq = 3",                                         "event 3 (step.done)"         },
    {"update events set kind = 'step.begin' where seq = 3",                                     "event 3 (step.begin)"        },
    {"update events set env = 'dev' where seq = 1",                                             "event 1 (step.done)"         },
    {"update events set release = 8 where seq = 5",                                             "event 5 (step.done)"         },
    {"update events set time_unix_ms = time_unix_ms + 1 where seq = 2",                         "event 2 (step.done)"         },
    {"update events set data = '{\"n\":4}' where seq = 3",                                      "event 3 (step.done)"         },
    {"update events set data = '{\"n\": 3}' where seq = 3",                                     "event 3 was changed"         },
    {"update events set data = '{\"n\":3' where seq = 3",                                       "event 3 was changed"         },
    {"update events set data = '3' where seq = 3",                                              "event 3 was changed"         },
    {"update events set kind = kind || char(0) || 'x' where seq = 2",                           "event 2 was changed"         },
    {"update events set kind = cast(x'ff' as text) where seq = 2",                              "event 2 was changed"         },
    {"update events set hash = iif(hash like 'f%', 'e', 'f') || substr(hash, 2) where seq = 4",
     "event 4 (step.done)"                                                                                                    },
    {"update events set hash = '' where seq = 4",                                               "event 4 (step.done)"         },
    {"update events set prev = (select hash from events where seq = 1) where seq = 4",
     "event 4 (step.done)"                                                                                                    },
    {"delete from events where seq = 3",                                                        "event 3 is missing"          },
    {"delete from events where seq = 1",                                                        "event 1 is missing"          },
    {"delete from events where seq in (2, 3)",                                                  "event 2 is missing"          },
    {"update events set seq = 0 where seq = 2; update events set seq = 2 where seq = 3;"
     "update events set seq = 3 where seq = 0",                                            "event 2 (step.done)"         },
    {"update events set seq = -seq where seq > 2; update events set seq = 1 - seq where seq < 0;"
     "insert into events select 3, time_unix_ms, actor, kind, env, release, data, prev, hash "
     "from events where seq = 2",                                                          "event 3 (step.done)"         },
    {"insert into events select 0, time_unix_ms, actor, kind, env, release, data, prev, hash "
     "from events where seq = 2",                                                          "event 0 stands after event 0"},
    {"insert into events select -9223372036854775807 - 1, time_unix_ms, actor, kind, env, release, "
     "data, prev, hash from events where seq = 2",                                         "inserted"                    },
    {"insert into events select 9, time_unix_ms, actor, kind, env, release, data, prev, hash "
     "from events where seq = 2",                                                          "event 6 is missing"          },
    {"insert into events select 6, time_unix_ms, actor, kind, env, release, data, hash, hash "
     "from events where seq = 5",                                                          "event 6 (step.done)"         },
};

static void every_tampering_is_found(void **state)
{
    for (size_t i = 0; i < GL_COUNT(tamperings); i++) {
        drop_fixture(state);
        make_fixture(state);
        gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
        append_numbered(ledger, EVENTS);
        assert_int_equal(verified_count(ledger), EVENTS);
        tamper(*state, tamperings[i].sql);
        gl_autoerr struct gl_error err = {0};
        int64_t count = -1;
        int result = gl_ledger_verify(ledger, &count, NULL, &err);
        if (result != GL_E_CORRUPT)
            fail_msg("%s: verify says %d", tamperings[i].sql, result);
        assert_contains(err.message, tamperings[i].finding);
        assert_contains(err.hint, "backup");
        assert_int_equal(count, -1);
    }
}

static int keep_one(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct gl_event forged = *event;
    forged.release = 99;
    forged.hash = NULL;
    gl_event_seal(&forged);
    *(char **)context = forged.hash;
    return event->seq == 3;
}

/* The forger knows the hash function; the event behind gives it away. */
static void an_edited_event_with_a_right_hash_is_found(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    append_numbered(ledger, EVENTS);
    gl_autofree char *hash = NULL;
    assert_int_equal(gl_ledger_read(ledger, 2, keep_one, &hash, &err), 1);
    gl_autofree char *sql =
        gl_asprintf("update events set release = 99, hash = '%s' where seq = 3", hash);
    tamper(*state, sql);
    assert_int_equal(gl_ledger_verify(ledger, NULL, NULL, &err), GL_E_CORRUPT);
    assert_contains(err.message, "event 4 (step.done)");
    assert_contains(err.message, "event 3 has");
}

static void only_a_noted_head_shows_a_cut_end(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    append_numbered(ledger, EVENTS);
    gl_autofree char *head = NULL;
    must(gl_ledger_verify(ledger, NULL, &head, &err), &err);
    assert_int_equal(strlen(head), 64);
    gl_autoledgerreport struct gl_ledger_report report = {0};
    must(gl_ledger_verify_report(ledger, head, &report, &err), &err);
    assert_int_equal(report.anchor_seq, EVENTS);
    append_numbered(ledger, 2);
    gl_ledger_report_done(&report);
    must(gl_ledger_verify_report(ledger, head, &report, &err), &err);
    assert_int_equal(report.anchor_seq, EVENTS);
    tamper(*state, "delete from events where seq >= 5");
    assert_int_equal(verified_count(ledger), 4);
    assert_int_equal(gl_ledger_verify_report(ledger, head, &report, &err), GL_E_MISMATCH);
    assert_contains(err.message, head);
}

static void an_anchor_must_look_like_a_hash(void **state)
{
    gl_autoledger struct gl_ledger *ledger = open_ledger(*state);
    gl_autoerr struct gl_error err = {0};
    static const char *const bad[] = {"", "abc", "0123456", "0123456g", "ABCDEF01"};
    struct gl_ledger_report report = {0};
    for (size_t i = 0; i < GL_COUNT(bad); i++)
        assert_int_equal(gl_ledger_verify_report(ledger, bad[i], &report, &err), GL_E_USAGE);
}

/* Fills the table in one transaction: a hundred thousand durable appends would test the disk. */
static void fill(const char *path, int64_t count)
{
    sqlite3 *db = NULL;
    gl_autoerr struct gl_error err = {0};
    must(gl_sqlite_open(path, &db, &err), &err);
    must(gl_sqlite_exec(db, "begin", &err), &err);
    gl_autofree char *prev = gl_strdup("");
    for (int64_t seq = 1; seq <= count; seq++) {
        struct gl_event event = {.seq = seq, .time_unix_ms = 1700000000000 + seq, .release = 7};
        event.actor = gl_strdup("tanaka@web1");
        event.kind = gl_strdup("step.done");
        event.env = gl_strdup("prod");
        event.prev = gl_steal(&prev);
        event.data = json_pack("{s:s, s:I, s:s}", "step", "smoke green", "elapsed_ms", seq, "image",
                               "sha256:4f1c0e");
        gl_event_seal(&event);
        gl_autofree char *data = gl_json_canonical(event.data);
        must(gl_sqlite_run(db, &err, "insert into events values (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
                           "iitttittt", event.seq, event.time_unix_ms, event.actor, event.kind,
                           event.env, event.release, data, event.prev, event.hash),
             &err);
        prev = gl_strdup(event.hash);
        gl_event_done(&event);
    }
    must(gl_sqlite_exec(db, "commit", &err), &err);
    gl_sqlite_close(&db);
}

static void a_hundred_thousand_events_are_verified_in_seconds(void **state)
{
    const struct fixture *fixture = *state;
    gl_autoledger struct gl_ledger *ledger = open_ledger(fixture);
    fill(fixture->path, 100000);
    int64_t begun_ms = gl_mono_ms();
    assert_int_equal(verified_count(ledger), 100000);
    int64_t elapsed_ms = gl_mono_ms() - begun_ms;
    print_message("# 100,000 events verified in %lld ms\n", (long long)elapsed_ms);
    assert_true(elapsed_ms < 30000); /* generous: sanitizers, a busy machine */
    append_numbered(ledger, 1);
    assert_int_equal(verified_count(ledger), 100001);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make_fixture, drop_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILE(every_tampering_is_found),
        WITH_FILE(an_edited_event_with_a_right_hash_is_found),
        WITH_FILE(only_a_noted_head_shows_a_cut_end),
        WITH_FILE(an_anchor_must_look_like_a_hash),
        WITH_FILE(a_hundred_thousand_events_are_verified_in_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
