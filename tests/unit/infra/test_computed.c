/* Values computed from golive.yaml. */
#include "base/clock.h"
#include "infra/computed.h"

#include "support.h"

/* The value, "<default>" where the template's Default applies. */
static char *compute(const char *config_text, const char *name)
{
    gl_autoconfig struct gl_config *config = load_config(config_text, "prod");
    gl_autoerr struct gl_error err = {0};
    const struct gl_computed *function = gl_computed_find(name);
    assert_non_null(function);
    struct gl_computing c = {
        .config = config, .argument = function->argument, .region = "eu-central-1", .err = &err};
    if (function->list) {
        gl_autojson json_t *list = function->list(&c);
        return gl_json_canonical(list);
    }
    gl_autobuf struct gl_buf value = {0};
    bool given = false;
    if (function->compute(&c, &value, &given) < 0)
        return gl_strdup(err.message);
    return given ? gl_buf_steal(&value) : gl_strdup("<default>");
}

static void assert_computed(const char *more, const char *name, const char *expected)
{
    gl_autofree char *text = gl_asprintf("%s%s", MINIMUM, more);
    gl_autofree char *value = compute(text, name);
    assert_string_equal(value, expected);
}

#define VARIABLES                                                                                  \
    "env_vars:\n"                                                                                  \
    "  - {name: JWT, kind: secret}\n"                                                              \
    "  - {name: DSN, scope: common, kind: secret, store_name: DEMO_COMMON_DSN}\n"                  \
    "  - {name: KEY, scope: frontend, kind: secret}\n"                                             \
    "  - {name: LOG, kind: plain, values: {prod: \"info,a=b\", stg: debug}}\n"                     \
    "  - {name: NONE, kind: plain, values: {stg: x}}\n"                                            \
    "  - {name: PORT, kind: plain, values: {prod: \"9\"}}\n"

static void test_variables(void **state)
{
    (void)state;
    assert_computed(VARIABLES, "secret_names",
                    "DEMO_BACKEND_JWT,DEMO_COMMON_DSN,DEMO_FRONTEND_KEY");
    assert_computed(VARIABLES, "plain_names", "DEMO_BACKEND_LOG,DEMO_BACKEND_PORT");
    assert_computed(VARIABLES, "plain_values",
                    "\nDEMO_BACKEND_LOG=info,a=b\nDEMO_BACKEND_PORT=9\n");
    assert_computed(VARIABLES, "backend_secret_arns",
                    "arn:aws:secretsmanager:eu-central-1:222222222222:secret:/demo/prod/"
                    "DEMO_BACKEND_JWT-\?\?\?\?\?\?,"
                    "arn:aws:secretsmanager:eu-central-1:222222222222:secret:/demo/prod/"
                    "DEMO_COMMON_DSN-\?\?\?\?\?\?");
    assert_computed(VARIABLES "secrets: {store: ssm}\nsecrets_path: /x/y\n", "frontend_secret_arns",
                    "arn:aws:ssm:eu-central-1:222222222222:parameter/x/y/DEMO_COMMON_DSN,"
                    "arn:aws:ssm:eu-central-1:222222222222:parameter/x/y/DEMO_FRONTEND_KEY");
    assert_computed(
        VARIABLES, "container_environment",
        "[{\"Name\":\"PORT\",\"Value\":\"9\"},{\"Name\":\"APP_ENV\",\"Value\":\"prod\"},"
        "{\"Name\":\"AWS_REGION\",\"Value\":\"eu-central-1\"},"
        "{\"Name\":\"LOG\",\"Value\":\"info,a=b\"}]");
    assert_computed("env_vars: [{name: DSN, kind: secret}]\n", "container_secrets",
                    "[{\"Name\":\"DSN\",\"ValueFrom\":\"arn:aws:secretsmanager:eu-central-1:"
                    "222222222222:secret:/demo/prod/DEMO_BACKEND_DSN\"}]");
    assert_computed("env_vars: []\n", "secret_names", "");
    assert_computed("env_vars: [{name: ABC, kind: plain, values: {prod: \"a\\nb\"}}]\n",
                    "plain_values", "the value of ABC has a line break");
}

