/* libcurl's multi interface on our epoll loop (curl_multi_socket_action). */
#include <errno.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "rehearse/load_engine.h"

void gl_load_watch(const struct gl_load_engine *engine, int fd, uint32_t events, uint64_t value)
{
    struct epoll_event event = {.events = events, .data.u64 = value};
    if (!events) {
        /* Closing a descriptor removes it too: then it is gone already. */
        (void)epoll_ctl(engine->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        return;
    }
    if (epoll_ctl(engine->epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0 && errno == ENOENT)
        (void)epoll_ctl(engine->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *unused)
{
    static const uint32_t events[] = {
        [CURL_POLL_IN] = EPOLLIN,
        [CURL_POLL_OUT] = EPOLLOUT,
        [CURL_POLL_INOUT] = EPOLLIN | EPOLLOUT,
        [CURL_POLL_REMOVE] = 0,
    };
    (void)easy, (void)unused;
    struct gl_load_multi *multi = context;
    gl_load_watch(multi->engine, fd, events[what], GL_LOAD_EVENT(multi->index, fd));
    return 0;
}

static int on_timer(CURLM *curlm, long timeout_ms, void *context)
{
    (void)curlm;
    struct gl_load_multi *multi = context;
    if (timeout_ms > 0)
        multi->deadline_us = gl_mono_us() + timeout_ms * 1000;
    else
        multi->deadline_us = timeout_ms < 0 ? GL_LOAD_NEVER : 0; /* 0: in this very round */
    return 0;
}

int gl_load_multi_init(struct gl_load_multi *multi, struct gl_load_engine *engine,
                       struct gl_error *err)
{
    multi->engine = engine;
    multi->deadline_us = GL_LOAD_NEVER;
    multi->curlm = curl_multi_init();
    if (!multi->curlm)
        return gl_fail(err, GL_E_NET, _("libcurl could not be started"));
    curl_multi_setopt(multi->curlm, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi->curlm, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi->curlm, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi->curlm, CURLMOPT_TIMERDATA, multi);
    engine->multis = gl_realloc_array(engine->multis, engine->multi_count + 1, sizeof(void *));
    multi->index = (uint32_t)engine->multi_count;
    engine->multis[engine->multi_count++] = multi;
    return 0;
}

void gl_load_multi_done(struct gl_load_multi *multi)
{
    if (multi->curlm)
        curl_multi_cleanup(multi->curlm);
    multi->curlm = NULL;
}

void gl_load_multi_event(struct gl_load_multi *multi, int fd, uint32_t events)
{
    int ready = (events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    int running = 0;
    (void)curl_multi_socket_action(multi->curlm, fd, ready, &running);
    multi->touched = true;
}

void gl_load_multi_timer(struct gl_load_multi *multi, int64_t now_us)
{
    int running = 0;
    if (now_us < multi->deadline_us)
        return;
    multi->deadline_us = GL_LOAD_NEVER; /* libcurl sets the next one, if any, from within */
    (void)curl_multi_socket_action(multi->curlm, CURL_SOCKET_TIMEOUT, 0, &running);
    multi->touched = true;
}

void gl_load_multi_collect(struct gl_load_multi *multi)
{
    if (!multi->touched)
        return;
    multi->touched = false;
    int left = 0;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(multi->curlm, &left))) {
        void *transfer = NULL;
        CURLcode code = message->data.result; /* the message dies with the next call */
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        multi->on_done(transfer, code);
    }
}

void gl_load_set_common(const struct gl_load_engine *engine, CURL *easy)
{
    const struct gl_load_plan *plan = engine->plan;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_RESOLVE, plan->resolve);
    if (plan->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, plan->ca_file);
    /* With a directory libcurl would read the authorities anew for every connection. */
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 16384L);
}
