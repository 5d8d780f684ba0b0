/* The table of computed values. */
#include "infra/computed.h"

#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "config/schema.h"

bool gl_config_value_text(const json_t *value, struct gl_buf *text)
{
    if (!json_is_array(value))
        return gl_config_scalar_text(value, text);
    size_t i;
    const json_t *item;
    json_array_foreach(value, i, item)
    {
        if (i)
            gl_buf_putc(text, ',');
        if (!gl_config_scalar_text(item, text))
            return false;
    }
    return true;
}

/* ---- the table ---------------------------------------------------------------------------------
 */

/* clang-format off */
const struct gl_computed gl_computed_functions[] = {
    {"alarm_cert_expiry_days",      N_("threshold of the alarm cert-expiry, in days"), gl_compute_threshold, "cert-expiry"},
    {"alarm_db_connections",        N_("threshold of the alarm db-connections as a number: percent_of_max of what the instance class allows (its memory, less a quarter GiB and 5 %, by 9531392 bytes, at most 5000)"), gl_compute_connections, "db-connections"},
    {"alarm_error_rate_percent",    N_("threshold of the alarm error-rate, in percent"), gl_compute_threshold, "error-rate"},
    {"alarm_free_storage_bytes",    N_("a fifth of sizing.storage_gb, in bytes"), gl_compute_free_storage},
    {"alarm_freeable_memory_bytes", N_("a tenth of the memory of sizing.instance_class, in bytes"), gl_compute_free_memory},
    {"alarm_latency_p95_seconds",   N_("threshold of the alarm latency-p95, in seconds"), gl_compute_threshold_seconds, "latency-p95"},
    {"apprunner_plain_names",       N_("names of the plain variables of scope backend and common, APP_ENV and AWS_REGION, a line each, filled up to 12 lines"), gl_compute_plain_lines, "Name"},
    {"apprunner_plain_values",      N_("the value of each"), gl_compute_plain_lines, "Value"},
    {"apprunner_secret_names",      N_("names of the secret variables of scope backend and common, a line each, filled up to 8 lines"), gl_compute_secret_lines, "Name"},
    {"apprunner_secret_references", N_("the ARN of each"), gl_compute_secret_lines, "ValueFrom"},
    {"backend_secret_arns",         N_("ARNs of the secrets of scope backend and common, joined by commas; of Secrets Manager with -?????? for its random letters"), gl_compute_secret_arns, "backend"},
    {"burn_fast_percent",           N_("14.4 times the error budget, 100 - slo.availability_pct, in percent"), gl_compute_burn, "14.4"},
    {"burn_slow_percent",           N_("6 times the error budget, in percent"), gl_compute_burn, "6"},
    {"canary_minutes",              N_("release.canary.seconds in minutes, rounded up"), gl_compute_canary},
    {"canary_percent",              N_("release.canary.percent, at least 1"), gl_compute_canary_percent},
    {"container_environment",       N_("list of {Name, Value}: PORT, APP_ENV, AWS_REGION and the plain variables of scope backend and common"), NULL, "backend", gl_compute_environment},
    {"container_secrets",           N_("list of {Name, ValueFrom}: the secret variables of scope backend and common by their ARN"), NULL, "backend", gl_compute_secrets},
    {"drain_seconds",               N_("backend.stop_timeout_s, at least 15 and at most 120"), gl_compute_drain},
    {"egress_cidr_names",           N_("names of network.egress.allow that have a cidr, joined by commas"), gl_compute_egress_names},
    {"egress_cidr_targets",         N_("a line break, then for each of egress_cidr_names a line NAME=CIDR;PORT"), gl_compute_egress_targets},
    {"egress_https",                N_("true if tasks may reach port 443 everywhere: a host in network.egress.allow, mode open, or nothing said and an endpoint that tasks need is off"), gl_compute_egress_https},
    {"engine_major",                N_("database.engine_version up to its first point"), gl_compute_engine_major},
    {"frontend_environment",        N_("list of {Name, Value}: PORT, APP_ENV, AWS_REGION, ORIGIN and the plain variables of scope frontend and common"), NULL, "frontend", gl_compute_environment},
    {"frontend_secret_arns",        N_("ARNs of the secrets of scope frontend and common, as backend_secret_arns"), gl_compute_secret_arns, "frontend"},
    {"frontend_secrets",            N_("list of {Name, ValueFrom}: the secret variables of scope frontend and common by their ARN"), NULL, "frontend", gl_compute_secrets},
    {"health_grace_seconds",        N_("backend.start_timeout_s, at least 30 and at most 300"), gl_compute_grace},
    {"linear_percent",              N_("release.canary.percent, at least 3: a step of linear"), gl_compute_linear_percent},
    {"monthly_budget_usd",          N_("cost.monthly_budget_usd of the environment"), gl_compute_budget},
    {"notify_critical_emails",      N_("addresses of observability.notify of kind email and level critical, joined by commas"), gl_compute_emails, "critical"},
    {"notify_warning_emails",       N_("the same of level warning"), gl_compute_emails, "warning"},
    {"plain_names",                 N_("stored names of the variables of kind plain that have a value in this environment, joined by commas"), gl_compute_plain_names},
    {"plain_values",                N_("a line break, then for each of plain_names a line NAME=VALUE"), gl_compute_plain_values},
    {"promoting_account",           N_("account of prod, where it is another one than that of this environment; else nothing"), gl_compute_promoting_account},
    {"promotion_roles",             N_("in prod: ARN of the role APP-ENV-promote of each environment in another account, joined by commas; else nothing"), gl_compute_promotion_roles},
    {"release_channel_secret_arns", N_("ARN of the stored URL of each entry of observability.notify with releases: true, as backend_secret_arns; nothing without one"), gl_compute_channel_arns},
    {"rollback_5xx_rate_datapoints",          N_("datapoints of the rule 5xx_rate in release.rollback.when"), gl_compute_rollback_field, "5xx_rate datapoints"},
    {"rollback_5xx_rate_threshold",           N_("its threshold in percent; empty if there is no such rule"), gl_compute_rollback_threshold, "5xx_rate"},
    {"rollback_5xx_rate_window",              N_("its window in minutes"), gl_compute_rollback_field, "5xx_rate window_min"},
    {"rollback_p95_datapoints",               N_("datapoints of the rule p95"), gl_compute_rollback_field, "p95 datapoints"},
    {"rollback_p95_threshold",                N_("its threshold in seconds; empty if there is no such rule"), gl_compute_rollback_threshold, "p95"},
    {"rollback_p95_window",                   N_("its window in minutes"), gl_compute_rollback_field, "p95 window_min"},
    {"rollback_unhealthy_targets_datapoints", N_("datapoints of the rule unhealthy_targets"), gl_compute_rollback_field, "unhealthy_targets datapoints"},
    {"rollback_unhealthy_targets_threshold",  N_("its threshold; empty if there is no such rule"), gl_compute_rollback_threshold, "unhealthy_targets"},
    {"rollback_unhealthy_targets_window",     N_("its window in minutes"), gl_compute_rollback_field, "unhealthy_targets window_min"},
    {"runbook_base",                N_("https://github.com/REPO/blob/BRANCH/ of app.repo and ci.branches.production; empty without app.repo"), gl_compute_runbook_base},
    {"runbook_cert_expiry",         N_("runbook of the alarm cert-expiry"), gl_compute_runbook, "cert-expiry"},
    {"runbook_db_connections",      N_("runbook of the alarm db-connections"), gl_compute_runbook, "db-connections"},
    {"runbook_error_rate",          N_("runbook of the alarm error-rate"), gl_compute_runbook, "error-rate"},
    {"runbook_latency_p95",         N_("runbook of the alarm latency-p95"), gl_compute_runbook, "latency-p95"},
    {"secret_names",                N_("stored names of the variables of kind secret and of observability.notify[].endpoint_secret, each once, joined by commas"), gl_compute_secret_names},
    {"slack_critical_channels",     N_("channels of observability.notify of kind slack and level critical, joined by commas"), gl_compute_slack_channels, "critical"},
    {"slack_warning_channels",      N_("the same of level warning"), gl_compute_slack_channels, "warning"},
    {"slack_workspace",             N_("workspace of the first of observability.notify of kind slack"), gl_compute_slack_workspace},
    {"slo_p99_seconds",             N_("slo.p99_ms in seconds"), gl_compute_seconds_of, "slo.p99_ms"},
    {"waf_bad_inputs_actions", N_("what each of waf_bad_inputs_count does: count or allow; filled up in the same way"), gl_compute_waf_actions, "3 AWSManagedRulesKnownBadInputsRuleSet"},
    {"waf_bad_inputs_count",        N_("rules of edge.waf.exclusions of AWSManagedRulesKnownBadInputsRuleSet until today or later, filled up to 3 places with empty ones"), gl_compute_waf_rules, "3 AWSManagedRulesKnownBadInputsRuleSet"},
    {"waf_common_actions", N_("what each of waf_common_count does: count or allow; filled up in the same way"), gl_compute_waf_actions, "5 AWSManagedRulesCommonRuleSet"},
    {"waf_common_count",            N_("the same of AWSManagedRulesCommonRuleSet, 5 places"), gl_compute_waf_rules, "5 AWSManagedRulesCommonRuleSet"},
    {"waf_sqli_actions", N_("what each of waf_sqli_count does: count or allow; filled up in the same way"), gl_compute_waf_actions, "3 AWSManagedRulesSQLiRuleSet"},
    {"waf_sqli_count",              N_("the same of AWSManagedRulesSQLiRuleSet, 3 places"), gl_compute_waf_rules, "3 AWSManagedRulesSQLiRuleSet"},
    {0},
};

/* clang-format on */

const struct gl_computed *gl_computed_find(const char *name)
{
    for (const struct gl_computed *at = gl_computed_functions; at->name; at++) {
        if (strcmp(at->name, name) == 0)
            return at;
    }
    return NULL;
}

const char *gl_computed_nearest(const char *name)
{
    const char *names[sizeof gl_computed_functions / sizeof gl_computed_functions[0]];
    size_t count = 0;
    for (const struct gl_computed *at = gl_computed_functions; at->name; at++)
        names[count++] = at->name;
    return gl_nearest(name, names, count);
}
