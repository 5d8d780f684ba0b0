/* The whole local platform after somebody was killed, after the configuration changed, and when a
 * version cannot come back: what is wanted and what runs must be the same again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/interrupt.h"
#include "base/json.h"
#include "base/log.h"
#include "base/strv.h"
#include "platform/local/edge.h"
#include "platform/local/pg.h"
#include "platform/local/slot.h"
#include "platform/local/web.h"
#include "traffic_fixture.h"

static enum gl_slot slot_of(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    ok(gl_slot_find(sample.local, release, &slot, &err), &err);
    return slot;
}

static pid_t pid_of(const char *service)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_service_state state = {0};
    ok(gl_s6_state(sample.local, service, &state, &err), &err);
    return state.pid;
}

static char *read_text(const char *relative)
{
    gl_autofree char *path = gl_local_path(sample.local, relative);
    gl_autobuf struct gl_buf text = {0};
    return gl_read_file(path, 0, &text, NULL) == 0 ? gl_buf_steal(&text) : gl_strdup("");
}

/* A platform of this configuration, as a process that runs next would open it. */
static void use_setting(const char *set)
{
    gl_platform_free(&sample.platform);
    gl_config_free(&sample.config);
    sample.config = config_load_with(sample.top, sample_variables, set);
    sample_open(&sample);
}

/* ---- killed between the run script and the record of a slot ------------------------------------
 */

static char *script_of(enum gl_slot slot)
{
    gl_autofree char *relative = gl_asprintf("s6/%s/run", gl_slot_service(slot));
    return read_text(relative);
}

/* Starts a release in a child, which is killed as soon as the slot's script is of that release. */
static void start_and_kill(int64_t release, enum gl_slot slot)
{
    gl_autofree char *wanted = gl_asprintf(": release %d\n", (int)release);
    int64_t deadline = gl_mono_ms() + 20000;
    bool written = false;
    pid_t pid = fork();
    if (pid == 0) {
        struct gl_artifact artifact = sample_artifact(&sample, release);
        _exit(sample.platform->ops->start(sample.platform, &artifact, 20000, NULL) < 0);
    }
    while (!written && gl_mono_ms() < deadline) {
        gl_autofree char *script = script_of(slot);
        written = strstr(script, wanted) != NULL;
    }
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(written);
}

static void a_slot_is_never_recorded_as_another_release_than_it_would_run(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    serve(2);
    enum gl_slot slot = slot_of(1);
    gl_autoslot struct gl_slot_version version = {0};
    start_and_kill(3, slot);
    ok(gl_slot_read(sample.local, slot, &version, &err), &err);
    assert_int_not_equal(version.release, 1);
    sample_up(&sample);
    expect_version("v2");
    serve(1); /* a rollback to what was there before gets that, not what was half prepared */
    expect_version("v1");
}

/* ---- versions that do not come back ------------------------------------------------------------
 */

/* Makes the version in a slot unable to start, now and after every restart. */
static void break_slot(enum gl_slot slot)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *relative = gl_asprintf("s6/%s/run", gl_slot_service(slot));
    gl_autofree char *path = gl_local_path(sample.local, relative);
    ok(gl_write_text(path, "#!/bin/sh\nexit 1\n", 0755, &err), &err);
}

static void an_idle_version_that_does_not_come_back_keeps_nobody_down(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autoslot struct gl_slot_version idle = {0};
    serve(1);
    serve(2);
    enum gl_slot broken = slot_of(1);
    assert_int_equal(broken, gl_slot_other(slot_of(2)));
    ok(gl_s6_tree_down(sample.local, &err), &err);
    break_slot(broken);
    sample_up(&sample);
    expect_version("v2");
    ok(gl_slot_read(sample.local, broken, &idle, &err), &err);
    assert_false(idle.wanted);
    sample_up(&sample);
    ok(gl_s6_tree_down(sample.local, &err), &err);
    break_slot(slot_of(2));
    assert_int_equal(sample.platform->ops->up(sample.platform, &err), GL_E_UNHEALTHY);
    assert_non_null(strstr(err.message, "release 2"));
    serve(1); /* what cannot come back is no obstacle for another version */
    expect_version("v1");
}

static void await_sessions(enum gl_slot slot, uint64_t wanted)
{
    uint64_t seen = 0;
    for (int64_t end = gl_mono_ms() + 10000; seen != wanted && gl_mono_ms() < end;) {
        gl_autofree char *csv = NULL;
        if (gl_edge_ask(sample.local, GL_EDGE_SOCKET, "show stat", &csv, NULL) == 0)
            seen = gl_edge_stat_find(csv, "sessions", gl_slot_name(slot)).current;
    }
    assert_int_equal(seen, wanted);
}

