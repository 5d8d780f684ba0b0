/* Reads fixtures of controls. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"

static void mistake(struct fixture *fixture, const char *what, const char *line)
{
    if (!fixture->mistake)
        fixture->mistake = gl_asprintf("%s: %s", what, line);
}

static void read_expect(struct fixture *fixture, const char *line, const char *value)
{
    gl_autostrv struct gl_strv words = {0};
    gl_strv_split(&words, value, " ");
    int status = words.count == 2 ? gl_word_index(gl_status_words, words.items[1]) : -1;
    if (status < 0 || fixture->count == EXPECTED_MAX) {
        mistake(fixture, "wanted `-- expect: RULE STATUS`", line);
        return;
    }
    fixture->expected[fixture->count++] =
        (struct expected){gl_strdup(words.items[0]), (enum gl_status)status};
}

static void read_head(struct fixture *fixture, const char *line)
{
    if (gl_starts_with(line, "-- expect: "))
        read_expect(fixture, line, line + strlen("-- expect: "));
    else if (strcmp(line, "-- base: empty") == 0)
        fixture->empty = true;
    else if (gl_starts_with(line, "-- base:") && strcmp(line, "-- base: example") != 0)
        mistake(fixture, "base is example or empty", line);
}

static int read_one(const char *relative, const char *full, void *context, struct gl_error *err)
{
    struct fixtures *list = context;
    if (!gl_ends_with(relative, ".fixture"))
        return 0;
    gl_autobuf struct gl_buf text = {0};
    int failed = gl_read_file(full, 0, &text, err);
    if (failed < 0)
        return failed;
    list->items = gl_realloc_array(list->items, list->count + 1, sizeof *list->items);
    struct fixture *fixture = &list->items[list->count++];
    *fixture = (struct fixture){
        .name = gl_strndup(relative, strlen(relative) - strlen(".fixture")),
        .file = gl_strdup(full),
        .sql = gl_strdup(gl_buf_text(&text)),
    };
    gl_autostrv struct gl_strv lines = {0};
    gl_strv_split(&lines, fixture->sql, "\n");
    for (size_t i = 0; i < lines.count && gl_starts_with(lines.items[i], "--"); i++)
        read_head(fixture, lines.items[i]);
    if (fixture->count == 0)
        mistake(fixture, "it expects nothing", full);
    return 0;
}

void fixtures_read(const char *dir, struct fixtures *list)
{
    if (gl_is_dir(dir) && gl_walk_files(dir, read_one, list, NULL) < 0)
        abort();
}

void fixtures_done(struct fixtures *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct fixture *fixture = &list->items[i];
        for (size_t k = 0; k < fixture->count; k++)
            free(fixture->expected[k].rule);
        free(fixture->name);
        free(fixture->file);
        free(fixture->sql);
        free(fixture->mistake);
    }
    free(list->items);
}
