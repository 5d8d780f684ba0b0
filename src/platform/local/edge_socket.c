/* The runtime socket of a running HAProxy.
 * https://docs.haproxy.org/2.6/management.html#9.3 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "platform/local/edge.h"

enum {
    TIMEOUT_S = 5,
    MAX_ANSWER = 4 << 20,
};

static int open_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = TIMEOUT_S};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    gl_autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    return gl_steal_fd(&fd);
}

static int read_all(int fd, struct gl_buf *answer)
{
    for (;;) {
        char *room = gl_buf_reserve(answer, 65536);
        ssize_t count = recv(fd, room, 65536, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return (int)count;
        answer->len += (size_t)count;
        answer->data[answer->len] = '\0';
        if (answer->len > MAX_ANSWER) {
            errno = EFBIG;
            return -1;
        }
    }
}

int gl_edge_ask(const struct gl_local *local, const char *socket_name, const char *commands,
                char **ret_answer, struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(local->edge_dir, socket_name);
    gl_autofree char *line = gl_asprintf("%s\n", commands);
    gl_autobuf struct gl_buf answer = {0};
    gl_autoclose int fd = open_socket(path);
    if (fd < 0 || send(fd, line, strlen(line), MSG_NOSIGNAL) != (ssize_t)strlen(line) ||
        read_all(fd, &answer) < 0) {
        gl_fail(err, GL_E_NET, _("HAProxy does not answer on %s: %s"), path, strerror(errno));
        (void)gl_error_hint(err, _("See its log with: golive local logs edge"));
        return GL_E_NET;
    }
    *ret_answer = gl_buf_steal(&answer);
    return 0;
}

int gl_edge_tell(const struct gl_local *local, const char *socket_name, const char *commands,
                 struct gl_error *err)
{
    gl_autofree char *answer = NULL;
    int failed = gl_edge_ask(local, socket_name, commands, &answer, err);
    if (failed < 0)
        return failed;
    const char *words = answer + strspn(answer, " \n");
    if (*words == '\0')
        return 0;
    return gl_fail(err, GL_E_PROCESS, _("HAProxy refused `%s`: %.*s"), commands,
                   (int)strcspn(words, "\n"), words);
}

/* CSV without quoting: HAProxy quotes only fields of free text, which stand after ours. */
static const char *field(const char *line, int index)
{
    for (; index > 0 && *line && *line != '\n'; line++) {
        if (*line == ',')
            index--;
    }
    return line;
}

static int column_of(const char *csv, const char *name)
{
    size_t len = strlen(name);
    int index = 0;
    for (const char *at = csv + strspn(csv, "# "); *at && *at != '\n'; index++) {
        size_t width = strcspn(at, ",\n");
        if (width == len && memcmp(at, name, len) == 0)
            return index;
        at += width + (at[width] == ',');
    }
    return -1;
}

static bool field_is(const char *csv, const char *line, const char *column, const char *text)
{
    int index = column_of(csv, column);
    const char *at = index < 0 ? "" : field(line, index);
    size_t width = strcspn(at, ",\n");
    return width == strlen(text) && memcmp(at, text, width) == 0;
}

static uint64_t number(const char *csv, const char *line, const char *column)
{
    int index = column_of(csv, column);
    return index < 0 ? 0 : strtoull(field(line, index), NULL, 10);
}

static bool status_begins(const char *csv, const char *line, const char *prefix)
{
    int index = column_of(csv, "status");
    return index >= 0 && gl_starts_with(field(line, index), prefix);
}

struct gl_edge_stat gl_edge_stat_find(const char *csv, const char *backend, const char *server)
{
    static const char *const answers[] = {"hrsp_1xx", "hrsp_2xx", "hrsp_3xx",
                                          "hrsp_4xx", "hrsp_5xx", "hrsp_other"};
    struct gl_edge_stat stat = {0};
    for (const char *line = strchr(csv, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
        const char *row = line + 1;
        if (!field_is(csv, row, "pxname", backend) || !field_is(csv, row, "svname", server))
            continue;
        stat.found = true;
        stat.up = status_begins(csv, row, "UP") || status_begins(csv, row, "no check");
        stat.maintenance = status_begins(csv, row, "MAINT");
        /* The star says that the next check is under way. */
        stat.checked = field_is(csv, row, "check_status", "L7OK") ||
                       field_is(csv, row, "check_status", "* L7OK");
        stat.weight = (int)number(csv, row, "weight");
        stat.attempts = number(csv, row, "stot");
        stat.errors_5xx = number(csv, row, "hrsp_5xx");
        stat.aborted = number(csv, row, "cli_abrt");
        stat.current = number(csv, row, "scur");
        for (size_t i = 0; i < GL_COUNT(answers); i++)
            stat.answers += number(csv, row, answers[i]);
        break;
    }
    return stat;
}
