/* Computed values: the services and the database's version. */
#include <string.h>

#include "infra/computed.h"

int gl_compute_engine_major(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const char *version = gl_config_str(c->config, "database.engine_version");
    *ret_given = version != NULL;
    if (version)
        gl_buf_add(value, version, strcspn(version, "."));
    return 0;
}

static int clamped(const struct gl_computing *c, const char *key, int64_t least, int64_t most,
                   struct gl_buf *value)
{
    int64_t number = gl_config_int(c->config, key);
    number = number < least ? least : number;
    gl_buf_printf(value, "%lld", (long long)(number > most ? most : number));
    return 0;
}

int gl_compute_drain(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    *ret_given = true;
    return clamped(c, "backend.stop_timeout_s", 15, 120, value);
}

int gl_compute_grace(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    *ret_given = true;
    return clamped(c, "backend.start_timeout_s", 30, 300, value);
}

int gl_compute_canary_percent(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    *ret_given = true; /* 0 = none is for the other strategies, where the stack ignores it */
    return clamped(c, "release.canary.percent", 1, 100, value);
}

/* https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinearConfiguration.html */
int gl_compute_linear_percent(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    *ret_given = true;
    return clamped(c, "release.canary.percent", 3, 100, value);
}

int gl_compute_canary(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    int64_t seconds = gl_config_int(c->config, "release.canary.seconds");
    gl_buf_printf(value, "%lld", (long long)((seconds + 59) / 60));
    *ret_given = true;
    return 0;
}
