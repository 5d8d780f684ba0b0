/* Standard output and its reader, who may leave before the end. */
#include <poll.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cmd/command.h"

/* A pipe or socket without a reader says so by itself; a file, a terminal or a full disk do not. */
bool gl_reader_is_gone(FILE *out)
{
    struct pollfd writer = {.fd = fileno(out), .events = POLLOUT};
    return writer.fd >= 0 && poll(&writer, 1, 0) > 0 && (writer.revents & (POLLERR | POLLHUP)) != 0;
}

int gl_reader_end(FILE *out, struct gl_error *err)
{
    bool whole = fflush(out) == 0 && !ferror(out);
    if (whole || gl_reader_is_gone(out))
        return 0;
    gl_fail(err, GL_E_IO, _("standard output cannot be written"));
    return gl_error_hint(err, _("Is the disk full? What was to be done is done."));
}
