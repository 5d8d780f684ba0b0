/* A check: waivers, a baseline, what changed, and what blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "control/check.h"
#include "data/sqlite.h"
#include "facts/facts.h"

struct world {
    sqlite3 *db;
    struct gl_controls controls;
    struct gl_check check;
};

static void add_rule(struct world *world, const char *id, const char *severity, const char *judged,
                     const char *sql)
{
    gl_autofree char *text = gl_asprintf(
        "-- id: %s\n-- title: t\n-- severity: %s\n-- judged: %s\n-- rule: config r\n%s\n", id,
        severity, judged, sql);
    gl_autoproblems struct gl_problems problems = {0};
    struct gl_controls *controls = &world->controls;
    controls->items =
        gl_realloc_array(controls->items, controls->count + 1, sizeof *controls->items);
    assert_true(gl_control_parse(text, strlen(text), "controls/x.sql",
                                 &controls->items[controls->count++], &problems));
}

/* A control with one rule of one row for each resource in table `verdicts`. */
static void add_control(struct world *world, const char *id, const char *severity,
                        const char *judged)
{
    gl_autofree char *sql = gl_asprintf(
        "select parent as resource, value as status, 'because' as reason, file, line from config "
        "where key = '%s';",
        id);
    add_rule(world, id, severity, judged, sql);
}

static void exec(struct world *world, const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    if (gl_sqlite_exec(world->db, sql, &err) < 0)
        fail_msg("%s", err.message);
}

/* The rule of control `id` says this of a resource. */
static void say(struct world *world, const char *id, const char *resource, const char *status)
{
    gl_autofree char *sql =
        gl_asprintf("insert into config values ('prod', '%s', '', '%s', '', '%s', 'text', 'file', "
                    "'%s.txt', 4)",
                    id, resource, status, resource);
    exec(world, sql);
}

static void set(struct world *world, const char *key, const char *shape, const char *parent,
                const char *value)
{
    gl_autofree char *sql =
        gl_asprintf("insert into config values ('prod', '%s', '%s', '%s', '', '%s', 'text', "
                    "'file', 'golive.yaml', 50)",
                    key, shape, parent, value);
    exec(world, sql);
}

static void person(struct world *world, const char *id, const char *role)
{
    gl_autofree char *key = gl_asprintf("people[%s].id", id);
    gl_autofree char *parent = gl_asprintf("roles.%s", role);
    set(world, key, "people[].id", "people[0]", id);
    set(world, parent, "roles", parent, id);
}

static struct world begin(void)
{
    struct world world = {0};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_facts_open(&world.db, &err), 0);
    exec(&world, "insert into run values ('demo', 'prod', 'aws', null, null, 1796169600, "
                 "'2026-12-02');"
                 "insert into source values ('config', 'collected', null, 0)");
    person(&world, "sato", "service_owner");
    person(&world, "suzuki", "security");
    person(&world, "tanaka", "dba");
    return world;
}

static void run_at(struct world *world, enum gl_stage stage)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_check_request request = {.controls = &world->controls, .stage = stage};
    gl_check_done(&world->check);
    if (gl_check_run(world->db, &request, &world->check, &err) < 0)
        fail_msg("%s", err.message);
}

static void end(struct world *world)
{
    gl_check_done(&world->check);
    gl_controls_done(&world->controls);
    gl_facts_close(&world->db);
}

/* ---- what blocks -------------------------------------------------------------------------------
 */

static void blocks_by_severity_and_stage(void **state)
{
    (void)state;

    static const struct {
        const char *severity;
        const char *judged;
        const char *status;
        enum gl_stage stage;
        bool blocks;
    } cases[] = {
        {"critical", "plan",    "fail",           GL_STAGE_PLAN,    true },
        {"medium",   "plan",    "fail",           GL_STAGE_PLAN,    true },
        {"low",      "plan",    "fail",           GL_STAGE_PLAN,    false},
        {"high",     "after",   "fail",           GL_STAGE_PLAN,    true },
        {"high",     "plan",    "unknown",        GL_STAGE_PLAN,    true },
        {"critical", "release", "unknown",        GL_STAGE_RELEASE, true },
        {"critical", "release", "unknown",        GL_STAGE_INFRA,   false},
        {"medium",   "plan",    "unknown",        GL_STAGE_AFTER,   false},
        {"critical", "plan",    "pass",           GL_STAGE_AFTER,   false},
        {"critical", "plan",    "not_applicable", GL_STAGE_AFTER,   false},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        struct world world = begin();
        add_control(&world, "c.1", cases[i].severity, cases[i].judged);
        say(&world, "c.1", "a", cases[i].status);
        run_at(&world, cases[i].stage);
        print_message("# %zu\n", i);
        assert_int_equal(world.check.items[0].blocks, cases[i].blocks);
        assert_int_equal(world.check.counts.blocking, cases[i].blocks);
        end(&world);
    }
}

