/* Whose signature counts, and whose does not. */
#include "promoted.h"

#include "release/person.h"

/* Asks, and lets one person sign; the release is then let through or not. */
static int asked_and_signed(struct pair *pair, const char *name)
{
    pass_stg(pair);
    start_as("sato");
    assert_int_equal(promote(pair), GL_E_REFUSED);
    return approve(pair, name);
}

static void nothing_is_shipped_before_the_approvals_are_there(void **state)
{
    struct pair *pair = *state;
    pass_stg(pair);
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals that prod wants");
    assert_has(pair->fixture->err.hint, "golive approve prod");
    assert_int_equal(events(pair->fixture, "approval.asked"), 1);
    assert_int_equal(promote(pair), GL_E_REFUSED); /* asked once is enough */
    assert_int_equal(events(pair->fixture, "approval.asked"), 1);
    assert_int_equal(approve(pair, "tanaka"), 0);
    must(pair->fixture, promote(pair));
    assert_has(pair->fixture->notes, "release 1 of stg, approved by tanaka");
}

/* golive.yaml in which a person has no key. */
static void take_key_away(struct pair *pair, const char *name, const char *approval)
{
    gl_autofree char *settings = settings_of(pair, approval, "sato tanaka suzuki");
    gl_autofree char *entry = gl_asprintf("{id: %s,", name);
    char *key = strstr(strstr(settings, entry), ", key: '");
    char *end = strchr(key + strlen(", key: '"), '\'') + 1;
    memmove(key, end, strlen(end) + 1);
    write_settings(pair, settings);
}

/* Asked are those who can be asked. */
static void the_hint_names_only_who_can_approve(void **state)
{
    struct pair *pair = *state;
    pass_stg(pair);
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_has(pair->fixture->err.hint, "Ask 1 of tanaka, suzuki to run golive approve prod");
    assert_has(pair->fixture->err.hint, "Cannot approve it: sato wrote some of what is shipped.");
    take_key_away(pair, "tanaka", approval_settings);
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_has(pair->fixture->err.hint, "Ask suzuki to run golive approve prod within 24 h");
    assert_has(pair->fixture->err.hint, "; tanaka has no key in people of golive.yaml.");
    start_as("suzuki");
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_has(pair->fixture->err.hint, "So many cannot sign any more (nobody): change people");
    assert_has(pair->fixture->err.hint, "suzuki asked for this promotion");
}

static void who_has_signed_is_not_asked_again(void **state)
{
    struct pair *pair = *state;
    set_approval(pair, "approval: {min: 2, approvers: [sato, tanaka, suzuki]}",
                 "sato tanaka suzuki");
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    must_refuse(pair, promote(pair), "has 1 of the 2 approvals");
    assert_has(pair->fixture->err.hint, "Ask suzuki to run golive approve prod");
}

/* The normal course of a promotion, which is not told as a mistake. */
static void to_wait_for_approvals_is_no_failure(void **state)
{
    struct pair *pair = *state;
    must_refuse(pair, promote(pair), "nothing serves in stg");
    assert_false(pair->fixture->outcome.waits);
    pass_stg(pair);
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_true(pair->fixture->outcome.waits);
    int asked = events(pair->fixture, "approval.asked");
    must_refuse(pair, promote_with(pair, (struct gl_release_request){.dry_run = true}),
                "has 0 of the 1 approvals");
    assert_true(pair->fixture->outcome.waits);
    assert_int_equal(events(pair->fixture, "approval.asked"), asked);
}

static void the_record_names_the_signatures(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(asked_and_signed(pair, "suzuki"), 0);
    must(pair->fixture, promote(pair));
    gl_autojournal struct gl_journal journal = {0};
    assert_int_equal(gl_journal_read(pair->fixture->ledger, "prod", &journal, NULL), 0);
    const json_t *promotion = json_object_get(journal.items[0].about, "promotion");
    const json_t *first = json_array_get(json_object_get(promotion, "approvals"), 0);
    assert_string_equal(gl_json_str(first, "person", ""), "suzuki");
    assert_true(gl_json_int(first, "seq", 0) > 0);
}

