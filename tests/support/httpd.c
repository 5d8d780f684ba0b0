/* A small HTTP/1.1 server that behaves as an application does: it reads its settings from the
 * environment, has health paths and a WebSocket, and ends politely on SIGTERM.
 *
 *   PORT, BIND_ADDR, RELEASE_VERSION   as every application
 *   GET  /healthz /readyz              200 {"db":"ok"}; /readyz is 503 when NOT_READY is set
 *   GET  /version, /env/NAME           RELEASE_VERSION, or the value of a variable
 *   GET  /is-set/NAME                  "yes" or "no"
 *   GET  /user                         the user and group that it runs as
 *   ANY  /echo                         the request body
 *   GET  /slow?MS, /status/CODE        answers late, or with that status
 *   GET  /drip?MS                      half of the answer at once, the other half late
 *   GET  /crash                        ends the process by abort()
 *   GET  /ws                           WebSocket echo; close frame 1012 on SIGTERM
 *
 * With DIE_ONCE=FILE the first start makes the file and ends at once; with EXIT_AT_START=WHY each
 * does.
 *
 * One thread per connection; at most 256 KiB of request. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    REQUEST_LIMIT = 256 << 10,
    BACKLOG = 512,
    LINGER_MS = 2000,
    CLOSE_SERVICE_RESTART = 1012,
};

static int stop_fd; /* readable for everybody once SIGTERM arrived */
static atomic_int busy;

struct request {
    char *data;
    size_t len; /* bytes in data */
    size_t head_len;
    size_t body_len;
    char method[16];
    char target[1024];
    bool keep_alive;
};

static bool send_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t count = send(fd, data, len, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        data += count;
        len -= (size_t)count;
    }
    return true;
}

static bool answer(int fd, int status, const char *body, size_t len, bool keep_alive)
{
    char head[256];
    int size = snprintf(head, sizeof head,
                        "HTTP/1.1 %d X\r\nServer: sample\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n%s\r\n",
                        status, len, keep_alive ? "" : "Connection: close\r\n");
    char *whole = malloc((size_t)size + len);
    if (!whole)
        abort();
    memcpy(whole, head, (size_t)size);
    if (len)
        memcpy(whole + size, body, len);
    bool sent = send_all(fd, whole, (size_t)size + len);
    free(whole);
    return sent;
}

static bool say(int fd, int status, const char *text, bool keep_alive)
{
    return answer(fd, status, text, strlen(text), keep_alive);
}

/* Waits for data; false once the peer is gone, or SIGTERM came while the connection is idle. */
static bool await(int fd, bool idle)
{
    struct pollfd polls[2] = {
        {.fd = fd,                  .events = POLLIN},
        {.fd = idle ? stop_fd : -1, .events = POLLIN},
    };
    while (poll(polls, 2, -1) < 0 && errno == EINTR)
        ;
    return polls[0].revents != 0;
}

static const char *header(const struct request *request, const char *name)
{
    for (const char *line = strstr(request->data, "\r\n"); line && line[2] != '\r';
         line = strstr(line + 2, "\r\n")) {
        size_t len = strlen(name);
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':')
            return line + 3 + len + strspn(line + 3 + len, " ");
    }
    return NULL;
}

static bool parse_head(struct request *request)
{
    const char *end = strstr(request->data, "\r\n\r\n");
    if (!end || sscanf(request->data, "%15s %1023s", request->method, request->target) != 2)
        return false;
    request->head_len = (size_t)(end - request->data) + 4;
    const char *length = header(request, "content-length");
    const char *connection = header(request, "connection");
    request->body_len = length ? strtoul(length, NULL, 10) : 0;
    request->keep_alive = !connection || strncasecmp(connection, "close", 5) != 0;
    return true;
}

static bool read_request(int fd, struct request *request)
{
    request->head_len = 0;
    for (;;) {
        request->data[request->len] = '\0';
        if ((request->head_len || parse_head(request)) &&
            request->len >= request->head_len + request->body_len)
            return true;
        if (request->len >= REQUEST_LIMIT || !await(fd, request->len == 0))
            return false;
        ssize_t count = recv(fd, request->data + request->len, REQUEST_LIMIT - request->len, 0);
        if (count <= 0)
            return false;
        request->len += (size_t)count;
    }
}

static void send_close_frame(int fd)
{
    const char frame[] = {(char)0x88, 2, (char)(CLOSE_SERVICE_RESTART >> 8),
                          (char)(CLOSE_SERVICE_RESTART & 0xff)};
    (void)send_all(fd, frame, sizeof frame);
}