/* Its rule is a mistake where `status` is none. */
static void a_rule_that_cannot_be_run_blocks(void **state)
{
    (void)state;
    static const char *const severities[] = {"low", "medium", "high", "critical"};
    for (size_t i = 0; i < GL_COUNT(severities); i++) {
        struct world world = begin();
        add_control(&world, "c.1", severities[i], "after");
        say(&world, "c.1", "a", "PASS");
        run_at(&world, GL_STAGE_PLAN);
        assert_true(world.check.items[0].blocks);
        assert_int_equal(world.check.items[0].status, GL_STATUS_UNKNOWN);
        world.check.since = true; /* what it would have found may be in any file */
        gl_check_conclude(&world.check);
        assert_int_equal(world.check.counts.blocking, 1);
        world.check.items[0].rules[0].findings[0].waived = true;
        gl_check_conclude(&world.check);
        assert_int_equal(world.check.counts.blocking, 0);
        end(&world);
    }
}

static void only_some_are_judged(void **state)
{
    (void)state;
    struct world world = begin();
    gl_autoerr struct gl_error err = {0};
    add_control(&world, "c.1", "low", "plan");
    add_control(&world, "c.2", "high", "plan");
    gl_autostrv struct gl_strv only = {0};
    gl_strv_add(&only, "c");
    struct gl_check_request request = {
        .controls = &world.controls, .only = &only, .severity = GL_SEVERITY_MEDIUM};
    assert_int_equal(gl_check_run(world.db, &request, &world.check, &err), 0);
    assert_int_equal(world.check.count, 1);
    assert_string_equal(world.check.items[0].control->id, "c.2");
    gl_strv_add(&only, "c.3");
    struct gl_check other = {0};
    assert_int_equal(gl_check_run(world.db, &request, &other, &err), GL_E_NOT_FOUND);
    end(&world);
}

/* ---- waivers -----------------------------------------------------------------------------------
 */

struct waiver_case {
    const char *severity;
    const char *status;
    const char *by;
    const char *approved_by; /* NULL = absent */
    const char *expires;
    const char *control;
    const char *flaw; /* part of it, NULL = it counts */
};

static const struct waiver_case waiver_cases[] = {
    {"high",     "fail",    "sato",   "tanaka", "2027-01-01", "c.1", NULL                                   },
    {"high",     "unknown", "sato",   "tanaka", "2027-01-01", "c.1", NULL                                   },
    {"high",     "fail",    "sato",   "tanaka", "2026-12-02", "c.1", NULL                                   },
    {"high",     "fail",    "sato",   "tanaka", "2026-12-01", "c.1", "expired on 2026-12-01"                },
    {"high",     "fail",    "sato",   "tanaka", "2027-03-02", "c.1", NULL                                   },
    {"high",     "fail",    "sato",   "tanaka", "2027-03-03", "c.1", "expires in 91 days"                   },
    {"high",     "fail",    "sato",   "tanaka", "soon",       "c.1", "`soon` is no date"                    },
    {"high",     "fail",    "sato",   "sato",   "2027-01-01", "c.1", "cannot agree to a waiver of their own"},
    {"high",     "fail",    "sato",   NULL,     "2027-01-01", "c.1", "somebody else has to agree"           },
    {"high",     "fail",    "nobody", "tanaka", "2027-01-01", "c.1", "has the id nobody"                    },
    {"high",     "fail",    "sato",   "nobody", "2027-01-01", "c.1", "has the id nobody"                    },
    {"medium",   "fail",    "sato",   NULL,     "2027-01-01", "c.1", NULL                                   },
    {"critical", "fail",    "sato",   "tanaka", "2027-01-01", "c.1", "roles.security"                       },
    {"critical", "fail",    "sato",   "suzuki", "2027-01-01", "c.1", NULL                                   },
    {"critical", "fail",    "suzuki", "sato",   "2027-01-01", "c.1", NULL                                   },
    {"critical", "fail",    "sato",   "suzuki", "2027-01-01", "c.9", "no control `c.9`"                     },
    {"critical", "fail",    "sato",   "suzuki", "2027-01-01", "f.1", "forbids to waive f.1"                 },
};

