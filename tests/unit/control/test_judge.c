/* Running rules: what each may do, and what it comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/judge.h"
#include "data/sqlite.h"
#include "facts/facts.h"

static sqlite3 *open_facts(void)
{
    sqlite3 *db = NULL;
    gl_autoerr struct gl_error err = {0};
    if (gl_facts_open(&db, &err) < 0 ||
        gl_sqlite_exec(db,
                       "insert into run values ('demo', 'prod', 'aws', null, null, 1796169600, "
                       "'2026-12-02');"
                       "insert into source values ('config', 'collected', null, 0),"
                       " ('attestation', 'collected', null, 0), ('aws', 'collected', null, 0),"
                       " ('database', 'absent', 'no --database', 0),"
                       " ('repo', 'failed', 'git is missing', 0);"
                       "insert into config values ('prod', 'a', 'a', '', 'a', '7', 'number', "
                       "'file', 'golive.yaml', 3);"
                       "insert into config values ('prod', 'roles.security[0]', "
                       "'roles.security[]', 'roles.security', 'security', 'suzuki', 'text', "
                       "'file', 'golive.yaml', 9);",
                       &err) < 0)
        fail_msg("%s", err.message);
    return db;
}

/* A control with these rules. */
static void read_control(const char *rules, struct gl_control *control)
{
    gl_autofree char *text =
        gl_asprintf("-- id: x.1\n-- title: t\n-- severity: high\n-- judged: plan\n"
                    "-- attest: role=security valid_days=90 binds=config\n%s",
                    rules);
    gl_autoproblems struct gl_problems problems = {0};
    if (!gl_control_parse(text, strlen(text), "controls/x.sql", control, &problems))
        fail_msg("%u: %s", problems.items[0].line, problems.items[0].message);
}

struct judged {
    sqlite3 *db;
    struct gl_control control;
    struct gl_control_result result;
};

static struct judged judge_with(sqlite3 *db, const char *rules, bool live, int64_t limit_ms)
{
    struct judged judged = {.db = db};
    read_control(rules, &judged.control);
    gl_autojudge struct gl_judge judge = {0};
    gl_judge_open(&judge, judged.db, live);
    judge.limit_ms = limit_ms;
    gl_judge_control(&judge, &judged.control, &judged.result);
    return judged;
}

static struct judged judge(const char *rules, bool live)
{
    return judge_with(open_facts(), rules, live, GL_RULE_LIMIT_MS);
}

static void done(struct judged *judged)
{
    gl_control_result_done(&judged->result);
    gl_control_done(&judged->control);
    gl_facts_close(&judged->db);
}

/* The status of a control of these rules, and its first reason. */
static void expect(const char *rules, bool live, enum gl_status status, const char *reason)
{
    struct judged judged = judge(rules, live);
    const struct gl_rule_result *first = &judged.result.rules[0];
    assert_string_equal(gl_status_words[judged.result.status], gl_status_words[status]);
    assert_false(first->broken); /* missing facts are no mistake of the rule */
    if (reason && !strstr(first->findings[0].reason, reason))
        fail_msg("%s instead of %s", first->findings[0].reason, reason);
    done(&judged);
}

static void rows_become_findings(void **state)
{
    (void)state;
    struct judged judged =
        judge("-- rule: config a\n"
              "select line, value as evidence, 'pass' as status, key as resource, file,\n"
              " msg('{1} is {2}', key, value) as reason from config where key = 'a';\n",
              false);
    const struct gl_rule_result *rule = &judged.result.rules[0];
    assert_int_equal(judged.result.status, GL_STATUS_PASS);
    assert_int_equal(rule->count, 1);
    assert_string_equal(rule->findings[0].resource, "a");
    assert_string_equal(rule->findings[0].reason, "a is 7");
    assert_string_equal(rule->findings[0].file, "golive.yaml");
    assert_int_equal(rule->findings[0].line, 3);
    assert_string_equal(rule->findings[0].evidence, "7");
    assert_int_equal(rule->reads.count, 1);
    assert_string_equal(rule->reads.items[0], "config");
    done(&judged);
}

static void rows_stand_by_place(void **state)
{
    (void)state;
    struct judged judged =
        judge("-- rule: config r\nselect column1 as resource, 'pass' as status, '' as reason,\n"
              "column2 as file, column3 as line from (values ('d', 'b', 1), ('c', 'a', 20),\n"
              "('b', 'a', 3), ('a', 'a', 20), ('z', null, null));\n",
              false);
    const struct gl_rule_result *rule = &judged.result.rules[0];
    static const char *const wanted[] = {"z", "b", "a", "c", "d"};
    assert_int_equal(rule->count, GL_COUNT(wanted));
    for (size_t i = 0; i < GL_COUNT(wanted); i++)
        assert_string_equal(rule->findings[i].resource, wanted[i]);
    done(&judged);
}

