/* What the parts of the load generator share: one thread, one epoll loop. */
#ifndef GL_REHEARSE_LOAD_ENGINE_H
#define GL_REHEARSE_LOAD_ENGINE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"
#include "rehearse/load.h"
#include "rehearse/load_plan.h"

struct gl_load_engine;
struct gl_load_pool;
struct gl_load_ws_client;
struct gl_load_report;

/* What epoll tells: the upper 32 bits of epoll_event.data.u64 say whose event it is (a multi's
 * index, or one of these), the lower 32 bits which descriptor or WebSocket client. */
enum {
    GL_LOAD_EVENT_WEBSOCKET = 0x40000000,
    GL_LOAD_EVENT_STDIN,
    GL_LOAD_EVENT_SIGNAL,
};

#define GL_LOAD_EVENT(whose, which) ((uint64_t)(whose) << 32 | (uint32_t)(which))

#define GL_LOAD_NEVER INT64_MAX

/* A libcurl multi handle driven by our epoll; each has its own connections. */
struct gl_load_multi {
    struct gl_load_engine *engine;
    CURLM *curlm;
    uint32_t index;
    int64_t deadline_us; /* when libcurl wants to be called; GL_LOAD_NEVER = not by time */
    bool touched;        /* transfers may have ended */
    void (*on_done)(void *transfer, CURLcode code); /* transfer: its CURLOPT_PRIVATE */
};

/* A request that is due and waits for a free connection. */
struct gl_load_due {
    int64_t due_us;
    struct gl_load_target *target;
};

/* All clients of one kind, with the arrivals that wait for one of them (a ring). */
struct gl_load_group {
    struct gl_load_engine *engine;
    enum gl_load_client client;
    struct gl_load_pool *pools;
    size_t pool_count;
    size_t next_pool; /* round robin, so that every connection is used */
    size_t free_slots;
    int64_t freed_us; /* when a connection last became free */
    struct gl_load_due *queue;
    size_t queue_size, queue_first, queue_len;
};

struct gl_load_engine {
    struct gl_load_plan *plan;
    int epoll_fd;
    struct gl_load_multi **multis;
    size_t multi_count;
    struct gl_load_group groups[GL_LOAD_CLIENTS];
    struct gl_load_multi ws_multi;
    struct gl_load_ws_client *ws_clients;
    size_t ws_count;
    int64_t ws_due_us; /* the earliest moment at which a WebSocket client has something to do */
    uint64_t arrivals; /* requests that became due so far */
    int64_t started_us;
    int64_t late_us; /* when this program last came too late to what was due; 0 = never */
    bool stopping;
    int64_t stop_by_us; /* when waiting for answers ends; only while stopping */
    struct gl_load_report *report;
    struct gl_load_counts counts;
};

/* ---- load_multi.c ------------------------------------------------------------------------------
 */

gl_nodiscard int gl_load_multi_init(struct gl_load_multi *multi, struct gl_load_engine *engine,
                                    struct gl_error *err);
void gl_load_multi_done(struct gl_load_multi *multi);
/* Something happened on a descriptor (EPOLL* bits), or the time came. */
void gl_load_multi_event(struct gl_load_multi *multi, int fd, uint32_t events);
void gl_load_multi_timer(struct gl_load_multi *multi, int64_t now_us);
/* Calls on_done for every transfer that ended. */
void gl_load_multi_collect(struct gl_load_multi *multi);
/* Adds, changes or (events 0) removes a descriptor; `value` comes back in epoll_event.data.u64. */
void gl_load_watch(const struct gl_load_engine *engine, int fd, uint32_t events, uint64_t value);
/* Options all connections share: addresses, authorities, no proxy, no signals. */
void gl_load_set_common(const struct gl_load_engine *engine, CURL *easy);

/* ---- load_http.c -------------------------------------------------------------------------------
 */

gl_nodiscard int gl_load_http_init(struct gl_load_engine *engine, struct gl_error *err);
void gl_load_http_done(struct gl_load_engine *engine);
/* Sends or queues the requests that are due; returns when the next one is. */
int64_t gl_load_http_arrivals(struct gl_load_engine *engine, int64_t now_us);
/* Sends what waits as far as connections are free; counts what waited too long as lost. */
void gl_load_http_advance(struct gl_load_engine *engine, int64_t now_us);
/* What is due but waits for a connection is not sent any more and counts as unsent. */
void gl_load_http_drop_queue(struct gl_load_engine *engine);
/* Counts every request that still has no answer as lost. */
void gl_load_http_abort(struct gl_load_engine *engine);
/* When the oldest request that has no answer yet was sent; 0 = all have theirs. */
int64_t gl_load_http_oldest_us(const struct gl_load_engine *engine);
/* True while a request has no answer or waits. */
bool gl_load_http_busy(const struct gl_load_engine *engine);

/* ---- load_ws.c ---------------------------------------------------------------------------------
 */

gl_nodiscard int gl_load_ws_init(struct gl_load_engine *engine, struct gl_error *err);
void gl_load_ws_done(struct gl_load_engine *engine);
void gl_load_ws_event(struct gl_load_engine *engine, size_t index, uint32_t events);
/* Pings, time-outs, reconnects; returns when the next of them is due. */
int64_t gl_load_ws_timers(struct gl_load_engine *engine, int64_t now_us);
/* Says goodbye with Close 1000 on every open one. */
void gl_load_ws_stop(struct gl_load_engine *engine);
/* True while a WebSocket is not closed yet. */
bool gl_load_ws_busy(const struct gl_load_engine *engine);

/* ---- load_report.c -----------------------------------------------------------------------------
 */

struct gl_load_report *gl_load_report_new(FILE *out);
void gl_load_report_free(struct gl_load_report **report);
/* Writes a line if one is due; returns when the next one is. */
int64_t gl_load_report_tick(struct gl_load_engine *engine, int64_t now_us);
gl_nodiscard int gl_load_report_final(struct gl_load_engine *engine, struct gl_error *err);
/* An answer's latency from due and from sent. */
void gl_load_report_latency(struct gl_load_engine *engine, int64_t latency_us, int64_t service_us);

/* ---- load_counts.c -----------------------------------------------------------------------------
 */

void gl_load_tally_add(struct gl_load_tallies *tallies, const char *name, uint64_t count);
/* Counts the problem's tally and keeps it if it is among the first; `key` names its kind. */
void gl_load_problem_add(struct gl_load_counts *counts, const char *key,
                         const struct gl_load_problem *problem);
/* Copies text into a fixed array, cut at its size. */
void gl_load_copy(char *into, size_t size, const char *text);
/* The same for what a server says: everything but printable ASCII becomes '?'. */
void gl_load_copy_foreign(char *into, size_t size, const char *text, size_t len);

/* The counts as a JSON object with the problems from number `first_problem` on, and back: counts
 * replace those of `counts`, problems are added. The caller owns the line's text. */
char *gl_load_counts_write(const struct gl_load_counts *counts, size_t first_problem);
gl_nodiscard int gl_load_counts_read(const char *line, struct gl_load_counts *counts,
                                     struct gl_error *err);

#endif
