/* Promotion: the very thing that passed, and nothing else. */
#include "promoted.h"

#include "release/fingerprint.h"
#include "support/hook_server.h"

static struct hook_server *receiver; /* of webhooks */

/* The newest record of an environment. */
static struct gl_operation_record newest(const struct pair *pair, const char *env,
                                         struct gl_journal *journal)
{
    assert_int_equal(gl_journal_read(pair->fixture->ledger, env, journal, NULL), 0);
    assert_true(journal->count > 0);
    return journal->items[journal->count - 1];
}

static char *digest_in(const struct pair *pair, const char *env)
{
    gl_autojournal struct gl_journal journal = {0};
    struct gl_operation_record record = newest(pair, env, &journal);
    return gl_strdup(gl_json_str(json_object_get(record.facts, "image"), "digest", "?"));
}

static void no_approvals(struct pair *pair)
{
    set_approval(pair, "approval: {min: 0}", "sato tanaka suzuki");
}

/* ---- what passed goes on -----------------------------------------------------------------------
 */

static void what_passed_is_shipped_by_its_digest(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    /* If anything were built or packed again, it would differ. */
    write_file(pair->fixture, "backend/server", "not what was packed");
    must(pair->fixture, promote(pair));
    assert_has(calls(pair->fixture), "start 1; shift 1 100; publish 1; activate 1; sessions 1");
    assert_has(pair->fixture->notes, "release 1 of stg; prod wants no approvals");
    gl_autofree char *there = digest_in(pair, "stg");
    gl_autofree char *here = digest_in(pair, "prod");
    assert_string_equal(there, here);
    assert_int_equal(strlen(here), 71);
}

static void nothing_of_the_backend_is_built_or_tested_again(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    must(pair->fixture, promote(pair));
    gl_autojournal struct gl_journal journal = {0};
    struct gl_operation_record record = newest(pair, "prod", &journal);
    assert_null(json_object_get(record.facts, "test"));
    assert_int_equal(gl_json_int(json_object_get(record.about, "promotion"), "release", 0), 1);
    gl_autofree char *log = gl_path_join(pair->fixture->state_dir, "logs/release-1-backend.log");
    assert_int_equal(unlink(log), 0); /* of stg */
    must_refuse(pair, promote(pair), "serves in prod already");
    assert_false(gl_path_exists(log));
}

/* The frontend is built with the variables of its environment. */
static void the_frontend_is_built_for_its_environment(void **state)
{
    struct pair *pair = *state;
    gl_autofree char *settings = settings_of(pair, "approval: {min: 0}", "");
    gl_autobuf struct gl_buf text = {0};
    const char *build = strstr(settings, "frontend: 'true'");
    gl_buf_add(&text, settings, (size_t)(build - settings));
    gl_buf_puts(&text, "frontend: 'echo $PUBLIC_COLOUR $RELEASE_VERSION >> ../built'");
    gl_buf_puts(&text, build + strlen("frontend: 'true'"));
    write_file(pair->fixture, ".gitignore", ".golive/\nbackend/server\nfrontend/build/\nbuilt\n");
    git(pair, "git commit -qam second");
    write_settings(pair, gl_buf_text(&text));
    pass_stg(pair);
    /* A commit that changes only golive.yaml: the release keeps its version. */
    gl_buf_puts(&text, "# a remark\n");
    write_settings(pair, gl_buf_text(&text));
    must(pair->fixture, promote(pair));
    git(pair, "test \"$(wc -l < built)\" = 2 && test \"$(sort -u built | wc -l)\" = 1 && "
              "grep -q '^green [0-9a-f]*$' built");
}

/* ---- what did not pass does not ----------------------------------------------------------------
 */

static void nothing_passed(void **state)
{
    struct pair *pair = *state;
    must_refuse(pair, promote(pair), "nothing serves in stg");
    must_refuse(pair, promote_with(pair, (struct gl_release_request){.promote_release = 4}),
                "stg never had a release 4");
}

