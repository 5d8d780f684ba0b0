/* A receiver of webhooks: one thread per connection. */
#include "hook_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/strv.h"

enum { MOST_CONNECTIONS = 64 };

struct connection {
    struct hook_server *server;
    pthread_t thread;
    int fd;
};

struct hook_server {
    int fd, port;
    int stop[2]; /* the first one is readable once all is over */
    pthread_t thread;
    pthread_mutex_t lock;
    struct gl_strv requests;
    unsigned once; /* requests to /once */
    unsigned met;  /* requests to /meet */
    bool ended;
    pthread_cond_t change; /* of `met` and `ended` */
    struct connection connections[MOST_CONNECTIONS];
    size_t count;
};

static _Noreturn void give_up(const char *what)
{
    perror(what);
    abort();
}

/* False once the server is to end. */
static bool wait_for(const struct hook_server *server, int fd)
{
    struct pollfd polls[2] = {
        {.fd = fd,              .events = POLLIN},
        {.fd = server->stop[0], .events = POLLIN}
    };
    return poll(polls, 2, -1) > 0 && !polls[1].revents;
}

static bool is_whole(const struct gl_buf *input)
{
    const char *text = gl_buf_text(input);
    const char *end = strstr(text, "\r\n\r\n");
    if (!end)
        return false;
    gl_autofree char *length = hook_header(text, "Content-Length");
    return input->len >= (size_t)(end - text) + 4 + (length ? strtoul(length, NULL, 10) : 0);
}

static int status_of(struct hook_server *server, const char *path)
{
    if (gl_starts_with(path, "/ok"))
        return 200;
    if (gl_starts_with(path, "/redirect"))
        return 302;
    if (gl_starts_with(path, "/silent"))
        return 0;
    if (gl_starts_with(path, "/meet")) {
        server->met++;
        pthread_cond_broadcast(&server->change);
        while (server->met < 2 && !server->ended)
            pthread_cond_wait(&server->change, &server->lock);
        return 200;
    }
    if (gl_starts_with(path, "/once"))
        return server->once++ ? 200 : 503;
    return (int)strtol(path + 1, NULL, 10);
}

static int keep(struct hook_server *server, const char *request)
{
    const char *path = strchr(request, ' ');
    pthread_mutex_lock(&server->lock);
    gl_strv_add(&server->requests, request);
    int status = path ? status_of(server, path + 1) : 400;
    pthread_mutex_unlock(&server->lock);
    return status;
}

static void answer(int fd, int status)
{
    gl_autofree char *text =
        gl_asprintf("HTTP/1.1 %d X\r\nContent-Length: 2\r\n%s"
                    "Connection: close\r\n\r\nno",
                    status, status == 302 ? "Location: /ok/elsewhere\r\n" : "");
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void *serve_connection(void *argument)
{
    struct connection *connection = argument;
    struct hook_server *server = connection->server;
    gl_autobuf struct gl_buf input = {0};
    while (!is_whole(&input) && wait_for(server, connection->fd)) {
        char *room = gl_buf_reserve(&input, 4097);
        ssize_t count = recv(connection->fd, room, 4096, 0);
        if (count <= 0)
            break;
        input.len += (size_t)count;
        input.data[input.len] = '\0';
    }
    int status = is_whole(&input) ? keep(server, gl_buf_text(&input)) : 0;
    if (status)
        answer(connection->fd, status);
    else
        (void)wait_for(server, -1);
    shutdown(connection->fd, SHUT_RDWR);
    return NULL;
}

static void *serve_all(void *argument)
{
    struct hook_server *server = argument;
    while (server->count < MOST_CONNECTIONS && wait_for(server, server->fd)) {
        struct connection *connection = &server->connections[server->count];
        connection->server = server;
        connection->fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
        if (connection->fd < 0 ||
            pthread_create(&connection->thread, NULL, serve_connection, connection) != 0)
            give_up("hook server");
        server->count++;
    }
    return NULL;
}

static int listen_anywhere(int *ret_port)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0 ||
        getsockname(fd, (struct sockaddr *)&name, &len) < 0)
        give_up("hook server");
    *ret_port = ntohs(name.sin_port);
    return fd;
}

struct hook_server *hook_server_start(void)
{
    struct hook_server *server = gl_alloc(sizeof *server);
    server->fd = listen_anywhere(&server->port);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->change, NULL);
    if (listen(server->fd, 64) < 0 || pipe2(server->stop, O_CLOEXEC) < 0 ||
        pthread_create(&server->thread, NULL, serve_all, server) != 0)
        give_up("hook server");
    return server;
}

void hook_server_stop(struct hook_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->ended = true;
    pthread_cond_broadcast(&server->change);
    pthread_mutex_unlock(&server->lock);
    (void)!write(server->stop[1], "x", 1);
    pthread_join(server->thread, NULL);
    for (size_t i = 0; i < server->count; i++) {
        pthread_join(server->connections[i].thread, NULL);
        close(server->connections[i].fd);
    }
    close(server->fd);
    close(server->stop[0]);
    close(server->stop[1]);
    gl_strv_done(&server->requests);
    pthread_cond_destroy(&server->change);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

int hook_server_port(const struct hook_server *server)
{
    return server->port;
}

char *hook_server_url(const struct hook_server *server, const char *path)
{
    return gl_asprintf("http://127.0.0.1:%d%s", server->port, path);
}

size_t hook_server_count(struct hook_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->requests.count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

char *hook_server_request(struct hook_server *server, size_t number)
{
    pthread_mutex_lock(&server->lock);
    char *request =
        number < server->requests.count ? gl_strdup(server->requests.items[number]) : NULL;
    pthread_mutex_unlock(&server->lock);
    return request;
}

char *hook_header(const char *request, const char *name)
{
    gl_autofree char *wanted = gl_asprintf("\r\n%s: ", name);
    const char *at = strcasestr(request, wanted);
    const char *end = strstr(request, "\r\n\r\n");
    if (!at || at > end)
        return NULL;
    at += strlen(wanted);
    return gl_strndup(at, strcspn(at, "\r"));
}

char *hook_body(const char *request)
{
    const char *end = strstr(request, "\r\n\r\n");
    return end ? gl_strdup(end + 4) : NULL;
}

int hook_closed_port(void)
{
    int port = 0;
    close(listen_anywhere(&port));
    return port;
}
