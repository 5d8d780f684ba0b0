/* Room-internal: libpq strings and URLs, taken apart and put together. */
#ifndef GL_TRACE_CONNINFO_H
#define GL_TRACE_CONNINFO_H

#include <libpq-fe.h>

#include "base/error.h"

/* The same server and user, another database. The caller owns it; it may hold a password. */
gl_nodiscard int gl_conninfo_to(const char *conninfo, const char *database, char **ret_conninfo,
                                struct gl_error *err);

/* What may be seen in a list of processes, and the password (NULL if it has none). The caller owns
 * both. */
gl_nodiscard int gl_conninfo_split(const char *conninfo, char **ret_public, char **ret_password,
                                   struct gl_error *err);

#endif