static void nobody_approves_what_they_wrote_or_asked_for(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(asked_and_signed(pair, "sato"), GL_E_REFUSED);
    assert_has(pair->fixture->err.message, "sato wrote some of what is shipped");
    pass_stg(pair);
    start_as("tanaka");
    assert_int_equal(promote(pair), GL_E_REFUSED);
    assert_int_equal(approve(pair, "tanaka"), GL_E_REFUSED);
    assert_has(pair->fixture->err.message, "tanaka asked for this promotion");
}

/* A merge on GitHub has such an author. */
static void an_address_of_github_is_that_of_its_account(void **state)
{
    struct pair *pair = *state;
    write_file(pair->fixture, "frontend/src/app.html", "two");
    git(pair, "GIT_AUTHOR_EMAIL=4711+Tanaka@users.noreply.github.com git commit -qam second");
    assert_int_equal(asked_and_signed(pair, "tanaka"), GL_E_REFUSED);
    assert_has(pair->fixture->err.message, "tanaka wrote some of what is shipped");
    assert_string_equal(
        gl_person_by(pair->fixture->config, "email", "suzuki@users.noreply.github.com"), "suzuki");
    assert_null(gl_person_by(pair->fixture->config, "email", "suzuki@noreply.example.com"));
    assert_null(gl_person_by(pair->fixture->config, "github", "1+suzuki@users.noreply.github.com"));
}

static void nobody_starts_what_they_approved(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    start_as("Tanaka"); /* GitHub does not tell capitals apart */
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_has(pair->fixture->notes, "tanaka starts this promotion");
    start_as("suzuki");
    must(pair->fixture, promote(pair));
}

static void who_starts_must_be_known(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    start_as("mallory");
    must_refuse(pair, promote(pair), "does not know who you are (mallory)");
}

static void two_are_two_people(void **state)
{
    struct pair *pair = *state;
    set_approval(pair, "approval: {min: 2, approvers: [sato, tanaka, suzuki]}",
                 "sato tanaka suzuki");
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    assert_int_equal(approve(pair, "tanaka"), 0);
    assert_int_equal(events(pair->fixture, "approval.signed"), 2);
    must_refuse(pair, promote(pair), "has 1 of the 2 approvals");
    assert_int_equal(approve(pair, "suzuki"), 0);
    must(pair->fixture, promote(pair));
}

static void who_is_no_approver_does_not_count(void **state)
{
    struct pair *pair = *state;
    set_approval(pair, "approval: {min: 1, approvers: [suzuki]}", "sato tanaka suzuki");
    assert_int_equal(asked_and_signed(pair, "tanaka"), GL_E_REFUSED);
    assert_has(pair->fixture->err.message, "not among approval.approvers");
}

static void who_has_left_does_not_count(void **state)
{
    struct pair *pair = *state;

    static const struct {
        const char *approval, *people, *why;
    } leavings[] = {
        {"approval: {min: 1, approvers: [suzuki]}",                         "sato suzuki",        "tanaka is not among people"       },
        {"approval: {min: 1, approvers: [suzuki]}",                         "sato tanaka suzuki",
         "tanaka is not among approval.approvers"                                                                                    },
        {"approval: {min: 1, approvers: [tanaka, suzuki]}, "
         "roles: {release_manager: [suzuki], operator: [tanaka]}", "sato tanaka suzuki", "tanaka is neither release_manager"},
    };

    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    for (size_t i = 0; i < GL_COUNT(leavings); i++) {
        gl_autofree char *settings = settings_of(pair, leavings[i].approval, leavings[i].people);
        gl_autobuf struct gl_buf text = {0};
        char *roles = strstr(settings, ", roles: ");
        if (roles) { /* belongs to the whole file */
            char *end = strstr(roles, "}}");
            gl_buf_add(&text, settings, (size_t)(roles - settings));
            gl_buf_puts(&text, end + 1);
            gl_buf_add(&text, roles + 2, (size_t)(end + 1 - roles - 2));
            gl_buf_putc(&text, '\n');
        } else {
            gl_buf_puts(&text, settings);
        }
        write_settings(pair, gl_buf_text(&text));
        must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
        assert_has(pair->fixture->notes, leavings[i].why);
    }
    set_approval(pair, approval_settings, "sato tanaka suzuki");
    must(pair->fixture, promote(pair)); /* and is back */
}