/* Its sessions were asked to move by a restart, which it does not survive. */
static void a_warm_version_that_does_not_restart_is_given_up(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autoslot struct gl_slot_version old = {0};
    serve(1);
    enum gl_slot slot = slot_of(1);
    CURL *session = websocket_open();
    await_sessions(slot, 1);
    sample_start(&sample, 2);
    sample_shift(&sample, 2, 100);
    break_slot(slot);
    int moved = sample.platform->ops->move_sessions(sample.platform, 2, &err);
    curl_easy_cleanup(session);
    ok(moved, &err);
    ok(gl_slot_read(sample.local, slot, &old, &err), &err);
    assert_false(old.wanted);
    sample_up(&sample);
    expect_version("v2");
}

/* ---- killed while a version that was kept warm is restarted ------------------------------------
 */

static struct gl_service_state state_of(enum gl_slot slot)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_service_state state = {0};
    ok(gl_s6_state(sample.local, gl_slot_service(slot), &state, &err), &err);
    return state;
}

static bool is_healthy(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_traffic traffic = {0};
    ok(sample.platform->ops->traffic(sample.platform, &traffic, &err), &err);
    for (size_t i = 0; i < traffic.count; i++) {
        if (traffic.versions[i].release == release)
            return traffic.versions[i].healthy;
    }
    return false;
}

static void await_health(int64_t release, bool wanted)
{
    int64_t end = gl_mono_ms() + 20000;
    while (is_healthy(release) != wanted && gl_mono_ms() < end)
        gl_sleep_ms(10);
    assert_int_equal(is_healthy(release), wanted);
}

static int revive(int64_t release, struct gl_error *err)
{
    return sample.platform->ops->revive(sample.platform, release, 20000, err);
}

/* Traffic is not given to it, and that is said at once. */
static void gets_no_traffic(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    int64_t begun = gl_mono_ms();
    assert_int_equal(sample.platform->ops->shift(sample.platform, release, 100, &err),
                     GL_E_UNHEALTHY);
    assert_non_null(strstr(err.message, "gets no traffic"));
    assert_in_range(gl_mono_ms() - begun, 0, 2000);
}

static void has_its_traffic_back(int64_t release, const char *version)
{
    gl_autoerr struct gl_error err = {0};
    ok(revive(release, &err), &err);
    sample_shift(&sample, release, 100);
    expect_version(version);
    ok(sample.platform->ops->move_sessions(sample.platform, release, &err), &err);
    assert_false(state_of(slot_of(release)).ending);
}

/* A request that keeps a slot's process from ending at once when it is told to. */
static int keep_busy(enum gl_slot slot)
{
    static const char request[] = "GET /slow?5000 HTTP/1.1\r\nHost: sample\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(gl_slot_port(sample.local, slot)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    return fd;
}

/* Told to end by somebody who is killed before it has ended. */
static void leave_ending(enum gl_slot slot)
{
    pid_t stopping = fork();
    if (stopping == 0)
        _exit(gl_s6_stop(sample.local, gl_slot_service(slot), 20000, NULL) < 0);
    bool ending = false;
    for (int64_t end = gl_mono_ms() + 10000; !ending && gl_mono_ms() < end;)
        ending = state_of(slot).ending;
    assert_int_equal(kill(stopping, SIGKILL), 0);
    assert_int_equal(waitpid(stopping, NULL, 0), stopping);
    assert_true(ending);
}

/* Release 1 is warm and busy, and release 2 serves. */
static int leave_old_version_ending(void)
{
    serve(1);
    serve(2);
    await_health(1, true);
    int busy = keep_busy(slot_of(1));
    leave_ending(slot_of(1));
    return busy;
}

static void a_version_on_its_way_down_is_started_again_before_it_gets_traffic(void **unused)
{
    (void)unused;
    int busy = leave_old_version_ending();
    assert_false(is_healthy(1));
    gets_no_traffic(1);
    has_its_traffic_back(1, "v1");
    close(busy);
}

static void up_starts_what_was_on_its_way_down(void **unused)
{
    (void)unused;
    int busy = leave_old_version_ending();
    sample_up(&sample);
    assert_true(is_healthy(1));
    expect_version("v2");
    close(busy);
}

/* Dies and is started again by its supervisor. */
static void die_and_recover(int64_t release)
{
    pid_t before = state_of(slot_of(release)).pid;
    assert_int_equal(kill(before, SIGKILL), 0);
    struct gl_service_state now = {.pid = before};
    for (int64_t end = gl_mono_ms() + 10000; now.pid == before || !now.pid; gl_sleep_ms(10)) {
        assert_true(gl_mono_ms() < end);
        now = state_of(slot_of(release));
    }
    await_health(release, true);
}

/* It has died and recovered twice, long ago; it runs again, but has not answered yet. */
static void a_version_that_just_starts_is_waited_for(void **unused)
{
    (void)unused;
    serve(1);
    serve(2);
    die_and_recover(1);
    die_and_recover(1);
    pid_t slow = state_of(slot_of(1)).pid;
    assert_int_equal(kill(slow, SIGSTOP), 0);
    await_health(1, false);
    gets_no_traffic(1);
    pid_t waking = fork();
    if (waking == 0) {
        gl_sleep_ms(1000);
        _exit(kill(slow, SIGCONT) < 0);
    }
    has_its_traffic_back(1, "v1");
    assert_int_equal(state_of(slot_of(1)).pid, slow);
    assert_int_equal(waitpid(waking, NULL, 0), waking);
}

