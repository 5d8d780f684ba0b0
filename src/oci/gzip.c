/* Parallel gzip: the input is cut into chunks of a fixed size, each compressed on its own with the
 * 32 KiB before it as dictionary. The cuts depend on the input only, so the bytes do too. */
#include "oci/gzip.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/thread.h"
#include "oci/digest.h"

enum {
    CHUNK_BYTES = 256 << 10,
    WINDOW_BYTES = 32 << 10,
    MAX_WORKERS = 8,
    MAX_SLOTS = 2 * MAX_WORKERS,
    LEVEL = 5, /* machine code: 0.7 % larger than 6, in two thirds of its time (bench/oci) */
};

struct slot {
    bool pressed;      /* compressed, waits for its turn to be written */
    unsigned char *in; /* the window before the chunk, then the chunk */
    size_t window_len;
    size_t len;
    unsigned char *out;
    size_t out_len;
    uLong crc;
    bool last;
};

struct gl_gzip {
    int fd;
    struct gl_hasher hasher;
    struct slot slots[MAX_SLOTS];
    size_t slot_count;
    size_t filling;  /* number of chunks handed over so far */
    size_t pressing; /* number of chunks workers have taken so far */
    size_t writing;  /* number of chunks written so far */
    uLong crc;
    uint64_t input_bytes;
    pthread_t workers[MAX_WORKERS];
    unsigned worker_count;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool stop;
};

static struct slot *slot_at(struct gl_gzip *gzip, size_t number)
{
    return &gzip->slots[number % gzip->slot_count];
}

/* Only wrong arguments or memory can make zlib fail here: both are ours, so abort. */
static void press(struct slot *slot)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    if (slot->window_len && deflateSetDictionary(&stream, slot->in, (uInt)slot->window_len) != Z_OK)
        abort();
    size_t room = deflateBound(&stream, CHUNK_BYTES) + 64; /* 64: the flush marker */
    if (!slot->out)
        slot->out = gl_alloc(room);
    stream.next_in = slot->in + slot->window_len;
    stream.avail_in = (uInt)slot->len;
    stream.next_out = slot->out;
    stream.avail_out = (uInt)room;
    int status = deflate(&stream, slot->last ? Z_FINISH : Z_SYNC_FLUSH);
    if (status != (slot->last ? Z_STREAM_END : Z_OK) || stream.avail_in || !stream.avail_out)
        abort();
    slot->out_len = room - stream.avail_out;
    slot->crc = crc32(0, slot->in + slot->window_len, (uInt)slot->len);
    deflateEnd(&stream);
}

static void *work(void *context)
{
    struct gl_gzip *gzip = context;
    pthread_mutex_lock(&gzip->mutex);
    while (!gzip->stop) {
        if (gzip->pressing == gzip->filling) {
            pthread_cond_wait(&gzip->changed, &gzip->mutex);
            continue;
        }
        struct slot *slot = slot_at(gzip, gzip->pressing++);
        pthread_mutex_unlock(&gzip->mutex);
        press(slot);
        pthread_mutex_lock(&gzip->mutex);
        slot->pressed = true;
        pthread_cond_broadcast(&gzip->changed);
    }
    pthread_mutex_unlock(&gzip->mutex);
    return NULL;
}

struct gl_gzip *gl_gzip_new(int fd, unsigned workers)
{
    struct gl_gzip *gzip = gl_alloc(sizeof *gzip);
    gzip->fd = fd;
    gl_hasher_init(&gzip->hasher);
    pthread_mutex_init(&gzip->mutex, NULL);
    pthread_cond_init(&gzip->changed, NULL);
    workers = workers < MAX_WORKERS ? workers : MAX_WORKERS;
    gzip->slot_count = workers ? 2 * (size_t)workers : 2;
    for (size_t i = 0; i < gzip->slot_count; i++)
        gzip->slots[i].in = gl_alloc(WINDOW_BYTES + CHUNK_BYTES);
    while (gzip->worker_count < workers &&
           gl_thread_start(&gzip->workers[gzip->worker_count], NULL, work, gzip) == 0)
        gzip->worker_count++;
    return gzip;
}

void gl_gzip_free(struct gl_gzip *gzip)
{
    if (!gzip)
        return;
    pthread_mutex_lock(&gzip->mutex);
    gzip->stop = true;
    pthread_cond_broadcast(&gzip->changed);
    pthread_mutex_unlock(&gzip->mutex);
    for (unsigned i = 0; i < gzip->worker_count; i++)
        pthread_join(gzip->workers[i], NULL);
    for (size_t i = 0; i < gzip->slot_count; i++) {
        free(gzip->slots[i].in);
        free(gzip->slots[i].out);
    }
    pthread_cond_destroy(&gzip->changed);
    pthread_mutex_destroy(&gzip->mutex);
    gl_hasher_done(&gzip->hasher);
    free(gzip);
}

