/* A baseline: failures that were there when golive came, which do not block. What it keeps of each
 * has no line and no words, so that it still fits when those change. */
#include <string.h>

#include "base/i18n.h"
#include "control/check.h"

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* control, rule, resource and file as one text: the key that failures are counted by. */
static char *key_of(const char *control, const char *rule, const char *resource, const char *file)
{
    return gl_asprintf("%s\n%s\n%s\n%s", control, rule, or_empty(resource), or_empty(file));
}

typedef void failure_fn(struct gl_control_result *result, struct gl_rule_result *rule,
                        struct gl_finding *finding, json_t *context);

static void each_failure(const struct gl_check *check, failure_fn *visit, json_t *context)
{
    for (size_t i = 0; i < check->count; i++) {
        struct gl_control_result *result = &check->items[i];
        for (size_t k = 0; k < result->count; k++) {
            struct gl_rule_result *rule = &result->rules[k];
            for (size_t f = 0; f < rule->count; f++) {
                if (rule->findings[f].status == GL_STATUS_FAIL && !rule->findings[f].waived)
                    visit(result, rule, &rule->findings[f], context);
            }
        }
    }
}

/* ---- writing -----------------------------------------------------------------------------------
 */

/* context: {key: failure} in the order of the checklist. */
static void add_failure(struct gl_control_result *result, struct gl_rule_result *rule,
                        struct gl_finding *finding, json_t *context)
{
    const char *control = result->control->id;
    gl_autofree char *key = key_of(control, rule->rule->name, finding->resource, finding->file);
    json_t *failure = json_object_get(context, key);
    if (!failure) {
        failure = json_object();
        gl_json_set_str(failure, "control", control);
        gl_json_set_str(failure, "rule", rule->rule->name);
        gl_json_set_str(failure, "resource", finding->resource);
        gl_json_set_str(failure, "file", finding->file);
        json_object_set_new(context, key, failure);
    }
    gl_json_set_int(failure, "count", gl_json_int(failure, "count", 0) + 1);
}

json_t *gl_check_baseline_make(const struct gl_check *check)
{
    gl_autojson json_t *by_key = json_object();
    each_failure(check, add_failure, by_key);
    json_t *baseline = json_object();
    gl_json_set_int(baseline, "version", 1);
    json_t *failures = json_array();
    const char *key;
    json_t *failure;
    json_object_foreach(by_key, key, failure) json_array_append(failures, failure);
    json_object_set_new(baseline, "failures", failures);
    return baseline;
}

/* ---- reading -----------------------------------------------------------------------------------
 */

/* context: {key: how many more of these are known}. */
static void mark_failure(struct gl_control_result *result, struct gl_rule_result *rule,
                         struct gl_finding *finding, json_t *context)
{
    gl_autofree char *key =
        key_of(result->control->id, rule->rule->name, finding->resource, finding->file);
    int64_t left = gl_json_int(context, key, 0);
    finding->known = left > 0;
    if (left > 0)
        gl_json_set_int(context, key, left - 1);
}

static int read_failures(const json_t *failures, json_t *left, struct gl_error *err)
{
    size_t i;
    const json_t *failure;
    json_array_foreach(failures, i, failure)
    {
        const char *control = gl_json_str(failure, "control", NULL);
        const char *rule = gl_json_str(failure, "rule", NULL);
        int64_t count = gl_json_int(failure, "count", 0);
        if (!control || !rule || count < 1)
            return gl_fail(err, GL_E_CONFIG,
                           _("failure %zu of the baseline lacks control, rule or "
                             "count"),
                           i + 1);
        gl_autofree char *key = key_of(control, rule, gl_json_str(failure, "resource", NULL),
                                       gl_json_str(failure, "file", NULL));
        gl_json_set_int(left, key, gl_json_int(left, key, 0) + count);
    }
    return 0;
}

/* Only of controls that were judged now can it be told that they no longer fail. */
static size_t mended(const struct gl_check *check, json_t *left)
{
    size_t sum = 0;
    const char *key;
    json_t *count;
    json_object_foreach(left, key, count)
    {
        size_t id = strcspn(key, "\n");
        for (size_t i = 0; i < check->count; i++) {
            const char *control = check->items[i].control->id;
            if (strlen(control) == id && strncmp(control, key, id) == 0)
                sum += (size_t)json_integer_value(count);
        }
    }
    return sum;
}

int gl_check_baseline_apply(const json_t *baseline, struct gl_check *check, struct gl_error *err)
{
    const json_t *failures = json_object_get(baseline, "failures");
    if (gl_json_int(baseline, "version", 0) != 1 || !json_is_array(failures)) {
        gl_fail(err, GL_E_CONFIG, _("this is no baseline of version 1"));
        return gl_error_hint(err, _("`golive check --write-baseline FILE` writes one."));
    }
    gl_autojson json_t *left = json_object();
    int failed = read_failures(failures, left, err);
    if (failed < 0)
        return failed;
    each_failure(check, mark_failure, left);
    check->counts.mended = mended(check, left);
    gl_check_conclude(check);
    return 0;
}

int gl_check_baseline_read(const char *path, struct gl_check *check, struct gl_error *err)
{
    gl_autojson json_t *baseline = NULL;
    int failed = gl_json_load(path, &baseline, err);
    if (failed < 0)
        return gl_error_hint(err, _("--baseline reads what golive check --write-baseline FILE "
                                    "wrote."));
    failed = gl_check_baseline_apply(baseline, check, err);
    return failed < 0 ? gl_error_wrap(err, "%s", path) : 0;
}
