/* One HTTP request at a time, on a libcurl handle that is used again and again. */
#ifndef GL_REHEARSE_LOAD_SLOT_H
#define GL_REHEARSE_LOAD_SLOT_H

#include "rehearse/load_engine.h"

struct gl_load_slot {
    struct gl_load_pool *pool;
    struct gl_load_slot *next_free;
    CURL *easy;
    struct gl_load_target *target; /* of the running request */
    int64_t due_us;
    int64_t sent_us;
    struct gl_buf body;
    char key_text[sizeof "Idempotency-Key: " + GL_LOAD_UUID_SIZE];
    struct curl_slist key_header; /* put before the target's own headers; owns nothing */
    int attempts;                 /* how often libcurl began to send it */
    bool repeated;                /* libcurl sent it more than once */
    bool refused_stream;          /* the last attempt was refused before it was processed */
    uint32_t stream;              /* of the last attempt; 0 = not HTTP/2 */
    unsigned goaways_before;      /* pool->goaways when that stream began */
    bool not_repeated;            /* its connection was reset and it must not be sent again */
    bool fault;                   /* the answer has an x-golive-fault header */
    char release[GL_LOAD_NAME_SIZE];
    struct gl_buf answer; /* only for targets with expect_body */
    char detail[CURL_ERROR_SIZE];
};

/* The connections of one libcurl multi: for keep-alive one client, for HTTP/2 one connection. */
struct gl_load_pool {
    struct gl_load_multi multi;
    struct gl_load_group *group;
    struct gl_load_slot *slots;
    size_t slot_count;
    struct gl_load_slot *free_slots;
    unsigned goaways;     /* HTTP/2 only: how many GOAWAY frames came */
    uint32_t goaway_last; /* the last stream that the newest of them says is processed */
};

void gl_load_slot_init(struct gl_load_slot *slot, struct gl_load_pool *pool);
void gl_load_slot_done(struct gl_load_slot *slot);

/* Sends the request that is due. */
void gl_load_slot_start(struct gl_load_slot *slot, const struct gl_load_due *due, int64_t now_us);

/* Counts how it ended. */
void gl_load_slot_finish(struct gl_load_slot *slot, CURLcode code);

/* Counts a request as lost that never got a connection. */
void gl_load_give_up(struct gl_load_group *group, const struct gl_load_due *due,
                     const char *reason);

#endif
