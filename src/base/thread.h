/* Starting threads. */
#ifndef GL_BASE_THREAD_H
#define GL_BASE_THREAD_H

#include <pthread.h>

/* pthread_create() of a thread with all signals blocked: they belong to the main thread, whose
 * poll() and sleep they are to wake. `attributes` may be NULL. Returns 0, or what errno would be
 * (EAGAIN: the machine allows no more threads), with `ret_thread` untouched. */
int gl_thread_start(pthread_t *ret_thread, const pthread_attr_t *attributes, void *(*work)(void *),
                    void *data);

#endif
