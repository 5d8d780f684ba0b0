/* Findings as SARIF 2.1.0, which GitHub's code scanning and most editors read:
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os.html */
#include <string.h>

#include "base/hash.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "lint/render.h"

static const char schema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

static const char *const levels[] = {
    [GL_LINT_INFO] = "note",
    [GL_LINT_WARNING] = "warning",
    [GL_LINT_ERROR] = "error",
};

static json_t *text_json(const char *text)
{
    json_t *object = json_object();
    gl_json_set_str(object, "text", text);
    return object;
}

/* ---- rules -------------------------------------------------------------------------------------
 */

static json_t *rule_json(const struct gl_lint_about *rule)
{
    json_t *object = json_object();
    json_t *configuration = json_object();
    gl_json_set_str(object, "id", rule->id);
    json_object_set_new(object, "shortDescription", text_json(_(rule->title)));
    json_object_set_new(object, "fullDescription", text_json(_(rule->happens)));
    json_object_set_new(object, "help", text_json(_(rule->safe)));
    gl_json_set_str(configuration, "level", levels[rule->severity]);
    json_object_set_new(object, "defaultConfiguration", configuration);
    return object;
}

static size_t index_of(const struct gl_lint_about *rule)
{
    size_t i = 0;
    while (gl_lint_rule_at(i) != rule)
        i++;
    return i;
}

/* ---- results -----------------------------------------------------------------------------------
 */

static json_t *region_json(const struct gl_lint_finding *finding)
{
    json_t *region = json_object();
    gl_json_set_int(region, "startLine", finding->line);
    gl_json_set_int(region, "startColumn", finding->column);
    if (finding->end > finding->begin) {
        gl_json_set_int(region, "endLine", finding->end_line);
        gl_json_set_int(region, "endColumn", finding->end_column);
    }
    return region;
}

static json_t *locations(const struct gl_lint_finding *finding)
{
    gl_autofree char *uri = gl_uri_of_path(NULL, finding->file);
    json_t *artifact = json_object();
    json_t *physical = json_object();
    json_t *location = json_object();
    json_t *array = json_array();
    gl_json_set_str(artifact, "uri", uri);
    if (gl_uri_is_relative(uri))
        gl_json_set_str(artifact, "uriBaseId", "SRCROOT");
    json_object_set_new(physical, "artifactLocation", artifact);
    json_object_set_new(physical, "region", region_json(finding));
    json_object_set_new(location, "physicalLocation", physical);
    json_array_append_new(array, location);
    return array;
}

/* The same finding keeps its fingerprint when lines move and words change. */
static json_t *fingerprints(const struct gl_lint_finding *finding)
{
    char hex[GL_SHA256_HEX_SIZE];
    gl_autofree char *key = gl_asprintf("%s\n%s\n%s", finding->rule->id, finding->file,
                                        finding->excerpt ? finding->excerpt : "");
    gl_sha256_hex(key, strlen(key), hex);
    json_t *object = json_object();
    gl_json_set_str(object, "golive/v1", hex);
    return object;
}

static void set_suppression(const struct gl_lint_finding *finding, json_t *result)
{
    if (!finding->allowed)
        return;
    json_t *suppression = json_object();
    json_t *array = json_array();
    gl_json_set_str(suppression, "kind", "inSource");
    gl_json_set_str(suppression, "status", "accepted");
    gl_json_set_str(suppression, "justification", finding->reason);
    json_array_append_new(array, suppression);
    json_object_set_new(result, "suppressions", array);
}

static json_t *result_json(const struct gl_lint_finding *finding)
{
    gl_autofree char *message = finding->sql
                                    ? gl_asprintf("%s\n\n%s", finding->message, finding->sql)
                                    : gl_strdup(finding->message);
    json_t *result = json_object();
    gl_json_set_str(result, "ruleId", finding->rule->id);
    gl_json_set_int(result, "ruleIndex", (int64_t)index_of(finding->rule));
    gl_json_set_str(result, "level", levels[finding->severity]);
    json_object_set_new(result, "message", text_json(message));
    json_object_set_new(result, "locations", locations(finding));
    json_object_set_new(result, "partialFingerprints", fingerprints(finding));
    if (finding->known || finding->outside)
        gl_json_set_str(result, "baselineState", "unchanged");
    set_suppression(finding, result);
    return result;
}

/* ---- a log -------------------------------------------------------------------------------------
 */

static json_t *tool_json(void)
{
    json_t *driver = json_object();
    json_t *rules = json_array();
    json_t *tool = json_object();
    for (size_t i = 0; i < gl_lint_rule_count(); i++)
        json_array_append_new(rules, rule_json(gl_lint_rule_at(i)));
    gl_json_set_str(driver, "name", "golive migrate lint");
    gl_json_set_str(driver, "version", GL_VERSION);
    gl_json_set_str(driver, "semanticVersion", GL_VERSION);
    json_object_set_new(driver, "rules", rules);
    json_object_set_new(tool, "driver", driver);
    return tool;
}

static json_t *run_json(const struct gl_lint_result *result)
{
    json_t *run = json_object();
    json_t *results = json_array();
    json_t *details = json_object();
    json_t *root = json_object();
    json_t *bases = json_object();
    for (size_t i = 0; i < result->count; i++)
        json_array_append_new(results, result_json(&result->findings[i]));
    json_object_set_new(run, "tool", tool_json());
    gl_json_set_str(details, "id", "golive-migrate-lint/");
    json_object_set_new(run, "automationDetails", details);
    gl_json_set_str(run, "language", gl_i18n_language());
    gl_json_set_str(run, "columnKind", "unicodeCodePoints");
    json_object_set_new(root, "description", text_json("directory that golive was run in"));
    json_object_set_new(bases, "SRCROOT", root);
    json_object_set_new(run, "originalUriBaseIds", bases);
    json_object_set_new(run, "results", results);
    return run;
}

json_t *gl_lint_sarif(const struct gl_lint_view *view)
{
    json_t *log = json_object();
    json_t *runs = json_array();
    json_array_append_new(runs, run_json(view->result));
    gl_json_set_str(log, "$schema", schema);
    gl_json_set_str(log, "version", "2.1.0");
    json_object_set_new(log, "runs", runs);
    return log;
}
