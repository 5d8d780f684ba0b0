/* Rules that the schema's rows cannot say: about one node by its path, and about several values of
 * a merged configuration. Each is a row of a table and a small function. */
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/i18n.h"
#include "base/log.h"
#include "config/internal.h"

static const char *text_of(const struct gl_node *node, const char *name)
{
    const struct gl_node *child = gl_node_child(node, name);
    return child && child->kind == GL_NODE_SCALAR ? child->text : NULL;
}

/* ---- references to people, roles, environments -------------------------------------------------
 */

static void collect_names(const struct gl_node *map, struct gl_strv *names)
{
    for (const struct gl_node *at = map ? map->first : NULL; at; at = at->next) {
        if (at->name)
            gl_strv_add(names, at->name);
    }
}

/* Completes the message about a name that is not among the known ones. */
static void hint_known(struct gl_error *problem, const char *name, const struct gl_strv *known)
{
    const char *nearest = gl_nearest(name, (const char *const *)known->items, known->count);
    gl_autofree char *all = gl_strv_join(known, ", ");
    gl_autofree char *beside = nearest ? gl_asprintf(_("did you mean `%s`?"), nearest) : NULL;
    gl_error_hint(problem, _("%s\nKnown: %s."), beside ? beside : "",
                  known->count ? all : _("none yet"));
}

static void check_person(const struct gl_check *check, const struct gl_node *node)
{
    gl_autostrv struct gl_strv known = {0};
    const struct gl_node *people = gl_node_child(check->root, "people");
    for (const struct gl_node *at = people ? people->first : NULL; at; at = at->next) {
        const char *id = text_of(at, "id");
        if (id && !gl_strv_has(&known, id))
            gl_strv_add(&known, id);
    }
    if (!gl_strv_has(&known, node->text))
        hint_known(gl_diagnostics_add(check->list, check->file, node->origin,
                                      _("`%s` is not the id of one of people"), node->text),
                   node->text, &known);
}

static void check_role(const struct gl_check *check, const struct gl_node *node)
{
    gl_autostrv struct gl_strv known = {0};
    collect_names(gl_node_child(check->root, "roles"), &known);
    if (!gl_strv_has(&known, node->text))
        hint_known(gl_diagnostics_add(check->list, check->file, node->origin,
                                      _("`%s` is not one of roles"), node->text),
                   node->text, &known);
}

/* Names of maps that stand for an environment. */
static void check_environment(const struct gl_check *check, const struct gl_node *node)
{
    gl_autostrv struct gl_strv known = {0};
    collect_names(gl_node_child(check->root, "environments"), &known);
    gl_strv_add(&known, "local");
    if (!gl_strv_has(&known, node->name))
        hint_known(gl_diagnostics_add(check->list, check->file, node->name_origin,
                                      _("there is no environment `%s`"), node->name),
                   node->name, &known);
}

/* ---- rules about one node ----------------------------------------------------------------------
 */

static void check_decision(const struct gl_check *check, const struct gl_node *node)
{
    if (gl_schema_find(node->name))
        return;
    const char *nearest = gl_schema_nearest(node->name);
    struct gl_error *problem =
        gl_diagnostics_add(check->list, check->file, node->name_origin,
                           _("a decision about `%s`, which is no key"), node->name);
    if (nearest)
        gl_error_hint(problem, _("did you mean `%s`?\n"), nearest);
}

/* The value is remembered as a secret, so that the shown line does not repeat it. */
static void check_variable(const struct gl_check *check, const struct gl_node *node)
{
    const char *kind = text_of(node, "kind");
    const struct gl_node *values = gl_node_child(node, "values");
    if (!kind || strcmp(kind, "secret") != 0 || !values || !values->first)
        return;
    for (const struct gl_node *at = values->first; at; at = at->next)
        gl_secret_add(at->text);
    const char *name = text_of(node, "name");
    struct gl_error *problem = gl_diagnostics_add(
        check->list, check->file, values->name_origin,
        _("%s is a secret: its values do not stand in this file"), name ? name : "?");
    gl_error_hint(problem,
                  _("\nRemove them here, and change the secret: this file may have been copied. "
                    "On this machine golive makes up a value; on AWS it stands in the secret "
                    "store (secrets.store)."));
}

