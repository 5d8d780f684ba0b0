/* Small messages posted side by side by libcurl's multi interface. */
#include "net/deliver.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"

enum { POLL_MS = 1000 };

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* One message on its way. */
struct sending {
    struct gl_delivery *delivery;
    CURL *curl; /* NULL = not sent now */
    struct curl_slist *headers;
    int64_t due_ms; /* when the next try begins; -1 = none does */
    char detail[CURL_ERROR_SIZE];
};

struct round {
    CURLM *multi;
    struct sending *items;
    size_t count;
    const struct gl_delivery_limits *limits;
};

void gl_delivery_done(struct gl_delivery *delivery)
{
    free(gl_steal(&delivery->problem));
}

/* ---- where a message may go --------------------------------------------------------------------
 */

static bool is_this_machine(const char *host)
{
    unsigned char address[4];
    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, host, address) == 1 && address[0] == 127;
}

static void free_curl_text(char **text)
{
    curl_free(*text);
}

static void free_parts(CURLU **parts)
{
    curl_url_cleanup(*parts);
}

char *gl_delivery_host(const char *url)
{
    gl_cleanup(free_parts) CURLU *parts = curl_url();
    gl_cleanup(free_curl_text) char *scheme = NULL;
    gl_cleanup(free_curl_text) char *host = NULL;
    gl_cleanup(free_curl_text) char *port = NULL;
    if (!parts || curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return NULL;
    bool safe =
        strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && is_this_machine(host));
    if (!safe)
        return NULL;
    bool has_port = curl_url_get(parts, CURLUPART_PORT, &port, 0) == CURLUE_OK;
    return has_port ? gl_asprintf("%s:%s", host, port) : gl_strdup(host);
}

static bool is_near(const char *url)
{
    gl_cleanup(free_parts) CURLU *parts = curl_url();
    gl_cleanup(free_curl_text) char *host = NULL;
    return parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
           curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK && is_this_machine(host);
}

/* ---- one try -----------------------------------------------------------------------------------
 */

/* What is answered says nothing that is needed. */
static size_t ignore(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    (void)context;
    return size * count;
}

static void set_options(const struct sending *sending, const struct gl_delivery_limits *limits)
{
    const struct gl_delivery *delivery = sending->delivery;
    CURL *curl = sending->curl;
    curl_easy_setopt(curl, CURLOPT_URL, delivery->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(delivery->body));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, delivery->body);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, sending->headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "golive/" GL_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    /* Who gives up waits for no thread that still resolves a name. */
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)limits->connect_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)limits->total_ms);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, sending->detail);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, sending);
    if (is_near(delivery->url))
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

static void give_up(struct sending *sending, char *problem)
{
    free(sending->delivery->problem);
    sending->delivery->problem = problem;
    sending->due_ms = -1;
}

static void begin_try(const struct round *round, struct sending *sending)
{
    sending->detail[0] = '\0';
    sending->curl = curl_easy_init();
    if (!sending->curl) {
        give_up(sending, gl_strdup(_("libcurl could not be started")));
        return;
    }
    set_options(sending, round->limits);
    CURLMcode code = curl_multi_add_handle(round->multi, sending->curl);
    if (code != CURLM_OK) {
        curl_easy_cleanup(gl_steal(&sending->curl));
        give_up(sending, gl_strdup(curl_multi_strerror(code)));
        return;
    }
    sending->delivery->tried++;
    sending->due_ms = -1;
}

static void end_try(const struct round *round, struct sending *sending)
{
    if (!sending->curl)
        return;
    curl_multi_remove_handle(round->multi, sending->curl);
    curl_easy_cleanup(gl_steal(&sending->curl));
}

/* True if nothing of the message can have arrived. */
static bool had_no_connection(CURL *curl, CURLcode code)
{
    curl_off_t sent_us = 0;
    curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &sent_us);
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_COULDNT_RESOLVE_PROXY || (code == CURLE_OPERATION_TIMEDOUT && !sent_us);
}

/* The caller owns the text. */
static char *problem_of(const struct round *round, const struct sending *sending, CURLcode code)
{
    long status = sending->delivery->status;
    if (code == CURLE_OPERATION_TIMEDOUT) {
        if (had_no_connection(sending->curl, code))
            return gl_asprintf(_("no connection within %lld ms"),
                               (long long)round->limits->connect_ms);
        return gl_asprintf(_("no answer within %lld ms"), (long long)round->limits->total_ms);
    }
    if (code != CURLE_OK)
        return gl_strdup(sending->detail[0] ? sending->detail : curl_easy_strerror(code));
    if (status >= 300 && status < 400)
        return gl_asprintf(_("it answered %ld, a redirect, which is not followed"), status);
    return gl_asprintf(_("it answered %ld"), status);
}

/* So that those who failed together do not come back together. */
static int64_t jittered(int64_t pause_ms)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random = (uint32_t)gl_mono_us();
    return pause_ms / 2 + (int64_t)(random % (uint64_t)(pause_ms / 2 + 1));
}

