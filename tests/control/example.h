/* The facts that fixtures and mutants begin with. */
#ifndef GL_TEST_EXAMPLE_H
#define GL_TEST_EXAMPLE_H

#include <sqlite3.h>

#include "base/error.h"

/* Ends the program with the error where there is one. */
void must(int code, const struct gl_error *err);

/* Every source has a row in `source`, those that nobody collected with this state. */
void example_add_sources(sqlite3 *db, const char *state);

/* Facts of a staged project (stage.sh), for an environment at EXAMPLE_NOW_UNIX_S. The caller closes
 * it. */
sqlite3 *example_open(const char *project, const char *env);

/* 2026-12-02T00:00:00Z: inside of what docs/golive.example.yaml decides and plans. */
enum { EXAMPLE_NOW_UNIX_S = 1796169600 };

#endif
