/* WebSocket against the examples of RFC 6455 and everything a server may do wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "net/websocket.h"

#define BYTES(text) (text), sizeof(text) - 1

struct outcome {
    int result;
    int close_code;
    struct gl_ws_message message;
};

static struct outcome next(struct gl_ws_parser *parser)
{
    struct outcome outcome = {0};
    gl_autoerr struct gl_error err = {0};
    outcome.result = gl_ws_next(parser, &outcome.message, &outcome.close_code, &err);
    if (outcome.result < 0)
        assert_non_null(err.message);
    return outcome;
}

static void assert_message(struct outcome got, enum gl_ws_opcode opcode, const char *data,
                           size_t len)
{
    assert_int_equal(got.result, 1);
    assert_int_equal(got.message.opcode, opcode);
    assert_int_equal(got.message.len, len);
    assert_memory_equal(got.message.data, data, len);
    assert_int_equal(got.message.data[len], '\0');
}

/* ---- handshake ---------------------------------------------------------------------------------
 */

static void accept_is_that_of_the_rfc(void **state)
{
    (void)state;
    char accept[GL_WS_ACCEPT_SIZE];
    gl_ws_accept_of("dGhlIHNhbXBsZSBub25jZQ==", accept);
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void keys_are_new_each_time(void **state)
{
    (void)state;
    char one[GL_WS_KEY_SIZE];
    char two[GL_WS_KEY_SIZE];
    gl_ws_make_key(one);
    gl_ws_make_key(two);
    assert_int_equal(strlen(one), GL_WS_KEY_SIZE - 1);
    assert_string_not_equal(one, two);
}

static void request_carries_host_path_key_and_headers(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf out = {0};
    gl_autostrv struct gl_strv headers = {0};
    gl_strv_add(&headers, "Origin: https://app.test");
    gl_ws_add_request(&out, "app.test:8443", "/ws?a=1", "KEY", &headers);
    assert_string_equal(out.data, "GET /ws?a=1 HTTP/1.1\r\n"
                                  "Host: app.test:8443\r\n"
                                  "Upgrade: websocket\r\n"
                                  "Connection: Upgrade\r\n"
                                  "Sec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: KEY\r\n"
                                  "Origin: https://app.test\r\n"
                                  "\r\n");
}

#define RFC_KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define GOOD_START "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
#define GOOD_TOKEN "Connection: keep-alive, Upgrade\r\n"
#define GOOD_PROOF "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

static int check(const char *text)
{
    gl_autowsanswer struct gl_ws_answer answer = {0};
    gl_autoerr struct gl_error err = {0};
    int found = gl_ws_parse_answer(text, strlen(text), &answer, &err);
    return found == 1 ? gl_ws_check_answer(&answer, RFC_KEY, &err) : found;
}

static void only_a_complete_and_proven_answer_opens(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "HTTP/1.1 200 OK\r\nUpgrade: websocket\r\n" GOOD_TOKEN GOOD_PROOF "\r\n",
        GOOD_START GOOD_TOKEN "\r\n",
        GOOD_START GOOD_TOKEN "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
        GOOD_START GOOD_PROOF "\r\n",
        GOOD_START "Connection: close\r\n" GOOD_PROOF "\r\n",
        "HTTP/1.1 101 x\r\n" GOOD_TOKEN GOOD_PROOF "\r\n",
        GOOD_START GOOD_TOKEN GOOD_PROOF "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        GOOD_START GOOD_TOKEN GOOD_PROOF "Sec-WebSocket-Protocol: chat\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 1x1 x\r\n\r\n",
        "\r\n\r\n",
    };
    assert_int_equal(check(GOOD_START GOOD_TOKEN GOOD_PROOF "\r\n"), 0);
    for (size_t i = 0; i < GL_COUNT(bad); i++)
        assert_int_equal(check(bad[i]), GL_E_NET);
}

static void an_answer_in_pieces_is_waited_for(void **state)
{
    (void)state;
    static const char text[] = GOOD_START GOOD_TOKEN GOOD_PROOF "X-Release:  7 \r\n\r\n\x81\x00";
    size_t head = sizeof text - 1 - 2;
    for (size_t len = 0; len < head; len++) {
        gl_autowsanswer struct gl_ws_answer answer = {0};
        assert_int_equal(gl_ws_parse_answer(text, len, &answer, NULL), 0);
    }
    gl_autowsanswer struct gl_ws_answer answer = {0};
    assert_int_equal(gl_ws_parse_answer(text, sizeof text - 1, &answer, NULL), 1);
    assert_int_equal(answer.len, head);
    assert_int_equal(answer.status, 101);
    assert_string_equal(gl_ws_answer_header(&answer, "x-release"), "7");
}

static void an_endless_answer_is_refused(void **state)
{
    (void)state;
    gl_autofree char *text = gl_alloc(20000);
    memset(text, 'a', 20000);
    struct gl_ws_answer answer;
    assert_int_equal(gl_ws_parse_answer(text, 20000, &answer, NULL), GL_E_NET);
}

/* ---- frames ------------------------------------------------------------------------------------
 */

