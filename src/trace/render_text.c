/* A trace as text: its files, what else was measured, and what to do next. */
#include "trace/render.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "trace/render_internal.h"

/* ---- traffic ----------------------------------------------------------------------------------
 */

static void add_traffic(const struct gl_trace_traffic *traffic, struct gl_buf *text)
{
    gl_autofree char *stall = gl_format_duration((double)traffic->stall_us / 1000);
    gl_autofree char *longest = gl_format_duration((double)traffic->longest_us / 1000);
    gl_autofree char *before = gl_format_duration((double)traffic->before_us / 1000);
    gl_autofree char *took = gl_format_duration((double)traffic->migration_us / 1000);
    gl_autofree char *queries = gl_format_count(traffic->queries);
    gl_buf_printf(text, _("Traffic: %zu clients, %s answers while the migrations ran (%s)\n"),
                  traffic->clients, queries, took);
    gl_autofree char *head = traffic->stalled_query ? gl_trace_head(traffic->stalled_query) : NULL;
    gl_buf_printf(text, _("  longest answer %s, %s before\n"), longest, before);
    if (head)
        gl_buf_printf(text, _("  longest stall %s, by which this took longer than before: %s\n"),
                      stall, head);
    else
        gl_buf_puts(text, _("  no query took longer than before\n"));
    if (traffic->lock_retries)
        gl_buf_printf(text, _("  %zu attempts gave way to the clients after lock_timeout\n"),
                      traffic->lock_retries);
    gl_autofree char *error = gl_utf8_lines(traffic->first_error);
    if (traffic->errors)
        gl_buf_printf(text, _("  %" PRIu64 " errors, the first: %s\n"), traffic->errors, error);
    if (gl_trace_traffic_is_broken(traffic))
        gl_buf_puts(text, _("  no query was answered without an error while the migrations ran\n"));
    gl_autofree char *problem = gl_utf8_lines(traffic->problem.message);
    if (traffic->problem.code)
        gl_buf_printf(text, _("  the migrations failed beside the clients: %s\n"), problem);
}

/* ---- the linter ------------------------------------------------------------------------------
 */

static void add_difference(const struct gl_trace_difference *difference, struct gl_buf *text)
{
    gl_autofree char *file = gl_utf8_line(gl_path_base(difference->file));
    gl_autofree char *message = gl_utf8_line(difference->message);
    gl_buf_printf(text, "  %s:%u: ", file, difference->line);
    if (difference->rule)
        gl_buf_printf(text, _("the linter warns (%s: %s), measured it is %s\n"), difference->rule,
                      message, difference->measured);
    else
        gl_buf_printf(text, _("the linter is silent, measured it is %s\n"), difference->measured);
}

static void add_comparison(const struct gl_trace_comparison *comparison, struct gl_buf *text)
{
    gl_buf_printf(text,
                  _("Linter: agrees about %zu of %zu statements; where it does not, what "
                    "was measured counts\n"),
                  comparison->agreed, comparison->agreed + comparison->count);
    for (size_t i = 0; i < comparison->count; i++)
        add_difference(&comparison->items[i], text);
}

/* ---- all --------------------------------------------------------------------------------------
 */

static void add_end(const struct gl_trace *trace, struct gl_buf *text)
{
    size_t dangerous = gl_trace_count(trace, GL_TRACE_DANGEROUS);
    size_t failed = gl_trace_count(trace, GL_TRACE_FAILED);
    gl_buf_printf(text, _("%zu dangerous, %zu brief, %zu harmless"), dangerous,
                  gl_trace_count(trace, GL_TRACE_BRIEF), gl_trace_count(trace, GL_TRACE_HARMLESS));
    if (failed)
        gl_buf_printf(text, _(", %zu failed, %zu not run"), failed,
                      gl_trace_count(trace, GL_TRACE_NOT_RUN));
    gl_buf_puts(text, ".");
    if (failed)
        gl_buf_puts(text, _(" Next: correct the statement that failed; nothing was kept."));
    else if (dangerous)
        gl_buf_puts(text, _(" Next: write the dangerous ones so that no lock is held while the "
                            "table is read or written (docs/trace.md)."));
    gl_buf_putc(text, '\n');
}

void gl_trace_text(const struct gl_trace *trace, bool colour, struct gl_buf *text)
{
    gl_buf_printf(text, _("Traced on PostgreSQL %d.%d (%s)\n"), trace->server_version / 10000,
                  trace->server_version % 10000,
                  trace->private_server ? _("private") : _("the given server"));
    for (size_t i = 0; i < trace->count; i++)
        gl_trace_text_file(&trace->files[i], colour, text);
    for (size_t i = 0; i < trace->notes.count; i++) {
        gl_autofree char *note = gl_utf8_lines(trace->notes.items[i]);
        gl_buf_printf(text, "  %s\n", note);
    }
    if (trace->traffic.measured)
        add_traffic(&trace->traffic, text);
    if (trace->comparison.made)
        add_comparison(&trace->comparison, text);
    add_end(trace, text);
}
