/* The client's side of WebSocket, RFC 6455: handshake text and frames, without any I/O. */
#ifndef GL_NET_WEBSOCKET_H
#define GL_NET_WEBSOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

/* RFC 6455 section 5.2. */
enum gl_ws_opcode {
    GL_WS_CONTINUATION = 0x0,
    GL_WS_TEXT = 0x1,
    GL_WS_BINARY = 0x2,
    GL_WS_CLOSE = 0x8,
    GL_WS_PING = 0x9,
    GL_WS_PONG = 0xA,
};

/* RFC 6455 section 7.4.1. */
enum gl_ws_close_code {
    GL_WS_CLOSE_NORMAL = 1000,
    GL_WS_CLOSE_GOING_AWAY = 1001,
    GL_WS_CLOSE_PROTOCOL_ERROR = 1002,
    GL_WS_CLOSE_NO_CODE = 1005, /* never sent: the Close frame had no code */
    GL_WS_CLOSE_INVALID_DATA = 1007,
    GL_WS_CLOSE_TOO_LARGE = 1009,
    GL_WS_CLOSE_SERVICE_RESTART = 1012,
    GL_WS_CLOSE_TRY_AGAIN = 1013,
};

/* ---- handshake ---------------------------------------------------------------------------------
 */

#define GL_WS_KEY_SIZE    25 /* base64 of 16 bytes, and a NUL */
#define GL_WS_ACCEPT_SIZE 29 /* base64 of a SHA-1, and a NUL */

/* A new random Sec-WebSocket-Key. */
void gl_ws_make_key(char ret_key[GL_WS_KEY_SIZE]);

/* The Sec-WebSocket-Accept that belongs to a key. */
void gl_ws_accept_of(const char *key, char ret_accept[GL_WS_ACCEPT_SIZE]);

/* Adds the opening request. `host`: value of the Host header; `path`: with its query, begins with
 * "/"; `headers`: further "Name: value", NULL = none. */
void gl_ws_add_request(struct gl_buf *out, const char *host, const char *path, const char *key,
                       const struct gl_strv *headers);

struct gl_ws_answer {
    int status;
    struct gl_strv headers; /* "name: value", names in lower case */
    size_t len;             /* bytes of the head: frames follow after them */
};

void gl_ws_answer_done(struct gl_ws_answer *answer);
#define gl_autowsanswer gl_cleanup(gl_ws_answer_done)

/* Reads the server's answer at the front of `data`. 1 = complete (`ret_answer` is the caller's),
 * 0 = more bytes are needed, GL_E_NET = no HTTP answer or a head above 16 KiB. */
gl_nodiscard int gl_ws_parse_answer(const char *data, size_t len, struct gl_ws_answer *ret_answer,
                                    struct gl_error *err);

/* The value of a header (name in lower case), or NULL; points into the answer. */
const char *gl_ws_answer_header(const struct gl_ws_answer *answer, const char *name);

/* 0 if the answer opens a WebSocket for `key` (section 4.1: 101, Upgrade, Connection, Accept, no
 * extension we did not ask for), else GL_E_NET with the reason. */
gl_nodiscard int gl_ws_check_answer(const struct gl_ws_answer *answer, const char *key,
                                    struct gl_error *err);

/* ---- frames ------------------------------------------------------------------------------------
 */

/* Adds one masked frame with a new random mask. `fin`: last frame of its message. Control frames
 * (Close, Ping, Pong) carry at most 125 bytes (asserted). */
void gl_ws_add_frame(struct gl_buf *out, enum gl_ws_opcode opcode, bool fin, const void *data,
                     size_t len);

/* Adds a Close frame; GL_WS_CLOSE_NO_CODE adds one without a code. */
void gl_ws_add_close(struct gl_buf *out, int code);

/* Zero-initialise; set limit_bytes before the first use if the default does not fit. */
struct gl_ws_parser {
    size_t limit_bytes; /* largest message; 0 = 1 MiB */
    struct gl_buf in;   /* bytes not yet parsed: add what was received with gl_buf_add() */
    struct gl_buf message;
    enum gl_ws_opcode opcode; /* of the message in parts */
    bool in_message;
    struct gl_buf control;
    bool closed; /* a Close frame arrived: nothing after it counts */
};

void gl_ws_parser_done(struct gl_ws_parser *parser);
#define gl_autowsparser gl_cleanup(gl_ws_parser_done)

/* A whole message, put together from its fragments, or a control frame. */
struct gl_ws_message {
    enum gl_ws_opcode opcode; /* never GL_WS_CONTINUATION */
    const char *data;         /* the parser's, until its next call; NUL-terminated */
    size_t len;
    int close_code; /* of GL_WS_CLOSE, GL_WS_CLOSE_NO_CODE if it has none; else 0 */
};

/* Takes the next message from parser->in. 1 = `ret_message` is filled, 0 = more bytes are needed,
 * GL_E_NET = the server broke the protocol; `ret_close_code` is then the code to close with. */
gl_nodiscard int gl_ws_next(struct gl_ws_parser *parser, struct gl_ws_message *ret_message,
                            int *ret_close_code, struct gl_error *err);

#endif