/* Without a scope it would be the backend's, and the frontend would silently be without it. */
static void check_public(const struct gl_check *check, const struct gl_node *node)
{
    const char *name = text_of(node, "name");
    if (!name || !gl_starts_with(name, "PUBLIC_") || gl_node_child(node, "scope"))
        return;
    struct gl_error *problem =
        gl_diagnostics_add(check->list, check->file, gl_node_child(node, "name")->origin,
                           _("%s is named as one of the frontend, but has no scope"), name);
    gl_error_hint(problem, _("add `scope: frontend` (or common, backend)\n"));
}

static void check_regex(const struct gl_check *check, const struct gl_node *node)
{
    regex_t compiled;
    char why[128];
    int failed = regcomp(&compiled, node->text, REG_EXTENDED | REG_NOSUB);
    if (failed == 0) {
        regfree(&compiled);
        return;
    }
    regerror(failed, &compiled, why, sizeof why);
    gl_diagnostics_add(check->list, check->file, node->origin,
                       _("not an extended regular expression: %s"), why);
}

static void check_waiver(const struct gl_check *check, const struct gl_node *node)
{
    const char *by = text_of(node, "by");
    const char *approved_by = text_of(node, "approved_by");
    if (by && approved_by && strcmp(by, approved_by) == 0)
        gl_diagnostics_add(check->list, check->file, gl_node_child(node, "approved_by")->origin,
                           _("%s cannot agree to a waiver of their own"), by);
}

/* Instants are compared on the clock of UTC: their offsets may differ. */
static bool instant_of(const char *text, double *ret_seconds)
{
    struct tm day = {0};
    const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M", &day) : NULL;
    if (!rest)
        return false;
    double seconds = (double)timegm(&day);
    if (*rest == ':')
        rest += 1 + strspn(rest + 1, "0123456789.");
    int hours = 0;
    int minutes = 0;
    if (*rest != 'Z' && sscanf(rest + 1, "%2d:%2d", &hours, &minutes) != 2) // NOLINT(cert-err34-c)
        return false;
    *ret_seconds = seconds - (*rest == '-' ? -1 : 1) * (hours * 3600.0 + minutes * 60.0);
    return true;
}

static void check_period(const struct gl_check *check, const struct gl_node *node)
{
    double from;
    double to;
    if (!instant_of(text_of(node, "from"), &from) || !instant_of(text_of(node, "to"), &to) ||
        from < to)
        return;
    gl_diagnostics_add(check->list, check->file, gl_node_child(node, "to")->origin,
                       _("this ends before it begins (from %s)"), text_of(node, "from"));
}

static void check_peak_hours(const struct gl_check *check, const struct gl_node *node)
{
    const char *from = text_of(node, "from");
    const char *to = text_of(node, "to");
    if (from && to && strcmp(from, to) == 0)
        gl_diagnostics_add(check->list, check->file, gl_node_child(node, "to")->origin,
                           _("from and to are the same time: write 00:00 and 24:00 for the whole "
                             "day"));
}

/* Who is told by golive itself: without a URL, or of another kind, nobody would be, silently. */
static void check_channel(const struct gl_check *check, const struct gl_node *node)
{
    const struct gl_node *releases = gl_node_child(node, "releases");
    const char *wanted = text_of(node, "releases");
    const char *kind = text_of(node, "kind");
    if (!wanted || strcmp(wanted, "true") != 0 || !kind)
        return;
    if (strcmp(kind, "webhook") != 0 && strcmp(kind, "slack") != 0)
        gl_error_hint(gl_diagnostics_add(check->list, check->file, releases->origin,
                                         _("a channel of kind %s is not told of releases"), kind),
                      _("only webhook and slack are: leave releases out here, or add another "
                        "channel\n"));
    else if (!gl_node_child(node, "endpoint_secret"))
        gl_error_hint(gl_diagnostics_add(check->list, check->file, releases->origin,
                                         _("releases: true wants endpoint_secret beside it")),
                      _("endpoint_secret: NAME is the stored variable with the URL that is "
                        "called; the URL itself never stands in this file\n"));
}