static void test_release_channels(void **state)
{
    (void)state;
#define TOLD                                                                                       \
    "env_vars: [{name: DSN, kind: secret}]\n"                                                      \
    "observability:\n"                                                                             \
    "  notify:\n"                                                                                  \
    "    - {kind: slack, endpoint_secret: SLACK_URL, releases: true}\n"                            \
    "    - {kind: webhook, endpoint_secret: OPS_URL, releases: true}\n"                            \
    "    - {kind: webhook, endpoint_secret: OPS_URL, level: warning, releases: true}\n"            \
    "    - {kind: webhook, endpoint_secret: QUIET_URL}\n"                                          \
    "    - {kind: email, address: a@example.com}\n"                                                \
    "    - {kind: pagerduty, level: critical, endpoint_secret: PAGER_URL}\n"
    assert_computed(
        TOLD, "secret_names",
        "DEMO_BACKEND_DSN,SLACK_URL,OPS_URL,QUIET_URL,PAGER_URL"); /* a place for each */
    assert_computed(TOLD, "release_channel_secret_arns",
                    "arn:aws:secretsmanager:eu-central-1:222222222222:secret:/demo/prod/"
                    "SLACK_URL-\?\?\?\?\?\?,"
                    "arn:aws:secretsmanager:eu-central-1:222222222222:secret:/demo/prod/"
                    "OPS_URL-\?\?\?\?\?\?");
    assert_computed(TOLD "secrets: {store: ssm}\n", "release_channel_secret_arns",
                    "arn:aws:ssm:eu-central-1:222222222222:parameter/demo/prod/SLACK_URL,"
                    "arn:aws:ssm:eu-central-1:222222222222:parameter/demo/prod/OPS_URL");
    assert_computed("", "release_channel_secret_arns", "<default>");
}

static void test_promotion(void **state)
{
    (void)state;
    assert_computed("", "promoting_account", "<default>");
    assert_computed("", "promotion_roles", "arn:aws:iam::111111111111:role/demo-stg-promote");
    gl_autofree char *one_account = gl_strdup(MINIMUM "accounts: {layout: single}\n");
    for (char *at = one_account; (at = strstr(at, "111111111111"));)
        memset(at, '2', strlen("111111111111"));
    gl_autofree char *roles = compute(one_account, "promotion_roles");
    assert_string_equal(roles, "<default>");
}

static void test_other_services(void **state)
{
    (void)state;
#define TWO                                                                                        \
    "env_vars: [{name: DSN, kind: secret}, {name: LOG, kind: plain, values: {prod: info}}, "       \
    "{name: PAGE, scope: frontend, kind: plain, values: {prod: x}}]\n"
    assert_computed(TWO, "apprunner_secret_names", "DSN\n\n\n\n\n\n\n");
    assert_computed(TWO, "apprunner_secret_references",
                    "arn:aws:secretsmanager:eu-central-1:222222222222:secret:/demo/prod/"
                    "DEMO_BACKEND_DSN\n\n\n\n\n\n\n");
    assert_computed(TWO, "apprunner_plain_names", "APP_ENV\nAWS_REGION\nLOG\n\n\n\n\n\n\n\n\n");
    assert_computed(TWO, "apprunner_plain_values", "prod\neu-central-1\ninfo\n\n\n\n\n\n\n\n\n");
    assert_computed("env_vars: []\n", "apprunner_secret_names", "\n\n\n\n\n\n\n");
    assert_computed(
        "env_vars: [{name: AAA, kind: secret}, {name: BBB, kind: secret}, {name: CCC, kind: "
        "secret}, {name: DDD, kind: secret}, {name: EEE, kind: secret}, {name: FFF, kind: "
        "secret}, {name: GGG, kind: secret}, {name: HHH, kind: secret}, {name: III, kind: "
        "secret}]\n",
        "apprunner_secret_names",
        "env_vars has 9 variables for the backend; App Runner's stack has places for 8");
    assert_computed(
        TWO "frontend: {ssr: {origin: \"https://x.example.com\"}}\n", "frontend_environment",
        "[{\"Name\":\"PORT\",\"Value\":\"3000\"},{\"Name\":\"APP_ENV\",\"Value\":\"prod\"},"
        "{\"Name\":\"AWS_REGION\",\"Value\":\"eu-central-1\"},"
        "{\"Name\":\"ORIGIN\",\"Value\":\"https://x.example.com\"},"
        "{\"Name\":\"PAGE\",\"Value\":\"x\"}]");
    assert_computed(TWO, "frontend_secrets", "[]");
}

