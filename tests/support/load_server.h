/* A small HTTP/1.1 and WebSocket server that misbehaves on demand. It is a program of its own
 * (load_server FILE), so that a test can kill it; orders and counts live in the shared file. */
#ifndef GL_TESTS_LOAD_SERVER_H
#define GL_TESTS_LOAD_SERVER_H

#include <stdatomic.h>

enum load_server_order {
    WS_STAY,
    WS_CUT,     /* end the connection without a Close frame */
    WS_RESTART, /* Close 1012 */
    WS_FAIL,    /* Close 1011 */
    WS_BREAK,   /* send a frame with reserved bits */
    WS_MUTE,    /* answer no ping */
};

struct load_server {
    /* orders */
    atomic_int status;         /* of every answer; 0 = 200 */
    atomic_int fault;          /* answers have an x-golive-fault header */
    atomic_int delay_ms;       /* before an answer; -1 = never answer */
    atomic_int per_connection; /* after so many answers the next request ends the connection
                                  unanswered; 0 = no limit */
    atomic_int cut_body;       /* the connection ends in the middle of the answer */
    atomic_int refuse_ws;      /* answer 503 to an upgrade */
    atomic_int not_ready;      /* leave out the text that makes a WebSocket ready */
    atomic_int ws_order;       /* for every WebSocket that opened before this order */
    atomic_int ws_generation;  /* add 1 to give the order */
    /* counts */
    atomic_int port; /* set once it listens */
    atomic_uint connections;
    atomic_uint requests; /* read completely */
    atomic_uint answers;
    atomic_uint ws_opened;
    atomic_uint ws_closed_by_client; /* Close frames that were not an answer to ours */
    atomic_uint ws_close_code;       /* of the last one */
    atomic_uint ws_close_answers;
    atomic_uint ws_pongs;
    /* the last request with a body, and the last hello */
    char body[512];
    char key[128];
    char hello[128];
};

#endif