/* Whether it is called depends on the facts; which tables it reads does not. */
static void what_a_function_reads_is_read(void **state)
{
    (void)state;
    struct judged judged = judge(
        "-- rule: config r\nselect 'x' as resource, 'pass' as status,\n"
        "case when 1 = 2 then conf('a') else prop('a', 'b') end as reason;\n"
        "-- rule: config s\nselect 'x' as resource, 'pass' as status, prop('a', 'c') as reason;\n",
        false);
    static const char *const wanted[] = {"config", "property", "run"};
    const struct gl_rule_result *first = &judged.result.rules[0];
    const struct gl_rule_result *second = &judged.result.rules[1];
    assert_int_equal(first->reads.count, GL_COUNT(wanted));
    for (size_t i = 0; i < GL_COUNT(wanted); i++)
        assert_string_equal(first->reads.items[i], wanted[i]);
    assert_int_equal(second->reads.count, 1); /* prepared by the first rule, read by this one too */
    assert_string_equal(second->reads.items[0], "property");
    done(&judged);
}

static void the_heaviest_row_counts(void **state)
{
    (void)state;
    static const char *const words[] = {"not_applicable", "pass", "unknown", "fail"};

    static const enum gl_status weights[] = {GL_STATUS_NOT_APPLICABLE, GL_STATUS_PASS,
                                             GL_STATUS_UNKNOWN, GL_STATUS_FAIL};

    for (size_t a = 0; a < GL_COUNT(words); a++) {
        for (size_t b = 0; b < GL_COUNT(words); b++) {
            gl_autofree char *within = gl_asprintf(
                "-- rule: config r\nselect 'x' as resource, '%s' as status, '' as reason\n"
                "union all select 'y', '%s', '';\n",
                words[a], words[b]);
            gl_autofree char *across = gl_asprintf(
                "-- rule: config r\nselect 'x' as resource, '%s' as status, '' as reason;\n"
                "-- rule: config s\nselect 'x' as resource, '%s' as status, '' as reason;\n",
                words[a], words[b]);
            enum gl_status heavier = weights[a > b ? a : b];
            expect(within, false, heavier, NULL);
            expect(across, false, heavier, NULL);
        }
    }
}

static void nothing_is_unknown(void **state)
{
    (void)state;
    expect("-- rule: config r\nselect key as resource, 'pass' as status, '' as reason from config\n"
           "where key = 'zzz';\n",
           false, GL_STATUS_UNKNOWN, "nothing to judge by the rule `config r` of x.1");
    expect(
        "-- rule: config,attestation two\nselect key as resource, 'pass' as status, '' as reason\n"
        "from config where key = 'zzz';\n",
        false, GL_STATUS_UNKNOWN, "`config,attestation two` of x.1");
}

static void a_source_that_is_not_there_is_unknown(void **state)
{
    (void)state;
    static const char rule[] =
        "-- rule: %s r\nselect 'x' as resource, 'pass' as status, '' as reason;\n";

    static const struct {
        const char *source;
        const char *reason;
    } cases[] = {
        {"database",    "database: no --database"                 },
        {"repo",        "repo: git is missing"                    },
        {"ledger",      "the facts of `ledger` were not collected"},
        {"config,repo", "repo: git is missing"                    },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *text = gl_asprintf(rule, cases[i].source);
        expect(text, false, GL_STATUS_UNKNOWN, cases[i].reason);
    }
}

#define GOOD "-- rule: config r\nselect 'x' as resource, 'pass' as status, 'y' as reason;\n"

static void live_rules_are_put_off(void **state)
{
    (void)state;
    static const char live[] =
        "-- rule: aws l\nselect 'x' as resource, 'fail' as status, 'z' as reason;\n";
    expect(live, false, GL_STATUS_UNKNOWN, "needs --live");
    expect(live, true, GL_STATUS_FAIL, "z");
    gl_autofree char *both = gl_asprintf("%s%s", GOOD, live);
    struct judged judged = judge(both, false);
    assert_int_equal(judged.result.status, GL_STATUS_PASS);
    assert_int_equal(judged.result.deferred, 1);
    done(&judged);
    expect("-- rule: aws none\n", true, GL_STATUS_UNKNOWN, "cannot judge this yet");
}

static int rows_of_config(sqlite3 *db)
{
    gl_autostmt sqlite3_stmt *count = NULL;
    assert_int_equal(gl_sqlite_prepare(db, &count, NULL, "select count(*) from config", ""), 0);
    assert_int_equal(gl_sqlite_step(count, NULL), 1);
    return sqlite3_column_int(count, 0);
}