static void a_version_that_was_given_up_is_started_again(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    serve(2);
    ok(sample.platform->ops->stop(sample.platform, 1, &err), &err);
    gets_no_traffic(1);
    has_its_traffic_back(1, "v1");
    pid_t pid = state_of(slot_of(1)).pid;
    has_its_traffic_back(1, "v1");
    assert_int_equal(state_of(slot_of(1)).pid, pid); /* what serves is left alone */
}

static void a_version_that_cannot_come_back_costs_the_serving_one_nothing(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autoslot struct gl_slot_version old = {0};
    serve(1);
    serve(2);
    enum gl_slot slot = slot_of(1);
    break_slot(slot);
    ok(gl_s6_stop(sample.local, gl_slot_service(slot), 5000, &err), &err);
    assert_int_equal(revive(1, &err), GL_E_UNHEALTHY);
    assert_non_null(strstr(err.message, "release 1 does not come back"));
    gl_error_done(&err);
    ok(gl_slot_read(sample.local, slot, &old, &err), &err);
    assert_false(old.wanted);
    expect_version("v2");
    assert_int_equal(revive(99, &err), GL_E_NOT_FOUND);
    serve(1);
}

/* A Ctrl-C says nothing about the version: it is not given up, for the undo wants it. */
static void a_restart_that_is_interrupted_does_not_cost_the_old_version(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autoslot struct gl_slot_version old = {0};
    serve(1);
    CURL *session = websocket_open();
    await_sessions(slot_of(1), 1);
    sample_start(&sample, 2);
    sample_shift(&sample, 2, 100);
    gl_interrupt_init();
    assert_int_equal(raise(SIGINT), 0);
    int moved = sample.platform->ops->move_sessions(sample.platform, 2, &err);
    gl_interrupt_clear();
    curl_easy_cleanup(session);
    assert_int_equal(moved, GL_E_INTERRUPTED);
    gl_error_done(&err);
    ok(gl_slot_read(sample.local, slot_of(1), &old, &err), &err);
    assert_true(old.wanted);
    has_its_traffic_back(1, "v1");
}

static void an_interrupted_revival_is_not_called_the_versions_fault(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    serve(2);
    ok(gl_s6_stop(sample.local, gl_slot_service(slot_of(1)), 5000, &err), &err);
    gl_interrupt_init();
    assert_int_equal(raise(SIGINT), 0);
    int failed = revive(1, &err);
    gl_interrupt_clear();
    assert_int_equal(failed, GL_E_INTERRUPTED);
    assert_null(strstr(err.message, "does not come back"));
    has_its_traffic_back(1, "v1");
}

/* Nobody but HAProxy is at fault: the old version runs on and stays wanted. */
static void stays_wanted(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoslot struct gl_slot_version version = {0};
    ok(gl_slot_read(sample.local, slot_of(release), &version, &err), &err);
    assert_true(version.wanted);
    assert_true(state_of(slot_of(release)).pid > 0);
    sample_up(&sample);
    has_its_traffic_back(release, "v1");
}

static void stop_edge(void)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_s6_stop(sample.local, GL_EDGE_SERVICE, 5000, &err), &err);
}

static void revive_without_the_edge_does_not_cost_the_old_version(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    serve(2);
    await_health(1, true);
    pid_t old = state_of(slot_of(1)).pid;
    stop_edge();
    assert_int_equal(revive(1, &err), GL_E_NET);
    assert_int_equal(state_of(slot_of(1)).pid, old);
    stays_wanted(1);
}

/* The process that is awaited, held until then, goes on without the edge. */
static void stop_edge_while_the_version_is_awaited(const char *text, void *context)
{
    pid_t *held = context;
    if (*held && strstr(text, "waiting for the version")) {
        stop_edge();
        assert_int_equal(kill(*held, SIGCONT), 0);
        *held = 0;
    }
}

static void an_edge_that_goes_meanwhile_does_not_cost_the_old_version(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    serve(2);
    pid_t held = state_of(slot_of(1)).pid;
    assert_int_equal(kill(held, SIGSTOP), 0);
    await_health(1, false);
    sample.platform->on_progress = stop_edge_while_the_version_is_awaited;
    sample.platform->progress_context = &held;
    int failed = sample.platform->ops->revive(sample.platform, 1, 6000, &err);
    sample.platform->on_progress = NULL;
    sample.platform->progress_context = NULL;
    assert_int_equal(held, 0);
    assert_int_equal(failed, GL_E_NET);
    stays_wanted(1);
}

static void stop_edge_before_the_application(const char *text, void *context)
{
    if (strcmp(text, "starting the application") == 0) {
        *(bool *)context = true;
        stop_edge();
    }
}

