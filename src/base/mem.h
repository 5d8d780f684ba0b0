/* Allocation that aborts when memory is exhausted, and the cleanup attributes that own it.
 *
 * golive may be ended at any instant; the ledger makes that safe. So nothing here returns NULL. */
#ifndef GL_BASE_MEM_H
#define GL_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#define gl_printf(fmt, first) __attribute__((format(printf, fmt, first)))
#define gl_nodiscard          __attribute__((warn_unused_result))
/* A variable that exists only for its destructor is used by that. */
#define gl_cleanup(function)  __attribute__((cleanup(function), unused))

/* size bytes, zeroed. Free with free(). Never NULL. */
void *gl_alloc(size_t size) __attribute__((malloc, returns_nonnull));

/* Resizes `data` to count * size bytes; aborts on overflow. New bytes are not zeroed. */
void *gl_realloc_array(void *data, size_t count, size_t size) __attribute__((returns_nonnull));

/* Copies of strings; gl_strdup(NULL) is NULL. */
char *gl_strdup(const char *text);
char *gl_strndup(const char *text, size_t len) __attribute__((returns_nonnull));

/* printf into a new string owned by the caller. */
char *gl_asprintf(const char *fmt, ...) gl_printf(1, 2) __attribute__((returns_nonnull));
char *gl_vasprintf(const char *fmt, va_list args) gl_printf(1, 0) __attribute__((returns_nonnull));

/* Overwrites `size` bytes in a way the compiler may not remove; for secrets. NULL-safe. */
void gl_wipe(void *data, size_t size);

/* Destructors for gl_cleanup(); each takes a pointer to the variable and is safe on its empty
 * value. */
void gl_free_ptr(void *pointer_to_pointer);
void gl_close_fd(int *fd);

#define gl_autofree  gl_cleanup(gl_free_ptr)
#define gl_autoclose gl_cleanup(gl_close_fd)

/* Hands ownership over: yields the value and leaves NULL behind. */
#define gl_steal(pointer_to_pointer)                                                               \
    __extension__({                                                                                \
        __auto_type gl_stolen_ = *(pointer_to_pointer);                                            \
        *(pointer_to_pointer) = NULL;                                                              \
        gl_stolen_;                                                                                \
    })

/* The same for descriptors: yields the number and leaves -1 behind. */
static inline int gl_steal_fd(int *fd)
{
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

#define GL_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
