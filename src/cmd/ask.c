/* Questions to a person at the terminal. */
#include "cmd/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"

bool gl_cmd_can_ask(const struct gl_context *context)
{
    return !context->format_json && isatty(STDIN_FILENO) && isatty(fileno(context->out));
}

/* One line without its end; what was read of it is wiped when it does not come to that. */
static int read_line(int fd, char **ret_line, struct gl_error *err)
{
    gl_autobuf struct gl_buf line = {0};
    struct pollfd wait[2] = {
        {.fd = fd,                .events = POLLIN},
        {.fd = gl_interrupt_fd(), .events = POLLIN}
    };
    int result = 0;
    while (poll(wait, 2, -1) >= 0 || errno == EINTR) {
        char c = '\0';
        result = gl_interrupt_check(err);
        if (result == 0 && !wait[0].revents)
            continue;
        if (result == 0 && read(fd, &c, 1) != 1)
            result = gl_fail(err, GL_E_INTERRUPTED, _("nobody answered"));
        if (result < 0)
            break;
        if (c == '\n') {
            *ret_line = gl_buf_steal(&line);
            return 0;
        }
        gl_buf_putc(&line, c);
    }
    gl_wipe(line.data, line.cap);
    return result < 0 ? result : gl_fail_errno(err, errno, _("the terminal cannot be read"));
}

int gl_cmd_ask(struct gl_context *context, const char *question, char **ret_line,
               struct gl_error *err)
{
    fputs(question, context->out);
    fflush(context->out);
    return read_line(STDIN_FILENO, ret_line, err);
}

int gl_cmd_ask_secret(const char *question, char **ret_line, struct gl_error *err)
{
    struct termios shown;
    gl_autoclose int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty < 0 || tcgetattr(tty, &shown) < 0)
        return gl_fail(err, GL_E_REFUSED, _("there is no terminal to ask for the passphrase on"));
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    /* First: what is typed in answer to the question must be neither shown nor thrown away. */
    if (tcsetattr(tty, TCSAFLUSH, &hidden) < 0)
        return gl_fail_errno(err, errno, _("the terminal cannot be written"));
    int result = gl_write_all(tty, question, strlen(question)) < 0
                     ? gl_fail_errno(err, errno, _("the terminal cannot be written"))
                     : read_line(tty, ret_line, err);
    (void)tcsetattr(tty, TCSAFLUSH, &shown);
    (void)!gl_write_all(tty, "\n", 1);
    return result;
}
