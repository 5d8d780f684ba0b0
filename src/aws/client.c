/* Many calls on one thread: start, drive, wait, finish. */
#include "aws/client.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/client_internal.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"

enum {
    DEFAULT_ATTEMPTS = 6,
    DEFAULT_PARALLEL = 16,
    DEFAULT_CONNECT_TIMEOUT_MS = 10000,
    DEFAULT_TIMEOUT_MS = 60000,
    DEFAULT_LONGEST_PAUSE_MS = 20000,
    LONGEST_POLL_MS = 1000,
    SETTLE_MS = 15000,
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* AWS_MAX_ATTEMPTS, or max_attempts of the profile. */
static int read_attempts(const struct gl_aws_profile *profile, unsigned *ret_attempts,
                         struct gl_error *err)
{
    const char *text = getenv("AWS_MAX_ATTEMPTS");
    if (!text || !*text)
        text = gl_aws_profile_get(profile, "max_attempts");
    if (!text || !*text) {
        *ret_attempts = DEFAULT_ATTEMPTS;
        return 0;
    }
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (*end || value < 1 || value > 100)
        return gl_fail(err, GL_E_CONFIG, _("AWS_MAX_ATTEMPTS is `%s`, not a number from 1 to 100"),
                       text);
    *ret_attempts = (unsigned)value;
    return 0;
}

static int read_ca_bundle(struct gl_aws_client *client, struct gl_error *err)
{
    const char *path = getenv("AWS_CA_BUNDLE");
    if (!path || !*path)
        path = gl_aws_profile_get(client->options.profile, "ca_bundle");
    if (!path || !*path)
        return 0;
    if (access(path, R_OK) < 0) {
        gl_fail_errno(err, errno, _("cannot read the certificates in %s"), path);
        return gl_error_hint(err, _("AWS_CA_BUNDLE or ca_bundle of the profile names it."));
    }
    client->ca_bundle = gl_strdup(path);
    return 0;
}

static void fill_in(struct gl_aws_client_options *options)
{
    if (!options->max_parallel)
        options->max_parallel = DEFAULT_PARALLEL;
    if (!options->connect_timeout_ms)
        options->connect_timeout_ms = DEFAULT_CONNECT_TIMEOUT_MS;
    if (!options->timeout_ms)
        options->timeout_ms = DEFAULT_TIMEOUT_MS;
    if (!options->longest_pause_ms)
        options->longest_pause_ms = DEFAULT_LONGEST_PAUSE_MS;
}

int gl_aws_client_new(const struct gl_aws_client_options *options,
                      struct gl_aws_client **ret_client, struct gl_error *err)
{
    pthread_once(&curl_once, curl_init);
    gl_autoawsclient struct gl_aws_client *client = gl_alloc(sizeof *client);
    client->options = *options;
    client->region = gl_strdup(options->region);
    gl_aws_budget_init(&client->budget);
    fill_in(&client->options);
    int result = options->max_attempts
                     ? 0
                     : read_attempts(options->profile, &client->options.max_attempts, err);
    if (result == 0)
        result = read_ca_bundle(client, err);
    if (result < 0)
        return result;
    client->multi = curl_multi_init();
    if (!client->multi)
        return gl_fail(err, GL_E_NET, _("libcurl could not be started"));
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)client->options.max_parallel);
    *ret_client = gl_steal(&client);
    return 0;
}

/* Frees a call that is in no list any more. */
static void release(struct gl_aws_pending *pending)
{
    gl_aws_transfer_end(pending);
    gl_aws_message_done(&pending->message);
    gl_http_response_done(&pending->response);
    gl_aws_failure_done(&pending->failure);
    gl_error_done(&pending->error);
    json_decref(pending->result);
    free(pending->body_path);
    free(pending->url);
    free(pending->signing_region);
    free(pending);
}

void gl_aws_client_free(struct gl_aws_client **client_pointer)
{
    struct gl_aws_client *client = gl_steal(client_pointer);
    if (!client)
        return;
    while (client->calls) {
        struct gl_aws_pending *pending = client->calls;
        client->calls = pending->next;
        release(pending);
    }
    if (client->multi)
        curl_multi_cleanup(client->multi);
    while (client->rates) {
        struct gl_aws_rate_row *row = client->rates;
        client->rates = row->next;
        free(row->name);
        free(row);
    }
    gl_aws_failure_done(&client->last_failure);
    gl_aws_signing_key_done(&client->signing_key);
    free(client->ca_bundle);
    free(client->region);
    free(client);
}

