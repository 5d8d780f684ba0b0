/* Through which way a request goes: a proxy for what is far, none for what is near. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/http.h"

static pid_t server;
static int port;

/* Answers every request with its own first line. */
static void answer_all(int listener)
{
    for (;;) {
        char request[4096];
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        ssize_t got = client >= 0 ? read(client, request, sizeof request - 1) : 0;
        if (got > 0) {
            request[got] = '\0';
            size_t line = strcspn(request, "\r");
            (void)!dprintf(client,
                           "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
                           "Connection: close\r\n\r\n%.*s",
                           line, (int)line, request);
        }
        close(client);
    }
}

static int set_up(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 16), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    port = ntohs(address.sin_port);
    server = fork();
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        answer_all(listener);
    }
    close(listener);
    gl_autofree char *proxy = gl_asprintf("http://127.0.0.1:%d", port);
    setenv("http_proxy", proxy, 1);
    setenv("https_proxy", proxy, 1);
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kill(server, SIGKILL);
    return waitpid(server, NULL, 0) == server ? 0 : -1;
}

/* The first line that the server was sent. The caller owns it. */
static char *sent(const struct gl_http_request *request)
{
    gl_autoerr struct gl_error err = {0};
    gl_autohttp struct gl_http_response response = {0};
    if (gl_http_fetch(request, &response, &err) < 0)
        fail_msg("%s", err.message);
    return gl_buf_steal(&response.body);
}

static void what_is_far_goes_through_the_proxy(void **state)
{
    (void)state;
    struct gl_http_request request = {.url = "http://far.example/x", .timeout_ms = 5000};
    gl_autofree char *line = sent(&request);
    assert_string_equal(line, "GET http://far.example/x HTTP/1.1");
}

static void what_is_near_does_not(void **state)
{
    (void)state;
    gl_autofree char *url = gl_asprintf("http://127.0.0.1:%d/x", port);
    struct gl_http_request request = {.url = url, .timeout_ms = 5000};
    gl_autofree char *line = sent(&request);
    assert_string_equal(line, "GET /x HTTP/1.1");
}

/* A probe is told where to connect; a proxy would look the name up by itself. */
static void a_given_address_is_asked_itself(void **state)
{
    (void)state;
    gl_autofree char *url = gl_asprintf("http://api.example.com:%d/x", port);
    gl_autofree char *resolve = gl_asprintf("api.example.com:%d:127.0.0.1", port);
    struct gl_http_request request = {.url = url, .resolve = resolve, .timeout_ms = 5000};
    gl_autofree char *line = sent(&request);
    assert_string_equal(line, "GET /x HTTP/1.1");
}

/* libcurl's own memory: there is none for the header that says who asks. */
static char *copy_but_one(const char *text)
{
    return strncmp(text, "Authorization:", 14) == 0 ? NULL : strdup(text);
}

/* Ends by itself when an answer comes. */
static _Noreturn void ask_in_want(const struct gl_http_request *request)
{
    static const struct rlimit no_core = {0};
    gl_autohttp struct gl_http_response response = {0};
    setrlimit(RLIMIT_CORE, &no_core);
    curl_global_cleanup(); /* what other tests began with */
    curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, free, realloc, copy_but_one, calloc);
    _exit(gl_http_fetch(request, &response, NULL) == 0 ? 0 : 1);
}

/* Who asks without it is somebody else. */
static void a_header_is_not_lost_with_the_memory_for_it(void **state)
{
    (void)state;
    int status = 0;
    const char *const headers[] = {"Authorization: Bearer x", "Accept: */*", NULL};
    gl_autofree char *url = gl_asprintf("http://127.0.0.1:%d/x", port);
    struct gl_http_request request = {.url = url, .headers = headers, .timeout_ms = 5000};
    pid_t child = fork();
    if (child == 0)
        ask_in_want(&request);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void the_exceptions_of_the_environment_hold(void **state)
{
    (void)state;
    struct gl_http_request request = {.url = "http://far.invalid/x", .timeout_ms = 5000};
    gl_autoerr struct gl_error err = {0};
    gl_autohttp struct gl_http_response response = {0};
    setenv("no_proxy", "far.invalid", 1);
    int failed = gl_http_fetch(&request, &response, &err);
    unsetenv("no_proxy");
    assert_int_equal(failed, GL_E_NET); /* there is no such host (RFC 6761) */
}

static void near_and_far_are_told_apart(void **state)
{
    (void)state;

    static const struct {
        const char *url;
        bool near;
    } rows[] = {
        {"http://localhost/",                   true },
        {"https://API.Sample.LOCALHOST:8443/a", true },
        {"http://127.0.0.1:9000/x",             true },
        {"http://127.9.8.7",                    true },
        {"http://169.254.169.254/latest",       true },
        {"http://[::1]:80/",                    true },
        {"http://[fe80::1]/",                   true },
        {"https://sts.amazonaws.com/",          false},
        {"https://notlocalhost/",               false},
        {"https://127.0.0.1.example.com/",      false},
        {"https://169.254.example.com/",        false},
        {"http://10.0.0.1/",                    false},
        {"http://[2001:db8::1]/",               false},
        {"http://user@localhost.example.com/",  false},
        {"nonsense://",                         false},
    };

    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        if (gl_http_is_near(rows[i].url) != rows[i].near)
            fail_msg("%s", rows[i].url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_far_goes_through_the_proxy),
        cmocka_unit_test(what_is_near_does_not),
        cmocka_unit_test(a_given_address_is_asked_itself),
        cmocka_unit_test(a_header_is_not_lost_with_the_memory_for_it),
        cmocka_unit_test(the_exceptions_of_the_environment_hold),
        cmocka_unit_test(near_and_far_are_told_apart),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
