/* The protocol of ssh-agent, as far as signing with a key that it has. */
#include "sign/ssh_agent.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "sign/wire.h"

/* Numbers of messages: section 6.1 of the draft. */
enum {
    REQUEST_IDENTITIES = 11,
    IDENTITIES_ANSWER = 12,
    SIGN_REQUEST = 13,
    SIGN_RESPONSE = 14,
};

enum {
    ANSWER_BYTES_MAX = 256 << 10, /* as OpenSSH has it */
    LISTING_MS = 5000,            /* nobody is asked */
    PERSON_MS = 60000,            /* for a person who is asked to confirm */
};

static const char type[] = "ssh-ed25519";

void gl_agent_keys_done(struct gl_agent_keys *keys)
{
    free(gl_steal(&keys->items));
    keys->count = 0;
}

/* ---- answers -----------------------------------------------------------------------------------
 */

bool gl_agent_read_keys(const void *answer, size_t len, struct gl_agent_keys *ret_keys)
{
    static const unsigned char kind = IDENTITIES_ANSWER;
    struct gl_wire wire = {answer, len};
    struct gl_agent_keys keys = {0};
    uint32_t count = 0;
    bool good = gl_wire_take(&wire, &kind, 1) && gl_wire_u32(&wire, &count);
    for (uint32_t i = 0; good && i < count; i++) {
        struct gl_wire_text blob;
        struct gl_wire_text comment;
        struct gl_public_key key;
        good = gl_wire_string(&wire, &blob) && gl_wire_string(&wire, &comment);
        if (!good || !gl_wire_typed(&blob, type, key.bytes, GL_KEY_BYTES))
            continue;
        keys.items = gl_realloc_array(keys.items, keys.count + 1, sizeof *keys.items);
        keys.items[keys.count++] = key;
    }
    if (!good || wire.len) {
        gl_agent_keys_done(&keys);
        return false;
    }
    *ret_keys = keys;
    return true;
}

bool gl_agent_read_signature(const void *answer, size_t len,
                             unsigned char ret_bytes[GL_SIGNATURE_BYTES])
{
    static const unsigned char kind = SIGN_RESPONSE;
    struct gl_wire wire = {answer, len};
    struct gl_wire_text blob;
    return gl_wire_take(&wire, &kind, 1) && gl_wire_string(&wire, &blob) && !wire.len &&
           gl_wire_typed(&blob, type, ret_bytes, GL_SIGNATURE_BYTES);
}

/* ---- asking ------------------------------------------------------------------------------------
 */

static int fail(struct gl_error *err, const char *path, const char *why)
{
    gl_fail(err, GL_E_IO, _("the ssh-agent at %s: %s"), path, why);
    return gl_error_hint(err, _("ssh-add -l asks it, too. Without an agent: --key FILE."));
}

/* One question, and until when its answer is awaited. */
struct talk {
    const char *path;
    int fd;
    int64_t deadline_ms;
};

static int open_agent(struct talk *talk, struct gl_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(talk->path) >= sizeof address.sun_path)
        return fail(err, talk->path, strerror(ENAMETOOLONG));
    memcpy(address.sun_path, talk->path, strlen(talk->path) + 1);
    /* One whose queue is full is refused (EAGAIN) and not waited for. */
    talk->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (talk->fd < 0 || connect(talk->fd, (const struct sockaddr *)&address, sizeof address) < 0)
        return fail(err, talk->path, strerror(errno));
    return 0;
}

/* Until the agent can be read from or written to, its time is over, or Ctrl-C. */
static int await(const struct talk *talk, short events, struct gl_error *err)
{
    struct pollfd polled[] = {
        {.fd = talk->fd,          .events = events},
        {.fd = gl_interrupt_fd(), .events = POLLIN}
    };
    for (;;) {
        int64_t left_ms = talk->deadline_ms - gl_mono_ms();
        int failed = gl_interrupt_check(err);
        if (failed < 0)
            return failed;
        if (left_ms <= 0)
            return fail(err, talk->path, strerror(ETIMEDOUT));
        int ready = poll(polled, GL_COUNT(polled), (int)left_ms);
        if (ready < 0 && errno != EINTR)
            return fail(err, talk->path, strerror(errno));
        if (ready > 0 && polled[0].revents)
            return 0;
    }
}