static void what_was_undone_is_refused_with_its_reason(void **state)
{
    struct pair *pair = *state;
    pass_stg(pair);
    write_file(pair->fixture, "frontend/src/app.html", "two");
    git(pair, "git commit -qam second");
    load_env(pair, "stg");
    script(pair->fixture, "start", 2, FAIL, 1);
    assert_int_equal(deploy_to(pair, "stg", (struct gl_release_request){0}), GL_E_ROLLED_BACK);
    must_refuse(pair, promote(pair),
                "release 2 did not pass stg; it was undone: start fails by script");
    assert_has(pair->fixture->err.hint, "Release 1 serves stg and passed; to promote that: git "
                                        "checkout ");
    assert_has(pair->fixture->err.hint, " && golive promote stg prod --release 1\n");
    must_refuse(pair, promote_with(pair, (struct gl_release_request){.promote_release = 2}),
                "start fails by script");
    assert_has(pair->fixture->err.hint, " && golive promote stg prod --release 1\n");
    gl_autofree char *hint = gl_strdup(pair->fixture->err.hint);
    const char *command = strstr(hint, "git checkout ");
    gl_autofree char *checkout = gl_strndup(command, strlen("git checkout ") + 40);
    git(pair, checkout);
    no_approvals(pair);
    must(pair->fixture, promote_with(pair, (struct gl_release_request){.promote_release = 1}));
}

/* What serves is too old: then it is not offered. */
static void only_what_could_be_promoted_is_offered(void **state)
{
    struct pair *pair = *state;
    hours_ago = 90 * 24 + 1;
    pass_stg(pair);
    hours_ago = 0;
    load_env(pair, "stg");
    script(pair->fixture, "start", 2, FAIL, 1);
    assert_int_equal(deploy_to(pair, "stg", (struct gl_release_request){0}), GL_E_ROLLED_BACK);
    must_refuse(pair, promote_with(pair, (struct gl_release_request){.promote_release = 2}),
                "release 2 did not pass stg");
    assert_null(strstr(pair->fixture->err.hint, "golive promote"));
}

static void what_was_rolled_back_from_is_refused(void **state)
{
    struct pair *pair = *state;
    pass_stg(pair);
    pass_stg(pair);
    load_env(pair, "stg");
    must(pair->fixture, rollback(pair->fixture));
    must_refuse(pair, promote_with(pair, (struct gl_release_request){.promote_release = 2}),
                "release 2 was rolled back from in stg");
}

static void another_source_is_refused_with_the_commit_to_go_to(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    write_file(pair->fixture, "frontend/src/app.html", "two");
    must_refuse(pair, promote(pair), "the working tree is not the source of release 1 of stg");
    git(pair, "git commit -qam second");
    must_refuse(pair, promote(pair), "the working tree is not the source of release 1 of stg");
    gl_autofree char *hint = gl_strdup(pair->fixture->err.hint);
    const char *command = strstr(hint, "git checkout ");
    assert_non_null(command);
    gl_autofree char *checkout = gl_strndup(command, strlen("git checkout ") + 40);
    git(pair, checkout);
    no_approvals(pair);
    must(pair->fixture, promote(pair));
}

/* At the right commit "git checkout" would be no help. */
static void what_is_in_the_way_is_named(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    write_file(pair->fixture, "frontend/src/app.html", "two");
    write_file(pair->fixture, "frontend/build/made.html", "by a build");
    write_file(pair->fixture, "notes.txt", "mine");
    must_refuse(pair, promote(pair), "the working tree is not the source of release 1 of stg");
    assert_has(pair->fixture->err.hint,
               "frontend/src/app.html (changed), notes.txt (not in git). What git would add");
    assert_null(strstr(pair->fixture->err.hint, "git checkout"));
    write_file(pair->fixture, "a.txt", "");
    write_file(pair->fixture, "b.txt", "");
    must_refuse(pair, promote(pair), "the working tree is not the source of release 1 of stg");
    assert_has(pair->fixture->err.hint, "b.txt (not in git), 1 more.");
    git(pair, "git stash -q -u");
    no_approvals(pair);
    must(pair->fixture, promote(pair));
}

static void a_changed_tree_that_no_commit_has_is_refused(void **state)
{
    struct pair *pair = *state;
    write_file(pair->fixture, "frontend/src/app.html", "two");
    pass_stg(pair);
    must_refuse(pair, promote(pair), "made of a tree that is in no commit");
}

static void staging_passed_90_days_ago(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    hours_ago = 90 * 24 + 1;
    pass_stg(pair);
    hours_ago = 0;
    must_refuse(pair, promote(pair), "release 1 passed stg 90 days ago");
    assert_has(pair->fixture->err.hint, "golive deploy --env stg");
    hours_ago = 14 * 24;
    pass_stg(pair);
    hours_ago = 0;
    must(pair->fixture, promote(pair));
}