/* Echoes small text frames until the peer closes, or says 1012 and closes on SIGTERM. */
static void websocket(int fd, const struct request *request)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const char *key = header(request, "sec-websocket-key");
    char text[128] = "";
    unsigned char digest[SHA_DIGEST_LENGTH];
    char accept[64];
    (void)snprintf(text, sizeof text, "%.*s%s", key ? (int)strcspn(key, "\r") : 0, key ? key : "",
                   guid);
    SHA1((const unsigned char *)text, strlen(text), digest);
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof digest);
    char head[256];
    int size = snprintf(head, sizeof head,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                        accept);
    if (!send_all(fd, head, (size_t)size))
        return;
    for (;;) {
        unsigned char frame[256];
        if (!await(fd, true)) {
            send_close_frame(fd);
            return;
        }
        ssize_t count = recv(fd, frame, sizeof frame, 0);
        size_t len = count > 1 ? frame[1] & 0x7f : 0;
        if (count < 6 || (frame[0] & 0x0f) == 8 || len > 125 || (size_t)count < 6 + len)
            return;
        for (size_t i = 0; i < len; i++)
            frame[6 + i] ^= frame[2 + i % 4];
        const char reply_head[] = {(char)0x81, (char)len};
        if (!send_all(fd, reply_head, 2) || !send_all(fd, (const char *)frame + 6, len))
            return;
    }
}

static void sleep_ms(long ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static bool drip(int fd, long ms)
{
    static const char begin[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab";
    if (!send_all(fd, begin, sizeof begin - 1))
        return false;
    sleep_ms(ms);
    return send_all(fd, "cd", 2);
}

static const char *env_or(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value ? value : fallback;
}

static bool say_user(int fd, bool keep)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%u %u", (unsigned)getuid(), (unsigned)getgid());
    return say(fd, 200, text, keep);
}

static bool serve(int fd, const struct request *request)
{
    const char *target = request->target;
    bool keep = request->keep_alive;
    if (strcmp(target, "/healthz") == 0)
        return say(fd, 200, "{\"db\":\"ok\"}", keep) && keep;
    if (strcmp(target, "/readyz") == 0)
        return say(fd, getenv("NOT_READY") ? 503 : 200, "{\"db\":\"ok\"}", keep) && keep;
    if (strcmp(target, "/version") == 0)
        return say(fd, 200, env_or("RELEASE_VERSION", "none"), keep) && keep;
    if (strncmp(target, "/env/", 5) == 0)
        return say(fd, 200, env_or(target + 5, ""), keep) && keep;
    if (strncmp(target, "/is-set/", 8) == 0)
        return say(fd, 200, getenv(target + 8) ? "yes" : "no", keep) && keep;
    if (strcmp(target, "/user") == 0)
        return say_user(fd, keep) && keep;
    if (strcmp(target, "/echo") == 0)
        return answer(fd, 200, request->data + request->head_len, request->body_len, keep) && keep;
    if (strncmp(target, "/status/", 8) == 0)
        return say(fd, (int)strtol(target + 8, NULL, 10), "{}", keep) && keep;
    if (strncmp(target, "/slow?", 6) == 0) {
        sleep_ms(strtol(target + 6, NULL, 10));
        return say(fd, 200, "{}", keep) && keep;
    }
    if (strncmp(target, "/drip?", 6) == 0)
        return drip(fd, strtol(target + 6, NULL, 10)) && keep;
    if (strcmp(target, "/crash") == 0)
        abort();
    return say(fd, 404, "{}", keep) && keep;
}

static void *connection(void *argument)
{
    int fd = (int)(intptr_t)argument;
    struct request request = {.data = malloc(REQUEST_LIMIT + 1)};
    if (!request.data)
        abort();
    while (read_request(fd, &request)) {
        if (strncmp(request.target, "/ws", 3) == 0) {
            websocket(fd, &request);
            break;
        }
        if (!serve(fd, &request))
            break;
        size_t used = request.head_len + request.body_len;
        memmove(request.data, request.data + used, request.len - used);
        request.len -= used;
    }
    shutdown(fd, SHUT_RDWR);
    close(fd);
    free(request.data);
    atomic_fetch_sub(&busy, 1);
    return NULL;
}

static void on_terminate(int signal)
{
    (void)signal;
    (void)eventfd_write(stop_fd, 1);
}

static int listen_on(const char *address, const char *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (strcmp(address, "127.0.0.1") != 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, BACKLOG) < 0)
        return -1;
    return fd;
}

static void accept_one(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    int on = 1;
    pthread_t thread;
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    atomic_fetch_add(&busy, 1);
    if (pthread_create(&thread, NULL, connection, (void *)(intptr_t)fd) != 0)
        abort();
    pthread_detach(thread);
}

static bool dies_this_time(void)
{
    const char *path = getenv("DIE_ONCE");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

int main(void)
{
    if (dies_this_time())
        return 1;
    if (getenv("EXIT_AT_START")) {
        (void)fprintf(stderr, "cannot start: %s\n", getenv("EXIT_AT_START"));
        return 3;
    }
    stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct sigaction terminate = {.sa_handler = on_terminate};
    sigaction(SIGTERM, &terminate, NULL);
    int listener = listen_on(env_or("BIND_ADDR", ""), env_or("PORT", "0"));
    if (listener < 0) {
        (void)fprintf(stderr, "cannot listen on %s:%s\n", env_or("BIND_ADDR", "(unset BIND_ADDR)"),
                      env_or("PORT", "(unset PORT)"));
        return 1;
    }
    (void)printf("listening on %s\n", env_or("PORT", ""));
    (void)fflush(stdout);
    while (await(listener, true))
        accept_one(listener);
    close(listener);
    for (int waited = 0; atomic_load(&busy) > 0 && waited < LINGER_MS; waited += 5)
        sleep_ms(5);
    return 0;
}
