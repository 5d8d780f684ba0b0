/* A check as SARIF 2.1.0, which GitHub's code scanning and most editors read:
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os.html
 *
 * A control is a rule of SARIF; each failure is a result, waived ones with a suppression. What is
 * unknown and blocks is a result of the kind "open". */
#include <string.h>

#include "base/hash.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "base/utf8.h"
#include "control/render.h"

static const char schema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/* `score` is what GitHub ranks by: 9 and above is critical, 7 high, 4 medium. */
static const struct {
    const char *level;
    const char *score;
} levels[GL_SEVERITY_COUNT] = {
    [GL_SEVERITY_LOW] = {"note",    "2.0"},
    [GL_SEVERITY_MEDIUM] = {"warning", "5.0"},
    [GL_SEVERITY_HIGH] = {"error",   "8.0"},
    [GL_SEVERITY_CRITICAL] = {"error",   "9.5"},
};

static json_t *text_json(const char *text)
{
    json_t *object = json_object();
    gl_json_set_str(object, "text", text);
    return object;
}

/* ---- rules -------------------------------------------------------------------------------------
 */

static json_t *rule_properties(const struct gl_control *control)
{
    json_t *properties = json_object();
    gl_json_set_str(properties, "security-severity", levels[control->severity].score);
    gl_json_set_str(properties, "severity", gl_severity_words[control->severity]);
    gl_json_set_int(properties, "phase", control->phase);
    gl_json_set_str(properties, "judged", gl_stage_words[control->judged]);
    json_t *tags = json_array();
    json_array_append_new(tags, json_string("golive"));
    for (size_t i = 0; i < control->aliases.count; i++)
        json_array_append_new(tags, json_string(control->aliases.items[i]));
    json_object_set_new(properties, "tags", tags);
    return properties;
}

static json_t *sarif_rule(const struct gl_check *check, const struct gl_control *control)
{
    json_t *rule = json_object();
    gl_autofree char *title = gl_utf8_line(gl_control_title(control));
    gl_autofree char *remedy = gl_check_remedy(check, control);
    gl_json_set_str(rule, "id", control->id);
    json_object_set_new(rule, "shortDescription", text_json(title));
    if (remedy)
        json_object_set_new(rule, "help", text_json(remedy));
    if (control->references.count && gl_starts_with(control->references.items[0], "https://"))
        gl_json_set_str(rule, "helpUri", control->references.items[0]);
    json_t *configuration = json_object();
    gl_json_set_str(configuration, "level", levels[control->severity].level);
    json_object_set_new(rule, "defaultConfiguration", configuration);
    json_object_set_new(rule, "properties", rule_properties(control));
    return rule;
}

/* ---- results -----------------------------------------------------------------------------------
 */

/* Code scanning refuses results without a place: what has none is golive.yaml's. */
static json_t *locations(const struct gl_finding *finding)
{
    gl_autofree char *uri = gl_uri_of_path(NULL, finding->file ? finding->file : "golive.yaml");
    json_t *artifact = json_object();
    gl_json_set_str(artifact, "uri", uri);
    if (gl_uri_is_relative(uri))
        gl_json_set_str(artifact, "uriBaseId", "SRCROOT");
    json_t *region = json_object();
    gl_json_set_int(region, "startLine", finding->file && finding->line ? finding->line : 1);
    json_t *physical = json_object();
    json_object_set_new(physical, "artifactLocation", artifact);
    json_object_set_new(physical, "region", region);
    json_t *location = json_object();
    json_object_set_new(location, "physicalLocation", physical);
    json_t *array = json_array();
    json_array_append_new(array, location);
    return array;
}

/* The same failure keeps its fingerprint when lines move and words change. */
static json_t *fingerprints(const struct gl_control *control, const struct gl_rule *rule,
                            const struct gl_finding *finding)
{
    char hex[GL_SHA256_HEX_SIZE];
    gl_autofree char *key =
        gl_asprintf("%s\n%s\n%s\n%s", control->id, rule->name,
                    finding->resource ? finding->resource : "", finding->file ? finding->file : "");
    gl_sha256_hex(key, strlen(key), hex);
    json_t *object = json_object();
    gl_json_set_str(object, "golive/v1", hex);
    return object;
}

static const struct gl_waiver *waiver_of(const struct gl_check *check, const char *control,
                                         const struct gl_finding *finding)
{
    for (size_t i = 0; i < check->waiver_count; i++) {
        const struct gl_waiver *waiver = &check->waivers[i];
        if (waiver->flaw || strcmp(waiver->control, control) != 0)
            continue;
        if (gl_waiver_covers(waiver, finding))
            return waiver;
    }
    return NULL;
}

static void set_suppression(const struct gl_check *check, const struct gl_control *control,
                            const struct gl_finding *finding, json_t *result)
{
    const struct gl_waiver *waiver = waiver_of(check, control->id, finding);
    if (!finding->waived || !waiver)
        return;
    json_t *suppression = json_object();
    gl_autofree char *why = gl_asprintf(_("%s (until %s)"), waiver->reason, waiver->expires);
    gl_json_set_str(suppression, "kind", "external");
    gl_json_set_str(suppression, "status", "accepted");
    gl_json_set_str(suppression, "justification", why);
    json_t *array = json_array();
    json_array_append_new(array, suppression);
    json_object_set_new(result, "suppressions", array);
}

