/* The tables of facts, inside the program. */
#include <string.h>

#include "facts/facts.h"

#include "facts/tables.inc"

/* They are sorted by name. */
const struct gl_fact_table *gl_fact_table_find(const char *name)
{
    size_t low = 0;
    size_t high = GL_COUNT(gl_fact_tables) - 1; /* without the end */
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(gl_fact_tables[middle].name, name);
        if (order == 0)
            return &gl_fact_tables[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