/* settings_of() with another key for one person. */
static void set_key(struct pair *pair, const char *name, const struct gl_public_key *key)
{
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        struct gl_public_key kept = pair->keys[i].public_key;
        pair->keys[i].public_key = *key;
        set_approval(pair, approval_settings, "sato tanaka suzuki");
        pair->keys[i].public_key = kept;
    }
}

static void another_key_does_not_count(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    const struct gl_public_key fresh = {
        {1, 2, 3}
    }; /* the old one may be in wrong hands */
    set_key(pair, "tanaka", &fresh);
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_has(pair->fixture->notes, "the signature of tanaka does not hold: it was made with "
                                     "another key");
}

/* One person could sign for two. */
static void a_key_that_two_have_does_not_count(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    set_key(pair, "suzuki", &key_of(pair, "tanaka")->public_key);
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_has(pair->fixture->notes, "the key of tanaka is somebody else's too");
}

static void a_signature_for_another_release_does_not_count(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    write_file(pair->fixture, "frontend/src/app.html", "two");
    git(pair, "git commit -qam second");
    pass_stg(pair);
    must_refuse(pair, promote(pair), "release 2 of stg has 0 of the 1 approvals");
}

/* Approved was what prod would get with its settings of that time. */
static void a_signature_for_other_settings_does_not_count(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    gl_autofree char *settings = settings_of(pair, approval_settings, "sato tanaka suzuki");
    gl_autobuf struct gl_buf text = {0};
    gl_buf_puts(&text, settings);
    gl_buf_puts(&text, "migrations: {lock_timeout_ms: 9000}\n");
    write_settings(pair, gl_buf_text(&text));
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_has(pair->fixture->notes, "signed for another `settings`");
    assert_int_equal(approve(pair, "tanaka"), 0); /* asked anew, it can be signed anew */
    must(pair->fixture, promote(pair));
}

/* Who wants to do without approvals must at least say so to all. */
static void rules_that_nobody_else_sees_do_not_count(void **state)
{
    struct pair *pair = *state;
    pass_stg(pair);
    start_as("sato");
    gl_autofree char *settings = settings_of(pair, "approval: {min: 0}", "sato tanaka suzuki");
    write_file(pair->fixture, "golive.yaml", settings);
    must_refuse(pair, promote(pair), "golive.yaml is not as it was committed");
    git(pair, "git rm -q --cached golive.yaml; echo golive.yaml >> .gitignore; "
              "git commit -qam hidden");
    must_refuse(pair, promote(pair), "golive.yaml is not as it was committed");
    git(pair, "git checkout -q HEAD~1 -- .; git commit -qm again; git checkout -q HEAD -- .");
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
}

/* ---- whose commits they are --------------------------------------------------------------------
 */

/* A commit by somebody ("x@example.com"), with more of its message behind. */
static void commit_by(struct pair *pair, const char *email, const char *more)
{
    gl_autofree char *text = gl_random_hex(8);
    gl_autofree char *command =
        gl_asprintf("GIT_AUTHOR_EMAIL=%s git commit -qam 'change%s'", email, more);
    write_file(pair->fixture, "frontend/src/app.html", text);
    git(pair, command);
}

static void serve_first(struct pair *pair)
{
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    must(pair->fixture, promote(pair));
}

