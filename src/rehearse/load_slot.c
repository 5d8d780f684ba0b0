/* One HTTP request: sent on a libcurl handle, judged by its answer. */
#include "rehearse/load_slot.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/i18n.h"

enum {
    ANSWER_KEEP_BYTES = 65536,
    REPEATS_MAX = 1, /* after a reset; refused streams are limited by libcurl itself */
};

static struct gl_load_counts *counts_of(const struct gl_load_slot *slot)
{
    return &slot->pool->group->engine->counts;
}

/* ---- callbacks of libcurl ----------------------------------------------------------------------
 */

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct gl_load_slot *slot = context;
    size_t len = size * count;
    if (slot->target->expect_body && slot->answer.len < ANSWER_KEEP_BYTES)
        gl_buf_add(&slot->answer, data, len);
    return len;
}

/* The value of a header line if it has that name, without the space around it; else NULL. */
static const char *header_value(const char *line, size_t len, const char *name, size_t *ret_len)
{
    size_t name_len = strlen(name);
    if (len <= name_len || line[name_len] != ':' || strncasecmp(line, name, name_len) != 0)
        return NULL;
    const char *value = line + name_len + 1;
    const char *end = line + len;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && strchr(" \t\r\n", end[-1]))
        end--;
    *ret_len = (size_t)(end - value);
    return value;
}

static void take_header(struct gl_load_slot *slot, const char *line, size_t len)
{
    size_t value_len = 0;
    if (header_value(line, len, "x-golive-fault", &value_len))
        slot->fault = true;
    const char *release = header_value(line, len, "x-release", &value_len);
    if (release)
        gl_load_copy_foreign(slot->release, sizeof slot->release, release, value_len);
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct gl_load_slot *slot = context;
    size_t len = size * count;
    if (len > 5 && strncmp(data, "HTTP/", 5) == 0) { /* the final answer after a 1xx */
        slot->fault = false;
        slot->release[0] = '\0';
    } else if (data[0] == 'x' || data[0] == 'X') {
        take_header(slot, data, len);
    }
    return len;
}

/* The number after `label` in a line that is not NUL-terminated; false if the label is not there.
 */
static bool number_after(const char *text, size_t len, const char *label, uint32_t *ret_number)
{
    const char *at = memmem(text, len, label, strlen(label));
    if (!at)
        return false;
    *ret_number = 0;
    for (at += strlen(label); at < text + len && *at >= '0' && *at <= '9'; at++)
        *ret_number = *ret_number * 10 + (uint32_t)(*at - '0');
    return true;
}

/* HTTP/2 only: which streams a server refused or left unprocessed (GOAWAY) libcurl tells nowhere
 * but in its diagnostics. */
static int on_diagnostics(CURL *easy, curl_infotype type, char *data, size_t size, void *context)
{
    (void)easy;
    struct gl_load_slot *slot = context;
    uint32_t number = 0;
    if (type != CURLINFO_TEXT)
        return 0;
    if (number_after(data, size, "Using Stream ID: ", &number)) {
        slot->stream = number;
        slot->goaways_before = slot->pool->goaways;
    } else if (number_after(data, size, ", last_stream=", &number)) {
        slot->pool->goaway_last = number;
        slot->pool->goaways++;
    } else if (number_after(data, size, "REFUSED_STREAM", &number)) {
        slot->refused_stream = true;
    }
    return 0;
}

/* RFC 9113 sections 6.8 and 8.7: the server promises that it did not process the last attempt. */
static bool was_unprocessed(struct gl_load_slot *slot)
{
    const struct gl_load_pool *pool = slot->pool;
    bool above_goaway =
        slot->stream && pool->goaways != slot->goaways_before && slot->stream > pool->goaway_last;
    bool refused = slot->refused_stream || above_goaway;
    slot->refused_stream = false;
    slot->stream = 0;
    return refused;
}

/* Called before each attempt. libcurl repeats a request by itself when a kept connection turns out
 * to be dead before the first byte of the answer, whatever the method; what RFC 9110 section 9.2.2
 * forbids to repeat ends here. */
static int on_attempt(void *context, char *ip, char *local_ip, int port, int local_port)
{
    (void)ip, (void)local_ip, (void)port, (void)local_port;
    struct gl_load_slot *slot = context;
    if (slot->attempts++ == 0)
        return CURL_PREREQFUNC_OK;
    slot->repeated = true;
    if (was_unprocessed(slot)) {
        slot->attempts--;
        counts_of(slot)->retried_refused++;
        return CURL_PREREQFUNC_OK;
    }
    if (!slot->target->repeatable || slot->attempts > 1 + REPEATS_MAX) {
        slot->not_repeated = true;
        return CURL_PREREQFUNC_ABORT;
    }
    counts_of(slot)->retried_by_client++;
    return CURL_PREREQFUNC_OK;
}

