/* Schema: the local platform. */
#include "base/i18n.h"
#include "config/schema.h"

/* clang-format off */
const struct gl_key gl_schema_local[] = {
    {"local", GL_TYPE_MAP, .text = N_("the platform on this machine")},
    {"local.https_port", GL_TYPE_INT, GL_KEY_NULLABLE, .min = 1024, .max = 65535, .text = N_("port of the edge; a free one is chosen when not given")},
    {"local.http_port", GL_TYPE_INT, GL_KEY_NULLABLE, .min = 1024, .max = 65535, .text = N_("port that redirects to https; a free one is chosen when not given")},
    {"local.postgres_port", GL_TYPE_INT, GL_KEY_NULLABLE, .min = 1024, .max = 65535, .text = N_("port of PostgreSQL; a free one is chosen when not given")},
    {"local.postgres_memory_mb", GL_TYPE_INT, .min = 16, .max = 65536, .unit = "MiB", .fallback = "128", .text = N_("shared memory of PostgreSQL")},
    {"local.rate_limits.api_per_10s", GL_TYPE_INT, .min = 1, .max = 100000000, .fallback = "200000", .text = N_("requests in 10 s from one address; everybody on this machine has the same")},
    {"local.rate_limits.login_per_10s", GL_TYPE_INT, .min = 1, .max = 100000000, .fallback = "200", .text = N_("the same for the paths of edge.waf.rate.login")},
    {"local.max_body_kb", GL_TYPE_INT, .min = 1, .max = 1048576, .unit = "KiB", .fallback = "1024", .text = N_("larger requests are refused")},
    {"local.keep_warm", GL_TYPE_BOOL, .fallback = "true", .text = N_("the previous version keeps running, so that a rollback takes no start")},
    {0},
};
/* clang-format on */
