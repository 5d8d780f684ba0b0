/* Which findings of a scan stop a release. */
#include <string.h>

#include "base/json.h"
#include "platform/aws/scan.h"

static const char *const stopping[] = {"CRITICAL", "HIGH"};

/* One finding, whichever scanner it is from. Borrowed from the answer. */
struct finding {
    const char *id, *severity, *package, *version, *fixed;
};

void gl_scan_verdict_done(struct gl_scan_verdict *verdict)
{
    gl_strv_done(&verdict->stopping);
    *verdict = (struct gl_scan_verdict){0};
}

/* Basic scanning names the package in a list of pairs. */
static const char *attribute(const json_t *finding, const char *key)
{
    size_t index;
    json_t *pair;
    json_array_foreach(json_object_get(finding, "attributes"), index, pair)
    {
        if (strcmp(gl_json_str(pair, "key", ""), key) == 0)
            return gl_json_str(pair, "value", "");
    }
    return "";
}

static struct finding read_basic(const json_t *json)
{
    return (struct finding){
        .id = gl_json_str(json, "name", "?"),
        .severity = gl_json_str(json, "severity", "UNDEFINED"),
        .package = attribute(json, "package_name"),
        .version = attribute(json, "package_version"),
        .fixed = attribute(json, "patched_versions"),
    };
}

/* https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_EnhancedImageScanFinding.html */
static struct finding read_enhanced(const json_t *json)
{
    const json_t *details = json_object_get(json, "packageVulnerabilityDetails");
    const json_t *package = json_array_get(json_object_get(details, "vulnerablePackages"), 0);
    return (struct finding){
        .id = gl_json_str(details, "vulnerabilityId", gl_json_str(json, "title", "?")),
        .severity = gl_json_str(json, "severity", "UNTRIAGED"),
        .package = gl_json_str(package, "name", ""),
        .version = gl_json_str(package, "version", ""),
        .fixed = gl_json_str(package, "fixedInVersion", ""),
    };
}

static bool is_waived(const json_t *ignores, const char *id, const char *today)
{
    size_t index;
    json_t *entry;
    json_array_foreach(ignores, index, entry)
    {
        if (strcmp(gl_json_str(entry, "id", ""), id) == 0 &&
            strcmp(gl_json_str(entry, "expires", ""), today) >= 0)
            return true;
    }
    return false;
}

static char *describe(const struct finding *f)
{
    bool fixed = *f->fixed && strcmp(f->fixed, "NotAvailable") != 0;
    return gl_asprintf("%s %s%s%s%s%s%s%s%s", f->severity, f->id, *f->package ? " " : "",
                       f->package, *f->version ? " " : "", f->version, fixed ? " (fixed in " : "",
                       fixed ? f->fixed : "", fixed ? ")" : "");
}

/* What of one severity there is; the same finding in several packages is told for each. */
static void judge_severity(const json_t *list, struct finding (*read)(const json_t *),
                           const char *severity, const json_t *ignores, const char *today,
                           struct gl_scan_verdict *verdict)
{
    size_t index;
    json_t *json;
    json_array_foreach(list, index, json)
    {
        struct finding f = read(json);
        if (strcmp(f.severity, severity) != 0)
            continue;
        if (is_waived(ignores, f.id, today))
            verdict->waived++;
        else
            gl_strv_take(&verdict->stopping, describe(&f));
    }
}

void gl_scan_judge(const json_t *answer, const json_t *ignores, const char *today,
                   struct gl_scan_verdict *verdict)
{
    const json_t *found = json_object_get(answer, "imageScanFindings");
    const json_t *basic = json_object_get(found, "findings");
    const json_t *enhanced = json_object_get(found, "enhancedFindings");
    for (size_t i = 0; i < GL_COUNT(stopping); i++) {
        judge_severity(basic, read_basic, stopping[i], ignores, today, verdict);
        judge_severity(enhanced, read_enhanced, stopping[i], ignores, today, verdict);
    }
    verdict->lesser = json_array_size(basic) + json_array_size(enhanced) - verdict->stopping.count -
                      verdict->waived;
}