static void the_rfc_examples_are_read(void **state)
{
    (void)state;
    gl_autowsparser struct gl_ws_parser parser = {0};
    gl_buf_add(&parser.in, BYTES("\x81\x05Hello"));              /* unmasked text */
    gl_buf_add(&parser.in, BYTES("\x01\x03Hel\x89\x05Hello"));   /* fragment, Ping between */
    gl_buf_add(&parser.in, BYTES("\x80\x02lo\x82\x7e\x01\x00")); /* its end; 256 bytes binary */
    char binary[256] = {1, 2, 3};
    gl_buf_add(&parser.in, binary, sizeof binary);
    assert_message(next(&parser), GL_WS_TEXT, "Hello", 5);
    assert_message(next(&parser), GL_WS_PING, "Hello", 5);
    assert_message(next(&parser), GL_WS_TEXT, "Hello", 5);
    assert_message(next(&parser), GL_WS_BINARY, binary, sizeof binary);
    assert_int_equal(next(&parser).result, 0);
}

static void byte_by_byte_gives_the_same_messages(void **state)
{
    (void)state;
    static const char stream[] = "\x01\x02"
                                 "ab\x00\x01"
                                 "c\x8a\x01p\x80\x00\x81\x00\x88\x04\x03\xf4ok";
    gl_autowsparser struct gl_ws_parser parser = {0};
    gl_autobuf struct gl_buf seen = {0};
    for (size_t i = 0; i + 1 < sizeof stream; i++) {
        gl_buf_add(&parser.in, stream + i, 1);
        for (struct outcome got = next(&parser); got.result == 1; got = next(&parser))
            gl_buf_printf(&seen, "%X:%s:%d ", (unsigned)got.message.opcode,
                          got.message.close_code ? "" : got.message.data, got.message.close_code);
    }
    assert_string_equal(gl_buf_text(&seen), "A:p:0 1:abc:0 1::0 8::1012 ");
}

static void nothing_counts_after_a_close(void **state)
{
    (void)state;
    gl_autowsparser struct gl_ws_parser parser = {0};
    gl_buf_add(&parser.in, BYTES("\x88\x00\x81\x02hi"));
    struct outcome got = next(&parser);
    assert_message(got, GL_WS_CLOSE, "", 0);
    assert_int_equal(got.message.close_code, GL_WS_CLOSE_NO_CODE);
    assert_int_equal(next(&parser).result, 0);
}

static const struct mistake {
    const char *bytes;
    size_t len;
    int close_code;
} mistakes[] = {
    {BYTES("\xc1\x00"),                                 GL_WS_CLOSE_PROTOCOL_ERROR}, /* RSV1 */
    {BYTES("\x83\x00"),                                 GL_WS_CLOSE_PROTOCOL_ERROR}, /* opcode 3 */
    {BYTES("\x8b\x00"),                                 GL_WS_CLOSE_PROTOCOL_ERROR}, /* opcode 11 */
    {BYTES("\x81\x81"),                                 GL_WS_CLOSE_PROTOCOL_ERROR}, /* masked */
    {BYTES("\x09\x00"),                                 GL_WS_CLOSE_PROTOCOL_ERROR}, /* Ping in parts */
    {BYTES("\x89\x7e"),                                 GL_WS_CLOSE_PROTOCOL_ERROR}, /* long Ping */
    {BYTES("\x80\x00"),                                 GL_WS_CLOSE_PROTOCOL_ERROR}, /* end, no begin */
    {BYTES("\x01\x01x\x81\x01y"),                       GL_WS_CLOSE_PROTOCOL_ERROR}, /* begin twice */
    {BYTES("\x88\x01\x03"),                             GL_WS_CLOSE_PROTOCOL_ERROR}, /* half a code */
    {BYTES("\x88\x02\x03\xed"),                         GL_WS_CLOSE_PROTOCOL_ERROR}, /* code 1005 */
    {BYTES("\x88\x02\x03\xe7"),                         GL_WS_CLOSE_PROTOCOL_ERROR}, /* code 999 */
    {BYTES("\x88\x03\x03\xe8\xff"),                     GL_WS_CLOSE_INVALID_DATA  }, /* bad reason */
    {BYTES("\x81\x01\xff"),                             GL_WS_CLOSE_INVALID_DATA  },
    {BYTES("\x81\x02\xc0\x80"),                         GL_WS_CLOSE_INVALID_DATA  }, /* overlong */
    {BYTES("\x81\x03\xed\xa0\x80"),                     GL_WS_CLOSE_INVALID_DATA  }, /* surrogate */
    {BYTES("\x81\x04\xf4\x90\x80\x80"),                 GL_WS_CLOSE_INVALID_DATA  }, /* > U+10FFFF */
    {BYTES("\x81\x02\xe3\x81"),                         GL_WS_CLOSE_INVALID_DATA  }, /* cut off */
    {BYTES("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), GL_WS_CLOSE_TOO_LARGE     },
    {BYTES("\x82\x7f\x00\x00\x00\x00\x00\x10\x00\x01"), GL_WS_CLOSE_TOO_LARGE     }, /* 1 MiB + 1 */
};

static void every_breach_of_the_protocol_is_refused_with_its_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(mistakes); i++) {
        gl_autowsparser struct gl_ws_parser parser = {0};
        gl_buf_add(&parser.in, mistakes[i].bytes, mistakes[i].len);
        struct outcome got = next(&parser);
        if (got.result != GL_E_NET || got.close_code != mistakes[i].close_code)
            fail_msg("mistake %zu: result %d, close code %d", i, got.result, got.close_code);
    }
}