static void up_without_the_edge_does_not_cost_the_old_version(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    bool stopped = false;
    serve(1);
    serve(2);
    ok(gl_s6_stop(sample.local, gl_slot_service(slot_of(1)), 5000, &err), &err);
    sample.platform->on_progress = stop_edge_before_the_application;
    sample.platform->progress_context = &stopped;
    int failed = sample.platform->ops->up(sample.platform, &err);
    sample.platform->on_progress = NULL;
    sample.platform->progress_context = NULL;
    assert_true(stopped);
    assert_int_equal(failed, GL_E_NET);
    stays_wanted(1);
}

/* The edge goes while the old version, asked to let its session go, ends. */
static void a_restart_without_the_edge_does_not_cost_the_old_version(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    CURL *session = websocket_open();
    await_sessions(slot_of(1), 1);
    sample_start(&sample, 2);
    sample_shift(&sample, 2, 100);
    int busy = keep_busy(slot_of(1));
    pid_t stopping = fork();
    if (stopping == 0) {
        int64_t end = gl_mono_ms() + 10000;
        while (!state_of(slot_of(1)).ending && gl_mono_ms() < end)
            gl_sleep_ms(10);
        _exit(gl_s6_stop(sample.local, GL_EDGE_SERVICE, 5000, NULL) < 0);
    }
    int moved = sample.platform->ops->move_sessions(sample.platform, 2, &err);
    curl_easy_cleanup(session);
    close(busy);
    assert_int_equal(waitpid(stopping, NULL, 0), stopping);
    assert_int_equal(moved, GL_E_NET);
    stays_wanted(1);
}

/* The first death of a process that then comes up is forgiven at once, not after the time-out. */
static void one_death_at_the_start_is_forgiven(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_artifact artifact = sample_artifact(&sample, 8);
    gl_autofree char *dir = gl_path_join(sample.top, "open");
    gl_autofree char *flag = gl_path_join(dir, "died");
    gl_autofree char *variables =
        gl_asprintf("%s  - {name: DIE_ONCE, values: {local: '%s'}}\n", sample_variables, flag);
    assert_int_equal(mkdir(dir, 0777), 0);
    assert_int_equal(chmod(dir, 0777), 0);
    gl_autoconfig struct gl_config *dying = config_load(sample.top, variables);
    sample.platform->config = dying;
    int64_t begun = gl_mono_ms();
    int failed = sample.platform->ops->start(sample.platform, &artifact, 20000, &err);
    sample.platform->config = sample.config;
    ok(failed, &err);
    assert_true(gl_path_exists(flag));
    assert_in_range(gl_mono_ms() - begun, 0, 10000);
}

/* ---- killed between writing settings and putting them into effect ------------------------------
 */

static void write_edge_conf(const struct gl_route *route)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_local_path(sample.local, "edge/haproxy.cfg");
    gl_autofree char *text = gl_edge_conf(sample.local, route);
    ok(gl_write_text(path, text, 0644, &err), &err);
}

static void up_with_permission(void)
{
    sample.platform->may_interrupt = true;
    sample_up(&sample);
    sample.platform->may_interrupt = false;
}

static void settings_that_were_only_written_take_effect(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_route route = {0};
    serve(1);
    pid_t before = pid_of(GL_EDGE_SERVICE);
    use_setting("local.max_body_kb=77");
    ok(gl_route_load(sample.local, &route, &err), &err);
    write_edge_conf(&route);
    assert_false(gl_edge_is_current(sample.local));
    up_with_permission();
    assert_true(gl_edge_is_current(sample.local));
    assert_int_not_equal(pid_of(GL_EDGE_SERVICE), before);
    before = pid_of(GL_EDGE_SERVICE);
    up_with_permission();
    assert_int_equal(pid_of(GL_EDGE_SERVICE), before);
    use_setting(NULL);
    up_with_permission();
    expect_version("v1");
}

static void a_route_that_was_only_kept_takes_effect(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_route route = {0};
    serve(1);
    sample_start(&sample, 2);
    ok(gl_route_load(sample.local, &route, &err), &err);
    route.slots[slot_of(1)].weight_pct = 0;
    route.slots[slot_of(2)].weight_pct = 100;
    ok(gl_route_save(sample.local, &route, &err), &err);
    write_edge_conf(&route);
    expect_version("v1");
    sample_up(&sample);
    expect_version("v2");
}

static void a_certificate_that_was_only_written_is_served(void **unused)
{
    (void)unused;
    static const char *const names[] = {"api.sample.localhost", "app.sample.localhost", NULL};
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *crt = gl_local_path(sample.local, "tls/edge.crt");
    gl_autofree char *before = NULL;
    gl_autofree char *after = NULL;
    static const char question[] = "show ssl cert ../../tls/edge.pem";
    pid_t pid = pid_of(GL_EDGE_SERVICE);
    ok(gl_edge_ask(sample.local, GL_EDGE_SOCKET, question, &before, &err), &err);
    assert_int_equal(unlink(crt), 0);
    ok(gl_local_cert_ensure(sample.local, "edge", names, &err), &err);
    sample_up(&sample);
    ok(gl_edge_ask(sample.local, GL_EDGE_SOCKET, question, &after, &err), &err);
    assert_string_not_equal(before, after);
    assert_int_equal(pid_of(GL_EDGE_SERVICE), pid);
}

