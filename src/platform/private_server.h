/* A PostgreSQL server of golive's own for a while: a throw-away cluster below /tmp that only a Unix
 * socket of its owner reaches. It ends with golive, however that ended; what a killed run left is
 * removed by the next one.
 *
 * It flushes nothing to disk and reports WAL as a production server would write it (wal_level
 * replica, full page images). */
#ifndef GL_PLATFORM_PRIVATE_SERVER_H
#define GL_PLATFORM_PRIVATE_SERVER_H

#include "base/error.h"

struct gl_private_server;

/* Starts the newest installed PostgreSQL (15 to 18), or the programs in `server_bin`, whatever
 * version they are. As root it runs as the user `postgres`. GL_E_NOT_FOUND (nothing installed
 * there), GL_E_IO (disk full), GL_E_PROCESS (it did not start; the message has the end of its log).
 * The caller ends it with gl_private_server_free(). */
gl_nodiscard int gl_private_server_start(const char *server_bin,
                                         struct gl_private_server **ret_server,
                                         struct gl_error *err);

/* Ends the server and removes its files. NULL-safe. */
void gl_private_server_free(struct gl_private_server **server);
#define gl_autoprivateserver gl_cleanup(gl_private_server_free)

/* A libpq string for a database, as superuser; the caller owns it. The only one that there is at
 * first is called GL_PRIVATE_DATABASE. */
#define GL_PRIVATE_DATABASE "template1"
char *gl_private_server_conninfo(const struct gl_private_server *server, const char *database);

/* Directory of its programs; belongs to the server. */
const char *gl_private_server_bin(const struct gl_private_server *server);

#endif
