/* Settings in which a rehearsal differs from the project's. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rehearse/internal.h"

enum {
    BAKE_S = 2, /* and twice the time of a slow answer */
    CANARY_S = 2,
    CANARY_PCT = 10,
    MOST_LEAST_REQUESTS = 50, /* a load of seconds makes so many */
};

/* Whether --set says `key`, or a map that it is in: then it counts, and must not be set twice. */
static bool is_given(const struct gl_strv *given, const char *key)
{
    for (size_t i = 0; given && i < given->count; i++) {
        size_t len = strcspn(given->items[i], "=");
        if (strncmp(given->items[i], key, len) == 0 && (key[len] == '\0' || key[len] == '.'))
            return true;
    }
    return false;
}

static void add(const struct gl_strv *given, const char *key, int64_t value,
                struct gl_strv *ret_all)
{
    if (!is_given(given, key))
        gl_strv_addf(ret_all, "%s=%" PRId64, key, value);
}

/* The project's own instance may be up and have the ports that golive.yaml names. */
static void add_ports(const struct gl_strv *given, struct gl_strv *ret_all)
{
    static const char *const keys[] = {"local.https_port", "local.http_port",
                                       "local.postgres_port"};
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        if (!is_given(given, keys[i]))
            gl_strv_addf(ret_all, "%s=null", keys[i]);
    }
}

/* Production bakes for minutes; what is rehearsed here is that a breach ends it, not its length.
 * Slow answers must have come, and be enough to be judged, before the bake ends. */
void gl_rehearsal_settings(const struct gl_config *config, const struct gl_strv *given,
                           struct gl_strv *ret_all)
{
    int64_t slow_s = (gl_fault_slow_ms(config) + 999) / 1000;
    for (size_t i = 0; given && i < given->count; i++)
        gl_strv_add(ret_all, given->items[i]);
    add(given, "release.bake_seconds", BAKE_S + 2 * slow_s, ret_all);
    add(given, "release.canary.seconds", CANARY_S, ret_all);
    add(given, "release.canary.percent", CANARY_PCT, ret_all);
    if (gl_config_int(config, "release.limits.min_requests") > MOST_LEAST_REQUESTS)
        add(given, "release.limits.min_requests", MOST_LEAST_REQUESTS, ret_all);
    add_ports(given, ret_all);
}
