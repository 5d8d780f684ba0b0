/* Reads survivors.tsv. */
#include "survivors.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

enum { TABLE, TYPE, SHAPE, MUTATION, REASON, COLUMNS };

void survivors_read(const char *path, struct survivors *list)
{
    gl_autobuf struct gl_buf text = {0};
    gl_autostrv struct gl_strv lines = {0};
    if (gl_read_file(path, 0, &text, NULL) < 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    gl_strv_split(&lines, gl_buf_text(&text), "\n");
    for (size_t i = 0; i < lines.count; i++) {
        if (lines.items[i][0] == '#')
            continue;
        list->items = gl_realloc_array(list->items, list->count + 1, sizeof *list->items);
        struct survivor *survivor = &list->items[list->count++];
        *survivor = (struct survivor){0};
        gl_strv_split(&survivor->columns, lines.items[i], "\t");
        if (survivor->columns.count != COLUMNS) {
            fprintf(stderr, "%s: wanted table, type, shape, mutation, reason: %s\n", path,
                    lines.items[i]);
            exit(2);
        }
    }
}

void survivors_done(struct survivors *list)
{
    for (size_t i = 0; i < list->count; i++)
        gl_strv_done(&list->items[i].columns);
    free(list->items);
    *list = (struct survivors){0};
}

/* "any" stands for both mutations; type and shape are patterns of LIKE. */
bool survivors_explain(struct survivors *list, const char *table, const char *type,
                       const char *shape, const char *mutation)
{
    for (size_t i = 0; i < list->count; i++) {
        char *const *row = list->items[i].columns.items;
        bool same_mutation =
            strcmp(row[MUTATION], mutation) == 0 || strcmp(row[MUTATION], "any") == 0;
        if (strcmp(row[TABLE], table) == 0 && same_mutation &&
            sqlite3_strlike(row[TYPE], type, 0) == 0 &&
            sqlite3_strlike(row[SHAPE], shape, 0) == 0) {
            list->items[i].met = true;
            return true;
        }
    }
    return false;
}