struct gl_aws_rate *gl_aws_client_rate(struct gl_aws_client *client, const char *name)
{
    for (struct gl_aws_rate_row *row = client->rates; row; row = row->next) {
        if (strcmp(row->name, name) == 0)
            return &row->rate;
    }
    struct gl_aws_rate_row *row = gl_alloc(sizeof *row);
    row->name = gl_strdup(name);
    row->next = client->rates;
    client->rates = row;
    return &row->rate;
}

struct gl_aws_pending *gl_aws_start(struct gl_aws_client *client,
                                    const struct gl_aws_request *request)
{
    struct gl_aws_pending *pending = gl_alloc(sizeof *pending);
    gl_autoerr struct gl_error err = {0};
    pending->client = client;
    struct gl_aws_pending **last = &client->calls;
    while (*last)
        last = &(*last)->next;
    *last = pending;
    if (gl_aws_pending_prepare(pending, request, &err) < 0)
        gl_aws_pending_fail(pending, &err);
    return pending;
}

void gl_aws_pending_tag(struct gl_aws_pending *pending, void *tag)
{
    pending->tag = tag;
}

void *gl_aws_pending_get_tag(const struct gl_aws_pending *pending)
{
    return pending->tag;
}

void gl_aws_pending_free(struct gl_aws_pending **pending_pointer)
{
    struct gl_aws_pending *pending = gl_steal(pending_pointer);
    if (!pending)
        return;
    struct gl_aws_pending **link = &pending->client->calls;
    while (*link && *link != pending)
        link = &(*link)->next;
    if (*link)
        *link = pending->next;
    release(pending);
}

static bool has_free_place(const struct gl_aws_client *client)
{
    return client->sent_count < client->options.max_parallel;
}

/* Sends what is due; returns how long the next one has to wait. */
static int64_t send_due(struct gl_aws_client *client, int64_t now_ms)
{
    int64_t wait_ms = LONGEST_POLL_MS;
    for (struct gl_aws_pending *call = client->calls; call; call = call->next) {
        if (call->state == GL_AWS_WAITING && call->due_ms <= now_ms && has_free_place(client))
            gl_aws_attempt_begin(call, now_ms);
        if (call->state == GL_AWS_WAITING && has_free_place(client) &&
            call->due_ms - now_ms < wait_ms)
            wait_ms = call->due_ms - now_ms;
    }
    return wait_ms < 0 ? 0 : wait_ms;
}

/* Judges what has come back; true if anything had. */
static bool judge_done(struct gl_aws_client *client, int64_t now_ms)
{
    bool any = false;
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left)) != NULL;) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result; /* the message is gone with its handle */
        char *private = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        gl_aws_attempt_judge((struct gl_aws_pending *)(void *)private, code, now_ms);
        any = true;
    }
    return any;
}

static int check_interrupt(const struct gl_aws_client *client, struct gl_error *err)
{
    return client->options.ignore_interrupts ? 0 : gl_interrupt_check(err);
}

static bool any_change_sent(const struct gl_aws_client *client)
{
    for (const struct gl_aws_pending *call = client->calls; call; call = call->next) {
        if (call->state == GL_AWS_SENT && call->operation->kind != GL_AWS_READ)
            return true;
    }
    return false;
}

void gl_aws_settle(struct gl_aws_client *client)
{
    int running = 0;
    int64_t until_ms = gl_mono_ms() + SETTLE_MS;
    while (any_change_sent(client) && gl_mono_ms() < until_ms) {
        curl_multi_perform(client->multi, &running);
        if (!judge_done(client, gl_mono_ms()))
            curl_multi_poll(client->multi, NULL, 0, LONGEST_POLL_MS, NULL);
    }
}

/* One turn: sends, transfers, judges, and then waits for something to happen, at most `most_ms`. */
static void drive(struct gl_aws_client *client, int64_t most_ms)
{
    int running = 0;
    uint64_t ended_before = client->ended_count;
    int64_t wait_ms = send_due(client, gl_mono_ms());
    curl_multi_perform(client->multi, &running);
    if (judge_done(client, gl_mono_ms()) || client->ended_count != ended_before)
        return;
    if (most_ms >= 0 && most_ms < wait_ms)
        wait_ms = most_ms;
    int signal_fd = client->options.ignore_interrupts ? -1 : gl_interrupt_fd();
    struct curl_waitfd wake = {.fd = signal_fd, .events = CURL_WAIT_POLLIN};
    curl_multi_poll(client->multi, wake.fd >= 0 ? &wake : NULL, wake.fd >= 0 ? 1 : 0, (int)wait_ms,
                    NULL);
}

