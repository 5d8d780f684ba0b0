/* Values of runbooks: single keys, and lists of golive.yaml as lines of Markdown. */
#include "generate/runbook_values.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

static const struct {
    const char *name, *key;
} singles[] = {
    {"app",              "app.name"                    },
    {"account",          "account_id"                  },
    {"region",           "region"                      },
    {"api",              "domain.api"                  },
    {"site",             "domain.app"                  },
    {"zone",             "domain.zone"                 },
    {"ready",            "backend.ready_path"          },
    {"bake_minutes",     "release.bake_minutes"        },
    {"rollback_minutes", "release.rollback.max_minutes"},
    {"rto",              "recovery.rto_minutes"        },
    {"rpo",              "recovery.rpo_minutes"        },
    {"ack",              "oncall.ack_minutes"          },
    {"coverage",         "oncall.coverage"             },
    {"timezone",         "oncall.timezone"             },
    {"security_email",   "contacts.security_email"     },
    {"cutover_at",       "cutover.at"                  },
    {"cutover_from",     "cutover.window.from"         },
    {"cutover_to",       "cutover.window.to"           },
    {"cutover_operator", "cutover.operator"            },
    {"cutover_deputy",   "cutover.deputy"              },
    {"watch_hours",      "cutover.watch_hours"         },
    {"previous",         "cutover.previous.kind"       },
    {"keep_until",       "cutover.previous.keep_until" },
    {"data_rollback",    "cutover.data_rollback"       },
    {"slo_availability", "slo.availability_pct"        },
    {"slo_window",       "slo.window_days"             },
    {"slo_errors",       "slo.error_rate_pct"          },
    {"slo_p95",          "slo.p95_ms"                  },
    {"slo_p99",          "slo.p99_ms"                  },
    {"sla",              "sla.availability_pct"        },
};

static const struct {
    const char *name, *key, *pattern;
    const char *field, *word; /* only items whose field is this word; NULL = all */
} lists[] = {
    {"severities", "incident.severities",
     "| {id} | {definition} | [{ack_minutes}] | [{update_minutes}] | [{notify}] |",                            NULL, NULL    },
    {"rotation",   "oncall.rotation",       "| {from} | {to} | {primary} | [{secondary}] |",                   NULL, NULL    },
    {"escalation", "oncall.escalation",     "1. {}",                                                           NULL, NULL    },
    {"people",     "people",                "| {id} | [{name}] | [{phone}] | [{email}] | [{slack}] |",         NULL, NULL    },
    {"areas",      "responsibilities",      "| {key} | [{accountable}] | [{responsible}] |",                   NULL, NULL    },
    {"vendors",    "contacts.vendors",      "- {name}[ ({plan})][: {route}]",                                  NULL, NULL    },
    {"notify",     "observability.notify",  "- {kind} ({level})[: {owner}]",                                   NULL, NULL    },
    {"when",       "release.rollback.when",
     "- {metric}[ {op} {threshold}[ {unit}]][, {datapoints} of {window_min} min]",                             NULL, NULL    },
    {"smoke",      "release.smoke",         "- {name}: [{method} ]{url}[, {status}]",                          NULL, NULL    },
    {"secrets",    "env_vars",
     "| {name} | [{store_name}] | [{scope}] | [{rotation.days}] | [{rotation.method}] | [{rotation.owner}] |",
     "kind",                                                                                                         "secret"},
    {"steps",      "cutover.steps",
     "1. {id} ({owner}, [{offset_min} min]): [`{command}`][ → {expect}][ / abort: {abort_if}]",              NULL, NULL    },
    {"criteria",   "cutover.criteria",      "- {metric}[ {op} {threshold}[ {unit}]][, {window_min} min]",
     NULL,                                                                                                           NULL    },
    {"announce",   "cutover.announce",      "- {}",                                                            NULL, NULL    },
    {"approvers",  "approval.approvers",    "- {}",                                                            NULL, NULL    },
};

/* ---- one row -----------------------------------------------------------------------------------
 */

/* NULL for what is no text, number, truth or list of texts. The caller owns it. */
static char *scalar(const json_t *value)
{
    if (json_is_string(value))
        return gl_strdup(json_string_value(value));
    if (json_is_integer(value))
        return gl_asprintf("%lld", (long long)json_integer_value(value));
    if (json_is_real(value))
        return gl_asprintf("%.15g", json_real_value(value));
    if (json_is_boolean(value))
        return gl_strdup(json_is_true(value) ? "true" : "false");
    if (!json_is_array(value))
        return NULL;
    gl_autostrv struct gl_strv words = {0};
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)value, index, item)
    {
        if (json_is_string(item))
            gl_strv_add(&words, json_string_value(item));
    }
    return gl_strv_join(&words, ", ");
}