static void add_waiver(struct world *world, const struct waiver_case *waiver)
{
    set(world, "waivers[0].control", "waivers[].control", "waivers[0]", waiver->control);
    set(world, "waivers[0].reason", "waivers[].reason", "waivers[0]",
        "the vendor mends it in January");
    set(world, "waivers[0].by", "waivers[].by", "waivers[0]", waiver->by);
    if (waiver->approved_by)
        set(world, "waivers[0].approved_by", "waivers[].approved_by", "waivers[0]",
            waiver->approved_by);
    set(world, "waivers[0].expires", "waivers[].expires", "waivers[0]", waiver->expires);
}

static void waivers_count_by_people_time_and_severity(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(waiver_cases); i++) {
        const struct waiver_case *one = &waiver_cases[i];
        struct world world = begin();
        add_control(&world, "c.1", one->severity, "plan");
        add_control(&world, "f.1", one->severity, "plan");
        set(&world, "gate.no_waiver[0]", "gate.no_waiver[]", "gate.no_waiver", "f.1");
        say(&world, "c.1", "a", one->status);
        say(&world, "f.1", "a", "pass");
        add_waiver(&world, one);
        run_at(&world, GL_STAGE_PLAN);
        const struct gl_waiver *waiver = &world.check.waivers[0];
        print_message("# %zu %s\n", i, waiver->flaw ? waiver->flaw : "counts");
        assert_int_equal(world.check.waiver_count, 1);
        assert_int_equal(!waiver->flaw, !one->flaw);
        if (one->flaw)
            assert_non_null(strstr(waiver->flaw, one->flaw));
        assert_int_equal(world.check.items[0].status == GL_STATUS_WAIVED, !one->flaw);
        assert_int_equal(world.check.items[0].blocks, !!one->flaw);
        assert_int_equal(waiver->used, !one->flaw);
        end(&world);
    }
}

static void a_waiver_that_matches_nothing_is_seen(void **state)
{
    (void)state;
    struct world world = begin();
    add_control(&world, "c.1", "high", "plan");
    say(&world, "c.1", "a", "pass");
    add_waiver(&world, &waiver_cases[0]);
    run_at(&world, GL_STAGE_PLAN);
    assert_true(world.check.waivers[0].checked);
    assert_int_equal(world.check.waivers[0].used, 0);
    assert_int_equal(world.check.items[0].status, GL_STATUS_PASS);
    end(&world);
}

static void a_template_waives_only_its_own_resource(void **state)
{
    (void)state;
    struct world world = begin();
    add_control(&world, "c.1", "high", "plan");
    exec(&world,
         "insert into stack values ('s', 'prod', 's', 's', null, 'own', 'stacks/s.yaml', '', "
         "'template', 0);"
         "insert into resource values ('a', 'prod', 's', 'a', 'T', 'yes', null, null, null, "
         "'template', null, null);"
         "insert into resource_waiver values ('c.1', 'a', 'the vendor mends it in January', "
         "'sato', 'tanaka', '2027-01-01', 'stacks/s.yaml', 12)");
    say(&world, "c.1", "a", "fail");
    say(&world, "c.1", "a Policies[0]", "fail"); /* a part of it */
    say(&world, "c.1", "ab", "fail");
    run_at(&world, GL_STAGE_PLAN);
    assert_int_equal(world.check.waivers[0].used, 2);
    assert_int_equal(world.check.items[0].status, GL_STATUS_FAIL);
    exec(&world, "delete from config where parent = 'ab'");
    run_at(&world, GL_STAGE_PLAN);
    assert_int_equal(world.check.items[0].status, GL_STATUS_WAIVED);
    assert_false(world.check.items[0].blocks);
    end(&world);
}

/* ---- a baseline --------------------------------------------------------------------------------
 */

static void apply(struct world *world, const json_t *baseline)
{
    gl_autoerr struct gl_error err = {0};
    if (gl_check_baseline_apply(baseline, &world->check, &err) < 0)
        fail_msg("%s", err.message);
}

