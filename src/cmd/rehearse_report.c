/* What a rehearsal says on the screen. */
#include "cmd/rehearse_report.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"

enum { LOAD_MADE_LEAST_PCT = 95 }; /* below it the load was another than asked for */

/* The line that is redrawn in place, on a terminal. */
static const char *fresh_line(const struct gl_context *context)
{
    return context->terminal ? "\r\033[K" : "";
}

static void on_phase(const char *text, void *context_at)
{
    const struct gl_context *context = context_at;
    fprintf(context->out, "%s  ..  %s%s", fresh_line(context), text, context->terminal ? "" : "\n");
    fflush(context->out);
}

static void on_step(const char *case_name, const char *step, void *context_at)
{
    const struct gl_context *context = context_at;
    if (!context->terminal)
        return;
    fprintf(context->out, "%s  ..  %s: %s", fresh_line(context), _(case_name), step);
    fflush(context->out);
}

static void on_case_end(const struct gl_case_result *result, void *context_at)
{
    const struct gl_context *context = context_at;
    gl_autofree char *elapsed = gl_format_duration((double)result->elapsed_ms);
    gl_autofree char *rollback =
        result->rollback_ms >= 0
            ? gl_asprintf(_(", old version serving after %" PRId64 " ms"), result->rollback_ms)
            : gl_strdup("");
    gl_autofree char *cause = gl_redact(result->cause ? result->cause : _("see rehearsal.log"));
    const char *colour = result->as_expected ? "\033[32m" : "\033[31m";
    fprintf(context->out, "%s  %s%s%s  %-28s %s%s, %" PRIu64 " lost  %s\n", fresh_line(context),
            context->colour ? colour : "", result->as_expected ? "ok" : "!!",
            context->colour ? "\033[0m" : "", _(result->name), result->outcome, rollback,
            result->lost, elapsed);
    if (!result->as_expected)
        fprintf(context->out, _("      expected %s; %s\n"), result->expected, cause);
    fflush(context->out);
}

static void print_load(const struct gl_load_counts *counts, FILE *out)
{
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
}

static void print_last_line(const struct gl_rehearsal_figures *figures, FILE *out)
{
    gl_autofree char *requests = gl_format_count(figures->requests);
    gl_autofree char *lost = gl_format_count(figures->lost);
    gl_autofree char *restore = gl_format_duration((double)figures->restore->restore_ms);
    fprintf(out,
            _("rehearsal: %zu releases, %zu rolled back, %s requests, %s lost, rollback %" PRId64
              " ms, restore %s in %s\n"),
            figures->releases, figures->rolled_back, requests, lost, figures->rollback_ms,
            figures->restore->identical ? _("verified") : _("NOT VERIFIED"), restore);
}

static void on_end(const struct gl_rehearsal_figures *figures, void *context_at)
{
    const struct gl_context *context = context_at;
    FILE *out = context->out;
    fputs(fresh_line(context), out);
    print_load(figures->counts, out);
    if (figures->rows_found >= 0)
        fprintf(out, _("  writes     %" PRIu64 " acknowledged, %" PRId64 " in the database\n"),
                figures->counts->acked, figures->rows_found);
    fprintf(out, _("  restore    %" PRId64 " tables, %" PRId64 " rows: %s\n"),
            figures->restore->tables, figures->restore->rows,
            figures->restore->identical ? _("identical") : _("DIFFERENT"));
    if (figures->load_made_pct < LOAD_MADE_LEAST_PCT)
        fprintf(out,
                _("  note       this machine could send %" PRId64
                  " %% of load.rps; a lower load.rps, or a quiet machine, measures better\n"),
                figures->load_made_pct);
    print_last_line(figures, out);
}

static void on_end_json(const struct gl_rehearsal_figures *figures, void *context_at)
{
    const struct gl_context *context = context_at;
    gl_autofree char *text = gl_json_pretty(figures->summary);
    fputs(text, context->out);
}

struct gl_rehearsal_reporter gl_rehearse_reporter(struct gl_context *context)
{
    if (context->format_json)
        return (struct gl_rehearsal_reporter){.end = on_end_json, .context = context};
    return (struct gl_rehearsal_reporter){
        .phase = on_phase,
        .step = on_step,
        .case_end = on_case_end,
        .end = on_end,
        .context = context,
    };
}
