/* Room-internal: the edge, an HAProxy that ends TLS and divides requests between two slots.
 *
 * The route says what is wanted; it is kept in edge/route.json and in edge/haproxy.cfg so that a
 * restart comes back in it, and is put into the running HAProxy through its socket. HAProxy is
 * never reloaded: a reload loses connections. */
#ifndef GL_PLATFORM_LOCAL_EDGE_H
#define GL_PLATFORM_LOCAL_EDGE_H

#include "platform/local/local.h"

#define GL_EDGE_SERVICE "edge"

enum gl_slot {
    GL_SLOT_BLUE,
    GL_SLOT_GREEN,
    GL_SLOT_COUNT,
};

/* "blue", "green"; the other slot; the port that a slot's process listens on. */
const char *gl_slot_name(enum gl_slot slot);
enum gl_slot gl_slot_other(enum gl_slot slot);
uint16_t gl_slot_port(const struct gl_local *local, enum gl_slot slot);

struct gl_route {
    struct {
        bool enabled;   /* a version lives here; else HAProxy leaves the slot alone */
        int weight_pct; /* share of new requests, 0..100 */
        bool sessions;  /* new long-lived connections go here */
        bool proven;    /* sessions were moved here: this version may stand in for another */
    } slots[GL_SLOT_COUNT];
};

/* ---- edge_route.c: what is wanted --------------------------------------------------------------
 */

/* The kept route; both slots empty if none was kept yet. */
gl_nodiscard int gl_route_load(const struct gl_local *local, struct gl_route *ret_route,
                               struct gl_error *err);
gl_nodiscard int gl_route_save(const struct gl_local *local, const struct gl_route *route,
                               struct gl_error *err);

/* Which slot's spare catches what the weighted servers cannot: the idle version if it is warm and
 * proven, else the serving version's own (its process may be back within a second). False when
 * nobody serves: then nothing stands in either. */
bool gl_route_spare(const struct gl_route *route, enum gl_slot *ret_slot);

/* ---- edge_conf.c: the configuration file -------------------------------------------------------
 */

/* Text of haproxy.cfg for a route. The caller owns it. */
char *gl_edge_conf(const struct gl_local *local, const struct gl_route *route);

/* Names everything in haproxy.cfg but the route. It stands in the file too, and a running HAProxy
 * tells it: so it is known what that one was started with, whoever was killed meanwhile. */
#define GL_EDGE_DIGEST_SIZE 17
void gl_edge_digest(const struct gl_local *local, char ret_digest[GL_EDGE_DIGEST_SIZE]);

/* Text as one word of HAProxy's configuration: in double quotes, with what is special escaped and
 * control characters left out. The caller owns it. */
char *gl_edge_word(const char *text);

/* "https://HOST" with ":PORT" unless it is 443. The caller owns it. */
char *gl_edge_url(const struct gl_local *local, const char *host);

/* ---- edge_settings.c: which settings a running HAProxy has -------------------------------------
 */

/* Keeps the settings of now beside the configuration: with them HAProxy is about to be started. */
gl_nodiscard int gl_edge_settings_save(const struct gl_local *local, struct gl_error *err);

/* "local.max_body_kb (64, now 77), ...": where golive.yaml differs from what the running HAProxy
 * was started with; NULL when it does not, or when that is not known. The caller owns it. */
char *gl_edge_changes(const struct gl_local *local);

/* What the running HAProxy says it was started with (gl_edge_digest()), "" when it does not say,
 * NULL when it does not answer. The caller owns it. */
char *gl_edge_running_digest(const struct gl_local *local);

/* ---- edge_probes.c: which path each slot's version is asked for --------------------------------
 */

/* Writes edge/ready.map and edge/probes.lst for what the slots hold: HAProxy reads them when it
 * starts. */
gl_nodiscard int gl_edge_probes_write(const struct gl_local *local, struct gl_error *err);
/* Puts the same into the running HAProxy; a version that changes slots needs no restart. */
gl_nodiscard int gl_edge_probes_tell(struct gl_local *local, struct gl_error *err);

/* ---- edge_socket.c: the running HAProxy --------------------------------------------------------
 */

/* Sends commands (separated by ';') to a runtime socket and returns the whole answer; GL_E_NET when
 * HAProxy does not answer. The caller owns the answer. */
gl_nodiscard int gl_edge_ask(const struct gl_local *local, const char *socket_name,
                             const char *commands, char **ret_answer, struct gl_error *err);
/* The same for commands that are silent when they succeed: any words are GL_E_PROCESS. */
gl_nodiscard int gl_edge_tell(const struct gl_local *local, const char *socket_name,
                              const char *commands, struct gl_error *err);

/* What HAProxy counts for one server line; `up` means usable by its health check. */
struct gl_edge_stat {
    bool found;
    bool up;
    bool maintenance;
    bool checked; /* the last health check was answered as expected */
    int weight;
    uint64_t attempts; /* times a request was given to it */
    uint64_t answers;  /* answers it gave */
    uint64_t errors_5xx;
    uint64_t aborted; /* requests that the client gave up */
    uint64_t current; /* requests or connections in flight */
};

#define GL_EDGE_SOCKET "edge.sock"

/* Statistics of `server` in `backend` out of the answer to "show stat". */
struct gl_edge_stat gl_edge_stat_find(const char *csv, const char *backend, const char *server);

/* ---- edge.c ------------------------------------------------------------------------------------
 */

/* Starts HAProxy with the kept route and waits until its socket answers. Running already: told the
 * route again. New settings take a restart, which costs connections: while a version has traffic
 * that is done only if the platform `may_interrupt`, else the old ones stay and a note says so. */
gl_nodiscard int gl_edge_up(struct gl_local *local, struct gl_error *err);

/* False while a running HAProxy has other settings (the route apart) than the configuration. */
bool gl_edge_is_current(const struct gl_local *local);

/* True when some version gets requests or sessions. */
bool gl_route_serves(const struct gl_route *route);

/* Keeps a route and puts it into effect; returns when HAProxy has taken it. */
gl_nodiscard int gl_edge_apply(struct gl_local *local, const struct gl_route *route,
                               struct gl_error *err);

/* Puts tls/edge.pem into the running HAProxy, without a reload, unless it has that certificate. */
gl_nodiscard int gl_edge_serve_certificate(struct gl_local *local, struct gl_error *err);

/* Forgets the health of a slot's earlier process: HAProxy gives it nothing before a new check was
 * good. */
gl_nodiscard int gl_edge_distrust(struct gl_local *local, enum gl_slot slot, struct gl_error *err);

#endif
