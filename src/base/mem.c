/* Allocation that aborts when memory is exhausted. */
#include "base/mem.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SMALL_MAX = 1024 };

static _Noreturn void out_of_memory(void)
{
    static const char message[] =
        "golive: out of memory; the ledger is intact, run the command again\n";
    (void)!write(STDERR_FILENO, message, sizeof message - 1);
    abort();
}

void *gl_alloc(size_t size)
{
    /* calloc() does not take from what the thread has at hand, malloc() does. */
    void *data = size <= SMALL_MAX ? malloc(size ? size : 1) : calloc(1, size);
    if (!data)
        out_of_memory();
    if (size <= SMALL_MAX)
        memset(data, 0, size);
    return data;
}

void *gl_realloc_array(void *data, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        out_of_memory();
    size_t bytes = count * size;
    void *grown = realloc(data, bytes ? bytes : 1);
    if (!grown)
        out_of_memory();
    return grown;
}

char *gl_strndup(const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    if (!copy)
        out_of_memory();
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *gl_strdup(const char *text)
{
    return text ? gl_strndup(text, strlen(text)) : NULL;
}

char *gl_vasprintf(const char *fmt, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, fmt, args) < 0 || !text)
        out_of_memory();
    return text;
}

char *gl_asprintf(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = gl_vasprintf(fmt, args);
    va_end(args);
    return text;
}

void gl_wipe(void *data, size_t size)
{
    if (data)
        explicit_bzero(data, size);
}

void gl_free_ptr(void *pointer_to_pointer)
{
    void **pointer = pointer_to_pointer;
    free(*pointer);
}

void gl_close_fd(int *fd)
{
    int saved = errno;
    if (*fd >= 0)
        close(gl_steal_fd(fd));
    errno = saved;
}
