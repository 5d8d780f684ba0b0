/* Memory for SQLite: each thread keeps the small blocks that it is done with, by their size.
 *
 * Distributions build SQLite without look-aside memory (SQLITE_OMIT_LOOKASIDE), so that preparing
 * the rules of a check is some hundred thousand calls of malloc(). Small blocks are cut from slabs,
 * which are never given back: what one statement needed, the next one needs, too. */
#include "data/sqlite_memory.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNIT_BYTES = 16, /* sizes are multiples of it, and blocks are aligned to it */
    KEPT_BYTES_MAX = 1024,
    SIZE_COUNT = KEPT_BYTES_MAX / UNIT_BYTES + 1,
    SLAB_BYTES = 64 * 1024,
};

/* Before each block: how many bytes it has. */
struct head {
    _Alignas(UNIT_BYTES) size_t bytes;
};

struct spare {
    struct spare *next;
};

/* What a thread has at hand. */
struct kept {
    struct spare *spares[SIZE_COUNT]; /* by bytes / UNIT_BYTES */
    unsigned char *slab;              /* its rest, not yet cut */
    size_t slab_bytes;
    struct kept *next; /* of those that threads left */
    bool mine;         /* the end of the thread is seen to */
};

static _Thread_local struct kept kept;

/* ---- the end of a thread -----------------------------------------------------------------------
 */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool key_made;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept *left; /* by threads that are no more */

/* Without memory for the note the spares are lost; nobody else has them. */
static void leave(void *of_thread)
{
    struct kept *own = of_thread;
    struct kept *note = malloc(sizeof *note);
    if (note) {
        *note = *own;
        pthread_mutex_lock(&lock);
        note->next = left;
        left = note;
        pthread_mutex_unlock(&lock);
    }
    memset(own, 0, sizeof *own);
}

static void make_key(void)
{
    key_made = pthread_key_create(&key, leave) == 0;
}

/* A thread begins with what another one left. */
static void enter(void)
{
    pthread_once(&once, make_key);
    pthread_mutex_lock(&lock);
    struct kept *found = left;
    if (found) {
        left = found->next;
        kept = *found;
    }
    pthread_mutex_unlock(&lock);
    free(found);
    kept.mine = true;
    if (key_made)
        (void)pthread_setspecific(key, &kept);
}

/* ---- blocks ------------------------------------------------------------------------------------
 */

static struct head *head_of(void *data)
{
    return (struct head *)data - 1;
}

/* A block of malloc()'s, or one of those made another size; NULL: there is no memory for it. */
static void *great(struct head *old, size_t bytes)
{
    struct head *head = realloc(old, sizeof *head + bytes);
    if (!head)
        return NULL;
    head->bytes = bytes;
    return head + 1;
}

static void *cut(size_t bytes)
{
    size_t whole = sizeof(struct head) + bytes;
    if (kept.slab_bytes < whole) {
        unsigned char *slab = malloc(SLAB_BYTES);
        if (!slab)
            return NULL;
        kept.slab = slab;
        kept.slab_bytes = SLAB_BYTES;
    }
    struct head *head = (struct head *)(void *)kept.slab;
    head->bytes = bytes;
    kept.slab += whole;
    kept.slab_bytes -= whole;
    return head + 1;
}

static int round_up(int bytes)
{
    return (bytes + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_BYTES;
}

/* SQLite never asks for more than 2 GB. */
static void *take(int wanted)
{
    size_t bytes = (size_t)round_up(wanted);
    if (bytes > KEPT_BYTES_MAX)
        return great(NULL, bytes);
    if (!kept.mine)
        enter();
    struct spare **spares = &kept.spares[bytes / UNIT_BYTES];
    struct spare *spare = *spares;
    if (!spare)
        return cut(bytes);
    *spares = spare->next;
    return spare;
}

static void give(void *data)
{
    if (!kept.mine)
        enter();
    size_t bytes = head_of(data)->bytes;
    if (bytes > KEPT_BYTES_MAX) {
        free(head_of(data));
        return;
    }
    struct spare *spare = data;
    struct spare **spares = &kept.spares[bytes / UNIT_BYTES];
    spare->next = *spares;
    *spares = spare;
}

static int size_of(void *data)
{
    return data ? (int)head_of(data)->bytes : 0;
}

static void *change(void *data, int wanted)
{
    size_t had = head_of(data)->bytes;
    size_t bytes = (size_t)round_up(wanted);
    if (had > KEPT_BYTES_MAX && bytes > KEPT_BYTES_MAX)
        return great(head_of(data), bytes);
    if (bytes <= had && had <= KEPT_BYTES_MAX)
        return data;
    void *moved = take(wanted);
    if (moved) {
        memcpy(moved, data, had < bytes ? had : bytes);
        give(data);
    }
    return moved;
}

static int begin(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static void end(void *context)
{
    (void)context;
}

void gl_sqlite_memory(void)
{
    static const sqlite3_mem_methods methods = {take,     give,  change, size_of,
                                                round_up, begin, end,    NULL};
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
