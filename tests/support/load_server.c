/* One thread a connection and blocking reads: the simplest thing that can be right. */
#include "load_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct load_server *server;

struct request {
    char head[8192];
    size_t len; /* of the head, with its empty line */
    char body[512];
};

static void send_all(int fd, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t count = send(fd, (const char *)data + done, len - done, MSG_NOSIGNAL);
        if (count <= 0)
            return;
        done += (size_t)count;
    }
}

static bool receive_exactly(int fd, void *into, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t count = recv(fd, (char *)into + done, len - done, 0);
        if (count <= 0)
            return false;
        done += (size_t)count;
    }
    return true;
}

/* Byte by byte, so that nothing of the next request is taken. */
static bool read_head(int fd, struct request *request)
{
    for (request->len = 0; request->len + 1 < sizeof request->head;) {
        if (!receive_exactly(fd, request->head + request->len, 1))
            return false;
        request->head[++request->len] = '\0';
        if (request->len >= 4 && strcmp(request->head + request->len - 4, "\r\n\r\n") == 0)
            return true;
    }
    return false;
}

static bool header(const struct request *request, const char *name, char *into, size_t size)
{
    char pattern[64];
    (void)snprintf(pattern, sizeof pattern, "\r\n%s: ", name);
    const char *at = strcasestr(request->head, pattern);
    if (!at)
        return false;
    at += strlen(pattern);
    (void)snprintf(into, size, "%.*s", (int)strcspn(at, "\r"), at);
    return true;
}

static bool read_request(int fd, struct request *request)
{
    char length[32] = "0";
    if (!read_head(fd, request))
        return false;
    (void)header(request, "Content-Length", length, sizeof length);
    size_t len = strtoul(length, NULL, 10);
    memset(request->body, 0, sizeof request->body);
    if (len >= sizeof request->body || !receive_exactly(fd, request->body, len))
        return false;
    if (len) {
        memcpy(server->body, request->body, sizeof server->body);
        (void)header(request, "Idempotency-Key", server->key, sizeof server->key);
    }
    return true;
}

static void pause_ms(int ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

/* ---- WebSocket ---------------------------------------------------------------------------------
 */

static void send_frame(int fd, unsigned first, const void *data, size_t len)
{
    unsigned char frame[2 + 125] = {(unsigned char)first, (unsigned char)len};
    memcpy(frame + 2, data, len);
    send_all(fd, frame, 2 + len);
}

static bool upgrade(int fd, const struct request *request)
{
    char key[128];
    char text[256];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned char accept[64];
    unsigned len = 0;
    if (!header(request, "Sec-WebSocket-Key", key, sizeof key))
        return false;
    (void)snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL);
    EVP_EncodeBlock(accept, digest, (int)len);
    char answer[512];
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nX-Release: 7\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                        accept);
    send_all(fd, answer, (size_t)size);
    return true;
}

/* Reads one masked frame of at most 125 bytes; false at the end. */
static bool read_frame(int fd, unsigned *opcode, unsigned char *data, size_t *len)
{
    unsigned char head[6];
    if (!receive_exactly(fd, head, sizeof head) || !(head[1] & 0x80) || (head[1] & 0x7f) > 125)
        return false;
    *opcode = head[0] & 0x0f;
    *len = head[1] & 0x7f;
    if (!receive_exactly(fd, data, *len))
        return false;
    for (size_t i = 0; i < *len; i++)
        data[i] ^= head[2 + i % 4];
    data[*len] = '\0';
    return true;
}

