/* Computed values: thresholds of alarms and rollbacks, runbooks, channels, the budget. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/strv.h"
#include "infra/computed.h"

static void add_number(struct gl_buf *value, double number)
{
    gl_buf_printf(value, "%.10g", number);
}

/* ---- alarms ------------------------------------------------------------------------------------
 */

static const json_t *alarm_of(const struct gl_computing *c)
{
    size_t i;
    const json_t *alarm;
    json_array_foreach(gl_config_node(c->config, "observability.alarms"), i, alarm)
    {
        if (strcmp(gl_json_str(alarm, "id", ""), c->argument) == 0)
            return alarm;
    }
    return NULL;
}

int gl_compute_threshold(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const json_t *threshold = json_object_get(alarm_of(c), "threshold");
    *ret_given = json_is_number(threshold);
    if (*ret_given)
        add_number(value, json_number_value(threshold));
    return 0;
}

int gl_compute_threshold_seconds(const struct gl_computing *c, struct gl_buf *value,
                                 bool *ret_given)
{
    const json_t *alarm = alarm_of(c);
    const json_t *threshold = json_object_get(alarm, "threshold");
    bool seconds = strcmp(gl_json_str(alarm, "unit", "ms"), "s") == 0;
    *ret_given = json_is_number(threshold);
    if (*ret_given)
        add_number(value, json_number_value(threshold) / (seconds ? 1 : 1000));
    return 0;
}

/* ---- the database's size -----------------------------------------------------------------------
 */

static const double gib = 1024.0 * 1024 * 1024;

/* Memory of a size, for families with 4 GiB a virtual CPU from large on (m, t); r has twice that.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html */
static const struct {
    const char *size;
    double gib;
} sizes[] = {
    {"micro",    1  },
    {"small",    2  },
    {"medium",   4  },
    {"large",    8  },
    {"xlarge",   16 },
    {"2xlarge",  32 },
    {"4xlarge",  64 },
    {"8xlarge",  128},
    {"12xlarge", 192},
    {"16xlarge", 256},
};

/* 0 for a class that the table does not know. */
static double class_memory_bytes(const struct gl_config *config)
{
    const char *class = gl_config_str(config, "sizing.instance_class");
    const char *size = class ? strrchr(class, '.') : NULL;
    bool doubled = class && gl_starts_with(class, "db.r");
    for (size_t i = 0; size && i < GL_COUNT(sizes); i++) {
        if (strcmp(sizes[i].size, size + 1) == 0)
            return sizes[i].gib * gib * (doubled ? 2 : 1);
    }
    return 0;
}

/* RDS: LEAST(DBInstanceClassMemory / 9531392, 5000), of what the system leaves. */
static double max_connections(double memory)
{
    double most = (memory * 0.95 - gib / 4) / 9531392;
    return most > 5000 ? 5000 : most;
}

int gl_compute_connections(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const json_t *alarm = alarm_of(c);
    const json_t *threshold = json_object_get(alarm, "threshold");
    double memory = class_memory_bytes(c->config);
    bool percent = gl_starts_with(gl_json_str(alarm, "unit", "percent_of_max"), "percent");
    double number = json_number_value(threshold);
    if (percent)
        number = number / 100 * max_connections(memory);
    *ret_given = json_is_number(threshold) && (memory > 0 || !percent);
    if (*ret_given)
        gl_buf_printf(value, "%.0f", number < 1 ? 1 : number);
    return 0;
}

int gl_compute_free_storage(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    double storage = (double)gl_config_int(c->config, "sizing.storage_gb") * gib;
    gl_buf_printf(value, "%.0f", storage / 5);
    *ret_given = true;
    return 0;
}

int gl_compute_free_memory(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    double memory = class_memory_bytes(c->config);
    *ret_given = memory > 0;
    if (*ret_given)
        gl_buf_printf(value, "%.0f", memory / 10);
    return 0;
}

/* ---- objectives --------------------------------------------------------------------------------
 */

int gl_compute_burn(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    double budget_pct = 100 - gl_config_real(c->config, "slo.availability_pct");
    gl_buf_printf(value, "%.6g", strtod(c->argument, NULL) * budget_pct);
    *ret_given = true;
    return 0;
}