/* ---- setting up --------------------------------------------------------------------------------
 */

static void set_client(CURL *easy, enum gl_load_client client, struct gl_load_slot *slot)
{
    bool h2 = client == GL_LOAD_H2;
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     h2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    if (client == GL_LOAD_FRESH) {
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L); /* a full handshake each */
    }
    if (h2) {
        curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L); /* a stream, not a further connection */
        curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_diagnostics);
        curl_easy_setopt(easy, CURLOPT_DEBUGDATA, slot);
        curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    }
}

static void open_handle(struct gl_load_slot *slot)
{
    const struct gl_load_group *group = slot->pool->group;
    slot->easy = curl_easy_init();
    if (!slot->easy)
        abort(); /* memory: see base/mem.h */
    gl_load_set_common(group->engine, slot->easy);
    set_client(slot->easy, group->client, slot);
    curl_easy_setopt(slot->easy, CURLOPT_TIMEOUT_MS, (long)group->engine->plan->timeout_ms);
    curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(slot->easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(slot->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(slot->easy, CURLOPT_HEADERDATA, slot);
    curl_easy_setopt(slot->easy, CURLOPT_PREREQFUNCTION, on_attempt);
    curl_easy_setopt(slot->easy, CURLOPT_PREREQDATA, slot);
    curl_easy_setopt(slot->easy, CURLOPT_ERRORBUFFER, slot->detail);
    curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
}

void gl_load_slot_init(struct gl_load_slot *slot, struct gl_load_pool *pool)
{
    slot->pool = pool;
    open_handle(slot);
}

void gl_load_slot_done(struct gl_load_slot *slot)
{
    if (slot->easy && slot->target)
        curl_multi_remove_handle(slot->pool->multi.curlm, slot->easy);
    curl_easy_cleanup(slot->easy);
    gl_buf_done(&slot->body);
    gl_buf_done(&slot->answer);
}

/* ---- sending -----------------------------------------------------------------------------------
 */

static void expand(struct gl_buf *out, const char *text, const char *uuid, uint64_t number)
{
    out->len = 0;
    for (const char *brace; (brace = strchr(text, '{')); text = brace) {
        gl_buf_add(out, text, (size_t)(brace - text));
        if (gl_starts_with(brace, "{uuid}")) {
            gl_buf_puts(out, uuid);
            brace += sizeof "{uuid}" - 1;
        } else if (gl_starts_with(brace, "{n}")) {
            gl_buf_printf(out, "%" PRIu64, number);
            brace += sizeof "{n}" - 1;
        } else {
            gl_buf_putc(out, *brace++);
        }
    }
    gl_buf_puts(out, text);
}

static void set_request(struct gl_load_slot *slot)
{
    const struct gl_load_target *target = slot->target;
    bool head = strcmp(target->method, "HEAD") == 0;
    bool get = strcmp(target->method, "GET") == 0;
    char uuid[GL_LOAD_UUID_SIZE];
    gl_load_make_uuid(uuid);
    curl_easy_setopt(slot->easy, CURLOPT_URL, target->url);
    curl_easy_setopt(slot->easy, CURLOPT_HTTPGET, 1L); /* undoes what the last request set */
    curl_easy_setopt(slot->easy, CURLOPT_NOBODY, head ? 1L : 0L);
    if (target->body || !(head || get)) {
        expand(&slot->body, target->body ? target->body : "", uuid, counts_of(slot)->sent + 1);
        curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)slot->body.len);
        curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, gl_buf_text(&slot->body));
    }
    curl_easy_setopt(slot->easy, CURLOPT_CUSTOMREQUEST, head ? NULL : target->method);
    struct curl_slist *headers = target->headers;
    if (target->idempotency) {
        (void)snprintf(slot->key_text, sizeof slot->key_text, "Idempotency-Key: %s", uuid);
        slot->key_header = (struct curl_slist){slot->key_text, target->headers};
        headers = &slot->key_header;
    }
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, headers);
}

void gl_load_slot_start(struct gl_load_slot *slot, const struct gl_load_due *due, int64_t now_us)
{
    slot->target = due->target;
    slot->due_us = due->due_us;
    slot->sent_us = now_us;
    slot->attempts = 0;
    slot->stream = 0;
    slot->repeated = slot->refused_stream = slot->not_repeated = slot->fault = false;
    slot->release[0] = slot->detail[0] = '\0';
    slot->answer.len = 0;
    set_request(slot);
    counts_of(slot)->sent++;
    counts_of(slot)->in_flight++;
    curl_multi_add_handle(slot->pool->multi.curlm, slot->easy);
}

/* ---- judging -----------------------------------------------------------------------------------
 */

