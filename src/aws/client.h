/* Calls to AWS: signed, retried, many side by side on one thread.
 *
 *     struct gl_aws_client_options options = {.provider = provider, .region = "eu-west-3"};
 *     gl_autoawsclient struct gl_aws_client *client = NULL;
 *     result = gl_aws_client_new(&options, &client, err);
 *     ...
 *     json_t *params = json_pack("{ss}", "StackName", name);
 *     gl_autojson json_t *answer = NULL;
 *     result = gl_aws_ask(client, "cloudformation", "DescribeStacks", params, &answer, err);
 *
 * A call is tried again, after a growing and jittered pause, when AWS throttles, fails (5xx) or the
 * connection breaks; an operation that would take effect twice is not, once it may have been
 * carried out. Credentials that ran out are renewed once, a wrong clock is corrected once.
 *
 * A conditional write that was sent more than once (answer.attempts > 1) may be refused because of
 * its own first attempt: read before you conclude that it was somebody else's. */
#ifndef GL_AWS_CLIENT_H
#define GL_AWS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/codec.h"
#include "aws/credentials.h"
#include "aws/failure.h"
#include "aws/profile.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"

/* For one thread. */
struct gl_aws_client;

/* Everything is borrowed and must live as long as the client. Zero takes the default. */
struct gl_aws_client_options {
    struct gl_aws_provider *provider;
    const char *region;                   /* where a request does not say it */
    const struct gl_aws_profile *profile; /* endpoints, ca_bundle, max_attempts; NULL = none */
    unsigned max_attempts; /* first one included; 0 = AWS_MAX_ATTEMPTS, the profile's, else 6 */
    unsigned max_parallel; /* requests on the way at the same time; 0 = 16 */
    int64_t connect_timeout_ms; /* 0 = 10,000 */
    int64_t timeout_ms;         /* one attempt; 0 = 60,000 */
    int64_t pause_ms;           /* longest first pause; 0 = 100, or 1,000 when throttled. Doubles */
    int64_t longest_pause_ms;   /* 0 = 20,000 */
    bool ignore_interrupts;     /* a signal ends no call: for what must be written all the same */
};

/* GL_E_CONFIG if AWS_MAX_ATTEMPTS is no number or AWS_CA_BUNDLE cannot be read. */
gl_nodiscard int gl_aws_client_new(const struct gl_aws_client_options *options,
                                   struct gl_aws_client **ret_client, struct gl_error *err);

/* Ends the calls that are still running. NULL-safe. */
void gl_aws_client_free(struct gl_aws_client **client);
#define gl_autoawsclient gl_cleanup(gl_aws_client_free)

/* One call. Everything is copied but `body`, which must stay until the call is finished. */
struct gl_aws_request {
    const char *service;     /* botocore's name: "cloudformation", "elbv2" */
    const char *operation;   /* "DescribeStacks"; must be in src/aws/ops/SERVICE.c */
    const json_t *params;    /* names as in the API reference; NULL = none */
    const char *region;      /* NULL = the client's */
    const void *body;        /* PutObject: the object's content, or */
    size_t body_len;         /*   nothing of it in `params`, and */
    const char *body_path;   /*   a file that is streamed */
    const char *body_sha256; /* of the file, if it is known; AWS refuses a file that changed since.
                                NULL = the file is read once more for it */
    int64_t timeout_ms; /* all attempts and pauses together; 0 = only the attempts are limited */
    size_t limit_bytes; /* largest answer accepted; 0 = 64 MiB */
};

/* What came of a call. Zero-initialise. */
struct gl_aws_answer {
    json_t *result;                /* an object; NULL after a failure */
    struct gl_buf body;            /* GetObject: the object's content */
    struct gl_aws_failure failure; /* what AWS said if it refused; code is NULL if it did not */
    unsigned attempts;             /* requests sent */
    int64_t server_unix_ms;        /* AWS's clock at the last answer, full seconds; 0 = not told */
};

void gl_aws_answer_done(struct gl_aws_answer *answer);
#define gl_autoanswer gl_cleanup(gl_aws_answer_done)

/* Makes one call and waits for it. On failure answer->failure says what AWS said, if anything; the
 * error is GL_E_NOT_FOUND (a stack that is not there, too), GL_E_BUSY (it exists already, or a
 * condition failed), GL_E_CONFIG (keys, clock, region) or else GL_E_REFUSED for what AWS refuses;
 * GL_E_NET or GL_E_TIMEOUT for what may pass, GL_E_USAGE for a parameter or operation that is not
 * in the tables, GL_E_INTERRUPTED after a signal (until gl_interrupt_clear()). */
gl_nodiscard int gl_aws_call(struct gl_aws_client *client, const struct gl_aws_request *request,
                             struct gl_aws_answer *answer, struct gl_error *err);

/* The same for the most frequent case. Takes `params` (may be NULL); the caller owns the result. */
gl_nodiscard int gl_aws_ask(struct gl_aws_client *client, const char *service,
                            const char *operation, json_t *params, json_t **ret_result,
                            struct gl_error *err);

/* What AWS said to the last call that was finished on this client, in success (code NULL) or
 * failure. Belongs to the client until the next call. */
const struct gl_aws_failure *gl_aws_last_failure(const struct gl_aws_client *client);

/* A call on its way. */
struct gl_aws_pending;

/* Starts a call, which goes on whenever the client waits for any. Mistakes are reported by
 * gl_aws_finish(). The caller owns it. */
struct gl_aws_pending *gl_aws_start(struct gl_aws_client *client,
                                    const struct gl_aws_request *request);

/* A number or pointer of the caller's that belongs to the call. */
void gl_aws_pending_tag(struct gl_aws_pending *pending, void *tag);
void *gl_aws_pending_get_tag(const struct gl_aws_pending *pending);

/* Waits until some call has ended and names it, each once, in the order they ended; NULL when none
 * is left. A negative `timeout_ms` waits for ever; GL_E_TIMEOUT leaves all calls as they are, as
 * does GL_E_INTERRUPTED. */
gl_nodiscard int gl_aws_wait_any(struct gl_aws_client *client, int64_t timeout_ms,
                                 struct gl_aws_pending **ret_pending, struct gl_error *err);

/* Waits for all calls to end; their results are taken by gl_aws_finish(). GL_E_INTERRUPTED. */
gl_nodiscard int gl_aws_wait_all(struct gl_aws_client *client, struct gl_error *err);

/* Waits for this call (the others go on meanwhile), gives its outcome as gl_aws_call() does, and
 * frees it. After a signal that is GL_E_INTERRUPTED, but a request that may change something and is
 * on its way already is waited for (gl_aws_settle), and then its outcome is what counts. */
gl_nodiscard int gl_aws_finish(struct gl_aws_pending **pending, struct gl_aws_answer *answer,
                               struct gl_error *err);

/* Waits, whatever signals come, until no request that may change something is on its way: who goes
 * on after a Ctrl-C (to undo, to give a lease back) must not be overtaken by it. Nothing more is
 * sent meanwhile. A request without an answer for 15 s is cut: AWS carries out none that it has not
 * got as a whole, and rarely begins so late. */
void gl_aws_settle(struct gl_aws_client *client);

/* Ends a call without waiting; AWS may still carry it out. NULL-safe. */
void gl_aws_pending_free(struct gl_aws_pending **pending);
#define gl_autopending gl_cleanup(gl_aws_pending_free)

#endif
