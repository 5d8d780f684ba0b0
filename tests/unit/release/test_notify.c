/* Channels are told how releases end, by a real receiver; one that is down changes nothing. */
#include "scripted.h"

#include <pthread.h>

#include "base/log.h"
#include "data/sqlite.h"
#include "release/notify.h"
#include "support/hook_server.h"

#define TOKEN "Zx9-secret-of-the-hook" /* in every stored URL */

static struct hook_server *server;
static struct gl_platform_ops storing; /* the scripted ones, and they know stored variables */
static json_t *stored;

static int asked;              /* how often the store was */
static bool store_is_silent;   /* it never answers in time */
static int64_t store_takes_ms; /* for an answer */
static const char *store_says; /* its error; NULL = none */

static int stored_value(struct gl_platform *p, const char *name, int64_t timeout_ms,
                        char **ret_value, struct gl_error *err)
{
    (void)p;
    asked++;
    assert_in_range(timeout_ms, 1, gl_notify_ask_ms);
    const char *value = gl_json_str(stored, name, NULL);
    if (store_is_silent)
        return gl_fail(err, GL_E_TIMEOUT, "the store is silent");
    gl_sleep_ms(store_takes_ms);
    if (store_says) {
        gl_fail(err, GL_E_NET, "the store says %s", store_says);
        return gl_error_hint(err, "Ask for %s.", store_says);
    }
    if (!value) {
        gl_fail(err, GL_E_NOT_FOUND, "%s has no value here", name);
        return gl_error_hint(err, "Write it down.");
    }
    gl_secret_add(value);
    *ret_value = gl_strdup(value);
    return 0;
}

static void store(const char *name, const char *url)
{
    gl_json_set_str(stored, name, url);
}

/* A path of the receiver, with the token behind it. */
static void store_path(const char *name, const char *path)
{
    gl_autofree char *whole = gl_asprintf("%s/" TOKEN, path);
    gl_autofree char *url = hook_server_url(server, whole);
    store(name, url);
}

static const char settings_of_hook[] =
    "observability:\n"
    "  notify:\n"
    "    - {kind: email, address: a@example.com}\n"
    "    - {kind: webhook, endpoint_secret: OPS_URL, releases: true}\n";

static void listen_with(struct fixture *fixture, const char *notify)
{
    gl_autofree char *settings = gl_asprintf("%s%s", quick_settings, notify);
    configure(fixture, settings);
}

static int set_up_hook(void **state)
{
    if (set_up(state) < 0)
        return -1;
    struct fixture *fixture = *state;
    setenv("GITHUB_ACTIONS", "true", 1);
    setenv("GITHUB_ACTOR", "octo", 1);
    unsetenv("GITHUB_TRIGGERING_ACTOR");
    server = hook_server_start();
    stored = json_object();
    storing = scripted_ops;
    storing.stored_value = stored_value;
    fixture->platform.base.ops = &storing;
    gl_notify_limits = (struct gl_delivery_limits){
        .connect_ms = 20000, .total_ms = 60000, .pause_ms = 2, .tries = 2};
    gl_notify_ask_ms = 60000;
    asked = 0;
    store_is_silent = false;
    store_takes_ms = 0;
    store_says = NULL;
    listen_with(fixture, settings_of_hook);
    return 0;
}

static int tear_down_hook(void **state)
{
    hook_server_stop(server);
    json_decref(stored);
    unsetenv("GITHUB_ACTIONS");
    unsetenv("GITHUB_ACTOR");
    return tear_down(state);
}

/* What the n-th request told. The caller owns it. */
static json_t *told(size_t number)
{
    gl_autofree char *request = hook_server_request(server, number);
    assert_non_null(request);
    gl_autofree char *body = hook_body(request);
    json_t *json = NULL;
    assert_int_equal(gl_json_parse(body, strlen(body), "body", &json, NULL), 0);
    return json;
}

static void assert_member(const json_t *object, const char *key, const char *value)
{
    const char *found = gl_json_str(object, key, NULL);
    if (!found || strcmp(found, value) != 0)
        fail_msg("%s is %s, not %s", key, found ? found : "(none)", value);
}

/* ---- the ledger --------------------------------------------------------------------------------
 */