static bool status_expected(const struct gl_load_target *target, long status)
{
    if (!target->expect_status[0])
        return status >= 200 && status <= 299;
    for (const long *expected = target->expect_status; *expected; expected++) {
        if (*expected == status)
            return true;
    }
    return false;
}

static bool body_expected(const struct gl_load_slot *slot)
{
    const char *text = slot->target->expect_body;
    return !text ||
           (slot->answer.len && memmem(slot->answer.data, slot->answer.len, text, strlen(text)));
}

static struct gl_load_target_counts *target_counts(const struct gl_load_group *group,
                                                   const struct gl_load_target *target)
{
    return &group->engine->counts.targets[target - group->engine->plan->targets];
}

static void add_problem(const struct gl_load_group *group, const struct gl_load_target *target,
                        struct gl_load_problem *problem, const char *key)
{
    problem->mono_ms = gl_mono_ms();
    gl_load_copy(problem->name, sizeof problem->name, target->name);
    gl_load_copy(problem->client, sizeof problem->client, gl_load_client_names[group->client]);
    gl_load_copy(problem->path, sizeof problem->path, target->path);
    gl_load_problem_add(&group->engine->counts, key, problem);
}

static void count_lost(struct gl_load_slot *slot, CURLcode code)
{
    const struct gl_load_group *group = slot->pool->group;
    struct gl_load_problem problem = {.what = "lost"};
    const char *key = curl_easy_strerror(code);
    const char *detail = *slot->detail ? slot->detail : key;
    if (slot->not_repeated) {
        key = _("the connection was closed before the answer");
        detail = slot->target->repeatable ? _("the connection was closed before the answer, twice")
                                          : _("the connection was closed before the answer; such "
                                              "a request is not repeated");
    }
    gl_load_copy(problem.release, sizeof problem.release, slot->release);
    gl_load_copy(problem.reason, sizeof problem.reason, detail);
    group->engine->counts.lost++;
    target_counts(group, slot->target)->lost++;
    add_problem(group, slot->target, &problem, key);
}

static void count_wrong(struct gl_load_slot *slot, long status)
{
    const struct gl_load_group *group = slot->pool->group;
    struct gl_load_problem problem = {.what = "wrong", .status = (int)status};
    gl_autofree char *reason = status_expected(slot->target, status)
                                   ? gl_strdup(_("the answer lacks the expected text"))
                                   : gl_asprintf("HTTP %ld", status);
    gl_load_copy(problem.release, sizeof problem.release, slot->release);
    gl_load_copy(problem.reason, sizeof problem.reason, reason);
    group->engine->counts.wrong++;
    target_counts(group, slot->target)->wrong++;
    add_problem(group, slot->target, &problem, reason);
}

static void count_answer(struct gl_load_slot *slot, long status)
{
    struct gl_load_counts *counts = counts_of(slot);
    struct gl_load_target_counts *target = target_counts(slot->pool->group, slot->target);
    long version = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_HTTP_VERSION, &version);
    if (version == CURL_HTTP_VERSION_2_0)
        counts->http2++;
    if (slot->release[0])
        gl_load_tally_add(&counts->releases, slot->release, 1);
    if (slot->target->ack && status >= 200 && status <= 299) {
        counts->acked++;
        target->acked++;
    }
    int64_t now_us = gl_mono_us();
    gl_load_report_latency(slot->pool->group->engine, now_us - slot->due_us,
                           now_us - slot->sent_us);
}

void gl_load_slot_finish(struct gl_load_slot *slot, CURLcode code)
{
    struct gl_load_counts *counts = counts_of(slot);
    struct gl_load_target_counts *target = target_counts(slot->pool->group, slot->target);
    long status = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK)
        count_answer(slot, status);
    if (slot->fault) {
        counts->injected++;
        target->injected++;
    } else if (code != CURLE_OK) {
        count_lost(slot, code);
    } else if (!status_expected(slot->target, status) || !body_expected(slot)) {
        count_wrong(slot, status);
    } else {
        counts->ok++;
        target->ok++;
    }
    counts->in_flight--;
    curl_multi_remove_handle(slot->pool->multi.curlm, slot->easy);
    slot->target = NULL;
    if (slot->repeated) { /* libcurl 7.88 allows a handle five repetitions in its whole life */
        curl_easy_cleanup(slot->easy);
        open_handle(slot);
    }
}

void gl_load_give_up(struct gl_load_group *group, const struct gl_load_due *due, const char *reason)
{
    struct gl_load_problem problem = {.what = "lost"};
    gl_load_copy(problem.reason, sizeof problem.reason, reason);
    group->engine->counts.sent++;
    group->engine->counts.lost++;
    target_counts(group, due->target)->lost++;
    add_problem(group, due->target, &problem, reason);
}
