/* The load generator: requests at a constant rate and WebSocket clients against a running edge,
 * in a process of its own, so that what the rehearsal does meanwhile never disturbs the measuring.
 *
 * Open loop: request number n is due at start + n / rps whether or not earlier ones were answered,
 * and its latency counts from that moment; so a server that stalls cannot hide it (no coordinated
 * omission).
 *
 * The plan is one JSON object:
 *
 *   duration_ms   0 = until SIGTERM
 *   timeout_ms    of one request; default 10,000
 *   shed_after_ms a request that waited so long for a free connection is not sent. It counts as
 *                 lost if no connection at all became free meanwhile, which is a server that
 *                 stalls; else, and where this program itself was held up, as unsent: this machine
 *                 cannot make the load asked for. Default 0: it waits for timeout_ms and is lost
 *   rps           requests per second of all targets together
 *   resolve       ["HOST:PORT:ADDRESS", ...] connect there instead of asking DNS
 *   ca_file       PEM that replaces the system's authorities
 *   clients       shares of the arrivals; default keep_alive alone with 16 connections:
 *     keep_alive    {share, connections}            HTTP/1.1, that many clients of one connection
 *     fresh         {share, connections}            a new connection and TLS handshake a request,
 *                                                   at most that many at once
 *     h2            {share, connections, streams}   HTTP/2, each connection with so many streams
 *   targets       [{name, method, url, weight, headers, body, expect_status, expect_body,
 *                   idempotency, ack}]
 *     headers       ["Name: value", ...]
 *     body          "{uuid}" and "{n}" (number of the request in this run) are replaced
 *     expect_status [200, ...]; default any 2xx
 *     expect_body   text the first 64 KiB of the answer must contain
 *     idempotency   true adds "Idempotency-Key: UUID", which also makes the request repeatable
 *     ack           true: a 2xx answer acknowledges a write, counted in `acked`
 *   websockets    [{name, count, url, headers, hello, expect_ready, ping_interval_ms}]
 *     hello         text sent after the handshake
 *     expect_ready  part of the text that makes the client ready, within timeout_ms
 *
 * The child writes one JSON object a line: every 200 ms the counts since the start, latencies of
 * the last second, and the problems not yet written; at the end one with "final": true and the
 * latencies of the whole run. */
#ifndef GL_REHEARSE_LOAD_H
#define GL_REHEARSE_LOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

enum {
    GL_LOAD_TARGETS_MAX = 32,
    GL_LOAD_TALLIES_MAX = 32,
    GL_LOAD_PROBLEMS_MAX = 50,
    GL_LOAD_NAME_SIZE = 64,
};

/* Microseconds; 0 while nothing was measured. */
struct gl_load_latency {
    int64_t p50_us;
    int64_t p95_us;
    int64_t p99_us;
    int64_t max_us;
};

/* How often a name was seen. The last entry of a full list is called "other". */
struct gl_load_tally {
    char name[GL_LOAD_NAME_SIZE];
    uint64_t count;
};

struct gl_load_tallies {
    size_t count;
    struct gl_load_tally items[GL_LOAD_TALLIES_MAX];
};

struct gl_load_target_counts {
    char name[GL_LOAD_NAME_SIZE];
    uint64_t ok;
    uint64_t wrong;
    uint64_t lost;
    uint64_t injected;
    uint64_t acked;
};

/* One request or WebSocket that did not get what it should. */
struct gl_load_problem {
    int64_t mono_ms;                 /* CLOCK_MONOTONIC, as gl_mono_ms() */
    char what[16];                   /* "lost", "wrong"; WebSocket: "cut", "refused" */
    char name[GL_LOAD_NAME_SIZE];    /* of the target or websocket */
    char client[16];                 /* "keep_alive", "fresh", "h2", "websocket" */
    char path[128];                  /* without the query, which may hold secrets */
    int status;                      /* HTTP status, Close code, or 0 */
    char release[GL_LOAD_NAME_SIZE]; /* the answer's x-release header, or "" */
    char reason[160];
};

/* WebSocket clients. `lost` = cut + refused. */
struct gl_load_ws_counts {
    uint64_t open;      /* now */
    uint64_t connected; /* handshakes that led to a ready client */
    uint64_t messages;
    uint64_t pings_sent;
    uint64_t pings_answered;   /* by the server */
    uint64_t reconnects_asked; /* Close frames that ask to come back: 1000, 1001, 1012, 1013, ... */
    uint64_t cut;              /* ended without such a frame, or silent for timeout_ms */
    uint64_t refused;          /* no connection, no 101, or not ready in time */
    uint64_t injected; /* refused by an answer with an x-golive-fault header: part of the test */
    uint64_t closed;   /* ended by us with 1000 and the server's Close in answer */
};