/* True while the connection goes on. */
static bool on_frame(int fd, bool closing)
{
    unsigned opcode = 0;
    unsigned char data[126];
    size_t len = 0;
    if (!read_frame(fd, &opcode, data, &len))
        return false;
    if (opcode == 0x1) {
        (void)snprintf(server->hello, sizeof server->hello, "%s", (char *)data);
        const char *answer = server->not_ready ? "{\"type\":\"later\"}" : "{\"type\":\"ready\"}";
        send_frame(fd, 0x89, "are you there", 13);
        send_frame(fd, 0x01, answer, 5); /* in two fragments */
        send_frame(fd, 0x80, answer + 5, strlen(answer) - 5);
    } else if (opcode == 0x9 && server->ws_order != WS_MUTE) {
        send_frame(fd, 0x8a, data, len);
    } else if (opcode == 0xa) {
        server->ws_pongs++;
    } else if (opcode == 0x8) {
        if (closing) {
            server->ws_close_answers++;
            return false;
        }
        server->ws_close_code = len >= 2 ? (unsigned)(data[0] << 8 | data[1]) : 0;
        server->ws_closed_by_client++;
        send_frame(fd, 0x88, data, len);
        return false;
    }
    return true;
}

/* Obeys an order; false: the connection is to be ended at once. */
static bool obey(int fd, bool *closing)
{
    int order = server->ws_order;
    switch (order) {
    case WS_RESTART:
        send_frame(fd, 0x88, "\x03\xf4", 2);
        *closing = true;
        return true;
    case WS_FAIL:
        send_frame(fd, 0x88, "\x03\xf3", 2);
        *closing = true;
        return true;
    case WS_BREAK:
        send_frame(fd, 0xf1, "x", 1);
        *closing = true;
        return true;
    case WS_CUT:
        return false;
    default:
        return true;
    }
}

static void serve_websocket(int fd, const struct request *request)
{
    static const char injected[] =
        "HTTP/1.1 500 No\r\nx-golive-fault: 5xx\r\nContent-Length: 0\r\n\r\n";
    static const char refusal[] = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n";
    if (server->refuse_ws) {
        send_all(fd, server->fault ? injected : refusal,
                 (server->fault ? sizeof injected : sizeof refusal) - 1);
        return;
    }
    int generation = server->ws_generation;
    bool closing = false;
    if (!upgrade(fd, request))
        return;
    server->ws_opened++;
    for (;;) {
        struct pollfd poll_in = {.fd = fd, .events = POLLIN};
        if (poll(&poll_in, 1, 5) > 0 && !on_frame(fd, closing))
            return;
        if (server->ws_generation != generation && !obey(fd, &closing))
            return;
        generation = server->ws_generation;
    }
}

/* ---- HTTP --------------------------------------------------------------------------------------
 */

static void answer(int fd)
{
    char text[512];
    int status = server->status ? server->status : 200;
    int len = snprintf(text, sizeof text,
                       "HTTP/1.1 %d Status\r\nContent-Type: text/plain\r\nX-Release: %s\r\n"
                       "%sContent-Length: 12\r\n\r\nhello world\n",
                       status, status == 200 ? "7" : "8",
                       server->fault ? "x-golive-fault: injected\r\n" : "");
    server->answers++;
    send_all(fd, text, (size_t)len - (server->cut_body ? 5 : 0));
}

static void serve(int fd)
{
    struct request request;
    for (int answered = 0; read_request(fd, &request); answered++) {
        char value[64];
        if (header(&request, "Upgrade", value, sizeof value)) {
            serve_websocket(fd, &request);
            return;
        }
        server->requests++;
        if (server->per_connection && answered == server->per_connection)
            return;
        while (server->delay_ms < 0)
            pause_ms(5);
        pause_ms(server->delay_ms);
        answer(fd);
        if (server->cut_body)
            return;
    }
}

static void *connection(void *context)
{
    int fd = (int)(intptr_t)context;
    serve(fd);
    close(fd);
    return NULL;
}

static int listen_somewhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 512) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0) {
        perror("load_server");
        exit(1);
    }
    server->port = ntohs(address.sin_port);
    return fd;
}

int main(int argc, char **argv)
{
    int file = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
    server = mmap(NULL, sizeof *server, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file < 0 || server == MAP_FAILED) {
        (void)fprintf(stderr, "usage: load_server FILE\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that crashes leaves nothing behind */
    int listener = listen_somewhere();
    for (;;) {
        pthread_t thread;
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        server->connections++;
        if (pthread_create(&thread, NULL, connection, (void *)(intptr_t)fd) != 0)
            return 1;
        pthread_detach(thread);
    }
}
