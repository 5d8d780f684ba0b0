/* Source text for detection. */
#include "config/source.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static char *blank_until(char *at, const char *end_mark)
{
    char *end = strstr(at, end_mark);
    end = end ? end + strlen(end_mark) : at + strlen(at);
    for (; at < end; at++) {
        if (*at != '\n')
            *at = ' ';
    }
    return end;
}

static char *blank_line(char *at)
{
    for (; *at && *at != '\n'; at++)
        *at = ' ';
    return at;
}

static char *skip_string(char *at)
{
    char quote = *at++;
    while (*at && *at != quote) {
        if (*at == '\\' && at[1])
            at++;
        else if (*at == '\n' && quote == '\'')
            return at; /* an apostrophe in text, not a string */
        at++;
    }
    return *at ? at + 1 : at;
}

void gl_source_blank_comments(char *text, bool script)
{
    char *at = text;
    while (*at) {
        bool url = at > text && at[-1] == ':'; /* https:// in a page's text */
        if (*at == '"' || (script && (*at == '\'' || *at == '`')))
            at = skip_string(at);
        else if (at[0] == '/' && at[1] == '/' && !url)
            at = blank_line(at);
        else if (at[0] == '/' && at[1] == '*')
            at = blank_until(at, "*/");
        else if (script && *at == '<' && strncmp(at, "<!--", 4) == 0)
            at = blank_until(at, "-->");
        else
            at++;
    }
}

unsigned gl_source_line(const char *text, const char *at)
{
    unsigned line = 1;
    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

bool gl_source_is_variable(const char *name)
{
    size_t len = strlen(name);
    return len >= 3 && isupper((unsigned char)name[0]) &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == len;
}

char *gl_source_literal(const char *at)
{
    at += strspn(at, " \t\r\n");
    if (*at != '"' && *at != '\'')
        return NULL;
    const char *end = strchr(at + 1, *at);
    return end ? gl_strndup(at + 1, (size_t)(end - at) - 1) : NULL;
}

struct gl_found *gl_found_add(struct gl_found_list *list, const char *text, const char *file,
                              unsigned line)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].text, text) == 0)
            return &list->items[i];
    }
    list->items = gl_realloc_array(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] =
        (struct gl_found){.text = gl_strdup(text), .file = gl_strdup(file), .line = line};
    return &list->items[list->count - 1];
}

void gl_found_list_done(struct gl_found_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].text);
        free(list->items[i].file);
    }
    free(list->items);
    *list = (struct gl_found_list){0};
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(((const struct gl_found *)left)->text, ((const struct gl_found *)right)->text);
}

void gl_found_sort(struct gl_found_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_texts);
}
