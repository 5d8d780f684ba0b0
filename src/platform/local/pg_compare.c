/* Compares the content of two databases. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/pg_content.h"

static void add_difference(json_t *differences, const char *table, const char *what,
                           const char *original, const char *restored)
{
    json_t *entry = json_object();
    gl_json_set_str(entry, "table", table);
    gl_json_set_str(entry, "what", what);
    gl_json_set_str(entry, "original", original);
    gl_json_set_str(entry, "restored", restored);
    json_array_append_new(differences, entry);
}

static char *number(int64_t value)
{
    return gl_asprintf("%" PRId64, value);
}

static void compare_table(const struct gl_pg_table *original, const struct gl_pg_table *restored,
                          json_t *differences)
{
    if (original->rows != restored->rows) {
        gl_autofree char *from = number(original->rows);
        gl_autofree char *to = number(restored->rows);
        add_difference(differences, original->name, "rows", from, to);
    } else if (strcmp(original->digest, restored->digest) != 0) {
        add_difference(differences, original->name, "content", original->digest, restored->digest);
    }
}

static void one_sided(const struct gl_pg_table *table, bool in_original, json_t *differences)
{
    gl_autofree char *rows = number(table->rows);
    add_difference(differences, table->name, in_original ? "missing" : "unexpected",
                   in_original ? rows : "none", in_original ? "none" : rows);
}

/* Merges two lists that are sorted by name. */
static void compare_tables(const struct gl_pg_content *original,
                           const struct gl_pg_content *restored, json_t *differences)
{
    const struct gl_pg_table *a = original->tables;
    const struct gl_pg_table *b = restored->tables;
    const struct gl_pg_table *a_end = a + original->table_count;
    const struct gl_pg_table *b_end = b + restored->table_count;
    while (a < a_end && b < b_end) {
        int order = strcmp(a->name, b->name);
        if (order == 0)
            compare_table(a++, b++, differences);
        else if (order < 0)
            one_sided(a++, true, differences);
        else
            one_sided(b++, false, differences);
    }
    while (a < a_end)
        one_sided(a++, true, differences);
    while (b < b_end)
        one_sided(b++, false, differences);
}

/* Between what was seen before and after the dump, in the sequence's direction; one that cycles may
 * have begun anew in between. */
static bool is_between(const struct gl_pg_sequence *before, const struct gl_pg_sequence *after,
                       int64_t value)
{
    int64_t low = before->increment < 0 ? after->value : before->value;
    int64_t high = before->increment < 0 ? before->value : after->value;
    return low <= high ? value >= low && value <= high : value >= low || value <= high;
}

static const struct gl_pg_sequence *find_sequence(const struct gl_pg_content *content,
                                                  const char *name)
{
    for (size_t i = 0; i < content->sequence_count; i++) {
        if (strcmp(content->sequences[i].name, name) == 0)
            return &content->sequences[i];
    }
    return NULL;
}

static void compare_sequence(const struct gl_pg_sequence *before,
                             const struct gl_pg_sequence *after,
                             const struct gl_pg_sequence *restored, json_t *differences)
{
    gl_autofree char *from =
        before->value == after->value
            ? number(before->value)
            : gl_asprintf("%" PRId64 "..%" PRId64, before->value, after->value);
    gl_autofree char *to = restored ? number(restored->value) : gl_strdup("none");
    if (!restored)
        add_difference(differences, before->name, "missing", from, to);
    else if (!is_between(before, after, restored->value))
        add_difference(differences, before->name, "sequence", from, to);
}

static void compare_sequences(const struct gl_pg_content *original,
                              const struct gl_pg_content *later,
                              const struct gl_pg_content *restored, json_t *differences)
{
    for (size_t i = 0; i < original->sequence_count; i++) {
        const struct gl_pg_sequence *before = &original->sequences[i];
        const struct gl_pg_sequence *after = later ? find_sequence(later, before->name) : NULL;
        compare_sequence(before, after ? after : before, find_sequence(restored, before->name),
                         differences);
    }
    for (size_t i = 0; i < restored->sequence_count; i++) {
        gl_autofree char *value = number(restored->sequences[i].value);
        if (!find_sequence(original, restored->sequences[i].name))
            add_difference(differences, restored->sequences[i].name, "unexpected", "none", value);
    }
}

void gl_pg_content_compare(const struct gl_pg_content *original, const struct gl_pg_content *later,
                           const struct gl_pg_content *restored, json_t *differences)
{
    compare_tables(original, restored, differences);
    compare_sequences(original, later, restored, differences);
}
