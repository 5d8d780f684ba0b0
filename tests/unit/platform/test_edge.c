/* The whole local platform under load: real PostgreSQL, HAProxy, nginx, s6 and an application. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/json.h"
#include "base/strv.h"
#include "platform/local/edge.h"
#include "platform/local/fault.h"
#include "traffic_fixture.h"

/* ---- load: some clients with connections kept alive, each asking again at once -----------------
 */

enum {
    CLIENTS = 6,
};

struct load {
    pthread_t threads[CLIENTS];
    char *url;
    char *resolve;
    char *ca_file;
    bool http2;
    atomic_bool stop;
    atomic_ulong requests;
    atomic_ulong lost;
    atomic_long last_status;
};

static void *client(void *argument)
{
    struct load *load = argument;
    CURL *curl = curl_easy_init();
    struct curl_slist *resolve = curl_slist_append(NULL, load->resolve);
    curl_easy_setopt(curl, CURLOPT_URL, load->url);
    curl_easy_setopt(curl, CURLOPT_RESOLVE, resolve);
    curl_easy_setopt(curl, CURLOPT_CAINFO, load->ca_file);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 20000L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                     load->http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
    while (!atomic_load(&load->stop)) {
        long status = 0;
        bool answered = curl_easy_perform(curl) == CURLE_OK;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        atomic_fetch_add(&load->requests, 1);
        if (!answered || status != 200) {
            atomic_fetch_add(&load->lost, 1);
            atomic_store(&load->last_status, status);
        }
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(resolve);
    return NULL;
}

static void load_start(struct load *load, const char *path, bool http2)
{
    gl_autoerr struct gl_error err = {0};
    gl_autotarget struct gl_target target = {0};
    ok(sample.platform->ops->endpoint(sample.platform, GL_ENDPOINT_API, 0, &target, &err), &err);
    memset(load, 0, sizeof *load);
    load->url = gl_asprintf("%s%s", target.base_url, path);
    load->resolve = gl_steal(&target.resolve);
    load->ca_file = gl_steal(&target.ca_file);
    load->http2 = http2;
    for (size_t i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&load->threads[i], NULL, client, load), 0);
}

static void load_await(struct load *load, unsigned long more)
{
    unsigned long goal = atomic_load(&load->requests) + more;
    int64_t deadline = gl_mono_ms() + 30000;
    while (atomic_load(&load->requests) < goal) {
        assert_true(gl_mono_ms() < deadline);
        gl_sleep_ms(2);
    }
}

static void load_end(struct load *load)
{
    if (!load->url)
        return;
    atomic_store(&load->stop, true);
    for (size_t i = 0; i < CLIENTS; i++)
        pthread_join(load->threads[i], NULL);
    print_message("# %lu requests, %lu lost\n", atomic_load(&load->requests),
                  atomic_load(&load->lost));
    free(gl_steal(&load->url));
    free(gl_steal(&load->resolve));
    free(gl_steal(&load->ca_file));
}

/* Static, so that a test that fails leaves no client behind. */
static struct load http1;
static struct load http2;

static int end_load(void **state)
{
    (void)state;
    load_end(&http1);
    load_end(&http2);
    return 0;
}

/* ---- tests -------------------------------------------------------------------------------------
 */

static void the_first_version_serves_with_its_environment(void **unused)
{
    (void)unused;
    gl_autofree char *origin = NULL;
    gl_autofree char *secret = NULL;
    gl_autofree char *again = NULL;
    gl_autofree char *greeting = NULL;
    gl_autofree char *image = NULL;
    gl_autofree char *database = NULL;
    serve(1);
    expect_version("v1");
    origin = sample_get(&sample, "/env/CORS_ORIGIN");
    gl_autofree char *expected =
        gl_asprintf("https://app.sample.localhost:%u", sample.local->ports[GL_PORT_HTTPS]);
    assert_string_equal(origin, expected);
    greeting = sample_get(&sample, "/env/GREETING");
    assert_string_equal(greeting, "good day, 世界");
    image = sample_get(&sample, "/env/FROM_IMAGE");
    assert_string_equal(image, "it's here");
    secret = sample_get(&sample, "/env/JWT_SECRET");
    assert_true(strlen(secret) >= 32);
    database = sample_get(&sample, "/env/DATABASE_URL");
    assert_true(gl_starts_with(database, "postgresql://"));
    sample_start(&sample, 2);
    sample_shift(&sample, 2, 100);
    expect_version("v2");
    again = sample_get(&sample, "/env/JWT_SECRET");
    assert_string_equal(again, secret);
}

