/* Schema: objectives, observability, cost. */
#include "base/i18n.h"
#include "config/schema.h"

/* clang-format off */
const struct gl_key gl_schema_watch[] = {
    {"slo", GL_TYPE_MAP, .text = N_("objectives the service is watched by")},
    {"slo.availability_pct", GL_TYPE_REAL, .min = 50, .max = 100, .unit = "%", .fallback = "99.9", .text = N_("share of requests that succeed")},
    {"slo.window_days", GL_TYPE_INT, .min = 1, .max = 90, .unit = "d", .fallback = "30", .text = N_("over which time")},
    {"slo.error_rate_pct", GL_TYPE_REAL, .min = 0, .max = 100, .unit = "%", .fallback = "1.0", .text = N_("share of answers 5xx that is still good")},
    {"slo.p95_ms", GL_TYPE_INT, .min = 1, .max = 600000, .unit = "ms", .fallback = "500", .text = N_("95 of 100 requests are answered within this time")},
    {"slo.p99_ms", GL_TYPE_INT, .min = 1, .max = 600000, .unit = "ms", .fallback = "1500", .text = N_("99 of 100 requests are answered within this time")},
    {"sla", GL_TYPE_MAP, GL_KEY_NULLABLE, .text = N_("what is promised to customers; null = nothing")},
    {"sla.availability_pct", GL_TYPE_REAL, .min = 50, .max = 100, .unit = "%", .fallback = "99.5", .text = N_("promised share of requests that succeed")},
    {"recovery", GL_TYPE_MAP, .text = N_("objectives of a restore")},
    {"recovery.rto_minutes", GL_TYPE_INT, .min = 1, .max = 10080, .unit = "min", .fallback = "60", .text = N_("a restore takes no longer")},
    {"recovery.rpo_minutes", GL_TYPE_INT, .min = 1, .max = 10080, .unit = "min", .fallback = "15", .text = N_("a disaster loses no more than this")},

    {"observability", GL_TYPE_MAP, .text = N_("logs, alarms, errors")},
    {"observability.log_retention_days", GL_TYPE_INT, .min = 1, .max = 3653, .unit = "d", .fallback = "90", .text = N_("how long logs are kept")},
    {"observability.notify", GL_TYPE_LIST, .fallback = "[]", .text = N_("where alarms go, and who is told of releases")},
    {"observability.notify[].kind", GL_TYPE_ENUM, GL_KEY_REQUIRED, .words = "pagerduty slack email webhook", .text = N_("the kind of channel")},
    {"observability.notify[].level", GL_TYPE_ENUM, .words = "critical warning", .fallback = "critical", .text = N_("which alarms")},
    {"observability.notify[].owner", GL_TYPE_STR, GL_KEY_PERSON, .text = N_("who looks after this channel")},
    {"observability.notify[].endpoint_secret", GL_TYPE_STR, .format = GL_FORMAT_UPPER_NAME, .text = N_("stored variable with the URL")},
    {"observability.notify[].releases", GL_TYPE_BOOL, .fallback = "false", .text = N_("this channel is told how each release, rollback and promotion ends; only kind webhook and slack, with endpoint_secret")},
    {"observability.notify[].workspace", GL_TYPE_STR, .text = N_("Slack workspace")},
    {"observability.notify[].channel", GL_TYPE_STR, .text = N_("Slack channel")},
    {"observability.notify[].address", GL_TYPE_STR, .format = GL_FORMAT_EMAIL, .text = N_("e-mail address")},
    {"observability.alarms", GL_TYPE_LIST,
     .fallback =
         "- {id: error-rate, severity: SEV1, threshold: 2, unit: percent, runbook: docs/runbooks/high-error-rate.md}\n"
         "- {id: db-connections, severity: SEV2, threshold: 80, unit: percent_of_max, runbook: docs/runbooks/db-connections.md}\n"
         "- {id: latency-p95, severity: SEV2, threshold: 750, unit: ms, runbook: docs/runbooks/high-latency.md}\n"
         "- {id: cert-expiry, severity: SEV2, threshold: 30, unit: days, runbook: docs/runbooks/certificate.md}\n",
     .text = N_("alarms, each with its runbook")},
    {"observability.alarms[].id", GL_TYPE_STR, GL_KEY_REQUIRED | GL_KEY_UNIQUE, .format = GL_FORMAT_ID, .text = N_("name of the alarm")},
    {"observability.alarms[].severity", GL_TYPE_STR, GL_KEY_REQUIRED, .format = GL_FORMAT_ID, .text = N_("one of incident.severities")},
    {"observability.alarms[].threshold", GL_TYPE_REAL, GL_KEY_REQUIRED, .min = 0, .max = 1e9, .text = N_("value that raises it")},
    {"observability.alarms[].unit", GL_TYPE_ENUM, .words = "percent percent_of_max ms s days count", .text = N_("unit of the threshold")},
    {"observability.alarms[].runbook", GL_TYPE_STR, .format = GL_FORMAT_DIR, .text = N_("file that says what to do")},
    {"observability.error_tracking.provider", GL_TYPE_ENUM, .words = "sentry glitchtip none", .fallback = "sentry", .text = N_("where exceptions are collected")},
    {"observability.error_tracking.send_default_pii", GL_TYPE_BOOL, .fallback = "false", .text = N_("personal data goes with an exception")},
    {"observability.error_tracking.scrub", GL_TYPE_LIST, .fallback = "[authorization, cookie, set-cookie, password, token, email]", .text = N_("fields taken out before sending")},
    {"observability.error_tracking.scrub[]", GL_TYPE_STR, .text = N_("a field")},
    {"observability.error_tracking.sample_rate.errors", GL_TYPE_REAL, .min = 0, .max = 1, .fallback = "1.0", .text = N_("share of exceptions that is sent")},
    {"observability.error_tracking.sample_rate.traces", GL_TYPE_REAL, .min = 0, .max = 1, .fallback = "0.1", .text = N_("share of traces that is sent")},

    {"cost", GL_TYPE_MAP, .text = N_("what it may cost")},
    {"cost.notify", GL_TYPE_LIST, .fallback = "[]", .text = N_("who hears about the budget")},
    {"cost.notify[]", GL_TYPE_STR, .format = GL_FORMAT_EMAIL, .text = N_("e-mail address")},
    {"cost.monthly_budget_usd", GL_TYPE_MAP, .names = GL_FORMAT_ENV_NAME, .text = N_("budget of each environment")},
    {"cost.monthly_budget_usd.*", GL_TYPE_REAL, .min = 0, .max = 1e9, .unit = "USD", .text = N_("budget of this environment a month")},
    {0},
};
/* clang-format on */