static void rules_cannot_do_harm(void **state)
{
    (void)state;

    static const struct {
        const char *sql;
        const char *reason;
    } cases[] = {
        {"delete from config;",                                                         "may only read"            },
        {"insert into config select * from config;",                                    "may only read"            },
        {"attach ':memory:' as other;",                                                 "may only read"            },
        {"pragma table_info(config);",                                                  "may only read"            },
        {"select load_extension('x') as resource, 'pass' as status, '' as reason;",     ""                         },
        {"create table t (a);",                                                         "may only read"            },
        {"begin;",                                                                      "may only read"            },
        {"select 'x' as resource, 'pass' as status, '' as reason; select 1;",           "is one SELECT"            },
        {"select 'x' as resource, 'pass' as status, '' as reason; delete from config;",
         "is one SELECT"                                                                                           },
        {";",                                                                           "is one SELECT"            },
        {"select 'x' as resource, 'pass' as status;",                                   "lacks the column `reason`"},
        {"select 'x' as resource, 'pass' as status, '' as reason, 1 as lines;",
         "no column `lines`"                                                                                       },
        {"select 'x' as resource, 'PASS' as status, '' as reason;",                     "`PASS` is no status"      },
        {"select 'x' as resource, 'waived' as status, '' as reason;",                   "`waived` is no status"    },
        {"select 'x' as resource, null as status, '' as reason;",                       "`` is no status"          },
        {"select nope as resource, 'pass' as status, '' as reason from config;",
         "no such column: nope"                                                                                    },
        {"select zeroblob(100000000) as resource, 'pass' as status, '' as reason;",     "too big"                  },
        {"with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000)\n"
         "select i as resource, 'pass' as status, '' as reason from n;",       "more than 10000 rows"     },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *text = gl_asprintf("-- rule: config bad\n%s\n%s", cases[i].sql, GOOD);
        struct judged judged = judge(text, false);
        const struct gl_rule_result *bad = &judged.result.rules[0];
        print_message("# %s\n", bad->findings[0].reason);
        assert_int_equal(bad->status, GL_STATUS_UNKNOWN);
        assert_true(bad->broken);
        assert_false(judged.result.rules[1].broken);
        assert_string_equal(bad->findings[0].file, "controls/x.sql");
        assert_int_equal(bad->findings[0].line, 7);
        assert_non_null(strstr(bad->findings[0].reason, cases[i].reason));
        assert_int_equal(judged.result.rules[1].status, GL_STATUS_PASS);
        assert_int_equal(rows_of_config(judged.db), 2);
        done(&judged);
    }
}

static void a_mistake_in_sql_has_its_line(void **state)
{
    (void)state;
    struct judged judged = judge("-- rule: config r\n\nselect 'x' as resource, 'pass' as status,\n"
                                 "  nope as reason from config;\n",
                                 false);
    const struct gl_finding *finding = &judged.result.rules[0].findings[0];
    assert_string_equal(finding->file, "controls/x.sql");
    assert_int_equal(finding->line, 9);
    assert_true(judged.result.rules[0].broken);
    done(&judged);
}

static void what_takes_too_long_is_ended(void **state)
{
    (void)state;
    int64_t begin_ms = gl_mono_ms();
    struct judged judged = judge_with(
        open_facts(),
        "-- rule: config slow\nwith recursive n (i) as (select 1 union all select i + 1 from n)\n"
        "select max(i) as resource, 'pass' as status, '' as reason from n;\n" GOOD,
        false, 50);
    assert_int_equal(judged.result.rules[0].status, GL_STATUS_UNKNOWN);
    assert_non_null(strstr(judged.result.rules[0].findings[0].reason, "longer than 50 ms"));
    assert_true(judged.result.rules[0].broken);
    assert_int_equal(judged.result.rules[1].status, GL_STATUS_PASS);
    assert_true(gl_mono_ms() - begin_ms < 10000);
    done(&judged);
}

static void json_and_recursion_may_be_used(void **state)
{
    (void)state;
    expect(
        "-- rule: config r\nwith recursive n (i) as (select 1 union all select i + 1 from n where i < 3)\n"
        "select j.value as resource, 'pass' as status, i as reason from n join json_each('[1,2]') j;\n",
        false, GL_STATUS_PASS, NULL);
}

static void afterwards_the_facts_can_be_written_again(void **state)
{
    (void)state;
    struct judged judged = judge(GOOD, false);
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_sqlite_exec(judged.db, "delete from config", &err), 0);
    done(&judged);
}

/* ---- signatures --------------------------------------------------------------------------------
 */

