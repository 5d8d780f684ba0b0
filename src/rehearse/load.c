/* The child's loop: one thread waits for sockets, the clock, a signal and the parent's end. */
#include "rehearse/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "rehearse/load_engine.h"

enum {
    EVENTS = 64,
    LAST_ANSWERS_US = 10000000,
    LATE_US = 100000, /* so late a turn of the loop is this machine's fault, not the server's */
    PLAN_LIMIT = 1 << 20,
};

/* ---- the plan ----------------------------------------------------------------------------------
 */

/* Nothing follows the line, so that reading in blocks takes nothing from anybody. */
static int read_line(int fd, struct gl_buf *line, struct gl_error *err)
{
    while (!line->len || !memchr(line->data, '\n', line->len)) {
        char chunk[16384];
        ssize_t count = read(fd, chunk, sizeof chunk);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return gl_fail_errno(err, errno, _("the load plan cannot be read"));
        if (count == 0)
            return gl_fail(err, GL_E_CONFIG, _("the load plan ends before its first line does"));
        gl_buf_add(line, chunk, (size_t)count);
        if (line->len > PLAN_LIMIT)
            return gl_fail(err, GL_E_CONFIG, _("the load plan is larger than 1 MiB"));
    }
    return 0;
}

int gl_load_read_plan(const char *path, struct gl_buf *ret_plan, struct gl_error *err)
{
    gl_autobuf struct gl_buf plan = {0};
    struct stat st;
    int failed = 0;
    if (strcmp(path, "-") == 0) {
        failed = read_line(STDIN_FILENO, &plan, err);
    } else if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 077) {
        gl_fail(err, GL_E_REFUSED, _("%s may hold a token, but others can read it"), path);
        return gl_error_hint(err, _("chmod 600 %s"), path);
    } else {
        failed = gl_read_file(path, PLAN_LIMIT, &plan, err);
    }
    if (failed < 0)
        return failed;
    *ret_plan = plan;
    plan = (struct gl_buf){0};
    return 0;
}

/* ---- the loop ----------------------------------------------------------------------------------
 */

/* No further request becomes due; those that are still get their connection and their answer. */
static void finish(struct gl_load_engine *engine)
{
    if (engine->stopping)
        return;
    engine->stopping = true;
    engine->stop_by_us = gl_mono_us() + LAST_ANSWERS_US;
    gl_load_ws_stop(engine);
}

/* Somebody asked: nothing is sent any more, only answers are waited for. */
static void stop(struct gl_load_engine *engine)
{
    gl_load_http_drop_queue(engine);
    finish(engine);
}

/* The parent writes nothing after the plan: what arrives is the end of the pipe. */
static void on_stdin(struct gl_load_engine *engine)
{
    char bytes[256];
    ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
    if (count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN)))
        return;
    gl_load_watch(engine, STDIN_FILENO, 0, 0);
    stop(engine);
}

