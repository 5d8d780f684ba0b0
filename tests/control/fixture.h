/* Fixtures of controls (docs/controls.md, "Fixtures"): facts that are changed, and what the rules
 * must say then. */
#ifndef GL_TEST_FIXTURE_H
#define GL_TEST_FIXTURE_H

#include "control/judge.h"

enum { EXPECTED_MAX = 32 };

struct expected {
    char *rule;
    enum gl_status status;
};

struct fixture {
    char *name; /* of its file, without .fixture */
    char *file;
    bool empty; /* base: empty instead of example */
    struct expected expected[EXPECTED_MAX];
    size_t count;
    char *sql;     /* what is changed; may be empty */
    char *mistake; /* why the file cannot be used, or NULL */
};

struct fixtures {
    struct fixture *items;
    size_t count;
};

/* Reads all fixtures of a control, in the order of their names; none if it has no directory. */
void fixtures_read(const char *dir, struct fixtures *list);
void fixtures_done(struct fixtures *list);

#endif