static void what_failed_before_does_not_block(void **state)
{
    (void)state;
    struct world world = begin();
    add_control(&world, "c.1", "critical", "plan");
    say(&world, "c.1", "a", "fail");
    say(&world, "c.1", "a", "fail");
    run_at(&world, GL_STAGE_PLAN);
    gl_autojson json_t *baseline = gl_check_baseline_make(&world.check);
    gl_autofree char *text = gl_json_canonical(baseline);
    assert_string_equal(text, "{\"failures\":[{\"control\":\"c.1\",\"count\":2,\"file\":\"a.txt\","
                              "\"resource\":\"a\",\"rule\":\"r\"}],\"version\":1}");
    apply(&world, baseline);
    assert_int_equal(world.check.items[0].status, GL_STATUS_FAIL);
    assert_false(world.check.items[0].blocks);
    assert_int_equal(world.check.counts.known, 2);
    say(&world, "c.1", "a", "fail");
    run_at(&world, GL_STAGE_PLAN);
    apply(&world, baseline);
    assert_true(world.check.items[0].blocks); /* one more than there were */
    exec(&world, "delete from config where key = 'c.1'");
    say(&world, "c.1", "a", "pass");
    run_at(&world, GL_STAGE_PLAN);
    apply(&world, baseline);
    assert_int_equal(world.check.counts.mended, 2);
    assert_int_equal(world.check.counts.known, 0);
    end(&world);
}

static void what_is_no_baseline_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"version\":2,\"failures\":[]}",
        "{\"version\":1,\"failures\":{}}",
        "{\"version\":1,\"failures\":[{\"control\":\"c.1\"}]}",
        "{\"version\":1,\"failures\":[{\"control\":\"c.1\",\"rule\":\"r\",\"count\":-1}]}",
    };
    struct world world = begin();
    add_control(&world, "c.1", "critical", "plan");
    say(&world, "c.1", "a", "fail");
    run_at(&world, GL_STAGE_PLAN);
    for (size_t i = 0; i < GL_COUNT(texts); i++) {
        gl_autojson json_t *baseline = NULL;
        gl_autoerr struct gl_error err = {0};
        assert_int_equal(gl_json_parse(texts[i], strlen(texts[i]), "b", &baseline, &err), 0);
        assert_int_equal(gl_check_baseline_apply(baseline, &world.check, &err), GL_E_CONFIG);
        assert_true(world.check.items[0].blocks);
    }
    end(&world);
}

/* ---- what changed ------------------------------------------------------------------------------
 */

static void sh(const char *dir, const char *command)
{
    gl_autofree char *line = gl_asprintf(
        "cd '%s' && git init -q . 2>/dev/null; export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@x "
        "GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@x; %s",
        dir, command);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c): a test of its own words */
}

static void failures_in_unchanged_files_do_not_count(void **state)
{
    (void)state;
    char dir[] = "/tmp/golive-since-XXXXXX";
    gl_autoerr struct gl_error err = {0};
    assert_non_null(mkdtemp(dir));
    sh(dir,
       "echo 1 >a.txt && echo 1 >b.txt && git add . && git -c commit.gpgsign=false commit -qm begin");
    struct world world = begin();
    add_control(&world, "c.1", "high", "plan");
    add_control(&world, "c.2", "high", "plan");
    add_control(&world, "c.3", "high", "plan");
    say(&world, "c.1", "a", "fail");
    say(&world, "c.2", "b", "fail");
    say(&world, "c.3", "c", "fail");
    run_at(&world, GL_STAGE_PLAN);
    sh(dir, "echo 2 >a.txt && echo 1 >c.txt");
    assert_int_equal(gl_check_since(dir, "HEAD", &world.check, &err), 0);
    assert_true(world.check.items[0].blocks);
    assert_false(world.check.items[1].blocks);
    assert_true(world.check.items[2].blocks); /* a new file */
    assert_int_equal(world.check.counts.outside, 1);
    assert_int_equal(gl_check_since(dir, "no-such-branch", &world.check, &err), GL_E_PROCESS);
    assert_int_equal(gl_check_since(dir, "--output=x", &world.check, &err), GL_E_USAGE);
    end(&world);
    assert_int_equal(gl_remove_tree(dir, NULL), 0);
}

