/* Mutants that no rule has to notice, each with its reason (survivors.tsv). */
#ifndef GL_TEST_SURVIVORS_H
#define GL_TEST_SURVIVORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strv.h"

struct survivor {
    struct gl_strv columns; /* table, type, shape, mutation, reason */
    bool met;
};

struct survivors {
    struct survivor *items;
    size_t count;
};

/* Reads the file; ends the program if it does not have its form. */
void survivors_read(const char *path, struct survivors *list);
void survivors_done(struct survivors *list);

/* True if it is explained; then it is marked as met. */
bool survivors_explain(struct survivors *list, const char *table, const char *type,
                       const char *shape, const char *mutation);

#endif
