/* Values of parameters that are functions of golive.yaml: `{computed: NAME}`. */
#ifndef GL_INFRA_COMPUTED_H
#define GL_INFRA_COMPUTED_H

#include "base/buf.h"
#include "config/config.h"

struct gl_computing {
    const struct gl_config *config;
    const char *argument; /* of the row, or NULL */
    const char *region;   /* of the stack */
    struct gl_error *err;
};

struct gl_computed {
    const char *name;
    const char *text; /* N_(): exact meaning */
    /* Appends the value; leaves *ret_given false for the template's Default. */
    int (*compute)(const struct gl_computing *c, struct gl_buf *value, bool *ret_given);
    const char *argument;
    /* Instead of `compute`, a list of objects: only for release/task-definition, because
     * CloudFormation has no parameter of that type. The caller owns it. */
    json_t *(*list)(const struct gl_computing *c);
};

/* All functions; ends with NULL. */
extern const struct gl_computed gl_computed_functions[];

const struct gl_computed *gl_computed_find(const char *name);
/* The nearest name to a wrong one, or NULL. */
const char *gl_computed_nearest(const char *name);

/* The name under which a variable of `env_vars` is stored: its store_name, else
 * PREFIX_SCOPE_NAME with the prefix app.env_prefix or app.name in capitals. Caller owns it. */
char *gl_variable_store_name(const struct gl_config *config, const json_t *variable);

/* A value of golive.yaml as text of a parameter: lists are joined by commas. False for null, maps
 * and lists of maps. */
bool gl_config_value_text(const json_t *value, struct gl_buf *text);

/* ---- room-internal: the functions by subject ---------------------------------------------------
 */

typedef int gl_compute_fn(const struct gl_computing *c, struct gl_buf *value, bool *ret_given);

/* computed_variables.c; argument = scope, or member of a pair for the lines */
gl_compute_fn gl_compute_channel_arns;
gl_compute_fn gl_compute_secret_names, gl_compute_plain_names, gl_compute_plain_values,
    gl_compute_secret_arns, gl_compute_secret_lines, gl_compute_plain_lines;
json_t *gl_compute_environment(const struct gl_computing *c);
json_t *gl_compute_secrets(const struct gl_computing *c);
/* computed_network.c; argument = rule group and number of places */
gl_compute_fn gl_compute_egress_https, gl_compute_egress_names, gl_compute_egress_targets,
    gl_compute_waf_rules, gl_compute_waf_actions;
/* computed_alarms.c; argument = id of the alarm, level, metric, factor or key */
gl_compute_fn gl_compute_threshold, gl_compute_threshold_seconds, gl_compute_connections,
    gl_compute_free_storage, gl_compute_free_memory, gl_compute_burn, gl_compute_seconds_of,
    gl_compute_runbook, gl_compute_runbook_base, gl_compute_emails, gl_compute_slack_workspace,
    gl_compute_slack_channels, gl_compute_rollback_threshold, gl_compute_rollback_field,
    gl_compute_budget;
/* promotion.c */
gl_compute_fn gl_compute_promoting_account, gl_compute_promotion_roles;
/* computed_service.c */
gl_compute_fn gl_compute_engine_major, gl_compute_drain, gl_compute_grace, gl_compute_canary,
    gl_compute_canary_percent, gl_compute_linear_percent;

#endif
