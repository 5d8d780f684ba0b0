/* Room-internal: reading the edge's access log from a remembered position on, over rotations. */
#ifndef GL_PLATFORM_LOCAL_ACCESS_LOG_H
#define GL_PLATFORM_LOCAL_ACCESS_LOG_H

#include "platform/local/local.h"

/* A place in the log: the file is known by its inode, which a rotation's rename keeps. */
struct gl_log_position {
    uint64_t inode;
    uint64_t offset_bytes;
};

gl_nodiscard int gl_access_log_position(const struct gl_local *local,
                                        struct gl_log_position *ret_position, struct gl_error *err);

/* One request as the edge saw it; texts are valid during the call only. */
struct gl_access_line {
    const char *backend; /* "app", "sessions", "web" */
    const char *server;  /* "blue", "green-spare", "<NOSRV>" */
    int status;
    int64_t elapsed_us; /* -1 if there was no answer */
    int retries;
    const char *method;
    const char *path; /* without query */
};

typedef void gl_access_fn(const struct gl_access_line *line, void *context);

/* Calls `take` for every request since the position, oldest first. Lines that a full disk or a
 * killed logger cut are passed over. */
gl_nodiscard int gl_access_log_read(const struct gl_local *local,
                                    const struct gl_log_position *since, gl_access_fn *take,
                                    void *context, struct gl_error *err);

/* Parses one line (it is cut into words); false if it is not about a request. */
bool gl_access_line_parse(char *text, struct gl_access_line *ret_line);

#endif
