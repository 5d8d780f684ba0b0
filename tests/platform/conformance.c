/* What platform.h promises, asked of a platform that really runs: the same suite for each. The
 * tests go on from what the one before left, as releases do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/json.h"
#include "cmd/command.h"
#include "stage.h"

enum {
    READY_MS = 30000,
    NOT_READY_MS = 5000,
    REQUESTS = 30,
    GOOD = 1,
    NEXT,
    CRASHES,
    NEVER_READY,
};

static struct stage stage;
static char digests[NEVER_READY + 1][GL_DIGEST_SIZE];
static char *sites[NEVER_READY + 1];

static const struct gl_platform_ops *ops(void)
{
    return stage.platform->ops;
}

static struct gl_artifact artifact(int64_t release)
{
    static char versions[NEVER_READY + 1][8];
    (void)snprintf(versions[release], sizeof versions[0], "v%d", (int)release);
    return (struct gl_artifact){
        .release = release,
        .version = versions[release],
        .layout_dir = stage.layout,
        .image_digest = digests[release],
        .frontend_dir = sites[release],
    };
}

/* ---- words for the tests -----------------------------------------------------------------------
 */

static struct gl_traffic traffic_now(void)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_traffic traffic = {0};
    stage_ok(ops()->traffic(stage.platform, &traffic, &err), &err);
    return traffic;
}

/* Share of requests of a version, -1 if it does not run. */
static int weight_of(int64_t release)
{
    struct gl_traffic traffic = traffic_now();
    for (size_t i = 0; i < traffic.count; i++) {
        if (traffic.versions[i].release == release)
            return traffic.versions[i].weight_pct;
    }
    return -1;
}

static void place(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_artifact a = artifact(release);
    stage_ok(ops()->preflight(stage.platform, &a, &err), &err);
    stage_ok(ops()->place(stage.platform, &a, &err), &err);
}

static int try_start(int64_t release, int64_t timeout_ms, struct gl_error *err)
{
    struct gl_artifact a = artifact(release);
    return ops()->start(stage.platform, &a, timeout_ms, err);
}

static void start(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    stage_ok(try_start(release, READY_MS, &err), &err);
}

static void shift(int64_t release, int pct)
{
    gl_autoerr struct gl_error err = {0};
    stage_ok(ops()->shift(stage.platform, release, pct, &err), &err);
}

static void stop(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    stage_ok(ops()->stop(stage.platform, release, &err), &err);
}

static void conclude(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    stage_ok(ops()->conclude(stage.platform, release, &err), &err);
}

/* True if the answer is this version's: it names its version or its image. */
static bool answers(enum gl_endpoint which, int64_t asked, int64_t release)
{
    gl_autohttp struct gl_http_response response = {0};
    struct gl_artifact a = artifact(release);
    stage_get(&stage, which, asked, "/version", &response);
    assert_int_equal(response.status, 200);
    const char *body = gl_buf_text(&response.body);
    return strstr(body, a.image_digest) != NULL || strcmp(body, a.version) == 0;
}

/* Nothing of what the old version serves may be lost while others come and go. */
static void only_answers(int64_t release)
{
    for (int i = 0; i < REQUESTS; i++)
        assert_true(answers(GL_ENDPOINT_API, 0, release));
}

static void site_says(const char *path, long status, const char *words)
{
    gl_autohttp struct gl_http_response response = {0};
    stage_get(&stage, GL_ENDPOINT_APP, 0, path, &response);
    assert_int_equal(response.status, status);
    if (words)
        assert_non_null(strstr(gl_buf_text(&response.body), words));
}

/* ---- the promises ------------------------------------------------------------------------------
 */

static void base_services_come_up_and_are_there_the_second_time(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    stage_ok(ops()->up(stage.platform, &err), &err);
    stage_ok(ops()->up(stage.platform, &err), &err);
    assert_int_equal(traffic_now().frontend_release, 0);
    assert_int_equal(weight_of(GOOD), -1);
}