static json_t *result_json(const struct gl_check *check, size_t index,
                           const struct gl_rule_result *rule, const struct gl_finding *finding)
{
    const struct gl_control *control = check->items[index].control;
    bool fails = finding->status == GL_STATUS_FAIL;
    gl_autofree char *what = gl_finding_text(finding);
    gl_autofree char *title = gl_utf8_line(gl_control_title(control));
    gl_autofree char *message = gl_asprintf("%s: %s", title, what);
    json_t *result = json_object();
    gl_json_set_str(result, "ruleId", control->id);
    gl_json_set_int(result, "ruleIndex", (int64_t)index);
    gl_json_set_str(result, "kind", fails ? "fail" : "open");
    gl_json_set_str(result, "level", fails ? levels[control->severity].level : "none");
    json_object_set_new(result, "message", text_json(message));
    json_object_set_new(result, "locations", locations(finding));
    json_object_set_new(result, "partialFingerprints", fingerprints(control, rule->rule, finding));
    if (finding->known || finding->outside)
        gl_json_set_str(result, "baselineState", "unchanged");
    set_suppression(check, control, finding, result);
    json_t *properties = json_object();
    gl_json_set_str(properties, "rule", rule->rule->name);
    gl_json_set_str(properties, "resource", finding->resource);
    gl_json_set_str(properties, "evidence", finding->evidence);
    json_object_set_new(result, "properties", properties);
    return result;
}

static bool is_result(const struct gl_control_result *result, const struct gl_rule_result *rule,
                      const struct gl_finding *finding)
{
    return finding->status == GL_STATUS_FAIL ||
           (finding->status == GL_STATUS_UNKNOWN && result->blocks && !rule->deferred);
}

static void add_results(const struct gl_check *check, size_t index, json_t *results)
{
    const struct gl_control_result *result = &check->items[index];
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_rule_result *rule = &result->rules[i];
        for (size_t k = 0; k < rule->count; k++) {
            if (is_result(result, rule, &rule->findings[k]))
                json_array_append_new(results, result_json(check, index, rule, &rule->findings[k]));
        }
    }
}

/* ---- a log -------------------------------------------------------------------------------------
 */

static json_t *driver_json(const struct gl_check *check)
{
    json_t *driver = json_object();
    json_t *rules = json_array();
    for (size_t i = 0; i < check->count; i++)
        json_array_append_new(rules, sarif_rule(check, check->items[i].control));
    gl_json_set_str(driver, "name", "golive");
    gl_json_set_str(driver, "version", GL_VERSION);
    gl_json_set_str(driver, "semanticVersion", GL_VERSION);
    json_object_set_new(driver, "rules", rules);
    json_t *tool = json_object();
    json_object_set_new(tool, "driver", driver);
    return tool;
}

/* What could not be judged, as an error of the run. */
static void add_notifications(const struct gl_problems *problems, json_t *notifications)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct gl_error *problem = &problems->items[i];
        const struct gl_finding place = {.file = problem->file, .line = problem->line};
        json_t *notification = json_object();
        gl_autofree char *line = gl_utf8_line(problem->message);
        gl_json_set_str(notification, "level", "error");
        json_object_set_new(notification, "message", text_json(line));
        if (problem->file)
            json_object_set_new(notification, "locations", locations(&place));
        json_array_append_new(notifications, notification);
    }
}

static json_t *invocations(const struct gl_check_view *view)
{
    json_t *invocation = json_object();
    json_t *notifications = json_array();
    json_t *array = json_array();
    add_notifications(view->problems, notifications);
    add_notifications(&view->check->broken, notifications);
    gl_json_set_bool(invocation, "executionSuccessful", json_array_size(notifications) == 0);
    json_object_set_new(invocation, "toolConfigurationNotifications", notifications);
    json_array_append_new(array, invocation);
    return array;
}

static json_t *run_json(const struct gl_check_view *view)
{
    const struct gl_check *check = view->check;
    json_t *run = json_object();
    json_t *results = json_array();
    gl_autofree char *category = gl_asprintf("golive/%s/", check->env);
    for (size_t i = 0; i < check->count; i++)
        add_results(check, i, results);
    json_object_set_new(run, "tool", driver_json(check));
    json_t *details = json_object();
    gl_json_set_str(details, "id", category); /* so that prod does not replace stg */
    json_object_set_new(run, "automationDetails", details);
    gl_json_set_str(run, "language", gl_i18n_language());
    gl_json_set_str(run, "columnKind", "unicodeCodePoints");
    json_t *root = json_object();
    json_object_set_new(root, "description", text_json("directory of golive.yaml"));
    json_t *bases = json_object();
    json_object_set_new(bases, "SRCROOT", root);
    json_object_set_new(run, "originalUriBaseIds", bases);
    json_object_set_new(run, "invocations", invocations(view));
    json_object_set_new(run, "results", results);
    return run;
}

json_t *gl_check_sarif(const struct gl_check_view *view)
{
    json_t *log = json_object();
    json_t *runs = json_array();
    json_array_append_new(runs, run_json(view));
    gl_json_set_str(log, "$schema", schema);
    gl_json_set_str(log, "version", "2.1.0");
    json_object_set_new(log, "runs", runs);
    return log;
}