static void judge_try(const struct round *round, struct sending *sending, CURLcode code)
{
    struct gl_delivery *delivery = sending->delivery;
    const struct gl_delivery_limits *limits = round->limits;
    delivery->status = 0;
    if (code == CURLE_OK)
        curl_easy_getinfo(sending->curl, CURLINFO_RESPONSE_CODE, &delivery->status);
    delivery->delivered = delivery->status >= 200 && delivery->status < 300;
    if (delivery->delivered) {
        give_up(sending, NULL); /* what the try before had against it */
        return;
    }
    bool again = delivery->status == 429 || delivery->status >= 500 ||
                 had_no_connection(sending->curl, code);
    give_up(sending, problem_of(round, sending, code));
    if (again && delivery->tried < limits->tries)
        sending->due_ms = gl_mono_ms() + jittered(limits->pause_ms);
}

/* ---- all of them -------------------------------------------------------------------------------
 */

/* True if a try has ended. */
static bool collect(const struct round *round)
{
    bool ended = false;
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(round->multi, &left));) {
        struct sending *sending = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&sending);
        judge_try(round, sending, message->data.result);
        end_try(round, sending);
        ended = true;
    }
    return ended;
}

/* Begins what is due. How long until something else is: -1 = nothing is left to do. */
static int64_t begin_due(const struct round *round)
{
    int64_t wait_ms = -1;
    int64_t now_ms = gl_mono_ms();
    for (size_t i = 0; i < round->count; i++) {
        struct sending *sending = &round->items[i];
        if (sending->due_ms >= 0 && sending->due_ms <= now_ms)
            begin_try(round, sending);
        int64_t own_ms = sending->due_ms >= 0 ? sending->due_ms - now_ms : POLL_MS;
        bool open = sending->curl || sending->due_ms >= 0;
        if (open && (wait_ms < 0 || own_ms < wait_ms))
            wait_ms = own_ms;
    }
    return wait_ms;
}

/* Sends and listens until an answer comes, `wait_ms` are over or a signal arrives. */
static CURLMcode go_on(const struct round *round, int64_t wait_ms)
{
    int running = 0;
    struct curl_waitfd signal = {.fd = gl_interrupt_fd(), .events = CURL_WAIT_POLLIN};
    CURLMcode code = curl_multi_perform(round->multi, &running);
    if (collect(round) || code != CURLM_OK)
        return code;
    return curl_multi_poll(round->multi, &signal, signal.fd >= 0, (int)wait_ms, NULL);
}

/* Why what is still open then is given up; NULL = nothing is. libcurl keeps the limit of each try;
 * that of all together is there so that nothing hangs on it. */
static const char *run(const struct round *round)
{
    const struct gl_delivery_limits *limits = round->limits;
    int64_t until_ms =
        gl_mono_ms() + POLL_MS + limits->tries * (limits->total_ms + limits->pause_ms);
    CURLMcode code = CURLM_OK;
    while (code == CURLM_OK && !gl_interrupted()) {
        int64_t wait_ms = begin_due(round);
        int64_t left_ms = until_ms - gl_mono_ms();
        if (wait_ms < 0)
            return NULL;
        if (left_ms < 0)
            return _("no answer in time");
        code = go_on(round, wait_ms < left_ms ? wait_ms : left_ms + 1);
    }
    return code == CURLM_OK ? _("interrupted") : curl_multi_strerror(code);
}

static void end_all(const struct round *round, const char *why)
{
    for (size_t i = 0; i < round->count; i++) {
        struct sending *sending = &round->items[i];
        if (sending->curl || sending->due_ms >= 0)
            give_up(sending, gl_strdup(why));
        end_try(round, sending);
        curl_slist_free_all(gl_steal(&sending->headers));
    }
}

static bool add_header(struct sending *sending, const char *header)
{
    struct curl_slist *longer = curl_slist_append(sending->headers, header);
    if (longer)
        sending->headers = longer;
    return longer != NULL;
}

static struct sending sending_of(struct gl_delivery *delivery)
{
    struct sending sending = {.delivery = delivery};
    bool whole = add_header(&sending, "Expect:");
    for (const char *const *at = delivery->headers; at && *at && whole; at++)
        whole = add_header(&sending, *at);
    if (!whole)
        give_up(&sending, gl_strdup(_("there is no memory left")));
    return sending;
}

void gl_deliver(struct gl_delivery *deliveries, size_t count,
                const struct gl_delivery_limits *limits)
{
    pthread_once(&curl_once, curl_init);
    struct round round = {.multi = curl_multi_init(), .count = count, .limits = limits};
    round.items = gl_realloc_array(NULL, count + 1, sizeof *round.items);
    for (size_t i = 0; i < count; i++)
        round.items[i] = sending_of(&deliveries[i]);
    end_all(&round, round.multi ? run(&round) : _("libcurl could not be started"));
    curl_multi_cleanup(round.multi);
    free(round.items);
}