static int add_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    gl_autofree char *data = gl_json_canonical(event->data);
    gl_buf_printf(context, "%s %s\n", event->kind, data);
    return 0;
}

/* Every event, a line each. The caller owns it. */
static char *ledger_of(const struct fixture *fixture)
{
    struct gl_buf all = {0};
    assert_int_equal(gl_ledger_read(fixture->ledger, 0, add_event, &all, NULL), 0);
    return gl_buf_steal(&all);
}

/* The release is what it is without the channel, and says which one was not told, and what next;
 * the URL is nowhere. */
static void assert_warned(struct fixture *fixture, int result, const char *problem,
                          const char *next)
{
    must(fixture, result);
    assert_int_equal(gl_code_exit_status(result), 0);
    assert_serves(fixture, fixture->outcome.release);
    assert_true(fixture->outcome.done);
    const char *warning = strstr(fixture->notes, "warning: webhook OPS_URL");
    assert_non_null(warning);
    assert_null(strstr(warning + 1, "warning: "));
    assert_has(warning, "was not told how this ended");
    assert_has(warning, problem);
    assert_has(warning, next);
    gl_autofree char *ledger = ledger_of(fixture);
    assert_has(ledger, "release.told");
    assert_has(ledger, "\"told\":false");
    assert_has(ledger, problem);
    assert_null(strstr(ledger, TOKEN));
    assert_null(strstr(fixture->notes, TOKEN));
}

/* ---- told --------------------------------------------------------------------------------------
 */

static void a_webhook_is_told_as_it_is_documented(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    int64_t before_ms = gl_now_unix_ms();
    must(fixture, deploy(fixture));
    assert_int_equal(hook_server_count(server), 1);
    gl_autofree char *request = hook_server_request(server, 0);
    gl_autofree char *type = hook_header(request, "Content-Type");
    gl_autofree char *agent = hook_header(request, "User-Agent");
    gl_autofree char *key = hook_header(request, "Idempotency-Key");
    assert_string_equal(type, "application/json; charset=utf-8");
    assert_string_equal(agent, "golive/" GL_VERSION);
    assert_int_equal(strspn(key, "0123456789abcdef"), 32);
    assert_int_equal(strlen(key), 32);
    gl_autojson json_t *body = told(0);
    assert_int_equal(gl_json_int(body, "schema", 0), 1);
    assert_member(body, "event", "release.ended");
    assert_member(body, "project", "sample");
    assert_member(body, "environment", "local");
    assert_member(body, "operation", "deploy");
    assert_member(body, "outcome", "done");
    assert_member(body, "by", "octo");
    assert_int_equal(gl_json_int(body, "release", 0), 1);
    assert_int_equal(gl_json_int(body, "serving", 0), 1);
    assert_true(json_is_string(json_object_get(body, "version")));
    assert_true(json_is_null(json_object_get(body, "reason")));
    assert_true(json_is_null(json_object_get(body, "failed_step")));
    assert_true(json_is_null(json_object_get(body, "promoted_from")));
    gl_autofree char *day = gl_format_rfc3339(before_ms);
    const char *started = gl_json_str(body, "started", "");
    const char *ended = gl_json_str(body, "ended", "");
    assert_int_equal(strlen(started), strlen(day));
    assert_true(strcmp(day, started) <= 0 && strcmp(started, ended) <= 0);
    int64_t took_ms = gl_json_int(body, "duration_ms", -1);
    assert_true(took_ms >= 0 && took_ms <= gl_now_unix_ms() - before_ms);
    gl_autofree char *ledger = ledger_of(fixture);
    assert_has(ledger, "\"told\":true");
    assert_null(strstr(ledger, TOKEN));
    assert_null(strstr(fixture->notes, "warning"));
}

