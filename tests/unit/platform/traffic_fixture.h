/* One platform per test program, and what its clients do: requests, WebSockets, whole releases. */
#ifndef GL_TESTS_PLATFORM_TRAFFIC_FIXTURE_H
#define GL_TESTS_PLATFORM_TRAFFIC_FIXTURE_H

#include <curl/curl.h>

#include "platform_fixture.h"

/* NOLINTNEXTLINE(misc-definitions-in-headers): each test program is one source file */
static struct sample sample;

static inline int make(void **state)
{
    (void)state;
    sample_make(&sample);
    sample_up(&sample);
    return 0;
}

static inline int unmake(void **state)
{
    (void)state;
    sample_remove(&sample);
    return 0;
}

/* cmocka calls no teardown after a setup that failed. */
#define run_with_sample(tests, make)                                                               \
    (curl_global_init(CURL_GLOBAL_DEFAULT),                                                        \
     remove_after(cmocka_run_group_tests(tests, make, unmake)))

static inline int remove_after(int failed)
{
    sample_remove(&sample);
    return failed;
}

/* A whole release: started, all requests, then all sessions. */
static inline void serve(int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    sample_start(&sample, release);
    sample_shift(&sample, release, 100);
    ok(sample.platform->ops->move_sessions(sample.platform, release, &err), &err);
}

static inline void expect_version(const char *version)
{
    gl_autofree char *body = sample_get(&sample, "/version");
    assert_string_equal(body, version);
}

/* For CURLOPT_WRITEFUNCTION: nobody wants the body. */
static inline size_t swallow(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    (void)context;
    return size * count;
}

/* A client's WebSocket by hand: opened at the edge through TLS with libcurl's connection. */
static inline CURL *websocket_open(void)
{
    static const char handshake[] = "GET /ws HTTP/1.1\r\nHost: api.sample.localhost\r\n"
                                    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                    "Sec-WebSocket-Version: 13\r\n"
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    gl_autoerr struct gl_error err = {0};
    gl_autotarget struct gl_target target = {0};
    size_t sent = 0;
    ok(sample.platform->ops->endpoint(sample.platform, GL_ENDPOINT_API, 0, &target, &err), &err);
    CURL *curl = curl_easy_init();
    struct curl_slist *resolve = curl_slist_append(NULL, target.resolve);
    curl_easy_setopt(curl, CURLOPT_URL, target.base_url);
    curl_easy_setopt(curl, CURLOPT_RESOLVE, resolve);
    curl_easy_setopt(curl, CURLOPT_CAINFO, target.ca_file);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_slist_free_all(resolve);
    assert_int_equal(curl_easy_send(curl, handshake, sizeof handshake - 1, &sent), CURLE_OK);
    return curl;
}

#endif