static void nobody_approves_what_they_wrote_below_the_newest_commit(void **state)
{
    struct pair *pair = *state;
    serve_first(pair);
    commit_by(pair, "tanaka@example.com", "");
    commit_by(pair, "sato@example.com", "");
    assert_int_equal(asked_and_signed(pair, "tanaka"), GL_E_REFUSED);
    assert_has(pair->fixture->err.message, "tanaka wrote some of what is shipped");
    assert_int_equal(approve(pair, "suzuki"), 0);
    must(pair->fixture, promote(pair));
    commit_by(pair, "sato@example.com", ""); /* what serves is nobody's any more */
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    must(pair->fixture, promote(pair));
}

static void of_a_first_release_all_is_new(void **state)
{
    struct pair *pair = *state;
    commit_by(pair, "tanaka@example.com", "");
    commit_by(pair, "sato@example.com", "");
    assert_int_equal(asked_and_signed(pair, "tanaka"), GL_E_REFUSED);
    assert_int_equal(approve(pair, "suzuki"), 0);
}

static void a_named_co_author_has_written_it(void **state)
{
    struct pair *pair = *state;
    serve_first(pair);
    commit_by(pair, "sato@example.com",
              "\n\nCo-authored-by: T <tanaka@example.com>\nCo-authored-by: B <bot@example.org>");
    assert_int_equal(asked_and_signed(pair, "tanaka"), GL_E_REFUSED);
    assert_int_equal(approve(pair, "suzuki"), 0);
    must(pair->fixture, promote(pair)); /* nobody had to name the other one */
}

/* It may be a second address of the one who signs. */
static void what_a_stranger_wrote_is_approved_by_two(void **state)
{
    struct pair *pair = *state;
    serve_first(pair);
    commit_by(pair, "mallory@example.org", "");
    commit_by(pair, "sato@example.com", "");
    pass_stg(pair);
    start_as("sato");
    must_refuse(pair, promote(pair), "has 0 of the 2 approvals");
    assert_has(pair->fixture->err.hint, "Ask tanaka, suzuki to run golive approve prod");
    assert_int_equal(approve(pair, "tanaka"), 0);
    must_refuse(pair, promote(pair), "has 1 of the 2 approvals");
    assert_has(pair->fixture->err.hint, "Ask suzuki to run golive approve prod");
    assert_has(pair->fixture->notes, "<mallory@example.org>");
    assert_int_equal(approve(pair, "suzuki"), 0);
    must(pair->fixture, promote(pair));
}

static void another_address_is_told_by_mailmap(void **state)
{
    struct pair *pair = *state;
    serve_first(pair);
    write_file(pair->fixture, ".mailmap", "T <tanaka@example.com> <private@example.org>\n");
    git(pair, "git add .mailmap");
    commit_by(pair, "private@example.org", "");
    assert_int_equal(asked_and_signed(pair, "tanaka"), GL_E_REFUSED);
    assert_int_equal(approve(pair, "suzuki"), 0);
    must(pair->fixture, promote(pair));
}

static void a_clone_without_history_knows_no_authors(void **state)
{
    struct pair *pair = *state;
    commit_by(pair, "tanaka@example.com", "");
    commit_by(pair, "sato@example.com", "");
    pass_stg(pair);
    git(pair, "git rev-parse HEAD > .git/shallow");
    must_refuse(pair, promote(pair), "git does not have all commits");
    assert_has(pair->fixture->err.hint, "git fetch --unshallow");
}

static void a_history_that_was_rewritten_is_all_new(void **state)
{
    struct pair *pair = *state;
    serve_first(pair);
    git(pair,
        "git checkout -q --orphan other && git commit -qm again && "
        "(git branch -qD master || git branch -qD main) 2>/dev/null; git reflog expire --expire=all --all; git gc -q --prune=now");
    commit_by(pair, "tanaka@example.com", "");
    commit_by(pair, "sato@example.com", "");
    assert_int_equal(asked_and_signed(pair, "tanaka"), GL_E_REFUSED);
    assert_int_equal(approve(pair, "suzuki"), 0);
    must(pair->fixture, promote(pair));
}

