/* The WebSocket clients: libcurl connects (addresses, TLS), the rest is frames and a small state
 * machine. A client always has exactly one moment at which something is due. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "net/websocket.h"
#include "rehearse/load_engine.h"

enum {
    RETRY_US = 200000,    /* pause after a cut or refused one */
    GOODBYE_US = 2000000, /* how long the server may take to answer our Close */
};

enum ws_state {
    WS_PAUSED,     /* due: connect */
    WS_CONNECTING, /* due: refused. Also the two below */
    WS_HANDSHAKE,
    WS_READYING, /* open, but expect_ready was not seen yet */
    WS_OPEN,     /* due: next ping, or cut if the last one has no answer yet */
    WS_CLOSING,  /* due: no longer wait for the server's Close */
    WS_CLOSED,
};

struct gl_load_ws_client {
    struct gl_load_engine *engine;
    const struct gl_load_ws_plan *plan;
    size_t index;
    enum ws_state state;
    int64_t due_us;
    CURL *easy;
    int fd;
    bool ping_unanswered;
    char key[GL_WS_KEY_SIZE];
    char release[GL_LOAD_NAME_SIZE];
    struct gl_buf head; /* the handshake's answer */
    struct gl_buf out;  /* not yet sent */
    struct gl_ws_parser parser;
    char detail[CURL_ERROR_SIZE];
};

static void set_due(struct gl_load_ws_client *client, int64_t due_us)
{
    client->due_us = due_us;
    if (due_us < client->engine->ws_due_us)
        client->engine->ws_due_us = due_us;
}

static void set_due_in(struct gl_load_ws_client *client, int64_t after_us)
{
    set_due(client, gl_mono_us() + after_us);
}

static int64_t timeout_us(const struct gl_load_ws_client *client)
{
    return client->engine->plan->timeout_ms * 1000;
}

/* ---- beginning and ending ----------------------------------------------------------------------
 */

static void disconnect(struct gl_load_ws_client *client)
{
    if (client->fd >= 0)
        gl_load_watch(client->engine, client->fd, 0, 0);
    client->fd = -1;
    if (client->easy) {
        curl_multi_remove_handle(client->engine->ws_multi.curlm, client->easy);
        curl_easy_cleanup(client->easy);
    }
    client->easy = NULL;
    gl_buf_done(&client->head);
    gl_buf_done(&client->out);
    gl_ws_parser_done(&client->parser);
    client->parser = (struct gl_ws_parser){0};
    client->ping_unanswered = false;
    if (client->state == WS_OPEN)
        client->engine->counts.ws.open--;
    client->state = WS_PAUSED;
}