static void fragments_together_obey_the_limit(void **state)
{
    (void)state;
    gl_autowsparser struct gl_ws_parser parser = {.limit_bytes = 4};
    gl_buf_add(&parser.in, BYTES("\x02\x03xyz\x00\x01z\x00\x01z"));
    assert_int_equal(next(&parser).close_code, GL_WS_CLOSE_TOO_LARGE);
}

static void text_of_every_utf8_length_is_accepted(void **state)
{
    (void)state;
    static const char text[] = "a\xc3\xa9\xe3\x81\x82\xf0\x9f\x98\x80";
    gl_autowsparser struct gl_ws_parser parser = {0};
    gl_buf_add(&parser.in, BYTES("\x01\x02"
                                 "a\xc3\x80\x08"
                                 "\xa9\xe3\x81\x82\xf0\x9f\x98\x80"));
    assert_message(next(&parser), GL_WS_TEXT, text, sizeof text - 1);
}

/* What a server reads from a frame, by RFC 6455 section 5.2; returns the bytes used. */
static size_t unmask(const struct gl_buf *out, struct gl_buf *payload)
{
    const unsigned char *data = (const unsigned char *)out->data;
    assert_true(data[1] & 0x80);
    size_t len = data[1] & 0x7f;
    size_t at = 2;
    size_t extra = len == 126 ? 2 : len == 127 ? 8 : 0;
    if (extra) {
        for (len = 0; extra; extra--)
            len = len << 8 | data[at++];
    }
    const unsigned char *mask = data + at;
    at += 4;
    assert_true(at + len <= out->len);
    for (size_t i = 0; i < len; i++)
        gl_buf_putc(payload, (char)(data[at + i] ^ mask[i % 4]));
    return at + len;
}

static void written_frames_are_masked_and_complete_at_every_length(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 125, 126, 127, 65535, 65536, 200000};
    for (size_t i = 0; i < GL_COUNT(lengths); i++) {
        gl_autofree char *data = gl_alloc(lengths[i] + 1);
        memset(data, 'm', lengths[i]);
        gl_autobuf struct gl_buf out = {0};
        gl_autobuf struct gl_buf payload = {0};
        gl_ws_add_frame(&out, GL_WS_BINARY, true, data, lengths[i]);
        assert_int_equal((unsigned char)out.data[0], 0x82);
        assert_int_equal(unmask(&out, &payload), out.len);
        assert_int_equal(payload.len, lengths[i]);
        assert_memory_equal(gl_buf_text(&payload), data, lengths[i]);
    }
}

static void masks_differ_from_frame_to_frame(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf out = {0};
    gl_ws_add_frame(&out, GL_WS_TEXT, true, "", 0);
    gl_ws_add_frame(&out, GL_WS_TEXT, true, "", 0);
    assert_int_equal(out.len, 12);
    assert_memory_not_equal(out.data + 2, out.data + 8, 4);
}

static void close_frames_carry_their_code(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf out = {0};
    gl_autobuf struct gl_buf payload = {0};
    gl_ws_add_close(&out, GL_WS_CLOSE_NORMAL);
    assert_int_equal((unsigned char)out.data[0], 0x88);
    gl_buf_consume(&out, unmask(&out, &payload));
    assert_int_equal(payload.len, 2);
    assert_memory_equal(payload.data, "\x03\xe8", 2);
    gl_ws_add_close(&out, GL_WS_CLOSE_NO_CODE);
    assert_int_equal(out.data[1] & 0x7f, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept_is_that_of_the_rfc),
        cmocka_unit_test(keys_are_new_each_time),
        cmocka_unit_test(request_carries_host_path_key_and_headers),
        cmocka_unit_test(only_a_complete_and_proven_answer_opens),
        cmocka_unit_test(an_answer_in_pieces_is_waited_for),
        cmocka_unit_test(an_endless_answer_is_refused),
        cmocka_unit_test(the_rfc_examples_are_read),
        cmocka_unit_test(byte_by_byte_gives_the_same_messages),
        cmocka_unit_test(nothing_counts_after_a_close),
        cmocka_unit_test(every_breach_of_the_protocol_is_refused_with_its_code),
        cmocka_unit_test(fragments_together_obey_the_limit),
        cmocka_unit_test(text_of_every_utf8_length_is_accepted),
        cmocka_unit_test(written_frames_are_masked_and_complete_at_every_length),
        cmocka_unit_test(masks_differ_from_frame_to_frame),
        cmocka_unit_test(close_frames_carry_their_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