static void where_nobody_is_left_it_is_said(void **state)
{
    struct pair *pair = *state;
    set_approval(pair, "approval: {min: 1, approvers: [sato, tanaka]}", "sato tanaka suzuki");
    commit_by(pair, "tanaka@example.com", "");
    pass_stg(pair);
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_has(pair->fixture->err.hint, "So many cannot sign any more (nobody): change people");
    assert_has(pair->fixture->err.hint, "sato wrote some of what is shipped; tanaka wrote some");
    assert_has(pair->fixture->err.hint, "--hotfix");
}

/* One approver is enough by golive.yaml, but not for what nobody knows the author of. */
static void where_one_is_too_few_for_a_stranger_it_is_said(void **state)
{
    struct pair *pair = *state;
    serve_first(pair);
    set_approval(pair, "approval: {min: 1, approvers: [sato, tanaka]}", "sato tanaka suzuki");
    commit_by(pair, "mallory@example.org", "");
    commit_by(pair, "sato@example.com", "");
    pass_stg(pair);
    must_refuse(pair, promote(pair), "has 0 of the 2 approvals");
    assert_has(pair->fixture->err.hint, "So many cannot sign any more (tanaka): change people");
    assert_has(pair->fixture->err.hint, "Cannot approve it: sato wrote some of what is shipped.");
}

/* ---- when it was approved ----------------------------------------------------------------------
 */

static void after_a_rollback_a_release_is_approved_anew(void **state)
{
    struct pair *pair = *state;
    serve_first(pair);
    commit_by(pair, "sato@example.com", "");
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    must(pair->fixture, promote(pair));
    load_env(pair, "prod");
    must(pair->fixture, rollback(pair->fixture));
    assert_int_equal(pair->fixture->outcome.serving, 1);
    assert_int_equal(promote(pair), GL_E_REFUSED);
    assert_has(pair->fixture->err.message, "has 0 of the 1 approvals");
    assert_has(pair->fixture->notes, "signed for another `attempt`");
    assert_int_equal(approve(pair, "suzuki"), 0);
    must(pair->fixture, promote(pair));
}

/* What was given before requests met it is no word about it after. */
static void after_an_attempt_with_requests_a_release_is_approved_anew(void **state)
{
    struct pair *pair = *state;
    serve_first(pair);
    commit_by(pair, "sato@example.com", "");
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    script(pair->fixture, "shift 100", 2, FAIL, 1);
    assert_int_not_equal(promote(pair), 0);
    assert_int_equal(promote(pair), GL_E_REFUSED);
    assert_has(pair->fixture->notes, "signed for another `attempt`");
}

static void an_attempt_without_requests_may_be_repeated(void **state)
{
    struct pair *pair = *state;
    serve_first(pair);
    commit_by(pair, "sato@example.com", "");
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    script(pair->fixture, "start", 2, FAIL, 1);
    assert_int_not_equal(promote(pair), 0);
    must(pair->fixture, promote(pair));
}

/* In a bucket that is S3's: who signs can move the own clock, not that one. */
static void what_time_it_is_says_the_ledger(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(asked_and_signed(pair, "tanaka"), 0);
    hours_ago = -25;
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_has(pair->fixture->notes, "expired at");
    assert_has(pair->fixture->err.hint, "Ask 1 of tanaka, suzuki to run golive approve prod");
    hours_ago = 1;
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_has(pair->fixture->notes, "of a time to come");
}

/* ---- forgeries ---------------------------------------------------------------------------------
 */

/* Statement with other times, as golive itself would never write it. */
static char *with_times(const char *text, int64_t time_unix_s, int64_t expires_unix_s)
{
    gl_autostatement struct gl_statement statement = {0};
    assert_int_equal(gl_statement_read(text, strlen(text), &statement, NULL), 0);
    statement.time_unix_s = time_unix_s;
    statement.expires_unix_s = expires_unix_s;
    return gl_statement_text(&statement);
}

