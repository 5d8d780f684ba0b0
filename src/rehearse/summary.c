/* What a rehearsal says: a line a case, a table of figures, one last line, and the same as JSON. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "rehearse/internal.h"

static const char *const expectation_words[] = {
    [GL_EXPECT_DONE] = "done",
    [GL_EXPECT_ROLLED_BACK] = "rolled back",
    [GL_EXPECT_RESUMED] = "resumed",
};

void gl_summary_case(const struct gl_rehearsal *rehearsal, const struct gl_case_result *result)
{
    const struct gl_rehearsal_request *request = rehearsal->request;
    if (request->json)
        return;
    gl_autofree char *elapsed = gl_format_duration((double)result->elapsed_ms);
    gl_autofree char *rollback =
        result->rollback_ms >= 0
            ? gl_asprintf(_(", old version serving after %" PRId64 " ms"), result->rollback_ms)
            : gl_strdup("");
    const char *colour = result->as_expected ? "\033[32m" : "\033[31m";
    fprintf(request->out, "%s  %s%s%s  %-28s %s%s, %" PRIu64 " lost  %s\n",
            request->terminal ? "\r\033[K" : "", request->colour ? colour : "",
            result->as_expected ? "ok" : "!!", request->colour ? "\033[0m" : "", _(result->name),
            result->outcome, rollback, result->lost, elapsed);
    if (!result->as_expected)
        fprintf(request->out, _("      expected %s; %s\n"), expectation_words[result->expected],
                result->cause ? result->cause : _("see rehearsal.log"));
    fflush(request->out);
}

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

bool gl_summary_good(const struct gl_rehearsal *rehearsal)
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
        gl_json_set_str(object, "expected", expectation_words[result->expected]);
        gl_json_set_str(object, "outcome", result->outcome);
        gl_json_set_bool(object, "as_expected", result->as_expected);
        gl_json_set_int(object, "release", result->release);
        gl_json_set_int(object, "lost", (int64_t)result->lost);
        gl_json_set_int(object, "elapsed_ms", result->elapsed_ms);
        gl_json_set_str(object, "cause", result->cause);
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
    gl_json_set_bool(object, "good", gl_summary_good(rehearsal));
    gl_json_set_int(object, "elapsed_ms", gl_mono_ms() - rehearsal->begun_ms);
    gl_json_set_int(object, "requests", (int64_t)gl_request_count(rehearsal));
    gl_json_set_int(object, "lost", (int64_t)gl_lost_count(rehearsal));
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

static void print_figures(const struct gl_rehearsal *rehearsal)
{
    FILE *out = rehearsal->request->out;
    const struct gl_load_counts *counts = rehearsal->counts;
    fprintf(out,
            _("  load       p50 %.1f ms, p95 %.1f ms, p99 %.1f ms; %" PRIu64
              " WebSocket messages, %" PRIu64 " reconnects asked for, %" PRIu64 " cut\n"),
            (double)counts->latency.p50_us / 1000, (double)counts->latency.p95_us / 1000,
            (double)counts->latency.p99_us / 1000, counts->ws.messages, counts->ws.reconnects_asked,
            counts->ws.cut);
    fprintf(out,
            _("  answers    %" PRIu64 " as expected, %" PRIu64 " wrong, %" PRIu64
              " without an answer, %" PRIu64 " injected by the rehearsal, %" PRIu64
              " not sent for want of speed\n"),
            counts->ok, counts->wrong, counts->lost, counts->injected, counts->unsent);
    if (rehearsal->rows_found >= 0)
        fprintf(out, _("  writes     %" PRIu64 " acknowledged, %" PRId64 " in the database\n"),
                counts->acked, rehearsal->rows_found);
    fprintf(out, _("  restore    %" PRId64 " tables, %" PRId64 " rows: %s\n"),
            rehearsal->restore.tables, rehearsal->restore.rows,
            rehearsal->restore.identical ? _("identical") : _("DIFFERENT"));
}

static void print_last_line(const struct gl_rehearsal *rehearsal)
{
    gl_autofree char *requests = gl_format_count(gl_request_count(rehearsal));
    gl_autofree char *lost = gl_format_count(gl_lost_count(rehearsal));
    gl_autofree char *restore = gl_format_duration((double)rehearsal->restore.restore_ms);
    fprintf(rehearsal->request->out,
            _("rehearsal: %zu releases, %zu rolled back, %s requests, %s lost, rollback %" PRId64
              " ms, restore %s in %s\n"),
            rehearsal->result_count, count_outcome(rehearsal, "rolled back"), requests, lost,
            worst_rollback_ms(rehearsal),
            rehearsal->restore.identical ? _("verified") : _("NOT VERIFIED"), restore);
}

int gl_summary_write(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    gl_autojson json_t *object = summary_json(rehearsal);
    gl_autofree char *text = gl_json_pretty(object);
    gl_autofree char *path = gl_path_join(rehearsal->request->state_dir, "rehearsal.json");
    if (rehearsal->request->json) {
        fputs(text, rehearsal->request->out);
    } else {
        print_figures(rehearsal);
        print_last_line(rehearsal);
    }
    return gl_write_text(path, text, 0644, err);
}