static void connect_now(struct gl_load_ws_client *client)
{
    struct gl_load_engine *engine = client->engine;
    client->state = WS_CONNECTING;
    client->release[0] = client->detail[0] = '\0';
    client->easy = curl_easy_init();
    if (!client->easy)
        abort(); /* memory: see base/mem.h */
    gl_load_set_common(engine, client->easy);
    curl_easy_setopt(client->easy, CURLOPT_URL, client->plan->url);
    curl_easy_setopt(client->easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(client->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(client->easy, CURLOPT_ERRORBUFFER, client->detail);
    curl_easy_setopt(client->easy, CURLOPT_PRIVATE, client);
    set_due_in(client, timeout_us(client));
    curl_multi_add_handle(engine->ws_multi.curlm, client->easy);
}

/* Ends the connection as a failure: "cut" if it was open, else "refused"; comes back later. */
static void fail(struct gl_load_ws_client *client, int status, const char *key, const char *detail)
{
    struct gl_load_counts *counts = &client->engine->counts;
    bool was_open = client->state == WS_OPEN;
    struct gl_load_problem problem = {.mono_ms = gl_mono_ms(), .status = status};
    gl_load_copy(problem.what, sizeof problem.what, was_open ? "cut" : "refused");
    gl_load_copy(problem.name, sizeof problem.name, client->plan->name);
    gl_load_copy(problem.client, sizeof problem.client, "websocket");
    gl_autofree char *path = gl_strndup(client->plan->path, strcspn(client->plan->path, "?"));
    gl_load_copy(problem.path, sizeof problem.path, path);
    gl_load_copy(problem.release, sizeof problem.release, client->release);
    gl_load_copy(problem.reason, sizeof problem.reason, detail);
    if (was_open)
        counts->ws.cut++;
    else
        counts->ws.refused++;
    gl_load_problem_add(counts, key, &problem);
    disconnect(client);
    set_due_in(client, RETRY_US);
}

static void finish(struct gl_load_ws_client *client)
{
    disconnect(client);
    client->state = WS_CLOSED;
    set_due(client, GL_LOAD_NEVER);
}

/* ---- sending -----------------------------------------------------------------------------------
 */

/* False: the connection failed and is gone. */
static bool send_pending(struct gl_load_ws_client *client)
{
    struct gl_buf *out = &client->out;
    CURLcode code = CURLE_OK;
    while (out->len && code == CURLE_OK) {
        size_t sent = 0;
        code = curl_easy_send(client->easy, out->data, out->len, &sent);
        if (code == CURLE_OK)
            gl_buf_consume(out, sent);
    }
    if (code != CURLE_OK && code != CURLE_AGAIN) {
        if (client->state == WS_CLOSING)
            finish(client);
        else
            fail(client, 0, curl_easy_strerror(code), curl_easy_strerror(code));
        return false;
    }
    gl_load_watch(client->engine, client->fd, out->len ? EPOLLIN | EPOLLOUT : EPOLLIN,
                  GL_LOAD_EVENT(GL_LOAD_EVENT_WEBSOCKET, client->index));
    return true;
}

static bool send_frame(struct gl_load_ws_client *client, enum gl_ws_opcode opcode, const char *data,
                       size_t len)
{
    gl_ws_add_frame(&client->out, opcode, true, data, len);
    return send_pending(client);
}

static void become_open(struct gl_load_ws_client *client)
{
    client->state = WS_OPEN;
    client->engine->counts.ws.open++;
    client->engine->counts.ws.connected++;
    if (client->plan->ping_interval_ms)
        set_due_in(client, client->plan->ping_interval_ms * 1000);
    else
        set_due(client, GL_LOAD_NEVER);
}

/* libcurl connected, or could not. */
static void on_connected(void *transfer, CURLcode code)
{
    struct gl_load_ws_client *client = transfer;
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (code == CURLE_OK)
        code = curl_easy_getinfo(client->easy, CURLINFO_ACTIVESOCKET, &fd);
    if (code != CURLE_OK || fd == CURL_SOCKET_BAD) {
        const char *key = curl_easy_strerror(code);
        gl_autofree char *detail = gl_strdup(*client->detail ? client->detail : key);
        fail(client, 0, key, detail);
        return;
    }
    client->fd = fd;
    client->state = WS_HANDSHAKE;
    gl_ws_make_key(client->key);
    gl_ws_add_request(&client->out, client->plan->host, client->plan->path, client->key,
                      &client->plan->headers);
    (void)send_pending(client);
}

/* ---- receiving: each returns false when the connection is gone ---------------------------------
 */

static bool on_handshake(struct gl_load_ws_client *client)
{
    gl_autowsanswer struct gl_ws_answer answer = {0};
    gl_autoerr struct gl_error err = {0};
    int found = gl_ws_parse_answer(client->head.data, client->head.len, &answer, &err);
    if (found == 0)
        return true;
    if (found == 1) {
        const char *release = gl_ws_answer_header(&answer, "x-release");
        if (release)
            gl_load_copy_foreign(client->release, sizeof client->release, release, strlen(release));
        found = gl_ws_check_answer(&answer, client->key, &err);
    }
    if (found < 0 && gl_ws_answer_header(&answer, "x-golive-fault")) {
        client->engine->counts.ws.injected++;
        disconnect(client);
        set_due_in(client, RETRY_US);
        return false;
    }
    if (found < 0) {
        fail(client, answer.status, err.message, err.message);
        return false;
    }
    if (client->release[0])
        gl_load_tally_add(&client->engine->counts.releases, client->release, 1);
    gl_buf_add(&client->parser.in, client->head.data + answer.len, client->head.len - answer.len);
    gl_buf_done(&client->head);
    client->state = WS_READYING;
    if (!client->plan->expect_ready)
        become_open(client);
    const char *hello = client->plan->hello;
    return !hello || send_frame(client, GL_WS_TEXT, hello, strlen(hello));
}

/* Does a Close with this code ask the client to come back? The others say that something is wrong
 * (protocol, policy, internal error). */
static bool asks_to_return(int code)
{
    static const int codes[] = {GL_WS_CLOSE_NORMAL,    GL_WS_CLOSE_GOING_AWAY,
                                GL_WS_CLOSE_NO_CODE,   GL_WS_CLOSE_SERVICE_RESTART,
                                GL_WS_CLOSE_TRY_AGAIN, 1014 /* bad gateway */};
    for (size_t i = 0; i < GL_COUNT(codes); i++) {
        if (codes[i] == code)
            return true;
    }
    return code >= 3000; /* the application's own */
}

static void on_close(struct gl_load_ws_client *client, int code)
{
    if (client->state == WS_CLOSING) {
        client->engine->counts.ws.closed++;
        finish(client);
        return;
    }
    gl_ws_add_close(&client->out, code);
    if (!send_pending(client))
        return;
    if (client->state == WS_OPEN && asks_to_return(code)) {
        client->engine->counts.ws.reconnects_asked++;
        disconnect(client);
        connect_now(client);
        return;
    }
    gl_autofree char *reason = gl_asprintf(_("the server closed it with code %d"), code);
    fail(client, code, reason, reason);
}

static bool on_message(struct gl_load_ws_client *client, const struct gl_ws_message *message)
{
    struct gl_load_ws_counts *counts = &client->engine->counts.ws;
    const char *ready = client->plan->expect_ready;
    switch (message->opcode) {
    case GL_WS_PING:
        return client->state == WS_CLOSING ||
               send_frame(client, GL_WS_PONG, message->data, message->len);
    case GL_WS_PONG:
        counts->pings_answered += client->ping_unanswered;
        client->ping_unanswered = false;
        if (client->state == WS_OPEN && client->plan->ping_interval_ms)
            set_due_in(client, client->plan->ping_interval_ms * 1000);
        return true;
    case GL_WS_CLOSE:
        on_close(client, message->close_code);
        return false;
    default:
        counts->messages++;
        if (client->state == WS_READYING &&
            memmem(message->data, message->len, ready, strlen(ready)))
            become_open(client);
        return true;
    }
}

static bool on_frames(struct gl_load_ws_client *client)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_ws_message message;
    int close_code = GL_WS_CLOSE_PROTOCOL_ERROR;
    int found;
    while ((found = gl_ws_next(&client->parser, &message, &close_code, &err)) == 1) {
        if (!on_message(client, &message))
            return false;
    }
    if (found < 0) {
        gl_ws_add_close(&client->out, close_code);
        if (send_pending(client))
            fail(client, close_code, err.message, err.message);
        return false;
    }
    return true;
}

/* The connection ended without a Close frame. */
static void on_end(struct gl_load_ws_client *client, CURLcode code)
{
    const char *reason = code == CURLE_OK ? _("the connection ended without a Close frame")
                                          : curl_easy_strerror(code);
    if (client->state == WS_CLOSING)
        finish(client);
    else
        fail(client, 0, reason, reason);
}

static void receive(struct gl_load_ws_client *client)
{
    for (;;) {
        char chunk[16384];
        size_t len = 0;
        CURLcode code = curl_easy_recv(client->easy, chunk, sizeof chunk, &len);
        if (code == CURLE_AGAIN)
            return;
        if (code != CURLE_OK || len == 0) {
            on_end(client, code);
            return;
        }
        bool handshake = client->state == WS_HANDSHAKE;
        gl_buf_add(handshake ? &client->head : &client->parser.in, chunk, len);
        if (handshake && !on_handshake(client))
            return;
        if (client->state != WS_HANDSHAKE && !on_frames(client))
            return;
    }
}

/* ---- the engine's side -------------------------------------------------------------------------
 */

int gl_load_ws_init(struct gl_load_engine *engine, struct gl_error *err)
{
    const struct gl_load_plan *plan = engine->plan;
    size_t total = 0;
    for (size_t i = 0; i < plan->websocket_count; i++)
        total += (size_t)plan->websockets[i].count;
    engine->ws_due_us = GL_LOAD_NEVER;
    if (!total)
        return 0;
    int failed = gl_load_multi_init(&engine->ws_multi, engine, err);
    if (failed < 0)
        return failed;
    engine->ws_multi.on_done = on_connected;
    engine->ws_clients = gl_alloc(total * sizeof *engine->ws_clients);
    for (size_t i = 0; i < plan->websocket_count; i++) {
        for (int64_t n = 0; n < plan->websockets[i].count; n++) {
            struct gl_load_ws_client *client = &engine->ws_clients[engine->ws_count];
            client->engine = engine;
            client->plan = &plan->websockets[i];
            client->index = engine->ws_count++;
            client->fd = -1;
            set_due(client, 0); /* connects at the first look at the timers */
        }
    }
    return 0;
}

void gl_load_ws_done(struct gl_load_engine *engine)
{
    for (size_t i = 0; i < engine->ws_count; i++)
        disconnect(&engine->ws_clients[i]);
    free(engine->ws_clients);
    gl_load_multi_done(&engine->ws_multi);
}

void gl_load_ws_event(struct gl_load_engine *engine, size_t index, uint32_t events)
{
    struct gl_load_ws_client *client = &engine->ws_clients[index];
    if (client->fd < 0) /* ended by an earlier event of the same batch */
        return;
    if (events & EPOLLOUT && !send_pending(client))
        return;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        receive(client);
}

static void on_due(struct gl_load_ws_client *client)
{
    switch (client->state) {
    case WS_PAUSED:
        connect_now(client);
        break;
    case WS_OPEN:
        if (client->ping_unanswered) {
            fail(client, 0, _("a ping was not answered in time"),
                 _("a ping was not answered in time"));
            break;
        }
        client->ping_unanswered = true;
        client->engine->counts.ws.pings_sent++;
        set_due_in(client, timeout_us(client));
        (void)send_frame(client, GL_WS_PING, "golive", 6);
        break;
    case WS_CLOSING:
        finish(client);
        break;
    case WS_CLOSED:
        set_due(client, GL_LOAD_NEVER);
        break;
    default:
        fail(client, 0, _("not ready in time"), _("not ready in time"));
    }
}

int64_t gl_load_ws_timers(struct gl_load_engine *engine, int64_t now_us)
{
    if (now_us < engine->ws_due_us)
        return engine->ws_due_us;
    engine->ws_due_us = GL_LOAD_NEVER;
    for (size_t i = 0; i < engine->ws_count; i++) {
        struct gl_load_ws_client *client = &engine->ws_clients[i];
        if (client->due_us <= now_us)
            on_due(client);
        if (client->due_us < engine->ws_due_us)
            engine->ws_due_us = client->due_us;
    }
    return engine->ws_due_us;
}

void gl_load_ws_stop(struct gl_load_engine *engine)
{
    for (size_t i = 0; i < engine->ws_count; i++) {
        struct gl_load_ws_client *client = &engine->ws_clients[i];
        if (client->state != WS_OPEN) {
            finish(client);
            continue;
        }
        client->engine->counts.ws.open--;
        client->state = WS_CLOSING;
        set_due_in(client, GOODBYE_US);
        gl_ws_add_close(&client->out, GL_WS_CLOSE_NORMAL);
        (void)send_pending(client);
    }
}

bool gl_load_ws_busy(const struct gl_load_engine *engine)
{
    for (size_t i = 0; i < engine->ws_count; i++) {
        if (engine->ws_clients[i].state == WS_CLOSING)
            return true;
    }
    return false;
}