static void an_expired_signature_does_not_count(void **state)
{
    struct pair *pair = *state;
    pass_stg(pair);
    assert_int_equal(promote(pair), GL_E_REFUSED);
    gl_autofree char *text = asked_text(pair);
    int64_t now = gl_now_unix_ms() / 1000;

    static const struct {
        int64_t time, expires; /* from now, seconds */
        const char *why;
    } cases[] = {
        {-90000, -1,         "expired at"                            },
        {-10,    30 * 86400, "holds longer than approval.valid_hours"},
        {7200,   90000,      "of a time to come"                     },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *forged = with_times(text, now + cases[i].time, now + cases[i].expires);
        gl_autofree char *signature = signature_of(pair, "tanaka", forged);
        put_signature(pair, "tanaka", forged, signature);
        put_signature(pair, "tanaka", forged, signature);
        must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
        assert_has(pair->fixture->notes, cases[i].why);
        const char *first = strstr(pair->fixture->notes, cases[i].why);
        assert_null(strstr(first + 1, cases[i].why)); /* told once, however often it is there */
    }
}

/* The difference of such times would overflow and look short. */
static void a_time_out_of_range_is_no_time(void **state)
{
    struct pair *pair = *state;
    pass_stg(pair);
    assert_int_equal(promote(pair), GL_E_REFUSED);
    gl_autofree char *text = asked_text(pair);
    gl_autofree char *for_ever = with_times(text, -9000000000000000000, 9000000000000000000);
    gl_autofree char *signature = signature_of(pair, "tanaka", for_ever);
    put_signature(pair, "tanaka", for_ever, signature);
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
}

static void what_was_asked_long_ago_cannot_be_signed(void **state)
{
    struct pair *pair = *state;
    pass_stg(pair);
    assert_int_equal(promote(pair), GL_E_REFUSED);
    gl_autoapprovalrequest struct gl_approval_request asked = {0};
    int64_t later = gl_now_unix_ms() / 1000 + 25 * 3600;
    assert_int_equal(
        gl_approval_asked(pair->fixture->ledger, "prod", 0, later, &asked, &pair->fixture->err),
        GL_E_REFUSED);
}

static void forged_events_do_not_count(void **state)
{
    struct pair *pair = *state;
    pass_stg(pair);
    assert_int_equal(promote(pair), GL_E_REFUSED);
    gl_autofree char *text = asked_text(pair);
    gl_autofree char *by_sato = signature_of(pair, "sato", text);
    gl_autofree char *of_another = signature_of(pair, "tanaka", "{}\n");
    put_signature(pair, "tanaka", text, by_sato);
    put_signature(pair, "tanaka", text, of_another);
    put_signature(pair, "tanaka", text, "");
    put_signature(pair, "", text, by_sato);
    put_signature(pair, "tanaka", "", by_sato);
    must_refuse(pair, promote(pair), "has 0 of the 1 approvals");
    assert_int_equal(approve(pair, "tanaka"), 0);
    must(pair->fixture, promote(pair));
}

static void a_statement_is_read_only_as_it_is_written(void **state)
{
    struct pair *pair = *state;
    pass_stg(pair);
    assert_int_equal(promote(pair), GL_E_REFUSED);
    gl_autofree char *text = asked_text(pair);
    for (size_t i = 0; i < strlen(text); i++) {
        gl_autofree char *changed = gl_strdup(text);
        gl_autostatement struct gl_statement statement = {0};
        changed[i] = changed[i] == ' ' ? '\t' : ' ';
        if (gl_statement_read(changed, strlen(changed), &statement, NULL) == 0) {
            gl_autofree char *again = gl_statement_text(&statement);
            assert_string_equal(again, changed); /* a space inside of a text */
        }
    }
    gl_autofree char *longer = gl_asprintf("%s ", text);
    struct gl_statement statement;
    assert_int_equal(gl_statement_read(longer, strlen(longer), &statement, NULL), GL_E_CORRUPT);
    assert_int_equal(gl_statement_read(text, strlen(text) - 1, &statement, NULL), GL_E_CORRUPT);
}