int gl_compute_seconds_of(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    add_number(value, (double)gl_config_int(c->config, c->argument) / 1000);
    *ret_given = true;
    return 0;
}

/* ---- runbooks, channels, budget ----------------------------------------------------------------
 */

int gl_compute_runbook(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const char *runbook = gl_json_str(alarm_of(c), "runbook", NULL);
    *ret_given = runbook != NULL;
    if (runbook)
        gl_buf_puts(value, runbook);
    return 0;
}

int gl_compute_runbook_base(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const char *repo = gl_config_str(c->config, "app.repo");
    const char *branch = gl_config_str(c->config, "ci.branches.production");
    if (repo && branch)
        gl_buf_printf(value, "https://github.com/%s/blob/%s/", repo, branch);
    *ret_given = true;
    return 0;
}

/* One member of every channel of a kind and level, joined by commas. */
static void add_channels(const struct gl_computing *c, const char *kind, const char *member,
                         struct gl_buf *value)
{
    size_t i;
    const json_t *channel;
    json_array_foreach(gl_config_node(c->config, "observability.notify"), i, channel)
    {
        const char *text = gl_json_str(channel, member, NULL);
        if (text && strcmp(gl_json_str(channel, "kind", ""), kind) == 0 &&
            strcmp(gl_json_str(channel, "level", "critical"), c->argument) == 0)
            gl_buf_printf(value, "%s%s", value->len ? "," : "", text);
    }
}

int gl_compute_emails(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    add_channels(c, "email", "address", value);
    *ret_given = true;
    return 0;
}

int gl_compute_slack_channels(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    add_channels(c, "slack", "channel", value);
    *ret_given = true;
    return 0;
}

int gl_compute_slack_workspace(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    size_t i;
    const json_t *channel;
    *ret_given = true;
    json_array_foreach(gl_config_node(c->config, "observability.notify"), i, channel)
    {
        const char *workspace = gl_json_str(channel, "workspace", NULL);
        if (workspace && strcmp(gl_json_str(channel, "kind", ""), "slack") == 0) {
            gl_buf_puts(value, workspace);
            break;
        }
    }
    return 0;
}

int gl_compute_budget(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const json_t *budgets = gl_config_node(c->config, "cost.monthly_budget_usd");
    const json_t *budget = json_object_get(budgets, gl_config_env(c->config));
    *ret_given = json_is_number(budget);
    if (*ret_given)
        gl_buf_printf(value, "%.2f", json_number_value(budget));
    return 0;
}

/* ---- rollback ----------------------------------------------------------------------------------
 */

static const json_t *rollback_rule(const struct gl_computing *c, size_t metric_len)
{
    size_t i;
    const json_t *rule;
    json_array_foreach(gl_config_node(c->config, "release.rollback.when"), i, rule)
    {
        const char *metric = gl_json_str(rule, "metric", "");
        if (strlen(metric) == metric_len && memcmp(metric, c->argument, metric_len) == 0)
            return rule;
    }
    return NULL;
}

int gl_compute_rollback_threshold(const struct gl_computing *c, struct gl_buf *value,
                                  bool *ret_given)
{
    const json_t *rule = rollback_rule(c, strlen(c->argument));
    const json_t *threshold = json_object_get(rule, "threshold");
    bool milliseconds = strcmp(gl_json_str(rule, "unit", ""), "ms") == 0;
    *ret_given = true;
    if (json_is_number(threshold))
        add_number(value, json_number_value(threshold) / (milliseconds ? 1000 : 1));
    return 0;
}

int gl_compute_rollback_field(const struct gl_computing *c, struct gl_buf *value, bool *ret_given)
{
    const char *field = strchr(c->argument, ' ') + 1;
    const json_t *rule = rollback_rule(c, (size_t)(field - c->argument) - 1);
    const json_t *number = json_object_get(rule, field);
    *ret_given = json_is_integer(number);
    if (*ret_given)
        gl_buf_printf(value, "%lld", (long long)json_integer_value(number));
    return 0;
}