static void test_network(void **state)
{
    (void)state;
#define ALLOW                                                                                      \
    "network: {egress: {allow: [{name: a, purpose: p, domain: x.example.com}, {name: b, purpose: " \
    "p, cidr: 10.0.0.0/8, port: 5432}, {name: c, purpose: p, cidr: 10.1.0.0/16}]}}\n"
    assert_computed(ALLOW, "egress_https", "true");
    assert_computed("", "egress_https", "true"); /* or no task of a short file could start */
    assert_computed("network: {egress: {mode: open}}\n", "egress_https", "true");
    assert_computed("network: {egress: {mode: restricted}}\n", "egress_https", "false");
    assert_computed("network: {egress: {allow: [{name: b, purpose: p, cidr: 10.9.0.0/16}]}}\n",
                    "egress_https", "false");
    assert_computed("network: {vpc_endpoints: {ecr: interface, logs: interface, secretsmanager: "
                    "interface}}\n",
                    "egress_https", "false");
    assert_computed(ALLOW, "egress_cidr_names", "b,c");
    assert_computed(ALLOW, "egress_cidr_targets", "\nb=10.0.0.0/8;5432\nc=10.1.0.0/16;443\n");
#define EXCLUDE(group)                                                                             \
    "{group: " group ", rule: SizeRestrictions_BODY, reason: r, until: 2027-01-01}"
    assert_computed("", "waf_common_count", ",,,,");
    assert_computed("edge: {waf: {exclusions: [" EXCLUDE("AWSManagedRulesCommonRuleSet") "]}}\n",
                    "waf_common_count", "SizeRestrictions_BODY,,,,");
    assert_computed("edge: {waf: {exclusions: [" EXCLUDE("AWSManagedRulesSQLiRuleSet") "]}}\n",
                    "waf_common_count", ",,,,");
    assert_computed(
        "edge: {waf: {exclusions: [" EXCLUDE("AWSManagedRulesSQLiRuleSet") ", " EXCLUDE("AWSManagedRulesSQLiRuleSet") ", " EXCLUDE(
            "AWSManagedRulesSQLiRuleSet") ", " EXCLUDE("AWSManagedRulesSQLiRuleSet") "]}}\n",
        "waf_sqli_count",
        "edge.waf.exclusions has 4 rules of AWSManagedRulesSQLiRuleSet; the stack has "
        "places for 3");
}

#define EXCLUDE_UNTIL(rule, until, more)                                                           \
    "{group: AWSManagedRulesCommonRuleSet, rule: " rule ", reason: r, until: " until more "}"

/* Today's date of UTC; the caller owns it. */
static char *date_of_today(void)
{
    gl_autofree char *now = gl_format_rfc3339(gl_now_unix_ms());
    return gl_strndup(now, strlen("2026-11-23"));
}

#define EXCLUSIONS                                                                                          \
    "edge: {waf: {exclusions: [" EXCLUDE_UNTIL("Past", "2020-01-01", ", action: allow") ", " EXCLUDE_UNTIL( \
        "Let", "9999-12-31",                                                                                \
        ", action: allow") ", " EXCLUDE_UNTIL("Seen", "9999-12-31",                                         \
                                              ", action: count") ", " EXCLUDE_UNTIL("Plain",                \
                                                                                    "9999-12-31",           \
                                                                                    "") "]}}\n"

static void test_waf_exclusions(void **state)
{
    (void)state;
    assert_computed(EXCLUSIONS, "waf_common_count", "Let,Seen,Plain,,");
    assert_computed(EXCLUSIONS, "waf_common_actions", "allow,count,count,,");
    assert_computed(EXCLUSIONS, "waf_sqli_actions", ",,");
    assert_computed("", "waf_bad_inputs_actions", ",,");
}

/* The day that `until` names is the last one. Asked again where the day ended in between. */
static void test_waf_last_day(void **state)
{
    (void)state;
    gl_autofree char *after = date_of_today();
    gl_autofree char *before = NULL;
    gl_autofree char *value = NULL;
    do {
        free(before);
        free(value);
        before = gl_strdup(after);
        gl_autofree char *text = gl_asprintf(
            MINIMUM "edge: {waf: {exclusions: [{group: AWSManagedRulesCommonRuleSet, rule: Last, "
                    "reason: r, until: %s}]}}\n",
            before);
        value = compute(text, "waf_common_count");
        free(after);
        after = date_of_today();
    } while (strcmp(before, after) != 0);
    assert_string_equal(value, "Last,,,,");
}