/* More names beside the project than can be read of any program. */
static void a_repository_is_larger_than_its_project(void **state)
{
    (void)state;
    char dir[] = "/tmp/golive-since-XXXXXX";
    gl_autoerr struct gl_error err = {0};
    assert_non_null(mkdtemp(dir));
    sh(dir, "mkdir app data && echo 1 >app/a.txt && echo 1 >app/b.txt && git add app && "
            "git -c commit.gpgsign=false commit -qm begin && echo 2 >app/a.txt && "
            "name=$(printf %0250d 0) && deep=$name/$name/$name/$name/$name/$name/$name && "
            "cd data && mkdir -p $deep/$deep && cd $deep/$deep && seq 2500 | xargs touch");
    struct world world = begin();
    add_control(&world, "c.1", "high", "plan");
    add_control(&world, "c.2", "high", "plan");
    say(&world, "c.1", "a", "fail");
    say(&world, "c.2", "b", "fail");
    run_at(&world, GL_STAGE_PLAN);
    gl_autofree char *project = gl_path_join(dir, "app");
    if (gl_check_since(project, "HEAD", &world.check, &err) < 0)
        fail_msg("%s", err.message);
    assert_true(world.check.items[0].blocks);
    assert_false(world.check.items[1].blocks);
    end(&world);
    assert_int_equal(gl_remove_tree(dir, NULL), 0);
}

/* ---- side by side ------------------------------------------------------------------------------
 */

enum { MANY = 200 };

/* Each looks its status up in a table, its reason in what is kept in memory, and reads a view. */
static void add_many(struct world *world)
{
    set(world, "env_vars[0].name", "env_vars[].name", "env_vars[0]", "PORT");
    for (int i = 0; i < MANY; i++) {
        gl_autofree char *id = gl_asprintf("c.%d", i);
        gl_autofree char *sql = gl_asprintf(
            "select v.name as resource, c.value as status, conf('%s') as reason, null as file, "
            "null as line from env_var v join config c on c.key = '%s';",
            id, id);
        add_rule(world, id, "high", "plan", sql);
        say(world, id, "r", i % 3 ? "pass" : "fail");
    }
}

static void expect_many(const struct world *world, const char *third)
{
    assert_int_equal(world->check.count, MANY);
    for (int i = 0; i < MANY; i++) {
        const struct gl_control_result *item = &world->check.items[i];
        gl_autofree char *id = gl_asprintf("c.%d", i);
        const char *status = i % 3 ? "pass" : third;
        assert_string_equal(item->control->id, id);
        assert_int_equal(item->rules[0].count, 1);
        assert_string_equal(item->rules[0].findings[0].resource, "PORT");
        assert_string_equal(item->rules[0].findings[0].reason, status);
        assert_string_equal(gl_status_words[item->status], status);
        assert_true(gl_strv_has(&item->rules[0].reads, "env_var"));
    }
}

/* Two threads judge many controls; each result stands in its place, and afterwards the facts can
 * change and views follow them. */
static void many_are_judged_side_by_side(void **state)
{
    (void)state;
    struct world world = begin();
    add_many(&world);
    run_at(&world, GL_STAGE_PLAN);
    expect_many(&world, "fail");
    exec(&world, "update config set value = 'unknown' where value = 'fail'");
    run_at(&world, GL_STAGE_PLAN);
    expect_many(&world, "unknown");
    exec(&world, "delete from config where key = 'env_vars[0].name'");
    run_at(&world, GL_STAGE_PLAN);
    assert_int_equal(world.check.counts.status[GL_STATUS_UNKNOWN], MANY);
    exec(&world, "drop view env_var"); /* it is one again */
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_by_severity_and_stage),
        cmocka_unit_test(a_rule_that_cannot_be_run_blocks),
        cmocka_unit_test(only_some_are_judged),
        cmocka_unit_test(waivers_count_by_people_time_and_severity),
        cmocka_unit_test(a_waiver_that_matches_nothing_is_seen),
        cmocka_unit_test(a_template_waives_only_its_own_resource),
        cmocka_unit_test(what_failed_before_does_not_block),
        cmocka_unit_test(what_is_no_baseline_is_refused),
        cmocka_unit_test(failures_in_unchanged_files_do_not_count),
        cmocka_unit_test(a_repository_is_larger_than_its_project),
        cmocka_unit_test(many_are_judged_side_by_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
