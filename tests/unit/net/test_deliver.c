/* Messages to a real receiver: delivered, tried again, given up; and where they may go at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "net/deliver.h"
#include "support/hook_server.h"

/* Long ones: what ends by them is seen in the problem and not by a clock. */
static const struct gl_delivery_limits patient = {
    .connect_ms = 20000, .total_ms = 60000, .pause_ms = 2, .tries = 2};

static struct hook_server *server;

/* ---- libcurl, which fails when it is told to ---------------------------------------------------
 */

static bool add_fails, perform_fails, perform_does_nothing;
static int headers_left = -1; /* that can still be appended; -1 = any number */

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *curl)
{
    static CURLMcode (*real)(CURLM *, CURL *);
    *(void **)&real = dlsym(RTLD_NEXT, "curl_multi_add_handle");
    return add_fails ? CURLM_OUT_OF_MEMORY : real(multi, curl);
}

CURLMcode curl_multi_perform(CURLM *multi, int *running)
{
    static CURLMcode (*real)(CURLM *, int *);
    *(void **)&real = dlsym(RTLD_NEXT, "curl_multi_perform");
    *running = 1;
    if (perform_does_nothing)
        return CURLM_OK;
    return perform_fails ? CURLM_INTERNAL_ERROR : real(multi, running);
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text)
{
    static struct curl_slist *(*real)(struct curl_slist *, const char *);
    *(void **)&real = dlsym(RTLD_NEXT, "curl_slist_append");
    if (headers_left > 0)
        headers_left--;
    else if (headers_left == 0)
        return NULL;
    return real(list, text);
}

static int set_up(void **state)
{
    (void)state;
    gl_interrupt_clear();
    add_fails = perform_fails = perform_does_nothing = false;
    headers_left = -1;
    server = hook_server_start();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hook_server_stop(server);
    return 0;
}

static struct gl_delivery deliver(const char *url, const struct gl_delivery_limits *limits)
{
    static const char *const headers[] = {"X-Sample: a: b", NULL};
    struct gl_delivery delivery = {.url = url, .body = "{\"a\":\"é\"}", .headers = headers};
    gl_deliver(&delivery, 1, limits);
    return delivery;
}

static struct gl_delivery deliver_to(const char *path, const struct gl_delivery_limits *limits)
{
    gl_autofree char *url = hook_server_url(server, path);
    return deliver(url, limits);
}

static void assert_undelivered(const char *path, const struct gl_delivery_limits *limits, int tried,
                               const char *problem)
{
    struct gl_delivery delivery = deliver_to(path, limits);
    assert_false(delivery.delivered);
    assert_int_equal(delivery.tried, tried);
    assert_string_equal(delivery.problem, problem);
    gl_delivery_done(&delivery);
}

static void what_is_answered_2xx_is_delivered(void **state)
{
    (void)state;
    struct gl_delivery delivery = deliver_to("/ok/secret-path", &patient);
    assert_true(delivery.delivered);
    assert_null(delivery.problem);
    assert_int_equal(delivery.status, 200);
    assert_int_equal(delivery.tried, 1);
    gl_autofree char *request = hook_server_request(server, 0);
    gl_autofree char *body = hook_body(request);
    gl_autofree char *sample = hook_header(request, "X-Sample");
    gl_autofree char *agent = hook_header(request, "User-Agent");
    assert_int_equal(strncmp(request, "POST /ok/secret-path HTTP/1.1\r\n", 31), 0);
    assert_string_equal(body, "{\"a\":\"é\"}");
    assert_string_equal(sample, "a: b");
    assert_string_equal(agent, "golive/" GL_VERSION);
    gl_delivery_done(&delivery);
}

static void what_may_pass_is_tried_again_once(void **state)
{
    (void)state;
    struct gl_delivery delivery = deliver_to("/once/x", &patient);
    assert_true(delivery.delivered);
    assert_null(delivery.problem);
    assert_int_equal(delivery.tried, 2);
    gl_delivery_done(&delivery);
    assert_undelivered("/500/x", &patient, 2, "it answered 500");
    assert_undelivered("/429/x", &patient, 2, "it answered 429");
    assert_int_equal(hook_server_count(server), 6);
}

static void what_stays_so_is_not(void **state)
{
    (void)state;
    assert_undelivered("/404/x", &patient, 1, "it answered 404");
    assert_undelivered("/403/x", &patient, 1, "it answered 403");
    assert_int_equal(hook_server_count(server), 2);
}

static void a_redirect_is_not_followed(void **state)
{
    (void)state;
    assert_undelivered("/redirect/x", &patient, 1,
                       "it answered 302, a redirect, which is not followed");
    assert_int_equal(hook_server_count(server), 1);
}

static void nobody_listens(void **state)
{
    (void)state;
    gl_autofree char *url = gl_asprintf("http://127.0.0.1:%d/secret-path", hook_closed_port());
    struct gl_delivery delivery = deliver(url, &patient);
    assert_false(delivery.delivered);
    assert_int_equal(delivery.tried, 2);
    assert_int_equal(delivery.status, 0);
    assert_non_null(strstr(delivery.problem, "127.0.0.1"));
    assert_null(strstr(delivery.problem, "secret-path"));
    gl_delivery_done(&delivery);
}

/* It may have got the message: it is not sent again. */
static void who_never_answers_is_given_up(void **state)
{
    (void)state;
    struct gl_delivery_limits limits = patient;
    limits.total_ms = 200;
    int64_t begun = gl_mono_ms();
    assert_undelivered("/silent/x", &limits, 1, "no answer within 200 ms");
    assert_true(gl_mono_ms() - begun >= 200);
}

