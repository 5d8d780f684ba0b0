/* A server that plays a script: each request it gets, on whatever connection, is answered by the
 * next step. */
#ifndef GL_TESTS_AWS_SERVER_H
#define GL_TESTS_AWS_SERVER_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/strv.h"

#define SUPPORT __attribute__((unused)) static

#define gl_assert_ok(call, err)                                                                    \
    do {                                                                                           \
        if ((call) != 0)                                                                           \
            fail_msg("%s: %s", #call, (err)->message ? (err)->message : "no message");             \
    } while (0)

/* One answer. */
struct step {
    long status;         /* 0 = the connection is cut after the request was read */
    const char *headers; /* lines with \r\n; NULL = none */
    const char *body;    /* NULL = "" */
    int64_t delay_ms;    /* before the answer */
    int64_t clock_ms;    /* added to the time in its Date header */
};

enum { MOST_CONNECTIONS = 64 };

struct server {
    const struct step *steps;
    size_t count;
    size_t played;
    struct gl_strv requests; /* whole requests in the order they came */
    unsigned connections;
    unsigned busy; /* requests that are being answered now */
    unsigned most_busy;
    int fd;
    int stop[2];
    char url[40];
    pthread_mutex_t lock;
    pthread_t thread;
    pthread_t workers[MOST_CONNECTIONS];
    int sockets[MOST_CONNECTIONS];
};

static struct server server;

SUPPORT size_t wanted_length(const char *request)
{
    const char *header = strcasestr(request, "\r\ncontent-length:");
    const char *end = strstr(request, "\r\n\r\n");
    return (size_t)(end - request) + 4 + (header ? strtoul(header + 17, NULL, 10) : 0);
}

/* One whole request; NULL when the client or the test ends. */
SUPPORT char *read_request(int fd, struct gl_buf *input)
{
    while (!input->data || !strstr(input->data, "\r\n\r\n") ||
           input->len < wanted_length(input->data)) {
        struct pollfd polls[2] = {
            {.fd = fd,             .events = POLLIN},
            {.fd = server.stop[0], .events = POLLIN}
        };
        if (poll(polls, 2, -1) < 0 || polls[1].revents)
            return NULL;
        char *room = gl_buf_reserve(input, 65536);
        ssize_t count = recv(fd, room, 65536, 0);
        if (count <= 0)
            return NULL;
        input->len += (size_t)count;
        input->data[input->len] = '\0';
    }
    size_t len = wanted_length(input->data);
    char *request = gl_strndup(input->data, len);
    gl_buf_consume(input, len);
    return request;
}

SUPPORT bool answer_step(int fd, const struct step *step, bool head)
{
    char date[64];
    time_t now = (time_t)((gl_now_unix_ms() + step->clock_ms) / 1000);
    struct tm parts;
    const char *body = step->body ? step->body : "";
    struct pollfd stop = {.fd = server.stop[0], .events = POLLIN};
    if (step->delay_ms && poll(&stop, 1, (int)step->delay_ms) != 0)
        return false; /* the test has ended meanwhile */
    if (!step->status)
        return false;
    (void)strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
    gl_autofree char *text =
        gl_asprintf("HTTP/1.1 %ld X\r\nDate: %s\r\nContent-Length: %zu\r\n%s\r\n%s", step->status,
                    date, strlen(body), step->headers ? step->headers : "", head ? "" : body);
    return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

SUPPORT void *serve_connection(void *argument)
{
    int fd = *(int *)argument;
    struct gl_buf input = {0};
    bool going = true;
    while (going) {
        char *request = read_request(fd, &input);
        if (!request)
            break;
        bool head = strncmp(request, "HEAD ", 5) == 0;
        pthread_mutex_lock(&server.lock);
        gl_strv_take(&server.requests, request);
        struct step none = {.status = 599, .body = "the script has ended"};
        const struct step *step =
            server.played < server.count ? &server.steps[server.played] : &none;
        server.played++;
        server.busy++;
        if (server.busy > server.most_busy)
            server.most_busy = server.busy;
        pthread_mutex_unlock(&server.lock);
        going = answer_step(fd, step, head);
        pthread_mutex_lock(&server.lock);
        server.busy--;
        pthread_mutex_unlock(&server.lock);
    }
    shutdown(fd, SHUT_RDWR);
    gl_buf_done(&input);
    return NULL;
}

SUPPORT void *serve(void *argument)
{
    (void)argument;
    for (;;) {
        struct pollfd polls[2] = {
            {.fd = server.fd,      .events = POLLIN},
            {.fd = server.stop[0], .events = POLLIN}
        };
        if (poll(polls, 2, -1) < 0 || polls[1].revents || server.connections >= MOST_CONNECTIONS)
            return NULL;
        unsigned number = server.connections;
        server.sockets[number] = accept(server.fd, NULL, NULL);
        if (server.sockets[number] < 0 ||
            pthread_create(&server.workers[number], NULL, serve_connection,
                           &server.sockets[number]) != 0)
            return NULL;
        server.connections++;
    }
}

/* Listens on a free port and makes every endpoint lead there. */
SUPPORT void play(const struct step *steps, size_t count)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof name;
    server = (struct server){.steps = steps, .count = count};
    server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(pipe2(server.stop, O_CLOEXEC), 0);
    assert_int_equal(bind(server.fd, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(server.fd, 64), 0);
    assert_int_equal(getsockname(server.fd, (struct sockaddr *)&name, &len), 0);
    pthread_mutex_init(&server.lock, NULL);
    (void)snprintf(server.url, sizeof server.url, "http://127.0.0.1:%d", ntohs(name.sin_port));
    setenv("AWS_ENDPOINT_URL", server.url, 1);
    assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
}

#define PLAY(steps) play(steps, GL_COUNT(steps))

/* Ends the server; call it before looking at what it saw. */
SUPPORT void stop_server(void)
{
    if (!server.fd)
        return;
    (void)!write(server.stop[1], "x", 1);
    pthread_join(server.thread, NULL);
    for (unsigned i = 0; i < server.connections; i++) {
        pthread_join(server.workers[i], NULL);
        close(server.sockets[i]);
    }
    close(server.fd);
    close(server.stop[0]);
    close(server.stop[1]);
    server.fd = 0;
}

SUPPORT int end_server(void **state)
{
    (void)state;
    stop_server();
    gl_strv_done(&server.requests);
    unsetenv("AWS_ENDPOINT_URL");
    return 0;
}

/* A header's value in a request, up to its line's end. The caller owns it; NULL if it is not there.
 */
SUPPORT char *request_header(const char *request, const char *name)
{
    gl_autofree char *wanted = gl_asprintf("\r\n%s: ", name);
    const char *at = strcasestr(request, wanted);
    const char *end = strstr(request, "\r\n\r\n");
    if (!at || at > end)
        return NULL;
    at += strlen(wanted);
    return gl_strndup(at, strcspn(at, "\r"));
}

static struct gl_aws_credentials support_credentials = {
    .access_key = (char *)"AKIDEXAMPLE",
    .secret_key = (char *)"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

/* A client with short pauses. Both are freed by the caller. */
SUPPORT struct gl_aws_client *make_client(struct gl_aws_provider **provider,
                                          struct gl_aws_client_options options)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_aws_client *client = NULL;
    *provider = gl_aws_provider_static(&support_credentials);
    options.provider = *provider;
    options.region = "ap-northeast-1";
    if (!options.pause_ms)
        options.pause_ms = 1;
    if (!options.longest_pause_ms)
        options.longest_pause_ms = 2;
    gl_assert_ok(gl_aws_client_new(&options, &client, &err), &err);
    return client;
}

#endif
