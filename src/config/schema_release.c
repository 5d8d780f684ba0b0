/* Schema: building and releasing. */
#include "base/i18n.h"
#include "config/schema.h"

/* clang-format off */
const struct gl_key gl_schema_release[] = {
    {"build", GL_TYPE_MAP, .text = N_("how the application is built")},
    {"build.backend", GL_TYPE_COMMAND, .text = N_("run in backend.dir; `cargo build --release --locked` when not given")},
    {"build.frontend", GL_TYPE_COMMAND, .text = N_("run in frontend.dir; when not given `npm ci` if the lock file changed, then `npm run build`")},
    {"build.test", GL_TYPE_LIST, GL_KEY_ONE_OR_MANY, .fallback = "[]", .text = N_("commands that must succeed before a release, run beside golive.yaml")},
    {"build.test[]", GL_TYPE_STR, .text = N_("one command")},
    {"build.timeout_s", GL_TYPE_INT, .min = 1, .max = 86400, .unit = "s", .fallback = "1800", .text = N_("a longer build is ended")},

    {"release", GL_TYPE_MAP, .text = N_("how a new version takes over")},
    {"release.strategy", GL_TYPE_ENUM, .words = "blue_green rolling canary linear", .fallback = "blue_green", .text = N_("how traffic moves to a new version")},
    {"release.bake_minutes", GL_TYPE_INT, .min = 0, .max = 1440, .unit = "min", .fallback = "15", .text = N_("a new version is watched this long after it got all traffic; a breach undoes the release")},
    {"release.bake_seconds", GL_TYPE_INT, GL_KEY_NULLABLE, .min = 1, .max = 86400, .unit = "s", .text = N_("the same in seconds, for rehearsals; wins over release.bake_minutes")},
    {"release.canary.percent", GL_TYPE_INT, .min = 0, .max = 100, .unit = "%", .fallback = "10", .text = N_("share of requests a new version gets first, or with release.strategy linear with each step; 0 = none")},
    {"release.canary.seconds", GL_TYPE_INT, .min = 0, .max = 86400, .unit = "s", .fallback = "10", .text = N_("how long it keeps that share, or with linear each share")},
    {"release.keep", GL_TYPE_INT, .min = 2, .max = 1000, .fallback = "5", .text = N_("releases whose images and pages are kept, to go back to")},
    {"release.limits.error_rate_pct", GL_TYPE_REAL, .min = 0, .max = 100, .unit = "%", .fallback = "1.0", .text = N_("a larger share of answers 5xx undoes the release")},
    {"release.limits.p95_ms", GL_TYPE_INT, .min = 1, .max = 600000, .unit = "ms", .fallback = "750", .text = N_("a larger 95th percentile of the answer time undoes the release")},
    {"release.limits.min_requests", GL_TYPE_INT, .min = 1, .max = 1000000000, .fallback = "50", .text = N_("the share of failures is taken of at least this many requests")},
    {"release.approval.mode", GL_TYPE_ENUM, .words = "golive_signature github_environment", .fallback = "golive_signature", .text = N_("how a release is approved")},
    {"release.promote_max_age_days", GL_TYPE_INT, .min = 1, .max = 365, .unit = "days", .fallback = "14", .text = N_("what passed another environment longer ago is not promoted")},
    {"release.smoke", GL_TYPE_LIST,
     .fallback =
         "- {name: api-ready, url: 'https://{domain.api}{backend.ready_path}', status: 200, jsonpath: '$.db', equals: ok, timeout_ms: 5000}\n"
         "- {name: cors, url: 'https://{domain.api}/', method: OPTIONS, origin: 'https://{domain.app}', expect_header: access-control-allow-origin, timeout_ms: 5000}\n",
     .text = N_("requests that a new version must answer before it gets traffic, and once more after")},
    {"release.smoke[].name", GL_TYPE_STR, GL_KEY_REQUIRED | GL_KEY_UNIQUE, .format = GL_FORMAT_ID, .text = N_("name of the test")},
    {"release.smoke[].url", GL_TYPE_STR, GL_KEY_REQUIRED, .text = N_("URL; {domain.api} and the like are filled in")},
    {"release.smoke[].method", GL_TYPE_STR, .format = GL_FORMAT_METHOD, .fallback = "GET", .text = N_("HTTP method")},
    {"release.smoke[].origin", GL_TYPE_STR, .text = N_("Origin header; makes an OPTIONS request a CORS preflight")},
    {"release.smoke[].status", GL_TYPE_INT, .min = 100, .max = 599, .text = N_("expected status")},
    {"release.smoke[].expect_header", GL_TYPE_STR, .format = GL_FORMAT_ID, .text = N_("header the answer must have")},
    {"release.smoke[].jsonpath", GL_TYPE_STR, .format = GL_FORMAT_JSONPATH, .text = N_("value in the JSON answer")},
    {"release.smoke[].equals", GL_TYPE_STR, .text = N_("what that value must be")},
    {"release.smoke[].timeout_ms", GL_TYPE_INT, .min = 10, .max = 600000, .unit = "ms", .fallback = "5000", .text = N_("answers later than this fail")},
    {"release.rollback.max_minutes", GL_TYPE_INT, .min = 1, .max = 1440, .unit = "min", .fallback = "15", .text = N_("a rollback takes no longer")},
    {"release.rollback.when", GL_TYPE_LIST,
     .fallback =
         "- {metric: 5xx_rate, op: '>', threshold: 1.0, unit: percent, window_min: 5, datapoints: 3}\n"
         "- {metric: p95, op: '>', threshold: 750, unit: ms, window_min: 5, datapoints: 5}\n"
         "- {metric: unhealthy_targets, op: '>=', threshold: 1, unit: count, window_min: 2, datapoints: 2}\n"
         "- {metric: smoke_failed}\n"
         "- {metric: tasks_failed_to_start}\n",
     .text = N_("what undoes a release by itself")},
    {"release.rollback.when[].metric", GL_TYPE_ENUM, GL_KEY_REQUIRED, .words = "5xx_rate p50 p95 p99 unhealthy_targets smoke_failed tasks_failed_to_start", .text = N_("what is measured")},
    {"release.rollback.when[].op", GL_TYPE_ENUM, .words = "> >= < <=", .text = N_("how it is compared")},
    {"release.rollback.when[].threshold", GL_TYPE_REAL, .min = 0, .max = 1e9, .text = N_("with what")},
    {"release.rollback.when[].unit", GL_TYPE_ENUM, .words = "percent ms s count", .text = N_("unit of the threshold")},
    {"release.rollback.when[].window_min", GL_TYPE_INT, .min = 1, .max = 1440, .unit = "min", .text = N_("over which time")},
    {"release.rollback.when[].datapoints", GL_TYPE_INT, .min = 1, .max = 1440, .text = N_("breaches in the window that count as one")},
    {0},
};
/* clang-format on */
