/* A check as JSON (docs/check-output.md). */
#include <string.h>

#include "control/render.h"

enum { VERSION = 1 };

static double ms(int64_t us)
{
    return (double)us / 1000;
}

static json_t *list_json(const struct gl_strv *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_string(list->items[i]));
    return array;
}

static void set_place(json_t *object, const char *file, unsigned line)
{
    gl_json_set_str(object, "file", file);
    if (line)
        gl_json_set_int(object, "line", line);
}

/* ---- findings ----------------------------------------------------------------------------------
 */

static json_t *finding_json(const struct gl_finding *finding)
{
    json_t *object = json_object();
    gl_json_set_str(object, "status", gl_status_words[finding->status]);
    gl_json_set_str(object, "resource", finding->resource);
    gl_json_set_str(object, "reason", finding->reason);
    set_place(object, finding->file, finding->line);
    gl_json_set_str(object, "evidence", finding->evidence);
    gl_json_set_bool(object, "waived", finding->waived);
    gl_json_set_bool(object, "known", finding->known);
    gl_json_set_bool(object, "outside", finding->outside);
    return object;
}

static json_t *rule_json(const struct gl_rule_result *result)
{
    json_t *object = json_object();
    gl_json_set_str(object, "name", result->rule->name);
    json_object_set_new(object, "sources", list_json(&result->rule->sources));
    gl_json_set_str(object, "status", gl_status_words[result->status]);
    gl_json_set_bool(object, "deferred", result->deferred);
    gl_json_set_bool(object, "broken", result->broken);
    gl_json_set_real(object, "took_ms", ms(result->took_us));
    json_t *findings = json_array();
    for (size_t i = 0; i < result->count; i++)
        json_array_append_new(findings, finding_json(&result->findings[i]));
    json_object_set_new(object, "findings", findings);
    return object;
}

static json_t *control_json(const struct gl_check *check, const struct gl_control_result *result)
{
    const struct gl_control *control = result->control;
    json_t *object = json_object();
    gl_autofree char *remedy = gl_check_remedy(check, control);
    gl_json_set_str(object, "id", control->id);
    gl_json_set_str(object, "title", gl_control_title(control));
    gl_json_set_str(object, "section", gl_control_section(control->id)->id);
    gl_json_set_str(object, "severity", gl_severity_words[control->severity]);
    gl_json_set_int(object, "phase", control->phase);
    gl_json_set_str(object, "judged", gl_stage_words[control->judged]);
    gl_json_set_str(object, "origin", gl_control_origin_words[control->origin]);
    gl_json_set_str(object, "source", control->file);
    gl_json_set_str(object, "status", gl_status_words[result->status]);
    gl_json_set_bool(object, "blocks", result->blocks);
    gl_json_set_int(object, "deferred", (int64_t)result->deferred);
    gl_json_set_str(object, "remedy", remedy);
    gl_json_set_real(object, "took_ms", ms(result->took_us));
    json_t *rules = json_array();
    for (size_t i = 0; i < result->count; i++)
        json_array_append_new(rules, rule_json(&result->rules[i]));
    json_object_set_new(object, "rules", rules);
    return object;
}

/* ---- the rest ----------------------------------------------------------------------------------
 */

static json_t *counts_json(const struct gl_check_counts *counts)
{
    json_t *object = json_object();
    for (int i = GL_STATUS_COUNT - 1; i >= 0; i--)
        gl_json_set_int(object, gl_status_words[i], (int64_t)counts->status[i]);
    gl_json_set_int(object, "blocking", (int64_t)counts->blocking);
    gl_json_set_int(object, "blocking_critical", (int64_t)counts->critical);
    gl_json_set_int(object, "deferred_rules", (int64_t)counts->deferred);
    gl_json_set_int(object, "known_failures", (int64_t)counts->known);
    gl_json_set_int(object, "mended_failures", (int64_t)counts->mended);
    gl_json_set_int(object, "outside_failures", (int64_t)counts->outside);
    return object;
}

