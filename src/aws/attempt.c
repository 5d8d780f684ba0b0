/* One attempt after the other: when to send, what an answer means, whether to send again. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "aws/client_internal.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"

enum {
    FIRST_PAUSE_MS = 100,
    FIRST_THROTTLED_PAUSE_MS = 1000,
    /* AWS tolerates 5 minutes (S3: 15); the SDKs correct from 4. */
    TOLERATED_SKEW_MS = 4 * 60 * 1000,
};

void gl_aws_pending_fail(struct gl_aws_pending *pending, struct gl_error *err)
{
    gl_error_move(&pending->error, err);
    pending->code = pending->error.code;
    pending->state = GL_AWS_ENDED;
    pending->ended = ++pending->client->ended_count;
}

static void succeed(struct gl_aws_pending *pending, json_t *result)
{
    pending->result = result;
    pending->state = GL_AWS_ENDED;
    pending->ended = ++pending->client->ended_count;
}

static bool is_late(const struct gl_aws_pending *pending, int64_t now_ms)
{
    return pending->deadline_ms && now_ms >= pending->deadline_ms;
}

static void time_out(struct gl_aws_pending *pending)
{
    gl_autoerr struct gl_error err = {0};
    gl_fail(&err, GL_E_TIMEOUT, _("%s %s: no result in time"), pending->service->name,
            pending->operation->name);
    if (pending->failure.code)
        gl_error_hint(&err, _("The last attempt failed with %s: %s"), pending->failure.code,
                      pending->failure.message);
    gl_aws_pending_fail(pending, &err);
}

void gl_aws_attempt_begin(struct gl_aws_pending *pending, int64_t now_ms)
{
    struct gl_aws_client *client = pending->client;
    if (is_late(pending, now_ms)) {
        time_out(pending);
        return;
    }
    double wait_s = gl_aws_rate_take(pending->rate, (double)now_ms / 1000);
    if (wait_s > 0) {
        pending->due_ms = now_ms + (int64_t)(wait_s * 1000) + 1;
        return;
    }
    gl_autoerr struct gl_error err = {0};
    const struct gl_aws_credentials *credentials = NULL;
    bool force = pending->failure.expired && pending->refreshed;
    int result = gl_aws_provider_get(client->options.provider, force, &credentials, &err);
    if (result == 0)
        result = gl_aws_transfer_begin(pending, credentials, &err);
    if (result < 0) {
        gl_aws_pending_fail(pending, &err);
        return;
    }
    pending->attempts++;
}

static double random_unit(void)
{
    uint32_t bits = 0;
    while (getrandom(&bits, sizeof bits, 0) != sizeof bits) {
    }
    return (double)bits / 4294967296.0;
}

int64_t gl_aws_server_unix_ms(const struct gl_http_response *response)
{
    const char *date = gl_http_header(response, "date");
    time_t seconds = date ? curl_getdate(date, NULL) : -1;
    return seconds > 0 ? (int64_t)seconds * 1000 : 0;
}

/* True if the clock explains the refusal; later requests are then signed for AWS's time. */
static bool correct_clock(struct gl_aws_pending *pending)
{
    int64_t theirs_ms = gl_aws_server_unix_ms(&pending->response);
    if (!pending->failure.skewed || pending->corrected || !theirs_ms)
        return false;
    int64_t skew_ms = theirs_ms - gl_now_unix_ms();
    if (llabs(skew_ms - pending->client->skew_ms) < TOLERATED_SKEW_MS)
        return false;
    gl_log(GL_LOG_WARN, _("this machine's clock differs from AWS's by %lld s; corrected for AWS"),
           (long long)(skew_ms / 1000));
    pending->client->skew_ms = skew_ms;
    pending->corrected = true;
    return true;
}

/* How long the service itself asks to wait; 0 if it does not. */
static int64_t asked_pause_ms(const struct gl_aws_pending *pending)
{
    const char *text = gl_http_header(&pending->response, "retry-after");
    char *end = NULL;
    long seconds = text ? strtol(text, &end, 10) : 0;
    if (!text || end == text || seconds < 0)
        return 0;
    int64_t longest_ms = pending->client->options.longest_pause_ms;
    return seconds > longest_ms / 1000 ? longest_ms : seconds * 1000;
}

