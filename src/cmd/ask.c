/* Questions to a person at the terminal. */
#include "cmd/ask.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/interrupt.h"

bool gl_cmd_can_ask(const struct gl_context *context)
{
    return !context->format_json && isatty(STDIN_FILENO) && isatty(fileno(context->out));
}

int gl_cmd_ask(struct gl_context *context, const char *question, char **ret_line,
               struct gl_error *err)
{
    gl_autobuf struct gl_buf line = {0};
    struct pollfd wait[2] = {
        {.fd = STDIN_FILENO,      .events = POLLIN},
        {.fd = gl_interrupt_fd(), .events = POLLIN}
    };
    fputs(question, context->out);
    fflush(context->out);
    while (poll(wait, 2, -1) >= 0 || errno == EINTR) {
        char c;
        int failed = gl_interrupt_check(err);
        if (failed < 0)
            return failed;
        if (!wait[0].revents)
            continue;
        if (read(STDIN_FILENO, &c, 1) != 1)
            return gl_fail(err, GL_E_INTERRUPTED, _("nobody answered"));
        if (c == '\n') {
            *ret_line = gl_buf_steal(&line);
            return 0;
        }
        gl_buf_putc(&line, c);
    }
    return gl_fail_errno(err, errno, _("the terminal cannot be read"));
}