static void expect_signed(const char *rows, enum gl_status status, const char *reason)
{
    sqlite3 *db = open_facts();
    gl_autoerr struct gl_error err = {0};
    if (*rows && gl_sqlite_exec(db, rows, &err) < 0)
        fail_msg("%s", err.message);
    struct judged judged = judge_with(db, "-- rule: attestation\n", false, GL_RULE_LIMIT_MS);
    print_message("# %s\n", judged.result.rules[0].findings[0].reason);
    assert_string_equal(gl_status_words[judged.result.status], gl_status_words[status]);
    assert_non_null(strstr(judged.result.rules[0].findings[0].reason, reason));
    done(&judged);
}

#define SIGNED(control, person, answer, signed, until, binds, seq, flaw)                           \
    "insert into attestation values ('" control "', '" person "', '" answer                        \
    "', 'a note', " signed ", " until ", '" binds "', 'h', " seq ", " flaw ");"

static void signatures_count_when_they_are_what_is_asked(void **state)
{
    (void)state;
    expect_signed("", GL_STATUS_UNKNOWN, "nobody of roles.security");
    expect_signed(SIGNED("x.1", "suzuki", "yes", "1796000000", "1796259200", "config", "5", "null"),
                  GL_STATUS_PASS, "suzuki signed on 2026-11-30");
    expect_signed(SIGNED("x.1", "suzuki", "no", "1796000000", "1796259200", "config", "5", "null"),
                  GL_STATUS_FAIL, "a note");
    expect_signed(SIGNED("x.2", "suzuki", "yes", "1796000000", "1796259200", "config", "5", "null"),
                  GL_STATUS_UNKNOWN, "nobody of roles.security");
    expect_signed(SIGNED("x.1", "sato", "yes", "1796000000", "1796259200", "config", "5", "null"),
                  GL_STATUS_UNKNOWN, "sato is not in roles.security");
    expect_signed(
        SIGNED("x.1", "suzuki", "yes", "1796000000", "1796259200", "release", "5", "null"),
        GL_STATUS_UNKNOWN, "binds release, not config");
    expect_signed(SIGNED("x.1", "suzuki", "yes", "1788000000", "1788086400", "config", "5", "null"),
                  GL_STATUS_UNKNOWN, "too old");
    expect_signed(SIGNED("x.1", "suzuki", "yes", "1796000000", "1796100000", "config", "5", "null"),
                  GL_STATUS_UNKNOWN, "too old");
    expect_signed(SIGNED("x.1", "suzuki", "yes", "1796000000", "1899999999", "config", "5", "null"),
                  GL_STATUS_UNKNOWN, "is to hold longer than");
    expect_signed("insert into event values (5, 0, 'a', 'attestation', 'prod', 0, "
                  "json_object('statement', json_object('question', 'of another')));" SIGNED(
                      "x.1", "suzuki", "yes", "1796000000", "1796259200", "config", "5", "null"),
                  GL_STATUS_UNKNOWN, "was another one");
    expect_signed(SIGNED("x.1", "suzuki", "yes", "1797000000", "1797000001", "config", "5", "null"),
                  GL_STATUS_UNKNOWN, "in the future");
    expect_signed(
        SIGNED("x.1", "suzuki", "yes", "1796000000", "1796259200", "config", "5", "'forged'"),
        GL_STATUS_UNKNOWN, "forged");
}

static void the_newest_good_signature_counts(void **state)
{
    (void)state;
    expect_signed(
        SIGNED("x.1", "suzuki", "yes", "1796000000", "1796259200", "config", "5", "null")
            SIGNED("x.1", "suzuki", "no", "1796000001", "1796259200", "config", "6", "null"),
        GL_STATUS_FAIL, "answered no");
    expect_signed(
        SIGNED("x.1", "suzuki", "yes", "1796000000", "1796259200", "config", "5", "null")
            SIGNED("x.1", "suzuki", "no", "1796000001", "1796259200", "config", "6", "'forged'"),
        GL_STATUS_PASS, "suzuki signed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_findings),
        cmocka_unit_test(rows_stand_by_place),
        cmocka_unit_test(what_a_function_reads_is_read),
        cmocka_unit_test(the_heaviest_row_counts),
        cmocka_unit_test(nothing_is_unknown),
        cmocka_unit_test(a_source_that_is_not_there_is_unknown),
        cmocka_unit_test(live_rules_are_put_off),
        cmocka_unit_test(rules_cannot_do_harm),
        cmocka_unit_test(a_mistake_in_sql_has_its_line),
        cmocka_unit_test(what_takes_too_long_is_ended),
        cmocka_unit_test(json_and_recursion_may_be_used),
        cmocka_unit_test(afterwards_the_facts_can_be_written_again),
        cmocka_unit_test(signatures_count_when_they_are_what_is_asked),
        cmocka_unit_test(the_newest_good_signature_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