static void slack_is_told_in_words(void **state)
{
    struct fixture *fixture = *state;
    store_path("SLACK_URL", "/ok");
    listen_with(fixture, "observability: {notify: [{kind: slack, endpoint_secret: SLACK_URL, "
                         "releases: true}]}\n");
    setenv("GITHUB_ACTOR", "<!channel> & co", 1);
    must(fixture, deploy(fixture));
    gl_autojson json_t *first = told(0);
    assert_int_equal(json_object_size(first), 1);
    assert_has(gl_json_str(first, "text", ""), "sample local: release 1 (");
    assert_has(gl_json_str(first, "text", ""), ") serves (");
    assert_has(gl_json_str(first, "text", ""), "&lt;!channel&gt; &amp; co");
    script(fixture, "start", 2, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    gl_autojson json_t *second = told(1);
    assert_has(gl_json_str(second, "text", ""), "was rolled back; release 1 serves");
    assert_has(gl_json_str(second, "text", ""), "\nstart: start fails by script");
}

/* An address has more characters than a sentence would let it have. */
static void no_part_of_an_address_in_a_reason_is_told(void **state)
{
    static const struct {
        const char *alarm, *reason;
    } rows[] = {
        {"see https://a.example/x,y;z(1)[2]{3}'" TOKEN " now", "see [URL] now"     },
        {"(https://a.example/" TOKEN "')." TOKEN "). Go",      "([URL]). Go"       },
        {"'https://a.example/" TOKEN "', then",                "'[URL]', then"     },
        {"<https://a.example/" TOKEN ")>",                     "<[URL])>"          },
        {"at https://" TOKEN ".a.example/,",                   "at [URL],"         },
        {"s3://" TOKEN " and ://" TOKEN ": x",                 "[URL] and [URL]: x"},
        {"://, and ://",                                       "[URL], and [URL]"  },
    };
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    must(fixture, deploy(fixture));
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        fixture->platform.world->alarm = rows[i].alarm;
        assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
        gl_autojson json_t *body = told(i + 1);
        assert_has(gl_json_str(body, "reason", ""), rows[i].reason);
        assert_null(strstr(gl_json_str(body, "reason", ""), TOKEN));
    }
}

/* The reason is for people elsewhere: an address in it may be a credential. */
static void what_was_rolled_back_is_told_with_its_reason(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    must(fixture, deploy(fixture));
    fixture->platform.world->alarm = "errors (https://user:pw@internal.example/a?b=c) rise";
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    gl_autojson json_t *body = told(1);
    assert_member(body, "outcome", "rolled_back");
    assert_int_equal(gl_json_int(body, "release", 0), 2);
    assert_int_equal(gl_json_int(body, "serving", 0), 1);
    assert_member(body, "failed_step", "canary");
    assert_has(gl_json_str(body, "reason", ""), "errors ([URL]) rise");
    gl_autofree char *first = hook_server_request(server, 0);
    gl_autofree char *second = hook_server_request(server, 1);
    gl_autofree char *key_1 = hook_header(first, "Idempotency-Key");
    gl_autofree char *key_2 = hook_header(second, "Idempotency-Key");
    assert_string_not_equal(key_1, key_2);
}

static void every_way_to_end_has_its_word(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    script(fixture, "start", 1, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_UNHEALTHY);
    gl_autojson json_t *undone = told(0);
    assert_member(undone, "outcome", "undone");
    assert_int_equal(gl_json_int(undone, "serving", -1), 0);
    must(fixture, deploy(fixture));
    must(fixture, deploy(fixture));
    must(fixture, rollback(fixture));
    gl_autojson json_t *back = told(3);
    assert_member(back, "operation", "rollback");
    assert_member(back, "outcome", "done");
    assert_int_equal(gl_json_int(back, "release", 0), 2);
    fixture->platform.world->alarm = "it burns";
    script(fixture, "shift 100", 2, FAIL, 1); /* giving the traffic back */
    assert_true(deploy(fixture) < 0);
    gl_autojson json_t *left = told(4);
    assert_member(left, "outcome", "left");
    assert_has(gl_json_str(left, "reason", ""), "could not be undone completely");
    fixture->platform.world->alarm = NULL;
    must(fixture, rollback(fixture)); /* goes on where it stopped */
    gl_autojson json_t *ended = told(5);
    assert_member(ended, "outcome", "rolled_back");
    assert_member(ended, "operation", "deploy");
    assert_int_equal(gl_json_int(ended, "release", 0), gl_json_int(left, "release", -1));
    assert_string_equal(gl_json_str(ended, "started", ""), gl_json_str(left, "started", "x"));
    assert_int_equal(events(fixture, "release.told"), 6);
}

static void a_refusal_is_no_end(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    assert_true(rollback(fixture) < 0);
    assert_int_equal(hook_server_count(server), 0);
    assert_int_equal(events(fixture, "release.told"), 0);
}

