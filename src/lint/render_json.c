/* Findings as JSON (docs/lint.md). */
#include "base/i18n.h"
#include "lint/render.h"

enum { VERSION = 1 };

static const char *const phase_words[] = {
    [GL_PHASE_EXPAND] = "expand",
    [GL_PHASE_CONTRACT] = "contract",
};

static json_t *finding_json(const struct gl_lint_finding *finding)
{
    json_t *object = json_object();
    gl_json_set_str(object, "rule", finding->rule->id);
    gl_json_set_str(object, "severity", gl_lint_severity_words[finding->severity]);
    gl_json_set_str(object, "file", finding->file);
    gl_json_set_int(object, "line", finding->line);
    gl_json_set_int(object, "column", finding->column);
    gl_json_set_int(object, "end_line", finding->end_line);
    gl_json_set_int(object, "end_column", finding->end_column);
    gl_json_set_str(object, "message", finding->message);
    gl_json_set_str(object, "happens", _(finding->rule->happens));
    if (finding->rule->lock)
        gl_json_set_str(object, "lock", _(finding->rule->lock));
    gl_json_set_str(object, "safe", _(finding->rule->safe));
    gl_json_set_str(object, "sql", finding->sql);
    gl_json_set_str(object, "relation", finding->relation);
    gl_json_set_str(object, "column_name", finding->column_name);
    gl_json_set_str(object, "phase", phase_words[finding->phase]);
    gl_json_set_bool(object, "fixable", finding->fix != GL_LINT_FIX_NONE);
    gl_json_set_bool(object, "allowed", finding->allowed);
    gl_json_set_str(object, "reason", finding->reason);
    gl_json_set_bool(object, "known", finding->known);
    gl_json_set_bool(object, "outside", finding->outside);
    return object;
}

json_t *gl_lint_json(const struct gl_lint_view *view)
{
    const struct gl_lint_result *result = view->result;
    json_t *object = json_object();
    json_t *findings = json_array();
    json_t *notes = json_array();
    json_t *counts = json_object();
    for (size_t i = 0; i < result->count; i++)
        json_array_append_new(findings, finding_json(&result->findings[i]));
    for (size_t i = 0; i < result->notes.count; i++)
        json_array_append_new(notes, json_string(result->notes.items[i]));
    for (int i = GL_LINT_INFO; gl_lint_severity_words[i]; i++)
        gl_json_set_int(counts, gl_lint_severity_words[i],
                        (int64_t)gl_lint_count(result, (enum gl_lint_severity)i));
    gl_json_set_int(object, "version", VERSION);
    gl_json_set_int(object, "files", (int64_t)result->files);
    gl_json_set_int(object, "statements", (int64_t)result->statements);
    gl_json_set_real(object, "took_ms", (double)view->took_us / 1000);
    json_object_set_new(object, "counts", counts);
    json_object_set_new(object, "findings", findings);
    json_object_set_new(object, "notes", notes);
    return object;
}

json_t *gl_lint_explain_json(const struct gl_lint_about *rule)
{
    json_t *object = json_object();
    gl_json_set_str(object, "rule", rule->id);
    gl_json_set_str(object, "severity", gl_lint_severity_words[rule->severity]);
    gl_json_set_str(object, "title", _(rule->title));
    gl_json_set_str(object, "happens", _(rule->happens));
    if (rule->lock)
        gl_json_set_str(object, "lock", _(rule->lock));
    gl_json_set_str(object, "safe", _(rule->safe));
    gl_json_set_bool(object, "sized", rule->sized);
    gl_json_set_bool(object, "breaks", rule->breaks);
    return object;
}

json_t *gl_lint_rules_json(void)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < gl_lint_rule_count(); i++)
        json_array_append_new(rules, gl_lint_explain_json(gl_lint_rule_at(i)));
    json_t *object = json_object();
    json_object_set_new(object, "rules", rules);
    return object;
}
