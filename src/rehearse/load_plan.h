/* The load generator's plan in memory. */
#ifndef GL_REHEARSE_LOAD_PLAN_H
#define GL_REHEARSE_LOAD_PLAN_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strv.h"

enum gl_load_client {
    GL_LOAD_KEEP_ALIVE,
    GL_LOAD_FRESH,
    GL_LOAD_H2,
    GL_LOAD_CLIENTS,
};

/* "keep_alive", "fresh", "h2": the names in the plan and in problems. */
extern const char *const gl_load_client_names[GL_LOAD_CLIENTS];

struct gl_load_client_plan {
    int64_t share; /* 0 = unused */
    int64_t connections;
    int64_t streams; /* at once on one connection; 1 but for HTTP/2 */
};

struct gl_load_target {
    char *name;
    char *method;
    char *url;
    char *path; /* of the URL, without the query */
    char *body; /* NULL = none */
    char *expect_body;
    struct curl_slist *headers;
    long expect_status[8]; /* 0 ends the list; empty = any 2xx */
    bool idempotency;
    bool repeatable; /* idempotent by its method or its key (RFC 9110 section 9.2.2) */
    bool ack;
    int64_t weight;
    /* Smooth weighted round robin: who is served next, exact over every full turn. */
    int64_t turn;
    int64_t client_turns[GL_LOAD_CLIENTS];
};

struct gl_load_ws_plan {
    char *name;
    char *url;  /* http:// or https://, as libcurl connects */
    char *host; /* value of the Host header */
    char *path; /* with its query */
    struct gl_strv headers;
    char *hello;        /* NULL = none */
    char *expect_ready; /* NULL = ready after the handshake */
    int64_t count;
    int64_t ping_interval_ms; /* 0 = no pings */
};

struct gl_load_plan {
    double rps;
    int64_t duration_ms;
    int64_t timeout_ms;
    int64_t shed_after_ms; /* 0 = never */
    char *ca_file;         /* NULL = the system's */
    struct curl_slist *resolve;
    struct gl_load_client_plan clients[GL_LOAD_CLIENTS];
    struct gl_load_target *targets;
    size_t target_count;
    struct gl_load_ws_plan *websockets;
    size_t websocket_count;
};

/* Reads and checks a plan; GL_E_CONFIG names the wrong member. */
gl_nodiscard int gl_load_plan_parse(const char *json, struct gl_load_plan **ret_plan,
                                    struct gl_error *err);
void gl_load_plan_free(struct gl_load_plan **plan);
#define gl_autoloadplan gl_cleanup(gl_load_plan_free)

/* Whose turn it is among the targets by weight, and for that target among the clients by share. */
struct gl_load_target *gl_load_next_target(struct gl_load_plan *plan);
enum gl_load_client gl_load_next_client(const struct gl_load_plan *plan,
                                        struct gl_load_target *target);

/* A random UUID, version 4 (RFC 9562). */
#define GL_LOAD_UUID_SIZE 37
void gl_load_make_uuid(char ret_uuid[GL_LOAD_UUID_SIZE]);

#endif