static void a_backup_is_made_once_for_its_label(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autobackup struct gl_backup first = {0};
    gl_autobackup struct gl_backup second = {0};
    stage_ok(ops()->backup(stage.platform, "release-1", &first, &err), &err);
    assert_non_null(first.id);
    assert_non_null(first.location);
    stage_ok(ops()->backup(stage.platform, "release-1", &second, &err), &err);
    assert_string_equal(first.id, second.id);
}

static void migrations_are_applied_once(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = stage_write_migration(&stage, "20260101000000_begin.sql",
                                                  "CREATE TABLE conformance (id bigint);");
    gl_automigrations struct gl_migrations list = {0};
    stage_ok(gl_migrations_scan(dir, &list, &err), &err);
    const struct gl_migration_job job = {.dir = dir, .list = &list, .expand_only = true};
    gl_automigratestatus struct gl_migrate_status before = {0};
    stage_ok(ops()->migration_status(stage.platform, &job, &before, &err), &err);
    assert_true(before.fresh);
    assert_int_equal(before.pending_expand, 1);
    struct gl_migrate_result result = {0};
    stage_ok(ops()->migrate(stage.platform, &job, &result, &err), &err);
    assert_int_equal(result.applied, 1);
    stage_ok(ops()->migrate(stage.platform, &job, &result, &err), &err);
    assert_int_equal(result.applied, 0);
    gl_automigratestatus struct gl_migrate_status after = {0};
    stage_ok(ops()->migration_status(stage.platform, &job, &after, &err), &err);
    assert_int_equal(after.states[0], GL_MIGRATION_APPLIED);
}

static void a_migration_that_fails_is_named_and_leaves_nothing(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = stage_write_migration(
        &stage, "20260102000000_wrong.sql", "CREATE TABLE half (id bigint);\nSELECT 1 / 0;\n");
    gl_automigrations struct gl_migrations list = {0};
    stage_ok(gl_migrations_scan(dir, &list, &err), &err);
    const struct gl_migration_job job = {.dir = dir, .list = &list, .expand_only = true};
    struct gl_migrate_result result = {0};
    assert_int_equal(ops()->migrate(stage.platform, &job, &result, &err), GL_E_DATABASE);
    assert_non_null(strstr(err.message, "division by zero"));
    gl_error_done(&err);
    gl_automigratestatus struct gl_migrate_status after = {0};
    stage_ok(ops()->migration_status(stage.platform, &job, &after, &err), &err);
    assert_int_equal(after.states[1], GL_MIGRATION_PENDING);
}

static void the_first_version_serves(void **state)
{
    (void)state;
    place(GOOD);
    start(GOOD);
    shift(GOOD, 100);
    assert_int_equal(weight_of(GOOD), 100);
    only_answers(GOOD);
    conclude(GOOD);
    only_answers(GOOD);
}

static void starting_again_changes_nothing(void **state)
{
    (void)state;
    place(GOOD);
    start(GOOD);
    assert_int_equal(traffic_now().count, 1);
    assert_int_equal(weight_of(GOOD), 100);
}

static void a_new_version_gets_no_traffic_until_it_is_given_some(void **state)
{
    (void)state;
    place(NEXT);
    start(NEXT);
    assert_int_equal(weight_of(NEXT), 0);
    assert_true(answers(GL_ENDPOINT_VERSION, NEXT, NEXT));
    only_answers(GOOD);
}

static void another_machine_sees_and_continues_it(void **state)
{
    (void)state;
    stage_reopen(&stage);
    start(NEXT);
    assert_int_equal(weight_of(GOOD), 100);
    assert_int_equal(weight_of(NEXT), 0);
    assert_true(answers(GL_ENDPOINT_VERSION, NEXT, NEXT));
}