static char *web_digest(void)
{
    gl_autoerr struct gl_error err = {0};
    gl_autohttp struct gl_http_response response = {0};
    gl_autofree char *url =
        gl_asprintf("http://127.0.0.1:%u/_golive/health", sample.local->ports[GL_PORT_WEB]);
    struct gl_http_request request = {.url = url};
    ok(gl_http_fetch(&request, &response, &err), &err);
    return gl_buf_steal(&response.body);
}

/* The running nginx has other settings than the file, which is as it should be. */
static void web_settings_that_were_only_written_take_effect(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_local_path(sample.local, "web/nginx.conf");
    gl_autofree char *right = read_text("web/nginx.conf");
    gl_autofree char *digest = web_digest();
    gl_autofree char *other = gl_strdup(right);
    char *at = strstr(other, digest);
    assert_non_null(at);
    memset(at, '0', strlen(digest));
    ok(gl_write_text(path, other, 0644, &err), &err);
    ok(gl_s6_signal(sample.local, GL_WEB_SERVICE, SIGHUP, &err), &err);
    /* Workers with the old settings go on for a moment: only when none answers is it done. */
    int others = 0;
    for (int64_t end = gl_mono_ms() + 10000; others < 50 && gl_mono_ms() < end;) {
        gl_autofree char *now = web_digest();
        others = strcmp(now, digest) == 0 ? 0 : others + 1;
    }
    assert_int_equal(others, 50);
    ok(gl_write_text(path, right, 0644, &err), &err);
    pid_t pid = pid_of(GL_WEB_SERVICE);
    sample_up(&sample);
    /* New workers answer; old ones may for a moment. */
    bool same = false;
    for (int64_t end = gl_mono_ms() + 10000; !same && gl_mono_ms() < end;) {
        gl_autofree char *now = web_digest();
        same = strcmp(now, digest) == 0;
    }
    assert_true(same);
    assert_int_equal(pid_of(GL_WEB_SERVICE), pid); /* without losing a request */
}

/* ---- killed while a service was told to end ----------------------------------------------------
 */

/* Told to end by a signal that it survives, so it runs on; the next one ends it. */
static pid_t leave_service_ending(const char *service)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *relative = gl_asprintf("s6/%s", service);
    gl_autofree char *dir = gl_local_path(sample.local, relative);
    gl_autofree char *down_signal = gl_path_join(dir, "down-signal");
    const char *argv[] = {"s6-svc", "-d", dir, NULL};
    const struct gl_proc_spec spec = {.argv = argv};
    struct gl_service_state state = {0};
    ok(gl_write_text(down_signal, "SIGCONT\n", 0644, &err), &err);
    ok(gl_proc_check(&spec, NULL, &err), &err);
    for (int64_t end = gl_mono_ms() + 10000; !state.ending && gl_mono_ms() < end;)
        ok(gl_s6_state(sample.local, service, &state, &err), &err);
    assert_true(state.ending);
    assert_int_equal(unlink(down_signal), 0);
    return state.pid;
}

static void a_service_that_was_told_to_end_is_started_again(void **unused)
{
    (void)unused;
    static const char *const services[] = {GL_WEB_SERVICE, GL_EDGE_SERVICE};
    serve(1);
    for (size_t i = 0; i < GL_COUNT(services); i++) {
        gl_autoerr struct gl_error err = {0};
        struct gl_service_state state = {0};
        pid_t before = leave_service_ending(services[i]);
        sample_up(&sample);
        ok(gl_s6_state(sample.local, services[i], &state, &err), &err);
        assert_false(state.ending);
        assert_true(state.pid > 0 && state.pid != before);
    }
    expect_version("v1");
}

/* ---- settings that change under traffic --------------------------------------------------------
 */

static void new_settings_wait_for_a_person_while_a_version_serves(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    pid_t before = pid_of(GL_EDGE_SERVICE);
    gl_autofree char *conf = read_text("edge/haproxy.cfg");
    use_setting("local.max_body_kb=78");
    sample_up(&sample);
    gl_autofree char *still = read_text("edge/haproxy.cfg");
    assert_int_equal(pid_of(GL_EDGE_SERVICE), before);
    assert_string_equal(still, conf); /* a crash must not bring them in either */
    struct gl_artifact fresh = sample_artifact(&sample, 40);
    struct gl_artifact known = sample_artifact(&sample, 1);
    assert_int_equal(sample.platform->ops->preflight(sample.platform, &fresh, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.message, "local.max_body_kb (64, now 78)"));
    assert_null(strstr(err.message, "domain.api"));
    assert_non_null(strstr(err.hint, "golive local up"));
    ok(sample.platform->ops->preflight(sample.platform, &known, &err), &err);
    expect_version("v1");
    up_with_permission();
    assert_int_not_equal(pid_of(GL_EDGE_SERVICE), before);
    ok(sample.platform->ops->preflight(sample.platform, &fresh, &err), &err);
    use_setting(NULL);
    up_with_permission();
    expect_version("v1");
}