/* The call that ended first of those nobody was told about. */
static struct gl_aws_pending *oldest_unreported(const struct gl_aws_client *client)
{
    struct gl_aws_pending *oldest = NULL;
    for (struct gl_aws_pending *call = client->calls; call; call = call->next) {
        if (call->state == GL_AWS_ENDED && !call->reported &&
            (!oldest || call->ended < oldest->ended))
            oldest = call;
    }
    return oldest;
}

static bool any_running(const struct gl_aws_client *client)
{
    for (const struct gl_aws_pending *call = client->calls; call; call = call->next) {
        if (call->state != GL_AWS_ENDED)
            return true;
    }
    return false;
}

int gl_aws_wait_any(struct gl_aws_client *client, int64_t timeout_ms,
                    struct gl_aws_pending **ret_pending, struct gl_error *err)
{
    int64_t until_ms = gl_mono_ms() + timeout_ms;
    for (;;) {
        struct gl_aws_pending *ended = oldest_unreported(client);
        if (ended || !any_running(client)) {
            if (ended)
                ended->reported = true;
            *ret_pending = ended;
            return 0;
        }
        int result = check_interrupt(client, err);
        if (result < 0)
            return result;
        int64_t left_ms = timeout_ms < 0 ? -1 : until_ms - gl_mono_ms();
        if (timeout_ms >= 0 && left_ms <= 0)
            return gl_fail(err, GL_E_TIMEOUT, _("AWS has not answered yet"));
        drive(client, left_ms);
    }
}

int gl_aws_wait_all(struct gl_aws_client *client, struct gl_error *err)
{
    while (any_running(client)) {
        int result = check_interrupt(client, err);
        if (result < 0)
            return result;
        drive(client, -1);
    }
    return 0;
}

/* Whether the call ended all the same. */
static bool settle_one(struct gl_aws_pending *pending)
{
    if (pending->state == GL_AWS_SENT && pending->operation->kind != GL_AWS_READ)
        gl_aws_settle(pending->client);
    return pending->state == GL_AWS_ENDED;
}

int gl_aws_finish(struct gl_aws_pending **pending_pointer, struct gl_aws_answer *answer,
                  struct gl_error *err)
{
    gl_autopending struct gl_aws_pending *pending = gl_steal(pending_pointer);
    struct gl_aws_client *client = pending->client;
    while (pending->state != GL_AWS_ENDED) {
        int result = check_interrupt(client, err);
        if (result == 0)
            drive(client, -1);
        else if (!settle_one(pending))
            return result;
        else
            gl_error_done(err);
    }
    gl_aws_answer_done(answer);
    answer->attempts = pending->attempts;
    answer->server_unix_ms = gl_aws_server_unix_ms(&pending->response);
    answer->result = gl_steal(&pending->result);
    gl_aws_failure_done(&client->last_failure);
    gl_aws_failure_copy(&pending->failure, &client->last_failure);
    answer->failure = pending->failure;
    pending->failure = (struct gl_aws_failure){0};
    if (pending->code < 0) {
        int code = pending->code;
        if (err)
            gl_error_move(err, &pending->error);
        return code;
    }
    answer->body = pending->response.body;
    pending->response.body = (struct gl_buf){0};
    return 0;
}

int gl_aws_call(struct gl_aws_client *client, const struct gl_aws_request *request,
                struct gl_aws_answer *answer, struct gl_error *err)
{
    struct gl_aws_pending *pending = gl_aws_start(client, request);
    return gl_aws_finish(&pending, answer, err);
}

int gl_aws_ask(struct gl_aws_client *client, const char *service, const char *operation,
               json_t *params, json_t **ret_result, struct gl_error *err)
{
    gl_autojson json_t *owned = params;
    gl_autoanswer struct gl_aws_answer answer = {0};
    struct gl_aws_request request = {.service = service, .operation = operation, .params = owned};
    int result = gl_aws_call(client, &request, &answer, err);
    if (result == 0)
        *ret_result = gl_steal(&answer.result);
    return result;
}

const struct gl_aws_failure *gl_aws_last_failure(const struct gl_aws_client *client)
{
    return &client->last_failure;
}

void gl_aws_answer_done(struct gl_aws_answer *answer)
{
    json_decref(answer->result);
    gl_buf_done(&answer->body);
    gl_aws_failure_done(&answer->failure);
    *answer = (struct gl_aws_answer){0};
}
