/* Signals become a flag and a byte in a pipe; nothing else happens inside the handler. */
#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/i18n.h"

/* Lock-free, so fit for handlers; threads look at it, too. */
static atomic_int signal_count;
static int wake_pipe[2] = {-1, -1};

static void on_signal(int number)
{
    (void)number;
    int saved = errno;
    signal_count++;
    (void)!write(wake_pipe[1], "!", 1);
    errno = saved;
}

void gl_interrupt_init(void)
{
    if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        wake_pipe[0] = wake_pipe[1] = -1;
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

bool gl_interrupted(void)
{
    return signal_count > 0;
}

int gl_interrupt_count(void)
{
    return signal_count;
}

int gl_interrupt_fd(void)
{
    return wake_pipe[0];
}

void gl_interrupt_clear(void)
{
    char bytes[64];
    while (wake_pipe[0] >= 0 && read(wake_pipe[0], bytes, sizeof bytes) > 0) {
    }
    signal_count = 0;
}

int gl_interrupt_check(struct gl_error *err)
{
    if (!gl_interrupted())
        return 0;
    return gl_fail(err, GL_E_INTERRUPTED, _("interrupted"));
}