/* ---- each version by the path of its own release -----------------------------------------------
 */

static void expect_ready_path(int64_t release, const char *path)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *answer = NULL;
    gl_autofree char *question =
        gl_asprintf("get map ../../edge/ready.map %s", gl_slot_name(slot_of(release)));
    gl_autofree char *wanted = gl_asprintf("value=\"%s\"", path);
    ok(gl_edge_ask(sample.local, GL_EDGE_SOCKET, question, &answer, &err), &err);
    if (!strstr(answer, wanted))
        fail_msg("%s: %s", wanted, answer);
}

/* Health checks come every 200 ms: some of them must have been good by then. */
static void expect_stays_healthy(int64_t release)
{
    for (int i = 0; i < 10; i++) {
        gl_autofree char *csv = NULL;
        gl_sleep_ms(100);
        assert_int_equal(gl_edge_ask(sample.local, GL_EDGE_SOCKET, "show stat", &csv, NULL), 0);
        assert_true(gl_slot_is_healthy(sample.local, slot_of(release), csv));
    }
}

static void a_version_is_asked_by_the_path_of_its_own_release(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_artifact lost = sample_artifact(&sample, 51);
    serve(50);
    pid_t edge = pid_of(GL_EDGE_SERVICE);
    use_setting("backend.ready_path=/nowhere");
    sample_up(&sample);
    ok(sample.platform->ops->preflight(sample.platform, &lost, &err), &err); /* no restart */
    assert_int_equal(sample.platform->ops->start(sample.platform, &lost, 600, &err),
                     GL_E_UNHEALTHY);
    assert_non_null(strstr(err.message, "/nowhere answers 404"));
    expect_stays_healthy(50);
    use_setting("backend.ready_path=/status/200?a=b;c");
    serve(52);
    expect_version("v52");
    expect_ready_path(50, "/readyz");
    expect_ready_path(52, "/status/200?a=b;c");
    expect_stays_healthy(50);
    expect_stays_healthy(52);
    assert_int_equal(pid_of(GL_EDGE_SERVICE), edge);
    ok(gl_s6_tree_down(sample.local, &err), &err);
    sample_up(&sample); /* both come back as they were */
    expect_ready_path(50, "/readyz");
    expect_version("v52");
    serve(53); /* takes the slot of 50 */
    use_setting("backend.ready_path=/nowhere");
    serve(50);
    expect_ready_path(50, "/readyz");
    expect_version("v50");
    use_setting(NULL);
}

/* ---- processes without a supervisor ------------------------------------------------------------
 */

static pid_t parent_of(pid_t pid)
{
    gl_autofree char *path = gl_asprintf("/proc/%d/status", (int)pid);
    gl_autobuf struct gl_buf status = {0};
    assert_int_equal(gl_read_file(path, 0, &status, NULL), 0);
    const char *line = strstr(gl_buf_text(&status), "\nPPid:");
    assert_non_null(line);
    return (pid_t)strtol(line + strlen("\nPPid:"), NULL, 10);
}

static void orphan(const char *service)
{
    pid_t pid = pid_of(service);
    assert_int_equal(kill(parent_of(pid), SIGKILL), 0);
    sample_up(&sample);
    assert_int_not_equal(pid_of(service), pid);
    assert_true(pid_of(service) > 0);
    assert_false(gl_proc_is_alive(pid, 0));
}

static void a_program_that_lost_its_supervisor_is_replaced(void **unused)
{
    (void)unused;
    serve(1);
    orphan(GL_EDGE_SERVICE);
    orphan(GL_WEB_SERVICE);
    orphan(gl_slot_service(slot_of(1)));
    expect_version("v1");
}

/* ---- users and variables -----------------------------------------------------------------------
 */

static bool app_can(const char *flag, const char *path)
{
    const struct gl_file_owner *app = &sample.local->accounts[GL_LOCAL_ACCOUNT_APP];
    const char *argv[] = {"test", flag, path, NULL};
    const struct gl_proc_spec spec = {
        .argv = argv, .drop_privileges = true, .uid = app->uid, .gid = app->gid, .cwd = "/"};
    return gl_proc_check(&spec, NULL, NULL) == 0;
}

