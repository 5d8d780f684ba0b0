/* Stacks as lines. */
#include "cmd/stack_table.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "cmd/progress.h"

enum { STACK_COLUMNS = 26, REDRAW_MS = 100, NARROW = 100 };

static const struct {
    const char *text;
    const char *colour;
} marks[] = {
    [GL_ROW_GOOD] = {"ok", "\033[32m"},
    [GL_ROW_BAD] = {"!!", "\033[31m"},
    [GL_ROW_RUNNING] = {"..", ""        },
    [GL_ROW_LEFT] = {"--", "\033[2m" },
};

void gl_stack_table_init(struct gl_stack_table *table, const struct gl_context *context)
{
    *table = (struct gl_stack_table){
        .out = context->out,
        .terminal = context->terminal && !context->format_json,
        .colour = context->colour,
        .json = context->format_json,
    };
}

static int columns(const struct gl_stack_table *table)
{
    struct winsize size = {0};
    if (!table->terminal || ioctl(fileno(table->out), TIOCGWINSZ, &size) < 0 || !size.ws_col)
        return NARROW;
    return size.ws_col;
}

/* At most so many letters of a text; ASCII is enough here, a longer line only wraps. */
static char *cut(const char *text, int most)
{
    size_t len = strcspn(text, "\n");
    if (most < 1)
        most = 1;
    while (len > (size_t)most || (len && ((unsigned char)text[len] & 0xC0) == 0x80))
        len--;
    return gl_strndup(text, len);
}

static void write_row(struct gl_stack_table *table, const struct gl_row *row)
{
    gl_autofree char *name = gl_utf8_pad(row->stack, STACK_COLUMNS);
    gl_autofree char *elapsed =
        row->elapsed_ms < 0 ? gl_strdup("") : gl_format_duration((double)row->elapsed_ms);
    int room = columns(table) - STACK_COLUMNS - 20;
    gl_autofree char *text = row->mark == GL_ROW_RUNNING && table->terminal ? cut(row->text, room)
                                                                            : gl_strdup(row->text);
    gl_autofree char *detail = gl_utf8_pad(text, room < 44 ? room : 44);
    fprintf(table->out, "  %s%s%s  %s%s %10s\n", table->colour ? marks[row->mark].colour : "",
            marks[row->mark].text, table->colour ? "\033[0m" : "", name, detail, elapsed);
}

static void write_reason(struct gl_stack_table *table, const char *reason)
{
    gl_autostrv struct gl_strv lines = {0};
    gl_autofree char *masked = gl_redact_shown(reason);
    gl_strv_split(&lines, masked, "\n");
    for (size_t i = 0; i < lines.count; i++)
        fprintf(table->out, "        %s\n", lines.items[i]);
}

void gl_stack_table_json(struct gl_stack_table *table, const char *event, json_t *object)
{
    gl_json_set_str(object, "event", event);
    gl_autofree char *text = gl_json_canonical(object);
    gl_autofree char *masked = gl_redact(text);
    fprintf(table->out, "%s\n", masked);
    fflush(table->out);
    json_decref(object);
}

void gl_stack_table_line(struct gl_stack_table *table, const struct gl_row *row)
{
    if (table->json) {
        json_t *object = json_object();
        gl_json_set_str(object, "stack", row->stack);
        gl_json_set_str(object, "state", row->word);
        gl_json_set_str(object, "status", row->status);
        gl_json_set_str(object, "reason", row->reason);
        if (row->elapsed_ms >= 0)
            gl_json_set_int(object, "elapsed_ms", row->elapsed_ms);
        gl_stack_table_json(table, "stack", object);
        return;
    }
    gl_stack_table_clear(table);
    write_row(table, row);
    if (row->reason)
        write_reason(table, row->reason);
    fflush(table->out);
}

void gl_stack_table_event(struct gl_stack_table *table, const char *stack,
                          const struct gl_stack_event *event)
{
    if (table->json) {
        json_t *object = json_object();
        gl_json_set_str(object, "stack", stack);
        gl_json_set_str(object, "resource", event->resource);
        gl_json_set_str(object, "type", event->type);
        gl_json_set_str(object, "status", event->status);
        gl_json_set_str(object, "reason", event->reason);
        gl_json_set_str(object, "time", event->time);
        gl_stack_table_json(table, "resource", object);
        return;
    }
    if (!gl_event_is_cause(event))
        return;
    gl_stack_table_clear(table);
    gl_autofree char *text = gl_asprintf("%s (%s) %s: %s", event->resource, event->type,
                                         event->status, event->reason ? event->reason : "-");
    gl_autofree char *masked = gl_redact_shown(text);
    struct gl_row row = {.mark = GL_ROW_BAD, .stack = stack, .text = masked, .elapsed_ms = -1};
    write_row(table, &row);
    fflush(table->out);
}

void gl_stack_table_clear(struct gl_stack_table *table)
{
    if (table->lines)
        fprintf(table->out, "\033[%zuA\r\033[J", table->lines);
    table->lines = 0;
    table->drawn_ms = 0;
}

void gl_stack_table_draw(struct gl_stack_table *table, const struct gl_row *rows, size_t count,
                         const char *rest)
{
    int64_t now = gl_mono_ms();
    if (!table->terminal || now - table->drawn_ms < REDRAW_MS)
        return;
    gl_stack_table_clear(table);
    for (size_t i = 0; i < count; i++)
        write_row(table, &rows[i]);
    if (rest)
        fprintf(table->out, "      %s\n", rest);
    table->lines = count + (rest != NULL);
    table->drawn_ms = now;
    fflush(table->out);
}

void gl_stack_table_say(struct gl_stack_table *table, const char *event, const char *text)
{
    if (table->json) {
        json_t *object = json_object();
        gl_json_set_str(object, "text", text);
        gl_stack_table_json(table, event, object);
        return;
    }
    gl_stack_table_clear(table);
    fprintf(table->out, "%s\n", text);
    fflush(table->out);
}
