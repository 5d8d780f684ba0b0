/* A receiver of webhooks on a port of its own: what it answers stands in the path, and what it was
 * sent is kept.
 *
 *   /ok/...        200
 *   /CODE/...      that status (three digits)
 *   /once/...      503, then 200
 *   /redirect/...  302 to /ok/elsewhere
 *   /meet/...      200 once two such requests are there
 *   /silent/...    reads the request and never answers */
#ifndef GL_TESTS_HOOK_SERVER_H
#define GL_TESTS_HOOK_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct hook_server;

/* Listens on 127.0.0.1; ends the test program when it cannot. */
struct hook_server *hook_server_start(void);
void hook_server_stop(struct hook_server *server);

int hook_server_port(const struct hook_server *server);
/* "http://127.0.0.1:PORT" and the path; the caller owns it. */
char *hook_server_url(const struct hook_server *server, const char *path);

/* How many requests came; the n-th of them, whole, NULL if it did not come. The caller owns it. */
size_t hook_server_count(struct hook_server *server);
char *hook_server_request(struct hook_server *server, size_t number);

/* The value of a header of a request, and its body. NULL if there is none; the caller owns it. */
char *hook_header(const char *request, const char *name);
char *hook_body(const char *request);

/* A port of 127.0.0.1 on which nobody listens. */
int hook_closed_port(void);

#endif
