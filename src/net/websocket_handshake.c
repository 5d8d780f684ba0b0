/* The opening handshake of a WebSocket: HTTP/1.1 text and the proof that the server understood. */
#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "net/websocket.h"

enum {
    HEAD_LIMIT = 16384,
    KEY_BYTES = 16,
};

void gl_ws_make_key(char ret_key[GL_WS_KEY_SIZE])
{
    unsigned char bytes[KEY_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        abort(); /* no system without randomness can speak TLS */
    EVP_EncodeBlock((unsigned char *)ret_key, bytes, sizeof bytes);
}

void gl_ws_accept_of(const char *key, char ret_accept[GL_WS_ACCEPT_SIZE])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455 section 1.3 */
    gl_autofree char *text = gl_asprintf("%s%s", key, guid);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL) != 1)
        abort();
    EVP_EncodeBlock((unsigned char *)ret_accept, digest, (int)len);
}

void gl_ws_add_request(struct gl_buf *out, const char *host, const char *path, const char *key,
                       const struct gl_strv *headers)
{
    gl_buf_printf(out,
                  "GET %s HTTP/1.1\r\n"
                  "Host: %s\r\n"
                  "Upgrade: websocket\r\n"
                  "Connection: Upgrade\r\n"
                  "Sec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: %s\r\n",
                  path, host, key);
    for (size_t i = 0; headers && i < headers->count; i++)
        gl_buf_printf(out, "%s\r\n", headers->items[i]);
    gl_buf_puts(out, "\r\n");
}

void gl_ws_answer_done(struct gl_ws_answer *answer)
{
    gl_strv_done(&answer->headers);
}

static void add_header(struct gl_strv *headers, const char *line, size_t len)
{
    while (len && isspace((unsigned char)line[len - 1]))
        len--;
    char *header = gl_strndup(line, len);
    for (char *at = header; *at && *at != ':'; at++)
        *at = (char)tolower((unsigned char)*at);
    gl_strv_take(headers, header);
}

/* "HTTP/1.1 101 Switching Protocols" -> 101; 0 if it is no status line. */
static int status_of(const char *line, size_t len)
{
    if (len < 12 || strncmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ')
        return 0;
    int status = 0;
    for (size_t i = 9; i < 12; i++) {
        if (!isdigit((unsigned char)line[i]))
            return 0;
        status = status * 10 + (line[i] - '0');
    }
    bool ends = len == 12 || line[12] == ' ' || line[12] == '\r';
    return ends && status >= 100 ? status : 0;
}

int gl_ws_parse_answer(const char *data, size_t len, struct gl_ws_answer *ret_answer,
                       struct gl_error *err)
{
    if (!data || len == 0)
        return 0;
    const char *end = memmem(data, len, "\r\n\r\n", 4);
    if (!end && len < HEAD_LIMIT)
        return 0;
    if (!end || end - data > HEAD_LIMIT)
        return gl_fail(err, GL_E_NET, _("the answer's head is larger than %d bytes"), HEAD_LIMIT);
    const char *line_end = memmem(data, len, "\r\n", 2);
    struct gl_ws_answer answer = {.len = (size_t)(end + 4 - data)};
    answer.status = status_of(data, (size_t)(line_end - data));
    if (!answer.status)
        return gl_fail(err, GL_E_NET, _("the answer is not HTTP/1.1"));
    while (line_end < end) {
        const char *line = line_end + 2;
        line_end = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        add_header(&answer.headers, line, (size_t)(line_end - line));
    }
    *ret_answer = answer;
    return 1;
}

const char *gl_ws_answer_header(const struct gl_ws_answer *answer, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < answer->headers.count; i++) {
        const char *header = answer->headers.items[i];
        if (strncmp(header, name, len) == 0 && header[len] == ':')
            return header + len + 1 + strspn(header + len + 1, " \t");
    }
    return NULL;
}

/* True if the comma-separated header has the token, ignoring case. */
static bool has_token(const struct gl_ws_answer *answer, const char *name, const char *token)
{
    gl_autostrv struct gl_strv tokens = {0};
    const char *value = gl_ws_answer_header(answer, name);
    if (value)
        gl_strv_split(&tokens, value, ", \t");
    for (size_t i = 0; i < tokens.count; i++) {
        if (strcasecmp(tokens.items[i], token) == 0)
            return true;
    }
    return false;
}

int gl_ws_check_answer(const struct gl_ws_answer *answer, const char *key, struct gl_error *err)
{
    if (answer->status != 101)
        return gl_fail(err, GL_E_NET, _("the server answered %d instead of opening a WebSocket"),
                       answer->status);
    if (!has_token(answer, "upgrade", "websocket") || !has_token(answer, "connection", "upgrade"))
        return gl_fail(err, GL_E_NET, _("the answer 101 does not switch to WebSocket"));
    char expected[GL_WS_ACCEPT_SIZE];
    gl_ws_accept_of(key, expected);
    const char *accept = gl_ws_answer_header(answer, "sec-websocket-accept");
    if (!accept || strcmp(accept, expected) != 0)
        return gl_fail(err, GL_E_NET, _("Sec-WebSocket-Accept does not belong to our key"));
    if (gl_ws_answer_header(answer, "sec-websocket-extensions") ||
        gl_ws_answer_header(answer, "sec-websocket-protocol"))
        return gl_fail(err, GL_E_NET,
                       _("the server chose a WebSocket extension or protocol nobody offered"));
    return 0;
}
