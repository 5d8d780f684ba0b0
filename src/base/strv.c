/* String lists and small string questions. */
#include "base/strv.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void gl_strv_take(struct gl_strv *list, char *text)
{
    list->items = gl_realloc_array(list->items, list->count + 2, sizeof *list->items);
    list->items[list->count++] = text;
    list->items[list->count] = NULL;
}

void gl_strv_add(struct gl_strv *list, const char *text)
{
    gl_strv_take(list, gl_strdup(text));
}

void gl_strv_addf(struct gl_strv *list, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_strv_take(list, gl_vasprintf(fmt, args));
    va_end(args);
}

bool gl_strv_has(const struct gl_strv *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], text) == 0)
            return true;
    }
    return false;
}

static int compare_items(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void gl_strv_sort(struct gl_strv *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_items);
}

void gl_strv_done(struct gl_strv *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct gl_strv){0};
}

void gl_strv_split(struct gl_strv *list, const char *text, const char *separators)
{
    while (*text) {
        text += strspn(text, separators);
        size_t len = strcspn(text, separators);
        if (len)
            gl_strv_take(list, gl_strndup(text, len));
        text += len;
    }
}

char *gl_strv_join(const struct gl_strv *list, const char *separator)
{
    struct gl_buf text = {0};
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            gl_buf_puts(&text, separator);
        gl_buf_puts(&text, list->items[i]);
    }
    return gl_buf_steal(&text);
}

bool gl_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool gl_ends_with(const char *text, const char *suffix)
{
    size_t text_len = strlen(text);
    size_t suffix_len = strlen(suffix);
    return text_len >= suffix_len && strcmp(text + text_len - suffix_len, suffix) == 0;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein distance with one row of memory; words longer than 63 bytes are never near. */
static size_t edit_distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };

    size_t row[LONGEST];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    if (a_len >= LONGEST || b_len >= LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];
            size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = min3(row[j] + 1, row[j - 1] + 1, diagonal + cost);
            diagonal = above;
        }
    }
    return row[b_len];
}

const char *gl_nearest(const char *word, const char *const *words, size_t count)
{
    size_t limit = strlen(word) / 3 + 1;
    const char *best = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t distance = edit_distance(word, words[i]);
        if (distance <= limit && distance < strlen(words[i])) {
            best = words[i];
            limit = distance ? distance - 1 : 0;
            if (!distance)
                break;
        }
    }
    return best;
}
