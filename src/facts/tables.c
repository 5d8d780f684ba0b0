/* The tables of facts, inside the program. */
#include <string.h>

#include "facts/facts.h"

#include "facts/tables.inc"

const struct gl_fact_table *gl_fact_table_find(const char *name)
{
    for (const struct gl_fact_table *table = gl_fact_tables; table->name; table++) {
        if (strcmp(table->name, name) == 0)
            return table;
    }
    return NULL;
}
