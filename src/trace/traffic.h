/* Queries of an application, replayed by several clients while migrations run: what a person would
 * have felt. */
#ifndef GL_TRACE_TRAFFIC_H
#define GL_TRACE_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct gl_trace_traffic {
    bool measured;
    size_t clients;
    uint64_t queries;  /* answered while the migrations ran */
    uint64_t errors;   /* answers with an error, also in the time before */
    uint64_t refused;  /* of `queries` with an error */
    char *first_error; /* NULL if there was none */
    int64_t before_us; /* longest answer in the time before */
    int64_t before_p99_us;
    int64_t longest_us;      /* longest answer while the migrations ran */
    int64_t stall_us;        /* by how much one took longer than the same query ever did before */
    char *stalled_query;     /* which one that was; NULL if none took longer */
    int64_t migration_us;    /* how long the migrations took beside the clients */
    size_t lock_retries;     /* attempts that gave way after lock_timeout */
    struct gl_error problem; /* the migrations failed beside the clients */
};

/* How many clients one run takes. */
enum { GL_TRAFFIC_CLIENTS_MAX = 32 };

/* Whether not one query was answered without an error while the migrations ran. */
bool gl_trace_traffic_is_broken(const struct gl_trace_traffic *traffic);

void gl_trace_traffic_done(struct gl_trace_traffic *traffic);

#endif