static void the_application_reads_and_owns_nothing(void **unused)
{
    (void)unused;
    if (geteuid() != 0)
        skip();
    static const char *const unreadable[] = {"secrets.json", "ca/ca.key", "tls/edge.key",
                                             "pg",           "backups",   "logs"};
    static const char *const unwritable[] = {"",     "s6",  "slots/blue",     "slots/blue/env",
                                             "edge", "www", "www/releases",   "images",
                                             "web",  "tls", "s6/backend-blue"};
    serve(1);
    serve(2);
    gl_autofree char *user = sample_get(&sample, "/user");
    assert_string_equal(user, "65532 65532");
    for (size_t i = 0; i < GL_COUNT(unreadable); i++) {
        gl_autofree char *path = gl_local_path(sample.local, unreadable[i]);
        assert_false(app_can("-r", path));
    }
    for (size_t i = 0; i < GL_COUNT(unwritable); i++) {
        gl_autofree char *path = gl_local_path(sample.local, unwritable[i]);
        if (app_can("-w", path))
            fail_msg("%s", path);
    }
    assert_false(app_can("-x", sample.local->run_dir)); /* peer authentication as superuser */
    assert_false(app_can("-x", sample.local->edge_dir));
    gl_autofree char *image = gl_slot_image_dir(sample.local, sample.digest);
    gl_autofree char *program = gl_path_join(image, "app/httpd");
    assert_true(app_can("-x", program));
    assert_false(app_can("-w", program));
}

static void an_empty_value_is_not_the_same_as_none(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_artifact artifact = sample_artifact(&sample, 15);
    gl_autofree char *variables =
        gl_asprintf("%s  - {name: EMPTY, required: false, values: {local: ''}}\n"
                    "  - {name: LINES, values: {local: \"a\\nb\\n\"}}\n",
                    sample_variables);
    gl_autoconfig struct gl_config *with = config_load(sample.top, variables);
    serve(1);
    sample.platform->config = with;
    int failed = sample.platform->ops->start(sample.platform, &artifact, 20000, &err);
    sample.platform->config = sample.config;
    ok(failed, &err);
    sample_shift(&sample, 15, 100);
    gl_autofree char *empty = sample_get(&sample, "/is-set/EMPTY");
    gl_autofree char *none = sample_get(&sample, "/is-set/SENTRY_DSN");
    gl_autofree char *lines = sample_get(&sample, "/env/LINES");
    assert_string_equal(empty, "yes");
    assert_string_equal(none, "no");
    assert_string_equal(lines, "a\nb\n");
}

static void logs_do_not_show_secrets(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *shown = NULL;
    serve(1);
    gl_autofree char *secret = sample_get(&sample, "/env/JWT_SECRET");
    gl_autofree char *relative = gl_asprintf("logs/%s/current", gl_slot_service(slot_of(1)));
    gl_autofree char *path = gl_local_path(sample.local, relative);
    FILE *log = fopen(path, "ae");
    assert_non_null(log);
    assert_true(fprintf(log, "the key is %s!\n", secret) > 0);
    assert_int_equal(fclose(log), 0);
    gl_secret_forget_all(); /* as a process that has started nothing */
    ok(sample.platform->ops->logs(sample.platform, "backend", 1, 50, &shown, &err), &err);
    assert_non_null(strstr(shown, "the key is ***!"));
    assert_null(strstr(shown, secret));
}

static PGconn *login_with(const char *url)
{
    gl_autoerr struct gl_error err = {0};
    PGconn *conn = NULL;
    ok(gl_pg_connect_url(url, &conn, &err), &err);
    return conn;
}

/* The words on standard error while the platform comes up. */
static char *warnings_of_up(void)
{
    gl_autofree char *path = gl_path_join(sample.top, "stderr");
    gl_autobuf struct gl_buf text = {0};
    int saved = dup(STDERR_FILENO);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(saved >= 0 && file >= 0);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    sample_up(&sample);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    close(file);
    assert_int_equal(gl_read_file(path, 0, &text, NULL), 0);
    return gl_buf_steal(&text);
}

/* What serves must not be locked out of its database, nor the next version sign with another key.
 */
static void lost_secrets_are_found_again_in_what_runs(void **unused)
{
    (void)unused;
    gl_autofree char *secrets = gl_local_path(sample.local, "secrets.json");
    serve(60);
    gl_autofree char *key = sample_get(&sample, "/env/JWT_SECRET");
    gl_autofree char *url = sample_get(&sample, "/env/DATABASE_URL");
    assert_int_equal(unlink(secrets), 0);
    gl_autofree char *said = warnings_of_up();
    assert_non_null(strstr(said, "role sample_app: it was found again"));
    assert_non_null(strstr(said, "role sample_owner: it was made anew"));
    assert_non_null(strstr(said, "JWT_SECRET was lost with secrets.json, and found again"));
    assert_null(strstr(said, key));
    gl_autopgconn PGconn *conn = login_with(url);
    serve(61);
    gl_autofree char *key_after = sample_get(&sample, "/env/JWT_SECRET");
    gl_autofree char *url_after = sample_get(&sample, "/env/DATABASE_URL");
    assert_string_equal(key_after, key);
    assert_string_equal(url_after, url);
    gl_autofree char *silent = warnings_of_up();
    assert_string_equal(silent, "");
}

