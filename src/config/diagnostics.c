/* Mistakes: collecting them, and drawing each with its line and a caret. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/utf8.h"
#include "config/internal.h"

enum { SHOWN_MAX = 100 };

void gl_diagnostics_done(struct gl_diagnostics *list)
{
    for (size_t i = 0; i < list->count; i++)
        gl_error_done(&list->items[i]);
    free(list->items);
    free(list->text);
    *list = (struct gl_diagnostics){0};
}

struct gl_error *gl_diagnostics_add(struct gl_diagnostics *list, const char *file,
                                    struct gl_origin at, const char *fmt, ...)
{
    if (list->count == SHOWN_MAX) {
        list->left_out++;
        return NULL;
    }
    va_list args;
    va_start(args, fmt);
    gl_autofree char *raw = gl_vasprintf(fmt, args);
    va_end(args);
    /* Names and values in messages come from the file: nothing in them may steer the terminal. */
    gl_autofree char *message = gl_utf8_line(raw);
    list->items = gl_realloc_array(list->items, list->count + 1, sizeof *list->items);
    struct gl_error *item = &list->items[list->count++];
    *item = (struct gl_error){0};
    gl_fail(item, GL_E_CONFIG, "%s", message);
    gl_error_at(item, file, at.line, at.column);
    return item;
}

static int compare_places(const void *left, const void *right)
{
    const struct gl_error *a = left;
    const struct gl_error *b = right;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return strcmp(a->message, b->message);
}

void gl_diagnostics_sort(struct gl_diagnostics *list)
{
    if (list->count < 2)
        return;
    qsort(list->items, list->count, sizeof *list->items, compare_places);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++) {
        if (compare_places(&list->items[kept - 1], &list->items[i]) == 0)
            gl_error_done(&list->items[i]);
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

int gl_diagnostics_summary(const struct gl_diagnostics *list, const char *file,
                           struct gl_error *err)
{
    size_t count = list->count + list->left_out;
    if (count == 0)
        return 0;
    const struct gl_error *first = &list->items[0];
    if (count == 1)
        gl_fail(err, GL_E_CONFIG, "%s", first->message);
    else
        gl_fail(err, GL_E_CONFIG, _("%zu errors in %s; the first: %s"), count, file,
                first->message);
    if (first->hint)
        gl_error_hint(err, "%s", first->hint + strspn(first->hint, "\n"));
    return gl_error_at(err, first->file, first->line, first->column);
}

/* The bytes of a line of the text, 1-based; len 0 if there is no such line. */
static const char *line_of(const char *text, unsigned line, size_t *ret_len)
{
    while (text && --line) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    *ret_len = text ? strcspn(text, "\r\n") : 0;
    return text;
}

/* A line as it is shown: tabs become spaces, control characters '?'. */
struct shown_line {
    struct gl_buf text;
    size_t caret; /* columns before the place */
    size_t width; /* columns of what stands there */
};

/* How many bytes the word or quoted text at `at` has. */
static size_t token_length(const char *at, size_t len)
{
    if (len && (*at == '"' || *at == '\'')) {
        const char *end = memchr(at + 1, *at, len - 1);
        return end ? (size_t)(end - at) + 1 : len;
    }
    size_t length = 0;
    for (; length < len; length++) {
        char c = at[length];
        bool last = length + 1 == len;
        if (strchr(",]}", c) || (c == ':' && (last || at[length + 1] == ' ')) ||
            (c == ' ' && !last && at[length + 1] == '#'))
            break;
    }
    while (length && at[length - 1] == ' ')
        length--;
    return length;
}

static size_t add_character(struct gl_buf *text, const char *from, size_t length,
                            uint32_t character, size_t column)
{
    if (character == '\t') {
        size_t spaces = 8 - column % 8;
        gl_buf_printf(text, "%*s", (int)spaces, "");
        return spaces;
    }
    if (gl_utf8_is_deceptive(character)) {
        gl_buf_putc(text, '?');
        return 1;
    }
    gl_buf_add(text, from, length);
    return (size_t)gl_utf8_width(character);
}

static void show_line(const char *line, size_t len, unsigned column, struct shown_line *shown)
{
    size_t width = 0;
    size_t token_end = len + 1;
    unsigned character_number = 1;
    for (size_t at = 0; at < len; character_number++) {
        if (character_number == column) {
            shown->caret = width;
            token_end = at + token_length(line + at, len - at);
        }
        uint32_t character;
        size_t length = gl_utf8_next(line + at, len - at, &character);
        size_t columns = add_character(&shown->text, line + at, length, character, width);
        if (character_number >= column && at < token_end)
            shown->width += columns;
        width += columns;
        at += length;
    }
    if (column >= character_number)
        shown->caret = width;
}

/* "\033[1;31m" and back, or nothing. */
static const char *paint(bool colour, const char *code)
{
    return colour ? code : "";
}

static void draw_place(const struct gl_diagnostics *list, const struct gl_error *item,
                       const char *beside, FILE *out, bool colour)
{
    size_t len;
    const char *line = line_of(list->text, item->line, &len);
    if (!line || !item->line)
        return;
    struct shown_line shown = {0};
    show_line(line, len, item->column, &shown);
    gl_autofree char *safe = gl_redact(gl_buf_text(&shown.text));
    fprintf(out, "%5u | %s\n      | %*s%s^", item->line, safe, (int)shown.caret, "",
            paint(colour, "\033[31m"));
    for (size_t i = 1; i < shown.width; i++)
        fputc('~', out);
    fprintf(out, "%s%s%s\n", paint(colour, "\033[0m"), *beside ? " " : "", beside);
    gl_buf_done(&shown.text);
}

static void print_item(const struct gl_diagnostics *list, const struct gl_error *item, FILE *out,
                       bool colour)
{
    gl_autofree char *message = gl_redact(item->message);
    gl_autofree char *hint = item->hint ? gl_redact(item->hint) : NULL;
    char *below = hint ? strchr(hint, '\n') : NULL;
    const char *beside = below ? hint : "";
    if (below)
        *below++ = '\0';
    else
        below = hint;
    if (item->line)
        fprintf(out, "%s:%u:%u: ", item->file, item->line, item->column);
    else
        fprintf(out, "%s: ", item->file);
    fprintf(out, "%s%s%s %s\n", paint(colour, "\033[1;31m"), _("error:"), paint(colour, "\033[0m"),
            message);
    draw_place(list, item, beside, out, colour);
    if (!item->line && *beside)
        fprintf(out, "    %s\n", beside);
    if (below && *below)
        fprintf(out, "    %s\n", below);
}

/* The file the mistakes are in; those of the command line come first and name no file. */
static const char *file_of(const struct gl_diagnostics *list)
{
    return list->items[list->count - 1].file;
}

void gl_diagnostics_print(const struct gl_diagnostics *list, FILE *out, bool colour)
{
    for (size_t i = 0; i < list->count; i++)
        print_item(list, &list->items[i], out, colour);
    size_t count = list->count + list->left_out;
    if (count == 0)
        return;
    const char *file = file_of(list);
    if (list->left_out)
        fprintf(out, _("%zu more are not shown.\n"), list->left_out);
    if (count == 1)
        fprintf(out, _("1 error in %s; nothing was done.\n"), file);
    else
        fprintf(out, _("%zu errors in %s; nothing was done.\n"), count, file);
}