static json_t *phases_json(const struct gl_check *check)
{
    json_t *array = json_array();
    for (int phase = 0; phase < GL_PHASE_COUNT; phase++) {
        struct gl_phase_count count = gl_check_phase(check, phase);
        json_t *object = json_object();
        gl_json_set_int(object, "phase", phase);
        gl_json_set_int(object, "closed", (int64_t)count.closed);
        gl_json_set_int(object, "total", (int64_t)count.total);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *waiver_json(const struct gl_waiver *waiver)
{
    json_t *object = json_object();
    const char *state = waiver->expired    ? "expired"
                        : waiver->flaw     ? "invalid"
                        : !waiver->checked ? "not_judged"
                        : waiver->used     ? "used"
                                           : "unmatched";
    gl_json_set_str(object, "control", waiver->control);
    gl_json_set_str(object, "resource", waiver->resource);
    gl_json_set_str(object, "state", state);
    gl_json_set_str(object, "flaw", waiver->flaw);
    gl_json_set_str(object, "reason", waiver->reason);
    gl_json_set_str(object, "by", waiver->by);
    gl_json_set_str(object, "approved_by", waiver->approved_by);
    gl_json_set_str(object, "expires", waiver->expires);
    gl_json_set_int(object, "findings", (int64_t)waiver->used);
    set_place(object, waiver->file, waiver->line);
    return object;
}

static json_t *problems_json(const struct gl_problems *problems)
{
    json_t *array = json_array();
    for (size_t i = 0; i < problems->count; i++) {
        const struct gl_error *problem = &problems->items[i];
        json_t *object = json_object();
        gl_json_set_str(object, "message", problem->message);
        gl_json_set_str(object, "hint", problem->hint);
        set_place(object, problem->file, problem->line);
        gl_json_set_int(object, "column", problem->column);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *head_json(const struct gl_check_view *view)
{
    const struct gl_check *check = view->check;
    json_t *object = json_object();
    gl_json_set_int(object, "version", VERSION);
    gl_json_set_str(object, "golive", GL_VERSION);
    gl_json_set_str(object, "app", check->app);
    gl_json_set_str(object, "env", check->env);
    gl_json_set_str(object, "platform", check->platform);
    gl_json_set_str(object, "date", check->today);
    gl_json_set_str(object, "stage", gl_stage_words[check->stage]);
    return object;
}

json_t *gl_check_json(const struct gl_check_view *view)
{
    const struct gl_check *check = view->check;
    json_t *object = head_json(view);
    gl_json_set_bool(object, "blocks", check->counts.blocking > 0 || check->errors > 0);
    gl_json_set_real(object, "took_ms", ms(view->took_us));
    json_object_set_new(object, "counts", counts_json(&check->counts));
    json_object_set_new(object, "phases", phases_json(check));
    json_t *controls = json_array();
    for (size_t i = 0; i < check->count; i++)
        json_array_append_new(controls, control_json(check, &check->items[i]));
    json_object_set_new(object, "controls", controls);
    json_t *waivers = json_array();
    for (size_t i = 0; i < check->waiver_count; i++)
        json_array_append_new(waivers, waiver_json(&check->waivers[i]));
    json_object_set_new(object, "waivers", waivers);
    json_object_set_new(object, "problems", problems_json(view->problems));
    json_object_set_new(object, "unreadable", problems_json(&check->broken));
    return object;
}

/* ---- one control -------------------------------------------------------------------------------
 */

static void add_rule(json_t *object, const struct gl_rule_result *result)
{
    gl_json_set_str(object, "about", result->rule->about);
    gl_json_set_str(object, "sql", result->rule->sql);
    gl_json_set_int(object, "source_line", result->rule->line);
    json_object_set_new(object, "reads", list_json(&result->reads));
}

json_t *gl_explain_json(const struct gl_check_view *view, const struct gl_control_result *result)
{
    const struct gl_control *control = result->control;
    json_t *object = head_json(view);
    json_t *explained = control_json(view->check, result);
    gl_json_set_str(explained, "question", gl_control_question(control));
    json_object_set_new(explained, "aliases", list_json(&control->aliases));
    json_object_set_new(explained, "references", list_json(&control->references));
    json_object_set_new(explained, "depends", list_json(&control->depends));
    for (size_t i = 0; i < result->count; i++)
        add_rule(json_array_get(json_object_get(explained, "rules"), i), &result->rules[i]);
    json_object_set_new(object, "control", explained);
    return object;
}