static void on_event(struct gl_load_engine *engine, const struct epoll_event *event)
{
    uint64_t whose = event->data.u64 >> 32;
    uint32_t which = (uint32_t)event->data.u64;
    switch (whose) {
    case GL_LOAD_EVENT_WEBSOCKET:
        gl_load_ws_event(engine, which, event->events);
        break;
    case GL_LOAD_EVENT_STDIN:
        on_stdin(engine);
        break;
    case GL_LOAD_EVENT_SIGNAL:
        gl_load_watch(engine, gl_interrupt_fd(), 0, 0);
        stop(engine);
        break;
    default:
        gl_load_multi_event(engine->multis[whose], (int)which, event->events);
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Does everything that is due; returns when something is due next. */
static int64_t advance(struct gl_load_engine *engine)
{
    int64_t now_us = gl_mono_us();
    int64_t duration_us = engine->plan->duration_ms * 1000;
    int64_t end_us = duration_us ? engine->started_us + duration_us : GL_LOAD_NEVER;
    int64_t next_us = engine->stopping ? engine->stop_by_us : end_us;
    int64_t arrival_us = gl_load_http_arrivals(engine, earlier(now_us, end_us - 1));
    next_us = earlier(next_us, arrival_us);
    next_us = earlier(next_us, gl_load_ws_timers(engine, now_us));
    for (size_t i = 0; i < engine->multi_count; i++) {
        gl_load_multi_timer(engine->multis[i], now_us);
        gl_load_multi_collect(engine->multis[i]);
    }
    gl_load_http_advance(engine, now_us);
    if (now_us >= end_us && arrival_us >= end_us)
        finish(engine);
    for (size_t i = 0; i < engine->multi_count; i++)
        next_us = earlier(next_us, engine->multis[i]->deadline_us);
    return earlier(next_us, gl_load_report_tick(engine, now_us));
}

static int wait_until(struct gl_load_engine *engine, int64_t until_us, struct gl_error *err)
{
    struct epoll_event events[EVENTS];
    int64_t left_us = until_us - gl_mono_us();
    if (left_us < 0)
        left_us = 0;
    struct timespec left = {.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000};
    int count = epoll_pwait2(engine->epoll_fd, events, EVENTS, &left, NULL);
    if (count < 0 && errno == ENOSYS) /* before Linux 5.11: whole milliseconds */
        count = epoll_wait(engine->epoll_fd, events, EVENTS, (int)((left_us + 999) / 1000));
    if (count < 0 && errno != EINTR)
        return gl_fail_errno(err, errno, _("the load generator cannot wait for its sockets"));
    for (int i = 0; i < count; i++)
        on_event(engine, &events[i]);
    return 0;
}

static int run(struct gl_load_engine *engine, struct gl_error *err)
{
    engine->started_us = gl_mono_us();
    for (int64_t next_us = engine->started_us;;) {
        int64_t now_us = gl_mono_us();
        if (now_us > next_us + LATE_US)
            engine->late_us = now_us;
        next_us = advance(engine);
        bool busy = gl_load_http_busy(engine) || gl_load_ws_busy(engine);
        if (engine->stopping && (!busy || gl_mono_us() >= engine->stop_by_us)) {
            gl_load_http_drop_queue(engine);
            gl_load_http_abort(engine);
            return gl_load_report_final(engine, err);
        }
        int failed = wait_until(engine, next_us, err);
        if (failed < 0)
            return failed;
    }
}

/* ---- set up ------------------------------------------------------------------------------------
 */

/* Every client needs a descriptor or two; the soft limit of 1024 is only a default. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int init(struct gl_load_engine *engine, struct gl_error *err)
{
    engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (engine->epoll_fd < 0)
        return gl_fail_errno(err, errno, _("the load generator cannot wait for its sockets"));
    /* A regular file or /dev/null cannot be waited for: then nobody's end is watched. */
    gl_load_watch(engine, STDIN_FILENO, EPOLLIN, GL_LOAD_EVENT(GL_LOAD_EVENT_STDIN, 0));
    if (gl_interrupt_fd() >= 0)
        gl_load_watch(engine, gl_interrupt_fd(), EPOLLIN, GL_LOAD_EVENT(GL_LOAD_EVENT_SIGNAL, 0));
    raise_descriptor_limit();
    int failed = gl_load_http_init(engine, err);
    return failed < 0 ? failed : gl_load_ws_init(engine, err);
}

static void engine_free(struct gl_load_engine **engine_at)
{
    struct gl_load_engine *engine = *engine_at;
    gl_load_http_done(engine);
    gl_load_ws_done(engine);
    gl_load_report_free(&engine->report);
    gl_load_plan_free(&engine->plan);
    gl_close_fd(&engine->epoll_fd);
    free(engine->multis);
    free(engine);
}

int gl_load_run(const char *plan_json, FILE *out, struct gl_error *err)
{
    gl_cleanup(engine_free) struct gl_load_engine *engine = gl_alloc(sizeof *engine);
    engine->epoll_fd = -1;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int failed = gl_load_plan_parse(plan_json, &engine->plan, err);
    if (failed < 0)
        return failed;
    engine->report = gl_load_report_new(out);
    failed = init(engine, err);
    return failed < 0 ? failed : run(engine, err);
}
