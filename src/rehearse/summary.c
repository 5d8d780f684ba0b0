/* What a rehearsal found, as figures and as JSON. */
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "rehearse/internal.h"

static int64_t worst_rollback_ms(const struct gl_rehearsal *rehearsal)
{
    int64_t worst = -1;
    for (size_t i = 0; i < rehearsal->result_count; i++) {
        if (rehearsal->results[i].rollback_ms > worst)
            worst = rehearsal->results[i].rollback_ms;
    }
    return worst;
}

static size_t count_outcome(const struct gl_rehearsal *rehearsal, const char *outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < rehearsal->result_count; i++)
        count += strcmp(rehearsal->results[i].outcome, outcome) == 0;
    return count;
}

static bool rows_agree(const struct gl_rehearsal *rehearsal)
{
    return rehearsal->rows_found < 0 || rehearsal->rows_found == (int64_t)rehearsal->counts->acked;
}

static int64_t load_made_pct(const struct gl_rehearsal *rehearsal)
{
    uint64_t made = gl_request_count(rehearsal);
    uint64_t due = made + rehearsal->counts->unsent;
    return due ? (int64_t)(made * 100 / due) : 100;
}

static bool is_good(const struct gl_rehearsal *rehearsal)
{
    bool good = gl_lost_count(rehearsal) == 0 && rehearsal->restore.identical &&
                rows_agree(rehearsal) &&
                gl_request_count(rehearsal) >= (uint64_t)rehearsal->request->least_requests;
    for (size_t i = 0; i < rehearsal->result_count; i++)
        good = good && rehearsal->results[i].as_expected;
    return good;
}

static json_t *cases_json(const struct gl_rehearsal *rehearsal, json_t *rollbacks)
{
    json_t *cases = json_array();
    for (size_t i = 0; i < rehearsal->result_count; i++) {
        const struct gl_case_result *result = &rehearsal->results[i];
        json_t *object = json_object();
        gl_json_set_str(object, "name", result->name);
        gl_json_set_str(object, "expected", result->expected);
        gl_json_set_str(object, "outcome", result->outcome);
        gl_json_set_bool(object, "as_expected", result->as_expected);
        gl_json_set_int(object, "release", result->release);
        gl_json_set_int(object, "lost", (int64_t)result->lost);
        gl_json_set_int(object, "elapsed_ms", result->elapsed_ms);
        gl_autofree char *cause = result->cause ? gl_redact(result->cause) : NULL;
        gl_json_set_str(object, "cause", cause);
        if (result->rollback_ms >= 0) {
            gl_json_set_int(object, "rollback_ms", result->rollback_ms);
            gl_json_set_int(rollbacks, result->name, result->rollback_ms);
        }
        json_array_append_new(cases, object);
    }
    return cases;
}

static json_t *load_json(const struct gl_load_counts *counts)
{
    json_t *object = json_object();
    gl_json_set_int(object, "ok", (int64_t)counts->ok);
    gl_json_set_int(object, "wrong", (int64_t)counts->wrong);
    gl_json_set_int(object, "unanswered", (int64_t)counts->lost);
    gl_json_set_int(object, "unsent", (int64_t)counts->unsent);
    json_t *reasons = json_object();
    for (size_t i = 0; i < counts->reasons.count; i++)
        gl_json_set_int(reasons, counts->reasons.items[i].name,
                        (int64_t)counts->reasons.items[i].count);
    json_object_set_new(object, "reasons", reasons);
    gl_json_set_int(object, "injected", (int64_t)counts->injected);
    gl_json_set_int(object, "retried_by_client", (int64_t)counts->retried_by_client);
    gl_json_set_int(object, "websocket_messages", (int64_t)counts->ws.messages);
    gl_json_set_int(object, "websocket_reconnects_asked", (int64_t)counts->ws.reconnects_asked);
    gl_json_set_int(object, "websocket_cut", (int64_t)counts->ws.cut);
    gl_json_set_real(object, "p50_ms", (double)counts->latency.p50_us / 1000);
    gl_json_set_real(object, "p95_ms", (double)counts->latency.p95_us / 1000);
    gl_json_set_real(object, "p99_ms", (double)counts->latency.p99_us / 1000);
    return object;
}

static json_t *summary_json(const struct gl_rehearsal *rehearsal)
{
    json_t *object = json_object();
    json_t *rollbacks = json_object();
    gl_autofree char *when = gl_format_rfc3339(gl_now_unix_ms());
    gl_json_set_str(object, "golive", GL_VERSION);
    gl_json_set_str(object, "app", gl_config_str(rehearsal->request->config, "app.name"));
    gl_json_set_str(object, "finished", when);
    gl_json_set_bool(object, "good", is_good(rehearsal));
    gl_json_set_int(object, "elapsed_ms", gl_mono_ms() - rehearsal->begun_ms);
    gl_json_set_int(object, "requests", (int64_t)gl_request_count(rehearsal));
    gl_json_set_int(object, "lost", (int64_t)gl_lost_count(rehearsal));
    gl_json_set_int(object, "load_made_pct", load_made_pct(rehearsal));
    gl_json_set_int(object, "switches", rehearsal->switches);
    json_object_set_new(object, "cases", cases_json(rehearsal, rollbacks));
    json_object_set_new(object, "rollback_ms", rollbacks);
    json_object_set_new(object, "load", load_json(rehearsal->counts));
    gl_json_set_real(object, "restore_s", (double)rehearsal->restore.restore_ms / 1000);
    gl_json_set_bool(object, "restore_verified", rehearsal->restore.identical);
    gl_json_set_int(object, "restore_tables", rehearsal->restore.tables);
    gl_json_set_int(object, "restore_rows", rehearsal->restore.rows);
    if (rehearsal->restore.differences)
        json_object_set(object, "restore_differences", rehearsal->restore.differences);
    if (rehearsal->rows_found >= 0) {
        gl_json_set_int(object, "rows_acknowledged", (int64_t)rehearsal->counts->acked);
        gl_json_set_int(object, "rows_found", rehearsal->rows_found);
    }
    return object;
}

static struct gl_rehearsal_figures figures_of(const struct gl_rehearsal *rehearsal)
{
    return (struct gl_rehearsal_figures){
        .good = is_good(rehearsal),
        .releases = rehearsal->result_count,
        .rolled_back = count_outcome(rehearsal, "rolled back"),
        .rollback_ms = worst_rollback_ms(rehearsal),
        .requests = gl_request_count(rehearsal),
        .lost = gl_lost_count(rehearsal),
        .load_made_pct = load_made_pct(rehearsal),
        .counts = rehearsal->counts,
        .rows_found = rehearsal->rows_found,
        .restore = &rehearsal->restore,
    };
}

int gl_summary_write(struct gl_rehearsal *rehearsal, struct gl_rehearsal_figures *ret_figures,
                     struct gl_error *err)
{
    const struct gl_rehearsal_reporter *reporter = rehearsal->request->reporter;
    struct gl_rehearsal_figures figures = figures_of(rehearsal);
    gl_autojson json_t *object = summary_json(rehearsal);
    gl_autofree char *text = gl_json_pretty(object);
    figures.summary = object;
    if (reporter->end)
        reporter->end(&figures, reporter->context);
    figures.summary = NULL;
    *ret_figures = figures;
    return gl_write_text(rehearsal->result_path, text, 0644, err);
}