static void other_stacks_are_refused(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    write_file(pair->fixture, ".gitignore", ".golive/\nbackend/server\nfrontend/build/\nstacks/\n");
    git(pair, "git commit -qam ignore");
    pass_stg(pair);
    write_file(pair->fixture, "stacks/mine.yaml", "Resources: {}\n");
    must_refuse(pair, promote(pair), "the stacks are not those with which release 1 passed stg");
}

/* What golive up writes at its end: the stacks that stand, by the hash of their templates. */
static void put_applied(struct pair *pair, const char *env, const char *stack, const char *hash)
{
    gl_autojson json_t *data = json_pack("{s{ss}}", "templates", stack, hash);
    assert_int_equal(
        gl_ledger_append(pair->fixture->ledger, "infra.up.end", env, 0, data, NULL, NULL), 0);
}

static void stacks_that_were_never_put_in_place_are_refused(void **state)
{
    struct pair *pair = *state;
    char hash[GL_SHA256_HEX_SIZE];
    no_approvals(pair);
    pass_stg(pair);
    put_applied(pair, "stg", "service", "0123");
    must_refuse(pair, promote(pair),
                "stacks stand in stg that are not those of this golive: servi");
    assert_has(pair->fixture->err.hint, "golive up --env stg");
    assert_int_equal(gl_fingerprint_template(pair->fixture->dir, "service", hash, NULL), 0);
    put_applied(pair, "stg", "service", hash);
    put_applied(pair, "prod", "service", "0123");
    put_applied(pair, "stg", "gone", "0123"); /* of an older golive */
    must_refuse(pair, promote(pair), "not those of this golive: gone");
    write_file(pair->fixture, "stacks/gone.yaml", "Resources: {}\n");
    git(pair, "git add stacks && git commit -qm stack");
    pass_stg(pair);
    assert_int_equal(gl_fingerprint_template(pair->fixture->dir, "gone", hash, NULL), 0);
    put_applied(pair, "stg", "gone", hash);
    must(pair->fixture, promote(pair));
    assert_has(pair->fixture->notes, "stacks of prod are not those that stg has (service)");
}

static void other_migrations_are_refused(void **state)
{
    struct pair *pair = *state;
    write_file(pair->fixture, ".gitignore",
               ".golive/\nbackend/server\nfrontend/build/\nbackend/migrations/\n");
    git(pair, "git commit -qam ignore");
    pass_stg(pair);
    write_file(pair->fixture, "backend/migrations/1_a.sql", "select 1;");
    must_refuse(pair, promote(pair), "the migrations are not those that stg applied");
}

static void an_image_that_is_gone_is_not_replaced(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    gl_autofree char *layout = gl_path_join(pair->fixture->state_dir, "images");
    assert_int_equal(gl_remove_tree(layout, NULL), 0);
    assert_int_equal(promote(pair), GL_E_NOT_FOUND);
    assert_string_equal(pair->fixture->outcome.failed_step, "image");
    assert_has(pair->fixture->outcome.cause.message, "the image of release 1 of stg is not here");
}

/* A registry that the image was pushed to: here a copy of the layout. */
struct distant {
    struct gl_platform base;
    char *kept, *layout;
    int fetched;
};

static int fetch_back(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    struct distant *distant = (struct distant *)p;
    (void)err;
    assert_string_equal(a->layout_dir, distant->layout);
    distant->fetched++;
    return rename(distant->kept, distant->layout);
}

static const struct gl_platform_ops distant_ops = {.name = "distant", .fetch = fetch_back};

static int open_distant(void *context, struct gl_platform **ret_platform, struct gl_error *err)
{
    (void)err;
    *ret_platform = context;
    return 0;
}

static void an_image_that_is_elsewhere_is_fetched(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    gl_autofree char *layout = gl_path_join(pair->fixture->state_dir, "images");
    gl_autofree char *kept = gl_path_join(pair->fixture->state_dir, "kept");
    struct distant distant = {.base = {.ops = &distant_ops}, .kept = kept, .layout = layout};
    assert_int_equal(rename(layout, kept), 0);
    struct gl_release_request request = {.open_from = open_distant, .open_from_context = &distant};
    must(pair->fixture, promote_with(pair, request));
    assert_int_equal(distant.fetched, 1);
    gl_autofree char *there = digest_in(pair, "stg");
    gl_autofree char *here = digest_in(pair, "prod");
    assert_string_equal(there, here);
}

/* Environments in two accounts have two ledgers: what passed is read in the one, what is shipped is
 * written in the other. */