static struct gl_running running(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_traffic traffic = {0};
    ok(sample.platform->ops->traffic(sample.platform, &traffic, &err), &err);
    for (size_t i = 0; i < traffic.count; i++) {
        if (traffic.versions[i].release == release)
            return traffic.versions[i];
    }
    return (struct gl_running){0};
}

static void twenty_switches_under_load_lose_nothing(void **unused)
{
    (void)unused;
    serve(1);
    sample_start(&sample, 2);
    load_start(&http1, "/version", false);
    load_start(&http2, "/version", true);
    for (int64_t i = 0; i < 20; i++) {
        sample_shift(&sample, 1 + (i + 1) % 2, 10);
        load_await(&http1, 60);
        sample_shift(&sample, 1 + (i + 1) % 2, 100);
        load_await(&http1, 60);
        load_await(&http2, 60);
    }
    load_end(&http1);
    load_end(&http2);
    assert_int_equal(atomic_load(&http1.lost), 0);
    assert_int_equal(atomic_load(&http2.lost), 0);
    assert_true(atomic_load(&http1.requests) >= 2400);
    assert_int_equal(running(1).weight_pct, 100);
    assert_int_equal(running(2).weight_pct, 0);
}

static void a_third_release_replaces_the_idle_one_under_load(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    load_start(&http1, "/version", false);
    for (int64_t release = 2; release <= 6; release++) {
        serve(release);
        load_await(&http1, 100);
    }
    load_end(&http1);
    assert_int_equal(atomic_load(&http1.lost), 0);
    expect_version("v6");
    assert_int_equal(running(4).release, 0);
    assert_int_equal(running(5).release, 5);
    ok(sample.platform->ops->stop(sample.platform, 5, &err), &err);
    assert_int_equal(running(5).release, 0);
    assert_int_equal(sample.platform->ops->stop(sample.platform, 6, &err), GL_E_REFUSED);
}

/* The new version is killed again and again while every request goes to it: the warm old one must
 * take over without a lost answer, and what failed must be counted. */
static void killing_the_version_with_all_traffic_loses_no_idempotent_request(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autoobservation struct gl_observation seen = {0};
    gl_autojson json_t *mark = NULL;
    serve(1);
    sample_start(&sample, 2);
    sample_shift(&sample, 2, 100);
    int64_t deaths_before = running(2).deaths;
    ok(sample.platform->ops->mark(sample.platform, 2, &mark, &err), &err);
    load_start(&http1, "/slow?1", false);
    for (int i = 0; i < 3; i++) {
        load_await(&http1, 300);
        ok(gl_local_fault(sample.platform, 2, GL_FAULT_KILL, 0, &err), &err);
        load_await(&http1, 300);
        int64_t deadline = gl_mono_ms() + 10000;
        while (!running(2).healthy && gl_mono_ms() < deadline)
            gl_sleep_ms(5);
    }
    load_end(&http1);
    assert_int_equal(atomic_load(&http1.lost), 0);
    ok(sample.platform->ops->observe(sample.platform, 2, mark, &seen, &err), &err);
    print_message("# attempts %lu, failures %lu, deaths %ld, p50 %.2f ms, p99 %.2f ms\n",
                  (unsigned long)seen.requests, (unsigned long)seen.failures, (long)seen.deaths,
                  seen.p50_ms, seen.p99_ms);
    assert_int_equal(seen.deaths - deaths_before, 3);
    assert_true(seen.failures >= 1);
    assert_int_equal(seen.errors_5xx, 0);
    assert_true(seen.requests >= 600);
    assert_true(seen.p50_ms >= 1.0);
}