static int64_t pause_ms(struct gl_aws_pending *pending)
{
    const struct gl_aws_client_options *options = &pending->client->options;
    int64_t first_ms = options->pause_ms            ? options->pause_ms
                       : pending->failure.throttled ? FIRST_THROTTLED_PAUSE_MS
                                                    : FIRST_PAUSE_MS;
    int64_t asked_ms = asked_pause_ms(pending);
    int64_t ours_ms =
        gl_aws_pause_ms(pending->retries + 1, first_ms, options->longest_pause_ms, random_unit());
    return asked_ms > ours_ms ? asked_ms : ours_ms;
}

/* Decides whether the call goes again, and when. */
static bool try_again(struct gl_aws_pending *pending, int64_t now_ms)
{
    const struct gl_aws_failure *failure = &pending->failure;
    if (pending->attempts >= pending->client->options.max_attempts || is_late(pending, now_ms))
        return false;
    pending->due_ms = now_ms;
    if (correct_clock(pending))
        return true;
    if (failure->expired && !pending->refreshed) {
        pending->refreshed = true;
        return true;
    }
    if (!failure->retryable || (failure->uncertain && !pending->repeatable))
        return false;
    int64_t due_ms = now_ms + pause_ms(pending);
    int cost = failure->http_status ? GL_AWS_RETRY_COST : GL_AWS_TIMEOUT_COST;
    if (is_late(pending, due_ms) || !gl_aws_budget_take(&pending->client->budget, cost))
        return false;
    pending->last_cost = cost;
    pending->retries++;
    pending->due_ms = due_ms;
    gl_log(GL_LOG_DEBUG, "aws: %s %s: %s, attempt %u again in %lld ms", pending->service->name,
           pending->operation->name, failure->code, pending->attempts,
           (long long)(pending->due_ms - now_ms));
    return true;
}

/* Goes again if that may help, else ends with `err`. */
static void settle(struct gl_aws_pending *pending, int64_t now_ms, struct gl_error *err)
{
    pending->uncertain = pending->uncertain || pending->failure.uncertain;
    pending->failure.uncertain = pending->uncertain;
    if (try_again(pending, now_ms)) {
        pending->state = GL_AWS_WAITING;
        return;
    }
    if (pending->failure.retryable && pending->failure.uncertain && !pending->repeatable)
        gl_error_hint(err,
                      _("It is not known whether AWS carried it out: look before you repeat it."));
    gl_aws_pending_fail(pending, err);
}

/* AWS is hardly ever away: it is this machine's network, or something that stands in for AWS. */
static void hint_at_network(const struct gl_aws_pending *pending, struct gl_error *err)
{
    const char *service = pending->service->name;
    if (gl_aws_endpoint_is_configured(service, pending->client->options.profile))
        gl_error_hint(err,
                      _("%s is what AWS_ENDPOINT_URL (or endpoint_url in the profile) names in "
                        "place of AWS: start what listens there, or unset it."),
                      pending->url);
    else
        gl_error_hint(err, _("Is this machine online? Names must be resolved, and port 443 be "
                             "open; a proxy is taken from HTTPS_PROXY. Then run it again."));
}