static void who_does_not_want_it_is_not_told(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    listen_with(fixture, "observability: {notify: [{kind: webhook, endpoint_secret: OPS_URL}]}\n");
    must(fixture, deploy(fixture));
    assert_int_equal(hook_server_count(server), 0);
    assert_int_equal(events(fixture, "release.told"), 0);
}

static void a_dry_run_says_who_would_be_told(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    must(fixture, run(fixture, gl_release_deploy, (struct gl_release_request){.dry_run = true}));
    assert_has(fixture->notes, "when it ends, these are told: webhook OPS_URL\n");
    assert_int_equal(hook_server_count(server), 0);
}

/* ---- not told ----------------------------------------------------------------------------------
 */

static void a_receiver_that_fails_twice_is_a_warning(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/500");
    assert_warned(fixture, deploy(fixture), "it answered 500", "golive log --release 1");
    assert_int_equal(hook_server_count(server), 2);
    gl_autofree char *first = hook_server_request(server, 0);
    gl_autofree char *second = hook_server_request(server, 1);
    assert_string_equal(first, second); /* by its key the receiver knows it for the same */
    assert_has(fixture->notes, "OPS_URL (127.0.0.1:");
}

static void a_dead_receiver_is_a_warning(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *url = gl_asprintf("http://127.0.0.1:%d/" TOKEN, hook_closed_port());
    store("OPS_URL", url);
    assert_warned(fixture, deploy(fixture), "127.0.0.1", "golive log --release 1");
    assert_warned(fixture, deploy(fixture), "127.0.0.1", "golive log --release 2");
    assert_warned(fixture, rollback(fixture), "127.0.0.1", "golive log --release 1");
}

/* Some services put the credential there. */
static void of_the_host_no_more_than_two_labels_are_shown(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *url = gl_asprintf("https://" TOKEN ".m.localhost:%d/x", hook_closed_port());
    store("OPS_URL", url);
    assert_warned(fixture, deploy(fixture), "Failed to connect", "OPS_URL (m.localhost:");
    gl_autofree char *ledger = ledger_of(fixture);
    assert_has(ledger, "\"host\":\"m.localhost:");
}

static void an_address_is_shown_whole(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *url = gl_asprintf("https://[::1]:%d/" TOKEN, hook_closed_port());
    store("OPS_URL", url);
    assert_warned(fixture, deploy(fixture), "Failed to connect", "OPS_URL ([::1]:");
    store_path("OPS_URL", "/404");
    assert_warned(fixture, deploy(fixture), "it answered 404", "OPS_URL (127.0.0.1:");
}

static void a_receiver_that_never_answers_is_a_warning(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/silent");
    gl_notify_limits.total_ms = 200;
    assert_warned(fixture, deploy(fixture), "no answer within 200 ms", "golive log");
    assert_int_equal(hook_server_count(server), 1);
}

static void a_redirect_and_a_refusal_are_warnings(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/redirect");
    assert_warned(fixture, deploy(fixture), "a redirect, which is not followed",
                  "the URL stored as OPS_URL is still right");
    assert_int_equal(hook_server_count(server), 1);
    store_path("OPS_URL", "/404");
    assert_warned(fixture, deploy(fixture), "it answered 404",
                  "the URL stored as OPS_URL is still right");
}

static void what_is_stored_must_be_a_safe_url(void **state)
{
    struct fixture *fixture = *state;
    static const char *const wrong[] = {"http://hooks.example.com/" TOKEN, "file:///" TOKEN, TOKEN};
    for (size_t i = 0; i < GL_COUNT(wrong); i++) {
        store("OPS_URL", wrong[i]);
        assert_warned(fixture, deploy(fixture), "what is stored is no https:// URL",
                      "Store the channel's URL as OPS_URL");
    }
}

static void a_line_end_behind_the_url_does_no_harm(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *url = hook_server_url(server, "/ok/" TOKEN " \n");
    store("OPS_URL", url);
    must(fixture, deploy(fixture));
    assert_int_equal(hook_server_count(server), 1);
    gl_autofree char *trimmed = hook_server_url(server, "/ok/" TOKEN);
    gl_autofree char *shown = gl_redact(trimmed);
    assert_string_equal(shown, "***");
}

