/* WebSocket frames: a masking writer and an incremental parser that joins fragments. */
#include "net/websocket.h"

#include <assert.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"

enum {
    CONTROL_LIMIT = 125,
    DEFAULT_LIMIT = 1 << 20,
    LENGTH_16 = 126, /* length fields that announce 2 or 8 further bytes */
    LENGTH_64 = 127,
};

static bool is_control(enum gl_ws_opcode opcode)
{
    return opcode & 0x8;
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static void add_big_endian(struct gl_buf *out, uint64_t value, int bytes)
{
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        gl_buf_putc(out, (char)(value >> shift & 0xff));
}

void gl_ws_add_frame(struct gl_buf *out, enum gl_ws_opcode opcode, bool fin, const void *data,
                     size_t len)
{
    assert(!is_control(opcode) || (fin && len <= CONTROL_LIMIT));
    unsigned char mask[4];
    if (RAND_bytes(mask, sizeof mask) != 1)
        abort(); /* no system without randomness can speak TLS */
    gl_buf_putc(out, (char)((fin ? 0x80 : 0) | (int)opcode));
    if (len < LENGTH_16) {
        gl_buf_putc(out, (char)(0x80 | len));
    } else if (len <= UINT16_MAX) {
        gl_buf_putc(out, (char)(0x80 | LENGTH_16));
        add_big_endian(out, len, 2);
    } else {
        gl_buf_putc(out, (char)(0x80 | LENGTH_64));
        add_big_endian(out, len, 8);
    }
    gl_buf_add(out, mask, sizeof mask);
    char *place = gl_buf_reserve(out, len);
    for (size_t i = 0; i < len; i++)
        place[i] = (char)(((const unsigned char *)data)[i] ^ mask[i % 4]);
    out->len += len;
    gl_buf_add(out, "", 0); /* restores the final NUL */
}

void gl_ws_add_close(struct gl_buf *out, int code)
{
    unsigned char bytes[2] = {(unsigned char)(code >> 8), (unsigned char)code};
    gl_ws_add_frame(out, GL_WS_CLOSE, true, bytes, code == GL_WS_CLOSE_NO_CODE ? 0 : sizeof bytes);
}

/* ---- reading -----------------------------------------------------------------------------------
 */

struct frame {
    bool fin;
    enum gl_ws_opcode opcode;
    size_t head_len;
    size_t len;
};

void gl_ws_parser_done(struct gl_ws_parser *parser)
{
    gl_buf_done(&parser->in);
    gl_buf_done(&parser->message);
    gl_buf_done(&parser->control);
}

static bool is_utf8(const char *text, size_t len)
{
    return gl_utf8_valid_prefix(text, len) == len;
}

/* Length of the payload; sets how many bytes the head has. False: more bytes are needed. */
static bool read_length(const unsigned char *data, size_t have, size_t *ret_head, uint64_t *ret_len)
{
    unsigned field = data[1] & 0x7f;
    size_t extra = field == LENGTH_16 ? 2 : field == LENGTH_64 ? 8 : 0;
    if (have < 2 + extra)
        return false;
    uint64_t len = extra ? 0 : field;
    for (size_t i = 0; i < extra; i++)
        len = len << 8 | data[2 + i];
    *ret_head = 2 + extra;
    *ret_len = len;
    return true;
}

/* What is wrong with the first two bytes of a frame, or NULL. */
static const char *head_problem(const struct gl_ws_parser *parser, const unsigned char *data)
{
    enum gl_ws_opcode opcode = data[0] & 0x0f;
    bool fin = data[0] & 0x80;
    if (data[0] & 0x70)
        return N_("a frame has reserved bits set");
    if ((opcode > GL_WS_BINARY && opcode < GL_WS_CLOSE) || opcode > GL_WS_PONG)
        return N_("a frame has an unknown opcode");
    if (data[1] & 0x80)
        return N_("the server masked a frame");
    if (is_control(opcode) && (!fin || (data[1] & 0x7f) > CONTROL_LIMIT))
        return N_("a control frame is fragmented or longer than 125 bytes");
    if (opcode == GL_WS_CONTINUATION && !parser->in_message)
        return N_("a message begins with a continuation frame");
    if ((opcode == GL_WS_TEXT || opcode == GL_WS_BINARY) && parser->in_message)
        return N_("a message begins before the previous one ended");
    return NULL;
}

static int broken(int code, const char *what, int *ret_close_code, struct gl_error *err)
{
    *ret_close_code = code;
    return gl_fail(err, GL_E_NET, _("WebSocket protocol: %s"), _(what));
}

/* 1 = the whole frame is in the buffer. */
static int next_frame(struct gl_ws_parser *parser, struct frame *ret_frame, int *ret_close_code,
                      struct gl_error *err)
{
    const unsigned char *data = (const unsigned char *)parser->in.data;
    if (parser->in.len < 2)
        return 0;
    const char *problem = head_problem(parser, data);
    if (problem)
        return broken(GL_WS_CLOSE_PROTOCOL_ERROR, problem, ret_close_code, err);
    struct frame frame = {.fin = data[0] & 0x80, .opcode = data[0] & 0x0f};
    uint64_t len = 0;
    if (!read_length(data, parser->in.len, &frame.head_len, &len))
        return 0;
    size_t limit = parser->limit_bytes ? parser->limit_bytes : DEFAULT_LIMIT;
    size_t held = is_control(frame.opcode) ? 0 : parser->message.len;
    if (len > limit || len > limit - held)
        return broken(GL_WS_CLOSE_TOO_LARGE, N_("a message is too large"), ret_close_code, err);
    frame.len = (size_t)len;
    if (parser->in.len - frame.head_len < frame.len)
        return 0;
    *ret_frame = frame;
    return 1;
}

static bool valid_close_code(int code)
{
    bool reserved = code == 1004 || code == GL_WS_CLOSE_NO_CODE || code == 1006;
    return (code >= 1000 && code <= 1014 && !reserved) || (code >= 3000 && code <= 4999);
}

static int take_control(struct gl_ws_parser *parser, enum gl_ws_opcode opcode,
                        struct gl_ws_message *ret_message, int *ret_close_code,
                        struct gl_error *err)
{
    const struct gl_buf *control = &parser->control;
    const unsigned char *bytes = (const unsigned char *)gl_buf_text(control);
    int code = 0;
    if (opcode == GL_WS_CLOSE) {
        code = control->len >= 2 ? bytes[0] << 8 | bytes[1] : GL_WS_CLOSE_NO_CODE;
        if (control->len == 1 || (control->len >= 2 && !valid_close_code(code)))
            return broken(GL_WS_CLOSE_PROTOCOL_ERROR, N_("a Close frame has an invalid code"),
                          ret_close_code, err);
        if (control->len > 2 && !is_utf8(control->data + 2, control->len - 2))
            return broken(GL_WS_CLOSE_INVALID_DATA, N_("a Close frame's reason is not UTF-8"),
                          ret_close_code, err);
        parser->closed = true;
    }
    *ret_message =
        (struct gl_ws_message){opcode, gl_buf_text(control), control->len, .close_code = code};
    return 1;
}

static int take_message(struct gl_ws_parser *parser, struct gl_ws_message *ret_message,
                        int *ret_close_code, struct gl_error *err)
{
    const char *text = gl_buf_text(&parser->message);
    if (parser->opcode == GL_WS_TEXT && !is_utf8(text, parser->message.len))
        return broken(GL_WS_CLOSE_INVALID_DATA, N_("a text message is not UTF-8"), ret_close_code,
                      err);
    *ret_message = (struct gl_ws_message){parser->opcode, text, parser->message.len, 0};
    parser->in_message = false;
    return 1;
}

int gl_ws_next(struct gl_ws_parser *parser, struct gl_ws_message *ret_message, int *ret_close_code,
               struct gl_error *err)
{
    if (!parser->in_message) /* the message handed out last is no longer needed */
        parser->message.len = 0;
    while (!parser->closed) {
        struct frame frame = {0};
        int found = next_frame(parser, &frame, ret_close_code, err);
        if (found <= 0)
            return found;
        struct gl_buf *into = is_control(frame.opcode) ? &parser->control : &parser->message;
        if (is_control(frame.opcode))
            into->len = 0;
        gl_buf_add(into, parser->in.data + frame.head_len, frame.len);
        gl_buf_consume(&parser->in, frame.head_len + frame.len);
        if (is_control(frame.opcode))
            return take_control(parser, frame.opcode, ret_message, ret_close_code, err);
        if (frame.opcode != GL_WS_CONTINUATION)
            parser->opcode = frame.opcode;
        parser->in_message = true;
        if (frame.fin)
            return take_message(parser, ret_message, ret_close_code, err);
    }
    return 0;
}
