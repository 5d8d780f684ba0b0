/* The checklist as data/checklist.tsv has it. */
#include "checklist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

static void refuse(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(2);
}

void checklist_read(const char *path, struct checklist *list)
{
    gl_autobuf struct gl_buf text = {0};
    gl_autostrv struct gl_strv lines = {0};
    if (gl_read_file(path, 0, &text, NULL) < 0)
        refuse(path, "cannot be read");
    gl_strv_split(&lines, gl_buf_text(&text), "\n");
    for (size_t i = 2; i < lines.count; i++) {
        if (list->count == CHECKLIST_ITEMS)
            refuse(path, "has more rows than the checklist has items");
        struct gl_strv *row = &list->rows[list->count++];
        gl_strv_split(row, lines.items[i], "\t");
        if (row->count != ITEM_COLUMNS)
            refuse(path, lines.items[i]);
    }
    if (list->count != CHECKLIST_ITEMS)
        refuse(path, "has fewer rows than the checklist has items");
}

void checklist_done(struct checklist *list)
{
    for (size_t i = 0; i < list->count; i++)
        gl_strv_done(&list->rows[i]);
}

const struct gl_strv *checklist_find(const struct checklist *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->rows[i].items[ITEM_ID], id) == 0)
            return &list->rows[i];
    }
    return NULL;
}