static void a_missing_url_is_a_warning(void **state)
{
    struct fixture *fixture = *state;
    assert_warned(fixture, deploy(fixture), "OPS_URL has no value here", "Write it down.");
}

/* Whatever an error has in it: the notes of a release go where secrets do not. */
static void secrets_are_masked_in_warnings(void **state)
{
    struct fixture *fixture = *state;
    gl_secret_add(TOKEN);
    store_says = TOKEN;
    assert_warned(fixture, deploy(fixture), "the store says ***", "Ask for ***.");
}

static const char settings_of_three[] =
    "observability:\n"
    "  notify:\n"
    "    - {kind: webhook, endpoint_secret: OPS_URL, releases: true}\n"
    "    - {kind: slack, endpoint_secret: SLACK_URL, releases: true}\n"
    "    - {kind: webhook, endpoint_secret: LAST_URL, releases: true}\n";

static int warnings(const struct fixture *fixture)
{
    int count = 0;
    for (const char *at = fixture->notes; (at = strstr(at, "warning: ")); at++)
        count++;
    return count;
}

static void a_silent_store_is_not_asked_for_every_channel(void **state)
{
    struct fixture *fixture = *state;
    listen_with(fixture, settings_of_three);
    store_is_silent = true;
    must(fixture, deploy(fixture));
    assert_int_equal(asked, 1);
    assert_int_equal(warnings(fixture), 3);
    assert_has(fixture->notes, "OPS_URL was not told how this ended: the store is silent");
    assert_has(fixture->notes, "SLACK_URL was not told how this ended: its URL was not to be had");
    assert_has(fixture->notes, "LAST_URL was not told how this ended: its URL was not to be had");
}

/* Who was known in time is told all the same. */
static void a_slow_store_has_one_limit_for_all(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    store_path("SLACK_URL", "/ok");
    store_path("LAST_URL", "/ok");
    listen_with(fixture, settings_of_three);
    gl_notify_ask_ms = 50;
    store_takes_ms = 50;
    must(fixture, deploy(fixture));
    assert_int_equal(asked, 1);
    assert_int_equal(hook_server_count(server), 1);
    assert_int_equal(warnings(fixture), 2);
    assert_has(fixture->notes, "LAST_URL was not told how this ended: its URL was not to be had "
                               "within 50 ms");
}

static void one_dead_channel_does_not_keep_the_others_from_being_told(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/500");
    store_path("SLACK_URL", "/ok");
    gl_autofree char *both = gl_asprintf(
        "%s    - {kind: slack, endpoint_secret: SLACK_URL, releases: true}\n", settings_of_hook);
    listen_with(fixture, both);
    assert_warned(fixture, deploy(fixture), "it answered 500", "golive log");
    assert_int_equal(hook_server_count(server), 3);
    gl_autofree char *ledger = ledger_of(fixture);
    assert_has(ledger, "\"told\":true");
}

static void *interrupt_once_asked(void *context)
{
    (void)context;
    while (!hook_server_count(server))
        gl_sleep_ms(1);
    kill(getpid(), SIGINT);
    return NULL;
}

static void ctrl_c_ends_the_waiting_and_not_the_release(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    store_path("OPS_URL", "/silent");
    assert_int_equal(pthread_create(&thread, NULL, interrupt_once_asked, NULL), 0);
    int result = deploy(fixture);
    pthread_join(thread, NULL);
    assert_warned(fixture, result, "interrupted", "golive log");
    assert_false(fixture->outcome.interrupted);
}

static void a_release_that_ctrl_c_undid_is_told(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    must(fixture, deploy(fixture));
    script(fixture, "start", 2, INTERRUPT, 1);
    assert_int_equal(deploy(fixture), GL_E_INTERRUPTED);
    gl_autojson json_t *body = told(1);
    assert_member(body, "outcome", "rolled_back");
    assert_member(body, "reason", "interrupted");
}

/* As AWS does it: what is asked for ends with the Ctrl-C. */
static int ask_for_traffic(struct gl_platform *p, struct gl_traffic *ret_traffic,
                           struct gl_error *err)
{
    int failed = gl_interrupt_check(err);
    return failed < 0 ? failed : fake_traffic(p, ret_traffic, err);
}

static const char *interrupt_on;