static void observe_counts_exactly_and_names_the_worst(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autoobservation struct gl_observation seen = {0};
    gl_autojson json_t *mark = NULL;
    serve(1);
    ok(sample.platform->ops->mark(sample.platform, 1, &mark, &err), &err);
    gl_autofree char *text = gl_json_canonical(mark);
    json_decref(gl_steal(&mark));
    ok(gl_json_parse(text, strlen(text), "mark", &mark, &err), &err);
    for (int i = 0; i < 50; i++) {
        gl_autohttp struct gl_http_response response = {0};
        struct gl_http_request request = {.url = i % 10 == 0   ? "/status/503?token=secret"
                                                 : i % 10 == 1 ? "/slow?40"
                                                               : "/version"};
        assert_int_equal(sample_fetch(&sample, GL_ENDPOINT_API, request, &response), 0);
    }
    int64_t deadline = gl_mono_ms() + 5000;
    do {
        gl_observation_done(&seen);
        ok(sample.platform->ops->observe(sample.platform, 1, mark, &seen, &err), &err);
    } while ((!seen.worst || !strstr(seen.worst, "x5")) && gl_mono_ms() < deadline);
    assert_int_equal(seen.requests, 50);
    assert_int_equal(seen.errors_5xx, 5);
    assert_int_equal(seen.failures, 0);
    assert_true(seen.healthy);
    assert_non_null(seen.worst);
    assert_string_equal(seen.worst, "GET /status/503 503 x5");
    assert_true(seen.p95_ms >= 40 && seen.p50_ms < 40);
}

/* An answer that has begun but is not complete when the counting begins is no failure when it
 * completes. */
static void an_answer_under_way_at_the_mark_is_no_failure(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    load_start(&http1, "/drip?30", false);
    for (int i = 0; i < 30; i++) {
        gl_autojson json_t *mark = NULL;
        gl_autoobservation struct gl_observation seen = {0};
        load_await(&http1, 1);
        ok(sample.platform->ops->mark(sample.platform, 1, &mark, &err), &err);
        load_await(&http1, 6);
        ok(sample.platform->ops->observe(sample.platform, 1, mark, &seen, &err), &err);
        assert_true(seen.requests >= 2);
        assert_int_equal(seen.failures, 0);
    }
    load_end(&http1);
}

static void a_restart_of_the_edge_keeps_the_routing(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_service_state state = {0};
    serve(1);
    serve(2);
    ok(gl_s6_state(sample.local, GL_EDGE_SERVICE, &state, &err), &err);
    pid_t before = state.pid;
    assert_int_equal(kill(before, SIGKILL), 0);
    int64_t deadline = gl_mono_ms() + 10000;
    while (!(running(2).healthy && running(1).healthy) && gl_mono_ms() < deadline)
        gl_sleep_ms(5);
    ok(gl_s6_state(sample.local, GL_EDGE_SERVICE, &state, &err), &err);
    assert_true(state.pid > 0 && state.pid != before);
    assert_int_equal(running(2).weight_pct, 100);
    assert_true(running(2).sessions);
    assert_int_equal(running(1).weight_pct, 0);
    assert_false(running(1).sessions);
    expect_version("v2");
}

static void everything_comes_back_after_all_was_killed(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    ok(gl_s6_tree_down(sample.local, &err), &err);
    assert_int_equal(running(1).weight_pct, 100);
    assert_false(running(1).healthy);
    sample_up(&sample);
    expect_version("v1");
    int64_t begun = gl_mono_ms();
    sample_up(&sample);
    print_message("# up while running: %d ms\n", (int)(gl_mono_ms() - begun));
    expect_version("v1");
}

