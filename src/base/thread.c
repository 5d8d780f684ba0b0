/* Threads without signals. */
#include "base/thread.h"

#include <signal.h>

int gl_thread_start(pthread_t *ret_thread, const pthread_attr_t *attributes, void *(*work)(void *),
                    void *data)
{
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, attributes, work, data);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed == 0)
        *ret_thread = thread;
    return failed;
}
