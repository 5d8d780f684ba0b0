/* Room-internal: TCP ports on the loopback address: choosing free ones, and who holds one. */
#ifndef GL_PLATFORM_LOCAL_PORTS_H
#define GL_PLATFORM_LOCAL_PORTS_H

#include "platform/local/local.h"

/* Chooses `count` neighbouring free ports (at most 10) from 20000..31999, below the range that the
 * kernel gives to outgoing connections. `key` decides where the search begins, so that projects on
 * one machine end up apart. GL_E_BUSY when there is no room. */
gl_nodiscard int gl_ports_choose(const char *key, uint16_t *ret_ports, size_t count,
                                 struct gl_error *err);

/* True when nobody listens on 127.0.0.1:port (or on all addresses). */
bool gl_port_is_free(uint16_t port);

/* The process that listens on the port, with its name (at most 63 bytes); 0 if it cannot be seen
 * (another user's process, unless we are root). */
pid_t gl_port_holder(uint16_t port, char ret_name[64]);

/* "https", "http", "postgres", "web", "blue", "green". */
const char *gl_local_port_name(enum gl_local_port port);

#endif
