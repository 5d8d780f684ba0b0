/* The child's lines: latencies of the last second in five windows, written without ever blocking
 * on a parent that is busy. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "base/i18n.h"
#include "rehearse/load_engine.h"

enum {
    TICK_US = 200000,
    WINDOWS = 5,
    PIPE_SAFE = 4096, /* poll() promises room for PIPE_BUF bytes */
};

struct measured {
    struct gl_histogram run;
    struct gl_histogram windows[WINDOWS];
};

struct gl_load_report {
    FILE *out;
    int64_t next_tick_us;
    size_t window;
    struct measured latency;
    struct measured service;
    struct gl_buf pending;    /* of the last line; nothing newer is written before it */
    size_t problems_reported; /* how many of counts.problems are in a line already */
    bool failed;
};

struct gl_load_report *gl_load_report_new(FILE *out)
{
    struct gl_load_report *report = gl_alloc(sizeof *report);
    report->out = out;
    return report;
}

void gl_load_report_free(struct gl_load_report **report_at)
{
    if (!*report_at)
        return;
    gl_buf_done(&(*report_at)->pending);
    free(*report_at);
    *report_at = NULL;
}

static void measure(struct measured *measured, size_t window, int64_t value_us)
{
    gl_histogram_record(&measured->run, value_us);
    gl_histogram_record(&measured->windows[window], value_us);
}

void gl_load_report_latency(struct gl_load_engine *engine, int64_t latency_us, int64_t service_us)
{
    struct gl_load_report *report = engine->report;
    measure(&report->latency, report->window, latency_us);
    measure(&report->service, report->window, service_us);
}

static struct gl_load_latency summary(const struct gl_histogram *histogram)
{
    return (struct gl_load_latency){
        .p50_us = gl_histogram_percentile(histogram, 50),
        .p95_us = gl_histogram_percentile(histogram, 95),
        .p99_us = gl_histogram_percentile(histogram, 99),
        .max_us = gl_histogram_percentile(histogram, 100),
    };
}

static struct gl_load_latency last_second(const struct measured *measured)
{
    struct gl_histogram all = measured->windows[0];
    for (size_t i = 1; i < WINDOWS; i++)
        gl_histogram_merge(&all, &measured->windows[i]);
    return summary(&all);
}

static bool has_room(FILE *out)
{
    struct pollfd poll_out = {.fd = fileno(out), .events = POLLOUT};
    if (poll_out.fd < 0) /* a stream in memory */
        return true;
    return poll(&poll_out, 1, 0) == 1 && poll_out.revents & POLLOUT;
}

/* Writes what is pending: all of it if `wait`, else as much as goes without blocking. */
static void flush_pending(struct gl_load_report *report, bool wait)
{
    struct gl_buf *pending = &report->pending;
    while (pending->len && !report->failed && (wait || has_room(report->out))) {
        size_t part = pending->len < PIPE_SAFE ? pending->len : PIPE_SAFE;
        size_t done = fwrite(pending->data, 1, part, report->out);
        report->failed = done != part || fflush(report->out) != 0;
        gl_buf_consume(pending, part);
    }
}

static void add_line(struct gl_load_engine *engine)
{
    struct gl_load_report *report = engine->report;
    engine->counts.mono_ms = gl_mono_ms();
    engine->counts.waiting_since_ms = gl_load_http_oldest_us(engine) / 1000;
    engine->counts.queued = 0;
    for (int i = 0; i < GL_LOAD_CLIENTS; i++)
        engine->counts.queued += engine->groups[i].queue_len;
    gl_autofree char *line = gl_load_counts_write(&engine->counts, report->problems_reported);
    report->problems_reported = engine->counts.problem_count;
    gl_buf_puts(&report->pending, line);
}

int64_t gl_load_report_tick(struct gl_load_engine *engine, int64_t now_us)
{
    struct gl_load_report *report = engine->report;
    if (!report->next_tick_us)
        report->next_tick_us = now_us + TICK_US;
    if (now_us < report->next_tick_us)
        return report->next_tick_us;
    report->next_tick_us += TICK_US;
    if (report->next_tick_us <= now_us) /* held up: no burst of lines afterwards */
        report->next_tick_us = now_us + TICK_US;
    flush_pending(report, false);
    if (!report->pending.len) {
        engine->counts.latency = last_second(&report->latency);
        engine->counts.service = last_second(&report->service);
        add_line(engine);
        flush_pending(report, false);
    }
    report->window = (report->window + 1) % WINDOWS;
    gl_histogram_clear(&report->latency.windows[report->window]);
    gl_histogram_clear(&report->service.windows[report->window]);
    return report->next_tick_us;
}

int gl_load_report_final(struct gl_load_engine *engine, struct gl_error *err)
{
    struct gl_load_report *report = engine->report;
    engine->counts.final = true;
    engine->counts.latency = summary(&report->latency.run);
    engine->counts.service = summary(&report->service.run);
    add_line(engine);
    flush_pending(report, true);
    if (report->failed)
        return gl_fail(err, GL_E_IO, _("the load generator's counts cannot be written"));
    return 0;
}