static void traffic_moves_is_counted_and_moves_back(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    for (int share = ops()->next_share_pct(stage.platform, 0); share < 100;
         share = ops()->next_share_pct(stage.platform, share)) {
        shift(NEXT, share);
        assert_int_equal(weight_of(NEXT), share);
    }
    shift(NEXT, 100);
    assert_int_equal(weight_of(NEXT), 100);
    gl_autojson json_t *mark = NULL;
    stage_ok(ops()->mark(stage.platform, NEXT, &mark, &err), &err);
    only_answers(NEXT);
    gl_autoobservation struct gl_observation seen = {0};
    stage_ok(ops()->observe(stage.platform, NEXT, mark, &seen, &err), &err);
    assert_true(seen.healthy);
    assert_null(seen.alarm);
    assert_int_equal(seen.errors_5xx + seen.failures, 0);
    if (!stage.account) /* a cloud counts later */
        assert_int_equal(seen.requests, REQUESTS);
    shift(GOOD, 100);
    assert_int_equal(weight_of(GOOD), 100);
    only_answers(GOOD);
}

static void what_was_stopped_is_gone_and_can_be_stopped_again(void **state)
{
    (void)state;
    stop(NEXT);
    stop(NEXT);
    assert_true(weight_of(NEXT) <= 0);
    only_answers(GOOD);
}

static void refused(int64_t release, const char *words)
{
    gl_autoerr struct gl_error err = {0};
    place(release);
    int result = try_start(release, NOT_READY_MS, &err);
    if (result != GL_E_UNHEALTHY)
        fail_msg("%d: %s", result, err.message ? err.message : "it started");
    if (words && !strstr(err.message, words) && (!err.hint || !strstr(err.hint, words)))
        fail_msg("it does not say `%s`: %s (%s)", words, err.message, err.hint ? err.hint : "");
    only_answers(GOOD);
    stop(release);
    assert_int_equal(weight_of(GOOD), 100);
}

static void a_version_that_crashes_says_why_and_changes_nothing(void **state)
{
    (void)state;
    refused(CRASHES, "told to");
}

static void a_version_that_is_never_ready_is_refused(void **state)
{
    (void)state;
    refused(NEVER_READY, NULL);
}

static void the_next_good_version_can_still_be_released(void **state)
{
    (void)state;
    place(NEXT);
    start(NEXT);
    shift(NEXT, 100);
    gl_autoerr struct gl_error err = {0};
    stage_ok(ops()->move_sessions(stage.platform, NEXT, &err), &err);
    conclude(NEXT);
    assert_int_equal(weight_of(NEXT), 100);
    only_answers(NEXT);
    conclude(NEXT);
}

static void a_rollback_brings_the_earlier_version_back(void **state)
{
    (void)state;
    place(GOOD);
    start(GOOD);
    shift(GOOD, 100);
    conclude(GOOD);
    assert_int_equal(weight_of(GOOD), 100);
    only_answers(GOOD);
}

/* Where a version can be left down, it is brought back only when that is asked for. Elsewhere there
 * is nothing to show. */
static void a_version_that_was_left_down_is_revived_before_it_gets_traffic(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    if (!ops()->revive)
        return;
    stage_ok(ops()->move_sessions(stage.platform, GOOD, &err), &err);
    stop(NEXT);
    assert_int_equal(ops()->shift(stage.platform, NEXT, 100, &err), GL_E_UNHEALTHY);
    gl_error_done(&err);
    only_answers(GOOD);
    stage_ok(ops()->revive(stage.platform, NEXT, READY_MS, &err), &err);
    stage_ok(ops()->revive(stage.platform, NEXT, READY_MS, &err), &err);
    assert_int_equal(weight_of(NEXT), 0);
    only_answers(GOOD);
    shift(NEXT, 100);
    only_answers(NEXT);
    shift(GOOD, 100);
}