static void what_passed_may_be_in_another_ledger(void **state)
{
    struct pair *pair = *state;
    struct fixture *fixture = pair->fixture;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(fixture->state_dir, "other.db");
    gl_autoledger struct gl_ledger *other = NULL;
    no_approvals(pair);
    pass_stg(pair);
    if (gl_ledger_open_sqlite(path, &other, &err) < 0)
        fail_msg("%s", err.message);
    struct gl_ledger *staging = fixture->ledger;
    fixture->ledger = other;
    int alone = promote(pair);
    gl_autofree char *why = gl_strdup(fixture->err.message);
    int both = promote_with(pair, (struct gl_release_request){.from_ledger = staging});
    fixture->ledger = staging;
    assert_int_equal(alone, GL_E_REFUSED);
    assert_has(why, "nothing serves in stg");
    must(fixture, both);
    assert_int_equal(events(fixture, "release.done"), 1);
    fixture->ledger = other;
    int written = events(fixture, "release.done");
    fixture->ledger = staging;
    assert_int_equal(written, 1);
}

/* ---- hotfixes ----------------------------------------------------------------------------------
 */

static void the_working_tree_is_not_shipped_past_the_approvals(void **state)
{
    struct pair *pair = *state;
    must_refuse(pair, deploy_to(pair, "prod", (struct gl_release_request){0}), "want approvals");
    assert_has(pair->fixture->err.hint, "--hotfix");
    must_refuse(pair, deploy_to(pair, "prod", (struct gl_release_request){.dry_run = true}),
                "want approvals");
}

static void a_hotfix_ships_and_is_marked(void **state)
{
    struct pair *pair = *state;
    struct gl_release_request request = {.hotfix = "login is down"};
    must(pair->fixture, deploy_to(pair, "prod", request));
    gl_autojournal struct gl_journal journal = {0};
    struct gl_operation_record record = newest(pair, "prod", &journal);
    assert_string_equal(gl_json_str(record.about, "hotfix", ""), "login is down");
    assert_string_equal(gl_json_str(record.about, "starter", ""), "sato");
    assert_string_equal(gl_json_str(record.about, "author", ""), "sato@example.com");
}

/* ---- killed ------------------------------------------------------------------------------------
 */

static int promote_from_stg(const struct gl_release_request *request,
                            struct gl_release_outcome *ret_outcome, struct gl_error *err)
{
    struct gl_release_request full = *request;
    full.promote_from = "stg";
    return gl_release_promote(&full, ret_outcome, err);
}

static void a_killed_promotion_goes_on(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    static const char *const steps[] = {"build", "image", "place", "start", "publish"};
    for (size_t i = 0; i < GL_COUNT(steps); i++) {
        if (i)
            pass_stg(pair);
        load_env(pair, "prod");
        kill_on(pair->fixture, promote_from_stg, "step.begin", steps[i]);
        must(pair->fixture, promote(pair));
        assert_true(pair->fixture->outcome.resumed);
        assert_int_equal(pair->fixture->outcome.serving, (int)i + 1);
        gl_autofree char *there = digest_in(pair, "stg");
        gl_autofree char *here = digest_in(pair, "prod");
        assert_string_equal(there, here);
    }
}

/* The same tree, but not the same thing: a deploy must not go on as if it had built it. */
static void a_deploy_does_not_go_on_with_a_promotion(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    load_env(pair, "prod");
    kill_on(pair->fixture, promote_from_stg, "step.begin", "place");
    assert_int_equal(deploy_to(pair, "prod", (struct gl_release_request){.resume_only = true}),
                     GL_E_REFUSED);
    assert_has(pair->fixture->err.message, "a promotion to release 1");
    assert_has(pair->fixture->err.hint, "golive promote stg prod goes on with it; "
                                        "golive deploy --env prod --abort undoes it");
    must(pair->fixture, deploy_to(pair, "prod", (struct gl_release_request){0}));
    assert_int_equal(pair->fixture->outcome.serving, 2);
    assert_false(pair->fixture->outcome.resumed);
}

/* Not only that approvals are wanted: the promotion may have had them. */
static void a_deploy_past_the_approvals_names_the_killed_promotion(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    load_env(pair, "prod");
    kill_on(pair->fixture, promote_from_stg, "step.begin", "place");
    set_approval(pair, approval_settings, "sato tanaka suzuki");
    must_refuse(pair, deploy_to(pair, "prod", (struct gl_release_request){0}),
                "a promotion to release 1");
    assert_has(pair->fixture->err.hint, "golive promote stg prod goes on with it");
    must_refuse(pair, deploy_to(pair, "prod", (struct gl_release_request){.dry_run = true}),
                "a promotion to release 1");
    must(pair->fixture,
         deploy_to(pair, "prod", (struct gl_release_request){.abort_unfinished = true}));
    must_refuse(pair, deploy_to(pair, "prod", (struct gl_release_request){0}), "want approvals");
}