static const struct {
    const char *path; /* of the schema */
    void (*check)(const struct gl_check *check, const struct gl_node *node);
} node_rules[] = {
    {"decisions.*",               check_decision   },
    {"env_vars[]",                check_variable   },
    {"env_vars[]",                check_public     },
    {"env_vars[].validate.regex", check_regex      },
    {"env_vars[].values.*",       check_environment},
    {"cost.monthly_budget_usd.*", check_environment},
    {"waivers[]",                 check_waiver     },
    {"oncall.rotation[]",         check_period     },
    {"oncall.unavailable[]",      check_period     },
    {"cutover.window",            check_period     },
    {"migrations.peak_hours[]",   check_peak_hours },
    {"observability.notify[]",    check_channel    },
};

static void check_node(const struct gl_check *check, const struct gl_node *node)
{
    if (node->schema->flags & GL_KEY_PERSON && node->kind == GL_NODE_SCALAR)
        check_person(check, node);
    if (node->schema->flags & GL_KEY_ROLE && node->kind == GL_NODE_SCALAR)
        check_role(check, node);
    for (size_t i = 0; i < GL_COUNT(node_rules); i++) {
        if (strcmp(node_rules[i].path, node->schema->path) == 0)
            node_rules[i].check(check, node);
    }
}

void gl_rules_check_nodes(const struct gl_check *check)
{
    const struct gl_node *node = check->root;
    while (node) {
        bool into = node->schema && !node->broken;
        if (into)
            check_node(check, node);
        node = into ? gl_node_next(check->root, node) : gl_node_skip(check->root, node);
    }
}

/* ---- rules about a merged configuration --------------------------------------------------------
 */

struct merged {
    const struct gl_check *check;
    const struct gl_node *root;
    const char *env;
};

static const json_t *value_of(const struct merged *merged, const char *key)
{
    const struct gl_node *node = gl_node_find(merged->root, key);
    return node ? node->json : NULL;
}

static bool is_word(const struct merged *merged, const char *key, const char *word)
{
    const char *text = json_string_value(value_of(merged, key));
    return text && strcmp(text, word) == 0;
}

/* Where the user wrote one of two values; --set has no place in a file. */
static struct gl_origin place_of(const struct merged *merged, const char *first, const char *second)
{
    const struct gl_node *a = gl_node_find(merged->root, first);
    const struct gl_node *b = gl_node_find(merged->root, second);
    if (b && b->origin.line)
        return b->origin;
    return a ? a->origin : (struct gl_origin){0};
}

static const struct {
    const char *small, *large;
} ordered[] = {
    {"sizing.min_tasks",     "sizing.max_tasks"     },
    {"sizing.storage_gb",    "sizing.max_storage_gb"},
    {"slo.p95_ms",           "slo.p99_ms"           },
    {"sla.availability_pct", "slo.availability_pct" },
    {"domain.ttl.cutover",   "domain.ttl.steady"    },
};

static void check_order(const struct merged *merged)
{
    for (size_t i = 0; i < GL_COUNT(ordered); i++) {
        const json_t *small = value_of(merged, ordered[i].small);
        const json_t *large = value_of(merged, ordered[i].large);
        if (!json_is_number(small) || !json_is_number(large) ||
            json_number_value(small) <= json_number_value(large))
            continue;
        gl_diagnostics_add(merged->check->list, merged->check->file,
                           place_of(merged, ordered[i].small, ordered[i].large),
                           _("%s (%g) is larger than %s (%g) in environment %s"), ordered[i].small,
                           json_number_value(small), ordered[i].large, json_number_value(large),
                           merged->env);
    }
}