/* ---- what is kept ------------------------------------------------------------------------------
 */

static void touch(const char *relative)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_local_path(sample.local, relative);
    gl_autofree char *dir = gl_path_dir(path);
    ok(gl_mkdir_p(dir, 0755, &err), &err);
    ok(gl_write_text(path, "{}", 0600, &err), &err);
}

static bool is_there(const char *relative)
{
    gl_autofree char *path = gl_local_path(sample.local, relative);
    return gl_path_exists(path);
}

static void left_overs_are_removed(void **unused)
{
    (void)unused;
    static const char *const left[] = {"images/.abc123.Xy1234/app/half", "backups/release-1.dump",
                                       "backups/release-1.json"};
    static const char *const kept[] = {"backups/release-2.dump", "backups/release-2.json",
                                       "backups/before-the-move.dump"};
    static const int64_t keep[] = {3, 2};
    gl_autoerr struct gl_error err = {0};
    serve(2);
    serve(3);
    for (size_t i = 0; i < GL_COUNT(left); i++)
        touch(left[i]);
    for (size_t i = 0; i < GL_COUNT(kept); i++)
        touch(kept[i]);
    ok(sample.platform->ops->prune(sample.platform, keep, GL_COUNT(keep), &err), &err);
    assert_false(is_there("images/.abc123.Xy1234"));
    for (size_t i = 0; i < GL_COUNT(left); i++)
        assert_false(is_there(left[i]));
    for (size_t i = 0; i < GL_COUNT(kept); i++)
        assert_true(is_there(kept[i]));
    assert_true(pid_of(gl_slot_service(slot_of(2))) > 0);
    expect_version("v3");
}

static void a_version_that_is_not_to_be_kept_warm_is_stopped(void **unused)
{
    (void)unused;
    static const int64_t keep[] = {3, 2};
    gl_autoerr struct gl_error err = {0};
    serve(2);
    serve(3);
    use_setting("local.keep_warm=false");
    ok(sample.platform->ops->prune(sample.platform, keep, GL_COUNT(keep), &err), &err);
    assert_int_equal(pid_of(gl_slot_service(slot_of(2))), 0);
    expect_version("v3");
    sample_up(&sample);
    assert_int_equal(pid_of(gl_slot_service(slot_of(2))), 0);
    use_setting(NULL);
    serve(2); /* the way back starts it again */
    expect_version("v2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_is_never_recorded_as_another_release_than_it_would_run),
        cmocka_unit_test(an_idle_version_that_does_not_come_back_keeps_nobody_down),
        cmocka_unit_test(a_warm_version_that_does_not_restart_is_given_up),
        cmocka_unit_test(a_version_on_its_way_down_is_started_again_before_it_gets_traffic),
        cmocka_unit_test(up_starts_what_was_on_its_way_down),
        cmocka_unit_test(a_version_that_just_starts_is_waited_for),
        cmocka_unit_test(a_version_that_was_given_up_is_started_again),
        cmocka_unit_test(a_version_that_cannot_come_back_costs_the_serving_one_nothing),
        cmocka_unit_test(a_restart_that_is_interrupted_does_not_cost_the_old_version),
        cmocka_unit_test(an_interrupted_revival_is_not_called_the_versions_fault),
        cmocka_unit_test(revive_without_the_edge_does_not_cost_the_old_version),
        cmocka_unit_test(an_edge_that_goes_meanwhile_does_not_cost_the_old_version),
        cmocka_unit_test(up_without_the_edge_does_not_cost_the_old_version),
        cmocka_unit_test(a_restart_without_the_edge_does_not_cost_the_old_version),
        cmocka_unit_test(one_death_at_the_start_is_forgiven),
        cmocka_unit_test(settings_that_were_only_written_take_effect),
        cmocka_unit_test(a_route_that_was_only_kept_takes_effect),
        cmocka_unit_test(a_certificate_that_was_only_written_is_served),
        cmocka_unit_test(web_settings_that_were_only_written_take_effect),
        cmocka_unit_test(a_service_that_was_told_to_end_is_started_again),
        cmocka_unit_test(new_settings_wait_for_a_person_while_a_version_serves),
        cmocka_unit_test(a_version_is_asked_by_the_path_of_its_own_release),
        cmocka_unit_test(a_program_that_lost_its_supervisor_is_replaced),
        cmocka_unit_test(the_application_reads_and_owns_nothing),
        cmocka_unit_test(an_empty_value_is_not_the_same_as_none),
        cmocka_unit_test(logs_do_not_show_secrets),
        cmocka_unit_test(lost_secrets_are_found_again_in_what_runs),
        cmocka_unit_test(left_overs_are_removed),
        cmocka_unit_test(a_version_that_is_not_to_be_kept_warm_is_stopped),
    };
    return run_with_sample(tests, make);
}
