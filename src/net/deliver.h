/* Small messages posted side by side, each tried a few times and then given up: nobody waits long
 * for a receiver that does not answer. */
#ifndef GL_NET_DELIVER_H
#define GL_NET_DELIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* How long each of the messages may take. */
struct gl_delivery_limits {
    int64_t connect_ms; /* until the connection stands, of each try */
    int64_t total_ms;   /* of each try */
    int64_t pause_ms;   /* longest pause before the second try; it is between half of it and all */
    int tries;          /* at most; at least 1 */
};

/* One message. Zero-initialise; what is asked for is borrowed. */
struct gl_delivery {
    const char *url;            /* see gl_delivery_host() */
    const char *body;           /* text */
    const char *const *headers; /* "Name: value", NULL-terminated; NULL = none */
    /* What came of it. */
    bool delivered; /* an answer 2xx came */
    long status;    /* of the last answer; 0 = none came */
    int tried;      /* how often it was begun; 0 = a signal came before, or it could not be begun */
    char *problem;  /* why it was not delivered, in the user's language and without the URL; NULL =
                       it was. The caller frees it with gl_delivery_done() */
};

void gl_delivery_done(struct gl_delivery *delivery);

/* The host (and port, if it is given) of a URL that a message may go to: https, or http to an
 * address of this machine itself. NULL for every other text. The caller owns it. */
char *gl_delivery_host(const char *url);

/* Posts every message and fills in what came of each. A try that got no connection, or was answered
 * 429 or 5xx, is followed by another; whatever else happens is final, and a redirect is not
 * followed. Goes through the proxy of the environment as gl_http_fetch() does. A signal
 * (gl_interrupted()) ends the waiting for all; in any case it ends once all tries may have taken
 * their longest. */
void gl_deliver(struct gl_delivery *deliveries, size_t count,
                const struct gl_delivery_limits *limits);

#endif