static const char *const local_ports[] = {"local.https_port", "local.http_port",
                                          "local.postgres_port"};

static void check_two_ports(const struct merged *merged, const char *first, const char *second)
{
    const json_t *a = value_of(merged, first);
    const json_t *b = value_of(merged, second);
    if (!json_is_integer(a) || !json_is_integer(b) || !json_equal(a, b))
        return;
    gl_diagnostics_add(merged->check->list, merged->check->file, place_of(merged, first, second),
                       _("%s and %s are both %lld: two servers cannot share a port"), first, second,
                       (long long)json_integer_value(a));
}

static void check_ports(const struct merged *merged)
{
    for (size_t i = 0; i < GL_COUNT(local_ports); i++) {
        for (size_t j = i + 1; j < GL_COUNT(local_ports); j++)
            check_two_ports(merged, local_ports[i], local_ports[j]);
    }
    if (is_word(merged, "frontend.mode", "ssr"))
        check_two_ports(merged, "backend.port", "frontend.ssr.port");
}

static void check_engine(const struct merged *merged)
{
    if (is_word(merged, "iac", "cloudformation") ||
        !json_is_true(value_of(merged, "infra.managed")))
        return;
    gl_diagnostics_add(merged->check->list, merged->check->file,
                       place_of(merged, "infra.managed", "iac"),
                       _("with iac: %s golive does not make the infrastructure itself: set "
                         "infra.managed: false"),
                       json_string_value(value_of(merged, "iac")));
}

static void check_approval(const struct merged *merged)
{
    json_int_t least = json_integer_value(value_of(merged, "approval.min"));
    size_t approvers = json_array_size(value_of(merged, "approval.approvers"));
    if (least <= (json_int_t)approvers)
        return;
    gl_diagnostics_add(merged->check->list, merged->check->file,
                       place_of(merged, "approval.approvers", "approval.min"),
                       _("environment %s needs %lld signatures but has %zu approvers"), merged->env,
                       (long long)least, approvers);
}

static void check_app_runner(const struct merged *merged)
{
    if (!is_word(merged, "backend.platform", "app_runner") ||
        json_is_true(value_of(merged, "backend.app_runner_existing_customer")))
        return;
    struct gl_error *problem =
        gl_diagnostics_add(merged->check->list, merged->check->file,
                           place_of(merged, "backend.platform", "backend.platform"),
                           _("App Runner takes no new customers since 2026-04-30"));
    gl_error_hint(problem, _("\nUse backend.platform: ecs, or set "
                             "backend.app_runner_existing_customer: true."));
}

static bool has_severity(const json_t *severities, const char *id)
{
    size_t index;
    const json_t *item;
    json_array_foreach((json_t *)severities, index, item)
    {
        const char *its_id = json_string_value(json_object_get(item, "id"));
        if (its_id && strcmp(its_id, id) == 0)
            return true;
    }
    return false;
}

static void check_severities(const struct merged *merged)
{
    const json_t *severities = value_of(merged, "incident.severities");
    const struct gl_node *alarms = gl_node_find(merged->root, "observability.alarms");
    for (const struct gl_node *at = alarms && severities ? alarms->first : NULL; at;
         at = at->next) {
        const struct gl_node *node = gl_node_child(at, "severity");
        const char *id = node ? json_string_value(node->json) : NULL;
        if (id && !has_severity(severities, id) && node->origin.line)
            gl_diagnostics_add(merged->check->list, merged->check->file, node->origin,
                               _("`%s` is not the id of one of incident.severities"), id);
    }
}

static void (*const merged_rules[])(const struct merged *merged) = {
    check_order, check_ports, check_engine, check_approval, check_app_runner, check_severities,
};

void gl_rules_run(const struct gl_check *check, const struct gl_node *merged, const char *env)
{
    struct merged subject = {.check = check, .root = merged, .env = env};
    for (size_t i = 0; i < GL_COUNT(merged_rules); i++)
        merged_rules[i](&subject);
    gl_rules_check_accounts(check, merged, env);
}