static void interrupt_then(const char *kind, const char *step)
{
    (void)step;
    if (strcmp(kind, interrupt_on) == 0)
        raise(SIGINT);
}

/* It comes when nothing is left to be ended by it. */
static void a_late_ctrl_c_keeps_nobody_from_being_told(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    storing.traffic = ask_for_traffic;
    interrupt_on = "release.done";
    gl_release_journal_hook = interrupt_then;
    must(fixture, deploy(fixture));
    assert_true(fixture->outcome.done);
    assert_true(fixture->outcome.interrupted);
    assert_false(gl_interrupted());
    gl_autojson json_t *done = told(0);
    assert_member(done, "outcome", "done");
    interrupt_on = "release.undone";
    script(fixture, "start", 2, FAIL, 1);
    assert_int_equal(deploy(fixture), GL_E_ROLLED_BACK);
    assert_int_equal(fixture->outcome.serving, 1);
    assert_true(fixture->outcome.interrupted);
    gl_autojson json_t *back = told(1);
    assert_member(back, "outcome", "rolled_back");
}

/* What was left is undone; nothing new is begun after it. */
static void a_late_ctrl_c_begins_no_new_release(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_deploy, "step.done", "start");
    write_file(fixture, "backend/src/main.rs", "fn main() { other() }\n");
    storing.traffic = ask_for_traffic;
    interrupt_on = "release.undone";
    gl_release_journal_hook = interrupt_then;
    assert_int_equal(deploy(fixture), GL_E_INTERRUPTED);
    assert_has(fixture->err.message, "no new release was begun");
    assert_int_equal(events(fixture, "release.begin"), 2);
    assert_serves(fixture, 1);
}

static struct fixture *hooked;

static void lose_the_lease(const char *kind, const char *step)
{
    if (strcmp(kind, "step.begin") != 0 || strcmp(step, "finish") != 0)
        return;
    gl_autosqlite sqlite3 *db = NULL;
    gl_autofree char *path = gl_path_join(hooked->state_dir, "ledger.db");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "update leases set token = 'theirs'", NULL, NULL, NULL),
                     SQLITE_OK);
}

/* What becomes of it is told by whoever has the lease now. */
static void without_the_lease_nobody_is_told(void **state)
{
    struct fixture *fixture = *state;
    store_path("OPS_URL", "/ok");
    hooked = fixture;
    gl_release_journal_hook = lose_the_lease;
    assert_int_equal(deploy(fixture), GL_E_BUSY);
    assert_int_equal(hook_server_count(server), 0);
    assert_int_equal(events(fixture, "release.told"), 0);
}

int main(void)
{
    gl_interrupt_init();
    gl_i18n_init();
    const struct CMUnitTest tests[] = {
#define row(name) cmocka_unit_test_setup_teardown(name, set_up_hook, tear_down_hook)
        row(a_webhook_is_told_as_it_is_documented),
        row(slack_is_told_in_words),
        row(no_part_of_an_address_in_a_reason_is_told),
        row(what_was_rolled_back_is_told_with_its_reason),
        row(every_way_to_end_has_its_word),
        row(a_refusal_is_no_end),
        row(who_does_not_want_it_is_not_told),
        row(a_dry_run_says_who_would_be_told),
        row(a_receiver_that_fails_twice_is_a_warning),
        row(a_dead_receiver_is_a_warning),
        row(of_the_host_no_more_than_two_labels_are_shown),
        row(an_address_is_shown_whole),
        row(a_receiver_that_never_answers_is_a_warning),
        row(a_redirect_and_a_refusal_are_warnings),
        row(what_is_stored_must_be_a_safe_url),
        row(a_line_end_behind_the_url_does_no_harm),
        row(a_missing_url_is_a_warning),
        row(secrets_are_masked_in_warnings),
        row(a_silent_store_is_not_asked_for_every_channel),
        row(a_slow_store_has_one_limit_for_all),
        row(one_dead_channel_does_not_keep_the_others_from_being_told),
        row(ctrl_c_ends_the_waiting_and_not_the_release),
        row(a_release_that_ctrl_c_undid_is_told),
        row(a_late_ctrl_c_keeps_nobody_from_being_told),
        row(a_late_ctrl_c_begins_no_new_release),
        row(without_the_lease_nobody_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