static void test_alarms(void **state)
{
    (void)state;
    assert_computed("", "alarm_cert_expiry_days", "30");
    assert_computed("", "alarm_error_rate_percent", "2");
    assert_computed("", "alarm_latency_p95_seconds", "0.75");
    assert_computed("observability: {alarms: []}\n", "alarm_error_rate_percent", "<default>");
    assert_computed("", "burn_fast_percent", "1.44");
    assert_computed("slo: {availability_pct: 99.5}\n", "burn_slow_percent", "3");
    assert_computed("", "slo_p99_seconds", "1.5");
    assert_computed("", "alarm_free_storage_bytes", "4294967296");
    assert_computed("", "alarm_freeable_memory_bytes", "107374182");
    assert_computed("", "alarm_db_connections", "63");
    assert_computed("sizing: {instance_class: db.r7g.large}\n", "alarm_freeable_memory_bytes",
                    "1717986918");
    assert_computed("sizing: {instance_class: db.m7g.16xlarge}\n", "alarm_db_connections", "4000");
    assert_computed("sizing: {instance_class: db.x9.odd}\n", "alarm_db_connections", "<default>");
    assert_computed("", "runbook_error_rate", "docs/runbooks/high-error-rate.md");
    assert_computed("", "runbook_base", "");
}

#define NOTIFY                                                                                     \
    "people: [{id: a, name: A, email: a@example.com}]\n"                                           \
    "observability: {notify: [{kind: email, level: warning, address: w@example.com},\n"            \
    "  {kind: email, level: critical, address: c@example.com}, {kind: slack, level: critical, "    \
    "workspace: T01, channel: C01},\n  {kind: slack, level: warning, workspace: T02, channel: "    \
    "C02}]}\n"

static void test_channels(void **state)
{
    (void)state;
    assert_computed(NOTIFY, "notify_critical_emails", "c@example.com");
    assert_computed(NOTIFY, "notify_warning_emails", "w@example.com");
    assert_computed(NOTIFY, "slack_workspace", "T01");
    assert_computed(NOTIFY, "slack_critical_channels", "C01");
    assert_computed(NOTIFY, "slack_warning_channels", "C02");
    assert_computed("", "slack_workspace", "");
    assert_computed("cost: {monthly_budget_usd: {prod: 800}}\n", "monthly_budget_usd", "800.00");
    assert_computed("", "monthly_budget_usd", "<default>");
}

static void test_service_and_rollback(void **state)
{
    (void)state;
    assert_computed("", "engine_major", "16");
    assert_computed("database: {engine_version: \"17.4\"}\n", "engine_major", "17");
    assert_computed("backend: {stop_timeout_s: 5}\n", "drain_seconds", "15");
    assert_computed("backend: {stop_timeout_s: 300}\n", "drain_seconds", "120");
    assert_computed("", "health_grace_seconds", "60");
    assert_computed("release: {canary: {seconds: 61}}\n", "canary_minutes", "2");
    assert_computed("release: {canary: {percent: 0}}\n", "canary_percent", "1");
    assert_computed("release: {canary: {percent: 25}}\n", "canary_percent", "25");
#define RULE                                                                                       \
    "release: {rollback: {when: [{metric: p95, op: \">\", threshold: 800, unit: ms, window_min: "  \
    "4, datapoints: 2}]}}\n"
    assert_computed(RULE, "rollback_p95_threshold", "0.8");
    assert_computed(RULE, "rollback_p95_window", "4");
    assert_computed(RULE, "rollback_p95_datapoints", "2");
    assert_computed(RULE, "rollback_5xx_rate_threshold", "");
    assert_computed(RULE, "rollback_5xx_rate_window", "<default>");
}

/* Every row can be called; names are sorted, so that a reader finds them. */
static void test_the_table(void **state)
{
    (void)state;
    for (const struct gl_computed *at = gl_computed_functions; at->name; at++) {
        gl_autofree char *value = compute(MINIMUM, at->name);
        assert_non_null(value);
        assert_true(!at[1].name || strcmp(at->name, at[1].name) < 0);
        assert_true((at->compute == NULL) != (at->list == NULL));
    }
    assert_null(gl_computed_find("nothing"));
    assert_string_equal(gl_computed_nearest("secret_name"), "secret_names");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_promotion),        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_other_services),   cmocka_unit_test(test_network),
        cmocka_unit_test(test_waf_exclusions),   cmocka_unit_test(test_waf_last_day),
        cmocka_unit_test(test_alarms),           cmocka_unit_test(test_channels),
        cmocka_unit_test(test_release_channels), cmocka_unit_test(test_service_and_rollback),
        cmocka_unit_test(test_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
