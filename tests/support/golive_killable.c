/* golive that ends itself with SIGKILL at one point of a release, so that a test can walk all of
 * them.
 *
 *   GOLIVE_KILL=KIND:STEP[+MS]   KIND is a journal event ("step.begin", "step.done",
 * "release.begin", ...); with +MS so many milliseconds after it, that is inside the step
 *   GOLIVE_KILL_LIST=FILE        appends every point passed, one a line; nothing is killed */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/command.h"
#include "release/release.h"

static void kill_after(long ms)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    struct itimerspec when = {
        .it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 + 1}
    };
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0 ||
        timer_settime(timer, 0, &when, NULL) < 0)
        abort();
}

static void note(const char *kind, const char *step)
{
    const char *list = getenv("GOLIVE_KILL_LIST");
    FILE *file = list ? fopen(list, "ae") : NULL;
    if (!file)
        return;
    fprintf(file, "%s:%s\n", kind, step);
    fclose(file);
}

static void on_event(const char *kind, const char *step)
{
    const char *wanted = getenv("GOLIVE_KILL");
    char point[128];
    snprintf(point, sizeof point, "%s:%s", kind, step);
    note(kind, step);
    if (!wanted)
        return;
    size_t len = strcspn(wanted, "+");
    if (strlen(point) != len || strncmp(point, wanted, len) != 0)
        return;
    if (wanted[len] == '+')
        kill_after(strtol(wanted + len + 1, NULL, 10));
    else
        kill(getpid(), SIGKILL);
}

int main(int argc, char **argv)
{
    gl_release_journal_hook = on_event;
    return gl_main(argc, argv);
}
