/* The checklist as data/checklist.tsv has it. */
#ifndef GL_TEST_CHECKLIST_H
#define GL_TEST_CHECKLIST_H

#include "base/buf.h"
#include "base/strv.h"

enum checklist_column {
    ITEM_ID,
    ITEM_LINE,
    ITEM_PHASE,
    ITEM_JUDGED,
    ITEM_SEVERITY,
    ITEM_ATTEST, /* required, conditional, - */
    ITEM_ROLE,
    ITEM_VALID_DAYS,
    ITEM_BINDS,
    ITEM_EN,
    ITEM_JA,
    ITEM_COLUMNS,
};

enum { CHECKLIST_ITEMS = 118 };

struct checklist {
    struct gl_strv rows[CHECKLIST_ITEMS];
    size_t count;
};

/* Reads the file; ends the program if it does not have its form. */
void checklist_read(const char *path, struct checklist *list);
void checklist_done(struct checklist *list);
const struct gl_strv *checklist_find(const struct checklist *list, const char *id);

#endif
