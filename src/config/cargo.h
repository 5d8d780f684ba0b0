/* The few keys of Cargo.toml that matter here.
 *
 * Not a TOML parser: it reads tables, keys, strings, arrays and inline tables as cargo's own tools
 * and people write them, and skips what it does not know. */
#ifndef GL_CONFIG_CARGO_H
#define GL_CONFIG_CARGO_H

#include <stdbool.h>

#include "base/strv.h"

struct gl_cargo {
    char *package;     /* [package] name */
    char *default_run; /* [package] default-run */
    bool is_workspace; /* has [workspace] */
    bool is_library;   /* has [lib] */
    struct gl_strv bins;
    char *axum; /* version; "" when used without a version here (workspace = true, path, git) */
    char *sqlx;
};

void gl_cargo_done(struct gl_cargo *cargo);
#define gl_autocargo gl_cleanup(gl_cargo_done)

/* Reads the text of a Cargo.toml. */
void gl_cargo_parse(const char *text, struct gl_cargo *ret_cargo);

/* Reads a file; false if there is none. */
bool gl_cargo_read(const char *path, struct gl_cargo *ret_cargo);

#endif
