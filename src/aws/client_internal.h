/* Inside the client: a call on its way, and what the client keeps. */
#ifndef GL_AWS_CLIENT_INTERNAL_H
#define GL_AWS_CLIENT_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>

#include "aws/client.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "base/hash.h"
#include "base/strv.h"

enum gl_aws_state {
    GL_AWS_WAITING, /* for its time (due_ms) or a free place */
    GL_AWS_SENT,    /* with libcurl */
    GL_AWS_ENDED,   /* outcome known */
};

struct gl_aws_pending {
    struct gl_aws_client *client;
    struct gl_aws_pending *next; /* in the client's list */
    void *tag;
    const struct gl_aws_service *service;
    const struct gl_aws_operation *operation;

    struct gl_aws_message message;
    const void *body; /* the message's own, or the caller's */
    size_t body_len;
    char *body_path;
    size_t limit_bytes;
    char payload_sha256[GL_SHA256_HEX_SIZE];
    char *url;
    char *signing_region;
    struct gl_aws_rate *rate;
    bool repeatable; /* sending it again can do no harm */

    enum gl_aws_state state;
    bool reported;       /* gl_aws_wait_any() named it */
    int64_t due_ms;      /* monotonic: when to send */
    int64_t deadline_ms; /* monotonic: when to give up; 0 = never */
    unsigned attempts;
    unsigned retries; /* that were paid for */
    int last_cost;
    bool uncertain; /* an attempt may have been carried out, whatever came of later ones */
    bool refreshed; /* credentials were renewed for it */
    bool corrected; /* the clock was corrected for it */
    uint64_t ended; /* position among the ended calls */

    CURL *curl; /* while SENT */
    struct curl_slist *header_list;
    FILE *file;
    char detail[CURL_ERROR_SIZE];
    bool too_large;
    struct gl_http_response response;

    json_t *result;
    struct gl_aws_failure failure;
    struct gl_error error;
    int code; /* 0 or error.code */
};

/* The rate of one service in one region. */
struct gl_aws_rate_row {
    struct gl_aws_rate_row *next;
    char *name; /* "SERVICE REGION": what AWS limits */
    struct gl_aws_rate rate;
};

struct gl_aws_client {
    struct gl_aws_client_options options; /* defaults filled in; `region` is ours */
    char *region;
    char *ca_bundle; /* NULL = the system's */
    CURLM *multi;
    struct gl_aws_pending *calls;
    unsigned sent_count;
    uint64_t ended_count;
    struct gl_aws_budget budget;
    struct gl_aws_rate_row *rates;
    int64_t skew_ms;                       /* AWS's clock minus ours */
    struct gl_aws_signing_key signing_key; /* of the last request */
    struct gl_aws_failure last_failure;
};

/* The one-time part of a call: look-ups, encoding, address, body digest. */
gl_nodiscard int gl_aws_pending_prepare(struct gl_aws_pending *pending,
                                        const struct gl_aws_request *request, struct gl_error *err);

/* Signs and gives one attempt to libcurl. */
gl_nodiscard int gl_aws_transfer_begin(struct gl_aws_pending *pending,
                                       const struct gl_aws_credentials *credentials,
                                       struct gl_error *err);

/* Takes the attempt from libcurl, whatever its state. */
void gl_aws_transfer_end(struct gl_aws_pending *pending);

/* Sends the call if its time has come, else moves due_ms. */
void gl_aws_attempt_begin(struct gl_aws_pending *pending, int64_t now_ms);

/* Judges what came back: ends the call or sets when it goes again. */
void gl_aws_attempt_judge(struct gl_aws_pending *pending, CURLcode code, int64_t now_ms);

/* The server's clock, if its answer says it; else 0. */
int64_t gl_aws_server_unix_ms(const struct gl_http_response *response);

/* Ends the call with an error that is taken from `err`. */
void gl_aws_pending_fail(struct gl_aws_pending *pending, struct gl_error *err);

/* The rate of "SERVICE REGION"; made when it is not there. */
struct gl_aws_rate *gl_aws_client_rate(struct gl_aws_client *client, const char *name);

#endif