static int put(struct gl_gzip *gzip, const void *data, size_t len, struct gl_error *err)
{
    if (gl_write_all(gzip->fd, data, len) < 0)
        return gl_fail_errno(err, errno, _("cannot write the compressed layer"));
    gl_hasher_add(&gzip->hasher, data, len);
    return 0;
}

/* No name and no time; "unknown" as operating system, as the content does not depend on it. */
static int put_header(struct gl_gzip *gzip, struct gl_error *err)
{
    static const unsigned char header[10] = {0x1f, 0x8b, Z_DEFLATED, 0, 0, 0, 0, 0, 0, 0xff};
    return put(gzip, header, sizeof header, err);
}

static int put_trailer(struct gl_gzip *gzip, struct gl_error *err)
{
    unsigned char trailer[8];
    for (size_t i = 0; i < 4; i++) {
        trailer[i] = (unsigned char)(gzip->crc >> 8 * i);
        trailer[4 + i] = (unsigned char)(gzip->input_bytes >> 8 * i);
    }
    return put(gzip, trailer, sizeof trailer, err);
}

/* Waits for the oldest chunk and writes it. */
static int write_oldest(struct gl_gzip *gzip, struct gl_error *err)
{
    struct slot *slot = slot_at(gzip, gzip->writing);
    pthread_mutex_lock(&gzip->mutex);
    while (!slot->pressed)
        pthread_cond_wait(&gzip->changed, &gzip->mutex);
    pthread_mutex_unlock(&gzip->mutex);
    int result = gzip->writing == 0 ? put_header(gzip, err) : 0;
    if (result == 0)
        result = put(gzip, slot->out, slot->out_len, err);
    gzip->crc = crc32_combine(gzip->crc, slot->crc, (z_off_t)slot->len);
    gzip->writing++;
    slot->pressed = false;
    slot->len = 0;
    return result;
}

/* Gives the slot being filled to a worker and prepares the next with the window that precedes it.
 */
static int hand_over(struct gl_gzip *gzip, bool last, struct gl_error *err)
{
    struct slot *slot = slot_at(gzip, gzip->filling);
    slot->last = last;
    gzip->input_bytes += slot->len;
    pthread_mutex_lock(&gzip->mutex);
    gzip->filling++;
    pthread_cond_broadcast(&gzip->changed);
    pthread_mutex_unlock(&gzip->mutex);
    if (!gzip->worker_count) {
        press(slot);
        slot->pressed = true;
    }
    if (last)
        return 0;
    if (gzip->filling - gzip->writing == gzip->slot_count) {
        int result = write_oldest(gzip, err);
        if (result < 0)
            return result;
    }
    struct slot *next = slot_at(gzip, gzip->filling);
    memcpy(next->in, slot->in + slot->window_len + slot->len - WINDOW_BYTES, WINDOW_BYTES);
    next->window_len = WINDOW_BYTES;
    return 0;
}

int gl_gzip_write(struct gl_gzip *gzip, const void *data, size_t len, struct gl_error *err)
{
    const char *at = data;
    while (len) {
        struct slot *slot = slot_at(gzip, gzip->filling);
        /* A full chunk is handed over only when more follows: so the last one is known as last. */
        if (slot->len == CHUNK_BYTES) {
            int result = hand_over(gzip, false, err);
            if (result < 0)
                return result;
            continue;
        }
        size_t room = CHUNK_BYTES - slot->len;
        size_t part = len < room ? len : room;
        memcpy(slot->in + slot->window_len + slot->len, at, part);
        slot->len += part;
        at += part;
        len -= part;
    }
    return 0;
}

int gl_gzip_finish(struct gl_gzip *gzip, char ret_digest[GL_DIGEST_SIZE], uint64_t *ret_size_bytes,
                   struct gl_error *err)
{
    int result = hand_over(gzip, true, err);
    while (result == 0 && gzip->writing < gzip->filling)
        result = write_oldest(gzip, err);
    if (result == 0)
        result = put_trailer(gzip, err);
    if (result < 0)
        return result;
    *ret_size_bytes = gzip->hasher.bytes;
    gl_hasher_digest(&gzip->hasher, ret_digest);
    return 0;
}