/* What libcurl's code means: may pass, and whether AWS may have got the request. */
static void judge_connection(struct gl_aws_pending *pending, CURLcode code, int64_t now_ms)
{
    gl_autoerr struct gl_error err = {0};
    const char *detail = *pending->detail ? pending->detail : curl_easy_strerror(code);
    bool certificate = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
                       code == CURLE_SSL_CERTPROBLEM;
    bool never_sent = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
                      code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_SSL_CONNECT_ERROR;
    gl_aws_failure_done(&pending->failure);
    pending->failure = (struct gl_aws_failure){
        .code = gl_strdup(code == CURLE_OPERATION_TIMEDOUT ? "RequestTimeout" : "ConnectionError"),
        .message = gl_strdup(detail),
        .retryable = !certificate && !pending->too_large,
        .uncertain = !never_sent && !certificate,
    };
    if (pending->too_large)
        gl_fail(&err, GL_E_NET, _("%s %s: the answer is larger than %zu bytes"),
                pending->service->name, pending->operation->name, pending->limit_bytes);
    else
        gl_fail(&err, code == CURLE_OPERATION_TIMEDOUT ? GL_E_TIMEOUT : GL_E_NET, "%s %s: %s",
                pending->service->name, pending->operation->name, detail);
    if (never_sent)
        hint_at_network(pending, &err);
    if (certificate)
        gl_error_hint(&err,
                      _("Behind a proxy that reads TLS, name its certificate in AWS_CA_BUNDLE."));
    settle(pending, now_ms, &err);
}

static bool is_streamed(const struct gl_aws_operation *operation)
{
    return operation->output && gl_starts_with(operation->output, "Body!");
}

/* S3 begins a long answer with 200 before it knows: a copy that then fails says so in the body.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
static bool has_error_inside(const struct gl_aws_pending *pending)
{
    const char *text = gl_buf_text(&pending->response.body);
    if (pending->service->protocol != GL_AWS_REST_XML || is_streamed(pending->operation))
        return false;
    text += strspn(text, " \t\r\n");
    if (gl_starts_with(text, "<?xml")) {
        text += strcspn(text, ">");
        text += strspn(text, "> \t\r\n");
    }
    return gl_starts_with(text, "<Error>");
}

static void judge_success(struct gl_aws_pending *pending, int64_t now_ms)
{
    gl_autoerr struct gl_error err = {0};
    json_t *result = NULL;
    gl_aws_failure_done(&pending->failure);
    if (gl_aws_decode(pending->service, pending->operation, &pending->response, &result, &err) ==
        0) {
        gl_aws_budget_return(&pending->client->budget, pending->last_cost ? pending->last_cost : 1);
        if (!is_streamed(pending->operation))
            gl_buf_done(&pending->response.body);
        succeed(pending, result);
        return;
    }
    /* Cut short on the way, or a proxy's page: another attempt may bring it whole. */
    pending->failure = (struct gl_aws_failure){
        .code = gl_strdup("InvalidResponse"),
        .message = gl_strdup(err.message),
        .http_status = pending->response.status,
        .retryable = true,
        .uncertain = true,
    };
    settle(pending, now_ms, &err);
}

/* The bucket and, behind a slash, the object; NULL for a call that is about neither. The caller
 * owns it. */
static char *thing_of(const struct gl_aws_pending *pending)
{
    const struct gl_aws_message *message = &pending->message;
    if (!message->bucket)
        return NULL;
    const char *path = message->path ? message->path : "";
    size_t len = strcspn(path, "?");
    return gl_asprintf("%s%.*s", message->bucket, len > 1 ? (int)len : 0, path);
}

void gl_aws_attempt_judge(struct gl_aws_pending *pending, CURLcode code, int64_t now_ms)
{
    curl_easy_getinfo(pending->curl, CURLINFO_RESPONSE_CODE, &pending->response.status);
    gl_aws_transfer_end(pending);
    if (code != CURLE_OK) {
        judge_connection(pending, code, now_ms);
        return;
    }
    double now_s = (double)now_ms / 1000;
    if (pending->response.status >= 200 && pending->response.status < 300 &&
        !has_error_inside(pending)) {
        gl_aws_rate_learn(pending->rate, false, now_s);
        judge_success(pending, now_ms);
        return;
    }
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *thing = thing_of(pending);
    gl_aws_failure_read(&pending->response, &pending->failure);
    gl_aws_failure_name_action(&pending->failure, pending->service, pending->operation, thing);
    gl_aws_rate_learn(pending->rate, pending->failure.throttled, now_s);
    gl_aws_failure_report(&pending->failure, pending->service, pending->operation, &err);
    settle(pending, now_ms, &err);
}