/* Counts since the start. Every request that was sent ends as exactly one of ok, wrong, lost and
 * injected: sent = ok + wrong + lost + injected + in_flight. */
struct gl_load_counts {
    int64_t mono_ms;          /* when this was true: CLOCK_MONOTONIC, as gl_mono_ms() */
    int64_t waiting_since_ms; /* when the oldest request without an answer was sent; 0 = none */
    bool final;
    uint64_t sent;
    uint64_t ok;
    uint64_t wrong;    /* another status or body than expected */
    uint64_t lost;     /* no answer: refused, reset, time-out, TLS, HTTP/2 stream error */
    uint64_t injected; /* answers with an x-golive-fault header: faults that are part of the test */
    uint64_t acked;    /* 2xx answers of targets with `ack`, whatever they count as otherwise */
    uint64_t retried_by_client; /* repeated after a kept connection was reset; the goal is 0 */
    uint64_t retried_refused;   /* repeated after REFUSED_STREAM or GOAWAY: never processed, safe */
    uint64_t http2;             /* answers that came by HTTP/2 */
    uint64_t in_flight;         /* now */
    uint64_t queued;            /* due now, but no connection is free */
    uint64_t unsent;            /* were queued when a signal ended the run, or were shed */
    struct gl_load_latency latency; /* from the moment a request was due until its answer */
    struct gl_load_latency service; /* from the moment it was sent */
    struct gl_load_ws_counts ws;
    struct gl_load_tallies releases; /* answers by x-release header */
    struct gl_load_tallies reasons;  /* lost, wrong, cut and refused by reason */
    size_t target_count;
    struct gl_load_target_counts targets[GL_LOAD_TARGETS_MAX];
    size_t problem_count; /* those described; the first GL_LOAD_PROBLEMS_MAX of all */
    struct gl_load_problem problems[GL_LOAD_PROBLEMS_MAX];
};

/* ---- the child: golive load --plan FILE --------------------------------------------------------
 */

/* Reads the plan: a file, or "-" for the first line of standard input, so that a bearer token in
 * it never touches the disk. Refuses a file that others may read (GL_E_REFUSED). */
gl_nodiscard int gl_load_read_plan(const char *path, struct gl_buf *ret_plan, struct gl_error *err);

/* Runs the plan until its duration is over, a signal arrives (gl_interrupt_init() must have been
 * called) or standard input ends, which means that the parent is gone; then stops sending, waits
 * for all answers, at most 10 s, closes the WebSockets and writes the final line. GL_E_CONFIG: the
 * plan is wrong, nothing was sent. */
gl_nodiscard int gl_load_run(const char *plan_json, FILE *out, struct gl_error *err);

/* ---- the parent --------------------------------------------------------------------------------
 */

struct gl_load;

/* Starts `golive_path load --plan -` and hands it the plan by a pipe. Ends with
 * gl_load_free(). */
gl_nodiscard int gl_load_start(const char *golive_path, const char *plan_json,
                               struct gl_load **ret_load, struct gl_error *err);

/* Takes the lines that are there, waiting at most `wait_ms` for the first. 1 = the counts are
 * new, 0 = nothing new; GL_E_PROCESS = the child ended without having been asked to. */
gl_nodiscard int gl_load_poll(struct gl_load *load, int64_t wait_ms, struct gl_error *err);

/* What is known so far; valid until the handle is freed, updated by poll and stop. */
const struct gl_load_counts *gl_load_counts(const struct gl_load *load);

/* Whether every request that was sent until `mono_ms` (as gl_mono_ms()) got its answer or was given
 * up, by what is known so far. Later ones may be under way. */
bool gl_load_settled(const struct gl_load *load, int64_t mono_ms);

/* The child's process id, to look at its memory; 0 once it ended. */
pid_t gl_load_pid(const struct gl_load *load);

/* SIGTERM, then waits for the final counts and reaps the child. GL_E_TIMEOUT after 30 s (it is
 * killed then), GL_E_PROCESS if it ended without final counts. A second call does nothing. */
gl_nodiscard int gl_load_stop(struct gl_load *load, struct gl_error *err);

/* Kills the child if it still runs. NULL-safe. */
void gl_load_free(struct gl_load **load);
#define gl_autoload gl_cleanup(gl_load_free)

#endif