static char *field_text(const char *name, const char *key, const json_t *item)
{
    gl_autostrv struct gl_strv parts = {0};
    if (strcmp(name, "key") == 0 && key)
        return gl_strdup(key);
    gl_strv_split(&parts, name, ".");
    for (size_t i = 0; i < parts.count; i++)
        item = json_object_get(item, parts.items[i]);
    return scalar(item);
}

/* Writes up to the end of the pattern or of the brackets it begins in; returns what is behind.
 * ret_missing: a field that is not in brackets of its own is not there. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the brackets of our own patterns */
static const char *write_part(const char *at, const char *key, const json_t *item,
                              struct gl_buf *out, bool *ret_missing)
{
    while (*at && *at != ']') {
        if (*at == '[') {
            gl_autobuf struct gl_buf inner = {0};
            bool missing = false;
            at = write_part(at + 1, key, item, &inner, &missing);
            gl_buf_puts(out, missing ? "" : gl_buf_text(&inner));
        } else if (*at == '{') {
            size_t len = strcspn(at, "}");
            gl_autofree char *name = gl_strndup(at + 1, len - 1);
            gl_autofree char *text = field_text(name, key, item);
            *ret_missing = *ret_missing || !text;
            gl_buf_puts(out, text ? text : "?");
            at += len;
        } else {
            gl_buf_putc(out, *at);
        }
        at += *at != '\0';
    }
    return at;
}

char *gl_runbook_row(const char *pattern, const char *key, const json_t *item)
{
    gl_autobuf struct gl_buf out = {0};
    bool missing = false;
    write_part(pattern, key, item, &out, &missing);
    gl_buf_puts(&out, "");
    return gl_buf_steal(&out);
}

/* ---- all values --------------------------------------------------------------------------------
 */

static void add_row(struct gl_buf *lines, const struct gl_config *config, size_t list,
                    const char *key, const json_t *item)
{
    const char *field = lists[list].field;
    if (field && strcmp(gl_json_str(item, field, ""), lists[list].word) != 0)
        return;
    gl_autofree char *row = gl_runbook_row(lists[list].pattern, key, item);
    gl_autofree char *filled = gl_config_expand(config, row); /* "{domain.api}" */
    gl_buf_printf(lines, "%s%s", lines->len ? "\n" : "", filled);
}

static void set_list(json_t *values, const struct gl_config *config, size_t list)
{
    json_t *node = (json_t *)gl_config_node(config, lists[list].key);
    gl_autobuf struct gl_buf lines = {0};
    size_t index;
    const char *key;
    json_t *item;
    json_array_foreach(node, index, item) add_row(&lines, config, list, NULL, item);
    json_object_foreach(node, key, item) add_row(&lines, config, list, key, item);
    if (lines.len)
        gl_json_set_str(values, lists[list].name, gl_buf_text(&lines));
}

/* The environment that releases come from; where there is none they go straight to production. */
static void set_staging(json_t *values, const struct gl_config *production)
{
    static const char *const names[] = {"stg", "staging"};
    const json_t *environments = json_object_get(gl_config_tree(production), "environments");
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        if (json_object_get(environments, names[i])) {
            gl_json_set_str(values, "staging", names[i]);
            return;
        }
    }
}

json_t *gl_runbook_values(const struct gl_config *production)
{
    json_t *values = json_object();
    gl_json_set_str(values, "env", gl_config_env(production));
    for (size_t i = 0; i < GL_COUNT(singles); i++) {
        gl_autofree char *text = scalar(gl_config_node(production, singles[i].key));
        gl_autofree char *none = gl_asprintf("(not set / 未設定: %s)", singles[i].key);
        gl_json_set_str(values, singles[i].name, text ? text : none);
    }
    for (size_t i = 0; i < GL_COUNT(lists); i++)
        set_list(values, production, i);
    set_staging(values, production);
    const char *platform = gl_config_str(production, "backend.platform");
    if (platform && strcmp(platform, "app_runner") == 0)
        gl_json_set_str(values, "apprunner", "yes");
    else
        gl_json_set_str(values, "ecs", "yes");
    return values;
}
