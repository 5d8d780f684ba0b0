/* What a server may send to a WebSocket client. First byte: 0 = the handshake's answer follows,
 * else frames follow, given to the parser in pieces of that many bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "net/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_answer(const char *data, size_t size)
{
    gl_autowsanswer struct gl_ws_answer answer = {0};
    gl_autoerr struct gl_error err = {0};
    int found = gl_ws_parse_answer(data, size, &answer, &err);
    if (found == 1 && answer.len > size)
        abort();
    if (found == 1)
        (void)!gl_ws_check_answer(&answer, "dGhlIHNhbXBsZSBub25jZQ==", &err);
}

static void read_frames(const char *data, size_t size, size_t piece)
{
    gl_autowsparser struct gl_ws_parser parser = {.limit_bytes = 4096};
    gl_autoerr struct gl_error err = {0};
    struct gl_ws_message message;
    int close_code = 0;
    int found = 0;
    for (size_t at = 0; at < size && found >= 0; at += piece) {
        gl_buf_add(&parser.in, data + at, size - at < piece ? size - at : piece);
        while ((found = gl_ws_next(&parser, &message, &close_code, &err)) == 1) {
            if (message.len > 4096 || message.data[message.len] != '\0')
                abort();
        }
    }
    if (found < 0 && (!close_code || !err.message))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *rest = (const char *)data + 1;
    if (data[0] == 0)
        read_answer(rest, size - 1);
    else
        read_frames(rest, size - 1, data[0]);
    return 0;
}