/* What the terminal shows must be what is signed. */
static void a_statement_has_no_text_that_moves_the_cursor(void **state)
{
    static const char *const versions[] = {"\x1b[2Aabc1234", "a\nb", "abc\u202e1234", "a\x7f"};
    struct pair *pair = *state;
    pass_stg(pair);
    assert_int_equal(promote(pair), GL_E_REFUSED);
    gl_autofree char *text = asked_text(pair);
    gl_autostatement struct gl_statement asked = {0};
    assert_int_equal(gl_statement_read(text, strlen(text), &asked, NULL), 0);
    for (size_t i = 0; i < GL_COUNT(versions); i++) {
        gl_autostatement struct gl_statement shown = {0};
        free(asked.version);
        asked.version = gl_strdup(versions[i]);
        gl_autofree char *forged = gl_statement_text(&asked);
        assert_int_equal(gl_statement_read(forged, strlen(forged), &shown, NULL), GL_E_CORRUPT);
    }
}

/* ---- GitHub ------------------------------------------------------------------------------------
 */

static void github_approves_only_in_its_workflow(void **state)
{
    struct pair *pair = *state;
    gl_autofree char *settings = settings_of(pair, approval_settings, "sato tanaka suzuki");
    gl_autobuf struct gl_buf text = {0};
    const char *release = strstr(settings, "release:\n");
    gl_buf_add(&text, settings, (size_t)(release - settings) + strlen("release:\n"));
    gl_buf_puts(&text, "  approval: {mode: github_environment}\n");
    gl_buf_puts(&text, release + strlen("release:\n"));
    write_settings(pair, gl_buf_text(&text));
    pass_stg(pair);
    unsetenv("GITHUB_ACTIONS");
    must_refuse(pair, promote(pair), "only its workflow can promote");
    start_as("sato");
    setenv("GITHUB_RUN_ID", "4711", 1);
    must(pair->fixture, promote(pair));
    assert_has(pair->fixture->notes, "approved by GitHub");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define test(function) cmocka_unit_test_setup_teardown(function, set_up_pair, tear_down_pair)
        test(nothing_is_shipped_before_the_approvals_are_there),
        test(the_hint_names_only_who_can_approve),
        test(who_has_signed_is_not_asked_again),
        test(to_wait_for_approvals_is_no_failure),
        test(the_record_names_the_signatures),
        test(nobody_approves_what_they_wrote_or_asked_for),
        test(an_address_of_github_is_that_of_its_account),
        test(nobody_starts_what_they_approved),
        test(who_starts_must_be_known),
        test(two_are_two_people),
        test(who_is_no_approver_does_not_count),
        test(who_has_left_does_not_count),
        test(another_key_does_not_count),
        test(a_key_that_two_have_does_not_count),
        test(a_signature_for_another_release_does_not_count),
        test(a_signature_for_other_settings_does_not_count),
        test(rules_that_nobody_else_sees_do_not_count),
        test(nobody_approves_what_they_wrote_below_the_newest_commit),
        test(of_a_first_release_all_is_new),
        test(a_named_co_author_has_written_it),
        test(what_a_stranger_wrote_is_approved_by_two),
        test(another_address_is_told_by_mailmap),
        test(a_clone_without_history_knows_no_authors),
        test(a_history_that_was_rewritten_is_all_new),
        test(where_nobody_is_left_it_is_said),
        test(where_one_is_too_few_for_a_stranger_it_is_said),
        test(after_a_rollback_a_release_is_approved_anew),
        test(after_an_attempt_with_requests_a_release_is_approved_anew),
        test(an_attempt_without_requests_may_be_repeated),
        test(what_time_it_is_says_the_ledger),
        test(an_expired_signature_does_not_count),
        test(a_time_out_of_range_is_no_time),
        test(what_was_asked_long_ago_cannot_be_signed),
        test(forged_events_do_not_count),
        test(a_statement_is_read_only_as_it_is_written),
        test(a_statement_has_no_text_that_moves_the_cursor),
        test(github_approves_only_in_its_workflow),
#undef test
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