static void frontends_are_switched_and_old_assets_stay(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    for (int64_t release = GOOD; release <= NEXT; release++) {
        struct gl_artifact a = artifact(release);
        stage_ok(ops()->publish(stage.platform, &a, &err), &err);
        stage_ok(ops()->activate(stage.platform, release, &err), &err);
        assert_int_equal(traffic_now().frontend_release, release);
    }
    site_says("/", 200, "site 2");
    site_says("/_app/immutable/app.2.js", 200, "console.log(2)");
    site_says("/_app/immutable/app.1.js", 200, "console.log(1)");
    stage_ok(ops()->activate(stage.platform, GOOD, &err), &err);
    site_says("/", 200, "site 1");
    site_says("/_app/immutable/app.2.js", 200, "console.log(2)");
    stage_ok(ops()->activate(stage.platform, 0, &err), &err);
    assert_int_equal(traffic_now().frontend_release, 0);
    stage_ok(ops()->activate(stage.platform, NEXT, &err), &err);
    site_says("/", 200, "site 2");
}

static void what_is_kept_survives_tidying(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    const int64_t keep[] = {GOOD, NEXT};
    stage_ok(ops()->prune(stage.platform, keep, GL_COUNT(keep), &err), &err);
    only_answers(GOOD);
    site_says("/", 200, "site 2");
    site_says("/_app/immutable/app.1.js", 200, "console.log(1)");
}

static void it_describes_itself_and_shows_logs(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *status = NULL;
    stage_ok(ops()->describe(stage.platform, &status, &err), &err);
    assert_true(json_array_size(json_object_get(status, "services")) > 0);
    gl_autofree char *text = NULL;
    stage_ok(ops()->logs(stage.platform, "backend", 0, 20, &text, &err), &err);
    assert_non_null(text);
}

/* ---- the suite ---------------------------------------------------------------------------------
 */

static int set_up(void **state)
{
    static const enum stage_image kinds[] = {
        [GOOD] = STAGE_GOOD,
        [NEXT] = STAGE_GOOD,
        [CRASHES] = STAGE_CRASHES,
        [NEVER_READY] = STAGE_NEVER_READY,
    };

    (void)state;
    stage_open(&stage);
    for (int64_t release = GOOD; release <= NEVER_READY; release++) {
        stage_build(&stage, release, kinds[release], digests[release]);
        sites[release] = stage_build_site(&stage, release);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (stage.platform && !stage.account) {
        gl_autoerr struct gl_error err = {0};
        stage_ok(ops()->down(stage.platform, true, &err), &err);
    }
    stage_close(&stage);
    for (size_t i = 0; i < GL_COUNT(sites); i++)
        free(sites[i]);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >
        1) /* beside a database golive runs as a task: the program that asked for it, this one */
        return gl_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_services_come_up_and_are_there_the_second_time),
        cmocka_unit_test(a_backup_is_made_once_for_its_label),
        cmocka_unit_test(migrations_are_applied_once),
        cmocka_unit_test(a_migration_that_fails_is_named_and_leaves_nothing),
        cmocka_unit_test(the_first_version_serves),
        cmocka_unit_test(starting_again_changes_nothing),
        cmocka_unit_test(a_new_version_gets_no_traffic_until_it_is_given_some),
        cmocka_unit_test(another_machine_sees_and_continues_it),
        cmocka_unit_test(traffic_moves_is_counted_and_moves_back),
        cmocka_unit_test(what_was_stopped_is_gone_and_can_be_stopped_again),
        cmocka_unit_test(a_version_that_crashes_says_why_and_changes_nothing),
        cmocka_unit_test(a_version_that_is_never_ready_is_refused),
        cmocka_unit_test(the_next_good_version_can_still_be_released),
        cmocka_unit_test(a_rollback_brings_the_earlier_version_back),
        cmocka_unit_test(a_version_that_was_left_down_is_revived_before_it_gets_traffic),
        cmocka_unit_test(frontends_are_switched_and_old_assets_stay),
        cmocka_unit_test(what_is_kept_survives_tidying),
        cmocka_unit_test(it_describes_itself_and_shows_logs),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