static bool is_passing(int number)
{
    return number == EINTR || number == EAGAIN;
}

static int send_all(const struct talk *talk, const char *data, size_t len, struct gl_error *err)
{
    while (len > 0) {
        int failed = await(talk, POLLOUT, err);
        if (failed < 0)
            return failed;
        ssize_t sent = send(talk->fd, data, len, MSG_NOSIGNAL);
        if (sent < 0 && !is_passing(errno))
            return fail(err, talk->path, strerror(errno));
        data += sent > 0 ? sent : 0;
        len -= sent > 0 ? (size_t)sent : 0;
    }
    return 0;
}

static int receive_all(const struct talk *talk, char *data, size_t len, struct gl_error *err)
{
    while (len > 0) {
        int failed = await(talk, POLLIN, err);
        if (failed < 0)
            return failed;
        ssize_t got = recv(talk->fd, data, len, 0);
        if (got == 0 || (got < 0 && !is_passing(errno)))
            return fail(err, talk->path, strerror(got == 0 ? ECONNRESET : errno));
        data += got > 0 ? got : 0;
        len -= got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int receive_answer(const struct talk *talk, struct gl_buf *ret_answer, struct gl_error *err)
{
    unsigned char head[4];
    uint32_t len = 0;
    struct gl_wire wire = {head, sizeof head};
    int failed = receive_all(talk, (char *)head, sizeof head, err);
    if (failed < 0)
        return failed;
    if (!gl_wire_u32(&wire, &len) || !len || len > ANSWER_BYTES_MAX)
        return fail(err, talk->path, strerror(EPROTO));
    failed = receive_all(talk, gl_buf_reserve(ret_answer, len), len, err);
    if (failed == 0) {
        ret_answer->len += len;
        ret_answer->data[ret_answer->len] = '\0';
    }
    return failed;
}

static int ask(struct talk *talk, const struct gl_buf *request, struct gl_buf *ret_answer,
               struct gl_error *err)
{
    gl_autobuf struct gl_buf framed = {0};
    int failed = open_agent(talk, err);
    gl_wire_put(&framed, request->data, request->len);
    if (failed == 0)
        failed = send_all(talk, framed.data, framed.len, err);
    if (failed == 0)
        failed = receive_answer(talk, ret_answer, err);
    if (talk->fd >= 0)
        close(talk->fd);
    return failed;
}

int gl_agent_list(const char *socket_path, struct gl_agent_keys *ret_keys, struct gl_error *err)
{
    gl_autobuf struct gl_buf request = {0};
    gl_autobuf struct gl_buf answer = {0};
    gl_buf_putc(&request, REQUEST_IDENTITIES);
    struct talk talk = {socket_path, -1, gl_mono_ms() + LISTING_MS};
    int failed = ask(&talk, &request, &answer, err);
    if (failed == 0 && !gl_agent_read_keys(answer.data, answer.len, ret_keys))
        failed = fail(err, socket_path, _("it does not say which keys it has"));
    return failed;
}

int gl_agent_sign(const char *socket_path, const struct gl_public_key *key,
                  const struct gl_buf *message, unsigned char ret_bytes[GL_SIGNATURE_BYTES],
                  struct gl_error *err)
{
    gl_autobuf struct gl_buf blob = {0};
    gl_autobuf struct gl_buf request = {0};
    gl_autobuf struct gl_buf answer = {0};
    gl_wire_put_text(&blob, type);
    gl_wire_put(&blob, key->bytes, GL_KEY_BYTES);
    gl_buf_putc(&request, SIGN_REQUEST);
    gl_wire_put(&request, blob.data, blob.len);
    gl_wire_put(&request, message->data, message->len);
    gl_wire_put_u32(&request, 0);
    struct talk talk = {socket_path, -1, gl_mono_ms() + PERSON_MS};
    int failed = ask(&talk, &request, &answer, err);
    if (failed < 0 || gl_agent_read_signature(answer.data, answer.len, ret_bytes))
        return failed;
    gl_fail(err, GL_E_REFUSED, _("the ssh-agent at %s did not sign"), socket_path);
    return gl_error_hint(err, _("ssh-add -l lists its keys; one that was added with -c asks you "
                                "first."));
}