/* It takes connections and never shakes hands: nothing was sent that could have arrived. */
static void a_connection_that_never_stands_is_tried_again(void **state)
{
    (void)state;
    struct gl_delivery_limits limits = patient;
    limits.connect_ms = 200;
    gl_autofree char *url =
        gl_asprintf("https://127.0.0.1:%d/secret-path", hook_server_port(server));
    struct gl_delivery delivery = deliver(url, &limits);
    assert_false(delivery.delivered);
    assert_int_equal(delivery.tried, 2);
    assert_string_equal(delivery.problem, "no connection within 200 ms");
    gl_delivery_done(&delivery);
}

/* One after the other, the first would never be answered. */
static void all_are_sent_at_the_same_time(void **state)
{
    (void)state;
    gl_autofree char *meet = hook_server_url(server, "/meet/x");
    gl_autofree char *wrong = hook_server_url(server, "/400/x");
    struct gl_delivery deliveries[] = {
        {.url = meet,  .body = "1"},
        {.url = wrong, .body = "2"},
        {.url = meet,  .body = "3"}
    };
    gl_deliver(deliveries, GL_COUNT(deliveries), &patient);
    assert_true(deliveries[0].delivered);
    assert_false(deliveries[1].delivered);
    assert_true(deliveries[2].delivered);
    assert_string_equal(deliveries[1].problem, "it answered 400");
    gl_delivery_done(&deliveries[1]);
    gl_deliver(NULL, 0, &patient);
}

static void *interrupt_once_asked(void *context)
{
    (void)context;
    while (!hook_server_count(server))
        gl_sleep_ms(1);
    kill(getpid(), SIGINT);
    return NULL;
}

static void ctrl_c_ends_the_waiting(void **state)
{
    (void)state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, interrupt_once_asked, NULL), 0);
    assert_undelivered("/silent/x", &patient, 1, "interrupted");
    pthread_join(thread, NULL);
    assert_true(gl_interrupted());
}

static void after_ctrl_c_nothing_is_begun(void **state)
{
    (void)state;
    raise(SIGINT);
    assert_undelivered("/ok/x", &patient, 0, "interrupted");
    assert_int_equal(hook_server_count(server), 0);
}

static void what_libcurl_does_not_take_is_given_up(void **state)
{
    (void)state;
    add_fails = true;
    assert_undelivered("/ok/x", &patient, 0, curl_multi_strerror(CURLM_OUT_OF_MEMORY));
    assert_int_equal(hook_server_count(server), 0);
}

static void when_libcurl_fails_nobody_waits(void **state)
{
    (void)state;
    perform_fails = true;
    assert_undelivered("/ok/x", &patient, 1, curl_multi_strerror(CURLM_INTERNAL_ERROR));
}

/* Not even for a libcurl that keeps no limit. */
static void all_together_have_a_limit(void **state)
{
    (void)state;
    static const struct gl_delivery_limits limits = {
        .connect_ms = 10, .total_ms = 10, .pause_ms = 2, .tries = 1};
    perform_does_nothing = true;
    assert_undelivered("/ok/x", &limits, 1, "no answer in time");
}

/* Without its headers a message would be another one. */
static void without_memory_for_its_headers_it_is_not_sent(void **state)
{
    (void)state;
    for (int left = 0; left < 2; left++) {
        headers_left = left;
        assert_undelivered("/ok/x", &patient, 0, "there is no memory left");
    }
    assert_int_equal(hook_server_count(server), 0);
}

static void messages_go_by_https_or_to_this_machine(void **state)
{
    (void)state;

    static const struct {
        const char *url, *host;
    } rows[] = {
        {"https://hooks.slack.com/services/T/B/x",   "hooks.slack.com"   },
        {"HTTPS://user:pw@hooks.example:8443/x?y=z", "hooks.example:8443"},
        {"http://127.0.0.1:80/x",                    "127.0.0.1:80"      },
        {"http://127.8.8.8/x",                       "127.8.8.8"         },
        {"http://localhost:1/x",                     "localhost:1"       },
        {"http://[::1]:1/x",                         "[::1]:1"           },
        {"http://hooks.slack.com/services/T/B/x",    NULL                },
        {"http://127.0.0.1.example.com/x",           NULL                },
        {"http://localhost.example.com/x",           NULL                },
        {"http://a.localhost/x",                     NULL                },
        {"http://169.254.169.254/latest/meta-data",  NULL                },
        {"http://[fe80::1]/x",                       NULL                },
        {"http://[::ffff:10.0.0.1]/x",               NULL                },
        {"http://127.0.0.1@example.com/x",           NULL                },
        {"ftp://127.0.0.1/x",                        NULL                },
        {"file:///etc/passwd",                       NULL                },
        {"hooks.slack.com/services/T/B/x",           NULL                },
        {"https://",                                 NULL                },
        {"",                                         NULL                },
    };

    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autofree char *host = gl_delivery_host(rows[i].url);
        if (!rows[i].host != !host || (host && strcmp(host, rows[i].host) != 0))
            fail_msg("%s: %s", rows[i].url, host ? host : "(refused)");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_answered_2xx_is_delivered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_may_pass_is_tried_again_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_stays_so_is_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_redirect_is_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_listens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_never_answers_is_given_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_connection_that_never_stands_is_tried_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(all_are_sent_at_the_same_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ctrl_c_ends_the_waiting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(after_ctrl_c_nothing_is_begun, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_libcurl_does_not_take_is_given_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(when_libcurl_fails_nobody_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_together_have_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_memory_for_its_headers_it_is_not_sent, set_up,
                                        tear_down),
        cmocka_unit_test(messages_go_by_https_or_to_this_machine),
    };
    gl_interrupt_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