static void a_version_that_dies_or_is_never_ready_is_reported_at_once(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_artifact artifact = sample_artifact(&sample, 12);
    serve(1);
    ok(gl_local_fault(sample.platform, 0, GL_FAULT_CRASH_AT_START, 0, &err), &err);
    int64_t begun = gl_mono_ms();
    assert_int_equal(sample.platform->ops->start(sample.platform, &artifact, 20000, &err),
                     GL_E_UNHEALTHY);
    assert_in_range(gl_mono_ms() - begun, 0, 8000);
    assert_non_null(strstr(err.message, "made to fail"));
    expect_version("v1");
    ok(gl_local_fault(sample.platform, 0, GL_FAULT_NONE, 0, &err), &err);
    gl_autofree char *variables =
        gl_asprintf("%s  - {name: NOT_READY, values: {local: '1'}}\n", sample_variables);
    gl_autoconfig struct gl_config *not_ready = config_load(sample.top, variables);
    sample.platform->config = not_ready;
    assert_int_equal(sample.platform->ops->start(sample.platform, &artifact, 600, &err),
                     GL_E_UNHEALTHY);
    assert_non_null(strstr(err.message, "/readyz answers 503"));
    assert_null(strstr(err.message, "made to fail")); /* what an earlier start said */
    assert_int_equal(running(12).release, 0);
    sample.platform->config = sample.config;
    serve(12);
    expect_version("v12");
}

static int count_status(int requests, const char *path, long status)
{
    int count = 0;
    for (int i = 0; i < requests; i++) {
        gl_autohttp struct gl_http_response response = {0};
        struct gl_http_request request = {.url = path};
        assert_int_equal(sample_fetch(&sample, GL_ENDPOINT_API, request, &response), 0);
        count += response.status == status;
    }
    return count;
}

static void taking_all_requests_from_the_only_version_leaves_nobody_serving(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(21);
    for (int64_t other = 1; other <= 20; other++)
        ok(sample.platform->ops->stop(sample.platform, other, &err), &err);
    sample_shift(&sample, 21, 0);
    assert_int_equal(count_status(3, "/version", 503), 3);
    assert_false(running(21).sessions);
    sample_shift(&sample, 21, 100);
    expect_version("v21");
}

static void faults_spoil_answers_but_not_health_and_end_without_a_trace(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    serve(1);
    ok(gl_local_fault(sample.platform, 1, GL_FAULT_5XX, 100, &err), &err);
    assert_int_equal(count_status(10, "/version", 500), 10);
    gl_sleep_ms(600); /* three health checks: the fault must not reach them */
    assert_true(running(1).healthy);
    ok(gl_local_fault(sample.platform, 1, GL_FAULT_SLOW, 150, &err), &err);
    gl_autohttp struct gl_http_response response = {0};
    struct gl_http_request request = {.url = "/version"};
    assert_int_equal(sample_fetch(&sample, GL_ENDPOINT_API, request, &response), 0);
    assert_int_equal(response.status, 200);
    assert_true(response.elapsed_us >= 150000);
    ok(gl_local_fault(sample.platform, 1, GL_FAULT_NONE, 0, &err), &err);
    assert_int_equal(count_status(10, "/version", 200), 10);
    assert_int_equal(gl_local_fault(sample.platform, 1, GL_FAULT_5XX, 101, &err), GL_E_USAGE);
    assert_int_equal(gl_local_fault(sample.platform, 9, GL_FAULT_KILL, 0, &err), GL_E_NOT_FOUND);
}

#define gl_edge_test(function) cmocka_unit_test_teardown(function, end_load)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gl_edge_test(the_first_version_serves_with_its_environment),
        gl_edge_test(twenty_switches_under_load_lose_nothing),
        gl_edge_test(a_third_release_replaces_the_idle_one_under_load),
        gl_edge_test(killing_the_version_with_all_traffic_loses_no_idempotent_request),
        gl_edge_test(observe_counts_exactly_and_names_the_worst),
        gl_edge_test(an_answer_under_way_at_the_mark_is_no_failure),
        gl_edge_test(a_restart_of_the_edge_keeps_the_routing),
        gl_edge_test(everything_comes_back_after_all_was_killed),
        gl_edge_test(a_version_that_dies_or_is_never_ready_is_reported_at_once),
        gl_edge_test(taking_all_requests_from_the_only_version_leaves_nobody_serving),
        gl_edge_test(faults_spoil_answers_but_not_health_and_end_without_a_trace),
    };
    return run_with_sample(tests, make);
}
