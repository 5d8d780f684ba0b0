/* Room-internal: one client of the replayed traffic, a thread with a connection of its own. */
#ifndef GL_TRACE_CLIENT_H
#define GL_TRACE_CLIENT_H

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/histogram.h"
#include "base/strv.h"

enum gl_traffic_phase {
    GL_TRAFFIC_BEFORE, /* what the application feels without the migrations */
    GL_TRAFFIC_DURING,
    GL_TRAFFIC_AFTER, /* answers that are still awaited count, new questions are not asked */
};

/* What all clients share. */
struct gl_traffic_plan {
    const char *conninfo;
    struct gl_strv units; /* a statement, or BEGIN; ...; COMMIT, sent as one */
    _Atomic int64_t
        *before_us; /* of each unit the longest answer in that phase, over all clients */
    _Atomic int64_t *during_us;
    atomic_int phase;
};

struct gl_traffic_client {
    struct gl_traffic_plan *plan;
    size_t number;
    PGconn *conn;
    pthread_t thread;
    bool running;
    atomic_bool ended;
    atomic_bool cancelled; /* by golive: what then fails is no error of the application's */
    struct gl_histogram before;
    struct gl_histogram during;
    _Atomic uint64_t answers; /* before the end, with and without an error */
    _Atomic uint64_t errors;
    uint64_t refused; /* of those in `during` */
    char *first_error;
};

/* Adds the units of a text: statements, and transactions from BEGIN to their end. */
void gl_traffic_split(const char *text, size_t len, struct gl_strv *units);

/* Reads a file of queries: statements that end with `;`. GL_E_CONFIG without any. */
gl_nodiscard int gl_traffic_read(const char *path, struct gl_strv *ret_units, struct gl_error *err);

/* Connects and starts asking. */
gl_nodiscard int gl_traffic_client_start(struct gl_traffic_client *client, struct gl_error *err);

/* Waits for its end, which the plan's phase brings about; what it then still asks is cancelled.
 * NULL-safe on one that was never started. */
void gl_traffic_client_stop(struct gl_traffic_client *client);

#endif
