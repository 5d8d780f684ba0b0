/* Compares two schemas as pg_dump writes them, object by object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/strv.h"
#include "platform/local/pg_content.h"

/* One object: "users; Type: TABLE; Schema: public; Owner: x" and its statements. */
struct object {
    const char *header;
    struct gl_buf text;
};

struct objects {
    struct object *items;
    size_t count;
};

static void objects_done(struct objects *objects)
{
    for (size_t i = 0; i < objects->count; i++)
        gl_buf_done(&objects->items[i].text);
    free(objects->items);
}

static int compare_objects(const void *a, const void *b)
{
    const struct object *x = a;
    const struct object *y = b;
    return strcmp(x->header, y->header);
}

/* Differs between two dumps of one schema: comments with versions, the random token that pg_dump
 * puts around its output for psql, and settings that it writes before the object that needs them
 * first. */
static bool is_noise(const char *line)
{
    static const char *const starts[] = {"--", "\\restrict ", "\\unrestrict ", "SET default_table"};
    for (size_t i = 0; i < GL_COUNT(starts); i++) {
        if (gl_starts_with(line, starts[i]))
            return true;
    }
    return false;
}

/* Sorted by header: the order of objects depends on their age. */
static struct objects split(const struct gl_strv *lines)
{
    static const char start[] = "-- Name: ";
    struct objects objects = {.items = gl_alloc(sizeof *objects.items * (lines->count + 1))};
    objects.items[objects.count++].header = "";
    for (size_t i = 0; i < lines->count; i++) {
        const char *line = lines->items[i];
        if (gl_starts_with(line, start))
            objects.items[objects.count++].header = line + strlen(start);
        if (!is_noise(line))
            gl_buf_printf(&objects.items[objects.count - 1].text, "%s\n", line);
    }
    qsort(objects.items, objects.count, sizeof *objects.items, compare_objects);
    return objects;
}

/* The first line that differs stands for the object; "none" where one text has ended. */
static char *first_difference(const char *text, const char *other)
{
    size_t line = 0;
    for (size_t i = 0; text[i] && text[i] == other[i]; i++) {
        if (text[i] == '\n')
            line = i + 1;
    }
    size_t len = strcspn(text + line, "\n");
    return len ? gl_strndup(text + line, len) : gl_strdup("none");
}

static void add_difference(json_t *differences, const char *header, const char *original_text,
                           const char *restored_text)
{
    gl_autofree char *name = gl_strndup(header, strcspn(header, ";"));
    gl_autofree char *original = first_difference(original_text, restored_text);
    gl_autofree char *restored = first_difference(restored_text, original_text);
    json_t *entry = json_object();
    gl_json_set_str(entry, "table", name);
    gl_json_set_str(entry, "what", "schema");
    gl_json_set_str(entry, "original", original);
    gl_json_set_str(entry, "restored", restored);
    json_array_append_new(differences, entry);
}

static void only_original(const struct object *object, json_t *differences)
{
    add_difference(differences, object->header, gl_buf_text(&object->text), "");
}

static void only_restored(const struct object *object, json_t *differences)
{
    add_difference(differences, object->header, "", gl_buf_text(&object->text));
}

static void compare_texts(const struct object *a, const struct object *b, json_t *differences)
{
    if (strcmp(gl_buf_text(&a->text), gl_buf_text(&b->text)) != 0)
        add_difference(differences, a->header, gl_buf_text(&a->text), gl_buf_text(&b->text));
}

/* Merges two lists that are sorted by header. */
static void compare_lists(const struct objects *original, const struct objects *restored,
                          json_t *differences)
{
    const struct object *a = original->items;
    const struct object *b = restored->items;
    const struct object *a_end = a + original->count;
    const struct object *b_end = b + restored->count;
    while (a < a_end && b < b_end) {
        int order = strcmp(a->header, b->header);
        if (order == 0)
            compare_texts(a++, b++, differences);
        else if (order < 0)
            only_original(a++, differences);
        else
            only_restored(b++, differences);
    }
    while (a < a_end)
        only_original(a++, differences);
    while (b < b_end)
        only_restored(b++, differences);
}

void gl_pg_schema_compare(const char *original, const char *restored, json_t *differences)
{
    gl_autostrv struct gl_strv a_lines = {0};
    gl_autostrv struct gl_strv b_lines = {0};
    gl_strv_split(&a_lines, original, "\n");
    gl_strv_split(&b_lines, restored, "\n");
    gl_cleanup(objects_done) struct objects a = split(&a_lines);
    gl_cleanup(objects_done) struct objects b = split(&b_lines);
    compare_lists(&a, &b, differences);
}
