/* What --fix would write, as `diff -u` shows it: one hunk for each file. */
#include <string.h>

#include "lint/fix.h"

enum { CONTEXT = 3 };

static size_t line_of(const char *text)
{
    size_t len = strcspn(text, "\n");
    return len + (text[len] == '\n');
}

static void split(const char *text, struct gl_strv *lines)
{
    for (; *text; text += line_of(text))
        gl_strv_take(lines, gl_strndup(text, strcspn(text, "\n")));
}

static void add_lines(const struct gl_strv *lines, size_t from, size_t to, char mark,
                      struct gl_buf *out)
{
    for (size_t i = from; i < to; i++)
        gl_buf_printf(out, "%c%s\n", mark, lines->items[i]);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void add_hunk(const struct gl_strv *old, const struct gl_strv *fresh, struct gl_buf *out)
{
    size_t most = smaller(old->count, fresh->count);
    size_t front = 0;
    size_t back = 0;
    while (front < most && strcmp(old->items[front], fresh->items[front]) == 0)
        front++;
    while (back < most - front &&
           strcmp(old->items[old->count - 1 - back], fresh->items[fresh->count - 1 - back]) == 0)
        back++;
    size_t before = smaller(front, CONTEXT);
    size_t after = smaller(back, CONTEXT);
    size_t begin = front - before;
    size_t old_end = old->count - back;
    size_t fresh_end = fresh->count - back;
    size_t old_lines = old_end + after - begin;
    size_t fresh_lines = fresh_end + after - begin;
    gl_buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", old_lines ? begin + 1 : 0, old_lines,
                  fresh_lines ? begin + 1 : 0, fresh_lines);
    add_lines(old, begin, front, ' ', out);
    add_lines(old, front, old_end, '-', out);
    add_lines(fresh, front, fresh_end, '+', out);
    add_lines(old, old_end, old_end + after, ' ', out);
}

void gl_lint_fix_diff(const struct gl_lint_fixes *fixes, struct gl_buf *out)
{
    for (size_t i = 0; i < fixes->count; i++) {
        const struct gl_lint_write *item = &fixes->items[i];
        gl_autostrv struct gl_strv old = {0};
        gl_autostrv struct gl_strv fresh = {0};
        if (item->before && strcmp(item->before, item->after) == 0)
            continue;
        split(item->before ? item->before : "", &old);
        split(item->after, &fresh);
        gl_buf_printf(out, "--- %s\n+++ %s\n", item->before ? item->path : "/dev/null", item->path);
        add_hunk(&old, &fresh, out);
    }
}