static void a_bad_promotion_is_undone(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    must(pair->fixture, promote(pair));
    pass_stg(pair);
    load_env(pair, "prod");
    script(pair->fixture, "start", 2, FAIL, 1);
    assert_int_equal(promote(pair), GL_E_ROLLED_BACK);
    assert_int_equal(pair->fixture->outcome.serving, 1);
    load_env(pair, "prod");
    must(pair->fixture, promote(pair));
    must(pair->fixture, rollback(pair->fixture));
    assert_int_equal(pair->fixture->outcome.serving, 1);
}

static int stored_url(struct gl_platform *p, const char *name, int64_t timeout_ms, char **ret_value,
                      struct gl_error *err)
{
    (void)timeout_ms;
    (void)p;
    (void)name;
    (void)err;
    *ret_value = hook_server_url(receiver, "/ok/x");
    return 0;
}

static void a_promotion_is_told_as_one(void **state)
{
    struct pair *pair = *state;
    struct gl_platform_ops ops = scripted_ops;
    gl_autofree char *settings = settings_of(pair, "approval: {min: 0}", "sato tanaka suzuki");
    gl_autofree char *telling =
        gl_asprintf("%sobservability: {notify: [{kind: webhook, endpoint_secret: OPS_URL, "
                    "releases: true}]}\n",
                    settings);
    write_settings(pair, telling);
    pass_stg(pair);
    receiver = hook_server_start();
    ops.stored_value = stored_url;
    pair->fixture->platform.base.ops = &ops;
    must(pair->fixture, promote(pair));
    pair->fixture->platform.base.ops = &scripted_ops;
    gl_autofree char *request = hook_server_request(receiver, 0);
    hook_server_stop(receiver);
    assert_non_null(request);
    assert_has(request, "\"operation\":\"promote\"");
    assert_has(request, "\"promoted_from\":\"stg\"");
    assert_has(request, "\"environment\":\"prod\"");
    assert_has(request, "\"by\":\"sato\"");
    gl_autojson json_t *body = NULL;
    gl_autofree char *text = hook_body(request);
    assert_int_equal(gl_json_parse(text, strlen(text), "body", &body, NULL), 0);
    assert_int_equal(strlen(gl_json_str(body, "commit", "")), 40);
}

static void a_dry_run_changes_nothing(void **state)
{
    struct pair *pair = *state;
    no_approvals(pair);
    pass_stg(pair);
    int before = events(pair->fixture, "release.begin");
    must(pair->fixture, promote_with(pair, (struct gl_release_request){.dry_run = true}));
    assert_int_equal(events(pair->fixture, "release.begin"), before);
    assert_int_equal(pair->worlds[1]->calls_len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define test(function) cmocka_unit_test_setup_teardown(function, set_up_pair, tear_down_pair)
        test(what_passed_is_shipped_by_its_digest),
        test(nothing_of_the_backend_is_built_or_tested_again),
        test(the_frontend_is_built_for_its_environment),
        test(nothing_passed),
        test(what_was_undone_is_refused_with_its_reason),
        test(only_what_could_be_promoted_is_offered),
        test(what_was_rolled_back_from_is_refused),
        test(another_source_is_refused_with_the_commit_to_go_to),
        test(what_is_in_the_way_is_named),
        test(a_changed_tree_that_no_commit_has_is_refused),
        test(staging_passed_90_days_ago),
        test(other_stacks_are_refused),
        test(stacks_that_were_never_put_in_place_are_refused),
        test(other_migrations_are_refused),
        test(an_image_that_is_gone_is_not_replaced),
        test(an_image_that_is_elsewhere_is_fetched),
        test(what_passed_may_be_in_another_ledger),
        test(the_working_tree_is_not_shipped_past_the_approvals),
        test(a_hotfix_ships_and_is_marked),
        test(a_killed_promotion_goes_on),
        test(a_deploy_does_not_go_on_with_a_promotion),
        test(a_deploy_past_the_approvals_names_the_killed_promotion),
        test(a_bad_promotion_is_undone),
        test(a_promotion_is_told_as_one),
        test(a_dry_run_changes_nothing),
#undef test
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
